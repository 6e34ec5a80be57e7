"""A stored record on the stepwise pages, to be corrected: what is asked of whom, and how it is shown.

Answers that somebody may not see go along unseen: no page asks for them, no text tells them, and what
would take them away does not (docs/decisions/0034).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from flask import url_for

from surveyapp.channels.pages.drafts import OpenDraft
from surveyapp.channels.pages.paging import Page
from surveyapp.channels.pages.phrases import Wording
from surveyapp.channels.pages.presenting import PageView, Presenter, Problem
from surveyapp.channels.pages.questions import NOTHING, FileView, QuestionView, QuestionViews, Remarks
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.walk import Walk
from surveyapp.config import Settings
from surveyapp.manage.sight import Sight, Speaker
from surveyapp.manage.words import KEPT
from surveyapp.questionnaires import partition, paths
from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    CONSENT_LISTS,
    Calculation,
    Item,
    Question,
    Questionnaire,
    Roster,
    Text,
    Valued,
)
from surveyapp.questionnaires.interview import Interview, UnknownPath
from surveyapp.submissions.placing import Answer, put


class Displaced(Exception):
    """Of a roster with unseen answers some instances are asked and others not: they would move."""


class _GuardedWalk(Walk):
    """The pages with what may be changed on them."""

    def __init__(self, interview: Interview, speaker: Speaker) -> None:
        super().__init__(interview)
        self._speaker = speaker

    def asked(self, page: Page) -> list[str]:
        return [path for path in super().asked(page) if not self.is_fixed(self.question(path))]

    def is_fixed(self, question: Question) -> bool:
        """Whether a question is not asked here: it is guarded, a consent or an invitation."""
        return (
            question.path in self._speaker.hidden
            or question.invitation
            or (question.choices is not None and question.choices.list_name in CONSENT_LISTS)
            or self._speaker.withholds_choices(question)
        )


class CorrectionSitting(Sitting):
    """A correction's draft, opened by somebody."""

    def __init__(
        self, draft: OpenDraft, questionnaire: Questionnaire, settings: Settings, sight: Sight
    ) -> None:
        self.sight = sight
        super().__init__(draft, questionnaire, settings, language=draft.state.language)

    def _walk(self) -> Walk:
        self.speaker = Speaker(self.interview, self.sight)
        return _GuardedWalk(self.interview, self.speaker)

    @property
    def guarded_walk(self) -> _GuardedWalk:
        """The pages, as what they are."""
        return cast(_GuardedWalk, self.walk)

    def note_change(self, page: Page) -> None:
        """As on every page, but the interview ended when it ended."""
        finished_at = self.state.finished_at
        super().note_change(page)
        self.state.finished_at = finished_at

    def hidden_problems(self) -> int:
        """How many rules are broken by answers that are not shown."""
        return sum(paths.item_path(e.path) in self.speaker.hidden for e in self.interview.errors())

    def unreadable(self) -> list[AnswerError]:
        """What was typed and is no answer: it cannot be kept."""
        return [problem for problem in self.problems() if problem.path in self.state.raw]

    def corrected(self, before: Answers) -> Answers:
        """The answers as they are to be kept; `before`: as they were.

        What was drawn by lot, or by the clock, stays as it was; what is not shown is kept even where it
        would no longer be asked. Raises `Displaced`.
        """
        answers = self.interview.answers()
        former = {path: value for path, item, value in partition.leaves(self.questionnaire, before)}
        for path, item, value in list(partition.leaves(self.questionnaire, answers)):
            if _is_drawn(item) and former.get(path) is not None and former[path] != value:
                put(answers, paths.parse_path(path), Answer(former[path]))
        if any(self._is_displaced(path) for path, _value in self._unseen()):
            raise Displaced
        there = {path for path, _item, _value in partition.leaves(self.questionnaire, answers)}
        for path, value in self._unseen():
            if path not in there:
                put(answers, paths.parse_path(path), Answer(value))
        return answers

    def _unseen(self) -> list[tuple[str, Any]]:
        """What was answered and is not shown, whether it is asked now or not."""

        def is_unseen(item: Valued) -> bool:
            return item.path in self.speaker.hidden and isinstance(item, Question)

        kept = partition.leaves(self.questionnaire, self.interview.snapshot(), is_unseen)
        return [(path, value) for path, _item, value in kept if value is not None]

    def _is_displaced(self, path: str) -> bool:
        """Whether an instance around a node is asked and another of the same roster is not."""
        for depth, step in enumerate(steps := paths.parse_path(path), 1):
            if step.position is None:
                continue
            whole = paths.format_path((*steps[: depth - 1], paths.Step(step.name)))
            count = self.interview.instances(whole)
            if len({self.interview.relevant(f"{whole}[{n}]") for n in range(1, count + 1)}) > 1:
                return True
        return False

    def carries_unseen(self, instance: str) -> bool:
        """Whether a roster's instance has an answer that is not shown: it must not be removed."""
        return any(path.startswith(f"{instance}/") for path, _value in self._unseen())


def _is_drawn(item: Item) -> bool:
    is_calculated = isinstance(item, Calculation) or (isinstance(item, Question) and item.calculation)
    return bool(is_calculated and getattr(item, "volatile", False))


class _Views(QuestionViews):
    """Questions with what may be told of them."""

    def __init__(self, sitting: CorrectionSitting) -> None:
        super().__init__(sitting)
        self._own = sitting

    def view(self, path: str, item: Item, remarks: Remarks) -> QuestionView:
        if isinstance(item, Question):
            if self._own.sight.hides(item) or self._own.speaker.withholds_choices(item):
                word = KEPT["apart" if item.identity or not item.sensitive else "hidden"]
                return self._base(path, item, "given", answer=str(word))
            if self._own.guarded_walk.is_fixed(item):
                return self._base(path, item, "given", answer=self._fixed(path))
            if item.type in ATTACHMENT_TYPES and path not in self._own.state.files:
                name = self._own.interview.value(path)
                kept = FileView(str(name)) if name else None
                return replace(super().view(path, item, remarks), file=kept)
        return super().view(path, item, remarks)

    def _fixed(self, path: str) -> str:
        """The label of a choice that only the person who answered makes."""
        value = self._own.interview.value(path)
        choices = self._own.interview.choices(path) if value else ()
        labels = [self.phrase(each.label, path).text for each in choices if each.name == value]
        return labels[0] if labels else str(value or "")

    def phrase(self, text: Text, path: str) -> Wording:
        if not text:
            return NOTHING
        try:
            found = self._own.speaker.phrase(text, path, self._own.language)
        except UnknownPath:
            return NOTHING
        return Wording(found.text, found.language)


class CorrectionPresenter(Presenter):
    """Makes the views of a correction."""

    def __init__(self, sitting: CorrectionSitting) -> None:
        super().__init__(sitting)
        self._own = sitting
        self.views = _Views(sitting)

    def page(self, page: Page) -> PageView:
        """A page of questions; an instance that has unseen answers stays."""
        found = super().page(page)
        kept = page.instance is not None and self._own.carries_unseen(page.instance)
        return replace(found, removable=found.removable and not kept)

    def address(self, key: str) -> str:
        """Address of a page of this correction."""
        state = self.sitting.state
        own: dict[str, Any] = {
            "questionnaire_id": state.questionnaire,
            "submission_id": state.submission,
        }
        if key == "start":
            return url_for("correcting.contents", **own)
        if key == "review":
            return url_for("correcting.summary", **own)
        return url_for("correcting.page", page=key, **own)

    def problems_at(self, error: AnswerError) -> list[Problem]:
        """A finding, linked to the page of its question."""
        return list(self._problems({error.path: error}, self._address_of(error.path)))

    def is_kept(self, page: Page, number: int) -> bool:
        """Whether an instance of the roster that a page lists may not be removed."""
        return self._own.carries_unseen(f"{page.listed}[{number}]")

    def _name_of(self, roster: Roster, instance: str) -> str:
        first = next((item for item in roster.items if isinstance(item, Question)), None)
        if first is not None and self._own.sight.hides(first):
            return ""
        return super()._name_of(roster, instance)
