"""The list of a questionnaire's submissions: filters, search, saved views, and acts for many at once."""

from __future__ import annotations

from collections import Counter
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.catalogue.definitions import definition_of
from surveyapp.config import Settings
from surveyapp.i18n import current_language
from surveyapp.manage import listing_queries
from surveyapp.manage.bulk_results import address_of, read_result
from surveyapp.manage.groups import group_choices, without_withheld
from surveyapp.manage.listing_filters import Filters, read_filters
from surveyapp.manage.listing_forms import BulkForm, UndoManyForm, ViewForm, chosen
from surveyapp.manage.listing_queries import Place
from surveyapp.manage.queries import PAGE
from surveyapp.manage.regions import region_names
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.submissions import bulk
from surveyapp.submissions.bulk import Hand, Outcome
from surveyapp.submissions.models import Act, Channel, Flag, State
from surveyapp.wiring import settings_of

blueprint = Blueprint("listing", __name__, url_prefix="/manage/q/<questionnaire_id>/submissions")


@blueprint.before_request
def _refuse_unprintable() -> None:
    """PostgreSQL refuses to be asked for them."""
    if not str((request.view_args or {}).get("questionnaire_id", "")).isprintable():
        abort(HTTPStatus.NOT_FOUND)


@blueprint.get("")
@allow(needs(Right.WATCH))
def submissions(questionnaire_id: str) -> str:
    """A page of them, without answers."""
    return _page(questionnaire_id)


@blueprint.post("/views")
@allow(needs(Right.WATCH))
def save_view(questionnaire_id: str) -> ResponseReturnValue:
    """Keep the filters of the address under a name."""
    form, filters = ViewForm(), read_filters(request.args)
    if not form.validate():
        return _page(questionnaire_id, view_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    name = (form.name.data or "").strip()
    listing_queries.save_view(questionnaire_id, _me(), name, filters, bool(form.shared.data))
    flash(_("Saved."))
    return _back(questionnaire_id, filters)


@blueprint.post("/views/<int(max=2147483647):view_id>/forget")
@allow(needs(Right.WATCH))
def forget_view(questionnaire_id: str, view_id: int) -> ResponseReturnValue:
    """Forget one's own view."""
    listing_queries.forget_view(questionnaire_id, _me(), view_id)
    return _back(questionnaire_id, Filters())


@blueprint.post("/review")
@allow(needs(Right.REVIEW))
def review(questionnaire_id: str) -> ResponseReturnValue:
    """Accept, return or reject all that were ticked."""
    return _bulk(questionnaire_id, Right.REVIEW, {Act.ACCEPT, Act.RETURN, Act.REJECT})


@blueprint.post("/delete")
@allow(needs(Right.DELETE))
def delete(questionnaire_id: str) -> ResponseReturnValue:
    """Delete all that were ticked."""
    return _bulk(questionnaire_id, Right.DELETE, {Act.DELETE})


@blueprint.post("/undo")
@allow(needs(Right.WATCH))
def undo(questionnaire_id: str) -> ResponseReturnValue:
    """Take back what was done to many, where nothing has happened since."""
    form = UndoManyForm()
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    right = Right.DELETE if form.act.data == Act.DELETE else Right.REVIEW
    acts = [one for one in chosen() if one.act is not None]
    undone = bulk.undo(Act(form.act.data), acts, Hand(_me(), questionnaire_id, my_reach(right)))
    return _led_to_result(questionnaire_id, undone)


@blueprint.get("/done")
@allow(needs(Right.WATCH))
def done(questionnaire_id: str) -> str:
    """What was done to how many, why not to the others, and the way back."""
    result = read_result(request.args, questionnaire_id, my_reach(Right.WATCH), _me())
    filters = read_filters(request.args)
    return render_template(
        "manage/bulk.html",
        questionnaire_id=questionnaire_id,
        result=result,
        reasons=Counter(str(row.words) for row in result.refused),
        back=_list_address(questionnaire_id, filters),
        filters=filters,
    )


# --- what the views share ---------------------------------------------------------------------------


def _bulk(questionnaire_id: str, right: Right, acts: set[Act]) -> ResponseReturnValue:
    form, ticked = BulkForm(), chosen()
    if form.act.data not in acts:
        abort(HTTPStatus.BAD_REQUEST)
    if not form.validate() or not ticked:
        if not ticked:
            flash(_("Tick the submissions that you mean."), "error")
        ids = {one.id for one in ticked}
        return _page(questionnaire_id, bulk_form=form, ticked=ids), HTTPStatus.UNPROCESSABLE_ENTITY
    act, text = Act(form.act.data), (form.text.data or "").strip()
    outcomes = bulk.review(act, ticked, Hand(_me(), questionnaire_id, my_reach(right)), text)
    return _led_to_result(questionnaire_id, outcomes)


def _led_to_result(questionnaire_id: str, outcomes: list[Outcome]) -> ResponseReturnValue:
    """To the page that tells of it: opened again, it does nothing once more."""
    told = {**read_filters(request.args).address(), **address_of(outcomes)}
    return redirect(
        url_for("listing.done", questionnaire_id=questionnaire_id, **told), HTTPStatus.SEE_OTHER
    )


def _page(questionnaire_id: str, **told: Any) -> str:
    newest, versions = listing_queries.newest_and_versions(questionnaire_id)
    if newest is None:
        abort(HTTPStatus.NOT_FOUND)
    seen, zone = my_reach(Right.WATCH), settings_of().timezone
    definition = definition_of(newest)
    filters = without_withheld(read_filters(request.args), definition)
    place = Place.read(request.args.get("before"))
    rows = listing_queries.page(questionnaire_id, seen, filters, zone, place)
    return render_template(
        "manage/submissions.html",
        questionnaire_id=questionnaire_id,
        newest=newest,
        versions=versions,
        rows=rows[:PAGE],
        older=_older(questionnaire_id, filters, rows),
        count=listing_queries.counted(questionnaire_id, seen, filters, zone),
        most_counted=listing_queries.COUNTED,
        filters=filters,
        states=[state.value for state in State],
        flags=list(Flag),
        channels=list(Channel),
        region_names=region_names(definition, current_language()),
        group_choices=group_choices(definition, current_language()),
        collectors=listing_queries.collectors(questionnaire_id, seen),
        views=listing_queries.views_for(questionnaire_id, _me()),
        me=_me(),
        ticked=told.get("ticked", ()),
        view_form=told.get("view_form") or ViewForm(formdata=None),
        bulk_form=told.get("bulk_form") or BulkForm(formdata=None),
    )


def _older(questionnaire_id: str, filters: Filters, rows: Any) -> str | None:
    if len(rows) <= PAGE:
        return None
    last = rows[PAGE - 1]
    place = {"before": str(Place(last.received_at, last.serial))}
    return _list_address(questionnaire_id, filters, **place)


def _list_address(questionnaire_id: str, filters: Filters, **more: Any) -> str:
    return url_for("listing.submissions", questionnaire_id=questionnaire_id, **filters.address(), **more)


def _back(questionnaire_id: str, filters: Filters) -> ResponseReturnValue:
    return redirect(_list_address(questionnaire_id, filters), HTTPStatus.SEE_OTHER)


def _me() -> int:
    return int(current_user.id)


def register_listing(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
