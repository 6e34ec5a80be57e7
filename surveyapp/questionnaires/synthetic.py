"""Synthetic answers: plausible, valid, about nobody. For demonstrations, tests and load.

A respondent walks through the interview as a person does, section by section, and answers what is
asked. What is drawn for a question follows its type and what its constraint gives away (`invention`);
whether it is right the interview itself says, and a wrong draw is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
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
    Tree,
)
from surveyapp.questionnaires.expressions.trees import is_plain_path
from surveyapp.questionnaires.interview import Interview, UnknownPath
from surveyapp.questionnaires.invention import Setting, clues, invent, literal_number

#: draws for one question before it is left empty
MOST_DRAWS = 30
#: share of the answers a person leaves out where that is allowed
SKIPPED = 0.04
#: share of the disclosing answers that stand; the others are drawn again, for danger is rare
DISCLOSED = 0.02
#: instances of a roster that people add to by hand
MOST_ADDED = 3


def synthesise(
    questionnaire: Questionnaire,
    random: Random,
    *,
    language: str,
    finished_at: datetime,
    minutes: int = 20,
) -> Answers:
    """Answers of somebody who does not exist, who finished at `finished_at` (aware) after `minutes`.

    The same `random` state gives the same answers. Files are not made up: their questions stay empty.
    """
    interview = Interview(questionnaire, language=language, now=finished_at, random=random.random)
    setting = Setting(random, language, finished_at)
    _Respondent(interview, setting, minutes).answer_all(questionnaire.root, "")
    interview.finish()
    return interview.answers()


@dataclass(frozen=True, slots=True)
class _Respondent:
    """Somebody in the middle of an interview."""

    interview: Interview
    setting: Setting
    minutes: int

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
            for _ in range(self.setting.random.randint(0, MOST_ADDED)):
                self.interview.add_instance(path)
        for position in range(1, self.interview.instances(path) + 1):
            self.answer_all(roster, f"{path}[{position}]")

    def answer(self, question: Question, path: str) -> None:
        """Draw answers until one is right; leave some out where that is allowed."""
        if question.read_only or question.calculation:
            return
        if self.setting.random.random() < SKIPPED and not self.interview.required(path):
            return
        choices = [choice.name for choice in self.interview.choices(path)]
        told = clues(question.constraint, partial(self.number_of, path=path))
        for _ in range(MOST_DRAWS):
            self.interview.set(path, invent(question, choices, told, self.setting))
            if self.is_right(question, path):
                return
        self.interview.set(path, None)

    def number_of(self, tree: Tree, path: str) -> float | None:
        """The number that a constraint compares with: one written there, or another answer."""
        there = _place_of(tree, path)
        if there is None:
            return literal_number(tree)
        try:
            value = self.interview.value(there)
        except UnknownPath:
            return None
        return value if isinstance(value, int | float) else None

    def is_right(self, question: Question, path: str) -> bool:
        """Whether what was just drawn may stand."""
        if self.interview.errors(under=path):
            return False
        if question.disclosure is None:
            return True
        disclosing = any(found.path == path for found in self.interview.disclosures())
        return not disclosing or self.setting.random.random() < DISCLOSED

    def note_metadata(self, item: Metadata, path: str) -> None:
        """What the device filled in when they began, which for the interview's clock is the end."""
        if item.preload_parameter == "start":
            began = self.setting.moment - timedelta(minutes=self.minutes)
            self.interview.set(path, began.isoformat(timespec="milliseconds"))


def _place_of(tree: Tree, path: str) -> str | None:
    """The node that a plain path in an expression of the node at `path` leads to."""
    if not is_plain_path(tree) or tree[0] == "current":
        return None
    # the root has a name in expressions and none in our paths
    way = [] if tree[0] == "absolute" else path.split("/")
    for (name,) in tree[2:] if tree[0] == "absolute" else tree[1:]:
        if name == "..":
            del way[-1:]
        elif name != ".":
            way.append(name)
    return "/".join(way)


_DEALINGS: Mapping[type[Item], Callable[[_Respondent, Any, str], None]] = {
    Section: _Respondent.answer_all,
    Roster: _Respondent.fill_roster,
    Question: _Respondent.answer,
    Metadata: _Respondent.note_metadata,
}
