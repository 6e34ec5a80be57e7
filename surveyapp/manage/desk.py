"""The quarantine desk: what waits and why, one piece of work beside what is stored, the decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.i18n import current_language
from surveyapp.manage import desk_files, desk_queries
from surveyapp.manage.account_queries import titles
from surveyapp.manage.desk_forms import SIDE, DecisionForm, sought
from surveyapp.manage.desk_lines import side_by_side
from surveyapp.manage.desk_queries import Sought, Version
from surveyapp.manage.desk_words import DECISIONS, REST, WHY
from surveyapp.manage.queries import PAGE
from surveyapp.manage.record_forms import IdentityForm
from surveyapp.manage.record_lines import Eyes, lines
from surveyapp.manage.refusal_words import why_not
from surveyapp.people import audit
from surveyapp.people.access import allow
from surveyapp.people.rights import Reach, Right
from surveyapp.people.roles import covering, my_reach, needs
from surveyapp.submissions import deciding, looking, merging, waiting_files
from surveyapp.submissions.deciding import Decided
from surveyapp.submissions.looking import CLOSED, Look
from surveyapp.submissions.merging import Side
from surveyapp.submissions.models import Channel, Decision
from surveyapp.submissions.quarantine import NotQuarantined
from surveyapp.submissions.refusals import Unsettled

blueprint = Blueprint("desk", __name__, url_prefix="/manage/quarantine")
#: numbers of work are serials; a larger one is nobody's
_ONE = "/<int(max=2147483647):work_number>"


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of it is shown, by which version, and what was chosen before it was refused."""

    sensitive: bool = False
    identity: bool = False
    form: DecisionForm | None = None
    identity_form: IdentityForm | None = None
    chosen: Mapping[str, Side] = field(default_factory=dict)


@blueprint.get("")
@allow(needs(Right.REVIEW))
def waiting() -> str:
    """What waits and why, oldest first unless asked otherwise."""
    seen, asked = my_reach(Right.REVIEW), sought(request.args)
    rows = desk_queries.waiting(seen, asked, _beyond(asked))
    return render_template(
        "manage/quarantine.html",
        rows=rows[:PAGE],
        more=_further(rows, asked),
        sought=asked,
        heaps=desk_queries.heaps(seen),
        titles=titles(),
        channels=list(Channel),
    )


@blueprint.get(_ONE)
@allow(needs(Right.REVIEW))
def work(work_number: int) -> str:
    """One piece of work beside what is stored, without what is guarded."""
    return _page(_look(work_number), Shown())


@blueprint.post(f"{_ONE}/sensitive")
@allow(needs(Right.READ_SENSITIVE))
def sensitive(work_number: int) -> str:
    """The same with sensitive answers, which is written down."""
    seen = _reviewed(work_number)
    _write_down(seen, {"identity": False, "sensitive": True})
    return _page(_look(work_number), Shown(sensitive=True))


@blueprint.post(f"{_ONE}/identity")
@allow(needs(Right.READ_IDENTITY))
def identity(work_number: int) -> ResponseReturnValue:
    """The same with everything, for a reason, which is written down first."""
    seen, form = _reviewed(work_number), IdentityForm()
    if not form.validate():
        return _page(seen, Shown(identity_form=form)), HTTPStatus.UNPROCESSABLE_ENTITY
    also_sensitive = my_reach(Right.READ_SENSITIVE).covers(seen.row.questionnaire, None)
    details: dict[str, audit.Detail] = {"identity": True, "reason": form.told()}
    _write_down(seen, details | {"sensitive": also_sensitive})
    return _page(_look(work_number), Shown(sensitive=also_sensitive, identity=True))


@blueprint.post(f"{_ONE}/files/<sha256>")
@allow(needs(Right.REVIEW))
def file(work_number: int, sha256: str) -> ResponseReturnValue:
    """A file of it, as a download; a guarded one for a reason."""
    return desk_files.download(_look(work_number), sha256)


@blueprint.post(f"{_ONE}/decide")
@allow(needs(Right.REVIEW))
def decide(work_number: int) -> ResponseReturnValue:
    """Carry a decision out, and say what became of it; or say why that cannot be."""
    form = DecisionForm()
    if not form.validate():
        if form.revision.errors or form.decision.errors:
            abort(HTTPStatus.BAD_REQUEST)
        return _page(_look(work_number), Shown(form=form)), HTTPStatus.UNPROCESSABLE_ENTITY
    by = int(current_user.id)
    try:
        _DECISIONS[Decision(form.decision.data)](work_number, form, by)
    except Unsettled as refused:
        flash(why_not(refused), "error")
        return _page(_look(work_number), Shown(form=form, chosen=form.sides())), HTTPStatus.CONFLICT
    except CLOSED as refused:
        flash(why_not(refused), "error")
    except NotQuarantined:
        abort(HTTPStatus.NOT_FOUND)
    return redirect(_address(work_number), HTTPStatus.SEE_OTHER)


# --- decisions --------------------------------------------------------------------------------------


def _accept(number: int, _form: DecisionForm, by: int) -> Decided:
    return deciding.accept(number, by=by)


def _accept_as_revision(number: int, form: DecisionForm, by: int) -> Decided:
    return deciding.accept_as_revision(number, by=by, looked_at=form.revision.data)


def _merge(number: int, form: DecisionForm, by: int) -> Decided:
    revision = form.revision.data
    return merging.merge(number, form.sides(), rest=form.others(), by=by, looked_at=revision)


def _attach(number: int, form: DecisionForm, by: int) -> Decided:
    to = _version(form.version.data)
    if to is None:
        abort(HTTPStatus.BAD_REQUEST)
    return deciding.attach(
        number, to.version, questionnaire=to.questionnaire, by=by, looked_at=form.revision.data
    )


def _discard(number: int, form: DecisionForm, by: int) -> Decided:
    return deciding.discard(number, form.reason.data or "", by=by)


_DECISIONS: Mapping[Decision, Callable[[int, DecisionForm, int], Decided]] = {
    Decision.ACCEPT: _accept,
    Decision.ACCEPT_AS_REVISION: _accept_as_revision,
    Decision.MERGE: _merge,
    Decision.ATTACH: _attach,
    Decision.DISCARD: _discard,
}


# --- what the views share ---------------------------------------------------------------------------


def _look(number: int) -> Look:
    by = _version(request.args.get("by", type=int))
    try:
        return looking.look(number, (by.questionnaire, by.version) if by else None)
    except NotQuarantined:
        abort(HTTPStatus.NOT_FOUND)


def _reviewed(number: int) -> Look:
    """The work, for somebody who has the right to decide over it too."""
    seen = _look(number)
    if not my_reach(Right.REVIEW).covers(seen.row.questionnaire, None):
        abort(HTTPStatus.FORBIDDEN)
    return seen


def _version(serial: int | None) -> Version | None:
    """A published version by its serial, of a questionnaire that the person reviews."""
    found = desk_queries.versions(my_reach(Right.REVIEW), "") if serial else []
    return next((each for each in found if each.serial == serial), None)


def _page(seen: Look, shown: Shown) -> str:
    row, asked, mine = seen.row, sought(request.args), my_reach(Right.REVIEW)
    reads = my_reach(Right.READ).covers(row.questionnaire, None)
    return render_template(
        "manage/work.html",
        seen=seen,
        row=row,
        head=seen.head if seen.head and mine.covers(seen.head.questionnaire, seen.head.region) else None,
        people=desk_queries.people_of(row),
        result=desk_queries.result_of(row) if row.decided_at and reads else None,
        trouble=why_not(seen.trouble) if seen.trouble else None,
        **(_told(seen, shown) if reads else {}),
        shown=shown,
        by=request.args.get("by", type=int),
        side=SIDE,
        versions=[] if row.decided_at else desk_queries.versions(mine, row.questionnaire),
        next=desk_queries.next_of(mine, asked, row.serial),
        sought=asked,
        why=WHY,
        decisions=DECISIONS,
        rest=REST,
        may_identity=_may(Right.READ_IDENTITY, row.questionnaire),
        may_sensitive=_may(Right.READ_SENSITIVE, row.questionnaire),
        form=shown.form or DecisionForm(formdata=None),
        identity_form=shown.identity_form or IdentityForm(formdata=None),
    )


def _told(seen: Look, shown: Shown) -> dict[str, Any]:
    """The answers as lines: both sides, or the one that there is."""
    content, definition = seen.content, seen.definition
    if content is None or definition is None:
        return {}
    eyes = Eyes(
        current_language(),
        shown.sensitive,
        content.identity if shown.identity else None,
        looking.guards_of(seen.row.questionnaire, definition),
    )
    files = waiting_files.files_of(seen)
    told: dict[str, Any] = {
        "misfits": content.foreign,
        "files": [(each, desk_files.may_open(each, seen.row.questionnaire)) for each in files],
    }
    if seen.pair is not None:
        return told | {"both": side_by_side(seen.pair, eyes, opened=shown.identity)}
    return told | {"lines": lines(definition, content.answers, eyes)}


def _may(right: Right, questionnaire: str) -> bool:
    return my_reach(right).covers(questionnaire, None)


def _write_down(seen: Look, details: dict[str, audit.Detail]) -> None:
    audit.record(audit.Action.QUARANTINE_OPENED, str(seen.row.submission_id), details)
    db.session.commit()


def _address(number: int) -> str:
    return url_for("desk.work", work_number=number, **sought(request.args).address())


def _beyond(asked: Sought) -> int | None:
    """The serial that the page begins after, in its order."""
    serial = request.args.get("before" if asked.newest_first else "after", type=int)
    return serial if serial is not None and 0 < serial < 2**31 else None


def _further(rows: Any, asked: Sought) -> str | None:
    if len(rows) <= PAGE:
        return None
    place = {"before" if asked.newest_first else "after": rows[PAGE - 1].serial}
    return url_for("desk.waiting", **asked.address(), **place)


def _covers(reach: Reach, number: int) -> bool:
    """What is not there is nobody's: the view says so."""
    questionnaire = desk_queries.place_of(number)
    return questionnaire is None or reach.covers(questionnaire, None)


def register_desk(app: Flask, _settings: Settings) -> None:
    """Serve the pages; say what their addresses name."""
    app.register_blueprint(blueprint)
    covering(app, "work_number", _covers)
