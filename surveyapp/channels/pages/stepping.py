"""One interview on the stepwise pages, whosever it is: its pages, its review, its sending.

A family's answers, those of a trial version and a paper sheet's differ in whose draft it is, at which
addresses its pages lie and what sending means: the heirs of `Steps` say that. What the buttons do is in
`journey`, what the pages show in `presenting`.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from flask import Response, abort, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from surveyapp.channels.pages import drafts, journey, sending
from surveyapp.channels.pages.drafts import DraftMoved, OpenDraft
from surveyapp.channels.pages.journey import REVIEW, START, Destination
from surveyapp.channels.pages.phrases import Wording
from surveyapp.channels.pages.pictures import AddressOf
from surveyapp.channels.pages.presenting import Presenter
from surveyapp.channels.pages.routes import Served, see_other
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.taking import Form
from surveyapp.extensions import db
from surveyapp.i18n import speaking

#: saves of one draft at the very same moment before the last of them is asked to wait
TRIES = 5
THANKS = "thanks"


class Steps(ABC):
    """An interview that is answered step by step, in one request."""

    #: the template that the pages stand in
    layout = "pages/form.html"

    @abstractmethod
    def draft(self) -> OpenDraft | None:
        """The draft that this browser can open; None: there is none."""

    @abstractmethod
    def sitting(self, draft: OpenDraft) -> Sitting:
        """The draft, opened, in the language of this request."""

    @abstractmethod
    def address(self, key: str, language: str) -> str:
        """Address of a page by its key; `start`, `review` and `thanks` are keys too."""

    @abstractmethod
    def give_cookie(self, response: Response, draft: OpenDraft) -> Response:
        """Let the browser keep the draft's key."""

    @abstractmethod
    def gone(self) -> Served:
        """What somebody sees whose draft is not there."""

    @abstractmethod
    def send(self, sitting: Sitting) -> None:
        """Send the answers; their finish is noted. Raises `sending.NotSent`."""

    def said(self) -> dict[str, Any]:
        """What `layout` needs to know."""
        return {}

    def file_addresses(self) -> AddressOf | None:
        """Where the questionnaire's own files are; None: where those of published versions are."""
        return None

    def presenter(self, sitting: Sitting) -> Presenter:
        """What makes the views of its pages."""
        return StepsPresenter(self, sitting)

    def form(self) -> Form:
        """What the form brought of questions."""
        return request.form.to_dict(flat=False)

    # ------------------------------------------------------------ pages

    def show(self, key: str) -> Served:
        """One page of the questionnaire, as the draft has it now."""
        draft = self.draft()
        if draft is None or draft.state.sent:
            return self.elsewhere(draft)
        sitting = self.sitting(draft)
        found = sitting.walk.find(key)
        if found is None or not sitting.walk.is_open(found):
            return see_other(self.resume_address(draft))
        presenter = self.presenter(sitting)
        address = self.address(found.key, sitting.language)
        with speaking(sitting.language):
            if found.planned.lists is not None:
                roster = presenter.roster(found)
                frame = presenter.frame(roster.heading)
                return self._rendered(
                    "pages/roster.html", page=roster, frame=frame, form_address=address
                )
            view = presenter.page(found)
            return self._rendered(
                "pages/page.html",
                page=view,
                frame=presenter.frame(view.heading, failed=bool(view.errors)),
                form_address=address,
                multipart=presenter.needs_upload(found),
            )

    def take(self, key: str) -> Served:
        """Take what a page holds and do what its button says; then see other."""

        def work(sitting: Sitting) -> Destination:
            found = sitting.walk.find(key)
            if found is None:  # an instance that was removed in another window
                return Destination(_resume_key(sitting), sitting.language)
            button = request.form.get(journey.BUTTON, journey.NEXT)
            return journey.step(sitting, found, button, self.form(), _files())

        return self.change(work)

    def take_first_section(self, sitting: Sitting) -> Destination:
        """Take the whole page's first section, whose modules did not run, like a stepwise page."""
        page = next(iter(sitting.walk.open_pages()), None)
        if page is None:
            return Destination(REVIEW, sitting.language)
        return journey.step(sitting, page, journey.NEXT, self.form(), _files())

    def _rendered(self, template: str, **context: object) -> str:
        return render_template(template, layout=self.layout, **self.said(), **context)

    # ------------------------------------------------------------ review and sending

    def show_review(self) -> Served:
        """All answers once more, before they are sent."""
        draft = self.draft()
        if draft is None or draft.state.sent:
            return self.elsewhere(draft)
        sitting = self.sitting(draft)
        presenter = self.presenter(sitting)
        address = self.address(REVIEW, sitting.language)
        with speaking(sitting.language):
            view = presenter.review()
            heading = Wording(_("Check the answers"), sitting.language)
            frame = presenter.frame(heading, failed=bool(view.errors))
            return self._rendered("pages/review.html", review=view, frame=frame, form_address=address)

    def finish(self) -> Served:
        """Send, or go back to the pages."""
        return self.change(self._finish)

    def _finish(self, sitting: Sitting) -> Destination:
        button, _dash, argument = request.form.get(journey.BUTTON, journey.NEXT).partition("-")
        if button != journey.NEXT:
            return journey.leave_review(sitting, button, argument)
        if journey.is_review_stale(sitting, self.form()):
            sitting.state.notice = "review_changed"
            return Destination(REVIEW, sitting.language)
        if sitting.problems():
            sitting.state.tried = [*{*sitting.state.tried, REVIEW}]
            return Destination(REVIEW, sitting.language, "problems")
        return self._send(sitting)

    def _send(self, sitting: Sitting) -> Destination:
        sending.note_finish(sitting)
        try:
            self.send(self.sitting(sitting.draft))
        except sending.NotSent:
            sitting.state.notice = "not_sent"
            return Destination(REVIEW, sitting.language)
        return Destination(THANKS, sitting.language)

    # ------------------------------------------------------------ changing a draft

    def change(self, work: Callable[[Sitting], Destination]) -> Served:
        """Do one piece of work on the draft and save it; anew, if it was saved meanwhile."""
        digest = digest_of_form()
        for _number in range(TRIES):
            draft = self.draft()
            if draft is None or draft.state.sent:
                return self.elsewhere(draft)
            if draft.state.last_form == digest:  # a double click, or a page that was loaded again
                return see_other(draft.state.last_address)
            try:
                return self.changed(draft, digest, work)
            except DraftMoved:
                db.session.rollback()
        abort(429)

    def changed(self, draft: OpenDraft, digest: str, work: Callable[[Sitting], Destination]) -> Response:
        """Do one piece of work on a draft in hand and save it. Raises `DraftMoved`."""
        draft.state.notice = ""
        destination = work(self.sitting(draft))
        address = self.address(destination.to, destination.language)
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
        return self.give_cookie(response, draft)

    # ------------------------------------------------------------ where it goes on

    def elsewhere(self, draft: OpenDraft | None) -> Served:
        """Where somebody belongs whose draft is gone, sent, or not sent yet."""
        if draft is None:
            return self.gone()
        if draft.state.sent:
            return see_other(self.address(THANKS, self.sitting(draft).language))
        return see_other(self.resume_address(draft))

    def resume_address(self, draft: OpenDraft) -> str:
        """Where the draft goes on: the page last shown, else the first that asks something."""
        sitting = self.sitting(draft)
        return self.address(_resume_key(sitting), sitting.language)


class StepsPresenter(Presenter):
    """Makes the views of an interview that lies where its steps say."""

    def __init__(self, steps: Steps, sitting: Sitting) -> None:
        super().__init__(sitting, steps.file_addresses())
        self._steps = steps

    def address(self, key: str) -> str:
        return self._steps.address(key, self.sitting.language)


def _resume_key(sitting: Sitting) -> str:
    page = sitting.walk.find(sitting.state.page)
    nearest = sitting.walk.nearest(page) if page else next(iter(sitting.walk.open_pages()), None)
    return nearest.key if nearest else REVIEW


def _files() -> dict[str, FileStorage]:
    for file in request.files.values():
        file.seek(0)
    return request.files.to_dict()


def digest_of_form() -> str:
    """Digest of everything a form brought, and where."""
    digest = hashlib.sha256(request.path.encode())
    for name, texts in sorted(request.form.lists()):
        digest.update(repr((name, texts)).encode())
    for name, file in sorted(request.files.items()):
        digest.update(repr((name, hashlib.sha256(file.read()).hexdigest())).encode())
    return digest.hexdigest()
