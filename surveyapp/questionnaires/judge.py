"""The verdict on answers: do they fit their version's types, and do they keep its rules?

Every channel gets it from here. What does not fit is quarantined; what breaks a rule is stored all the
same, flagged; what nobody knows is kept aside (docs/architecture.md). Answers are never changed into
others: a calculation that comes out differently is told, not mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import Any

from surveyapp.questionnaires import swift
from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.interview import FiredDisclosure, Interview
from surveyapp.questionnaires.schema import Checked, Limits, check_types

#: codes of answers that are too much, whatever their version says
OVER_LIMIT = frozenset({"too_long", "too_many", "too_deep"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What was found. With `type_errors` nothing else was looked at and there are no answers.

    `answers` are normalised and hold known fields only; `foreign` are the others, by path.
    `miscalculated` are the node paths of calculations whose sent value is not what comes out here.
    """

    type_errors: tuple[AnswerError, ...] = ()
    rule_errors: tuple[AnswerError, ...] = ()
    answers: Answers = field(default_factory=dict)
    foreign: Mapping[str, Any] = field(default_factory=dict)
    miscalculated: tuple[str, ...] = ()
    disclosures: tuple[FiredDisclosure, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the answers are of their version's types."""
        return not self.type_errors

    @property
    def over_limit(self) -> bool:
        """Whether they are more than one submission may hold: not held at all, not even quarantined."""
        return any(error.code in OVER_LIMIT for error in self.type_errors)


def judge(
    questionnaire: Questionnaire,
    answers: Any,
    *,
    now: datetime,
    language: str,
    limits: Limits,
) -> Judgement:
    """Judge answers as they came, whatever JSON can hold; raises nothing.

    `now` (aware) is the moment at which the interview ended, in the device's own offset: dates and
    constraints are judged by it. `language` is the one the answers were given in. Answers that are
    `Checked` have their version's types, as `swift.instance_reader` reads them.
    """
    checked = answers
    if not isinstance(checked, Checked):
        checked = check_types(questionnaire, answers, limits)
    if checked.errors:
        return Judgement(type_errors=checked.errors)
    rules = swift.plain_rules(questionnaire)
    if rules is None:
        return by_interview(questionnaire, checked, now=now, language=language, limits=limits)
    found = rules.judge(checked.answers, now)
    return Judgement(
        rule_errors=found.errors[: limits.errors],
        answers=checked.answers,
        foreign=checked.foreign,
        disclosures=found.disclosures,
    )


def by_interview(
    questionnaire: Questionnaire, checked: Checked, *, now: datetime, language: str, limits: Limits
) -> Judgement:
    """The judgement on checked answers by an interview, whatever rules there are."""
    interview = Interview(questionnaire, checked.answers, language=language, now=now)
    irrelevant = (AnswerError(path, "irrelevant") for path in interview.irrelevant_answers())
    broken = chain(interview.errors(), irrelevant)
    judgement = Judgement(
        rule_errors=tuple(islice(broken, limits.errors)),
        answers=checked.answers,
        foreign=checked.foreign,
        miscalculated=tuple(interview.miscalculated(checked.answers)),
        disclosures=tuple(interview.disclosures()),
    )
    interview.end()
    return judgement
