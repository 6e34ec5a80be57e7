"""How the field work goes: against the plan, on the map, by interviewer; and how their records are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.i18n import current_language
from surveyapp.manage import field_queries
from surveyapp.manage.limits import limits_of, shown_limits
from surveyapp.manage.plan_form import REGION, PlanForm
from surveyapp.manage.progress_figures import (
    DAYS,
    USUAL_APART,
    USUAL_DONE,
    consent_of,
    days_of,
    due_by_now,
    goal_of,
    labels_of,
    region_rows,
    response_of,
)
from surveyapp.manage.quality_rules import USUAL, Limits, marks, usual
from surveyapp.manage.regions import region_names
from surveyapp.manage.tiles import is_map_of, tiles
from surveyapp.messages import plain
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.submissions import assigned, measuring, planning
from surveyapp.submissions.measures import results
from surveyapp.wiring import settings_of

blueprint = Blueprint("progress", __name__, url_prefix="/manage/q/<questionnaire_id>")


@blueprint.get("/progress")
@allow(needs(Right.WATCH))
def progress(questionnaire_id: str) -> str:
    """Records against the plan, by day, region, interviewer and result of the visit."""
    edition, seen = _edition(questionnaire_id), my_reach(Right.WATCH)
    today = day_of(utc_now(), settings_of().timezone)
    plan = field_queries.plan(questionnaire_id)
    wanted = field_queries.targets(questionnaire_id, seen)
    counts = field_queries.by_region(questionnaire_id, seen)
    names = region_names(edition.definition, current_language())
    rows = field_queries.by_collector(questionnaire_id, seen, today - timedelta(days=6))
    goal = goal_of(plan, wanted, seen.regions(questionnaire_id) is None)
    response = response_of(edition, plan, field_queries.by_result(questionnaire_id, seen))
    return render_template(
        "manage/progress.html",
        entry=edition.entry,
        newest=edition.version,
        counted_at=field_queries.counted_at(questionnaire_id),
        plan=plan,
        goal=goal,
        total=sum(counts.values()),
        by_now=due_by_now(plan, goal, today),
        days=days_of(plan, goal, field_queries.by_day(questionnaire_id, seen, _first(today)), today),
        tiles=tiles(counts, wanted, current_language()) if is_map_of(names) else [],
        regions=region_rows(names, counts, wanted, seen.regions(questionnaire_id)),
        region_names=names,
        interviewers=rows,
        names=field_queries.names([row.collector for row in rows]),
        visits=field_queries.visits_by_collector(questionnaire_id, seen),
        tally=assigned.tally(questionnaire_id, seen, today),
        response=response,
        consent=consent_of(edition, field_queries.by_consent(questionnaire_id, seen), response),
    )


@blueprint.get("/quality")
@allow(needs(Right.WATCH))
def quality(questionnaire_id: str) -> str:
    """How the records of each interviewer are, and what is unusual about them."""
    edition, seen = _edition(questionnaire_id), my_reach(Right.WATCH)
    rows, limits = field_queries.qualities(questionnaire_id, seen), limits_of(questionnaire_id)
    return render_template(
        "manage/quality.html",
        entry=edition.entry,
        newest=edition.version,
        counted_at=field_queries.counted_at(questionnaire_id),
        rows=rows,
        marks=_marks(rows, limits),
        usual=usual(rows, limits),
        names=field_queries.names([row.collector for row in rows]),
        region_names=region_names(edition.definition, current_language()),
        limits=shown_limits(limits),
        has_own_limits=limits != USUAL,
    )


@blueprint.get("/plan")
@allow(needs(Right.PUBLISH))
def plan(questionnaire_id: str) -> str:
    """The form of the plan."""
    edition = _edition(questionnaire_id)
    return _plan_page(edition, _typed(edition))


@blueprint.post("/plan")
@allow(needs(Right.PUBLISH))
def change_plan(questionnaire_id: str) -> ResponseReturnValue:
    """Keep the plan, or say what is wrong with it."""
    edition, form = _edition(questionnaire_id), PlanForm.of(request.form)
    planned = _planned(edition, form)
    if form.errors or planned is None:
        return _plan_page(edition, form), HTTPStatus.UNPROCESSABLE_ENTITY
    planning.change(questionnaire_id, planned)
    flash(_("Saved."))
    address = url_for("progress.progress", questionnaire_id=questionnaire_id)
    return redirect(address, HTTPStatus.SEE_OTHER)


# --- what the views share ---------------------------------------------------------------------------


def _edition(questionnaire_id: str) -> Edition:
    if not questionnaire_id.isprintable():
        abort(HTTPStatus.NOT_FOUND)
    return catalogue.current(questionnaire_id) or abort(HTTPStatus.NOT_FOUND)


def _first(today: date) -> date:
    return today - timedelta(days=DAYS - 1)


def _marks(rows: Sequence[Any], limits: Limits) -> dict[tuple[str, str], Any]:
    """By region and interviewer: colleagues are those of the same region."""
    found: dict[tuple[str, str], Any] = {}
    for region in {row.region for row in rows}:
        there = [row for row in rows if row.region == region]
        found |= {(region, collector): each for collector, each in marks(there, limits).items()}
    return found


# --- the plan ---------------------------------------------------------------------------------------


def _typed(edition: Edition) -> PlanForm:
    """The form as the plan is."""
    row = field_queries.plan(edition.entry.id)
    everywhere = my_reach(Right.PUBLISH)
    typed = {REGION + r: str(n) for r, n in field_queries.targets(edition.entry.id, everywhere).items()}
    path = row.result_path if row else measuring.likely_result(edition.definition)
    typed["result"] = path
    if row is None:
        return PlanForm(typed, list(USUAL_DONE), list(USUAL_APART))
    typed["first"] = row.first_day.isoformat() if row.first_day else ""
    typed["last"] = row.last_day.isoformat() if row.last_day else ""
    typed["wanted"] = str(row.wanted or "")
    return PlanForm(typed, list(row.result_done), list(row.result_apart))


def _planned(edition: Edition, form: PlanForm) -> planning.Planned | None:
    """What the form says; None: something is wrong, and noted in it."""
    regions = region_names(edition.definition, current_language())
    numbers = {code: form.number(REGION + code) for code in regions}
    first, last, wanted = form.day("first"), form.day("last"), form.number("wanted")
    if first and last and last < first:
        form.errors["last"] = _("This day is before the first one")
    questions = {each.path: each for each in results(edition.definition)}
    path = form.typed.get("result", "")
    if path and path not in questions:
        form.errors["result"] = _("Choose one of the answers offered")
    if form.errors:
        return None
    offered = labels_of(edition, questions[path]) if path else {}
    return planning.Planned(
        first_day=first,
        last_day=last,
        wanted=wanted,
        regions={code: number for code, number in numbers.items() if number},
        result_path=path,
        result_done=[name for name in form.done if name in offered],
        result_apart=[name for name in form.apart if name in offered and name not in form.done],
    )


def _plan_page(edition: Edition, form: PlanForm) -> str:
    language, definition = current_language(), edition.definition
    questions = {each.path: each for each in results(definition)}
    chosen = questions.get(form.typed.get("result", ""))
    return render_template(
        "manage/plan.html",
        entry=edition.entry,
        newest=edition.version,
        form=form,
        region_field=REGION,
        regions=region_names(definition, language),
        questions={
            path: plain(each.label, language, definition.default_language) or path
            for path, each in questions.items()
        },
        choices=labels_of(edition, chosen) if chosen else {},
    )


def register_progress(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
