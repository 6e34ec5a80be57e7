"""The views of an interview; what its buttons do is in `journey`, what it shows in `presenting`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus

from flask import Response, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.catalogue.windows import Phase
from surveyapp.channels.pages import drafts, invited, journey, sending, starting
from surveyapp.channels.pages.browser import draft_for, give_cookie, refuse_other_sites
from surveyapp.channels.pages.drafts import DraftMoved, OpenDraft
from surveyapp.channels.pages.entry import edition_to_begin, sender_of
from surveyapp.channels.pages.invited import moved_into_cookie
from surveyapp.channels.pages.journey import REVIEW, START, Destination
from surveyapp.channels.pages.phrases import Wording
from surveyapp.channels.pages.presenting import Presenter, neutral_frame, page_address
from surveyapp.channels.pages.routes import QUESTIONNAIRE, Served, blueprint, see_other
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.whole import offered_whole
from surveyapp.channels.pages.whole_words import start_words
from surveyapp.extensions import db, limiter
from surveyapp.people.access import ANYONE, allow
from surveyapp.wiring import settings_of

#: whole schools and villages share one address, so this only holds off machines
BEGINNINGS = "6000 per minute"
#: saves of one draft at the very same moment before the last of them is asked to wait
TRIES = 5
THANKS = "thanks"


# --- start --------------------------------------------------------------------------------------


@blueprint.get(QUESTIONNAIRE)
@allow(ANYONE)
def start(lang: str, questionnaire: str) -> Served:
    """Who asks, what for, how long; the way back to answers under way."""
    edition = edition_to_begin(questionnaire)
    return moved_into_cookie(questionnaire) or _start_page(edition, lang)


def _start_page(edition: Edition, lang: str) -> str:
    underway = _underway(edition.entry.id)
    address = _resume_address(underway, lang) if underway else ""
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
    underway = _underway(questionnaire)
    from_whole_page = "@whole" in request.form
    if underway and from_whole_page:
        return _change(questionnaire, lang, _first_section)
    if underway and not request.form.get("replace"):
        return see_other(_resume_address(underway, lang))
    if starting.phase_of(edition) is not Phase.OPEN:
        return _start_page(edition, lang), HTTPStatus.FORBIDDEN
    before = draft_for(questionnaire)
    if before:
        drafts.end(before.secret)
    shared = request.form.get("phone") == "shared"
    draft = starting.begin(edition, lang, shared=shared)
    if from_whole_page:
        return _changed(draft, lang, _digest_of_form(), _first_section)
    begun = give_cookie(see_other(_resume_address(draft, lang)), draft)
    return invited.forget(begun, questionnaire)


def _first_section(sitting: Sitting) -> Destination:
    """Take the whole page's first section, whose modules did not run, as if it were a stepwise page."""
    page = next(iter(sitting.walk.open_pages()), None)
    if page is None:
        return Destination(REVIEW, sitting.language)
    form = request.form.to_dict(flat=False)
    return journey.step(sitting, page, journey.NEXT, form, _files())


def _underway(questionnaire: str) -> OpenDraft | None:
    """A draft to go on with. On a shared phone there is none: the next person must not see it."""
    draft = draft_for(questionnaire)
    return draft if draft and not draft.state.sent and not draft.state.shared else None


def _resume_address(draft: OpenDraft, language: str) -> str:
    """Where the draft goes on: the page last shown, else the first that asks something."""
    key = _resume_key(_sitting(draft, language))
    return page_address(draft.state.questionnaire, key, language)


def _resume_key(sitting: Sitting) -> str:
    page = sitting.walk.find(sitting.state.page)
    nearest = sitting.walk.nearest(page) if page else next(iter(sitting.walk.open_pages()), None)
    return nearest.key if nearest else REVIEW


# --- pages --------------------------------------------------------------------------------------


@blueprint.get(f"{QUESTIONNAIRE}/page/<page>")
@allow(ANYONE)
def page(lang: str, questionnaire: str, page: str) -> Served:
    """One page of the questionnaire, as the draft has it now."""
    draft = draft_for(questionnaire)
    if draft is None or draft.state.sent:
        return _elsewhere(draft, lang)
    sitting = _sitting(draft, lang)
    found = sitting.walk.find(page)
    if found is None or not sitting.walk.is_open(found):
        return see_other(_resume_address(draft, lang))
    presenter = Presenter(sitting)
    if found.planned.lists is not None:
        roster = presenter.roster(found)
        frame = presenter.frame(roster.heading)
        return _form("pages/roster.html", page=roster, frame=frame, form_address=request.path)
    view = presenter.page(found)
    return _form(
        "pages/page.html",
        page=view,
        frame=presenter.frame(view.heading, failed=bool(view.errors)),
        form_address=request.path,
        multipart=presenter.needs_upload(found),
    )


def _form(template: str, **context: object) -> str:
    return render_template(template, **context)


@blueprint.post(f"{QUESTIONNAIRE}/page/<page>")
@allow(ANYONE)
def answer(lang: str, questionnaire: str, page: str) -> Served:
    """Take what the page holds and do what its button says; then see other."""
    refuse_other_sites()

    def work(sitting: Sitting) -> Destination:
        found = sitting.walk.find(page)
        if found is None:  # an instance that was removed in another window
            return Destination(_resume_key(sitting), lang)
        form = request.form.to_dict(flat=False)
        button = request.form.get(journey.BUTTON, journey.NEXT)
        return journey.step(sitting, found, button, form, _files())

    return _change(questionnaire, lang, work)


def _files() -> dict[str, FileStorage]:
    for file in request.files.values():
        file.seek(0)
    return request.files.to_dict()


# --- review, sending, thanks ----------------------------------------------------------------------


@blueprint.get(f"{QUESTIONNAIRE}/review")
@allow(ANYONE)
def review(lang: str, questionnaire: str) -> Served:
    """All answers once more, before they are sent."""
    draft = draft_for(questionnaire)
    if draft is None or draft.state.sent:
        return _elsewhere(draft, lang)
    presenter = Presenter(_sitting(draft, lang))
    view = presenter.review()
    frame = presenter.frame(Wording(_("Check the answers"), lang), failed=bool(view.errors))
    return _form("pages/review.html", review=view, frame=frame, form_address=request.path)


@blueprint.post(f"{QUESTIONNAIRE}/review")
@allow(ANYONE)
def finish(lang: str, questionnaire: str) -> Served:
    """Send, or go back to the pages."""
    refuse_other_sites()
    return _change(questionnaire, lang, _finish)


def _finish(sitting: Sitting) -> Destination:
    button, _dash, argument = request.form.get(journey.BUTTON, journey.NEXT).partition("-")
    if button != journey.NEXT:
        return journey.leave_review(sitting, button, argument)
    if journey.is_review_stale(sitting, request.form.to_dict(flat=False)):
        sitting.state.notice = "review_changed"
        return Destination(REVIEW, sitting.language)
    if sitting.problems():
        sitting.state.tried = [*{*sitting.state.tried, REVIEW}]
        return Destination(REVIEW, sitting.language, "problems")
    return _send(sitting)


def _send(sitting: Sitting) -> Destination:
    sending.note_finish(sitting)
    finished = _sitting(sitting.draft, sitting.language)
    try:
        sending.send(finished, sender_of(_edition_of(sitting.draft)))
    except sending.NotSent:
        sitting.state.notice = "not_sent"
        return Destination(REVIEW, sitting.language)
    return Destination(THANKS, sitting.language)


@blueprint.get(f"{QUESTIONNAIRE}/thanks")
@allow(ANYONE)
def thanks(lang: str, questionnaire: str) -> Served:
    """Thanks, and the receipt's code."""
    draft = draft_for(questionnaire)
    if draft is None or not draft.state.sent:
        return _elsewhere(draft, lang)
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


# --- inside -------------------------------------------------------------------------------------


def _sitting(draft: OpenDraft, language: str) -> Sitting:
    return Sitting(
        draft,
        _edition_of(draft).definition,
        settings_of(),
        language=language,
        caller=request.remote_addr or "",
    )


def _edition_of(draft: OpenDraft) -> Edition:
    """The edition that a draft was begun with, also when a newer one is offered by now."""
    edition = catalogue.edition(draft.state.questionnaire, draft.state.version)
    if edition is None:
        abort(404)
    return edition


def _elsewhere(draft: OpenDraft | None, language: str) -> Served:
    """Where somebody belongs whose draft is gone, sent, or not sent yet."""
    if draft is None:
        return render_template("pages/gone.html"), 410
    if draft.state.sent:
        return see_other(page_address(draft.state.questionnaire, THANKS, language))
    return see_other(_resume_address(draft, language))


def _change(questionnaire: str, lang: str, work: Callable[[Sitting], Destination]) -> Served:
    """Do one piece of work on a draft and save it; anew, if the draft was saved meanwhile."""
    digest = _digest_of_form()
    for _number in range(TRIES):
        draft = draft_for(questionnaire)
        if draft is None or draft.state.sent:
            return _elsewhere(draft, lang)
        if draft.state.last_form == digest:  # a double click, or a page that was loaded again
            return see_other(draft.state.last_address)
        try:
            return _changed(draft, lang, digest, work)
        except DraftMoved:
            db.session.rollback()
    abort(429)


def _changed(
    draft: OpenDraft, lang: str, digest: str, work: Callable[[Sitting], Destination]
) -> Response:
    draft.state.notice = ""
    destination = work(_sitting(draft, lang))
    address = page_address(draft.state.questionnaire, destination.to, destination.language)
    if destination.fragment:
        address += f"#{destination.fragment}"
    response = see_other(address)
    if destination.to == THANKS:
        return response
    if destination.to not in {START, REVIEW}:
        draft.state.page = destination.to
    draft.state.language = destination.language
    draft.state.last_form, draft.state.last_address = digest, address
    drafts.save(draft)
    return give_cookie(response, draft)


def _digest_of_form() -> str:
    """Digest of everything a form brought, and where."""
    digest = hashlib.sha256(request.path.encode())
    for name, texts in sorted(request.form.lists()):
        digest.update(repr((name, texts)).encode())
    for name, file in sorted(request.files.items()):
        digest.update(repr((name, hashlib.sha256(file.read()).hexdigest())).encode())
    return digest.hexdigest()
