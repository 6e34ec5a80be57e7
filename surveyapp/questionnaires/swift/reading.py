"""An instance's elements → answers whose types were checked, in one walk; nothing is kept of odd ones.

What `instance_xml` reads, with moments spelt as JavaRosa spells them, and what `schema.check_types` then
makes of it, for elements in the order of the definition, each once, with nothing foreign among them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias, cast

from marshmallow import Schema, ValidationError, fields

from surveyapp.questionnaires import answer_fields as answer
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    Container,
    DataType,
    Item,
    Note,
    Questionnaire,
    Roster,
    Section,
    Valued,
)
from surveyapp.questionnaires.instance_xml.reading import META, value_of
from surveyapp.questionnaires.schema import Limits, answers_schema
from surveyapp.questionnaires.swift.elements import Elements, Unusual
from surveyapp.questionnaires.values import MisshapenValue, to_text

MOMENTS = frozenset({DataType.TIME, DataType.DATETIME})
_KEPT = 128
_CONTAINERS = (Section, Roster)
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
#: of this and the next centuries, so that no time zone makes another year of it
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
#: as JavaRosa writes it, at an hour and in a zone that there is
_DATETIME = re.compile(
    _DAY.pattern
    + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}[+-](?:0[0-9]|1[0-3]):[0-5][0-9]"
)
_PLACE = re.compile(
    r"(-?[0-9]{1,3}(?:\.[0-9]{1,15})?) (-?[0-9]{1,3}(?:\.[0-9]{1,15})?)"
    r" (-?[0-9]{1,9}(?:\.[0-9]{1,15})?) ([0-9]{1,9}(?:\.[0-9]{1,15})?)"
)


class Read(NamedTuple):
    """What an instance holds."""

    answers: Answers
    instance_id: str | None


ReadText: TypeAlias = Callable[[str], Any]

_BLANKS = "[ \n\t]*"
#: elements of one expression at most: the engine remembers all groups at each of them
_LONGEST_RUN = 32
_ENVELOPE = re.compile(
    rf"{_BLANKS}<((?:[a-z]+:)?){META}>{_BLANKS}"
    rf"(?:<((?:[a-z]+:)?)instanceID>([^<&]*)</\2instanceID>{_BLANKS})?"
    rf"</\1{META}>{_BLANKS}"
)


class _Run(NamedTuple):
    """Elements that hold texts, next to each other, each of which may be left out."""

    #: two groups for each of them: its text, or that it is empty
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    readers: tuple[ReadText, ...]


class _Below(NamedTuple):
    """A section, or a roster's instances."""

    name: str
    #: its beginning; a group is set where it ends there, too
    begins: re.Pattern[str]
    ends: re.Pattern[str]
    parts: tuple[_Run | _Below, ...]
    is_roster: bool


@lru_cache(maxsize=_KEPT)
def instance_reader(questionnaire: Questionnaire, limits: Limits) -> InstanceReader:
    """The reader of a definition; a definition is parsed once per content hash, so it is kept by it."""
    return InstanceReader(questionnaire, limits)


class InstanceReader:
    """Reads the instances of a questionnaire; threads may share it."""

    def __init__(self, questionnaire: Questionnaire, limits: Limits) -> None:
        root = questionnaire.root
        self._root_name = questionnaire.root_name
        self._limits = limits
        self._is_plain = (
            _depth(root) <= limits.depth
            and all(item.name != META for item in root.items)
            and _have_own_names(root)
        )
        self._parts = self._of_container(root, answers_schema(questionnaire, limits))
        self._ends = _end_of(questionnaire.root_name)

    def read(self, elements: Elements) -> Read:
        """The checked answers and the instance's id. Raises `Unusual`."""
        text, at = elements.text, elements.begin
        if not self._is_plain or elements.root != self._root_name:
            raise Unusual
        first = _ENVELOPE.match(text, at)
        found, at = self._container(self._parts, text, first.end() if first else at)
        last = None if first else _ENVELOPE.match(text, at)
        end = self._ends.match(text, last.end() if last else at)
        if end is None or end.end() < len(text):
            raise Unusual
        return Read(found, _instance_id(first or last, elements.prefixes))

    def _container(
        self, parts: Sequence[_Run | _Below], text: str, at: int
    ) -> tuple[dict[str, Any], int]:
        """The answers from a place on, and the place behind them."""
        found: Answers = {}
        for part in parts:
            if isinstance(part, _Below):
                at = self._below(part, found, text, at)
                continue
            match = cast("re.Match[str]", part.pattern.match(text, at))  # it may be of nothing
            at, pieces = match.end(), iter(match.groups())
            for name, read, piece, is_empty in zip(
                part.names, part.readers, pieces, pieces, strict=True
            ):
                if piece is not None:
                    found[name] = read(piece)
                elif is_empty is not None:
                    found[name] = read("")
        return found, at

    def _below(self, part: _Below, found: Answers, text: str, at: int) -> int:
        """A section, or all of a roster's instances; the place behind them."""
        rows: list[Answers] = []
        while begin := part.begins.match(text, at):
            inner, at = dict[str, Any](), begin.end()
            if begin.lastindex is None:
                inner, at = self._container(part.parts, text, at)
                end = part.ends.match(text, at)
                if end is None:
                    raise Unusual
                at = end.end()
            rows.append(inner)
            if len(rows) > (self._limits.roster_instances if part.is_roster else 1):
                raise Unusual
        if rows:
            found[part.name] = rows if part.is_roster else rows[0]
        return at

    # ------------------------------------------------------------ making

    def _of_container(self, container: Container, schema: Schema) -> tuple[_Run | _Below, ...]:
        known = {str(field.data_key): field for field in schema.fields.values()}
        parts: list[_Run | _Below] = []
        for holds_others, items in groupby(container.items, lambda item: isinstance(item, _CONTAINERS)):
            if holds_others:
                parts += [self._of_below(item, known[item.name]) for item in items]
            else:
                parts += self._runs(tuple(items), known)
        return tuple(parts)

    def _of_below(self, item: Any, field: Any) -> _Below:
        name = re.escape(item.name)
        begins = re.compile(rf"{_BLANKS}<{name}(?:>{_BLANKS}</{name}(>)| ?(/)>|>){_BLANKS}")
        parts = self._of_container(item, cast("fields.Nested", field).schema)
        return _Below(item.name, begins, _end_of(item.name), parts, isinstance(item, Roster))

    def _runs(self, items: Sequence[Item], known: Mapping[str, Any]) -> Iterator[_Run]:
        for first in range(0, len(items), _LONGEST_RUN):
            here = items[first : first + _LONGEST_RUN]
            valued = [item for item in here if isinstance(item, Valued)]
            yield _Run(
                re.compile(_BLANKS + "".join(map(_expected, here))),
                tuple(item.name for item in valued),
                tuple(self._reader(item.type, known[item.name]) for item in valued),
            )

    def _reader(self, kind: DataType, field: answer.AnswerField) -> ReadText:
        if type(field) is answer.TextAnswer:
            return _text(field.longest, keeps_blanks=kind is DataType.TEXT)
        if type(field) is answer.ChoiceAnswer and field.names is not None:
            return _choice(field.names)
        if type(field) is answer.ChoicesAnswer and field.names is not None:
            return _choices(field.names)
        if kind in _UNBOUNDED:
            return _nothing
        quick = _QUICK.get(kind)
        return quick(_general(kind, field)) if quick else _general(kind, field)


def _depth(container: Container) -> int:
    """How many objects and lists lie in each other in answers, as limits count them."""
    below = [1]  # a list of choices, or a place
    for item in container.items:
        if isinstance(item, Section | Roster):
            below.append(_depth(item) + isinstance(item, Roster))
    return 1 + max(below)


#: one element may hold more values than there are elements: they are counted on the general way
_UNBOUNDED = frozenset({DataType.GEOTRACE, DataType.GEOSHAPE, DataType.SELECT_MULTIPLE, DataType.RANK})


def _have_own_names(container: Container) -> bool:
    """Whether no two items next to each other have one name."""
    inner = (item for item in container.items if isinstance(item, _CONTAINERS))
    is_so = len({item.name for item in container.items}) == len(container.items)
    return is_so and all(map(_have_own_names, inner))


def _expected(item: Item) -> str:
    """What finds an element; of anything but a value or a note's nothing the general way knows more."""
    name = re.escape(item.name)
    if isinstance(item, Valued):
        return rf"(?:<{name}(?:>([^<&]*)</{name}>| ?()/>){_BLANKS})?"
    return rf"(?:<{name}(?:></{name}>| ?/>){_BLANKS})?" if isinstance(item, Note) else ""


def _end_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"{_BLANKS}</{re.escape(name)}>{_BLANKS}")


def _instance_id(envelope: re.Match[str] | None, prefixes: Collection[str]) -> str | None:
    """The id in the elements of OpenRosa's own. Raises `Unusual`."""
    if envelope is None or envelope[3] is None:
        return None
    if envelope[1] not in prefixes or envelope[2] not in prefixes:
        raise Unusual
    return envelope[3].strip() or None


def _nothing(text: str) -> None:
    if text and not text.isspace():
        raise Unusual


# --- single values ----------------------------------------------------------------------------------


def _text(longest: int, *, keeps_blanks: bool) -> ReadText:
    def read(text: str) -> str | None:
        if len(text) > longest:
            raise Unusual
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
            if len(text) > longest:
                raise Unusual
        return text if text and (keeps_blanks or not text.isspace()) else None

    return read


class _Names(dict[str, str | None]):
    """Text → the choice of that name; no text is no choice."""

    def __missing__(self, text: str) -> None:
        if not text.isspace():
            raise Unusual


def _choice(names: Collection[str]) -> ReadText:
    known = {name: name for name in names if not name.isspace()}
    return _Names(known | {"": None}).__getitem__


def _choices(names: Collection[str]) -> ReadText:
    known = frozenset(names)

    def read(text: str) -> list[str] | None:
        chosen = text.split()
        if not known.issuperset(chosen) or len(set(chosen)) < len(chosen):
            raise Unusual
        return chosen or None

    return read


def _integer(general: ReadText) -> ReadText:
    def read(text: str) -> Any:
        # fifteen digits are less than the largest whole number
        if text.isascii() and text.isdigit() and len(text) <= 15:
            return int(text)
        return general(text)

    return read


def _decimal(general: ReadText) -> ReadText:
    def read(text: str) -> Any:
        return float(text) if _NUMBER.fullmatch(text) else general(text)

    return read


def _day(general: ReadText) -> ReadText:
    def read(text: str) -> Any:
        if _DAY.fullmatch(text):
            try:
                date.fromisoformat(text)
            except ValueError:
                raise Unusual from None
            return text
        return general(text)

    return read


def _moment(general: ReadText) -> ReadText:
    def read(text: str) -> Any:
        if _DATETIME.fullmatch(text):
            try:
                datetime.fromisoformat(text)
            except ValueError:
                raise Unusual from None
            return text
        return general(text)

    return read


def _place(general: ReadText) -> ReadText:
    def read(text: str) -> Any:
        found = _PLACE.fullmatch(text)
        if found is None:
            return general(text)
        lat, lon, alt, accuracy = map(float, found.groups())
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise Unusual
        return {"lat": lat, "lon": lon, "alt": alt, "accuracy": accuracy}

    return read


#: nearly all texts of a type, told at a glance; of any others the general way knows more
_QUICK: Mapping[DataType, Callable[[ReadText], ReadText]] = {
    DataType.INTEGER: _integer,
    DataType.DECIMAL: _decimal,
    DataType.DATE: _day,
    DataType.DATETIME: _moment,
    DataType.GEOPOINT: _place,
}


def _general(kind: DataType, field: answer.AnswerField) -> ReadText:
    """What the general way makes of a text, step by step."""
    is_moment = kind in MOMENTS

    def read(text: str) -> Any:
        value = value_of(kind, text)
        if value is None:
            return None
        try:
            return field.read(_spelt(kind, value) if is_moment else value)
        except ValidationError:
            raise Unusual from None

    return read


def _spelt(kind: DataType, value: Any) -> Any:
    try:
        return to_text(kind, value)
    except MisshapenValue:
        raise Unusual from None
