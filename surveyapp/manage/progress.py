"""How the field work goes: against the plan, on the map, by interviewer; and how their records are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from surveyapp.manage.plan_form import REGION, PlanForm
from surveyapp.manage.quality_rules import LEAST_COLLEAGUES, LEAST_RECORDS, marks, usual
from surveyapp.manage.regions import region_names
from surveyapp.manage.tiles import is_map_of, tiles
from surveyapp.messages import plain
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.questionnaires.definition import Question
from surveyapp.submissions import assigned, measuring, planning
from surveyapp.submissions.field_models import Plan
from surveyapp.submissions.measures import results
from surveyapp.wiring import settings_of

blueprint = Blueprint("progress", __name__, url_prefix="/manage/q/<questionnaire_id>")
#: days of the chart
DAYS = 30
#: answers that the household survey's own question has
USUAL_DONE = ("done",)
USUAL_APART = ("nochild", "vacant")


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
    goal = _goal(plan, wanted, seen.regions(questionnaire_id) is None)
    return render_template(
        "manage/progress.html",
        entry=edition.entry,
        newest=edition.version,
        counted_at=field_queries.counted_at(questionnaire_id),
        plan=plan,
        goal=goal,
        total=sum(counts.values()),
        by_now=_by_now(plan, goal, today),
        days=_days(plan, goal, field_queries.by_day(questionnaire_id, seen, _first(today)), today),
        tiles=tiles(counts, wanted, current_language()) if is_map_of(names) else [],
        regions=_regions(names, counts, wanted, seen.regions(questionnaire_id)),
        region_names=names,
        interviewers=rows,
        names=field_queries.names([row.collector for row in rows]),
        visits=field_queries.visits_by_collector(questionnaire_id, seen),
        tally=assigned.tally(questionnaire_id, seen, today),
        response=_response(edition, plan, field_queries.by_result(questionnaire_id, seen)),
    )


@blueprint.get("/quality")
@allow(needs(Right.WATCH))
def quality(questionnaire_id: str) -> str:
    """How the records of each interviewer are, and what is unusual about them."""
    edition, seen = _edition(questionnaire_id), my_reach(Right.WATCH)
    rows = field_queries.qualities(questionnaire_id, seen)
    return render_template(
        "manage/quality.html",
        entry=edition.entry,
        newest=edition.version,
        counted_at=field_queries.counted_at(questionnaire_id),
        rows=rows,
        marks=_marks(rows),
        usual=usual(rows),
        names=field_queries.names([row.collector for row in rows]),
        region_names=region_names(edition.definition, current_language()),
        least=LEAST_RECORDS,
        colleagues=LEAST_COLLEAGUES,
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


@dataclass(frozen=True, slots=True)
class Day:
    """A bar of the chart: heights of 100."""

    day: date
    count: int
    height: float
    #: planned for this day
    planned: float | None
    planned_height: float


def _first(today: date) -> date:
    return today - timedelta(days=DAYS - 1)


def _goal(plan: Plan | None, wanted: Mapping[str, int], sees_all: bool) -> int | None:
    """How many are wanted of what somebody sees."""
    if sees_all and plan is not None and plan.wanted:
        return plan.wanted
    return sum(wanted.values()) or None


def _by_now(plan: Plan | None, goal: int | None, today: date) -> int | None:
    """How many should be here by the end of today, if each day brings as many as the next."""
    length = _length(plan)
    if plan is None or plan.first_day is None or not goal or not length:
        return None
    passed = min(max((today - plan.first_day).days + 1, 0), length)
    return round(goal * passed / length)


def _length(plan: Plan | None) -> int:
    if plan is None or plan.first_day is None or plan.last_day is None:
        return 0
    return max((plan.last_day - plan.first_day).days + 1, 0)


def _days(plan: Plan | None, goal: int | None, counts: Mapping[date, int], today: date) -> list[Day]:
    each = goal / _length(plan) if goal and _length(plan) else None
    largest = max([*counts.values(), each or 0, 1])

    def planned(day: date) -> float | None:
        is_in = plan and plan.first_day and plan.last_day and plan.first_day <= day <= plan.last_day
        return each if is_in else None

    found = []
    for ago in reversed(range(DAYS)):
        day = today - timedelta(days=ago)
        count, goal_of_day = counts.get(day, 0), planned(day)
        height = round(max(1.0, 100 * count / largest), 2) if count else 0.0
        found.append(Day(day, count, height, goal_of_day, round(100 * (goal_of_day or 0) / largest, 2)))
    return found


def _regions(
    names: Mapping[str, str],
    counts: Mapping[str, int],
    wanted: Mapping[str, int],
    mine: frozenset[str] | None,
) -> list[dict[str, Any]]:
    """A row for each region that somebody sees, those of other versions and the unknown ones last."""
    listed = [code for code in names if mine is None or code in mine]
    listed += sorted(code for code in counts if code not in names)
    return [
        {
            "name": names.get(code, code) or _("not stated"),
            "count": counts.get(code, 0),
            "wanted": wanted.get(code),
            "share": counts.get(code, 0) / wanted[code] if wanted.get(code) else None,
        }
        for code in listed
    ]


def _response(edition: Edition, plan: Plan | None, counts: Mapping[str, int]) -> dict[str, Any] | None:
    """How visits went, and the share that took place among those where somebody could be asked."""
    path = plan.result_path if plan else measuring.likely_result(edition.definition)
    question = next((each for each in results(edition.definition) if each.path == path), None)
    if question is None:
        return None
    labels = _labels(edition, question)
    done = plan.result_done if plan else [name for name in USUAL_DONE if name in labels]
    apart = plan.result_apart if plan else [name for name in USUAL_APART if name in labels]
    said = {name: counts.get(name, 0) for name in labels}
    asked = sum(count for name, count in said.items() if name not in apart)
    largest = max([*said.values(), 1])
    return {
        "rows": [
            (labels[n], c, round(100 * c / largest, 2), n in done, n in apart) for n, c in said.items()
        ],
        "rate": sum(said[name] for name in done if name in said) / asked if asked and done else None,
    }


def _labels(edition: Edition, question: Question) -> dict[str, str]:
    if question.choices is None:
        return {}
    definition = edition.definition
    choices = definition.choice_lists.get(question.choices.list_name, ())
    language = current_language()
    return {
        each.name: plain(each.label, language, definition.default_language) or each.name
        for each in choices
    }


def _marks(rows: Sequence[Any]) -> dict[tuple[str, str], Any]:
    """By region and interviewer: colleagues are those of the same region."""
    found: dict[tuple[str, str], Any] = {}
    for region in {row.region for row in rows}:
        there = [row for row in rows if row.region == region]
        found |= {(region, collector): each for collector, each in marks(there).items()}
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
    offered = _labels(edition, questions[path]) if path else {}
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
        choices=_labels(edition, chosen) if chosen else {},
    )


def register_progress(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
