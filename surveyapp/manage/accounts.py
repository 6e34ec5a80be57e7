"""The pages about people: who has an account, what they may do, and getting them in and out."""

from __future__ import annotations

from http import HTTPStatus
from typing import TypeVar

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.manage import account_queries as queries
from surveyapp.manage import account_words as words
from surveyapp.manage.account_forms import ConfirmForm, GrantForm, NewAccountForm, NumberForm
from surveyapp.people import factors, granting, inviting, links, service, sessions, tokens
from surveyapp.people.access import allow
from surveyapp.people.errors import (
    BadGrant,
    Deactivated,
    LastAdministrator,
    NameTaken,
    NoSuchGrant,
    NotForOneself,
    UnknownToken,
)
from surveyapp.people.link_addresses import address_of, picture_of
from surveyapp.people.models import Grant, User
from surveyapp.people.rights import Place, Right, RoleName
from surveyapp.people.roles import needs

Offering = TypeVar("Offering", GrantForm, NewAccountForm)
blueprint = Blueprint("accounts", __name__, url_prefix="/manage/people")
#: where the cookie keeps what was searched for: names do not belong into addresses, which proxies log
_SEARCHED = "people_searched"
_LONGEST_SEARCH = 64


@blueprint.get("")
@allow(needs(Right.PEOPLE))
def people() -> str:
    """Everybody with an account, or those whose names have what was searched for in them."""
    searched = session.get(_SEARCHED, "")
    found, more = queries.accounts(searched, request.args.get("after", type=_number))
    return render_template(
        "manage/people.html", found=found, more=more, searched=searched, titles=queries.titles()
    )


@blueprint.post("")
@allow(needs(Right.PEOPLE))
def search() -> ResponseReturnValue:
    """Search by a part of a name; an empty one shows everybody again."""
    typed = service.canonical_name(request.form.get("name", "")[:_LONGEST_SEARCH])
    session[_SEARCHED] = typed if typed.isprintable() else ""
    return redirect(url_for("accounts.people"), HTTPStatus.SEE_OTHER)


@blueprint.get("/new")
@allow(needs(Right.PEOPLE))
def new() -> str:
    """The form for a new account."""
    return _new_page(_offered(NewAccountForm()))


@blueprint.post("/new")
@allow(needs(Right.PEOPLE))
def add() -> ResponseReturnValue:
    """Make an account and show its link, once."""
    form = _offered(NewAccountForm())
    if not form.validate():
        return _new_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        made = inviting.invite(form.name.data or "", form.chosen_roles(), form.place(), current_user.id)
    except NameTaken:
        form.name.errors = [_("Somebody has this name already")]
        return _new_page(form), HTTPStatus.CONFLICT
    return _link_page(made)


@blueprint.get("/<int:account_id>")
@allow(needs(Right.PEOPLE))
def account(account_id: int) -> str:
    """One account: roles, link, sessions, tokens."""
    return _account_page(_known(account_id), _offered(GrantForm()))


@blueprint.post("/<int:account_id>/give")
@allow(needs(Right.PEOPLE))
def give(account_id: int) -> ResponseReturnValue:
    """Give a role."""
    user, form = _known(account_id), _offered(GrantForm())
    if not form.validate():
        return _account_page(user, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        new_one = granting.give(user.username, RoleName(form.role.data), form.place())
    except BadGrant:
        abort(HTTPStatus.BAD_REQUEST)
    flash(_("The role is given.") if new_one else _("They have this role already."))
    return _back_to(account_id)


@blueprint.post("/<int:account_id>/take")
@allow(needs(Right.PEOPLE))
def take(account_id: int) -> ResponseReturnValue:
    """Take a role."""
    user, number = _known(account_id), NumberForm().chosen()
    held = [grant for grant in user.grants if grant.id == number]
    if not held:
        return _unchanged(account_id, _("They do not have this role any more."))
    try:
        granting.take(user.username, RoleName(held[0].role.name), _place_of(held[0]))
    except NoSuchGrant:
        return _unchanged(account_id, _("They do not have this role any more."))
    except LastAdministrator:
        return _unchanged(account_id, _last_administrator())
    flash(_("The role is taken."))
    return _back_to(account_id)


@blueprint.post("/<int:account_id>/link")
@allow(needs(Right.PEOPLE))
def link(account_id: int) -> ResponseReturnValue:
    """Make a link by which the person chooses a password, and show it, once."""
    try:
        return _link_page(links.make(_known(account_id).username, made_by=current_user.id))
    except NotForOneself:
        return _unchanged(account_id, _("Change your own password under “My account”."))
    except Deactivated:
        return _unchanged(account_id, _("Activate the account first."))


@blueprint.post("/<int:account_id>/forget-factor")
@allow(needs(Right.PEOPLE))
def forget_factor(account_id: int) -> ResponseReturnValue:
    """Take the second factor of somebody who has lost it away, once it was confirmed."""
    user = _known(account_id)
    if user.id == current_user.id:
        return _unchanged(account_id, _("Replace your own under “Second factor”."))
    if not ConfirmForm().validate():
        return _unchanged(account_id, _("Tick the box to confirm."))
    factors.forget(user.username)
    flash(_("The second factor is taken away. They sign in with the password alone."))
    return _back_to(account_id)


@blueprint.post("/<int:account_id>/sessions")
@allow(needs(Right.PEOPLE))
def end_sessions(account_id: int) -> ResponseReturnValue:
    """End all sessions of an account; of one's own the others."""
    sessions.end_sessions(_known(account_id).username)
    flash(_("The sessions are ended."))
    return _back_to(account_id)


@blueprint.post("/<int:account_id>/revoke-token")
@allow(needs(Right.PEOPLE))
def revoke_token(account_id: int) -> ResponseReturnValue:
    """Make a token of the account useless, once it was confirmed."""
    user = _known(account_id)
    if not ConfirmForm().validate():
        return _unchanged(account_id, _("Tick the box to confirm."))
    try:
        tokens.revoke_token(NumberForm().chosen(), owner=user.id)
    except UnknownToken:
        return _unchanged(account_id, _("There is no such token."))
    flash(_("The token is revoked."))
    return _back_to(account_id)


@blueprint.post("/<int:account_id>/deactivate")
@allow(needs(Right.PEOPLE))
def deactivate(account_id: int) -> ResponseReturnValue:
    """Take somebody's access away, once it was confirmed."""
    user = _known(account_id)
    if user.id == current_user.id:
        return _unchanged(account_id, _("Another administrator can deactivate your account."))
    if not ConfirmForm().validate():
        return _unchanged(account_id, _("Tick the box to confirm."))
    try:
        service.deactivate(user.username)
    except LastAdministrator:
        return _unchanged(account_id, _last_administrator())
    flash(_("The account is deactivated."))
    return _back_to(account_id)


@blueprint.post("/<int:account_id>/activate")
@allow(needs(Right.PEOPLE))
def activate(account_id: int) -> ResponseReturnValue:
    """Give somebody their account back."""
    service.activate(_known(account_id).username)
    flash(_("The account is active again."))
    return _back_to(account_id)


# --- what the views share ---------------------------------------------------------------------------


def _number(text: str) -> int:
    """A number that a database takes. Raises `ValueError`."""
    number = int(text)
    if not 0 < number < 2**31:
        raise ValueError(text)
    return number


def _known(account_id: int) -> User:
    return queries.account(account_id) or abort(HTTPStatus.NOT_FOUND)


def _offered(form: Offering) -> Offering:
    form.offer(queries.titles())
    return form


def _place_of(grant: Grant) -> Place:
    return Place(grant.questionnaire or None, grant.region or None)


def _last_administrator() -> str:
    return str(_("Nobody would be left who can give people their rights."))


def _unchanged(account_id: int, why: str) -> ResponseReturnValue:
    """Nothing was done: say why, on the account's page."""
    flash(why, "error")
    return _back_to(account_id)


def _back_to(account_id: int) -> ResponseReturnValue:
    return redirect(url_for("accounts.account", account_id=account_id), HTTPStatus.SEE_OTHER)


def _new_page(form: NewAccountForm) -> str:
    return render_template("manage/new_account.html", form=form)


def _account_page(user: User, form: GrantForm) -> str:
    return render_template(
        "manage/account.html",
        account=user,
        form=form,
        own=user.id == current_user.id,
        titles=queries.titles(),
        waiting=links.waiting_link(user.id),
        reset=links.last_reset(user.id),
        sessions=sessions.sessions_of(user.id),
        tokens=queries.tokens_of(user.id),
        now=utc_now(),
    )


def _link_page(made: links.NewLink) -> str:
    address = address_of(made.word)
    return render_template(
        "manage/link_made.html",
        made=made,
        address=address,
        picture=picture_of(address),
        account=service.known_user(made.name),
    )


def register_accounts(app: Flask, _settings: Settings) -> None:
    """Serve the pages; give the templates the words of roles."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        ROLES=words.ROLES,
        DUTIES=words.DUTIES,
        SCOPES=words.SCOPES,
        place_in_words=words.place_in_words,
        is_cut=words.is_cut,
        is_this_session=sessions.is_present,
    )
