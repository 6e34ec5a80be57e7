"""Types and names of the survey sheet: there, known, legal, and each used once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyxform.parsing.expression import is_xml_tag  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires.checking.nearest import nearest, strange_letters
from surveyapp.questionnaires.checking.survey import (
    CALCULATION,
    COUNT,
    DEFAULT,
    LABEL,
    NAME,
    TYPE,
    Kind,
    Row,
    Survey,
    is_known_type,
    is_select_without_list,
    usual_types,
)
from surveyapp.questionnaires.problems import Problem

#: the name that pyxform keeps for the form's own metadata
META = "meta"
#: and the one that objects of scripts keep for themselves: a phone would lose what is answered under it
_RESERVED = frozenset({META, "__proto__"})
DEFAULT_ROOT = "data"
_REPEATS = frozenset({"repeat", "loop"})
_NAMELESS = frozenset({"note", "audit"})


def naming_problems(survey: Survey) -> Iterator[Problem]:
    """What is wrong with types and names, row by row."""
    for row in survey.rows:
        if row.kind is not Kind.NOTHING:
            yield from _type(survey, row)
            yield from _name(survey, row)
            yield from _content(survey, row)
    yield from _doubles(survey)
    yield from _repeats(survey)


def _type(survey: Survey, row: Row) -> Iterator[Problem]:
    if TYPE not in survey.headers:
        return  # said once of the whole sheet
    if not row.type:
        yield survey.problem(row.number, TYPE, "missing_type", name=row.name)
    elif is_select_without_list(row):
        yield survey.problem(row.number, TYPE, "list_not_named", type=row.type)
    elif not is_known_type(row):
        first, *rest = row.type.split(" ")
        meant = nearest(row.type.replace(" ", "_"), usual_types()) or nearest(first, usual_types())
        meant = " ".join([meant, *rest]) if meant.startswith(("select", "rank")) and rest else meant
        meant = _USUAL_MISTAKES.get(row.type.lower(), _with_other(row) if meant == row.type else meant)
        yield survey.problem(row.number, TYPE, "unknown_type", type=row.type, meant=meant)


#: what authors call types whose names are not alike
_USUAL_MISTAKES: Mapping[str, str] = {
    **dict.fromkeys(("number", "numeric", "whole number", "integer number"), "integer"),
    **dict.fromkeys(("float", "double", "real", "decimal number"), "decimal"),
    **dict.fromkeys(("label", "text note", "info", "title", "heading"), "note"),
    **dict.fromkeys(("group", "section"), "begin_group"),
    **dict.fromkeys(("repeat", "roster", "loop"), "begin_repeat"),
    **dict.fromkeys(("calculation", "formula", "computed"), "calculate"),
    **dict.fromkeys(("yes_no", "yesno", "yes/no", "boolean", "radio"), "select_one"),
    **dict.fromkeys(("checkbox", "multiple"), "select_multiple"),
}


def _with_other(row: Row) -> str:
    """`select_one l or_other` for `select_one l or_othr`; '' if something else is the matter."""
    *before, last = row.type.split(" ")
    other = len(before) == 2 and nearest(last, ("or_other",))
    return " ".join([*before, other]) if other else ""


def _name(survey: Survey, row: Row) -> Iterator[Problem]:
    if row.kind in {Kind.END, Kind.SETTING} or not row.type:
        return
    if not row.name:
        if row.type not in _NAMELESS and NAME in survey.headers:
            yield survey.problem(row.number, NAME, "missing_name", type=row.type)
    elif row.type == "audit" and row.name != "audit":
        yield survey.problem(row.number, NAME, "audit_name", name=row.name)
    elif not is_xml_tag(row.name) or ":" in row.name:
        yield survey.problem(row.number, NAME, "bad_name", name=row.name)
    elif row.name in _RESERVED:
        yield survey.problem(row.number, NAME, "reserved_name", name=row.name)
    elif letters := strange_letters(row.name):
        yield survey.problem(row.number, NAME, "mixed_letters", name=row.name, letters=letters)


def _content(survey: Survey, row: Row) -> Iterator[Problem]:
    given = survey.cell(row, CALCULATION) or _dynamic(survey.cell(row, DEFAULT))
    if row.type == "calculate" and not given:
        yield survey.problem(row.number, CALCULATION, "missing_calculation", name=row.name)
    repeats = row.kind is Kind.BEGIN and row.container in _REPEATS
    if repeats and not any(map(row.cells.get, survey.headers.get(LABEL, ()))):
        yield survey.problem(row.number, LABEL, "repeat_label", name=row.name)


def _dynamic(default: str) -> bool:
    return "(" in default or "${" in default


def _doubles(survey: Survey) -> Iterator[Problem]:
    """Names used twice within one group, and names made by `or_other` and `repeat_count`."""
    seen: dict[str, Row] = {}
    lower: dict[str, Row] = {}
    for row in survey.items:
        if not row.name or row.number in survey.unmatched:
            continue
        if before := seen.get(row.path):
            yield _twice(survey, row, "duplicate_name", before)
        elif similar := lower.get(row.path.lower()):
            yield _twice(survey, row, "similar_name", similar)
        seen.setdefault(row.path, row)
        lower.setdefault(row.path.lower(), row)
    yield from _generated(survey, seen)


def _twice(survey: Survey, row: Row, code: str, before: Row) -> Problem:
    facts = {"name": row.name, "other": before.name, "other_row": survey.shown(before.number)}
    return survey.problem(row.number, NAME, code, **facts)


def _generated(survey: Survey, seen: dict[str, Row]) -> Iterator[Problem]:
    for row in list(seen.values()):
        made = f"{row.path}_other" if row.or_other else ""
        count = survey.cell(row, COUNT).strip() if row.kind is Kind.BEGIN else ""
        if count and not (count.startswith("${") and count.endswith("}")):
            made = f"{row.path}_count"
        if made and (other := seen.get(made)):
            yield _twice(survey, other, "generated_name", row)


def _repeats(survey: Survey) -> Iterator[Problem]:
    """Names of repeats, which must differ everywhere, and from the root's."""
    root = survey.workbook.setting("name") or DEFAULT_ROOT
    seen: dict[str, Row] = {}
    for row in survey.items:
        if row.kind is Kind.BEGIN and row.container == "repeat" and row.name:
            before = seen.setdefault(row.name, row)
            if row.name == root:
                yield survey.problem(row.number, NAME, "repeat_named_as_root", name=row.name)
            elif before is not row and before.path != row.path:
                yield _twice(survey, row, "duplicate_repeat", before)
