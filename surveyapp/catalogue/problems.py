"""Problems of a questionnaire in the author's language: where, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from surveyapp.catalogue.expression_problems import excerpt, explain_expression
from surveyapp.catalogue.sentences import SENTENCES
from surveyapp.questionnaires.problems import Problem


def explain(problem: Problem, language: str) -> str:
    """Where something is wrong and what, in a language: `survey, row 4, label::English (en): …`."""
    where = place(problem, language)
    what = message(problem, language)
    return f"{where}: {what}" if where else what


def place(problem: Problem, language: str) -> str:
    """Where it is: `survey, row 4, relevant`, or the path of an XForm's node; '' for the whole file."""
    with force_locale(language):
        return ", ".join(_places(problem))


def message(problem: Problem, language: str) -> str:
    """What is wrong."""
    with force_locale(language):
        return str(SENTENCES[problem.code].what % _filled(problem, language))


def advice(problem: Problem, language: str) -> str:
    """What to do about it; the word that may have been meant, if one is near."""
    with force_locale(language):
        if meant := problem.facts.get("meant"):
            return str(_("Is “%(meant)s” meant?", meant=_as_typed(problem, meant)))
        if _looks_like_reference(problem):
            return str(SENTENCES["malformed_reference"].advice)
        return str(SENTENCES[problem.code].advice % _filled(problem, language))


def _as_typed(problem: Problem, meant: str) -> str:
    """A word as it is to stand in the cell."""
    return f"${{{meant}}}" if problem.code in _REFERENCES else meant


#: problems whose cell should refer to a question
_REFERENCES = frozenset({"malformed_reference", "bare_name"})


def _looks_like_reference(problem: Problem) -> bool:
    """Whether an expression stops at a sign that other programs write around names."""
    details = problem.facts.get("details", {}) if problem.code == "expression" else {}
    return details.get("character", "") in {"{", "}", "#", "[", "$"} and "{" in problem.facts["source"]


def _places(problem: Problem) -> list[str]:
    places = [place for place in (problem.sheet, problem.path) if place]
    if problem.line is not None:
        places.append(_("line %(number)s", number=problem.line))
    elif problem.row is not None:
        places.append(_("row %(number)s", number=problem.row))
    return [*places, problem.column] if problem.column else places


class _Facts(dict[str, Any]):
    """Facts of which some are not known: pyxform says less about a problem than our own checks."""

    def __missing__(self, name: str) -> str:
        return "…"


def _numbered(paths: Sequence[str], rows: Sequence[int]) -> list[str]:
    """Items with their rows, if all have one."""
    if len(rows) != len(paths):
        return list(paths)
    return [
        _("%(name)s, row %(row)s", name=path, row=row) for path, row in zip(paths, rows, strict=True)
    ]


def _filled(problem: Problem, language: str) -> Mapping[str, Any]:
    """The facts, with those that are sentences themselves."""
    facts = _Facts(problem.facts)
    if problem.code == "cycle":
        facts["cycle"] = " → ".join(_numbered(facts["paths"], facts.get("rows", ())))
    if problem.code in {"expression", "doubtful_expression"}:
        facts["sentence"] = explain_expression(facts["reason"], facts["details"], language)
        facts["excerpt"] = excerpt(facts["source"], facts["position"])
    return facts
