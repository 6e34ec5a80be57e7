"""One check from the file to the list of problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.checking.cells import cells_problems
from surveyapp.questionnaires.checking.choices import choices_problems, read_choices
from surveyapp.questionnaires.checking.defaults import default_problems
from surveyapp.questionnaires.checking.degrading import degrading_problems
from surveyapp.questionnaires.checking.location import Location
from surveyapp.questionnaires.checking.meaning import Meaning
from surveyapp.questionnaires.checking.media import media_problems
from surveyapp.questionnaires.checking.naming import naming_problems
from surveyapp.questionnaires.checking.repair import Copy
from surveyapp.questionnaires.checking.survey import LABEL, Survey, named_by_author, read_survey
from surveyapp.questionnaires.checking.weight import Weight, weigh, weight_problems
from surveyapp.questionnaires.checking.wordings import wording_problems
from surveyapp.questionnaires.checking.xforms import form_problems, problem_of_xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.placeholders import Value
from surveyapp.questionnaires.problems import Problem, Severity, WorkbookError
from surveyapp.questionnaires.workbook import SHEETS, Workbook
from surveyapp.questionnaires.workbook_files import open_workbook
from surveyapp.questionnaires.xform import XFormError
from surveyapp.questionnaires.xlsform import convert_sheets, prepare

#: how often pyxform is asked about one workbook; each time costs as much as publishing it
_MOST_ROUNDS = 25
_XFORM = ".xml"
_GRAVITY = list(Severity)
#: after these nothing that comes later can be trusted
_STOPS = frozenset(
    {"too_many_languages", "duplicate_header", "flat_table", "misnamed_sheet", "empty_sheet"}
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found: all problems in the order of the file, and the weight if it could be read."""

    problems: tuple[Problem, ...]
    definition: Questionnaire | None = None
    weight: Weight | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep it from being published."""
        return tuple(problem for problem in self.problems if problem.is_error)

    def count(self, severity: Severity) -> int:
        """How many problems are of a severity."""
        return sum(problem.severity is severity for problem in self.problems)


def check(
    content: bytes,
    name: str,
    *,
    placeholders: Mapping[str, Value] | None = None,
    strict: bool = False,
    media: Path | None = None,
) -> Report:
    """Everything wrong with the workbook or XForm in a file called `name`; raises nothing.

    With `strict` a text that lacks a declared language is an error. `media` is the folder of the files
    that the questionnaire names; without one they are not looked for.
    """
    try:
        if PurePath(name).suffix.lower() == _XFORM:
            report = _check_xform(content)
        else:
            report = _Check(open_workbook(content, name), PurePath(name).stem).report(placeholders or {})
    except WorkbookError as error:
        return Report(error.problems)
    found = [*report.problems, *(media_problems(report.definition, media) if media else ())]
    problems = [problem.strictly() for problem in found] if strict else found
    return replace(report, problems=tuple(problems))


def _check_xform(content: bytes) -> Report:
    try:
        definition, faults = xform.parse_with_faults(content)
    except XFormError as error:
        return Report((problem_of_xform(error),))
    weight = weigh(definition)
    problems = [*map(problem_of_xform, faults), *form_problems(content), *_of_definition(definition)]
    return Report((*problems, *weight_problems(weight)), definition, weight)


def _of_definition(definition: Questionnaire) -> Iterator[Problem]:
    yield from Meaning(definition).problems()
    yield from degrading_problems(definition)


def _once(problems: list[Problem]) -> list[Problem]:
    """Without the paths of expressions that are not written as they should be in the first place."""
    doubted = {_cell(problem) for problem in problems if problem.code == "doubtful_expression"}
    return [p for p in problems if p.code != "unknown_path" or _cell(p) not in doubted]


def _cell(problem: Problem) -> tuple[str | None, int | None, str | None]:
    return problem.sheet, problem.row, problem.column


class _Check:
    """The check of one workbook."""

    def __init__(self, workbook: Workbook, stem: str) -> None:
        self._workbook, self._stem = workbook, stem
        self._survey = read_survey(workbook)
        self._choices = read_choices(workbook)
        self._copy = Copy(workbook, self._survey, self._choices)

    def report(self, placeholders: Mapping[str, Value]) -> Report:
        """All three looks at it."""
        problems = [*self._workbook.problems, *self._in_sheets()]
        problems += prepare(self._copy.workbook, placeholders)
        if any(problem.code in _STOPS or _leaves_no_sheet(problem) for problem in problems):
            return Report(tuple(_in_order(problems)))
        self._copy.mend(problems)
        xform_bytes, found = self._convert()
        problems += found
        definition, weight = None, None
        if xform_bytes is not None:
            definition, meant = self._read(xform_bytes)
            problems += meant
        if definition is not None:
            weight = weigh(definition)
            problems += weight_problems(weight)
        problems = _once(problems)
        named = list(map(self._as_named, self._labels_at_once(_once(problems))))
        return Report(tuple(_in_order(named)), definition, weight)

    def _in_sheets(self) -> Iterator[Problem]:
        survey: Survey = self._survey
        yield from survey.problems
        yield from wording_problems(survey)
        yield from naming_problems(survey)
        yield from choices_problems(survey, self._choices)
        yield from cells_problems(survey)
        yield from default_problems(survey, self._choices)

    def _convert(self) -> tuple[bytes | None, list[Problem]]:
        """What pyxform makes of the copy, each time without what it stumbled over."""
        found: list[Problem] = []
        for _ in range(_MOST_ROUNDS):
            try:
                converted = convert_sheets(self._copy.workbook, self._stem)
            except WorkbookError as error:
                found += error.problems
                dropped = [self._copy.drop(problem) for problem in error.problems]
                if not all(dropped):
                    return None, found
            else:
                return converted.xform, found + converted.warnings
        return None, found

    def _read(self, xform_bytes: bytes) -> tuple[Questionnaire | None, list[Problem]]:
        # the copy's rows have the numbers of the author's, and the names that pyxform was given
        location = Location(read_survey(self._copy.workbook))
        try:
            definition, faults = xform.parse_with_faults(xform_bytes)
        except XFormError as error:
            return None, [location.located(problem_of_xform(error))]
        problems = [*map(problem_of_xform, faults), *_of_definition(definition)]
        located = [self._known(location.located(problem), location) for problem in problems]
        return definition, [problem for problem in located if problem is not None]

    def _labels_at_once(self, problems: list[Problem]) -> list[Problem]:
        """Where the column itself is missing, one problem instead of one for each row."""
        kept = [problem for problem in problems if problem.code != "missing_label"]
        if LABEL in self._survey.headers or len(kept) == len(problems):
            return problems
        misspelt = (p for p in kept if p.code == "misspelt_column" and p.facts["meant"] == LABEL)
        found = next((problem.column for problem in misspelt), None)
        kept = [p for p in kept if p.code != "misspelt_column" or p.column != found]
        code, facts = (
            "misnamed_column" if found else "missing_column",
            {"missing": LABEL, "found": found},
        )
        return [*kept, self._workbook.problem("survey", 1, found, code, **facts)]

    def _as_named(self, problem: Problem) -> Problem:
        """A problem that speaks of rows by the names that the author gave them."""
        facts = {key: named_by_author(self._survey, fact) for key, fact in problem.facts.items()}
        return replace(problem, facts=facts)

    def _known(self, problem: Problem, location: Location) -> Problem | None:
        """With rows for a cycle's paths; None for a column that the author's list has, though empty."""
        if problem.code == "cycle":
            rows = location.rows_of(problem.facts["paths"])
            return replace(problem, facts={**problem.facts, "rows": rows})
        headers = {column.strip() for column in self._workbook.sheet("choices").columns if column}
        if problem.code == "unknown_column" and problem.facts["column"] in headers:
            return None
        return problem


def _leaves_no_sheet(problem: Problem) -> bool:
    """Whether without this column nothing can be made of the survey sheet."""
    missing = problem.facts.get("missing") in {"type", "name"}
    return missing and problem.sheet == "survey" and problem.code in _COLUMNS


_COLUMNS = frozenset({"missing_column", "misnamed_column"})


# ---------------------------------------------------------------- order


#: mended by putting an empty text in, which then is what seems wrong
_MENDED = frozenset(
    {"look_alike", "unknown_reference", "ambiguous_reference", "malformed_reference", "error_value"}
)
_COMPARED = frozenset({"unknown_choice", "date_as_text", "text_ordered"})
#: a problem that follows from another one at the same place is not said twice
_FOLLOWS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("never_relevant", "never_within", "never_kept"), _MENDED | _COMPARED),
    **dict.fromkeys(("date_as_text", "text_ordered"), _MENDED),
    "expression": frozenset({"malformed_reference", "error_value"}),
    "bad_name": frozenset({"error_value"}),
    "missing_codes": frozenset({"extension_value"}),
    "missing_calculation": frozenset({"formula_unsaved"}),
    "bare_name": frozenset({"expression", *_MENDED}),
    "placeholder_unknown": frozenset({"expression"}),
    "pyxform": frozenset({"expression"}),
}
#: what follows from something else in the same row
_FOLLOWS_IN_ROW: Mapping[str, frozenset[str]] = {
    "missing_label": frozenset({"unknown_type", "missing_type", "formula_unsaved"}),
    "image_size": frozenset({"unknown_parameter"}),
    "never_kept": frozenset({"bad_date"}),
}


#: the same, wherever they stand
_OF_THE_WHOLE: Mapping[str, str] = {"language_code_twice": "language_twice"}


def _in_order(problems: list[Problem]) -> list[Problem]:
    """By sheet and row, the whole file first; each once."""
    said: set[tuple[object, ...]] = {(*_place(problem), problem.code) for problem in problems}
    said |= {(problem.sheet, problem.row, problem.code) for problem in problems}
    codes = {problem.code for problem in problems}
    strange = {problem.facts["language"] for problem in problems if problem.code == "default_language"}
    placed = {(problem.sheet, problem.code) for problem in problems if problem.row is not None}
    once: dict[tuple[object, ...], Problem] = {}
    for problem in problems:
        vaguer = problem.row is None and (problem.sheet, problem.code) in placed
        in_strange = problem.code == "untranslated" and problem.facts["language"] in strange
        if vaguer or in_strange or _OF_THE_WHOLE.get(problem.code) in codes:
            continue
        if not _follows(problem, said):
            once.setdefault(_key(problem), problem)
    return sorted(once.values(), key=_rank)


def _follows(problem: Problem, said: set[tuple[object, ...]]) -> bool:
    reasons = _FOLLOWS.get(problem.code, frozenset())
    in_row = _FOLLOWS_IN_ROW.get(problem.code, frozenset())
    return any((*_place(problem), reason) in said for reason in reasons) or any(
        (problem.sheet, problem.row, reason) in said for reason in in_row
    )


def _place(problem: Problem) -> tuple[object, ...]:
    return (problem.sheet, problem.row, problem.column, problem.path)


def _key(problem: Problem) -> tuple[object, ...]:
    # what pyxform says of a place that we had something to say of already
    facts = () if problem.code in _ONCE_A_PLACE else tuple(sorted(map(str, problem.facts.items())))
    return (*_place(problem), problem.code, facts)


_ONCE_A_PLACE = frozenset(
    {
        *("expression", "choice_label", "repeat_label", "similar_name", "missing_calculation"),
        *("missing_name", "missing_type", "unknown_type", "missing_list", "duplicate_name"),
        *("duplicate_choice", "blank_in_choice", "missing_sheet", "missing_column", "bad_name"),
        *("unmatched_begin", "unmatched_end", "duplicate_repeat", "reserved_name", "trigger"),
    }
)


def _rank(problem: Problem) -> tuple[int, int, int, str]:
    order = SHEETS.index(problem.sheet) + 1 if problem.sheet in SHEETS else 0
    return (order, problem.row or 0, _GRAVITY.index(problem.severity), problem.code)
