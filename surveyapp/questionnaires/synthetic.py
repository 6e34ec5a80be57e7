"""Synthetic answers: plausible, valid, about nobody. For demonstrations, tests and load.

A respondent walks through the interview as a person does, section by section, and answers what is
asked. What is drawn for a question follows its type and what its constraint gives away (`invention`);
whether it is right the interview itself says, and a wrong draw is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from surveyapp.questionnaires import paths
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    Container,
    Item,
    Metadata,
    Question,
    Questionnaire,
    Roster,
    Section,
)
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.invention import invent

#: draws for one question before it is left empty
MOST_DRAWS = 30
#: share of the answers a person leaves out where that is allowed
SKIPPED = 0.04
#: share of the disclosing answers that stand; the others are drawn again, for danger is rare
DISCLOSED = 0.02
#: instances of a roster that people add to by hand
MOST_ADDED = 3
#: minutes an interview takes
MINUTES = (6, 40)


def synthesise(
    questionnaire: Questionnaire, random: Random, *, language: str, moment: datetime
) -> Answers:
    """Answers of somebody who does not exist, who finished at `moment` (aware).

    The same `random` state gives the same answers. Files are not made up: their questions stay empty.
    """
    interview = Interview(questionnaire, language=language, now=moment, random=random.random)
    _Respondent(interview, random, language, moment).answer_all(questionnaire.root, "")
    return interview.answers()


@dataclass(frozen=True, slots=True)
class _Respondent:
    """Somebody in the middle of an interview."""

    interview: Interview
    random: Random
    language: str
    moment: datetime

    def answer_all(self, container: Container, path: str) -> None:
        """Answer what is asked in a container, in order."""
        for item in container.items:
            here = paths.join(path, item.name)
            deal = _DEALINGS.get(type(item))
            if deal and self.interview.relevant(here):
                deal(self, item, here)

    def fill_roster(self, roster: Roster, path: str) -> None:
        """Fill the instances that the count asks for, or a few of one's own."""
        if roster.count is None:
            for _ in range(self.random.randint(0, MOST_ADDED)):
                self.interview.add_instance(path)
        for position in range(1, self.interview.instances(path) + 1):
            self.answer_all(roster, f"{path}[{position}]")

    def answer(self, question: Question, path: str) -> None:
        """Draw answers until one is right; leave some out where that is allowed."""
        if question.read_only or question.calculation:
            return
        if self.random.random() < SKIPPED and not self.interview.required(path):
            return
        for _ in range(MOST_DRAWS):
            choices = [choice.name for choice in self.interview.choices(path)]
            drawn = invent(question, choices, self.random, self.language, self.moment)
            self.interview.set(path, drawn)
            if self.is_right(question, path):
                return
        self.interview.set(path, None)

    def is_right(self, question: Question, path: str) -> bool:
        """Whether what was just drawn may stand."""
        if self.interview.errors(under=path):
            return False
        if question.disclosure is None:
            return True
        disclosing = any(found.path == path for found in self.interview.disclosures())
        return not disclosing or self.random.random() < DISCLOSED

    def note_metadata(self, item: Metadata, path: str) -> None:
        """What the device would have filled in."""
        began = self.moment - timedelta(minutes=self.random.randint(*MINUTES))
        known = {
            "start": began.isoformat(timespec="seconds"),
            "end": self.moment.isoformat(timespec="seconds"),
            "today": self.moment.date().isoformat(),
        }
        if value := known.get(item.preload_parameter or item.preload):
            self.interview.set(path, value)


_DEALINGS: Mapping[type[Item], Callable[[_Respondent, Any, str], None]] = {
    Section: _Respondent.answer_all,
    Roster: _Respondent.fill_roster,
    Question: _Respondent.answer,
    Metadata: _Respondent.note_metadata,
}
