"""An instance's elements → answers whose types were checked, in one walk; nothing is kept of odd ones.

What `instance_xml` reads, with moments spelt as JavaRosa spells them, and what `schema.check_types` then
makes of it, for elements in the order of the definition, each once, with nothing foreign among them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, cast

from marshmallow import Schema, ValidationError, fields

from surveyapp.questionnaires import answer_fields as answer
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    Container,
    DataType,
    Note,
    Questionnaire,
    Roster,
    Section,
    Valued,
)
from surveyapp.questionnaires.instance_xml.reading import META, value_of
from surveyapp.questionnaires.schema import Limits, answers_schema
from surveyapp.questionnaires.storable import is_storable
from surveyapp.questionnaires.swift.elements import Elements, Unusual
from surveyapp.questionnaires.values import MisshapenValue, to_text

MOMENTS = frozenset({DataType.TIME, DataType.DATETIME})
_KEPT = 128
_INSTANCE_ID = "instanceID"
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")
#: of this and the next centuries, so that no time zone makes another year of it
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
_PLACE = re.compile(
    r"(-?[0-9]{1,3}(?:\.[0-9]{1,15})?) (-?[0-9]{1,3}(?:\.[0-9]{1,15})?)"
    r" (-?[0-9]{1,9}(?:\.[0-9]{1,15})?) ([0-9]{1,9}(?:\.[0-9]{1,15})?)"
)


class Read(NamedTuple):
    """What an instance holds."""

    answers: Answers
    instance_id: str | None


#: texts that are not ASCII, looked at together in the end
Texts: TypeAlias = list[str]
ReadText: TypeAlias = Callable[[str, Texts], Any]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is done with an element: `read` its text, or go into a section or a roster's instance."""

    #: its place in the definition's order
    place: int
    name: str
    read: ReadText | None
    below: Mapping[str, _Entry] | None
    is_roster: bool = False


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
        self._is_plain = _depth(root) <= limits.depth and all(item.name != META for item in root.items)
        self._entries = self._of_container(root, answers_schema(questionnaire, limits))

    def read(self, elements: Elements) -> Read:
        """The checked answers and the instance's id. Raises `Unusual`."""
        if not self._is_plain or elements.root != self._root_name:
            raise Unusual
        walk = _Walk(elements, self._limits.roster_instances)
        found = walk.whole(self._entries)
        if walk.texts and not is_storable("\n".join(walk.texts)):
            raise Unusual
        return Read(found, walk.instance_id)

    # ------------------------------------------------------------ making

    def _of_container(self, container: Container, schema: Schema) -> dict[str, _Entry]:
        known = {str(field.data_key): field for field in schema.fields.values()}
        return {
            item.name: self._entry(place, item, known.get(item.name))
            for place, item in enumerate(container.items)
        }

    def _entry(self, place: int, item: Any, field: Any) -> _Entry:
        if isinstance(item, Section | Roster):
            below = self._of_container(item, cast("fields.Nested", field).schema)
            return _Entry(place, item.name, None, below, isinstance(item, Roster))
        if isinstance(item, Valued):
            return _Entry(place, item.name, self._reader(item.type, field), None)
        # of anything else but a note the general way knows more
        return _Entry(place, item.name, None if isinstance(item, Note) else _refuse, None)

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


def _refuse(_text: str, _texts: Texts) -> Any:
    raise Unusual


def _nothing(text: str, _texts: Texts) -> None:
    if text and not text.isspace():
        raise Unusual


class _Walk:
    """One walk through the elements of an instance."""

    def __init__(self, elements: Elements, most_instances: int) -> None:
        self.texts: Texts = []
        self.instance_id: str | None = None
        self._elements = elements
        self._pieces = iter(elements.pieces)
        self._most_instances = most_instances
        self._has_envelope = False

    def whole(self, entries: Mapping[str, _Entry]) -> Answers:
        """The answers; nothing stands behind the root's end."""
        found = self.container(entries, self._elements.root, is_root=True)
        if next(self._pieces, None):
            raise Unusual
        return found

    def container(self, entries: Mapping[str, _Entry], within: str, *, is_root: bool = False) -> Answers:
        """The answers up to the end of the element `within`."""
        found: Answers = {}
        last, texts = -1, self.texts
        for name, text, ends, is_empty, ended, _other in self._pieces:
            entry = entries.get(name)
            if entry is None:
                if ended == within:
                    return found
                self._envelope(name, is_here=is_root and not (ends or is_empty))
                continue
            place = entry.place
            if place < last or (place == last and not entry.is_roster):
                raise Unusual
            last = place
            if entry.read is None:
                self._below(found, entry, text, ends or is_empty)
            elif ends or is_empty:
                found[name] = entry.read(text, texts)
            else:
                raise Unusual  # something stands in it
        raise Unusual  # it does not end

    def _below(self, found: Answers, entry: _Entry, text: str, ends: str) -> None:
        """A section, a roster's instance, or a note."""
        if text and (entry.below is None or not text.isspace()):
            raise Unusual
        if entry.below is None:
            if not ends:
                raise Unusual
            return
        inner = {} if ends else self.container(entry.below, entry.name)
        if not entry.is_roster:
            found[entry.name] = inner
            return
        rows = found.setdefault(entry.name, [])
        rows.append(inner)
        if len(rows) > self._most_instances:
            raise Unusual

    def _envelope(self, name: str, *, is_here: bool) -> None:
        """Of an edit, of an entity, of anything that nobody knows, the general way knows more."""
        prefixes = self._elements.prefixes
        if not is_here or self._has_envelope or name not in {f"{prefix}{META}" for prefix in prefixes}:
            raise Unusual
        self._has_envelope = True
        for inner, text, ends, _is_empty, ended, _other in self._pieces:
            if ended == name:
                return
            is_id = ends and inner in {f"{prefix}{_INSTANCE_ID}" for prefix in prefixes}
            if not is_id or self.instance_id is not None:
                raise Unusual
            self.instance_id = text.strip() or None
        raise Unusual


# --- single values ----------------------------------------------------------------------------------


def _text(longest: int, *, keeps_blanks: bool) -> ReadText:
    def read(text: str, texts: Texts) -> str | None:
        if len(text) > longest:
            raise Unusual
        if not text.isascii():
            texts.append(text)
            text = unicodedata.normalize("NFC", text)
            if len(text) > longest:
                raise Unusual
        return text if text and (keeps_blanks or not text.isspace()) else None

    return read


def _choice(names: Collection[str]) -> ReadText:
    def read(text: str, _texts: Texts) -> str | None:
        if text in names and not text.isspace():
            return text or None
        if text and not text.isspace():
            raise Unusual
        return None

    return read


def _choices(names: Collection[str]) -> ReadText:
    def read(text: str, _texts: Texts) -> list[str] | None:
        chosen = text.split()
        if any(name not in names for name in chosen) or len(set(chosen)) < len(chosen):
            raise Unusual
        return chosen or None

    return read


def _integer(general: ReadText) -> ReadText:
    def read(text: str, texts: Texts) -> Any:
        # fifteen digits are less than the largest whole number
        if text.isascii() and text.isdigit() and len(text) <= 15:
            return int(text)
        return general(text, texts)

    return read


def _decimal(general: ReadText) -> ReadText:
    def read(text: str, texts: Texts) -> Any:
        return float(text) if _NUMBER.fullmatch(text) else general(text, texts)

    return read


def _day(general: ReadText) -> ReadText:
    def read(text: str, texts: Texts) -> Any:
        if _DAY.fullmatch(text):
            try:
                date.fromisoformat(text)
            except ValueError:
                raise Unusual from None
            return text
        return general(text, texts)

    return read


def _place(general: ReadText) -> ReadText:
    def read(text: str, texts: Texts) -> Any:
        found = _PLACE.fullmatch(text)
        if found is None:
            return general(text, texts)
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
    DataType.GEOPOINT: _place,
}


def _general(kind: DataType, field: answer.AnswerField) -> ReadText:
    """What the general way makes of a text, step by step."""
    is_moment = kind in MOMENTS

    def read(text: str, texts: Texts) -> Any:
        value = value_of(kind, text)
        if value is None:
            return None
        try:
            found = field.read(_spelt(kind, value) if is_moment else value)
        except ValidationError:
            raise Unusual from None
        if isinstance(found, str) and not found.isascii():
            texts.append(text)
        return found

    return read


def _spelt(kind: DataType, value: Any) -> Any:
    try:
        return to_text(kind, value)
    except MisshapenValue:
        raise Unusual from None
