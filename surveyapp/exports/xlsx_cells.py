"""Cells of a worksheet as XML: real types, and texts as inline strings, which are never formulas.

Excel's limits are kept: a text of more than 32,767 UTF-16 units is cut, and ends in a sign that says so;
a number of more than 15 digits, and a day before March 1900 (Excel has a 29 February 1900), is a text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final

from surveyapp.exports.cells import Cell

MOST_TEXT: Final = 32_767
CUT: Final = " […]"
#: of the styles that `xlsx_parts` writes
DAY_STYLE, TIME_STYLE = 1, 2
_FIRST_DAY: Final = date(1900, 3, 1)
_ORIGIN: Final = date(1899, 12, 30).toordinal()
_MOST_NUMBER: Final = 10**15
#: what XML cannot hold or would change (`\r`), and what reads as the sign for such
_UNPLAIN: Final = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_NAMED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str) -> str:
    """A text as it stands between two tags; `_x000D_` is how Excel says a character by its number."""
    return _UNPLAIN.sub(_said, text) if _UNPLAIN.search(text) else text


def _said(found: re.Match[str]) -> str:
    sign = found[0]
    return _NAMED.get(sign) or f"_x{ord(sign):04X}_"


def too_long(text: str) -> bool:
    """Whether a cell cannot hold it; Excel counts a character beyond the first plane as two."""
    if len(text) * 2 <= MOST_TEXT:
        return False
    return len(text) > MOST_TEXT or len(text.encode("utf-16-le")) // 2 > MOST_TEXT


def shortened(text: str) -> str:
    """As much of a text as a cell holds, and the sign that it was cut."""
    room = (MOST_TEXT - len(CUT)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore") + CUT


def text_cell(text: str) -> str:
    """What follows the cell's reference."""
    if too_long(text):
        text = shortened(text)
    return f'" t="inlineStr"><is><t xml:space="preserve">{escaped(text)}</t></is></c>'


def _whole(number: int) -> str:
    if -_MOST_NUMBER < number < _MOST_NUMBER:
        return f'"><v>{number}</v></c>'
    return text_cell(str(number))


def _broken(number: float) -> str:
    return f'"><v>{number!r}</v></c>' if math.isfinite(number) else text_cell(repr(number))


def _day(day: date) -> str:
    if day < _FIRST_DAY:
        return text_cell(day.isoformat())
    return f'" s="{DAY_STYLE}"><v>{day.toordinal() - _ORIGIN}</v></c>'


def _moment(moment: datetime) -> str:
    """The wall time; a cell has no room for the offset, which the manifest tells."""
    if moment.date() < _FIRST_DAY:
        return text_cell(moment.isoformat(timespec="seconds"))
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return f'" s="{TIME_STYLE}"><v>{moment.toordinal() - _ORIGIN + seconds / 86400!r}</v></c>'


#: type of a cell → what follows its reference
CELLS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: text_cell,
    int: _whole,
    float: _broken,
    bool: lambda cell: f'" t="b"><v>{int(cell)}</v></c>',
    date: _day,
    datetime: _moment,
}


def cell_xml(cell: Cell) -> str | None:
    """What follows the cell's reference; None of a cell that is empty."""
    return None if cell is None else CELLS[type(cell)](cell)


def letters(number: int) -> str:
    """The name of a column, from 1 on: A … Z, AA … XFD."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
