"""The list of interviewers: a CSV file with `name`, and if wanted `user`, `language`, `questionnaires`.

Everything that is wrong is told at once, by row and column, and then nothing is made.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.i18n import DEFAULT_LANGUAGE, LANGUAGES
from surveyapp.people.devices import good_name
from surveyapp.people.errors import BadDeviceName
from surveyapp.people.service import canonical_name

COLUMNS = ("name", "user", "language", "questionnaires")
MOST_ROWS = 1000
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Interviewer:
    """One row: whose phone is to be enrolled, and how."""

    name: str
    username: str | None
    language: str
    questionnaires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is there already: names of users, ids of questionnaires, active devices by name."""

    users: frozenset[str]
    questionnaires: frozenset[str]
    devices: Mapping[str, int]
    #: whether each row must name questionnaires: whoever makes the list has not all of them
    is_of_some: bool = False
    #: what a phone that is nobody's may fill in, all regions being needed for it; None: all
    of_nobody: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong; `row` counts as a spreadsheet does, the header being 1."""

    row: int
    column: str
    message: LazyString

    def __str__(self) -> str:
        place = f"row {self.row}, {self.column}" if self.column else f"row {self.row}"
        return f"{place}: {self.message}"


class BadList(ValueError):
    """The file holds mistakes; all of them are told."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)


def read_list(content: bytes, known: Known) -> list[Interviewer]:
    """The interviewers of a file. Raises `BadList`."""
    rows = _rows(_text(content))
    header = [name.strip().lower() for name in next(rows, [])]
    if mistakes := list(_mistakes_of_header(header)):
        raise BadList(mistakes)
    numbered = [(number, cells) for number, cells in enumerate(rows, 2) if any(map(str.strip, cells))]
    if not 0 < len(numbered) <= MOST_ROWS:
        told = _l("there must be 1 to %(most)s rows below the header", most=MOST_ROWS)
        raise BadList([Mistake(1, "", told)])
    named = [(number, _by_column(header, cells)) for number, cells in numbered]
    too_long = [
        Mistake(
            number,
            "",
            _l("has %(cells)s cells, the header %(most)s", cells=len(cells), most=len(header)),
        )
        for number, cells in numbered
        if len(cells) > len(header)
    ]
    mistakes = [*too_long, *_mistakes(named, known)]
    if mistakes:
        raise BadList(sorted(mistakes, key=lambda mistake: mistake.row))
    return [interviewer(row) for _number, row in named]


def _too_long(cells: int, most: int) -> LazyString:
    return _l("has %(cells)s cells, the header %(most)s", cells=cells, most=most)


def _text(content: bytes) -> str:
    try:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        advice = _l("the file is not in UTF-8; save it as “CSV UTF-8”, so that Kazakh letters survive")
        raise BadList([Mistake(1, "", advice)]) from None


def _rows(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise BadList([Mistake(1, "", _l("this is no CSV file (%(error)s)", error=error))]) from None


def _mistakes_of_header(header: Sequence[str]) -> Iterator[Mistake]:
    known = ", ".join(COLUMNS)
    if "name" not in header:
        yield Mistake(
            1, "", _l("a column “name” is missing; the columns may be: %(names)s", names=known)
        )
    for name, times in Counter(header).items():
        if name not in COLUMNS:
            yield Mistake(1, name, _l("no such column; the columns may be: %(names)s", names=known))
        elif times > 1:
            yield Mistake(1, name, _l("this column is there twice"))


def _by_column(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {name: cell.strip() for name, cell in zip(header, cells, strict=False)}


def _mistakes(rows: Sequence[tuple[int, Mapping[str, str]]], known: Known) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    for number, row in rows:
        yield from (Mistake(number, column, text) for column, text in wrong(row, known))
        before = first.setdefault(row.get("name", ""), number)
        if before != number and row.get("name"):
            yield Mistake(number, "name", _l("this name is in row %(row)s already", row=before))


def wrong(row: Mapping[str, str], known: Known) -> Iterator[tuple[str, LazyString]]:
    """What is wrong in one row by itself, by column."""
    yield from _wrong_name(row.get("name", ""), known)
    user = canonical_name(row.get("user", ""))
    if user and user not in known.users:
        yield "user", _l("there is no user “%(name)s”", name=user)
    language = row.get("language", "")
    if language and language not in LANGUAGES:
        names = ", ".join(LANGUAGES)
        yield "language", _l("“%(language)s” is none of %(names)s", language=language, names=names)
    yield from _wrong_questionnaires(_ids(row), known)
    if not user and known.of_nobody is not None and not _is_among(_ids(row), known.of_nobody):
        yield "user", _l("say whose phone it is: you care for some regions only")


def _wrong_name(name: str, known: Known) -> Iterator[tuple[str, LazyString]]:
    try:
        name = good_name(name)
    except BadDeviceName:
        said = _l("“%(name)s” cannot be a phone’s name: one to 100 letters, digits and signs", name=name)
        yield "name", said
    if name in known.devices:
        said = _l("is phone %(number)s already; make another code for it", number=known.devices[name])
        yield "name", said


def _wrong_questionnaires(ids: Sequence[str], known: Known) -> Iterator[tuple[str, LazyString]]:
    if known.is_of_some and not ids:
        yield "questionnaires", _l("name at least one: you care for some questionnaires only")
    for questionnaire in ids:
        if questionnaire not in known.questionnaires:
            yield "questionnaires", _l("there is no questionnaire “%(name)s”", name=questionnaire)


def _is_among(ids: Sequence[str], allowed: frozenset[str]) -> bool:
    return bool(ids) and set(ids) <= allowed


def _ids(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row.get("questionnaires", "").replace(";", " ").replace(",", " ").split())


def interviewer(row: Mapping[str, str]) -> Interviewer:
    """What a row says in which nothing is wrong."""
    return Interviewer(
        name=good_name(row["name"]),
        username=canonical_name(row.get("user", "")) or None,
        language=row.get("language") or DEFAULT_LANGUAGE,
        questionnaires=_ids(row),
    )
