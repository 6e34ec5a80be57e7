"""The columns with which this product extends XLSForm, and the check that they are used rightly.

They are bind attributes in our own namespace, so that every other tool ignores them. A misspelt
one would be ignored by us too, and a protection lost without a word: an unknown one is an error.
What each means is in `docs/decisions/0005-workbooks-and-their-extensions.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from surveyapp.questionnaires.workbook import Header, Workbook, WorkbookProblem

NAMESPACE = "https://surveyapp.example/xmlns/survey"
PREFIX = "bind::survey:"

_SWITCH = "yes|no"

#: Attribute → what its cells must look like, whole.
_ATTRIBUTES = {
    "identity": _SWITCH,
    "sensitive": _SWITCH,
    "critical": _SWITCH,
    "invitation": _SWITCH,
    "reading": _SWITCH,
    "breakdown": "region|area|sex|age|disability|wealth",
    "coarsen": "[1-9][0-9]*",
    "disclosure": ".+",
    "disclosure_level": "amber|red",
    "warning": ".+",
    "audience": "field|family|adolescent",
    "minutes": ".+",
}
_WORDINGS = frozenset({"title", "warning", "permission"})

#: Attributes that say nothing without each other.
_PAIRS = (("disclosure", "disclosure_level"), ("disclosure_level", "disclosure"))


def extension_problems(workbook: Workbook) -> list[WorkbookProblem]:
    """Unknown attributes, values outside an attribute's range, pairs without their other half."""
    if not any(column.startswith(PREFIX) for column in workbook.sheet("survey").columns):
        return []
    return [*_namespace(workbook), *_columns(workbook), *_cells(workbook), *_halves(workbook)]


def _namespace(workbook: Workbook) -> Iterator[WorkbookProblem]:
    declaration = rf"(^|\s)survey=[\"']{re.escape(NAMESPACE)}[\"']"
    if not re.search(declaration, workbook.setting("namespaces")):
        yield workbook.problem(
            "settings", 2, "namespaces", "namespace", declaration=f'survey="{NAMESPACE}"'
        )


def _columns(workbook: Workbook) -> Iterator[WorkbookProblem]:
    for column in workbook.sheet("survey").columns:
        header = Header.parse(column)
        name = header.base.removeprefix(PREFIX)
        known = name in _WORDINGS if header.language else name in _ATTRIBUTES
        if header.base.startswith(PREFIX) and not known:
            yield workbook.problem("survey", 1, column, "unknown_extension", known=_names())


def _names() -> str:
    return ", ".join([*_ATTRIBUTES, *(f"{wording}_kk" for wording in sorted(_WORDINGS))])


def _cells(workbook: Workbook) -> Iterator[WorkbookProblem]:
    for number, row in workbook.sheet("survey").numbered():
        for name, pattern in _ATTRIBUTES.items():
            text = row.get(PREFIX + name)
            if text is not None and not re.fullmatch(pattern, text, re.DOTALL):
                allowed = pattern.replace("|", ", ")
                yield workbook.problem(
                    "survey", number, PREFIX + name, "extension_value", value=text, allowed=allowed
                )


def _halves(workbook: Workbook) -> Iterator[WorkbookProblem]:
    for number, row in workbook.sheet("survey").numbered():
        for name, other in _PAIRS:
            if PREFIX + name in row and PREFIX + other not in row:
                yield workbook.problem(
                    "survey", number, PREFIX + other, "extension_half", missing=PREFIX + other
                )
