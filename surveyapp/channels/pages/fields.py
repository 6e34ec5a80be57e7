"""What people type into the pages' fields ⇄ JSON values of answers.

A question's field is named by its node path; a question with several fields (a date, a place, a ranking)
adds `@` and the part's name: `site/k_date@day`. XML names cannot hold an `@`. What stands in a
question's fields together is its *raw* answer: part → texts, the part of a single field being `""`.

`read` makes the value of a raw answer, `write` the raw answer of a value; `read(write(value)) == value`.
People type numbers with commas and spaces and times with dots: all of that is read.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timezone
from typing import Any, TypeAlias

from surveyapp.questionnaires.definition import DataType, Question
from surveyapp.questionnaires.values import from_text

Raw: TypeAlias = dict[str, list[str]]

SEPARATOR = "@"
#: Collect takes no more digits in a whole number either
_MOST_DIGITS = 9
_WHOLE = re.compile(rf"-?[0-9]{{1,{_MOST_DIGITS}}}")
_ANY_WHOLE = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]{0,15}(?:\.[0-9]{0,15})?")
_CLOCK = re.compile(r"([0-9]{1,2})[:.\s-]?([0-9]{2})")
_BLANKS = re.compile(r"\s+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
ACKNOWLEDGED = "OK"


class Unreadable(Exception):
    """A raw answer that is no value of its type; `code` and `params` as in `AnswerError`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading and writing depend on besides the question.

    `offered` are the names of the choices in order, `offset` is the one that typed times are in, `comma`
    says whether the reader's language writes decimals with a comma.
    """

    offered: Sequence[str] = ()
    offset: timezone = UTC
    longest: int = 100_000
    comma: bool = False


def read(question: Question, raw: Raw, reading: Reading) -> Any:
    """The JSON value of what was typed; None when nothing was. Raises `Unreadable`."""
    if is_blank(raw):
        return None
    return _READERS[question.type](question, raw, reading)


def write(question: Question, value: Any, reading: Reading) -> Raw:
    """What the fields show for a value."""
    if value is None:
        return {}
    return _WRITERS[question.type](question, value, reading)


def is_blank(raw: Raw) -> bool:
    """Whether nothing at all was typed or chosen."""
    return not any(text.strip() for texts in raw.values() for text in texts)


def field_name(path: str, part: str = "") -> str:
    """Name of a question's field."""
    return f"{path}{SEPARATOR}{part}" if part else path


def raw_from(form: Mapping[str, list[str]], path: str) -> Raw:
    """The raw answer of a question in a form (`request.form.to_dict(flat=False)`)."""
    beginning = path + SEPARATOR
    parts = {
        name.removeprefix(beginning): texts for name, texts in form.items() if name.startswith(beginning)
    }
    return parts | ({"": form[path]} if path in form else {})


def date_parts(question: Question) -> tuple[str, ...]:
    """The parts of a date that are asked: XLSForm's appearances `month-year` and `year` ask fewer."""
    if "year" in question.appearance:
        return ("year",)
    if "month-year" in question.appearance:
        return ("month", "year")
    return ("day", "month", "year")


def ends_of_range(question: Question) -> tuple[str, str] | None:
    """The least and the largest number of a `range` question, as its author wrote them."""
    given = question.parameters
    if question.type not in {DataType.INTEGER, DataType.DECIMAL} or "end" not in given:
        return None
    ends = given.get("start", "1"), given["end"]
    try:
        return ends if float(ends[0]) <= float(ends[1]) else None
    except ValueError:
        return None


# --- reading ------------------------------------------------------------------------------------


def _only(raw: Raw, part: str = "") -> str:
    texts = raw.get(part) or [""]
    return unicodedata.normalize("NFC", texts[0]).strip()


def _digits(text: str) -> str:
    return _BLANKS.sub("", text).replace("\N{MINUS SIGN}", "-")


def _read_text(_question: Question, raw: Raw, reading: Reading) -> str:
    text = _only(raw).replace("\r\n", "\n").replace("\r", "\n")
    if _UNSTORABLE.search(text):
        raise Unreadable("unstorable")
    if len(text) > reading.longest:
        raise Unreadable("too_long", max=reading.longest)
    return text


def _read_integer(question: Question, raw: Raw, _reading: Reading) -> int:
    text = _digits(_only(raw))
    if not _ANY_WHOLE.fullmatch(text):
        raise Unreadable("integer")
    if not _WHOLE.fullmatch(text):
        limit = 10**_MOST_DIGITS - 1
        raise Unreadable("range", min=-limit, max=limit)
    return int(_within(question, int(text)))


def _read_decimal(question: Question, raw: Raw, _reading: Reading) -> float:
    return _within(question, _number(_only(raw), "decimal"))


def _within(question: Question, number: float) -> float:
    """ODK Collect’s slider gives no number outside its ends; what is typed here might be one."""
    ends = ends_of_range(question)
    if ends and not float(ends[0]) <= number <= float(ends[1]):
        raise Unreadable("range", min=ends[0], max=ends[1])
    return number


def _number(text: str, code: str) -> float:
    plain = _digits(text).replace(",", ".")
    if not _DECIMAL.fullmatch(plain) or not any(letter.isdigit() for letter in plain):
        raise Unreadable(code)
    return float(plain)


def _read_date(question: Question, raw: Raw, _reading: Reading) -> str:
    return _day(raw, date_parts(question), "day").isoformat()


def _day(raw: Raw, parts: Sequence[str], code: str) -> date:
    typed = {part: _digits(_only(raw, part)) for part in parts}
    if not all(_WHOLE.fullmatch(text) for text in typed.values()) or len(typed["year"]) != 4:
        raise Unreadable(code)
    try:
        return date(**({"day": 1, "month": 1} | {part: int(text) for part, text in typed.items()}))
    except ValueError:
        raise Unreadable(code) from None


def _read_time(_question: Question, raw: Raw, reading: Reading) -> str:
    return _clock(_only(raw), "time").replace(tzinfo=reading.offset).isoformat()


def _clock(text: str, code: str) -> time:
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise Unreadable(code)
    try:
        return time(int(match[1]), int(match[2]))
    except ValueError:
        raise Unreadable(code) from None


def _read_moment(_question: Question, raw: Raw, reading: Reading) -> str:
    day = _day(raw, ("day", "month", "year"), "dateTime")
    clock = _clock(_only(raw, "time"), "dateTime")
    return datetime.combine(day, clock, reading.offset).isoformat()


def _read_choice(_question: Question, raw: Raw, reading: Reading) -> str:
    name = _only(raw)
    if name not in reading.offered:
        raise Unreadable("choice")
    return name


def _read_choices(_question: Question, raw: Raw, reading: Reading) -> list[str]:
    chosen = {name for name in raw.get("", ()) if name}
    if not chosen <= set(reading.offered):
        raise Unreadable("choice")
    return [name for name in reading.offered if name in chosen]


def _read_ranking(_question: Question, raw: Raw, reading: Reading) -> list[str]:
    if not set(raw) <= set(reading.offered):
        raise Unreadable("choice")
    places = {name: _digits(_only(raw, name)) for name in reading.offered}
    wanted = {str(place) for place in range(1, len(places) + 1)}
    if set(places.values()) != wanted:
        raise Unreadable("rank")
    return sorted(places, key=lambda name: int(places[name]))


def _read_place(_question: Question, raw: Raw, _reading: Reading) -> dict[str, float | None]:
    return _place(_only(raw, "lat"), _only(raw, "lon"))


def _place(lat: str, lon: str, code: str = "geopoint") -> dict[str, float | None]:
    place = {"lat": _number(lat, code), "lon": _number(lon, code)}
    if abs(place["lat"]) > 90 or abs(place["lon"]) > 180:
        raise Unreadable(code)
    return {**place, "alt": None, "accuracy": None}


def _read_places(question: Question, raw: Raw, _reading: Reading) -> list[dict[str, float | None]]:
    code = question.type.value
    lines = [line.split() for line in _only(raw).splitlines() if line.strip()]
    if any(len(line) != 2 for line in lines):
        raise Unreadable(code)
    places = [_place(lat, lon, code) for lat, lon in lines]
    closed = question.type is DataType.GEOTRACE or places[0] == places[-1]
    if len(places) < _FEWEST_PLACES[question.type] or not closed:
        raise Unreadable(code)
    return places


_FEWEST_PLACES = {DataType.GEOTRACE: 2, DataType.GEOSHAPE: 4}


def _read_tick(_question: Question, _raw: Raw, _reading: Reading) -> str:
    return ACKNOWLEDGED


def _read_truth(_question: Question, raw: Raw, _reading: Reading) -> Any:
    # a line to type on, as in ODK Collect
    return from_text(DataType.BOOLEAN, _only(raw).strip())


_READERS: dict[DataType, Callable[[Question, Raw, Reading], Any]] = {
    DataType.TEXT: _read_text,
    DataType.BARCODE: _read_text,
    DataType.INTEGER: _read_integer,
    DataType.DECIMAL: _read_decimal,
    DataType.DATE: _read_date,
    DataType.TIME: _read_time,
    DataType.DATETIME: _read_moment,
    DataType.SELECT_ONE: _read_choice,
    DataType.SELECT_MULTIPLE: _read_choices,
    DataType.RANK: _read_ranking,
    DataType.GEOPOINT: _read_place,
    DataType.GEOTRACE: _read_places,
    DataType.GEOSHAPE: _read_places,
    DataType.ACKNOWLEDGE: _read_tick,
    DataType.BOOLEAN: _read_truth,
}

# --- writing ------------------------------------------------------------------------------------


def _write_plain(_question: Question, value: Any, _reading: Reading) -> Raw:
    return {"": [str(value)]}


def _write_decimal(_question: Question, value: Any, reading: Reading) -> Raw:
    return {"": [_written(value, reading)]}


def _written(number: float, reading: Reading) -> str:
    whole = math.isfinite(number) and float(number).is_integer()
    text = str(int(number)) if whole else f"{number:.15f}".rstrip("0")
    return text.replace(".", ",") if reading.comma else text


def _write_date(question: Question, value: Any, _reading: Reading) -> Raw:
    day = date.fromisoformat(value)
    written = {"day": str(day.day), "month": str(day.month), "year": f"{day.year:04}"}
    return {part: [written[part]] for part in date_parts(question)}


def _write_time(_question: Question, value: Any, _reading: Reading) -> Raw:
    return {"": [f"{time.fromisoformat(value):%H:%M}"]}


def _write_moment(question: Question, value: Any, reading: Reading) -> Raw:
    moment = datetime.fromisoformat(value).astimezone(reading.offset)
    day = {"day": str(moment.day), "month": str(moment.month), "year": f"{moment.year:04}"}
    return {part: [text] for part, text in day.items()} | {"time": [f"{moment:%H:%M}"]}


def _write_choices(_question: Question, value: Any, _reading: Reading) -> Raw:
    return {"": list(value)}


def _write_ranking(_question: Question, value: Any, _reading: Reading) -> Raw:
    return {name: [str(place)] for place, name in enumerate(value, start=1)}


def _write_place(_question: Question, value: Any, reading: Reading) -> Raw:
    return {part: [_written(value[part], reading)] for part in ("lat", "lon")}


def _write_places(_question: Question, value: Any, reading: Reading) -> Raw:
    lines = (f"{_written(p['lat'], reading)} {_written(p['lon'], reading)}" for p in value)
    return {"": ["\n".join(lines)]}


_WRITERS: dict[DataType, Callable[[Question, Any, Reading], Raw]] = {
    DataType.DECIMAL: _write_decimal,
    DataType.DATE: _write_date,
    DataType.TIME: _write_time,
    DataType.DATETIME: _write_moment,
    DataType.SELECT_MULTIPLE: _write_choices,
    DataType.RANK: _write_ranking,
    DataType.GEOPOINT: _write_place,
    DataType.GEOTRACE: _write_places,
    DataType.GEOSHAPE: _write_places,
} | dict.fromkeys(
    (
        DataType.TEXT,
        DataType.BARCODE,
        DataType.INTEGER,
        DataType.SELECT_ONE,
        DataType.ACKNOWLEDGE,
        DataType.BOOLEAN,
    ),
    _write_plain,
)
