"""A trial version without scripts: step by step, as a family would answer it; sent to the draft area."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, url_for

from surveyapp.catalogue import trials
from surveyapp.catalogue.trial_models import Trial
from surveyapp.catalogue.trials import KEYED, trial_of_request
from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.apart import ApartSitting, ApartSteps
from surveyapp.channels.pages.browser import refuse_other_sites
from surveyapp.channels.pages.drafts import OpenDraft
from surveyapp.channels.pages.journey import REVIEW, START
from surveyapp.channels.pages.pictures import AddressOf
from surveyapp.channels.pages.presenting import neutral_frame
from surveyapp.channels.pages.routes import LANG, Served, blueprint, see_other
from surveyapp.channels.pages.sending import NotSent, envelope_of
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.stepping import THANKS
from surveyapp.limiting import limiter
from surveyapp.people.access import allow
from surveyapp.security_headers import FRAMED
from surveyapp.submissions import trials as answered
from surveyapp.submissions.trials import NotItsAnswer
from surveyapp.wiring import settings_of

TEST = f"{LANG}/test/<key>"
#: answers from one address; whoever tries out is quick, and nobody is this quick
RATE = "60 per minute"
_ENDPOINTS = {START: "pages.trial", REVIEW: "pages.trial_review", THANKS: "pages.trial_done"}


class TrialSteps(ApartSteps):
    """A trial version that is tried out. The browser forgets it when it is closed."""

    layout = "pages/trial_form.html"
    is_shared = True

    def __init__(self, trial: Trial, language: str, key: str) -> None:
        super().__init__(trials.definition_of(trial), language)
        self._trial, self._key = trial, key

    @property
    def apart(self) -> dict[str, Any]:
        """The trial version; the next one that takes its place is another."""
        return {"trial": self._trial.questionnaire_id, "hash": self._trial.hash}

    def sitting(self, draft: OpenDraft) -> Sitting:
        """The draft, in the language of the address."""
        return ApartSitting(draft, self.questionnaire, settings_of(), language=self.language)

    def address(self, key: str, language: str) -> str:
        """Under the testing address."""
        if key in _ENDPOINTS:
            return url_for(_ENDPOINTS[key], lang=language, key=self._key)
        return url_for("pages.trial_page", lang=language, key=self._key, page=key)

    def file_addresses(self) -> AddressOf:
        """Its own files."""
        return lambda name: url_for("pages.trial_file", key=self._key, name=name)

    def said(self) -> dict[str, Any]:
        """What it says of itself on every page."""
        return {"trial": self._trial, "start": self.address(START, self.language)}

    def gone(self) -> Served:
        """It is begun again: it was sent, replaced, or left for hours."""
        return see_other(self.address(START, self.language))

    def send(self, sitting: Sitting) -> None:
        """Keep the answers in the draft area. Raises `NotSent`."""
        try:
            number, faults = answered.keep(self._trial, envelope_of(sitting))
        except NotItsAnswer as error:
            raise NotSent from error
        drafts.empty(sitting.draft, {"number": number, "faults": faults})


def _steps(language: str, key: str) -> TrialSteps:
    return TrialSteps(trial_of_request(), language, key)


@blueprint.get(f"{TEST}/page/<page>")
@allow(KEYED)
def trial_page(lang: str, key: str, page: str) -> Served:
    """One page of it."""
    return framed(_steps(lang, key).show(page))


@blueprint.post(f"{TEST}/page/<page>")
@allow(KEYED)
@limiter.limit(RATE)
def answer_trial(lang: str, key: str, page: str) -> Served:
    """Take what the page holds and do what its button says."""
    refuse_other_sites()
    return framed(_steps(lang, key).take(page))


@blueprint.get(f"{TEST}/review")
@allow(KEYED)
def trial_review(lang: str, key: str) -> Served:
    """All answers once more."""
    return framed(_steps(lang, key).show_review())


@blueprint.post(f"{TEST}/review")
@allow(KEYED)
@limiter.limit(RATE)
def finish_trial(lang: str, key: str) -> Served:
    """Send it to the draft area, or go back to the pages."""
    refuse_other_sites()
    return framed(_steps(lang, key).finish())


@blueprint.get(f"{TEST}/done")
@allow(KEYED)
def trial_done(lang: str, key: str) -> Served:
    """Its number in the list, and whether it breaks rules."""
    steps = _steps(lang, key)
    draft = steps.draft()
    if draft is None or not draft.state.sent:
        return framed(steps.elsewhere(draft))
    page = render_template(
        "pages/trial_done.html",
        sent=draft.state.sent,
        frame=neutral_frame(steps.questionnaire, lang),
        **steps.said(),
    )
    return framed(page)


def framed(served: Served) -> Response:
    """The response, which our own pages may show in a frame."""
    response = make_response(served)
    response.headers.update(FRAMED)
    return response
