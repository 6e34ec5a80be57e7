"""The page on which phones are set up, by hand or from a list; codes are shown once, on cards."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, Flask, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.enrolling.interviewers import (
    BadList,
    Interviewer,
    Known,
    interviewer,
    read_list,
    wrong,
)
from surveyapp.channels.enrolling.making import card_of, for_collect, life_of, with_codes
from surveyapp.channels.enrolling.sheet import Card
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.manage.account_queries import titles
from surveyapp.manage.enrolling_form import COLLECT, CodeForm, PhoneForm, PhonesForm
from surveyapp.people import enrolments, stuck
from surveyapp.people.access import allow
from surveyapp.people.collectors import collecting_people, meets
from surveyapp.people.errors import RevokedDevice
from surveyapp.people.rights import Reach, Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.people.service import names_of

blueprint = Blueprint("enrolling", __name__, url_prefix="/manage/devices")


@blueprint.get("/new")
@allow(needs(Right.DEVICES))
def new() -> str:
    """The form for one phone, and the one for a list."""
    return _page(_known(my_reach(Right.DEVICES)))


@blueprint.post("/new")
@allow(needs(Right.DEVICES))
def add() -> ResponseReturnValue:
    """One phone, and its card, this once."""
    known, form = _known(my_reach(Right.DEVICES)), PhoneForm()
    is_sound = form.validate()
    mistakes = list(wrong(form.row(), known))
    for column, said in mistakes:
        form.refuse(column, said)
    if mistakes or not is_sound:
        return _page(known, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _made([interviewer(form.row())], form)


@blueprint.post("/list")
@allow(needs(Right.DEVICES))
def add_list() -> ResponseReturnValue:
    """A list of phones, and their cards, this once; or everything that is wrong with it."""
    known, form = _known(my_reach(Right.DEVICES)), PhonesForm()
    if not form.validate():
        return _page(known, list_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        rows = read_list(form.content, known)
    except BadList as bad:
        return _page(known, list_form=form, bad=bad), HTTPStatus.UNPROCESSABLE_ENTITY
    return _made(rows, form)


@blueprint.post("/<int:device_id>/code")
@allow(needs(Right.DEVICES))
def another_code(device_id: int) -> ResponseReturnValue:
    """Another code for a phone whose first is lost or over, or that was replaced."""
    if device_id >= 2**31 or stuck.one(my_reach(Right.DEVICES), device_id) is None:
        abort(HTTPStatus.NOT_FOUND)
    form = CodeForm()
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    try:
        made = enrolments.another_code(device_id, life_of(enrolments.LIFE.days))
    except RevokedDevice:
        flash(_("It is revoked: set it up as a new phone."), "error")
        return redirect(url_for("phones.phones"), HTTPStatus.SEE_OTHER)
    return _shown([card_of(made)])


def _known(reach: Reach) -> Known:
    """What whoever asks may make phones of: people who work within their reach, its questionnaires."""
    people = [number for number, theirs in collecting_people().items() if meets(theirs, reach)]
    mine = reach.questionnaires()
    return Known(
        users=frozenset(names_of(people).values()),
        questionnaires=frozenset(
            entry.id for entry in catalogue.entries() if mine is None or entry.id in mine
        ),
        devices=stuck.active_names(reach),
        is_of_some=mine is not None,
        of_nobody=stuck.wholes(reach),
    )


def _made(rows: Sequence[Interviewer], form: PhoneForm | PhonesForm) -> str:
    return _shown(
        for_collect(rows) if form.app.data == COLLECT else with_codes(rows, life_of(form.life()))
    )


def _shown(cards: Sequence[Card]) -> str:
    """The cards; neither they nor their phones are there without the other."""
    page = render_template("manage/device_cards.html", cards=cards)
    db.session.commit()
    return page


def _page(
    known: Known,
    *,
    form: PhoneForm | None = None,
    list_form: PhonesForm | None = None,
    bad: BadList | None = None,
) -> str:
    form = form or PhoneForm(formdata=None)
    form.offer(known, titles())
    return render_template(
        "manage/new_device.html",
        form=form,
        list_form=list_form or PhonesForm(formdata=None),
        bad=bad,
        known=known,
    )


def register_enrolling_page(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)
