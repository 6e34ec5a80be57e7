"""Breakdowns that a list can be cut by beside the region: the questions' own choices, in words."""

from __future__ import annotations

from dataclasses import dataclass

from surveyapp.messages import plain
from surveyapp.questionnaires.definition import DataType, Question, Questionnaire, Roster


@dataclass(frozen=True, slots=True)
class Group:
    """A breakdown, what its question asks, and its choices: code → words."""

    name: str
    label: str
    choices: dict[str, str]


def group_choices(definition: Questionnaire, language: str) -> list[Group]:
    """The breakdowns with choices that stand once in a record, without what points at a person.

    Of several questions that feed the same one, the first gives the label, and all give choices.
    """
    found: dict[str, Group] = {}
    for item in definition.walk():
        if not isinstance(item, Question) or not item.breakdown or not _is_group(definition, item):
            continue
        label = plain(item.label, language, definition.default_language) or item.name
        group = found.setdefault(item.breakdown, Group(item.breakdown, label, {}))
        for code, words in _choices(definition, item, language).items():
            group.choices.setdefault(code, words)
    return list(found.values())


def _is_group(definition: Questionnaire, item: Question) -> bool:
    """Several choices at once name no group: records are not cut by them (`partition.breakdowns`)."""
    return (
        item.breakdown != "region"
        and item.type is DataType.SELECT_ONE
        and not item.identity
        and not item.sensitive
        and not _is_in_roster(definition, item)
    )


def _choices(definition: Questionnaire, item: Question, language: str) -> dict[str, str]:
    if item.choices is None:
        return {}
    return {
        choice.name: plain(choice.label, language, definition.default_language) or choice.name
        for choice in definition.choice_lists[item.choices.list_name]
    }


def _is_in_roster(definition: Questionnaire, item: Question) -> bool:
    rosters = [above.path for above in definition.walk() if isinstance(above, Roster)]
    return any(item.path.startswith(f"{path}/") for path in rosters)
