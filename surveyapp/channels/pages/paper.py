"""`/manage/q/<id>/paper`: filled sheets are entered, by two people each, on the questionnaire's page.

Anybody who may collect may enter, and may be the second of somebody else's sheet: to type what stands on
paper is a part of collecting, and no right to see other records is wanted for it (docs/decisions/0031).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from surveyapp.assets import script_url
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.channels.pages.journey import START
from surveyapp.channels.pages.pictures import kept_addresses
from surveyapp.channels.pages.routes import Served, see_other
from surveyapp.channels.pages.sheet_steps import SheetSteps, hindrance, why
from surveyapp.channels.pages.whole import documents_of
from surveyapp.channels.pages.whole_logic import page_logic
from surveyapp.channels.pages.whole_rendering import Places, render_whole
from surveyapp.i18n import LANGUAGES, current_language
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.people.service import names_of
from surveyapp.questionnaires.definition import Questionnaire, Valued
from surveyapp.questionnaires.paper import without_devices
from surveyapp.submissions import entering, sheets
from surveyapp.submissions.entering import Difference, NotYours, OtherRecord, Settled
from surveyapp.submissions.envelope import BadEnvelope, Envelope, load_envelope
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import NotStored
from surveyapp.submissions.sheet_models import PaperSheet, SheetState
from surveyapp.wiring import settings_of

blueprint = Blueprint("paper", __name__, url_prefix="/manage")
SHEETS = "/q/<questionnaire_id>/paper"
PAGE = 50
SAID = {"saved": _l("Kept in this window only")}


@blueprint.get("/paper")
@allow(needs(Right.COLLECT))
def questionnaires() -> str:
    """The questionnaires whose sheets the signed-in person may enter."""
    reach = my_reach(Right.COLLECT)
    versions = [each for each in catalogue.unclosed_versions() if reach.touches(each.questionnaire_id)]
    return render_template("manage/paper.html", versions=versions)


@blueprint.get(SHEETS)
@allow(needs(Right.COLLECT))
def sheet_list(questionnaire_id: str) -> str:
    """Sheets and how far they have come, and the field for the next one's code."""
    return _list(_current(questionnaire_id))


@blueprint.post(SHEETS)
@allow(needs(Right.COLLECT))
def open_sheet(questionnaire_id: str) -> ResponseReturnValue:
    """Lead to the sheet whose code was typed."""
    found = _current(questionnaire_id)
    code = sheets.read_code(request.form.get("code", ""))
    if code is None:
        wrong = _("This is not the code of a sheet. Look at it once more.")
        return _list(found, request.form.get("code", "")[:40], wrong), HTTPStatus.UNPROCESSABLE_ENTITY
    printed = _printed(found, request.form.get("version", ""))
    version = None if printed.version is found.version else printed.version.version
    address = url_for("paper.sheet", questionnaire_id=questionnaire_id, code=code, version=version)
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.get(f"{SHEETS}/<code>")
@allow(needs(Right.COLLECT))
def sheet(questionnaire_id: str, code: str) -> ResponseReturnValue:
    """The whole questionnaire, to be typed from paper; `version`: what is printed on an older sheet."""
    return _with_steps(questionnaire_id, code, _whole)


@blueprint.get("/q/<questionnaire_id>/paper-logic/<version>/<lang>.json")
@allow(needs(Right.COLLECT))
def sheet_logic(questionnaire_id: str, version: str, lang: str) -> Response:
    """The logic of a version as its sheets have it, without what only a device can answer."""
    found = catalogue.edition(questionnaire_id, version) if version.isprintable() else None
    if found is None or lang not in LANGUAGES or not questionnaire_id.isprintable():
        abort(HTTPStatus.NOT_FOUND)
    logic = page_logic(without_devices(found.definition), lang).document
    return current_app.response_class(logic, mimetype="application/json")


@blueprint.post(f"{SHEETS}/<code>")
@allow(needs(Right.COLLECT))
def enter(questionnaire_id: str, code: str) -> ResponseReturnValue:
    """Keep what was entered; alike twice, it is received. Without scripts it goes on step by step."""
    if not request.is_json:
        return _with_steps(questionnaire_id, code, SheetSteps.begin)
    number, _sheet = _found(questionnaire_id, code)
    try:
        found = entering.enter(questionnaire_id, number, _envelope(), current_user.id)
    except (NotYours, Settled, OtherRecord) as error:
        return _refused(why(error), HTTPStatus.CONFLICT)
    except NotStored:
        return _refused(_("Nothing can be stored at the moment. Please send it again later"), 503)
    except (ValueError, RecursionError):
        return _refused(_("The request cannot be understood"), HTTPStatus.BAD_REQUEST)
    return jsonify({"number": found.code, "faults": int(found.state == SheetState.DIFFERING)})


@blueprint.get(f"{SHEETS}/<code>/page/<page>")
@allow(needs(Right.COLLECT))
def sheet_page(questionnaire_id: str, code: str, page: str) -> ResponseReturnValue:
    """One page of a sheet that is typed without scripts."""
    return _with_steps(questionnaire_id, code, lambda steps: steps.show(page))


@blueprint.post(f"{SHEETS}/<code>/page/<page>")
@allow(needs(Right.COLLECT))
def answer_page(questionnaire_id: str, code: str, page: str) -> ResponseReturnValue:
    """Take what the page holds and do what its button says."""
    return _with_steps(questionnaire_id, code, lambda steps: steps.take(page))


@blueprint.get(f"{SHEETS}/<code>/review")
@allow(needs(Right.COLLECT))
def sheet_review(questionnaire_id: str, code: str) -> ResponseReturnValue:
    """All of the sheet once more."""
    return _with_steps(questionnaire_id, code, SheetSteps.show_review)


@blueprint.post(f"{SHEETS}/<code>/review")
@allow(needs(Right.COLLECT))
def finish_sheet(questionnaire_id: str, code: str) -> ResponseReturnValue:
    """Enter the sheet, or go back to its pages."""
    return _with_steps(questionnaire_id, code, SheetSteps.finish)


@blueprint.post(f"{SHEETS}/<code>/withdraw")
@allow(needs(Right.COLLECT))
def withdraw(questionnaire_id: str, code: str) -> ResponseReturnValue:
    """Throw away what was entered of a sheet: it was another one, or of another version."""
    number, found = _found(questionnaire_id, code)
    if found is None or not _may_withdraw(found):
        abort(HTTPStatus.NOT_FOUND)
    try:
        entering.withdraw(found)
    except Settled as error:
        flash(why(error), "error")
    else:
        flash(_("What was entered of sheet %(code)s was thrown away. Enter it anew.", code=number))
    address = url_for("paper.sheet_list", questionnaire_id=questionnaire_id, code=number)
    return redirect(address, HTTPStatus.SEE_OTHER)


@blueprint.get(f"{SHEETS}/<code>/settle")
@allow(needs(Right.COLLECT))
def differences(questionnaire_id: str, code: str) -> str:
    """What was entered in two ways, side by side, for whoever entered it second."""
    return _settling(_to_settle(questionnaire_id, code))


@blueprint.post(f"{SHEETS}/<code>/settle")
@allow(needs(Right.COLLECT))
def settle(questionnaire_id: str, code: str) -> ResponseReturnValue:
    """Receive the sheet with what was said of each difference."""
    found = _to_settle(questionnaire_id, code)
    differing = entering.differences(found)
    said = {each.path: request.form.get(f"is {each.path}", "") for each in differing}
    if not entering.have_one_shape(found) or set(said.values()) - {"first", "second"}:
        return _settling(found, is_incomplete=True), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        result = entering.accept(found, {path: word == "first" for path, word in said.items()})
    except NotStored:
        flash(_("Nothing can be stored at the moment. Please send it again later"), "error")
        return _settling(_to_settle(questionnaire_id, code)), HTTPStatus.SERVICE_UNAVAILABLE
    flash(_("Sheet %(code)s is received: %(receipt)s", code=code, receipt=result.receipt_code or "–"))
    address = url_for("paper.sheet_list", questionnaire_id=questionnaire_id)
    return redirect(address, HTTPStatus.SEE_OTHER)


# --- what the views share ---------------------------------------------------------------------------


def _current(questionnaire_id: str) -> Edition:
    found = catalogue.current(questionnaire_id) if questionnaire_id.isprintable() else None
    return found or abort(HTTPStatus.NOT_FOUND)


def _printed(current: Edition, version: str) -> Edition:
    """The version that is printed on a sheet; the current one for a version that there never was."""
    if version == current.version.version or not version.isprintable():
        return current
    return catalogue.edition(current.entry.id, version) or current


def _found(questionnaire_id: str, code: str) -> tuple[str, PaperSheet | None]:
    """A code as it is kept, and its sheet once it was entered; 404 for what is no code."""
    number = sheets.read_code(code)
    if number is None or not questionnaire_id.isprintable():
        abort(HTTPStatus.NOT_FOUND)
    return number, entering.find(questionnaire_id, number)


def _with_steps(
    questionnaire_id: str, code: str, work: Callable[[SheetSteps], Served]
) -> ResponseReturnValue:
    """Do something with the signed-in person's entry of a sheet, unless something is in the way."""
    edition = _printed(_current(questionnaire_id), request.args.get("version", ""))
    number, found = _found(questionnaire_id, code)
    if found is not None:
        if told := hindrance(found):
            flash(told, "error")
            return see_other(url_for("paper.sheet_list", questionnaire_id=questionnaire_id))
        edition = catalogue.edition(questionnaire_id, found.version) or edition
    return work(SheetSteps(edition, number, _language(), is_second=found is not None))


def _may_withdraw(found: PaperSheet) -> bool:
    """Whoever entered it first, and whoever may review: the paper is there to be typed again."""
    if found.state == SheetState.ACCEPTED:
        return False
    return found.first_by == current_user.id or my_reach(Right.REVIEW).touches(found.questionnaire)


def _to_settle(questionnaire_id: str, code: str) -> PaperSheet:
    """A sheet that differs; only whoever entered it second, blind, may see both."""
    _number, found = _found(questionnaire_id, code)
    if found is None or found.state != SheetState.DIFFERING or found.second_by != current_user.id:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _list(found: Edition, typed: str = "", wrong: str = "") -> str:
    before = request.args.get("before", type=int)
    keyset = before if before is not None and 0 < before < 2**31 else None
    rows = entering.page(found.entry.id, keyset, PAGE + 1)
    people = {who for row in rows for who in (row.first_by, row.second_by) if who is not None}
    return render_template(
        "manage/sheets.html",
        edition=found,
        versions=found.entry.versions[::-1],
        printed=request.form.get("version", found.version.version),
        rows=rows[:PAGE],
        more=rows[PAGE - 1].serial if len(rows) > PAGE else None,
        names=names_of(people),
        me=current_user.id,
        withdrawable={row.code for row in rows[:PAGE] if _may_withdraw(row)},
        typed=typed or request.args.get("code", "")[:40],
        wrong=wrong,
    )


def _whole(steps: SheetSteps) -> str:
    definition, language = steps.questionnaire, steps.language
    address = {each: steps.address(START, each) for each in LANGUAGES}
    logic = url_for(
        "paper.sheet_logic", questionnaire_id=definition.id, version=definition.version, lang=language
    )
    places = Places(
        action=address[language],
        documents=documents_of(definition, language) | {"logic": logic},
        files=kept_addresses(steps.edition.version),
        light=(),
        others=address,
        keeper="trial",
    )
    told = {**steps.said(), "typing": script_url("typing"), "underway": steps.underway()}
    del told["questionnaire"]
    return render_whole(definition, language, places, "pages/sheet.html", SAID, **told)


def _language() -> str:
    asked = request.args.get("in", "")
    return asked if asked in LANGUAGES else current_language()


def _envelope() -> Envelope:
    """What was entered. Raises `ValueError`, `RecursionError`."""
    request.max_content_length = settings_of().max_request_bytes
    item = json.loads(request.get_data(cache=False), parse_constant=_no_number)
    envelope = load_envelope(item, Channel.PAPER)
    if envelope.sealed is not None:
        raise BadEnvelope(())
    return envelope


def _no_number(_name: str) -> Any:
    raise ValueError("not a number")


def _refused(text: str, status: int) -> Response:
    return make_response(jsonify({"message": text}), status)


def _settling(found: PaperSheet, *, is_incomplete: bool = False) -> str:
    edition = catalogue.edition(found.questionnaire, found.version)
    if edition is None:
        abort(HTTPStatus.NOT_FOUND)
    differing = entering.differences(found)
    shown = [_in_words(edition.definition, each) for each in differing]
    return render_template(
        "manage/sheet_settling.html",
        sheet=found,
        edition=edition,
        shown=shown,
        one_shape=entering.have_one_shape(found),
        is_incomplete=is_incomplete,
        said=request.form,
    )


def _in_words(definition: Questionnaire, each: Difference) -> dict[str, str]:
    return {
        "path": each.path,
        "label": _text(definition, each.item) or each.item.name,
        "first": _value(definition, each.item, each.first),
        "second": _value(definition, each.item, each.second),
    }


def _text(definition: Questionnaire, item: Valued) -> str:
    wordings = item.label.wordings
    found = wordings.get(current_language()) or wordings.get(definition.default_language) or ()
    return "".join(piece if isinstance(piece, str) else "…" for piece in found)


def _value(definition: Questionnaire, item: Valued, value: Any) -> str:
    """An answer with its choices' labels."""
    if value is None:
        return ""
    source = getattr(item, "choices", None)
    choices = definition.choice_lists.get(source.list_name, ()) if source else ()
    labels = {choice.name: choice.label.wordings for choice in choices}
    names = value if isinstance(value, list) else [value]
    words = []
    for name in map(str, names):
        found = labels.get(name, {})
        pieces = found.get(current_language()) or found.get(definition.default_language) or (name,)
        words.append("".join(piece for piece in pieces if isinstance(piece, str)))
    return ", ".join(words)
