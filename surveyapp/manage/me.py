"""The page about one's own account: what one may do, where one is signed in, one's tokens."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.manage import account_queries as queries
from surveyapp.manage.account_forms import ConfirmForm, NumberForm, TokenForm
from surveyapp.people import links, sessions, tokens
from surveyapp.people.access import allow
from surveyapp.people.errors import UnknownToken
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, signed_in
from surveyapp.people.tokens import Scope

blueprint = Blueprint("me", __name__, url_prefix="/manage/me")
#: a token may be made for what its owner has the right to, somewhere at least
_RIGHTS = {Scope.SUBMIT: Right.COLLECT, Scope.EXPORT: Right.EXPORT}


@blueprint.get("")
@allow(signed_in())
def account() -> str:
    """Everything about one's own account."""
    return _page(_offered(TokenForm()))


@blueprint.post("/end-session")
@allow(signed_in())
def end_session() -> ResponseReturnValue:
    """End one of one's own sessions."""
    if sessions.end_one(current_user, NumberForm().chosen()):
        flash(_("The session is ended."))
    else:
        flash(_("This session was over already."))
    return _back()


@blueprint.post("/end-sessions")
@allow(signed_in())
def end_sessions() -> ResponseReturnValue:
    """End all of one's own sessions but this one."""
    sessions.end_sessions(current_user.username)
    flash(_("You are signed out everywhere else."))
    return _back()


@blueprint.post("/tokens")
@allow(signed_in())
def make_token() -> ResponseReturnValue:
    """Make a token and show it, once."""
    form = _offered(TokenForm())
    if not form.validate():
        return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    token = tokens.create_token(
        current_user.username,
        form.chosen_scopes(),
        label=form.named(),
        expires=form.end(utc_now()),
    )
    return render_template("manage/token_made.html", token=token)


@blueprint.post("/revoke-token")
@allow(signed_in())
def revoke_token() -> ResponseReturnValue:
    """Make one of one's own tokens useless, once it was confirmed."""
    if not ConfirmForm().validate():
        flash(_("Tick the box to confirm."), "error")
        return _back()
    try:
        tokens.revoke_token(NumberForm().chosen(), owner=current_user.id)
        flash(_("The token is revoked."))
    except UnknownToken:
        flash(_("There is no such token."), "error")
    return _back()


def _offered(form: TokenForm) -> TokenForm:
    form.offer(scope for scope, right in _RIGHTS.items() if my_reach(right))
    return form


def _page(form: TokenForm) -> str:
    return render_template(
        "manage/me.html",
        account=current_user,
        form=form,
        titles=queries.titles(),
        reset=links.last_reset(current_user.id),
        sessions=sessions.sessions_of(current_user.id),
        tokens=queries.tokens_of(current_user.id),
        now=utc_now(),
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("me.account"), HTTPStatus.SEE_OTHER)


def register_me(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)
