"""The pages of exports: all their choices, what is prepared, and choices that have a name."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.definitions import definition_of
from surveyapp.config import Settings
from surveyapp.database import will_write
from surveyapp.exports import approving, jobs, presets
from surveyapp.exports.choices import PHONE
from surveyapp.exports.choosing import read_request, written_request
from surveyapp.exports.errors import ExportError
from surveyapp.exports.fetching import NotThere, open_file
from surveyapp.exports.formats import FORMATS
from surveyapp.exports.jobs import Wanted
from surveyapp.exports.models import JobState
from surveyapp.exports.offered import column_names
from surveyapp.exports.overtaken import is_overtaken
from surveyapp.exports.refusals import refused_choices
from surveyapp.exports.request import ExportRequest, Profile
from surveyapp.exports.responses import as_file, goes_on, streamed
from surveyapp.exports.rights import NotAllowed, cut_to, right_for
from surveyapp.exports.service import check_asked, export, reads_first
from surveyapp.i18n import current_language
from surveyapp.manage.export_fields import Maker, asked_in
from surveyapp.manage.export_words import FAILURES, JOB_STATES
from surveyapp.manage.listing_queries import collectors, newest_and_versions, phones
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import has_session, my_reach, needs
from surveyapp.people.views import refused
from surveyapp.questionnaires.storable import is_storable
from surveyapp.wiring import settings_of

blueprint = Blueprint("exporting", __name__, url_prefix="/manage/q/<questionnaire_id>/export")


@blueprint.before_request
def _refuse_unprintable() -> None:
    """PostgreSQL refuses to be asked for them."""
    if not str((request.view_args or {}).get("questionnaire_id", "")).isprintable():
        abort(HTTPStatus.NOT_FOUND)


@blueprint.errorhandler(NotAllowed)
def _of_not_allowed(_error: NotAllowed) -> ResponseReturnValue:
    return refused(
        HTTPStatus.FORBIDDEN,
        _("This page is not for your role"),
        _("An administrator can give you the role that opens it."),
    )


@blueprint.errorhandler(NotThere)
def _of_not_there(_error: NotThere) -> ResponseReturnValue:
    return refused(
        HTTPStatus.NOT_FOUND,
        _("There is no such page"),
        _("The address may be old or mistyped."),
    )


@blueprint.get("")
@allow(needs(Right.EXPORT))
def choose(questionnaire_id: str) -> str:
    """All choices; an address may bring some of them along."""
    return _choosing(questionnaire_id, asked_in(request.args))


@blueprint.post("/download")
@allow(needs(Right.EXPORT))
def download(questionnaire_id: str) -> ResponseReturnValue:
    """The file, from its first byte on; what cannot be made so is prepared instead."""
    _known(questionnaire_id)
    asked = asked_in(request.form)
    try:
        wanted = _checked(questionnaire_id, asked)
        if wanted.confidential:
            return _asked_for(wanted)
        if not FORMATS[wanted.format].streams or reads_first(wanted):
            return _prepared(wanted)
        return streamed(export(wanted))
    except ExportError as error:
        return _again(questionnaire_id, asked, error)


@blueprint.post("/prepare")
@allow(needs(Right.EXPORT))
def prepare(questionnaire_id: str) -> ResponseReturnValue:
    """Put it into the queue; what a second person has to agree to is never prepared beforehand."""
    _known(questionnaire_id)
    asked = asked_in(request.form)
    try:
        wanted = _checked(questionnaire_id, asked)
        return _asked_for(wanted) if wanted.confidential else _prepared(wanted)
    except ExportError as error:
        return _again(questionnaire_id, asked, error)


@blueprint.post("/keep")
@allow(needs(Right.EXPORT))
def keep(questionnaire_id: str) -> ResponseReturnValue:
    """Keep the choices under a name."""
    _known(questionnaire_id)
    asked, name = asked_in(request.form), request.form.get("name", "").strip()
    try:
        wanted = _checked(questionnaire_id, asked)
    except ExportError as error:
        return _again(questionnaire_id, asked, error)
    if wanted.confidential:
        # each time somebody says why: no address may stand for that
        return _again(questionnaire_id, asked, {"profile": _l("This cannot be kept under a name.")})
    if not name or len(name) > presets.LONGEST_NAME or not is_storable(name):
        return _again(questionnaire_id, asked, {"name": _l("Give it a name of at most 80 characters.")})
    choices = written_request(wanted, settings_of().timezone)
    presets.keep(_me(), questionnaire_id, name, choices, shared="shared" in request.form)
    flash(_("Saved."))
    return redirect(url_for("exporting.choose", questionnaire_id=questionnaire_id) + "#named", 303)


@blueprint.post("/named/<uuid:preset_id>/forget")
@allow(needs(Right.EXPORT))
def forget(questionnaire_id: str, preset_id: UUID) -> ResponseReturnValue:
    """Forget one's own."""
    if not presets.forget(preset_id, _me(), questionnaire_id):
        abort(HTTPStatus.NOT_FOUND)
    return redirect(url_for("exporting.choose", questionnaire_id=questionnaire_id) + "#named", 303)


@blueprint.get("/files")
@allow(needs(Right.EXPORT))
def files(questionnaire_id: str) -> str:
    """What is prepared, and how far it is; the page looks again by itself while something is made."""
    newest = _known(questionnaire_id)
    rows = jobs.own(_me(), questionnaire_id)
    news = [row.id for row in rows if row.told_at is None and JobState(row.state).is_over]
    if news:
        will_write()
        jobs.told(news)
    return render_template(
        "manage/export_files.html",
        questionnaire_id=questionnaire_id,
        newest=newest,
        rows=rows,
        overtaken={row.id for row in rows if is_overtaken(row)},
        under_way=any(not JobState(row.state).is_over for row in rows),
        JOB_STATES=JOB_STATES,
        FAILURES=FAILURES,
    )


@blueprint.get("/files/<uuid:job_id>")
@allow(needs(Right.EXPORT))
def fetch(questionnaire_id: str, job_id: UUID) -> ResponseReturnValue:
    """A finished file, or the part of it that the browser lacks."""
    _own_job(questionnaire_id, job_id)
    return as_file(open_file(job_id, _me(), goes_on=goes_on()))


@blueprint.post("/files/<uuid:job_id>/cancel")
@allow(needs(Right.EXPORT))
def cancel(questionnaire_id: str, job_id: UUID) -> ResponseReturnValue:
    """Cancel what is not finished."""
    _own_job(questionnaire_id, job_id)
    jobs.cancel(job_id, _me())
    return _to_files(questionnaire_id)


# --- what the views share ---------------------------------------------------------------------------


def _me() -> int:
    return int(current_user.id)


def _known(questionnaire_id: str) -> Any:
    newest, _versions = newest_and_versions(questionnaire_id)
    if newest is None:
        abort(HTTPStatus.NOT_FOUND)
    return newest


def _own_job(questionnaire_id: str, job_id: UUID) -> None:
    job = jobs.one(job_id, _me())
    if job is None or job.questionnaire != questionnaire_id:
        abort(HTTPStatus.NOT_FOUND)


def _checked(questionnaire_id: str, asked: Mapping[str, str]) -> ExportRequest:
    """What is asked for, cut to where the signed-in person may. Raises `ExportError`, `NotAllowed`.

    Of a full export nobody has agreed yet.
    """
    wanted = read_request(questionnaire_id, asked, settings_of().timezone)
    wanted = cut_to(wanted, my_reach(right_for(confidential=wanted.confidential)))
    check_asked(wanted)
    return wanted


def _asked_for(wanted: ExportRequest) -> ResponseReturnValue:
    """A full export: a second person is asked."""
    approving.ask(wanted, _me())
    flash(_("Asked for. A second person has to agree; then you take the file here."))
    return redirect(url_for("approvals.requests"), HTTPStatus.SEE_OTHER)


def _prepared(wanted: ExportRequest) -> ResponseReturnValue:
    choices = written_request(wanted, settings_of().timezone)
    try:
        jobs.ask(Wanted(_me(), wanted.questionnaire, choices, wanted.confidential))
    except jobs.TooManyJobs:
        flash(_("Too many files are being prepared for you. Cancel one, or wait."), "error")
    return _to_files(wanted.questionnaire)


def _to_files(questionnaire_id: str) -> ResponseReturnValue:
    return redirect(url_for("exporting.files", questionnaire_id=questionnaire_id), HTTPStatus.SEE_OTHER)


def _again(
    questionnaire_id: str, asked: Mapping[str, str], error: ExportError | Mapping[str, LazyString]
) -> ResponseReturnValue:
    """The page once more, with what is wrong."""
    errors = refused_choices(error) if isinstance(error, ExportError) else error
    return _choosing(questionnaire_id, asked, errors), HTTPStatus.UNPROCESSABLE_ENTITY


def _choosing(
    questionnaire_id: str, asked: Mapping[str, str], errors: Mapping[str, LazyString] | None = None
) -> str:
    newest, versions = newest_and_versions(questionnaire_id)
    if newest is None:
        abort(HTTPStatus.NOT_FOUND)
    confidential = my_reach(right_for(confidential=True)).touches(questionnaire_id)
    is_full = confidential and asked.get("profile") == Profile.FULL
    definitions = [edition.definition for edition in catalogue.all_editions(questionnaire_id)]
    maker = Maker(
        newest=definition_of(newest),
        versions=versions,
        columns=column_names(definitions, Profile.FULL if is_full else Profile.DE_IDENTIFIED),
        language=current_language(),
        asked=asked,
        errors=errors or {},
        confidential=confidential,
        collectors=_collectors(questionnaire_id),
    )
    return render_template(
        "manage/export_choices.html",
        questionnaire_id=questionnaire_id,
        newest=newest,
        what=maker.what(),
        groups=list(maker.groups()),
        unknown=maker.unknown(),
        name_error=str((errors or {}).get("name", "")),
        presets=presets.listed(_me(), questionnaire_id),
        me=_me(),
        smallest_group=settings_of().smallest_group,
    )


def _collectors(questionnaire_id: str) -> dict[str, str]:
    """People and phones who have sent something that the signed-in person may export."""
    reach = my_reach(Right.EXPORT)
    people = {str(row.id): row.username for row in collectors(questionnaire_id, reach)}
    return people | {f"{PHONE}{row.id}": row.name for row in phones(questionnaire_id, reach)}


def _news() -> list[Any]:
    """What of the signed-in person's is finished, and was not seen yet; for the frame of every page."""
    if not has_session() or not my_reach(Right.EXPORT) or request.endpoint == "exporting.files":
        return []
    return list(jobs.news(_me()))


def register_exporting(app: Flask, _settings: Settings) -> None:
    """Serve the pages, and let every page tell of what is finished."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(export_news=_news)
