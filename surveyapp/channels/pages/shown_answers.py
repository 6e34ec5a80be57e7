"""Answers in words, as the person who gave them reads them again before sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _

from surveyapp.channels.pages.sitting import Sitting
from surveyapp.i18n import format_day, format_number
from surveyapp.questionnaires.definition import ATTACHMENT_TYPES, SELECT_TYPES, DataType

_KIB, _MIB = 1024, 1024 * 1024


def shown_answer(sitting: Sitting, path: str) -> str:
    """The answer at a node in the reader's language; what was typed if it is none; empty without one."""
    typed = sitting.state.raw.get(path)
    if typed is not None:
        return " ".join(text for texts in typed.values() for text in texts)
    question = sitting.walk.question(path)
    value = sitting.interview.value(path)
    if value is None:
        return ""
    if question.type in SELECT_TYPES:
        return _choices(sitting, path, value)
    if question.type in ATTACHMENT_TYPES:
        return _file(sitting, path)
    return _WORDS.get(question.type, _plain)(value, sitting.language)


def _choices(sitting: Sitting, path: str, value: Any) -> str:
    names = [value] if isinstance(value, str) else value
    labels = {
        choice.name: sitting.interview.text(choice.label, path).text
        for choice in sitting.interview.choices(path)
    }
    return "\n".join(labels.get(name, name) for name in names)


def _file(sitting: Sitting, path: str) -> str:
    kept = sitting.state.files.get(path)
    return str(_("Added: %(size)s", size=file_size(kept["size"], sitting.language))) if kept else ""


def file_size(size: int, language: str) -> str:
    """A file's size in words: “0.2 MB”."""
    if size < _MIB:
        return str(_("%(number)s KB", number=format_number(max(1, round(size / _KIB)), language)))
    return str(_("%(number)s MB", number=format_number(round(size / _MIB, 1), language)))


def _plain(value: Any, _language: str) -> str:
    return str(value)


def _number(value: Any, language: str) -> str:
    return format_number(value, language)


def _day(value: Any, language: str) -> str:
    return format_day(date.fromisoformat(value), language)


def _clock(value: Any, _language: str) -> str:
    return f"{time.fromisoformat(value):%H:%M}"


def _moment(value: Any, language: str) -> str:
    moment = datetime.fromisoformat(value)
    return f"{format_day(moment.date(), language)}, {moment:%H:%M}"


def _place(value: Any, language: str) -> str:
    return f"{format_number(value['lat'], language)}; {format_number(value['lon'], language)}"


def _places(value: Any, language: str) -> str:
    return "\n".join(_place(place, language) for place in value)


def _ticked(_value: Any, _language: str) -> str:
    return str(_("Yes, I confirm"))


_WORDS: Mapping[DataType, Callable[[Any, str], str]] = {
    DataType.INTEGER: _number,
    DataType.DECIMAL: _number,
    DataType.DATE: _day,
    DataType.TIME: _clock,
    DataType.DATETIME: _moment,
    DataType.GEOPOINT: _place,
    DataType.GEOTRACE: _places,
    DataType.GEOSHAPE: _places,
    DataType.ACKNOWLEDGE: _ticked,
}
