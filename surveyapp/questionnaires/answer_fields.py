"""The Marshmallow field of each type of answer: strict about JSON's types, normalised on loading.

None of Marshmallow's own wordings is used: a field refuses by a `Defect`, a code with its params, from
which `schema` makes an `AnswerError`. Every field takes `null`: asked and left empty. So is a text or a
list without anything in it, which JSON clients send for the same thing.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, TypeAlias

from marshmallow import ValidationError, fields

#: Largest whole number that every JSON reader keeps exactly (RFC 7493, 2.2), so also every phone.
MOST_WHOLE = 2**53 - 1
#: File systems and Unicode agree on no larger name.
MOST_NAME_BYTES = 255
#: Years that stay years in every time zone; earlier and later ones overflow when a zone is applied.
YEARS = range(2, 9999)

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?"
_OFFSET = r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])"
_TIME = re.compile(_CLOCK + _OFFSET)
_MOMENT = re.compile(f"{_DAY.pattern}T{_CLOCK}{_OFFSET}")
_SEPARATORS = re.compile(r"[/\\\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Defect:
    """Why a field refuses a value: a code that `surveyapp.messages` knows, and its params."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def refusal(code: str, **params: Any) -> ValidationError:
    """The exception by which a field says no."""
    return ValidationError([Defect(code, params)])


class AnswerField(fields.Field[Any]):
    """What every answer's field has: `null` is an answer, and no wording of Marshmallow's gets out."""

    def __init__(self, *, data_key: str) -> None:
        super().__init__(data_key=data_key, allow_none=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.read(value)

    def read(self, value: Any) -> Any:
        """The normalised answer; raises a `refusal`."""
        raise NotImplementedError


class TextAnswer(AnswerField):
    """A text, normalised to NFC; an empty one is no answer."""

    def __init__(self, *, data_key: str, longest: int) -> None:
        super().__init__(data_key=data_key)
        self.longest = longest

    def read(self, value: Any) -> str | None:
        if not isinstance(value, str):
            raise refusal("text")
        text = unicodedata.normalize("NFC", value)
        if len(text) > self.longest:
            raise refusal("too_long", max=self.longest)
        return text or None


class ComputedText(TextAnswer):
    """A calculation without a type of its own: what it computes may be a number, and is kept as text."""

    def read(self, value: Any) -> str | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = plain_number(read_number(value))
        return super().read(value)


class IntegerAnswer(AnswerField):
    """A whole number, neither a boolean nor a text; 5.0 is the whole number 5 in JSON."""

    def read(self, value: Any) -> int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole and not (isinstance(value, float) and value.is_integer()):
            raise refusal("integer")
        if abs(value) > MOST_WHOLE:
            raise refusal("range", min=-MOST_WHOLE, max=MOST_WHOLE)
        return int(value)


class DecimalAnswer(AnswerField):
    """A finite number."""

    def read(self, value: Any) -> float:
        return read_number(value)


class DateAnswer(AnswerField):
    """A day that exists, `YYYY-MM-DD`."""

    def read(self, value: Any) -> str:
        if not (isinstance(value, str) and _DAY.fullmatch(value) and _exists(date, value)):
            raise refusal("date")
        return value


class TimeAnswer(AnswerField):
    """A time of day with its offset, `14:30:00+05:00`."""

    def read(self, value: Any) -> str:
        if not (isinstance(value, str) and _TIME.fullmatch(value) and _exists(time, value)):
            raise refusal("time")
        return value


class DateTimeAnswer(AnswerField):
    """A moment with its offset, `2026-09-05T14:30:00+05:00`."""

    def read(self, value: Any) -> str:
        if not (isinstance(value, str) and _MOMENT.fullmatch(value) and _exists(datetime, value)):
            raise refusal("dateTime")
        return value


class ChoiceAnswer(AnswerField):
    """The name of a choice of the whole list; without a list (a file's choices) any name."""

    def __init__(self, *, data_key: str, names: Collection[str] | None) -> None:
        super().__init__(data_key=data_key)
        self.names = names

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or not self.offers(value):
            raise refusal("choice")
        return value

    def offers(self, name: str) -> bool:
        """Whether the whole list has the name; no name has a blank in it, by which XForms joins them."""
        if self.names is not None:
            return name in self.names
        return 0 < len(name) <= MOST_NAME_BYTES and name.split() == [name]


class ChoicesAnswer(ChoiceAnswer):
    """Names of choices, each at most once; an empty list is no answer."""

    def __init__(self, *, data_key: str, names: Collection[str] | None, most: int) -> None:
        super().__init__(data_key=data_key, names=names)
        self.most = most

    def read(self, value: Any) -> Any:
        if not isinstance(value, list):
            raise refusal("list")
        if self.names is None and len(value) > self.most:
            raise refusal("too_many", max=self.most)
        names = [super(ChoicesAnswer, self).read(name) for name in value]
        if len(set(names)) < len(names):
            raise refusal("repeated")
        return names or None


class AcknowledgeAnswer(AnswerField):
    """A tick: XForms write `OK`, JSON clients may say true; not ticked is no answer."""

    def read(self, value: Any) -> str | None:
        if value is False:
            return None
        if value is True or value == "OK":
            return "OK"
        raise refusal("acknowledge")


class TruthAnswer(AnswerField):
    """`1` or `0` as XForms write them, or `true` and `false` as some clients do; JSON may say true."""

    def read(self, value: Any) -> str:
        if isinstance(value, bool):
            return "1" if value else "0"
        if value in ("1", "0", "true", "false"):
            return str(value)
        raise refusal("acknowledge")


class PlaceAnswer(AnswerField):
    """A place, always with its four members; degrees, and metres above sea level and of accuracy."""

    def read(self, value: Any) -> dict[str, float | None]:
        return read_place(value)


class PlacesAnswer(AnswerField):
    """The places of a line or an area, in order."""

    def __init__(self, *, data_key: str, code: str, fewest: int, most: int) -> None:
        super().__init__(data_key=data_key)
        self.code = code
        self.fewest = fewest
        self.most = most

    def read(self, value: Any) -> list[dict[str, float | None]] | None:
        if not isinstance(value, list):
            raise refusal(self.code)
        if len(value) > self.most:
            raise refusal("too_many", max=self.most)
        if value and len(value) < self.fewest:
            raise refusal(self.code)
        return [read_place(place) for place in value] or None


class AttachmentAnswer(AnswerField):
    """The name of a file that comes apart; never a path."""

    def read(self, value: Any) -> str:
        if not isinstance(value, str) or value.strip() in {"", ".", ".."} or _SEPARATORS.search(value):
            raise refusal("attachment")
        name = unicodedata.normalize("NFC", value)
        if len(name.encode()) > MOST_NAME_BYTES:
            raise refusal("attachment")
        return name


def read_number(value: Any) -> float:
    """A finite number as a float; raises a `refusal`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refusal("decimal")
    try:
        number = float(value)
    except OverflowError:
        raise refusal("decimal") from None
    if not math.isfinite(number):
        raise refusal("decimal")
    return number


def plain_number(number: float) -> str:
    """A number as the form's own calculations write it: whole ones without a point."""
    return str(int(number)) if number.is_integer() else repr(number)


#: member of a place → its bounds
_BOUNDS: dict[str, tuple[float, float]] = {
    "lat": (-90, 90),
    "lon": (-180, 180),
    "alt": (-math.inf, math.inf),
    "accuracy": (0, math.inf),
}


def read_place(value: Any) -> dict[str, float | None]:
    """A place with all its members; raises a `refusal` for an unknown or a missing one."""
    if not isinstance(value, dict) or not set(value) <= set(_BOUNDS):
        raise refusal("geopoint")
    place = {member: _member(value.get(member), *_BOUNDS[member]) for member in _BOUNDS}
    if place["lat"] is None or place["lon"] is None:
        raise refusal("geopoint")
    return place


def _member(value: Any, least: float, most: float) -> float | None:
    if value is None:
        return None
    try:
        number = read_number(value)
    except ValidationError:
        raise refusal("geopoint") from None
    if not least <= number <= most:
        raise refusal("geopoint")
    return number


_Calendar: TypeAlias = type[date] | type[time] | type[datetime]


def _exists(kind: _Calendar, text: str) -> bool:
    """Whether the calendar or the clock has it, in whatever zone one looks at it."""
    try:
        found = kind.fromisoformat(text)
    except ValueError:
        return False
    return not isinstance(found, date) or found.year in YEARS
