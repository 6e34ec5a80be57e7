"""The survey sheet as an author means it: which row is what, in which group, under which name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pyxform import aliases  # type: ignore[import-untyped]  # it ships no types
from pyxform.question_type_dictionary import (  # type: ignore[import-untyped]  # it ships no types
    QUESTION_TYPE_DICT,
)
from pyxform.xls2json import (  # type: ignore[import-untyped]  # it ships no types
    RE_BEGIN_CONTROL,
    RE_END_CONTROL,
    RE_SELECT,
)

from surveyapp.questionnaires.checking.nearest import nearest
from surveyapp.questionnaires.paths import join
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.workbook import Header, Sheet, Workbook

TYPE, NAME, LABEL = "type", "name", "label"
RELEVANT, CONSTRAINT, CALCULATION = "bind::relevant", "bind::constraint", "bind::calculate"
REQUIRED, READ_ONLY, COUNT = "bind::required", "bind::readonly", "control::jr:count"
FILTER, DEFAULT, TRIGGER, APPEARANCE = "choice_filter", "default", "trigger", "control::appearance"
PARAMETERS = "parameters"

#: type → the type that pyxform takes it for
_TYPES = {**dict.fromkeys(QUESTION_TYPE_DICT), **aliases._type_alias_map}
_SELECTS_ALONE = frozenset(aliases.select)
#: types of whose lists pyxform asks that no name has a blank
MULTIPLE = "select all that apply"


class Kind(Enum):
    """What a row of the survey sheet is."""

    QUESTION = "question"
    BEGIN = "begin"
    END = "end"
    SETTING = "setting"
    #: nothing, a remark, or switched off
    NOTHING = "nothing"


@dataclass(slots=True)
class Row:
    """One row: what it is, and for a group or repeat which (`group`, `repeat`, `loop`)."""

    number: int
    cells: Mapping[str, str]
    kind: Kind
    type: str
    name: str
    container: str = ""
    #: item path; '' for what is no item
    path: str = ""
    #: the choice list of a select, without `or_other`
    list: str | None = None
    select: str | None = None
    or_other: bool = False
    #: whether the type is only nearly one that begins or ends something
    misspelt: bool = False


def canonical(header: str) -> str:
    """What a column of the survey sheet is, whatever of its names the author used."""
    parsed = Header.parse(header)
    if parsed.base.startswith("bind::survey:") and parsed.language:
        return header  # a wording of ours: `bind::survey:warning_kk` beside the expression
    target = aliases.survey_header.get(parsed.base, parsed.base)
    return target if isinstance(target, str) else "::".join(target)


def choices_canonical(header: str) -> str:
    """The same of a column of the choices sheet."""
    base = Header.parse(header).base
    target = aliases.list_header.get(base, base)
    name = target if isinstance(target, str) else "::".join(target)
    return "list_name" if name in {"list name", "list_name"} else name


@dataclass(slots=True)
class Survey:
    """The rows of a survey sheet, and what does not fit together in its groups."""

    workbook: Workbook
    sheet: Sheet
    #: what a column is → its headers, in their order
    headers: dict[str, list[str]]
    rows: list[Row]
    problems: list[Problem] = field(default_factory=list)
    #: rows that open what is never closed, or close what was never opened
    unmatched: set[int] = field(default_factory=set)

    def header(self, base: str) -> str:
        """The header of a column as the author wrote it; an author's usual one if there is none."""
        return self.headers.get(base, [_USUAL.get(base, base)])[0]

    def cell(self, row: Row, base: str) -> str:
        """A cell of a row, '' if there is none."""
        return next((row.cells[h] for h in self.headers.get(base, ()) if h in row.cells), "")

    def shown(self, number: int) -> int:
        """How an author finds a row: by its line in a Markdown file, else by its number."""
        return self.sheet.line(number) or number

    def problem(self, number: int | None, base: str, code: str, /, **facts: object) -> Problem:
        """A problem in a column of the survey sheet."""
        return self.workbook.problem("survey", number, self.header(base), code, **facts)

    @property
    def items(self) -> Iterator[Row]:
        """The rows that make an item."""
        return (row for row in self.rows if row.kind in {Kind.QUESTION, Kind.BEGIN})


#: what a column is → how the author's guide calls it
_USUAL: Mapping[str, str] = {
    RELEVANT: "relevant",
    CONSTRAINT: "constraint",
    CALCULATION: "calculation",
    REQUIRED: "required",
    READ_ONLY: "read_only",
    COUNT: "repeat_count",
    APPEARANCE: "appearance",
}


def read_survey(workbook: Workbook) -> Survey:
    """The survey sheet of a workbook; empty if there is none."""
    sheet = workbook.sheet("survey")
    headers: dict[str, list[str]] = {}
    for column in filter(None, sheet.columns):
        headers.setdefault(canonical(column), []).append(column)
    survey = Survey(workbook, sheet, headers, [])
    survey.rows = [_row(survey, number, cells) for number, cells in sheet.numbered()]
    _balance(survey)
    _name_paths(survey)
    return survey


def _row(survey: Survey, number: int, cells: dict[str, str]) -> Row:
    row = Row(number, cells, Kind.NOTHING, "", "")
    row.type = " ".join(survey.cell(row, TYPE).split())
    row.name = survey.cell(row, NAME).strip()
    off = aliases.yes_no.get(survey.cell(row, "disabled"), False)
    if not off and cells and (row.type or row.name or survey.cell(row, LABEL)):
        _classify(row)
    return row


def _classify(row: Row) -> None:
    row.kind = Kind.QUESTION
    if match := RE_END_CONTROL.search(row.type):
        row.kind, row.container = Kind.END, aliases.control[match["type"]]
    elif match := RE_BEGIN_CONTROL.search(row.type):
        row.kind, row.container = Kind.BEGIN, aliases.control[match["type"]]
        row.list = match["list_name"]
    elif row.type in aliases.settings_header:
        row.kind = Kind.SETTING
    elif meant := _nearly_container(row.type):
        half, _, row.container = meant.partition("_")
        row.kind, row.misspelt = Kind.BEGIN if half == "begin" else Kind.END, True
    elif match := RE_SELECT.search(row.type):
        row.select = aliases.select[match["select_command"]]
        row.list, row.or_other = match["list_name"], match["specify_other"] is not None


_CONTAINERS = ("begin_group", "end_group", "begin_repeat", "end_repeat")


def _nearly_container(type_: str) -> str:
    """`begin_group` for `begin grp`, so that its end does not seem to close nothing."""
    halves = re.match(r"(begin|end)[ _-]", type_)
    return nearest(re.sub("[ -]", "_", type_), _CONTAINERS) if halves and type_ not in _TYPES else ""


def is_known_type(row: Row) -> bool:
    """Whether there is such a type of question."""
    known = row.select or row.type in _TYPES or re.match(r"osm( |$)", row.type)
    return not row.misspelt and (row.kind is not Kind.QUESTION or bool(known))


def is_select_without_list(row: Row) -> bool:
    """`select_one`, and nothing behind it."""
    return row.type in _SELECTS_ALONE


def usual_types() -> tuple[str, ...]:
    """The types that authors should write."""
    return _USUAL_TYPES


_USUAL_TYPES = (
    *("text", "integer", "decimal", "range", "date", "time", "dateTime", "note", "calculate"),
    *("geopoint", "geotrace", "geoshape", "image", "audio", "video", "file", "barcode"),
    *("acknowledge", "hidden", "start", "end", "today", "deviceid", "username", "phonenumber"),
    *("email", "audit", "select_one", "select_multiple", "select_one_from_file", "rank"),
    *("begin_group", "end_group", "begin_repeat", "end_repeat", "start-geopoint"),
)


# ---------------------------------------------------------------- groups


def _balance(survey: Survey) -> None:
    """Find the rows that open or close without their other half; the innermost gives way."""
    stack: list[Row] = []
    for row in survey.rows:
        if row.kind is Kind.BEGIN:
            stack.append(row)
        elif row.kind is Kind.END:
            _close(survey, stack, row)
    for row in stack:
        _never_closed(survey, row)


def _close(survey: Survey, stack: list[Row], row: Row) -> None:
    if row.container not in {opener.container for opener in stack}:
        survey.problems.append(survey.problem(row.number, TYPE, "unmatched_end", kind=row.container))
        survey.unmatched.add(row.number)
        return
    while stack[-1].container != row.container:
        _never_closed(survey, stack.pop())
    stack.pop()


def _never_closed(survey: Survey, row: Row) -> None:
    facts = {"kind": row.container, "name": row.name}
    survey.problems.append(survey.problem(row.number, TYPE, "unmatched_begin", **facts))
    survey.unmatched.add(row.number)


#: where pyxform puts the log, whatever its group
_AUDIT = "meta/audit"


def _name_paths(survey: Survey) -> None:
    around: list[str] = []
    for row in survey.rows:
        if row.number in survey.unmatched:
            continue
        if row.kind is Kind.END and around:
            around.pop()
        elif row.kind in {Kind.BEGIN, Kind.QUESTION}:
            name = row.name or _generated(row)
            row.path = join(around[-1] if around else "", name) if row.type != "audit" else _AUDIT
            if row.kind is Kind.BEGIN:
                around.append(row.path)


def _generated(row: Row) -> str:
    """The name that pyxform gives to a note without one."""
    return f"generated_note_name_{row.number}" if row.type == "note" else made_name(row.number)


def made_name(number: int) -> str:
    """The name that a row without a legal one gets in a copy; nobody is to see it."""
    return f"_unnamed_row_{number}"


#: a name that pyxform or we made for a row
_MADE = re.compile(r"(?:generated_note_name|_unnamed_row)_(\d+)")


def named_by_author(survey: Survey, fact: Any) -> Any:
    """A fact of a problem with the author's own names for those that were made."""
    if isinstance(fact, list | tuple):
        return type(fact)(named_by_author(survey, each) for each in fact)
    if not isinstance(fact, str):
        return fact
    return _MADE.sub(lambda match: _own_name(survey, int(match[1])) or match[0], fact)


def _own_name(survey: Survey, number: int) -> str:
    if not 2 <= number < len(survey.rows) + 2:
        return ""
    row = survey.rows[number - 2]
    return row.name or survey.cell(row, LABEL) or "…"
