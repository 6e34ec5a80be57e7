"""A paper sheet without scripts: typed step by step, by the version that is printed on it."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.catalogue.service import Edition
from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.apart import ApartSitting, ApartSteps
from surveyapp.channels.pages.drafts import OpenDraft
from surveyapp.channels.pages.journey import REVIEW, START
from surveyapp.channels.pages.routes import Served, see_other
from surveyapp.channels.pages.sending import NotSent, envelope_of
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.stepping import THANKS
from surveyapp.channels.pages.taking import Form
from surveyapp.questionnaires.paper import without_devices
from surveyapp.submissions import entering
from surveyapp.submissions.entering import NotYours, OtherRecord, Settled
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import NotStored
from surveyapp.submissions.sheet_models import PaperSheet, SheetState
from surveyapp.wiring import settings_of

#: the field of the session’s token, which comes first in a form: a question may have the same name
TOKEN = "csrf_token"  # noqa: S105  # a name, not a password


class SheetSteps(ApartSteps):
    """One person's entry of a sheet. Another account in the same browser does not go on with it."""

    layout = "pages/sheet_form.html"
    cookie_path = "/manage"

    def __init__(self, edition: Edition, code: str, language: str, *, is_second: bool) -> None:
        super().__init__(without_devices(edition.definition), language)
        self.edition, self.code, self.is_second = edition, code, is_second
        self._led_to = url_for("paper.sheet_list", questionnaire_id=self.questionnaire.id)

    @property
    def apart(self) -> dict[str, Any]:
        """Whose entry of which sheet, by which version."""
        of = self.questionnaire
        sheet = {"sheet": self.code, "questionnaire": of.id, "version": of.version}
        return sheet | {"by": current_user.id}

    def sitting(self, draft: OpenDraft) -> Sitting:
        """The draft, in the language that was chosen on its pages."""
        language = draft.state.language
        return ApartSitting(draft, self.questionnaire, settings_of(), language=language)

    def form(self) -> Form:
        """The form without the session’s token."""
        form = request.form.to_dict(flat=False)
        return form | {TOKEN: form.get(TOKEN, [])[1:]}

    def address(self, key: str, language: str) -> str:
        """Under the sheet's, with the version that is printed on it."""
        if key == THANKS:
            return self._led_to
        of = self.questionnaire
        own: dict[str, Any] = {"questionnaire_id": of.id, "code": self.code, "version": of.version}
        if key == START:
            return url_for("paper.sheet", **(own | {"in": language}))
        if key == REVIEW:
            return url_for("paper.sheet_review", **own)
        return url_for("paper.sheet_page", **own, page=key)

    def said(self) -> dict[str, Any]:
        """What stands above every page."""
        return {
            "questionnaire": self.questionnaire,
            "code": self.code,
            "is_second": self.is_second,
            "choosing": self._choosing(),
        }

    def gone(self) -> Served:
        """It is begun again; had it been entered meanwhile, the first page would tell that."""
        flash(_("What was typed is not here any more: begin the sheet again."), "error")
        return see_other(self.address(START, self.language))

    def send(self, sitting: Sitting) -> None:
        """Enter the sheet; what stands in the way is told on the list of sheets. Raises `NotSent`."""
        envelope = envelope_of(sitting, Channel.PAPER)
        try:
            sheet = entering.enter(self.questionnaire.id, self.code, envelope, current_user.id)
        except (NotYours, Settled, OtherRecord) as refused:
            flash(why(refused), "error")
        except NotStored as error:
            raise NotSent from error
        else:
            self._tell(sheet)
        drafts.end(sitting.draft.secret)

    def _tell(self, sheet: PaperSheet) -> None:
        code = sheet.code
        if sheet.state == SheetState.WAITING:
            flash(_("Sheet %(code)s is entered. Now another person enters it once more.", code=code))
        elif sheet.state == SheetState.ACCEPTED:
            flash(_("Both entries are alike: sheet %(code)s is received.", code=code))
        else:
            flash(_("The two entries differ."), "error")
            self._led_to = url_for("paper.differences", questionnaire_id=sheet.questionnaire, code=code)

    def _choosing(self) -> str:
        """Where another version is chosen; empty: there is no other, or the first entry has said it."""
        entry = self.edition.entry
        if self.is_second or len(entry.versions) < 2:
            return ""
        return url_for("paper.sheet_list", questionnaire_id=entry.id, code=self.code)


def hindrance(found: PaperSheet) -> str:
    """Why the signed-in person cannot enter a sheet; empty: nothing is in the way."""
    if found.state == SheetState.ACCEPTED:
        return why(Settled())
    return why(NotYours()) if found.first_by == current_user.id else ""


def why(error: ValueError) -> str:
    """What stands in the way of an entry, in words."""
    if isinstance(error, NotYours):
        return str(_("You entered this sheet. Somebody else must enter it once more."))
    if isinstance(error, Settled):
        return str(_("This sheet was received already."))
    return str(_("This is another sheet, or another version of the questionnaire."))
