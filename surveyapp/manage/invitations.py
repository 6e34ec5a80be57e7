"""The page of personal links: make them for an occasion, print them or take them out, revoke them."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Flask, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.service import Edition
from surveyapp.config import Settings
from surveyapp.days import end_of
from surveyapp.manage.invitation_form import InvitationForm
from surveyapp.manage.publish_form import DiscardForm
from surveyapp.manage.qr import public_address
from surveyapp.people import invitations
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.wiring import settings_of

blueprint = Blueprint("invitations", __name__, url_prefix="/manage/q/<questionnaire_id>/invitations")
#: signs at which a spreadsheet takes a cell for a formula
_FORMULA = "=+-@\t\r"


@blueprint.get("", strict_slashes=False)
@allow(needs(Right.PUBLISH))
def invitation_list(questionnaire_id: str) -> str:
    """What was made, how much of it was used, and the form for more."""
    return _page(_edition(questionnaire_id), InvitationForm(formdata=None))


@blueprint.post("", strict_slashes=False)
@allow(needs(Right.PUBLISH))
def create(questionnaire_id: str) -> ResponseReturnValue:
    """New links, on cards or as a table; they are shown only this once."""
    found, form = _edition(questionnaire_id), InvitationForm()
    if not form.validate():
        return _page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    day = form.last_day.data
    expires = end_of(day, settings_of().timezone) if day else None
    label, language = form.label.data or "", form.language.data
    codes = invitations.create(questionnaire_id, form.count.data or 0, expires, label=label)
    links = [(code, _link(questionnaire_id, language, code)) for code in codes]
    if form.table.data:
        return _table(questionnaire_id, label, expires, links)
    return render_template(
        "manage/invitation_cards.html",
        edition=found,
        links=links,
        spoken_in=language,
        day=day,
        label=label,
    )


@blueprint.post("/<int:batch>/revoke")
@allow(needs(Right.PUBLISH))
def revoke(questionnaire_id: str, batch: int) -> ResponseReturnValue:
    """Let what was not used of a batch open nothing any more, once that was confirmed."""
    found = _edition(questionnaire_id)
    if not DiscardForm().validate():
        flash(_("Tick the box to confirm."), "error")
        return _page(found, InvitationForm(formdata=None)), HTTPStatus.UNPROCESSABLE_ENTITY
    if batch >= 2**31 or not invitations.revoke(questionnaire_id, batch):
        abort(HTTPStatus.NOT_FOUND)
    flash(_("The links that were not used open nothing any more."))
    address = url_for("invitations.invitation_list", questionnaire_id=questionnaire_id)
    return redirect(address, HTTPStatus.SEE_OTHER)


def _edition(questionnaire_id: str) -> Edition:
    found = catalogue.current(questionnaire_id) if questionnaire_id.isprintable() else None
    return found or abort(HTTPStatus.NOT_FOUND)


def _page(found: Edition, form: InvitationForm) -> str:
    return render_template(
        "manage/invitations.html",
        edition=found,
        form=form,
        batches=invitations.batches(found.entry.id),
        by_invitation=found.entry.access == Access.INVITATION,
    )


def _link(questionnaire_id: str, language: str, code: str) -> str:
    return public_address("pages.start", lang=language, questionnaire=questionnaire_id, code=code)


def _table(
    questionnaire_id: str, label: str, expires: datetime | None, links: list[tuple[str, str]]
) -> Response:
    """A CSV file that spreadsheets open as it is."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow([_("Code"), _("Link"), _("For whom, or for what"), _("Good until")])
    end = expires.isoformat(timespec="minutes") if expires else ""
    safe = f"'{label}" if label[:1] in _FORMULA and label else label
    table.writerows([code, link, safe, end] for code, link in links)
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{questionnaire_id}-links.csv")
    return response


def register_invitations(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)
