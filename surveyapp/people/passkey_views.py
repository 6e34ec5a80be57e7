"""`/manage/second-factor/passkeys/new`: a further passkey of one's own."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from surveyapp.config import Settings
from surveyapp.people import passkeys
from surveyapp.people.access import allow
from surveyapp.people.errors import BadPasskey, KnownPasskey, PeopleError, TooManyPasskeys
from surveyapp.people.factor_forms import NewPasskeyForm
from surveyapp.people.factor_views import added
from surveyapp.people.factors import Factor
from surveyapp.people.roles import setting_up

blueprint = Blueprint("passkeys", __name__, url_prefix="/manage/second-factor/passkeys")
REFUSALS: dict[type[PeopleError], LazyString] = {
    BadPasskey: _l("That did not work. Try once more."),
    KnownPasskey: _l("This passkey is registered already."),
    TooManyPasskeys: _l("There are as many passkeys as an account can have: remove one first."),
}


@blueprint.get("/new")
@allow(setting_up(lately=True))
def new() -> str:
    """The form whose button has the browser make a passkey."""
    return _page(NewPasskeyForm())


@blueprint.post("/new")
@allow(setting_up(lately=True))
def add() -> ResponseReturnValue:
    """Keep what the browser made."""
    form = NewPasskeyForm()
    if form.validate():
        try:
            codes = passkeys.add(current_user, form.called(), form.credential.data or "")
        except tuple(REFUSALS) as error:
            form.form_errors = [str(REFUSALS[type(error)])]
        else:
            return added(Factor.PASSKEY, codes, _("The passkey is set up."))
    elif form.credential.errors and not form.name.errors:
        form.form_errors = [str(REFUSALS[BadPasskey])]
    return _page(form), HTTPStatus.UNPROCESSABLE_ENTITY


def _page(form: NewPasskeyForm) -> str:
    usable = passkeys.can_be_used()
    options = passkeys.making_options(current_user) if usable else None
    form.credential.data = ""
    return render_template("security/new_passkey.html", form=form, options=options)


def register_passkeys(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)
