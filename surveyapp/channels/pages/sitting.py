"""One request's work on one draft: the interview made from it, its pages, and what is wrong on them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from surveyapp.channels.pages import fields
from surveyapp.channels.pages.drafts import OpenDraft
from surveyapp.channels.pages.fields import Raw, Reading, Unreadable
from surveyapp.channels.pages.paging import Page
from surveyapp.channels.pages.walk import Walk
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.people import invitations
from surveyapp.people.invitations import InvitationStatus
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.coarsening import coarse_place
from surveyapp.questionnaires.definition import ATTACHMENT_TYPES, Question, Questionnaire
from surveyapp.questionnaires.interview import Interview

#: languages that write decimals with a comma
COMMA_LANGUAGES = frozenset({"kk", "ru"})


class Sitting:
    """A draft, opened. `language` and `caller` (the network address) are this request's."""

    def __init__(
        self,
        draft: OpenDraft,
        questionnaire: Questionnaire,
        settings: Settings,
        *,
        language: str,
        caller: str = "",
    ) -> None:
        self.caller = caller
        self.draft = draft
        self.state = draft.state
        self.questionnaire = questionnaire
        self.settings = settings
        self.language = language
        self.now = moment_of(draft.state.finished_at, settings)
        self.interview = Interview(questionnaire, self.state.snapshot, language=language, now=self.now)
        self.walk = self._walk()

    def _walk(self) -> Walk:
        """The pages as the answers are now."""
        return Walk(self.interview)

    def note_change(self, page: Page) -> None:
        """Put the interview as it is now into the draft; its pages may have changed with it."""
        self.interview.drop_unoffered()
        self.state.snapshot = self.interview.snapshot()
        self.state.changed[page.key] = self.draft.revision + 1
        self.state.finished_at = ""
        self.walk = self._walk()

    # ------------------------------------------------------------ what is typed and shown

    def reading(self, path: str) -> Reading:
        """What typed answers to a question depend on."""
        return Reading(
            offered=tuple(choice.name for choice in self.interview.choices(path)),
            offset=timezone(self.now.utcoffset() or timedelta()),
            longest=self.settings.max_text_length,
            comma=self.language in COMMA_LANGUAGES,
        )

    def value_of(self, path: str, raw: Raw) -> Any:
        """The answer that was typed. Raises `fields.Unreadable`."""
        question = self.walk.question(path)
        value = fields.read(question, raw, self.reading(path))
        if question.invitation and value is not None:
            return invitations.as_printed(value)
        if question.coarsen and value is not None:
            return coarse_place(value, question.coarsen)
        return value

    def shown(self, path: str) -> Raw:
        """What the fields of a question hold: what was typed last, else the answer."""
        for typed in (self.state.conflicts.get(path), self.state.raw.get(path)):
            if typed is not None:
                return typed
        return self.held(path)

    def held(self, path: str) -> Raw:
        """The answer that the draft holds, as fields show it."""
        question = self.walk.question(path)
        if question.type in ATTACHMENT_TYPES:
            return {}
        return fields.write(question, self.interview.value(path), self.reading(path))

    @property
    def region(self) -> str | None:
        """Code of the region that was answered (`survey:breakdown` = `region`), if any."""
        for item in self.questionnaire.walk():
            if isinstance(item, Question) and item.breakdown == "region":
                page = self.walk.page_of(item.path)
                return self.interview.value(item.path) if page else None
        return None

    # ------------------------------------------------------------ what must be mended

    def problems(self, page: Page | None = None) -> list[AnswerError]:
        """What must be mended, on a page or everywhere, in the order of the questions."""
        pages = self.walk.open_pages() if page is None else [page]
        broken = {error.path: error for error in self.interview.errors()}
        found = (
            self._unreadable(path) or broken.get(path) or self._bad_code(path)
            for each in pages
            for path in self.walk.asked(each)
        )
        return [problem for problem in found if problem]

    def _unreadable(self, path: str) -> AnswerError | None:
        refused = self.state.refused.get(path)
        if refused:
            return AnswerError(path, refused["code"], refused["params"])
        raw = self.state.raw.get(path)
        if raw is None:
            return None
        try:
            self.value_of(path, raw)
        except Unreadable as problem:
            return AnswerError(path, problem.code, problem.params)
        return None

    def _bad_code(self, path: str) -> AnswerError | None:
        """What is wrong with an invitation's code; it is looked up without being used up."""
        if not self.walk.question(path).invitation or self.interview.value(path) is None:
            return None
        status = invitations.check(self.interview.value(path), self.questionnaire.id)
        return None if status is InvitationStatus.VALID else AnswerError(path, f"code_{status}")

    def code_question(self, page: Page) -> Question | None:
        """The question on a page that asks for an invitation's code and has got an answer."""
        for path in self.walk.asked(page):
            question = self.walk.question(path)
            if question.invitation and self.interview.value(path) is not None:
                return question
        return None

    # ------------------------------------------------------------ what is asked back

    def doubts(self, page: Page) -> list[AnswerError]:
        """The soft checks that fire on a page."""
        asked = set(self.walk.asked(page))
        return [doubt for doubt in self.interview.warnings() if doubt.path in asked]

    def new_doubts(self, page: Page) -> list[AnswerError]:
        """Those among them that have not been asked about this very answer yet."""
        return [doubt for doubt in self.doubts(page) if not self._asked_already(doubt.path)]

    def note_doubts(self, page: Page) -> None:
        """Remember that these were asked: the next time, going on means “yes, it is right”."""
        for doubt in self.doubts(page):
            self.state.asked[doubt.path] = self.interview.value(doubt.path)

    def _asked_already(self, path: str) -> bool:
        return path in self.state.asked and self.state.asked[path] == self.interview.value(path)


def moment_of(finished_at: str, settings: Settings) -> datetime:
    """When the interview ended if it was tried to send it, else now; aware, in the settings' zone.

    Sending the same answers twice must send the same answers, those that look at the clock too.
    """
    if finished_at:
        return datetime.fromisoformat(finished_at)
    local = utc_now().astimezone(settings.timezone)
    return local.astimezone(timezone(local.utcoffset() or timedelta()))
