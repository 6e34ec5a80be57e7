"""Single sign-on: to the provider and back, and linking one's account there with the one here."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, user_logged_out
from flask_security.utils import login_user, validate_redirect_url

from surveyapp.config import Settings
from surveyapp.database import will_write
from surveyapp.extensions import db
from surveyapp.people import oidc, outside_accounts, second_step
from surveyapp.people.access import AccessRule, allow
from surveyapp.people.errors import BadOutsideAccount, OutsideAccountTaken
from surveyapp.people.factors import Factor
from surveyapp.people.models import User
from surveyapp.people.oidc import NotOurs, ProviderRefused, ProviderUnreachable, Stranger
from surveyapp.people.roles import has_session, setting_up
from surveyapp.people.views import refused
from surveyapp.wiring import settings_of

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/manage/sso")
#: what the way to the provider is for: `sign-in` or `link`, and the page to go on to
_ERRAND = "sso_errand"
#: whom the provider named, until it is said whether they shall be linked
_FOUND = "sso_found"
#: this session came in by single sign-on
_SESSION = "sso_session"
#: one of them has ended in this browser
_ENDED = "sso_ended"
#: seconds in which a link must be confirmed
_WITHIN = 600


def _configured() -> None:
    if not oidc.is_configured():
        abort(HTTPStatus.NOT_FOUND)


#: the provider's own answer proves who it is; the `state` of the session, who began it
ANYONE_WITH_A_PROVIDER = AccessRule("anyone, where there is a provider", _configured)


@blueprint.get("/start")
@allow(ANYONE_WITH_A_PROVIDER)
def start() -> ResponseReturnValue:
    """To the provider, to sign in; `again=1`: it shall ask anew, whoever is signed in there."""
    asked = request.args.get("next", "")
    page = asked if asked and validate_redirect_url(asked) else None
    session[_ERRAND] = {"for": "sign-in", "next": page}
    # asked for `max_age`, a provider must say when they signed in; 0 has some ask for ever
    anew = {"prompt": "login", "max_age": str(second_step.FRESH)} if request.args.get("again") else {}
    return _go(**anew)


@blueprint.get("/link")
@allow(setting_up(lately=True))
def link() -> ResponseReturnValue:
    """To the provider, to show which account there is one's own."""
    _configured()
    session[_ERRAND] = {"for": "link", "next": None}
    return _go()


@blueprint.get("/back")
@allow(ANYONE_WITH_A_PROVIDER)
def back() -> ResponseReturnValue:
    """From the provider."""
    will_write()
    errand: dict[str, Any] = session.pop(_ERRAND, {})
    try:
        stranger = oidc.come_back()
    except ProviderRefused:
        words = _("%(provider)s did not sign you in, or you broke off there.", provider=oidc.label())
        return refused(HTTPStatus.FORBIDDEN, _("Not signed in"), words)
    except NotOurs:
        words = _(
            "It was begun in another window, or too long ago. Start once more from the sign-in page."
        )
        return refused(HTTPStatus.BAD_REQUEST, _("This sign-in does not hold"), words)
    except ProviderUnreachable:
        return _unreachable()
    if errand.get("for") == "link":
        return _keep_to_link(stranger)
    return _sign_in(stranger, errand.get("next"))


@blueprint.get("/found")
@allow(setting_up())
def ask_to_link() -> ResponseReturnValue:
    """Ask first: another site can lead a browser to the provider, and sign it in there as another."""
    found = _found()
    if found is None:
        return _overview()
    return render_template("security/link_outside.html", name=found["name"], provider=oidc.label())


@blueprint.post("/link")
@allow(setting_up(lately=True))
def confirm_link() -> ResponseReturnValue:
    """Link the account that was shown."""
    found = _found()
    session.pop(_FOUND, None)
    if found is None:
        return _overview()
    try:
        outside_accounts.link(current_user, found["issuer"], found["subject"])
    except (OutsideAccountTaken, BadOutsideAccount):
        flash(_("This account is linked already, here or with somebody else."), "error")
    else:
        flash(_("Linked: from now on you can sign in with %(provider)s.", provider=oidc.label()))
    return _overview()


@blueprint.post("/unlink")
@allow(setting_up(lately=True))
def unlink() -> ResponseReturnValue:
    """Do without single sign-on; not for whoever has no password here."""
    if not current_user.password:
        flash(_("You have no password here: without this link you could not sign in."), "error")
    elif outside_accounts.unlink(current_user):
        flash(_("The link is removed."))
    return _overview()


# --- what the views share ---------------------------------------------------------------------------


def _go(**more: str) -> ResponseReturnValue:
    try:
        return oidc.go_there(_address("single_sign_on.back"), **more)
    except ProviderUnreachable:
        return _unreachable()


def _sign_in(stranger: Stranger, page: str | None) -> ResponseReturnValue:
    user = outside_accounts.person_of(stranger.issuer, stranger.subject)
    if user is None:
        words = _(
            "Nobody here is linked with your account at %(provider)s. Sign in with your password and "
            "link it under “Second factor”, or ask an administrator.",
            provider=oidc.label(),
        )
        return refused(HTTPStatus.FORBIDDEN, _("Not linked"), words)
    second_step.begin(confirmed_at=stranger.at)
    session[_SESSION] = True
    if stranger.second_factor:
        second_step.prove(user, Factor.PROVIDER)
    elif (ask := second_step.lead_on(user, "sso", page)) is not None:
        return ask
    login_user(user, remember=False, authn_via=["sso"])
    db.session.commit()
    return redirect(page or "/manage", HTTPStatus.SEE_OTHER)


def _keep_to_link(stranger: Stranger) -> ResponseReturnValue:
    if not has_session():
        return redirect(url_for("security.login"), HTTPStatus.SEE_OTHER)
    session[_FOUND] = {
        "issuer": stranger.issuer,
        # one letter more than can be kept, so that a longer one is refused and not cut
        "subject": stranger.subject[: outside_accounts.LONGEST + 1],
        "name": stranger.name,
        "user": current_user.id,
        "at": time.time(),
    }
    return redirect(url_for("single_sign_on.ask_to_link"), HTTPStatus.SEE_OTHER)


def _found() -> dict[str, Any] | None:
    """Whom the provider named a moment ago to the same person."""
    found: dict[str, Any] = session.get(_FOUND, {})
    fresh = time.time() - found.get("at", 0.0) <= _WITHIN
    return found if fresh and found["user"] == current_user.id else None


def _unreachable() -> ResponseReturnValue:
    return refused(
        HTTPStatus.BAD_GATEWAY,
        _("%(provider)s does not answer", provider=oidc.label()),
        _("Try again in a while, or sign in with your password."),
    )


def _overview() -> ResponseReturnValue:
    return redirect(url_for("factors.overview"), HTTPStatus.SEE_OTHER)


def _address(endpoint: str) -> str:
    """The whole address of a page, as the provider has been told it."""
    return (settings_of().public_url or request.host_url.rstrip("/")) + url_for(endpoint)


def _note_sign_out(_app: Flask, user: User, **_more: object) -> None:
    if session.pop(_SESSION, None):
        session[_ENDED] = True


def single_sign_on() -> str | None:
    """What the provider is called; None: there is none."""
    return oidc.label() if oidc.is_configured() else None


def still_signed_in_at() -> str | None:
    """Where to sign out at the provider after signing out here, told once."""
    if not oidc.is_configured() or not session.pop(_ENDED, None):
        return None
    return oidc.way_out(_address("security.login"))


def linked_accounts() -> int:
    """How many accounts elsewhere the signed-in person is linked with."""
    return len(outside_accounts.accounts_of(current_user))


def register_single_sign_on(app: Flask, settings: Settings) -> None:
    """Serve the pages; without a provider they are not there."""
    oidc.register_oidc(app, settings)
    app.register_blueprint(blueprint)
    user_logged_out.connect(_note_sign_out, app)
    for function in (single_sign_on, still_signed_in_at, linked_accounts):
        app.add_template_global(function)
