"""A copy of a broken workbook in which what is already said stands in the way no longer.

pyxform stops at the first mistake. So each mistake that we found ourselves is mended in a copy, crudely,
and what it says of the copy is the next one. Rows never change their numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy

from surveyapp.questionnaires.checking.cells import EXPRESSIONS, REFERENCE
from surveyapp.questionnaires.checking.choices import NAME as CHOICE_NAME
from surveyapp.questionnaires.checking.choices import ChoicesSheet
from surveyapp.questionnaires.checking.survey import (
    FILTER,
    LABEL,
    NAME,
    TRIGGER,
    TYPE,
    Kind,
    Survey,
    canonical,
    made_name,
)
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.workbook import Sheet, Workbook
from surveyapp.questionnaires.workbook_characters import without_bad_characters

#: how a problem that has a row is mended
_Mend = Callable[["Copy", Problem], None]


class Copy:
    """A workbook that may be changed, and what is known of the one that it was made of."""

    def __init__(self, workbook: Workbook, survey: Survey, choices: ChoicesSheet) -> None:
        self.workbook = deepcopy(workbook)
        self.survey, self.choices = survey, choices
        self._names = Counter(row.name for row in survey.items)
        self._renamed: set[int] = set()

    def sheet(self, problem: Problem) -> Sheet:
        """The sheet of a problem, in the copy."""
        return self.workbook.sheet(problem.sheet or "survey")

    def cells(self, problem: Problem) -> dict[str, str] | None:
        """The cells of a problem's row, in the copy."""
        return row_cells(self.sheet(problem), problem.row)

    def mend(self, problems: Iterable[Problem]) -> None:
        """Mend every problem that stands in pyxform's way."""
        for problem in problems:
            mend = _MENDS.get(problem.code)
            if mend and (problem.row is not None or problem.code in _WHOLE):
                mend(self, problem)
        self._rename()

    def _rename(self) -> None:
        """Let references to a row whose name was mended lead to it all the same."""
        renamed = {
            f"${{{row.name}}}": f"${{{made_name(row.number)}}}"
            for row in self.survey.items
            if row.name and row.number in self._renamed and self._names[row.name] == 1
        }
        for sheet in self.workbook.sheets.values() if renamed else ():
            for cells in sheet.rows:
                for column, text in cells.items():
                    cells[column] = REFERENCE.sub(lambda match: renamed.get(match[0], match[0]), text)

    def name_anew(self, problem: Problem) -> None:
        """Give a row whose name cannot stand one that nobody else has."""
        if problem.row is not None:
            if problem.sheet == "survey":
                self._renamed.add(problem.row)
            _set(NAME, lambda problem: made_name(problem.row or 0))(self, problem)

    def drop(self, problem: Problem) -> bool:
        """Take out what pyxform stumbled over, a cell or its row; False if it is gone already."""
        cells = self.cells(problem)
        if not cells:
            return False
        label = self.survey.header(LABEL)
        if problem.code == "missing_label" and label not in cells:
            _set(LABEL, lambda problem: "–")(self, problem)
            return True
        column, base = problem.column or "", canonical(problem.column or "")
        if column in cells and base not in {TYPE, NAME} and problem.sheet == "survey":
            del cells[column]
        else:
            self._drop_row(problem)
        return True

    def _drop_row(self, problem: Problem) -> None:
        cells = self.cells(problem)
        if cells is not None:
            cells.clear()
        if problem.sheet == "survey" and problem.row is not None:
            self._drop_half(problem.row)

    def _drop_half(self, number: int) -> None:
        """With the beginning of a group its end."""
        rows, depth = self.survey.rows, 0
        if not 2 <= number < len(rows) + 2 or rows[number - 2].kind is not Kind.BEGIN:
            return
        for row in rows[number - 2 :]:
            if row.number in self.survey.unmatched:
                continue
            depth += {Kind.BEGIN: 1, Kind.END: -1}.get(row.kind, 0)
            if depth == 0:
                self.workbook.sheet("survey").rows[row.number - 2].clear()
                return


def row_cells(sheet: Sheet, row: int | None) -> dict[str, str] | None:
    """The cells of a row by its number."""
    return sheet.rows[row - 2] if row and 2 <= row < len(sheet.rows) + 2 else None


def _set(base: str, text: Callable[[Problem], str]) -> _Mend:
    def mend(copy: Copy, problem: Problem) -> None:
        cells = copy.cells(problem)
        if cells is None:
            return
        choices = problem.sheet == "choices"
        header = copy.choices.header(CHOICE_NAME) if choices else copy.survey.header(base)
        cells[header] = text(problem)
        if header not in copy.sheet(problem).columns:
            copy.sheet(problem).columns.append(header)

    return mend


def _forget(copy: Copy, problem: Problem) -> None:
    cells = copy.cells(problem)
    if cells is not None and problem.column:
        cells.pop(problem.column, None)


def _unquote(copy: Copy, problem: Problem) -> None:
    """References that lead nowhere become an empty text in an expression, a dash in a label."""
    cells = copy.cells(problem)
    if not cells or problem.column not in cells:
        return
    column = problem.column
    if canonical(column) == TRIGGER:
        _forget(copy, problem)
        return
    expression = canonical(column) in EXPRESSIONS or problem.sheet == "settings"
    names = {row.name for row in copy.survey.items}
    bad = problem.facts["name"]

    def instead(match: re.Match[str]) -> str:
        wrong = bad in {match[0], match[1], match[1].removeprefix("last-saved#")}
        if not wrong and match[1] in names:
            return match[0]
        return "''" if expression else "–"

    cells[column] = REFERENCE.sub(instead, cells[column])


def _forget_filter(copy: Copy, problem: Problem) -> None:
    """A list whose filter cannot be read is shown whole; other expressions stand in nobody's way."""
    if canonical(problem.column or "") == FILTER:
        _forget(copy, problem)


def _forget_expression(copy: Copy, problem: Problem) -> None:
    if canonical(problem.column or "") in EXPRESSIONS:
        _forget(copy, problem)


def _no_blank(copy: Copy, problem: Problem) -> None:
    cells = copy.cells(problem)
    if cells is not None:
        header = copy.choices.header(CHOICE_NAME)
        cells[header] = cells.get(header, "").replace(" ", "_")


def _clean(copy: Copy, problem: Problem) -> None:
    cells = copy.cells(problem)
    if cells is not None and problem.column in cells:
        cells[problem.column] = without_bad_characters(cells[problem.column])


def _row(copy: Copy, problem: Problem) -> None:
    cells = copy.cells(problem)
    if cells is not None:
        cells.clear()


def _add_choices(copy: Copy, problem: Problem) -> None:
    """Without a choices sheet the selects become plain questions."""
    for row in copy.survey.items:
        if problem.sheet == "choices" and row.select:
            copy.workbook.sheet("survey").rows[row.number - 2][copy.survey.header(TYPE)] = "text"


def _forget_choices(copy: Copy, problem: Problem) -> None:
    """Choices without a name or a list are none."""
    if problem.sheet == "choices":
        copy.workbook.sheets.pop("choices", None)
        _add_choices(copy, problem)


def _drop_column(copy: Copy, problem: Problem) -> None:
    sheet = copy.sheet(problem)
    sheet.columns = [column for column in sheet.columns if column != problem.column]
    for cells in sheet.rows:
        cells.pop(problem.column or "", None)


#: problems of a whole sheet that are mended all the same
_WHOLE = frozenset({"missing_sheet"})
_TEXT = _set(TYPE, lambda problem: "text")


def _type_anew(copy: Copy, problem: Problem) -> None:
    """A misspelt beginning or end stays one; of everything else a text question is made."""
    row = copy.survey.rows[(problem.row or 2) - 2]
    half = "begin" if row.kind is Kind.BEGIN else "end"
    kind = f"{half}_{row.container}" if row.misspelt else "text"
    _set(TYPE, lambda problem: kind)(copy, problem)


_MENDS: Mapping[str, _Mend] = {
    "unknown_type": _type_anew,
    **dict.fromkeys(
        (
            *("missing_type", "list_not_named", "missing_list"),
            *("external_list", "file_suffix", "multiple_of_roster"),
        ),
        _TEXT,
    ),
    **dict.fromkeys(("missing_name", "bad_name", "duplicate_name", "reserved_name"), Copy.name_anew),
    **dict.fromkeys(("repeat_named_as_root", "duplicate_repeat", "generated_name"), Copy.name_anew),
    **dict.fromkeys(("unmatched_begin", "unmatched_end", "duplicate_choice"), _row),
    **dict.fromkeys(
        ("unknown_reference", "ambiguous_reference", "malformed_reference", "look_alike"), _unquote
    ),
    "trigger": _forget,
    "error_value": _forget_expression,
    "audit_name": _forget,
    "expression": _forget_filter,
    "blank_in_choice": _no_blank,
    "bad_character": _clean,
    "bad_column": _drop_column,
    "missing_sheet": _add_choices,
    "default_misfit": _forget,
    **dict.fromkeys(("missing_column", "misnamed_column"), _forget_choices),
    "missing_calculation": _set("bind::calculate", lambda problem: "''"),
}
