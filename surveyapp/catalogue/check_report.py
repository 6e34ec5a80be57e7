"""What a check found, for a terminal and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.problems import advice, message, place
from surveyapp.questionnaires.checking import Report, Weight
from surveyapp.questionnaires.checking.weight import LARGEST_LIST
from surveyapp.questionnaires.problems import Problem, Severity

#: problems of one kind in one column that a terminal shows before it counts the rest
SHOWN_OF_A_KIND = 8
#: a place longer than this gets a line of its own
_WIDEST_PLACE = 44
_WORDS: dict[Severity, LazyString] = {
    Severity.ERROR: _l("error"),
    Severity.WARNING: _l("warning"),
    Severity.NOTICE: _l("notice"),
}


def as_json(report: Report, language: str) -> str:
    """The report as JSON: `ok`, `problems`, `weight`; sentences in a language, codes in none."""
    weight = report.weight
    told = {
        "ok": not report.errors,
        "problems": [_told(problem, language) for problem in report.problems],
        "weight": weight and {name: getattr(weight, name) for name in weight.__slots__},
    }
    return json.dumps(told, ensure_ascii=False, indent=2, default=str)


def _told(problem: Problem, language: str) -> dict[str, Any]:
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "sheet": problem.sheet,
        "row": problem.row,
        "line": problem.line,
        "column": problem.column,
        "path": problem.path,
        "facts": dict(problem.facts),
        "message": message(problem, language),
        "advice": advice(problem, language),
    }


def as_table(report: Report, name: str, language: str, *, whole: bool = False) -> str:
    """The report as aligned lines: for each problem what is wrong, and below it what to do.

    Of many problems of one kind only the first are shown, unless the `whole` report is asked for.
    """
    with force_locale(language):
        lines = [f"{name}: {_summary(report)}", ""]
        lines += listed(report.problems, language, whole=whole)
        if report.weight is not None:
            lines += _weighed(report.weight)
    return "\n".join(lines).rstrip()


def _summary(report: Report) -> str:
    numbers = {severity.value: report.count(severity) for severity in Severity}
    text: str = _("errors: %(error)s · warnings: %(warning)s · notices: %(notice)s", **numbers)
    return text


def listed(problems: Iterable[Problem], language: str, *, whole: bool = False) -> Iterator[str]:
    """The lines of some problems."""
    with force_locale(language):
        shown, rest = _cut(problems, whole=whole)
        places = [place(problem, language) for problem in shown]
        words = max((len(str(word)) for word in _WORDS.values()), default=0)
        width = max((len(each) for each in places if len(each) <= _WIDEST_PLACE), default=0)
        indent = " " * (words + width + 4)
        for problem, where in zip(shown, places, strict=True):
            head = f"{_WORDS[problem.severity]!s:<{words}}  {where:<{width}}"
            yield from _two_lines(head, indent, problem, language)
        for (_code, _column), (problem, count) in rest.items():
            more = _("and %(count)s more of this kind; --format whole lists them", count=count)
            yield f"{indent}{message(problem, language)} … {more}"
        if shown:
            yield ""


def _two_lines(head: str, indent: str, problem: Problem, language: str) -> Iterator[str]:
    what = " ".join(message(problem, language).split())  # an expression may have several lines
    if len(head) + 2 > len(indent):
        yield head.rstrip()
        head = indent[:-2]
    yield f"{head}  {what}"
    yield f"{indent}→ {advice(problem, language)}"


_Kind = tuple[str, str | None]


def _cut(
    problems: Iterable[Problem], *, whole: bool
) -> tuple[list[Problem], dict[_Kind, tuple[Problem, int]]]:
    """The problems to show, and of each kind that has more the first one left out and how many."""
    seen = Counter[_Kind]()
    shown: list[Problem] = []
    rest: dict[_Kind, tuple[Problem, int]] = {}
    for problem in problems:
        kind = (problem.code, problem.column)
        seen[kind] += 1
        if whole or seen[kind] <= SHOWN_OF_A_KIND:
            shown.append(problem)
        else:
            first, count = rest.get(kind, (problem, 0))
            rest[kind] = (first, count + 1)
    return shown, rest


def _weighed(weight: Weight) -> Iterator[str]:
    """The weight with the budget beside it."""
    rows = [
        ("", _("here"), _("budget")),
        (_("page, compressed (estimate)"), _kib(weight.page), _kib(weight.page_budget)),
        (_("questions"), str(weight.questions), "–"),
        (_("choices in the largest list"), str(weight.largest_list), str(LARGEST_LIST)),
    ]
    first = max(len(row[0]) for row in rows)
    other = max(len(cell) for row in rows for cell in row[1:])
    for what, here, budget in rows:
        yield f"{what:<{first}}  {here:>{other}}  {budget:>{other}}"


def _kib(size: int) -> str:
    return f"{size / 1024:.1f} KiB"
