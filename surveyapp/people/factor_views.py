"""`/manage/second-factor`: one's own second factors. Whoever must have one is led here first."""

from __future__ import annotations

import base64
from http import HTTPStatus

from flask import Blueprint, Flask, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.config import Settings
from surveyapp.people import factors, recovery_codes, second_step, totp
from surveyapp.people.access import allow
from surveyapp.people.attempts import claim
from surveyapp.people.errors import LastFactor
from surveyapp.people.factor_forms import SETTING_UP, CodeForm
from surveyapp.people.factors import Factor
from surveyapp.people.roles import setting_up
from surveyapp.people.sealing import opened, seal
from surveyapp.wiring import settings_of

blueprint = Blueprint("factors", __name__, url_prefix="/manage/second-factor")
_PENDING = "pending_app"


@blueprint.get("")
@allow(setting_up())
def overview() -> str:
    """What there is, and what can be added and removed."""
    return render_template(
        "security/second_factor.html",
        has_app=current_user.totp_sealed is not None,
        passkeys=factors.passkeys(current_user),
        codes_left=recovery_codes.left(current_user),
        codes_made=recovery_codes.NUMBER,
        is_due=second_step.is_due(current_user),
        must=factors.must_have_one(current_user),
    )


@blueprint.get("/app")
@allow(setting_up(lately=True))
def app_page() -> str:
    """The secret for an authenticator app: to scan, and to type."""
    return _app_page(CodeForm(), _pending_secret())


@blueprint.post("/app")
@allow(setting_up(lately=True))
def add_app() -> ResponseReturnValue:
    """Keep the app once it has shown that it knows the secret."""
    form, secret = CodeForm(), _pending_secret()
    if not form.validate():
        return _app_page(form, secret), HTTPStatus.UNPROCESSABLE_ENTITY
    attempt = claim([(SETTING_UP, current_user.username)])
    codes = factors.add_app(current_user, secret, form.code.data or "")
    if codes is None:
        form.code.errors = [
            _("This is not the code that the app shows now. Is the phone's clock right?")
        ]
        return _app_page(form, secret), HTTPStatus.UNPROCESSABLE_ENTITY
    attempt.forgive()
    session.pop(_PENDING, None)
    return added(Factor.APP, codes, _("The authenticator app is set up."))


@blueprint.post("/app/remove")
@allow(setting_up(lately=True))
def remove_app() -> ResponseReturnValue:
    """Do without the app from now on."""
    try:
        factors.remove_app(current_user)
    except LastFactor:
        return _last_one()
    flash(_("The authenticator app is removed."))
    return _back()


@blueprint.get("/codes")
@allow(setting_up())
def after_codes() -> ResponseReturnValue:
    """Codes are shown once: whoever opens their page again sees how many are left."""
    return _back()


@blueprint.post("/codes")
@allow(setting_up(lately=True))
def new_codes() -> ResponseReturnValue:
    """New recovery codes; the former ones are worth nothing any more."""
    if not factors.has_one(current_user):
        return _back()
    return _codes_page(factors.new_codes(current_user))


@blueprint.post("/passkeys/<int:number>/remove")
@allow(setting_up(lately=True))
def remove_passkey(number: int) -> ResponseReturnValue:
    """Do without one of the passkeys from now on."""
    try:
        removed = number < 2**31 and factors.remove_passkey(current_user, number)
    except LastFactor:
        return _last_one()
    if removed:
        flash(_("The passkey is removed."))
    return _back()


def added(factor: Factor, codes: list[str], words: str) -> ResponseReturnValue:
    """This session has seen the new factor; show the recovery codes that came with the first one."""
    second_step.prove(current_user, factor)
    flash(words)
    return _codes_page(codes) if codes else _back()


def _codes_page(codes: list[str]) -> str:
    return render_template("security/recovery_codes.html", codes=codes)


def _app_page(form: CodeForm, secret: bytes) -> str:
    site = settings_of().operator or request.host
    link = totp.address(secret, current_user.username, site)
    return render_template(
        "security/second_factor_app.html",
        form=form,
        picture=totp.picture(link),
        link=link,
        secret=totp.in_groups(secret),
    )


def _pending_secret() -> bytes:
    """The secret that is being set up: the same until it is kept. The cookie holds it sealed."""
    owner = f"pending_app:{current_user.id}"
    kept = session.get(_PENDING)
    secret = opened(_PENDING, owner, base64.b64decode(kept)) if kept else None
    if secret is None:
        secret = totp.new_secret()
        session[_PENDING] = base64.b64encode(seal(_PENDING, owner, secret)).decode("ascii")
    return secret


def _last_one() -> ResponseReturnValue:
    flash(_("Your role needs a second factor: set up another one first, then remove this one."), "error")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("factors.overview"), HTTPStatus.SEE_OTHER)


def register_factors(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
