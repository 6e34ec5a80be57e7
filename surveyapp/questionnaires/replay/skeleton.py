"""The nodes of an XForm's instance, also those that the definition leaves out, in JavaRosa's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from surveyapp.questionnaires.definition import Item, Questionnaire
from surveyapp.questionnaires.paths import join
from surveyapp.questionnaires.xform.choices import offered_within
from surveyapp.questionnaires.xform.document import (
    JAVAROSA,
    Document,
    child,
    elements,
    local_name,
)

_TYPES: Mapping[str, str] = {
    "string": "text",
    "int": "integer",
    "integer": "integer",
    "long": "long",
    "decimal": "decimal",
    "double": "decimal",
    "float": "decimal",
    "date": "date",
    "dateTime": "date_time",
    "time": "time",
    "gYear": "text",
    "gMonth": "text",
    "gDay": "text",
    "gYearMonth": "text",
    "gMonthDay": "text",
    "boolean": "boolean",
    "base64Binary": "text",
    "hexBinary": "text",
    "anyURI": "text",
    "listItem": "choice",
    "listItems": "multiple_items",
    "select1": "choice",
    "select": "multiple_items",
    "rank": "multiple_items",
    "geopoint": "geopoint",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "barcode": "barcode",
    "binary": "binary",
}
_CONTROLS: Mapping[str, str] = {
    "input": "input",
    "secret": "secret",
    "select1": "select_one",
    "select": "select_multi",
    "rank": "rank",
    "range": "range",
    "trigger": "trigger",
}
_UPLOADS: Mapping[str, str] = {
    "image/*": "image_choose",
    "audio/*": "audio_capture",
    "video/*": "video_capture",
    "osm/*": "osm_capture",
}
#: what a select keeps, if its bind says no more than text
_SELECTED: Mapping[str, str] = {
    "select1": "choice",
    "select": "multiple_items",
    "rank": "multiple_items",
}


@dataclass(frozen=True, slots=True)
class Computed:
    """How the value of an attribute comes about: computed always, or once when the form begins."""

    calculation: str | None
    default: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One element of the instance; `item` is what the definition made of it, if anything.

    `kind` is `leaf`, `group` or `repeat`, `type` and `control` are JavaRosa's words in lower case.
    """

    name: str
    path: str
    kind: str
    type: str
    control: str | None
    item: Item | None
    element: etree._Element
    bind: Mapping[str, str]
    #: whether the choices are a list that is made anew, not written within the control
    listed: bool = False
    #: the names of the choices written within the control
    names: frozenset[str] = frozenset()
    #: the attributes that the form computes
    attributes: Mapping[str, Computed] = field(default_factory=dict)
    parts: tuple[Part, ...] = field(default=())

    @property
    def preload(self) -> str:
        """What the engine fills in (`uid`, `timestamp` …)."""
        return self.bind.get(f"{{{JAVAROSA}}}preload", "")


def skeleton(document: Document, questionnaire: Questionnaire) -> Part:
    """The root of the instance's parts."""
    items = {item.path: item for item in questionnaire.walk()}
    return _part(_Source(document, items), document.data, "")


class _Source(NamedTuple):
    document: Document
    items: Mapping[str, Item]


def _part(source: _Source, element: etree._Element, path: str) -> Part:
    document = source.document
    parts = tuple(_part(source, below, join(path, local_name(below))) for below in _each_once(element))
    bind = document.bind(path) if path else {}
    control = document.controls.get(path)
    return Part(
        name=local_name(element),
        path=path,
        kind="repeat" if path in document.repeats else "group" if parts else "leaf",
        type=_type(bind, control),
        control=_control(control),
        item=source.items.get(path),
        element=element,
        bind=bind,
        listed=control is not None and child(control, "itemset") is not None,
        names=offered_within(control),
        attributes=dict(_computed_attributes(document, element, path)),
        parts=parts,
    )


def _computed_attributes(
    document: Document, element: etree._Element, path: str
) -> Iterator[tuple[str, Computed]]:
    for name in map(str, element.attrib):
        place = f"{path}/@{name}"
        calculation = document.bind(place).get("calculate")
        default = next((each.source for each in document.actions if each.target == place), None)
        if calculation or default:
            yield name, Computed(calculation, default)


def _each_once(element: etree._Element) -> Iterator[etree._Element]:
    seen: set[str] = set()
    for below in elements(element):
        if local_name(below) not in seen:
            yield below
        seen.add(local_name(below))


def _type(bind: Mapping[str, str], control: etree._Element | None) -> str:
    bound = bind.get("type", "").split(":")[-1]
    plain = _TYPES.get(bound, "unsupported") if bound else "null"
    if control is None:
        return plain
    if plain in {"text", "null"}:
        return _SELECTED.get(local_name(control), plain)
    return plain


def _control(control: etree._Element | None) -> str | None:
    if control is None:
        return None
    if local_name(control) == "upload":
        return _UPLOADS.get(control.get("mediatype", ""), "file_capture")
    return _CONTROLS.get(local_name(control))
