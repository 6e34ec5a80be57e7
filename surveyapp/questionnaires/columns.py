"""Whether the columns of a survey sheet are spelt and used rightly, ours and XLSForm's.

Our extensions are bind attributes in our own namespace, which every other tool ignores. A misspelt
one would be ignored by us too, and a protection lost without a word: an unknown one is an error.
What each means is in `docs/decisions/0005-workbooks-and-their-extensions.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from pyxform.aliases import survey_header  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.workbook import Header, Workbook
from surveyapp.questionnaires.xform.extensions import NAMESPACE

PREFIX = "bind::survey:"

_SWITCH = "yes|no"
_METRES = "[1-9][0-9]*"
#: codes of an answer that is none, each with its reason: `-99=refused -98=dont_know`
_MISSING = r"\S+=(refused|dont_know)(\s+\S+=(refused|dont_know))*"
_EXAMPLES = {_METRES: "1, 2, 3 …", _MISSING: "-99=refused -98=dont_know"}

#: Attribute → what its cells must look like, whole.
_ATTRIBUTES = {
    "identity": _SWITCH,
    "sensitive": _SWITCH,
    "critical": _SWITCH,
    "invitation": _SWITCH,
    "reading": _SWITCH,
    "releasable": _SWITCH,
    "breakdown": "region|area|sex|age|disability|wealth",
    "coarsen": _METRES,
    "keep_place": _SWITCH,
    "household": _SWITCH,
    "disclosure": ".+",
    "disclosure_level": "amber|red",
    "warning": ".+",
    "audience": "field|family|adolescent",
    "minutes": ".+",
    "missing": _MISSING,
}
_WORDINGS = frozenset({"title", "warning", "permission"})

#: Attributes that say nothing without each other.
_PAIRS = (("disclosure", "disclosure_level"), ("disclosure_level", "disclosure"))

#: XLSForm's own columns, as authors should write them; pyxform drops what it does not know.
_XLSFORM = (
    "type",
    "name",
    "label",
    "hint",
    "guidance_hint",
    "appearance",
    "parameters",
    "default",
    "relevant",
    "required",
    "required_message",
    "read_only",
    "constraint",
    "constraint_message",
    "calculation",
    "trigger",
    "choice_filter",
    "repeat_count",
    "save_to",
)
_KNOWN = frozenset(_XLSFORM) | frozenset(survey_header)


def column_problems(workbook: Workbook) -> list[Problem]:
    """Columns that look misspelt (`misspelt_column`, a doubt) and our own used wrongly (errors).

    Ours: unknown attributes, values outside an attribute's range, pairs without their other half.
    """
    misspelt = list(_misspelt(workbook))
    if not any(column.startswith(PREFIX) for column in workbook.sheet("survey").columns):
        return misspelt
    checks = (_namespace, _unknown, _values, _halves)
    return misspelt + [problem for check in checks for problem in check(workbook)]


def _misspelt(workbook: Workbook) -> Iterator[Problem]:
    for column in workbook.sheet("survey").columns:
        base = Header.parse(column).base
        meant = [] if base in _KNOWN else get_close_matches(base, _XLSFORM, 1, 0.8)
        if meant:
            yield workbook.problem("survey", 1, column, "misspelt_column", meant=meant[0])


def _namespace(workbook: Workbook) -> Iterator[Problem]:
    declaration = rf"(^|\s)survey=[\"']{re.escape(NAMESPACE)}[\"']"
    if not re.search(declaration, workbook.setting("namespaces")):
        yield workbook.problem(
            "settings", 2, "namespaces", "namespace", declaration=f'survey="{NAMESPACE}"'
        )


def _unknown(workbook: Workbook) -> Iterator[Problem]:
    for column in workbook.sheet("survey").columns:
        header = Header.parse(column)
        name = header.base.removeprefix(PREFIX)
        known = name in _WORDINGS if header.language else name in _ATTRIBUTES
        if header.base.startswith(PREFIX) and not known:
            yield workbook.problem("survey", 1, column, "unknown_extension", known=_names())


def _names() -> str:
    return ", ".join([*_ATTRIBUTES, *(f"{wording}_kk" for wording in sorted(_WORDINGS))])


def _values(workbook: Workbook) -> Iterator[Problem]:
    for number, row in workbook.sheet("survey").numbered():
        for name, pattern in _ATTRIBUTES.items():
            text = row.get(PREFIX + name)
            if text is not None and not re.fullmatch(pattern, text, re.DOTALL):
                allowed = _EXAMPLES.get(pattern) or pattern.replace("|", ", ")
                yield workbook.problem(
                    "survey", number, PREFIX + name, "extension_value", value=text, allowed=allowed
                )


def _halves(workbook: Workbook) -> Iterator[Problem]:
    for number, row in workbook.sheet("survey").numbered():
        for name, other in _PAIRS:
            if PREFIX + name in row and PREFIX + other not in row:
                yield workbook.problem(
                    "survey", number, PREFIX + other, "extension_half", missing=PREFIX + other
                )
