"""One item's place in an XForm: its element, bind and control, and what these say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from typing import Any

from lxml import etree

from surveyapp.questionnaires.definition import (
    SELECT_TYPES,
    Assignment,
    DataType,
    Expression,
    Text,
    Tree,
)
from surveyapp.questionnaires.expressions import print_expression
from surveyapp.questionnaires.expressions.trees import from_below
from surveyapp.questionnaires.xform.choices import offered_within, source_of, without_search
from surveyapp.questionnaires.xform.document import (
    JAVAROSA,
    OPENROSA,
    is_template,
    local_name,
    named_children,
    own_text,
)
from surveyapp.questionnaires.xform.extensions import BREAKDOWNS, Extensions
from surveyapp.questionnaires.xform.form import Form
from surveyapp.questionnaires.xform.tabular import attributes_of

_BIND_TYPES: Mapping[str, DataType] = {
    "int": DataType.INTEGER,
    "integer": DataType.INTEGER,
    "long": DataType.INTEGER,
    "decimal": DataType.DECIMAL,
    "date": DataType.DATE,
    "time": DataType.TIME,
    "dateTime": DataType.DATETIME,
    "geopoint": DataType.GEOPOINT,
    "geotrace": DataType.GEOTRACE,
    "geoshape": DataType.GEOSHAPE,
    "barcode": DataType.BARCODE,
    "binary": DataType.FILE,
    "boolean": DataType.BOOLEAN,
    "select1": DataType.SELECT_ONE,
    "select": DataType.SELECT_MULTIPLE,
    "rank": DataType.RANK,
}
_CONTROL_TYPES: Mapping[str, DataType] = {
    "select1": DataType.SELECT_ONE,
    "select": DataType.SELECT_MULTIPLE,
    "rank": DataType.RANK,
    "trigger": DataType.ACKNOWLEDGE,
}
_MEDIA_TYPES: Mapping[str, DataType] = {
    "image": DataType.IMAGE,
    "audio": DataType.AUDIO,
    "video": DataType.VIDEO,
}
_PARAMETERS = frozenset({"start", "end", "step", "accuracyThreshold", "rows", "query"})


class Place:
    """Where one item stands. Its properties are the values of the definition's fields."""

    def __init__(
        self, form: Form, element: etree._Element, path: str, around: Place | None = None
    ) -> None:
        document = form.document
        self.form, self.element, self.path, self.around = form, element, path, around
        self.control = document.controls.get(path)
        self.group = document.groups.get(path)
        self.repeat = document.repeats.get(path)
        self.bind = document.bind(path)
        # JavaRosa empties what it copies new instances from, unless the form marks a template
        self.emptied: bool = bool(around and around.emptied) or (
            self.repeat is not None and not is_template(element)
        )
        self.extensions = Extensions(self.bind, path)
        # what is said of a section or roster holds for everything in it
        self.identity: bool = bool(around and around.identity) or self.extensions.flag("identity")
        self.is_read_only: bool = bool(around and around.is_read_only) or _is_always(
            self.bind.get("readonly", "")
        )
        self.sensitive: bool = bool(around and around.sensitive) or self.extensions.flag("sensitive")

    def express(self, attribute: str, source: str | None) -> Expression | None:
        """An expression of this item; None if there is none."""
        return self.form.express(self.path, attribute, source) if source else None

    def bound(self, attribute: str) -> Expression | None:
        """The expression of one of the bind's attributes."""
        return self.express(attribute, self.bind.get(attribute))

    def javarosa(self, attribute: str) -> str | None:
        """One of the bind's attributes in JavaRosa's namespace."""
        return self.bind.get(f"{{{JAVAROSA}}}{attribute}")

    def common(self) -> dict[str, Any]:
        """The fields of every `Item`."""
        hint = self._shown("hint")
        return {
            "name": local_name(self.element),
            "path": self.path,
            "relevant": self.bound("relevant"),
            "label": self._text(self._shown("label")),
            "hint": self._text(hint),
            "guidance": self._text(hint, "guidance"),
            "appearance": self._appearance(),
            "attributes": attributes_of(self.element, self.form.document.attributes_read),
        }

    @cached_property
    def _wordings(self) -> dict[str, etree._Element]:
        """Its label and hint, and what else its control, group and repeat hold, by local names."""
        around = (each for each in (self.repeat, self.group, self.control) if each is not None)
        return {name: each for one in around for name, each in named_children(one).items()}

    def _shown(self, name: str) -> etree._Element | None:
        return self._wordings.get(name)

    def _text(self, element: etree._Element | None, form: str = "") -> Text:
        return self.form.texts.of(element, self.form.output(self.path), form)

    def _appearance(self) -> frozenset[str]:
        around = (self.control, self.group, self.repeat)
        given = [text for each in around if each is not None and (text := each.get("appearance"))]
        return frozenset(word for appearance in given for word in without_search(appearance).split())

    def valued(self) -> dict[str, Any]:
        """The fields of every `Valued`."""
        message = partial(self.form.texts.of_message, express=self.form.output(self.path))
        return {
            **self.common(),
            "type": self.type,
            "identity": self.identity,
            "sensitive": self.sensitive,
            "breakdown": self.extensions.word("breakdown", BREAKDOWNS),
            "reading": self.extensions.flag("reading"),
            "releasable": self.extensions.flag("releasable"),
            "missing": self.extensions.missing(self.type),
            "default": self.default,
            "text_default": self.text_default,
            "default_held": self.default_held,
            "read_only": self.read_only,
            "required": self.bound("required"),
            "required_message": message(self.javarosa("requiredMsg")),
            "constraint": self.bound("constraint"),
            "constraint_message": message(self.javarosa("constraintMsg")),
            "disclosure": self.extensions.disclosure(self.express),
        }

    @property
    def read_only(self) -> Expression | None:
        """Its own condition, and those of what it stands in."""
        if self.is_read_only:
            return self.express("readonly", "true()")
        own = self.bound("readonly")
        around = enumerate(self.around.closing if self.around else (), 1)
        trees = [from_below(condition.tree, levels) for levels, condition in around if condition]
        return _any_of([*trees, *([own.tree] if own else [])]) if trees else own

    @cached_property
    def closing(self) -> tuple[Expression | None, ...]:
        """The conditions that make what it holds read-only: its own, and those of what it stands in."""
        return (self.bound("readonly"), *(self.around.closing if self.around else ()))

    @property
    def default(self) -> str | Expression | None:
        """The value in a new form: an expression, or the text in the primary instance."""
        return self._dynamic_default or self.text_default

    @property
    def _dynamic_default(self) -> Expression | None:
        dynamic = self.form.document.dynamic_defaults.get(self.path)
        return self.express("default", dynamic.source) if dynamic else None

    @cached_property
    def text_default(self) -> str | None:
        """The text in the primary instance; None if new roster instances do not have it."""
        text = "" if self.emptied or len(self.element) else own_text(self.element)
        return (text and self._chosen(text)) or None

    def _chosen(self, text: str) -> str:
        """A text without the names that are not among the choices written within the control."""
        names = offered_within(self.control)
        if not names or self.type not in SELECT_TYPES:
            return text
        given = [text] if self.type is DataType.SELECT_ONE else text.split()
        return " ".join(name for name in given if name in names)

    @property
    def default_held(self) -> tuple[bool, bool]:
        """Whether the default holds when a form begins, and in further roster instances."""
        dynamic = self.form.document.dynamic_defaults.get(self.path)
        return (dynamic.first, dynamic.later) if dynamic else (True, True)

    @property
    def type(self) -> DataType:
        """The type of the answer: what the control is, else what the bind says."""
        bound = _BIND_TYPES.get(self.bind.get("type", "").split(":")[-1], DataType.TEXT)
        if self.control is None:
            return bound
        if local_name(self.control) == "upload":
            media = self.control.get("mediatype", "").split("/")[0]
            return _MEDIA_TYPES.get(media, DataType.FILE)
        if self.control.get("query"):
            return DataType.SELECT_ONE
        return _CONTROL_TYPES.get(local_name(self.control), bound)

    @property
    def is_note(self) -> bool:
        """A read-only text that nothing can give a value is text to read."""
        return (
            self.control is not None
            and self.bind.get("readonly", "").strip() == "true()"
            and local_name(self.control) == "input"
            and self.type is DataType.TEXT
            and not self.bind.get("calculate")
            and self.default is None
            and self.path not in self.form.document.assigned
        )

    def asked(self, control: etree._Element) -> dict[str, Any]:
        """The fields of a `Question` beyond those of every `Valued`, its calculation apart."""
        return {
            "choices": source_of(self.form, self.path, control),
            "assignments": self.assignments(self.form.document.assignments(control)),
            "critical": self.extensions.flag("critical"),
            "invitation": self.extensions.flag("invitation"),
            "warning": self.extensions.warning(self.express),
            "coarsen": self.extensions.number("coarsen"),
            "keeps_place": self.extensions.flag("keep_place"),
            "household": self.extensions.flag("household"),
            "parameters": _parameters(control, self.bind),
        }

    def assignments(self, actions: Iterable[tuple[str, str]]) -> tuple[Assignment, ...]:
        """Item paths with the source of what they are set to, parsed."""
        return tuple(
            Assignment(target, value)
            for target, source in actions
            if (value := self.form.express(target, "setvalue", source))
        )

    @property
    def preload(self) -> str | None:
        """What the device fills in, or None."""
        return self.javarosa("preload") or self.form.document.device_filled.get(self.path)


def _any_of(conditions: list[Tree]) -> Expression:
    tree = conditions[0] if len(conditions) == 1 else ["or", *conditions]
    return Expression(print_expression(tree), tree)


def _is_always(condition: str) -> bool:
    return condition.strip() == "true()"


def _parameters(control: etree._Element, bind: Mapping[str, str]) -> dict[str, str]:
    found = {str(name): str(text) for name, text in control.items() if text and name in _PARAMETERS}
    if pixels := bind.get(f"{{{OPENROSA}}}max-pixels"):
        found["max-pixels"] = pixels
    return found
