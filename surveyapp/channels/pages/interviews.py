"""The views of somebody's own answers to a published version; their pages are those of `stepping`."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, abort, render_template, request
from flask_babel import gettext as _

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.catalogue.windows import Phase
from surveyapp.channels.pages import drafts, invited, sending, starting
from surveyapp.channels.pages.browser import draft_for, give_cookie, refuse_other_sites
from surveyapp.channels.pages.drafts import OpenDraft
from surveyapp.channels.pages.entry import edition_to_begin, sender_of
from surveyapp.channels.pages.invited import moved_into_cookie
from surveyapp.channels.pages.presenting import neutral_frame, page_address
from surveyapp.channels.pages.routes import QUESTIONNAIRE, Served, blueprint, see_other
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.stepping import Steps, digest_of_form
from surveyapp.channels.pages.whole import offered_whole
from surveyapp.channels.pages.whole_words import start_words
from surveyapp.limiting import limiter
from surveyapp.people.access import ANYONE, allow
from surveyapp.wiring import settings_of

#: whole schools and villages share one address, so this only holds off machines
BEGINNINGS = "6000 per minute"


class _OwnSteps(Steps):
    """Answers to a published version."""

    def __init__(self, questionnaire: str, language: str) -> None:
        self._questionnaire, self._language = questionnaire, language

    def draft(self) -> OpenDraft | None:
        return draft_for(self._questionnaire)

    def sitting(self, draft: OpenDraft) -> Sitting:
        return Sitting(
            draft,
            _edition_of(draft).definition,
            settings_of(),
            language=self._language,
            caller=request.remote_addr or "",
        )

    def address(self, key: str, language: str) -> str:
        return page_address(self._questionnaire, key, language)

    def give_cookie(self, response: Response, draft: OpenDraft) -> Response:
        return give_cookie(response, draft)

    def gone(self) -> Served:
        return render_template("pages/gone.html"), HTTPStatus.GONE

    def send(self, sitting: Sitting) -> None:
        sending.send(sitting, sender_of(_edition_of(sitting.draft)))


# --- start --------------------------------------------------------------------------------------


@blueprint.get(QUESTIONNAIRE)
@allow(ANYONE)
def start(lang: str, questionnaire: str) -> Served:
    """Who asks, what for, how long; the way back to answers under way."""
    edition = edition_to_begin(questionnaire)
    return moved_into_cookie(questionnaire) or _start_page(edition, lang)


def _start_page(edition: Edition, lang: str) -> str:
    underway = _underway(edition.entry.id)
    address = _OwnSteps(edition.entry.id, lang).resume_address(underway) if underway else ""
    view = starting.start_view(edition, lang, address)
    frame = neutral_frame(edition.definition, lang)
    return render_template(
        "pages/start.html",
        start=view,
        frame=frame,
        whole=offered_whole(edition, lang),
        words=start_words(),
    )


@blueprint.post(QUESTIONNAIRE)
@allow(ANYONE)
@limiter.limit(BEGINNINGS)
def begin(lang: str, questionnaire: str) -> Served:
    """Begin a draft; one under way is replaced only when that was asked for."""
    refuse_other_sites()
    edition = edition_to_begin(questionnaire)
    underway, steps = _underway(questionnaire), _OwnSteps(questionnaire, lang)
    from_whole_page = "@whole" in request.form
    if underway and from_whole_page:
        return steps.change(steps.take_first_section)
    if underway and not request.form.get("replace"):
        return see_other(steps.resume_address(underway))
    if starting.phase_of(edition) is not Phase.OPEN:
        return _start_page(edition, lang), HTTPStatus.FORBIDDEN
    before = draft_for(questionnaire)
    if before:
        drafts.end(before.secret)
    shared = request.form.get("phone") == "shared"
    draft = starting.begin(edition, lang, shared=shared)
    if from_whole_page:
        return steps.changed(draft, digest_of_form(), steps.take_first_section)
    begun = give_cookie(see_other(steps.resume_address(draft)), draft)
    return invited.forget(begun, questionnaire)


def _underway(questionnaire: str) -> OpenDraft | None:
    """A draft to go on with. On a shared phone there is none: the next person must not see it."""
    draft = draft_for(questionnaire)
    return draft if draft and not draft.state.sent and not draft.state.shared else None


# --- pages --------------------------------------------------------------------------------------


@blueprint.get(f"{QUESTIONNAIRE}/page/<page>")
@allow(ANYONE)
def page(lang: str, questionnaire: str, page: str) -> Served:
    """One page of the questionnaire, as the draft has it now."""
    return _OwnSteps(questionnaire, lang).show(page)


@blueprint.post(f"{QUESTIONNAIRE}/page/<page>")
@allow(ANYONE)
def answer(lang: str, questionnaire: str, page: str) -> Served:
    """Take what the page holds and do what its button says; then see other."""
    refuse_other_sites()
    return _OwnSteps(questionnaire, lang).take(page)


@blueprint.get(f"{QUESTIONNAIRE}/review")
@allow(ANYONE)
def review(lang: str, questionnaire: str) -> Served:
    """All answers once more, before they are sent."""
    return _OwnSteps(questionnaire, lang).show_review()


@blueprint.post(f"{QUESTIONNAIRE}/review")
@allow(ANYONE)
def finish(lang: str, questionnaire: str) -> Served:
    """Send, or go back to the pages."""
    refuse_other_sites()
    return _OwnSteps(questionnaire, lang).finish()


@blueprint.get(f"{QUESTIONNAIRE}/thanks")
@allow(ANYONE)
def thanks(lang: str, questionnaire: str) -> Served:
    """Thanks, and the receipt's code."""
    draft = draft_for(questionnaire)
    if draft is None or not draft.state.sent:
        return _OwnSteps(questionnaire, lang).elsewhere(draft)
    edition = _edition_of(draft)
    young = edition.definition.audience == "adolescent"
    words = (
        _("Thank you! Your opinion matters.") if young else _("Thank you! Your answers have been saved.")
    )
    return render_template(
        "pages/thanks.html",
        thanks=sending.Sent(**draft.state.sent),
        words=words,
        frame=neutral_frame(edition.definition, lang, at_the_end=True),
    )


def _edition_of(draft: OpenDraft) -> Edition:
    """The edition that a draft was begun with, also when a newer one is offered by now."""
    edition = catalogue.edition(draft.state.questionnaire, draft.state.version)
    if edition is None:
        abort(404)
    return edition
