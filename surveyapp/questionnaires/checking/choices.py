"""The choices sheet: lists that are asked for and there, choices with their own names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pyxform import aliases  # type: ignore[import-untyped]  # it ships no types
from pyxform.parsing.expression import is_xml_tag  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires.checking.nearest import nearest
from surveyapp.questionnaires.checking.survey import MULTIPLE, TYPE, Row, Survey, choices_canonical
from surveyapp.questionnaires.place_choices import GENERATED
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.workbook import Workbook

_KNOWN_COLUMNS = frozenset(
    {"list_name", "name", "label", "media::image", "media::audio", "media::video"}
)
LIST, NAME, LABEL = "list_name", "name", "label"
_FILE = re.compile(r"\.(csv|xml|geojson)$")
_FROM_FILE = re.compile(r"select[_ ](one|multiple)[_ ]from[_ ]file ")
_INSTANCE = re.compile(r"""instance\(\s*(?:['"]([^'"]*)['"])?""")
_TICKS = re.compile(r"tick_labelset\s*=\s*([^\s,;]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListedChoice:
    """One row of the choices sheet."""

    number: int
    list: str
    name: str
    labelled: bool


@dataclass(frozen=True, slots=True)
class ChoicesSheet:
    """The choices by row and by list, and the sheet's headers by what they are."""

    rows: list[ListedChoice]
    lists: dict[str, list[ListedChoice]]
    headers: dict[str, list[str]]

    def header(self, base: str) -> str:
        """The header of a column as the author wrote it."""
        return self.headers.get(base, [base])[0]


def read_choices(workbook: Workbook) -> ChoicesSheet:
    """The choices sheet of a workbook; empty if there is none."""
    sheet = workbook.sheet("choices")
    headers: dict[str, list[str]] = {}
    for column in filter(None, sheet.columns):
        headers.setdefault(choices_canonical(column), []).append(column)
    found = ChoicesSheet([], {}, headers)
    for number, cells in sheet.numbered():
        given = {base: _cell(cells, headers.get(base, ())) for base in (LIST, NAME, LABEL)}
        if any(given.values()):
            choice = ListedChoice(number, given[LIST], given[NAME], bool(given[LABEL]))
            found.rows.append(choice)
            found.lists.setdefault(choice.list, []).append(choice)
    return found


def _cell(cells: dict[str, str], headers: list[str] | tuple[str, ...]) -> str:
    return next((cells[header].strip() for header in headers if header in cells), "")


def choices_problems(survey: Survey, choices: ChoicesSheet) -> Iterator[Problem]:
    """What is wrong with the lists, by itself and as the survey sheet uses them."""
    yield from _columns(survey.workbook, choices)
    there = survey.workbook.sheet("choices").rows
    if there and not {LIST, NAME} <= choices.headers.keys():
        return  # the column that is missing is said once
    yield from _rows(survey.workbook, choices)
    yield from _missing(survey, choices)
    yield from _blanks(survey, choices)
    if survey.headers:
        yield from _unused(survey, choices)


def _columns(workbook: Workbook, choices: ChoicesSheet) -> Iterator[Problem]:
    """Columns of their own become elements of XML; pyxform leaves those out that have a blank."""
    for base, headers in choices.headers.items():
        for header in headers:
            own = base not in _KNOWN_COLUMNS and " " not in header
            if own and not is_xml_tag(header.partition("::")[0]):
                yield workbook.problem("choices", 1, header, "bad_column", header=header)


def _rows(workbook: Workbook, choices: ChoicesSheet) -> Iterator[Problem]:
    twice = aliases.yes_no.get(workbook.setting("allow_choice_duplicates"), False)
    seen: dict[tuple[str, str], int] = {}
    for choice in choices.rows:
        facts = {"list": choice.list, "name": choice.name}

        def found(base: str, code: str, choice: ListedChoice = choice, **more: object) -> Problem:
            column = choices.header(base)
            facts = {"list": choice.list, "name": choice.name, **more}
            return workbook.problem("choices", choice.number, column, code, **facts)

        if not choice.list:
            yield found(LIST, "choice_without_list")
        elif not choice.name:
            yield found(NAME, "missing_name", type=facts["list"])
        elif (before := seen.setdefault((choice.list, choice.name), choice.number)) != choice.number:
            if not twice:
                shown = workbook.sheet("choices").line(before) or before
                yield found(NAME, "duplicate_choice", other_row=shown)
        elif not choice.labelled and choice.name not in GENERATED:
            yield found(LABEL, "choice_label")


def _missing(survey: Survey, choices: ChoicesSheet) -> Iterator[Problem]:
    """Lists that selects ask for and that are not there."""
    external = survey.workbook.sheet("external_choices")
    listed = {row.get(external.column("list_name"), "") for row in external.rows}
    listed |= {row.get(external.column("list name"), "") for row in external.rows}
    for row in survey.items:
        if row.select and _FROM_FILE.match(row.type) and not _FILE.search(row.list or ""):
            yield survey.problem(row.number, TYPE, "file_suffix", type=row.type)
        if row.select == MULTIPLE and "${" in (row.list or ""):
            yield survey.problem(row.number, TYPE, "multiple_of_roster", type=row.type)
    for row in _asking(survey):
        known = listed if row.select == "select one external" else choices.lists.keys()
        if row.list not in known:
            yield _no_list(survey, row, choices)


def _asking(survey: Survey) -> Iterator[Row]:
    """The selects whose list stands in the workbook."""
    for row in survey.items:
        elsewhere = _FROM_FILE.match(row.type) or _FILE.search(row.list or "")
        if row.select and row.list and not elsewhere and "${" not in row.list:
            yield row


def _no_list(survey: Survey, row: Row, choices: ChoicesSheet) -> Problem:
    if row.select == "select one external":
        return survey.problem(row.number, TYPE, "external_list", list=row.list)
    if not choices.rows:
        return survey.workbook.problem("choices", None, None, "missing_sheet")
    meant = nearest(row.list or "", choices.lists)
    return survey.problem(row.number, TYPE, "missing_list", list=row.list, meant=meant)


def _blanks(survey: Survey, choices: ChoicesSheet) -> Iterator[Problem]:
    """Names with a blank in lists of which several are chosen: the blank parts the chosen names."""
    multiple = {row.list for row in survey.items if row.select in {MULTIPLE, "rank"}}
    for choice in choices.rows:
        if choice.list in multiple and " " in choice.name:
            column, facts = choices.header(NAME), {"name": choice.name, "list": choice.list}
            yield survey.workbook.problem("choices", choice.number, column, "blank_in_choice", **facts)


def _unused(survey: Survey, choices: ChoicesSheet) -> Iterator[Problem]:
    used = {row.list for row in survey.rows if row.list}
    for name in _named_in_cells(survey):
        if name is None:
            return
        used.add(name)
    osm = {row.type.removeprefix("osm ") for row in survey.items if row.type.startswith("osm ")}
    for name, listed in choices.lists.items():
        if name and name not in used | osm:
            number, column = listed[0].number, choices.header(LIST)
            facts = {"list": name, "choices": len(listed)}
            yield survey.workbook.problem("choices", number, column, "unused_list", **facts)


def _named_in_cells(survey: Survey) -> Iterator[str | None]:
    """Lists that expressions and parameters name; None for an `instance()` that names none in quotes."""
    sheets = (survey.sheet, survey.workbook.sheet("settings"), survey.workbook.sheet("entities"))
    for sheet in sheets:
        for text in (text for row in sheet.rows for text in row.values()):
            if "instance(" in text:
                yield from (match[1] for match in _INSTANCE.finditer(text))
            if "tick_labelset" in text:
                yield from (match[1] for match in _TICKS.finditer(text))
