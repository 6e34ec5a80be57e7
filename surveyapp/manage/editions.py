"""The pages of questionnaires' versions: check and publish a workbook, say who may answer, retire."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.utils import secure_filename

from surveyapp.catalogue import media as version_media
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue import trials
from surveyapp.catalogue.errors import (
    CatalogueError,
    SafeguardingContactMissing,
    UnknownQuestionnaire,
    UnknownVersion,
)
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.service import Edition
from surveyapp.catalogue.trial_models import Trial
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.manage import workbooks
from surveyapp.manage.publish_form import AccessForm, PublishForm, RetireForm, Uploaded
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.questionnaires.differences import differences
from surveyapp.wiring import settings_of

if TYPE_CHECKING:
    from surveyapp.questionnaires.checking import Report

blueprint = Blueprint("editions", __name__, url_prefix="/manage")
XFORM_TYPE = "application/xml; charset=utf-8"


@blueprint.get("/publish")
@allow(needs(Right.PUBLISH))
def publish() -> str:
    """The form for a workbook."""
    return _publish_page(PublishForm())


@blueprint.post("/publish")
@allow(needs(Right.PUBLISH))
def check_or_publish() -> ResponseReturnValue:
    """What is wrong with a workbook, all at once; or publish it, if that was asked and nothing is."""
    form = PublishForm()
    if not form.validate():
        return _publish_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    sent = form.sent()
    report = workbooks.checked(sent)
    if report.definition is not None and not my_reach(Right.PUBLISH).touches(report.definition.id):
        abort(HTTPStatus.FORBIDDEN)
    if report.errors or not (form.publish.data or form.keep.data):
        status = HTTPStatus.UNPROCESSABLE_ENTITY if report.errors else HTTPStatus.OK
        return _publish_page(form, sent, report), status
    try:
        if form.keep.data:
            return _to_trial(workbooks.kept(sent))
        was_there = workbooks.is_there(report)
        made = workbooks.published(sent)
    except CatalogueError as error:
        form.workbook.errors = [workbooks.refusal(error)]
        return _publish_page(form, sent, report), HTTPStatus.CONFLICT
    if was_there:
        _say_it_was_there(made)
        return _back_to(made.entry.id)
    return said_published(made)


def _say_it_was_there(made: Edition) -> None:
    version = made.version.version
    if made.version.retired_at:
        retired = _(
            "Version %(version)s was retired: it is not offered again. "
            "Publish it under another version.",
            version=version,
        )
        flash(retired, "error")
    else:
        flash(_("Version %(version)s was published before, just like this.", version=version))


def said_published(made: Edition) -> ResponseReturnValue:
    """Say that a version is out, and which of its files are missing; lead to the versions."""
    flash(_("Version %(version)s is published.", version=made.version.version))
    for name in version_media.missing(made.version, made.definition):
        flash(_("The file %(name)s is missing.", name=name), "error")
    return _back_to(made.entry.id)


@blueprint.get("/q/<questionnaire_id>/versions")
@allow(needs(Right.PUBLISH))
def versions(questionnaire_id: str) -> str:
    """The versions of a questionnaire, who may answer, and what each version changed."""
    return _versions_page(_editions(questionnaire_id), None)


@blueprint.post("/q/<questionnaire_id>/access")
@allow(needs(Right.PUBLISH))
def access(questionnaire_id: str) -> ResponseReturnValue:
    """Say who may answer from now on."""
    found, form = _editions(questionnaire_id), AccessForm()
    if not form.validate():
        return _versions_page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        window = form.window(settings_of().timezone)
        catalogue.set_access(questionnaire_id, Access(form.access.data), window)
    except SafeguardingContactMissing as error:
        form.access.errors = [workbooks.refusal(error)]
        return _versions_page(found, form), HTTPStatus.CONFLICT
    flash(_("Saved."))
    return _back_to(questionnaire_id)


@blueprint.post("/q/<questionnaire_id>/retire")
@allow(needs(Right.PUBLISH))
def retire(questionnaire_id: str) -> ResponseReturnValue:
    """Offer a version no longer, once it was confirmed."""
    found, form = _editions(questionnaire_id), RetireForm()
    if not form.validate():
        flash(_("Tick the box to confirm."), "error")
        return _versions_page(found, None), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        catalogue.retire(questionnaire_id, form.version.data or "")
    except UnknownVersion:
        abort(HTTPStatus.NOT_FOUND)
    flash(_("Version %(version)s is offered no longer.", version=form.version.data))
    return _back_to(questionnaire_id)


@blueprint.get("/q/<questionnaire_id>/versions/<version>/xform")
@allow(needs(Right.PUBLISH))
def xform(questionnaire_id: str, version: str) -> Response:
    """The XForm, byte for byte as it was published."""
    found = _edition(questionnaire_id, version)
    return _download(found.version.xform, f"{questionnaire_id}-{version}.xml", XFORM_TYPE)


@blueprint.get("/q/<questionnaire_id>/versions/<version>/workbook")
@allow(needs(Right.PUBLISH))
def workbook(questionnaire_id: str, version: str) -> Response:
    """The author's file, as it was published."""
    found = _edition(questionnaire_id, version).version
    if found.workbook is None:
        abort(HTTPStatus.NOT_FOUND)
    name = found.workbook_name or f"{questionnaire_id}.xlsx"
    return _download(found.workbook, name, "application/octet-stream")


# --- what the views share ---------------------------------------------------------------------------


def _editions(questionnaire_id: str) -> list[Edition]:
    if not questionnaire_id.isprintable():  # PostgreSQL refuses to be asked
        abort(HTTPStatus.NOT_FOUND)
    try:
        return catalogue.all_editions(questionnaire_id)
    except UnknownQuestionnaire:
        abort(HTTPStatus.NOT_FOUND)


def _edition(questionnaire_id: str, version: str) -> Edition:
    named = questionnaire_id.isprintable() and version.isprintable()
    found = catalogue.edition(questionnaire_id, version) if named else None
    return found or abort(HTTPStatus.NOT_FOUND)


def _to_trial(kept: Trial) -> ResponseReturnValue:
    address = url_for("trials.trial", questionnaire_id=kept.questionnaire_id)
    return redirect(address, HTTPStatus.SEE_OTHER)


def _publish_page(form: PublishForm, sent: Uploaded | None = None, report: Report | None = None) -> str:
    before = catalogue.newest(report.definition.id) if report and report.definition else None
    changed = (
        differences(before.definition, report.definition)
        if before and report and report.definition
        else []
    )
    reach = my_reach(Right.PUBLISH)
    return render_template(
        "manage/publish.html",
        form=form,
        sent=sent,
        report=report,
        before=before,
        changed=changed,
        kept=[each for each in trials.every() if reach.touches(each.questionnaire_id)],
    )


def _versions_page(found: list[Edition], sent: AccessForm | None) -> str:
    """`sent`: what was sent and could not be taken."""
    entry, form = found[-1].entry, sent or AccessForm(formdata=None)
    if sent is None:
        form.show(entry.access, entry.window, settings_of().timezone)
    steps = zip(found, [None, *found[:-1]], strict=True)
    lines = [
        (each, differences(last.definition, each.definition) if last else []) for each, last in steps
    ]
    return render_template(
        "manage/versions.html",
        entry=entry,
        phase=entry.window.phase(utc_now()),
        newest=found[-1].version,
        is_tried=trials.find(entry.id) is not None,
        lines=lines[::-1],
        form=form,
    )


def _back_to(questionnaire_id: str) -> ResponseReturnValue:
    return redirect(
        url_for("editions.versions", questionnaire_id=questionnaire_id), HTTPStatus.SEE_OTHER
    )


def _download(content: bytes, name: str, media_type: str) -> Response:
    headers: dict[str, Any] = {"X-Content-Type-Options": "nosniff"}
    response = Response(content, content_type=media_type, headers=headers)
    response.headers.set(
        "Content-Disposition", "attachment", filename=secure_filename(name) or "questionnaire"
    )
    return response


def register_editions(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
