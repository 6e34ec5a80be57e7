"""Regions by name: the questionnaire's own list of them, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from surveyapp.messages import plain
from surveyapp.questionnaires.definition import Choice, Question, Questionnaire


def region_choices(definition: Questionnaire) -> tuple[Choice, ...]:
    """The list behind the question that feeds the breakdown by region; empty if there is none."""
    for item in definition.walk():
        if isinstance(item, Question) and item.breakdown == "region" and item.choices:
            return definition.choice_lists[item.choices.list_name]
    return ()


def region_names(definition: Questionnaire, language: str) -> dict[str, str]:
    """Code → name, in the order of the list; the code where a name lacks every language."""
    return {
        choice.name: plain(choice.label, language, definition.default_language) or choice.name
        for choice in region_choices(definition)
    }


def counted_regions(
    counts: Mapping[str | None, int], names: Mapping[str, str], unknown: str
) -> list[tuple[str, int]]:
    """Every region of the list with its count, then codes of other versions, then the unknown ones."""
    listed = [(name, counts.get(code, 0)) for code, name in names.items()]
    others = [(code, n) for code, n in counts.items() if code is not None and code not in names]
    rest = [(unknown, counts[None])] if counts.get(None) else []
    return [*listed, *sorted(others), *rest]
