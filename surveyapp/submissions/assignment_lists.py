"""A list of visits, read from a CSV file: all of its mistakes at once by row and column, or the visits.

Columns: `interviewer`, `label`, and if wanted `region`, `due` and `key`; every other one is a question,
by its path (`place/region`, `child[2]/c_age`) or its name. Russian Excel writes Windows-1251, which has
no Kazakh letters: it is read, and told.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from surveyapp.submissions.assigning import Visit
from surveyapp.submissions.assignment_columns import BadColumn, Column, columns
from surveyapp.submissions.assignment_rows import Given, Mistake, RowReader

#: columns that are no questions
OWN = ("interviewer", "label", "region", "due", "key")
NEEDED = ("interviewer", "label")
MOST_ROWS = 5000
MOST_COLUMNS = 200
MOST_BYTES = 2 * 1024 * 1024
#: mistakes that are told at once
MOST_TOLD = 200
_DELIMITERS = ",;\t"


class BadList(ValueError):
    """The list has mistakes; `count` of them, the first `MOST_TOLD` are told."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(f"{len(mistakes)} mistakes")
        self.count = len(mistakes)
        self.mistakes = tuple(mistakes[:MOST_TOLD])


@dataclass(frozen=True, slots=True)
class ReadList:
    """The visits of a list, and whether it was in Windows-1251."""

    visits: list[Visit]
    is_windows: bool = False


def read_list(content: bytes, given: Given) -> ReadList:
    """The visits of a file. Raises `BadList`."""
    if len(content) > MOST_BYTES:
        raise BadList([Mistake(1, "", "too_large", {"max": MOST_BYTES // 1024 // 1024})])
    text, is_windows = _text(content)
    table = _rows(text)
    header, *rows = table or [[]]
    headings = [heading.strip() for heading in header]
    numbered = [(number, cells) for number, cells in enumerate(rows, 2) if any(map(str.strip, cells))]
    return ReadList(read_rows(headings, numbered, given), is_windows)


def read_rows(
    headings: Sequence[str], numbered: Sequence[tuple[int, Sequence[str]]], given: Given
) -> list[Visit]:
    """The visits of rows below headings. Raises `BadList`."""
    headings = [heading.lower() if heading.lower() in OWN else heading for heading in headings]
    found = dict(columns(given.definition, [each for each in headings if each not in OWN]))
    if mistakes := list(_wrong_headings(headings, found, len(numbered))):
        raise BadList(mistakes)
    questions = {name: each for name, each in found.items() if isinstance(each, Column)}
    reader = RowReader(given, questions)
    visits = [
        reader.visit(number, dict(zip(headings, cells, strict=False))) for number, cells in numbered
    ]
    wide = [Mistake(n, "", "cells", {"count": len(c)}) for n, c in numbered if len(c) > len(headings)]
    mistakes = [*reader.mistakes, *wide]
    if mistakes:
        raise BadList(sorted(mistakes, key=lambda mistake: mistake.row))
    return [visit for visit in visits if visit is not None]


# --- the file ---------------------------------------------------------------------------------------


def _text(content: bytes) -> tuple[str, bool]:
    """Its text, and whether that was in Windows-1251."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(content, "utf-16"), False
    try:
        return content.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return _decoded(content, "cp1251"), True


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise BadList([Mistake(1, "", "encoding")]) from None


def _rows(text: str) -> list[list[str]]:
    if "\x00" in text:
        raise BadList([Mistake(1, "", "not_csv")])
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise BadList([Mistake(1, "", "not_csv")]) from None


def _wrong_headings(
    headings: Sequence[str], found: Mapping[str, Column | BadColumn], rows: int
) -> Iterator[Mistake]:
    if len(headings) > MOST_COLUMNS:
        yield Mistake(1, "", "too_many_columns", {"max": MOST_COLUMNS})
        return
    yield from (Mistake(1, name, "column_missing") for name in NEEDED if name not in headings)
    repeated = [name for name, times in Counter(headings).items() if times > 1]
    yield from (Mistake(1, name, "column_twice") for name in repeated)
    by_path: dict[str, str] = {}
    for name, each in found.items():
        if isinstance(each, BadColumn):
            yield Mistake(1, name, each.code)
        elif by_path.setdefault(each.path, name) != name:
            yield Mistake(1, name, "column_twice")
    if not rows:
        yield Mistake(1, "", "no_rows")
    elif rows > MOST_ROWS:
        yield Mistake(1, "", "too_many_rows", {"max": MOST_ROWS})
