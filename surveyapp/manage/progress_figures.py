"""Figures of the field work’s dashboard: days and regions against the plan, how visits went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from surveyapp.catalogue.service import Edition
from surveyapp.i18n import current_language
from surveyapp.messages import plain
from surveyapp.questionnaires.definition import Question
from surveyapp.submissions import measuring
from surveyapp.submissions.field_models import Plan
from surveyapp.submissions.measures import consents, results

#: days of the chart
DAYS = 30
#: answers that the household survey's own question has
USUAL_DONE = ("done",)
USUAL_APART = ("nochild", "vacant")


@dataclass(frozen=True, slots=True)
class Day:
    """A bar of the chart: heights of 100."""

    day: date
    count: int
    height: float
    #: planned for this day
    planned: float | None
    planned_height: float


def goal_of(plan: Plan | None, wanted: Mapping[str, int], sees_all: bool) -> int | None:
    """How many are wanted of what somebody sees."""
    if sees_all and plan is not None and plan.wanted:
        return plan.wanted
    return sum(wanted.values()) or None


def due_by_now(plan: Plan | None, goal: int | None, today: date) -> int | None:
    """How many should be here by the end of today, if each day brings as many as the next."""
    length = _length(plan)
    if plan is None or plan.first_day is None or not goal or not length:
        return None
    passed = min(max((today - plan.first_day).days + 1, 0), length)
    return round(goal * passed / length)


def _length(plan: Plan | None) -> int:
    if plan is None or plan.first_day is None or plan.last_day is None:
        return 0
    return max((plan.last_day - plan.first_day).days + 1, 0)


def days_of(plan: Plan | None, goal: int | None, counts: Mapping[date, int], today: date) -> list[Day]:
    """The bars of the chart, the last one today."""
    each = goal / _length(plan) if goal and _length(plan) else None
    largest = max([*counts.values(), each or 0, 1])

    def planned(day: date) -> float | None:
        is_in = plan and plan.first_day and plan.last_day and plan.first_day <= day <= plan.last_day
        return each if is_in else None

    found = []
    for ago in reversed(range(DAYS)):
        day = today - timedelta(days=ago)
        count, goal_of_day = counts.get(day, 0), planned(day)
        height = round(max(1.0, 100 * count / largest), 2) if count else 0.0
        found.append(Day(day, count, height, goal_of_day, round(100 * (goal_of_day or 0) / largest, 2)))
    return found


def region_rows(
    names: Mapping[str, str],
    counts: Mapping[str, int],
    wanted: Mapping[str, int],
    mine: frozenset[str] | None,
) -> list[dict[str, Any]]:
    """A row for each region that somebody sees, those of other versions and the unknown ones last."""
    listed = [code for code in names if mine is None or code in mine]
    listed += sorted(code for code in counts if code not in names)
    return [
        {
            "name": names.get(code, code) or _("not stated"),
            "count": counts.get(code, 0),
            "wanted": wanted.get(code),
            "share": counts.get(code, 0) / wanted[code] if wanted.get(code) else None,
        }
        for code in listed
    ]


def response_of(edition: Edition, plan: Plan | None, counts: Mapping[str, int]) -> dict[str, Any] | None:
    """How visits went, and the share that took place among those where somebody could be asked."""
    path = plan.result_path if plan else measuring.likely_result(edition.definition)
    question = next((each for each in results(edition.definition) if each.path == path), None)
    if question is None:
        return None
    labels = labels_of(edition, question)
    done = plan.result_done if plan else [name for name in USUAL_DONE if name in labels]
    apart = plan.result_apart if plan else [name for name in USUAL_APART if name in labels]
    said = {name: counts.get(name, 0) for name in labels}
    asked = sum(count for name, count in said.items() if name not in apart)
    largest = max([*said.values(), 1])
    return {
        "asked": asked,
        "apart": frozenset(apart),
        "rows": [
            (labels[n], c, round(100 * c / largest, 2), n in done, n in apart) for n, c in said.items()
        ],
        "rate": sum(said[name] for name in done if name in said) / asked if asked and done else None,
    }


@dataclass(frozen=True, slots=True)
class Consent:
    """How often consent was given: share of `asked`, which are visits or the answers to it."""

    agreed: int
    declined: int
    asked: int
    #: whether `asked` are the visits where there was somebody to ask
    is_of_visits: bool

    @property
    def rate(self) -> float | None:
        """From 0 to 1; None: nobody was asked."""
        return min(self.agreed / self.asked, 1.0) if self.asked else None


def consent_of(
    edition: Edition, counts: Mapping[str, tuple[int, int]], response: Mapping[str, Any] | None
) -> Consent | None:
    """How often consent was given; None: the questionnaire does not ask for it.

    Of the visits where there was somebody to ask (`response` has them), as surveys of households reckon
    it; where no question says how a visit went, of those who answered to the question of consent.
    """
    if not consents(edition.definition):
        return None
    apart = response["apart"] if response else frozenset()
    met = [pair for name, pair in counts.items() if name not in apart]
    agreed, declined = sum(pair[0] for pair in met), sum(pair[1] for pair in met)
    if response is None:
        return Consent(agreed, declined, agreed + declined, is_of_visits=False)
    return Consent(agreed, declined, response["asked"], is_of_visits=True)


def labels_of(edition: Edition, question: Question) -> dict[str, str]:
    """Code → words of a question's choices, in the reader's language."""
    if question.choices is None:
        return {}
    definition = edition.definition
    choices = definition.choice_lists.get(question.choices.list_name, ())
    language = current_language()
    return {
        each.name: plain(each.label, language, definition.default_language) or each.name
        for each in choices
    }
