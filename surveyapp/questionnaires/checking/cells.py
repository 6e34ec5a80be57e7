"""References and expressions as they stand in the cells, each checked where the author wrote it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyxform import aliases  # type: ignore[import-untyped]  # it ships no types
from pyxform.parsing.expression import is_xml_tag  # type: ignore[import-untyped]  # it ships no types
from pyxform.utils import default_is_dynamic  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires.checking.nearest import look_alike, nearest
from surveyapp.questionnaires.checking.survey import (
    CALCULATION,
    CONSTRAINT,
    COUNT,
    DEFAULT,
    FILTER,
    NAME,
    READ_ONLY,
    RELEVANT,
    REQUIRED,
    TRIGGER,
    TYPE,
    Kind,
    Survey,
    canonical,
    choices_canonical,
)
from surveyapp.questionnaires.expressions import ExpressionError, parse
from surveyapp.questionnaires.expressions.signatures import SIGNATURES
from surveyapp.questionnaires.placeholders import PLACEHOLDERS
from surveyapp.questionnaires.problems import Problem

#: columns whose cells are one expression
EXPRESSIONS = frozenset(
    {
        *(RELEVANT, CONSTRAINT, CALCULATION, REQUIRED, READ_ONLY, COUNT, FILTER),
        *("bind::survey:warning", "bind::survey:disclosure"),
    }
)
#: `${name}`, or one that never ends
REFERENCE = re.compile(r"\$\{([^}]*)(\}|$)")
_PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z_]+)\}")
_LAST_SAVED = "last-saved#"
#: what Word makes of quotation marks, which pyxform makes undone
_TYPED_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
#: names that pyxform makes itself and that expressions may use
_MADE = ("instanceID", "instanceName")
_TRANSLATED_CHOICES = frozenset({"label", "media::image", "media::audio", "media::video"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: where, what its column is, and its text."""

    sheet: str
    number: int
    column: str
    base: str
    text: str


def cells_problems(survey: Survey) -> Iterator[Problem]:
    """What is wrong with references and expressions."""
    names = Counter(row.name for row in survey.items if row.name)
    for cell in (*_survey_cells(survey), *_other_cells(survey)):
        broken = list(_references(survey, cell, names))
        yield from broken
        readable = all(problem.code != "malformed_reference" for problem in broken)
        if readable and (
            cell.base in EXPRESSIONS or (cell.base == DEFAULT and _is_computed(survey, cell))
        ):
            yield from _expression(survey, cell)
    yield from _triggers(survey, names)


def _survey_cells(survey: Survey) -> Iterator[Cell]:
    bases = {column: canonical(column) for column in survey.sheet.columns if column}
    for row in survey.rows:
        if row.kind in {Kind.QUESTION, Kind.BEGIN}:
            for column, text in row.cells.items():
                base = bases.get(column, column)
                if base not in {TYPE, NAME, TRIGGER}:
                    yield Cell("survey", row.number, column, base, text)


def _is_computed(survey: Survey, cell: Cell) -> bool:
    """Whether a default is an expression; pyxform decides by its signs."""
    return bool(default_is_dynamic(cell.text, survey.rows[cell.number - 2].type))


def _other_cells(survey: Survey) -> Iterator[Cell]:
    choices, settings = survey.workbook.sheet("choices"), survey.workbook.sheet("settings")
    translated = {c for c in choices.columns if choices_canonical(c) in _TRANSLATED_CHOICES}
    for number, cells in choices.numbered():
        for column in translated & cells.keys():
            yield Cell("choices", number, column, "label", cells[column])
    for number, cells in list(settings.numbered())[:1]:
        for column, text in cells.items():
            base = RELEVANT if column.strip().lower() == "instance_name" else column
            yield Cell("settings", number, column, base, text)


# ---------------------------------------------------------------- references


def _references(survey: Survey, cell: Cell, names: Mapping[str, int]) -> Iterator[Problem]:
    for match in REFERENCE.finditer(cell.text):
        code, facts = _reference_fault(match, names)
        if code:
            place = (cell.sheet, cell.number, cell.column)
            yield survey.workbook.problem(*place, code, **facts)


def _reference_fault(match: re.Match[str], names: Mapping[str, int]) -> tuple[str, dict[str, str]]:
    name = match[1].removeprefix(_LAST_SAVED)
    if name in names and not is_xml_tag(name):
        return "", {}  # the bad name itself is a problem already
    if not match[2] or not is_xml_tag(name):
        return "malformed_reference", {"name": match[0], "meant": nearest(name.strip(), names)}
    count = names.get(name, 0)
    if count > 1:
        return "ambiguous_reference", {"name": name}
    if not count and (seen := look_alike(name, names)):
        return "look_alike", {"name": name, "letters": _other_letters(name, seen)}
    if not count and name not in _MADE:
        return "unknown_reference", {"name": name, "meant": nearest(name, names)}
    return "", {}


def _other_letters(name: str, other: str) -> str:
    """The letters of two names that only look the same, as far as they are Cyrillic."""
    pairs = (pair for pair in zip(name, other, strict=True) if pair[0] != pair[1])
    return " ".join(dict.fromkeys(next(each for each in pair if each > "\x7f") for pair in pairs))


def _triggers(survey: Survey, names: Mapping[str, int]) -> Iterator[Problem]:
    for row in survey.items:
        text = survey.cell(row, TRIGGER)
        if not text:
            continue
        found = [part.strip() for part in text.split(",")]
        if not all(re.fullmatch(r"\$\{[^{}$]*\}", part) for part in found):
            yield survey.problem(row.number, TRIGGER, "trigger", text=text)
            continue
        for name in (part[2:-1] for part in found):
            if name not in names:
                facts = {"name": name, "meant": nearest(name, names)}
                yield survey.problem(row.number, TRIGGER, "unknown_reference", **facts)


# ---------------------------------------------------------------- expressions


def as_paths(text: str, *, as_converted: bool = False) -> str:
    """An expression with a path for each `${name}`, every character at the offset it had.

    The paths are relative, which nothing before them can become part of; `as_converted` they are as in
    an XForm, where `not ${a}` reads as one path.
    """
    plain = _PLACEHOLDER.sub(_number, text.translate(_TYPED_QUOTES))
    return REFERENCE.sub(lambda match: _path(match, plain, as_converted), plain)


def _path(match: re.Match[str], text: str, as_converted: bool) -> str:
    name = match[1].replace("#", "_")
    name = name if is_xml_tag(name) else "_" * len(name)
    before = text[: match.start()]
    quoted = any(before.count(quote) % 2 for quote in "'\"")
    return f" /{name} " if quoted or as_converted else f"  {name} "


def _number(match: re.Match[str]) -> str:
    """A number in place of what is put in when the workbook is published."""
    return "1".ljust(len(match[0])) if match[1] in PLACEHOLDERS else match[0]


def _expression(survey: Survey, cell: Cell) -> Iterator[Problem]:
    if not cell.text.strip() or cell.text.strip() in aliases.BINDING_CONVERSIONS:
        return
    try:
        parse(as_paths(cell.text))
    except ExpressionError as error:
        place = (cell.sheet, cell.number, cell.column)
        facts = facts_of(error, cell.text)
        if error.code == "function":
            facts["meant"] = _function_meant(error.params["name"])
        is_read = _is_expression(as_paths(cell.text, as_converted=True))
        code = "doubtful_expression" if is_read else "expression"
        yield survey.workbook.problem(*place, code, **facts)


def _is_expression(text: str) -> bool:
    try:
        parse(text)
    except ExpressionError:
        return False
    return True


#: what spreadsheets and other languages call functions
_CALLED: Mapping[str, str] = {
    **dict.fromkeys(("len", "length", "lenght"), "string-length"),
    **dict.fromkeys(("substring", "mid"), "substr"),
    **dict.fromkeys(("ifelse", "iif"), "if"),
    **dict.fromkeys(("upper", "uppercase"), "upper-case"),
    **dict.fromkeys(("lower", "lowercase"), "lower-case"),
    **dict.fromkeys(("concatenate", "textjoin"), "concat"),
    **dict.fromkeys(("isnumber", "val", "value"), "number"),
    **dict.fromkeys(("year", "month", "day"), "format-date"),
}


def _function_meant(name: str) -> str:
    return _CALLED.get(name.lower()) or nearest(name, SIGNATURES)


def facts_of(error: ExpressionError, source: str) -> dict[str, object]:
    """The facts of a problem `expression`: why, where in the source, and the particulars."""
    return {
        "reason": error.code,
        "position": error.position,
        "source": source,
        "details": dict(error.params),
    }
