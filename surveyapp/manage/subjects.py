"""The pages about what families ask of their data: find a record, write a request down, carry it out."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Row
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.i18n import current_language
from surveyapp.manage import account_queries, subject_copies, subject_queries
from surveyapp.manage.account_words import region_names
from surveyapp.manage.records import SEALED_FOR_GOOD
from surveyapp.manage.subject_forms import AnswerForm, AskForm, CodeForm, CopyForm, SearchForm
from surveyapp.people import audit
from surveyapp.people.access import allow
from surveyapp.people.rights import Reach, Right
from surveyapp.people.roles import covering, my_reach, needs
from surveyapp.submissions import searching, subject_finding, subject_requests
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.receipts import read_code
from surveyapp.submissions.refusals import Refused
from surveyapp.submissions.subject_finding import Subject
from surveyapp.submissions.subject_models import DESTROYING, SubjectRequest, Wish
from surveyapp.submissions.subject_requests import Asked
from surveyapp.wiring import settings_of

#: what every database can be asked for
LARGEST = 2**31 - 1
blueprint = Blueprint("subjects", __name__, url_prefix="/manage/requests")


@blueprint.get("", strict_slashes=False)
@allow(needs(Right.SUBJECTS))
def requests() -> str:
    """What waits for an answer, what was answered, and the ways to find a record."""
    return _requests_page()


@blueprint.post("/find")
@allow(needs(Right.SUBJECTS))
def find() -> ResponseReturnValue:
    """The record with a receipt code."""
    form = CodeForm()
    code = read_code(form.code.data or "") if form.validate() else None
    found = subject_finding.asked_about(code) if code else None
    if found is None or not _reach().covers(found.questionnaire, found.region):
        form.code.errors = [*form.code.errors, _("Nothing is stored under this code.")]
        return _requests_page(code_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("subjects.about", submission_id=found.id), HTTPStatus.SEE_OTHER)


@blueprint.post("/search")
@allow(needs(Right.READ_IDENTITY))
def search() -> ResponseReturnValue:
    """The records in which somebody is named, for a reason, which is written down first."""
    form, reach = _search_form(), my_reach(Right.READ_IDENTITY)
    if not form.validate():
        return _requests_page(search_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    questionnaire = form.questionnaire.data
    details: dict[str, audit.Detail] = {"identity": True, "reason": form.told()}
    audit.record(audit.Action.IDENTITY_SEARCHED, questionnaire, details)
    db.session.commit()
    found = searching.who_is_named(
        keys_of(), questionnaire, form.text.data or "", reach, form.before.data
    )
    return _requests_page(search_form=form, found=found)


@blueprint.get("/about/<uuid:submission_id>")
@allow(needs(Right.SUBJECTS))
def about(submission_id: UUID) -> str:
    """The form of a request about a record."""
    return _about_page(_subject(submission_id), AskForm())


@blueprint.post("/about/<uuid:submission_id>")
@allow(needs(Right.SUBJECTS))
def ask(submission_id: UUID) -> ResponseReturnValue:
    """Write down what a family asks."""
    found, form = _subject(submission_id), AskForm()
    if not form.validate():
        return _about_page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    words = (form.words.data or "").strip()
    try:
        made = subject_requests.ask(Asked(found, Wish(form.wish.data), words, current_user.id))
    except subject_requests.OnlyACopy:
        form.wish.errors = [_("Until somebody has decided over it, only a copy can be asked for.")]
        return _about_page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _back_to(made.serial)


@blueprint.get("/<int:request_number>")
@allow(needs(Right.SUBJECTS))
def one(request_number: int) -> str:
    """A request: what is asked, by when, and what can be done."""
    return _request_page(_known(request_number), AnswerForm())


@blueprint.post("/<int:request_number>/done")
@allow(needs(Right.SUBJECTS))
def done(request_number: int) -> ResponseReturnValue:
    """Do what was asked."""
    found, form = _known(request_number), AnswerForm()
    if form.validate() and found.SubjectRequest.wish in DESTROYING and not form.sure.data:
        form.sure.errors = [_("Tick the box to confirm.")]
    if form.errors or form.sure.errors:
        return _request_page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        subject_requests.carry_out(request_number, form.answer.data or "", by=current_user.id)
    except Refused as refused:
        flash(_refusal(refused), "error")
    else:
        flash(_("Carried out. The request is closed."))
    return _back_to(request_number)


@blueprint.post("/<int:request_number>/refuse")
@allow(needs(Right.SUBJECTS))
def refuse(request_number: int) -> ResponseReturnValue:
    """Close it for a reason, without doing what was asked."""
    found, form = _known(request_number), AnswerForm()
    if form.validate() and not (form.answer.data or "").strip():
        form.answer.errors = [_("Say why it is refused.")]
    if form.errors or form.answer.errors:
        return _request_page(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        subject_requests.refuse(request_number, form.answer.data or "", by=current_user.id)
    except Refused as refused:
        flash(_refusal(refused), "error")
    else:
        flash(_("Refused. The request is closed."))
    return _back_to(request_number)


@blueprint.post("/<int:request_number>/copy")
@allow(needs(Right.READ_IDENTITY))
def copy(request_number: int) -> ResponseReturnValue:
    """All that is kept about them, to be printed or saved, in a language that they read."""
    found, form = _known(request_number), CopyForm()
    if not form.validate():
        abort(HTTPStatus.NOT_FOUND)
    language = form.language.data or current_language()
    try:
        parts = subject_copies.parts_of(found.SubjectRequest, language, with_danger=form.danger.data)
    except SEALED_FOR_GOOD:
        flash(_("What points at a person cannot be opened: its key is not there any more."), "error")
        return _back_to(request_number)
    if not parts:
        flash(_("Its answers were destroyed for good."), "error")
        return _back_to(request_number)
    with force_locale(language):
        page = render_template(
            "manage/copy.html",
            parts=parts,
            code=subject_copies.code_of(parts),
            request_number=request_number,
            settings=settings_of(),
            language=language,
        )
    subject_copies.write_down(parts, f"request {request_number}")
    return page


# --- what the views share ---------------------------------------------------------------------------


def _reach() -> Reach:
    return my_reach(Right.SUBJECTS)


def _today() -> date:
    return day_of(utc_now(), settings_of().timezone)


def _search_form() -> SearchForm:
    form = SearchForm(formdata=request.form if request.method == "POST" else None)
    form.questionnaire.choices = [
        SelectChoice(*each) for each in subject_queries.questionnaires(my_reach(Right.READ_IDENTITY))
    ]
    return form


def _requests_page(
    code_form: CodeForm | None = None, search_form: SearchForm | None = None, found: Any = None
) -> str:
    before = request.args.get("before", type=int)
    closed = subject_queries.closed_requests(
        _reach(), before if before and 0 < before <= LARGEST else None
    )
    shown = closed[: subject_queries.PAGE]
    more = len(closed) > subject_queries.PAGE
    return render_template(
        "manage/requests.html",
        waiting=subject_queries.open_requests(_reach()),
        closed=shown,
        older=url_for("subjects.requests", before=shown[-1].serial) if more else None,
        today=_today(),
        code_form=code_form or CodeForm(formdata=None),
        search_form=search_form or (_search_form() if my_reach(Right.READ_IDENTITY) else None),
        found=found,
        titles=account_queries.titles(),
        region_names=region_names() if found else {},
    )


def _requests_waiting() -> tuple[subject_queries.Waiting | None, bool]:
    """What waits for whoever answers requests, and whether the first is late already."""
    reach = _reach()
    waits = subject_queries.waiting(reach) if reach else None
    return waits, bool(waits and waits.due_on < _today())


def _subject(submission_id: UUID) -> Subject:
    found = subject_finding.subject_of(submission_id)
    if found is not None and not _reach().covers(found.questionnaire, found.region):
        abort(HTTPStatus.FORBIDDEN)  # what waits is no submission, whose place the address would tell
    return found or abort(HTTPStatus.NOT_FOUND)


def _about_page(found: Subject, form: AskForm) -> str:
    return render_template("manage/about.html", about=found, form=form, titles=account_queries.titles())


def _known(number: int) -> Row[Any]:
    found = subject_queries.with_names(number) if number <= LARGEST else None
    return found or abort(HTTPStatus.NOT_FOUND)


def _request_page(found: Row[Any], form: AnswerForm) -> str:
    wanted: SubjectRequest = found.SubjectRequest
    try:
        words: str | None = subject_requests.words_of(keys_of(), wanted)
    except SEALED_FOR_GOOD:
        words = None
    return render_template(
        "manage/request.html",
        found=found,
        wanted=wanted,
        words=words,
        form=form,
        tells_of_danger=_tells_of_danger(wanted),
        today=_today(),
        titles=account_queries.titles(),
        may_copy=my_reach(Right.READ_IDENTITY).covers(wanted.questionnaire, wanted.region),
        may_edit=my_reach(Right.EDIT).covers(wanted.questionnaire, wanted.region),
    )


def _tells_of_danger(wanted: SubjectRequest) -> bool:
    """Whether a copy would say what was seen of danger to a child, were it not left out."""
    if wanted.wish != Wish.COPY or wanted.closed_at:
        return False
    return subject_copies.tells_of_danger(wanted)


def _refusal(refused: Refused) -> str:
    if isinstance(refused, subject_requests.AlreadyClosed):
        return str(_("It is closed already: somebody else was quicker."))
    return str(_("This cannot be done."))


def _back_to(number: int) -> ResponseReturnValue:
    return redirect(url_for("subjects.one", request_number=number), HTTPStatus.SEE_OTHER)


def _covers(reach: Reach, number: int) -> bool:
    """What is not there is nobody's: the view says so."""
    place = subject_queries.place_of(number) if number <= LARGEST else None
    return place is None or reach.covers(*place)


def register_subjects(app: Flask, _settings: Settings) -> None:
    """Serve the pages; say what their addresses name."""
    app.register_blueprint(blueprint)
    covering(app, "request_number", _covers)
    app.jinja_env.globals.update(requests_waiting=_requests_waiting)
