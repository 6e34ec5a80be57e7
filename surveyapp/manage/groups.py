"""Breakdowns that a list can be cut by beside the region: the questions' own choices, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from surveyapp.manage.listing_filters import Filters
from surveyapp.messages import plain
from surveyapp.questionnaires.definition import (
    ChoiceSource,
    DataType,
    Question,
    Questionnaire,
    Roster,
    Valued,
)


@dataclass(frozen=True, slots=True)
class Group:
    """A breakdown, what its question asks, and its choices: code → words."""

    name: str
    label: str
    choices: dict[str, str]


def group_choices(definition: Questionnaire, language: str) -> list[Group]:
    """The breakdowns with choices that stand once in a record, without what points at a person.

    Several questions may feed one: it bears the words of the first, and the choices of all.
    """
    found: dict[str, Group] = {}
    for item in definition.walk():
        if not isinstance(item, Question) or not _is_offered(definition, item):
            continue
        made = _group(definition, item, language)
        known = found.setdefault(made.name, made)
        known.choices.update(made.choices | known.choices)
    return list(found.values())


def _group(definition: Questionnaire, item: Question, language: str) -> Group:
    source = item.choices
    choices = definition.choice_lists[source.list_name] if source else ()
    return Group(
        str(item.breakdown),
        plain(item.label, language, definition.default_language) or item.name,
        {
            each.name: plain(each.label, language, definition.default_language) or each.name
            for each in choices
        },
    )


def _is_offered(definition: Questionnaire, item: Question) -> bool:
    """One answer that is one of some choices; several at once name no group (`partition.breakdowns`)."""
    return (
        bool(item.breakdown)
        and item.breakdown != "region"
        and item.type is DataType.SELECT_ONE
        and not item.identity
        and not item.sensitive
        and isinstance(item.choices, ChoiceSource)
        and not _is_in_roster(definition, item)
    )


def without_withheld(filters: Filters, definition: Questionnaire) -> Filters:
    """The filters without breakdowns that a list may not be cut by, whoever wrote the address.

    Who has a sensitive answer would be found by it, though the list shows no answer.
    """
    items = [item for item in definition.walk() if isinstance(item, Valued) and item.breakdown]
    withheld = {item.breakdown for item in items if item.identity or item.sensitive}
    known = {item.breakdown for item in items} - withheld
    return replace(filters, groups=tuple(each for each in filters.groups if each[0] in known))


def _is_in_roster(definition: Questionnaire, item: Question) -> bool:
    rosters = [above.path for above in definition.walk() if isinstance(above, Roster)]
    return any(item.path.startswith(f"{path}/") for path in rosters)
