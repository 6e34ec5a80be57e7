"""The page of a questionnaire's assignments: who visits whom, by hand or from a file, open and done."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.i18n import current_language
from surveyapp.manage.assignment_forms import ChangeForm, ListForm, VisitForm
from surveyapp.manage.assignment_words import TASKS, message
from surveyapp.manage.queries import PAGE
from surveyapp.manage.regions import region_names
from surveyapp.people import devices
from surveyapp.people.access import allow
from surveyapp.people.collectors import collectors
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.people.service import names_of
from surveyapp.submissions import assigned, assigning
from surveyapp.submissions.assessing import limits_of
from surveyapp.submissions.assignment_lists import BadList, ReadList, read_list, read_rows
from surveyapp.submissions.assignment_models import Assignment, Task
from surveyapp.submissions.assignment_rows import Given
from surveyapp.submissions.keys import keys_of
from surveyapp.wiring import settings_of

blueprint = Blueprint("assignments", __name__, url_prefix="/manage/q/<questionnaire_id>/assignments")
#: visits of a checked list that are shown before they are given out
SHOWN = 20


@blueprint.get("")
@allow(needs(Right.ASSIGN))
def assignments(questionnaire_id: str) -> str:
    """What was given out, the newest first, and the forms for more."""
    return _page(_edition(questionnaire_id))


@blueprint.post("")
@allow(needs(Right.ASSIGN))
def give(questionnaire_id: str) -> ResponseReturnValue:
    """Give out one visit, made by hand."""
    edition, form = _edition(questionnaire_id), VisitForm()
    given = _given(edition)
    _offer(form, edition, given)
    if not form.validate():
        return _page(edition, visit_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    headings, cells = form.table()
    try:
        visits = read_rows(headings, [(1, cells)], given)
    except BadList as bad:
        _tell(form, bad)
        return _page(edition, visit_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _given_out(questionnaire_id, ReadList(visits))


@blueprint.post("/list")
@allow(needs(Right.ASSIGN))
def give_list(questionnaire_id: str) -> ResponseReturnValue:
    """Check a list: all that is wrong, or what would be given out; or give it out, if that was asked."""
    edition, form = _edition(questionnaire_id), ListForm()
    if not form.validate() or not (content := form.content()):
        form.file.errors = [_("Choose a file")]
        return _page(edition, list_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        found = read_list(content, _given(edition))
    except BadList as bad:
        return _page(edition, list_form=form, bad=bad), HTTPStatus.UNPROCESSABLE_ENTITY
    if form.give.data:
        return _given_out(questionnaire_id, found)
    form.text.data = content.decode("cp1251" if found.is_windows else _encoding(content))
    known = assigning.known_already(questionnaire_id, found.visits)
    return _page(edition, list_form=form, found=found, known=known)


@blueprint.post("/<uuid:assignment_id>/withdraw")
@allow(needs(Right.ASSIGN))
def withdraw(questionnaire_id: str, assignment_id: UUID) -> ResponseReturnValue:
    """Take an open visit back; its phone is told."""
    return _change(questionnaire_id, assignment_id, assigning.withdraw, _("Withdrawn."))


@blueprint.post("/<uuid:assignment_id>/open")
@allow(needs(Right.ASSIGN))
def open_again(questionnaire_id: str, assignment_id: UUID) -> ResponseReturnValue:
    """Give one out once more that was withdrawn, or whose record is no good."""
    return _change(questionnaire_id, assignment_id, assigning.open_again, _("To be done again."))


# --- what the views share ---------------------------------------------------------------------------


def _edition(questionnaire_id: str) -> Edition:
    if not questionnaire_id.isprintable():
        abort(HTTPStatus.NOT_FOUND)
    return catalogue.current(questionnaire_id) or abort(HTTPStatus.NOT_FOUND)


def _given(edition: Edition) -> Given:
    reach, settings = my_reach(Right.ASSIGN), settings_of()
    return Given(
        definition=edition.definition,
        collectors=collectors(edition.entry.id, reach),
        regions=reach.regions(edition.entry.id),
        today=day_of(utc_now(), settings.timezone),
        limits=limits_of(settings),
        open_visits=assigning.open_by_collector(),
    )


def _offer(form: VisitForm, edition: Edition, given: Given) -> None:
    names = region_names(edition.definition, current_language())
    mine = given.regions
    shown = {code: name for code, name in names.items() if mine is None or code in mine}
    form.offer(given.collectors, shown, all_of=mine is None)


def _tell(form: VisitForm, bad: BadList) -> None:
    """Put what is wrong beside its field; of an answer beside all of them."""
    fields: dict[str, Any] = {name: form[name] for name in ("interviewer", "label", "region", "due")}
    for mistake in bad.mistakes:
        field = fields.get(mistake.column)
        said = message(mistake)
        if field is None:
            form.answers.errors = [*form.answers.errors, f"{mistake.column}: {said}"]
        else:
            field.errors = [*field.errors, said]


def _encoding(content: bytes) -> str:
    return "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"


def _given_out(questionnaire_id: str, found: ReadList) -> ResponseReturnValue:
    made = assigning.give_out(questionnaire_id, found.visits, int(current_user.id))
    left = len(found.visits) - made
    flash(ngettext("%(num)s visit was given out.", "%(num)s visits were given out.", made))
    if left:
        flash(_("Given out before, and left as they are: %(count)s", count=left))
    return _back(questionnaire_id)


def _change(questionnaire_id: str, assignment_id: UUID, change: Any, said: str) -> ResponseReturnValue:
    found = assigning.one(assignment_id)
    mine = found and my_reach(Right.ASSIGN).covers(found.questionnaire, found.region)
    if found is None or not mine or found.questionnaire != questionnaire_id:
        abort(HTTPStatus.NOT_FOUND)
    if not ChangeForm().validate():
        abort(HTTPStatus.BAD_REQUEST)
    try:
        change(assignment_id, int(current_user.id))
    except assigning.Settled:
        flash(_("It has changed since you looked at it. Nothing was done; look at it again."), "error")
    else:
        flash(said)
    return _back(questionnaire_id)


def _back(questionnaire_id: str) -> ResponseReturnValue:
    address = url_for("assignments.assignments", questionnaire_id=questionnaire_id)
    return redirect(address, HTTPStatus.SEE_OTHER)


def _page(
    edition: Edition,
    *,
    visit_form: VisitForm | None = None,
    list_form: ListForm | None = None,
    **more: Any,
) -> str:
    reach, state = my_reach(Right.ASSIGN), _state()
    given = _given(edition)
    if visit_form is None:
        visit_form = VisitForm(formdata=None)
        _offer(visit_form, edition, given)
    rows = assigned.listed(edition.entry.id, reach, state=state, before=_before(), limit=PAGE + 1)
    older = None
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        older = url_for(
            "assignments.assignments",
            questionnaire_id=edition.entry.id,
            before=rows[-1].serial,
            state=state.value if state else None,
        )
    keys = keys_of()
    return render_template(
        "manage/assignments.html",
        entry=edition.entry,
        newest=edition.version,
        tally=assigned.tally(edition.entry.id, reach, given.today),
        rows=[(row, assigned.said_of(keys, row).get("label")) for row in rows],
        names=_names(rows),
        older=older,
        state=state,
        tasks=TASKS,
        today=given.today,
        region_names=region_names(edition.definition, current_language()),
        visit_form=visit_form,
        list_form=list_form or ListForm(formdata=None),
        message=message,
        shown=SHOWN,
        **more,
    )


def _names(rows: Any) -> dict[str, str]:
    """Of each person and phone of the rows its name, by `Collector.key`."""
    users = {row.user_id for row in rows if row.user_id is not None}
    phones = {row.device_id for row in rows if row.device_id is not None}
    people = {f"user {number}": name for number, name in names_of(users).items()}
    return people | {f"device {number}": name for number, name in devices.names_of(phones).items()}


def _state() -> Task | None:
    asked = request.args.get("state")
    return Task(asked) if asked in set(Task) else None


def _before() -> int | None:
    serial = request.args.get("before", type=int)
    return serial if serial is not None and 0 < serial < 2**31 else None


def collector_key(row: Assignment) -> str:
    """Whose an assignment is, as `Collector.key` has it."""
    return f"user {row.user_id}" if row.user_id is not None else f"device {row.device_id}"


def register_assignments(app: Flask, _settings: Settings) -> None:
    """Serve the page, and add `surveyapp assignment …`."""
    from surveyapp.manage.assignment_commands import assignment_group

    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(collector_key=collector_key)
    app.cli.add_command(assignment_group)
