"""Interviews without scripts that are nobody's own answers: a trial version's, a paper sheet's.

They begin with the first section of the whole page, whose modules did not run, and go on step by step.
Their drafts have cookies of their own, and are never taken for a family's answers.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from dataclasses import replace
from typing import Any

from flask import Response, request

from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.drafts import DraftSecret, OpenDraft
from surveyapp.channels.pages.journey import START
from surveyapp.channels.pages.paging import Page
from surveyapp.channels.pages.routes import Served, see_other
from surveyapp.channels.pages.sitting import Sitting, moment_of
from surveyapp.channels.pages.starting import new_state
from surveyapp.channels.pages.stepping import Steps, digest_of_form
from surveyapp.cookies import came_over_https
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.definition import Question, Questionnaire
from surveyapp.questionnaires.interview import Interview
from surveyapp.wiring import settings_of

#: a field of the whole page's form, and the button beside the draft that is under way
WHOLE, AGAIN = "@whole", "@again"


class ApartSitting(Sitting):
    """Nothing real is looked up: an invitation's code is taken as it is typed."""

    def code_question(self, _page: Page) -> Question | None:
        """None: no try is counted."""
        return None

    def _bad_code(self, _path: str) -> AnswerError | None:
        return None


class ApartSteps(Steps):
    """An interview of a questionnaire in a version, under a cookie of its own."""

    #: whether the browser forgets the draft's key when it is closed
    is_shared = False
    cookie_path = "/"

    def __init__(self, questionnaire: Questionnaire, language: str) -> None:
        self.questionnaire, self.language = questionnaire, language

    @property
    @abstractmethod
    def apart(self) -> dict[str, Any]:
        """What its draft is of; another one's draft is not opened."""

    def draft(self) -> OpenDraft | None:
        """The draft of this browser; one of another version is not this one's."""
        secret = DraftSecret.from_cookie(request.cookies.get(self._cookie, ""))
        draft = drafts.open_draft(secret) if secret else None
        is_it = draft and draft.state.apart == self.apart
        return draft if is_it else None

    def underway(self) -> str:
        """Where answers that were begun without scripts go on; empty: there are none."""
        draft = self.draft()
        return self.resume_address(draft) if draft and not draft.state.sent else ""

    def begin(self) -> Served:
        """Begin with what the whole page's first section holds; what is under way goes on with it."""
        before = self.draft()
        if before is not None and (AGAIN in request.form or before.state.sent):
            drafts.end(before.secret)
            before = None
        if WHOLE not in request.form:
            return see_other(self.address(START, self.language))
        if before is not None:
            return self.change(self.take_first_section)
        return self.changed(self._new(), digest_of_form(), self.take_first_section)

    def give_cookie(self, response: Response, draft: OpenDraft) -> Response:
        """Let the browser keep the draft's key."""
        response.set_cookie(
            self._cookie,
            draft.secret.cookie,
            max_age=None if self.is_shared else drafts.lifetime(draft.state),
            path=self.cookie_path,
            secure=came_over_https(),
            httponly=True,
            samesite="Lax",
        )
        return response

    def _new(self) -> OpenDraft:
        now = moment_of("", settings_of())
        interview = Interview(self.questionnaire, language=self.language, now=now)
        state = new_state(interview, self.language, now, shared=self.is_shared)
        return drafts.begin(replace(state, apart=self.apart))

    @property
    def _cookie(self) -> str:
        """It tells nobody what it is of."""
        return "apart_" + hashlib.sha256(repr(sorted(self.apart.items())).encode()).hexdigest()[:12]
