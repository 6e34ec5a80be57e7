"""The options of an address: which columns, which rows, how many, and where to go on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from surveyapp.exports.odata.errors import ODataRefused
from surveyapp.exports.odata.filtering import condition
from surveyapp.exports.odata.model import EntitySet, Property

KNOWN = frozenset({"$select", "$filter", "$top", "$count", "$skiptoken", "$format"})
_WHOLE = re.compile(r"[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Options:
    """What an address asks of an entity set."""

    properties: tuple[Property, ...]
    #: whether `$select` was there: the answer's context says so
    selected: bool
    condition: ColumnElement[bool] | None
    #: rows that are still wanted; None: all
    top: int | None
    count: bool
    #: the serial that the last page has reached
    after: int
    #: of the one row that is asked for
    key: str = ""


def read_options(entity_set: EntitySet, asked: Mapping[str, str]) -> Options:
    """What is asked. Raises `ODataRefused`."""
    for name in asked:
        if name.startswith("$") and name not in KNOWN:
            sentence = _l("This service does not offer “%(option)s”", option=name[:40])
            raise ODataRefused(name[:40], sentence, HTTPStatus.NOT_IMPLEMENTED)
    if asked.get("$format", "json").partition(";")[0] not in {"json", "application/json"}:
        raise ODataRefused("$format", _l("This service answers in JSON"), HTTPStatus.NOT_ACCEPTABLE)
    text = asked.get("$filter", "").strip()
    return Options(
        properties=_selected(entity_set, asked.get("$select", "")),
        selected=_is_selecting(asked.get("$select", "")),
        condition=condition(text, of_submissions=entity_set.is_submissions) if text else None,
        top=_whole("$top", asked),
        count=_switch(asked.get("$count", "false")),
        after=_whole("$skiptoken", asked) or 0,
    )


def _is_selecting(text: str) -> bool:
    return text.strip() not in {"", "*"}


def _selected(entity_set: EntitySet, text: str) -> tuple[Property, ...]:
    if not _is_selecting(text):
        return entity_set.properties
    known = {each.name: each for each in entity_set.properties}
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise ODataRefused("$select", _l("There is no column “%(name)s”", name=name[:80]))
    # the key always comes along: without it a row cannot be told from another
    return tuple(known[name] for name in dict.fromkeys(["id", *names]))


def _whole(name: str, asked: Mapping[str, str]) -> int | None:
    text = asked.get(name)
    if text is None:
        return None
    if not _WHOLE.fullmatch(text):
        raise ODataRefused(name, _l("“%(option)s” must be a whole number", option=name))
    return int(text)


def _switch(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ODataRefused("$count", _l("“$count” must be true or false"))
    return text == "true"
