"""Administrators' pages: how the field work goes, what waits, who did what."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import Forbidden, NotFound

from surveyapp.catalogue.definitions import definition_of
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.exports import approving
from surveyapp.exports.service import export
from surveyapp.i18n import current_language
from surveyapp.manage import queries
from surveyapp.manage.charts import bars
from surveyapp.manage.export_form import ExportForm
from surveyapp.manage.presenting import register_presenting, title_of
from surveyapp.manage.regions import counted_regions, region_names
from surveyapp.people.access import allow
from surveyapp.people.rights import Reach, Right
from surveyapp.people.roles import covering, my_reach, needs
from surveyapp.people.views import refused
from surveyapp.wiring import settings_of

blueprint = Blueprint("manage", __name__, url_prefix="/manage")
#: lengths of the chart by day
PERIODS = (30, 90)


@blueprint.get("", strict_slashes=False)
@allow(needs(Right.WATCH))
def questionnaires() -> str:
    """Every questionnaire with its counts; who may not see them is led to their own page."""
    lines = queries.overviews(_seen_of_all(), utc_now(), settings_of().timezone)
    titles = {line.entry.id: title_of(line.newest) for line in lines}
    return render_template("manage/questionnaires.html", lines=lines, titles=titles)


@blueprint.get("/q/<questionnaire_id>")
@allow(needs(Right.WATCH))
def questionnaire(questionnaire_id: str) -> str:
    """One questionnaire: by day, by region, and the form for its data."""
    return _questionnaire_page(_line(questionnaire_id), ExportForm())


@blueprint.post("/q/<questionnaire_id>/download")
@allow(needs(Right.EXPORT))
def download(questionnaire_id: str) -> ResponseReturnValue:
    """The file that the form asks for, streamed; or the page again, with what is wrong."""
    line = _line(questionnaire_id)
    form = ExportForm()
    if not form.validate():
        return _questionnaire_page(line, form), HTTPStatus.UNPROCESSABLE_ENTITY
    right = Right.EXPORT_FULL if form.is_confidential else Right.EXPORT
    reach = my_reach(right)
    if not reach.touches(questionnaire_id):
        abort(HTTPStatus.FORBIDDEN)
    wanted = form.request_for(questionnaire_id, reach.regions(questionnaire_id))
    if wanted.confidential:
        approving.ask(wanted, int(current_user.id))
        flash(_("Asked for. A second person has to agree; then you take the file here."))
        return redirect(url_for("approvals.requests"), HTTPStatus.SEE_OTHER)
    made = export(wanted)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made, content_type=made.media_type, headers=headers)


# --- what the views share ---------------------------------------------------------------------------


def _seen() -> Reach:
    """Where the signed-in person sees what there is."""
    return my_reach(Right.WATCH)


def _seen_of_all() -> queries.Seen:
    return queries.Seen(_seen(), my_reach(Right.REVIEW))


def _line(questionnaire_id: str) -> queries.Overview:
    if "\x00" in questionnaire_id:  # an address can carry it, a PostgreSQL parameter cannot
        abort(HTTPStatus.NOT_FOUND)
    line = queries.overview(questionnaire_id, _seen_of_all(), utc_now(), settings_of().timezone)
    if line is None:
        abort(HTTPStatus.NOT_FOUND)
    return line


def _questionnaire_page(line: queries.Overview, form: ExportForm) -> str:
    zone = settings_of().timezone
    days = queries.last_days(_period(), utc_now(), zone)
    return render_template(
        "manage/questionnaire.html",
        line=line,
        form=form,
        smallest_group=settings_of().smallest_group,
        periods=PERIODS,
        days=bars(queries.by_day(line.entry.id, _seen(), days, zone)),
        regions=_region_bars(line),
    )


def _region_bars(line: queries.Overview) -> list[Any]:
    names = region_names(definition_of(line.newest), current_language())
    if not names:
        return []
    counts = queries.by_region(line.entry.id, _seen())
    return bars(counted_regions(counts, names, _("not stated")))


def _period() -> int:
    asked = request.args.get("days", type=int)
    return asked if asked in PERIODS else PERIODS[0]


@blueprint.errorhandler(403)
def _not_allowed(_error: Forbidden) -> ResponseReturnValue:
    if request.endpoint == f"{blueprint.name}.{questionnaires.__name__}":
        # where every way in ends: a password, a second factor, single sign-on, “back”
        return redirect(url_for("me.account"), HTTPStatus.SEE_OTHER)
    return refused(
        HTTPStatus.FORBIDDEN,
        _("This page is not for your role"),
        _("An administrator can give you the role that opens it."),
    )


@blueprint.errorhandler(404)
def _not_found(_error: NotFound) -> ResponseReturnValue:
    return refused(
        HTTPStatus.NOT_FOUND,
        _("There is no such page"),
        _("The address may be old or mistyped."),
    )


def register_manage(app: Flask, _settings: Settings) -> None:
    """Serve the pages; give their templates what they call; say what their addresses name."""
    app.register_blueprint(blueprint)
    covering(app, "questionnaire_id", Reach.touches)
    register_presenting(app)
