"""Pages on the way in: the second factor after the password, and the password once more."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people import audit, factors, passkeys, recovery_codes, second_step
from surveyapp.people.access import allow
from surveyapp.people.attempts import claim
from surveyapp.people.factor_forms import CodeForm, ConfirmForm, PasskeyForm, claim_second_step
from surveyapp.people.factors import Factor
from surveyapp.people.models import User
from surveyapp.people.roles import setting_up
from surveyapp.people.sign_in import CHANGING_PASSWORD
from surveyapp.people.views import WITH_TOKEN, own_page

blueprint = Blueprint("second_step", __name__, url_prefix="/manage")


@blueprint.get("/sign-in/second")
@allow(WITH_TOKEN)
def ask() -> ResponseReturnValue:
    """Ask whoever gave the right password for the second factor."""
    user = second_step.half_signed_in()
    return _page(user, CodeForm()) if user else _start_over()


@blueprint.post("/sign-in/second")
@allow(WITH_TOKEN)
def check() -> ResponseReturnValue:
    """Sign them in if the code is right."""
    user, form = second_step.half_signed_in(), CodeForm()
    if user is None:
        return _start_over()
    if not form.validate():
        return _page(user, form), HTTPStatus.UNPROCESSABLE_ENTITY
    attempt = claim_second_step(user.username)
    proof = factors.prove_by_code(user, form.code.data or "")
    if proof is None:
        _write_down_refusal(user)
        form.code.errors = [_("This code is not right, or it was used before. Wait for the next one.")]
        return _page(user, form), HTTPStatus.UNPROCESSABLE_ENTITY
    attempt.forgive()
    page = second_step.complete(user, proof)
    if proof is Factor.RECOVERY:
        left = recovery_codes.left(user)
        flash(_("You came in with a recovery code. Codes left: %(left)s.", left=left))
        flash(_("If your phone is lost, set up the new one under “Second factor” now."))
    return redirect(page, HTTPStatus.SEE_OTHER)


@blueprint.get("/sign-in/passkey")
@allow(WITH_TOKEN)
def after_passkey() -> ResponseReturnValue:
    """Where a passkey was refused, and the page is opened again: in another language, say."""
    return redirect(url_for("second_step.ask"))


@blueprint.post("/sign-in/passkey")
@allow(WITH_TOKEN)
def check_passkey() -> ResponseReturnValue:
    """Sign them in if the browser's answer was made by one of their passkeys."""
    user, form = second_step.half_signed_in(), PasskeyForm()
    if user is None:
        return _start_over()
    if form.validate():
        attempt = claim_second_step(user.username)
        if passkeys.proves(user, form.credential.data or ""):
            attempt.forgive()
            return redirect(second_step.complete(user, Factor.PASSKEY), HTTPStatus.SEE_OTHER)
        _write_down_refusal(user)
    form.form_errors = [_("That did not work. Try once more.")]
    return _page(user, CodeForm(formdata=None), form), HTTPStatus.UNPROCESSABLE_ENTITY


@blueprint.route("/confirm", methods=["GET", "POST"])
@allow(setting_up())
def confirm() -> ResponseReturnValue:
    """Ask for the password once more before something that guards the account is changed."""
    form = ConfirmForm()
    if form.validate_on_submit():
        attempt = claim([(CHANGING_PASSWORD, current_user.username)])
        if current_user.password and current_user.verify_and_update_password(form.password.data):
            attempt.forgive()
            second_step.confirm()
            db.session.commit()
            return redirect(own_page(request.args.get("next", "")), HTTPStatus.SEE_OTHER)
        form.password.errors = [_("The password is not right")]
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or form.password.errors else HTTPStatus.OK
    return render_template("security/confirm.html", form=form), status


def _page(user: User, form: CodeForm, passkey_form: PasskeyForm | None = None) -> str:
    usable = passkeys.can_be_used() and bool(factors.passkeys(user))
    passkey_form = passkey_form or PasskeyForm(formdata=None)
    passkey_form.credential.data = ""
    return render_template(
        "security/second_step.html",
        user=user,
        form=form,
        has_app=user.totp_sealed is not None,
        passkey_form=passkey_form,
        options=passkeys.using_options(user) if usable else None,
    )


def _write_down_refusal(user: User) -> None:
    """The right password with a wrong second factor: somebody may have learnt the password."""
    audit.record(audit.Action.FACTOR_REFUSED, user.username, user_id=user.id)
    db.session.commit()


def _start_over() -> ResponseReturnValue:
    return redirect(url_for("security.login"))


def register_second_step(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
