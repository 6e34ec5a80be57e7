"""The page of a one-time link: whoever brings it chooses a password and is signed in."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security.proxies import _security
from flask_security.utils import login_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people import links, sessions
from surveyapp.people.access import ANYONE, allow
from surveyapp.people.attempts import callers_place
from surveyapp.people.browsers import remember_browser
from surveyapp.people.errors import BadLink, BadPassword
from surveyapp.people.link_addresses import PATH
from surveyapp.people.models import User
from surveyapp.people.passwords import MAX_LENGTH
from surveyapp.people.second_step import LINK
from surveyapp.people.views import WITH_TOKEN, refused

blueprint = Blueprint("links", __name__)
#: it says what one may do here; not every role opens the list of questionnaires
_FIRST_PAGE = "/manage/me"


class ChosenPasswordForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A password, twice, and the link's word."""

    word = HiddenField()
    new_password = PasswordField(
        validators=[
            InputRequired(_l("Choose a password")),
            Length(max=MAX_LENGTH, message=_l("Too long: at most %(max)s characters")),
        ]
    )
    new_password_confirm = PasswordField(
        validators=[EqualTo("new_password", _l("The two passwords are not the same"))]
    )


@blueprint.get(PATH)
@allow(ANYONE)
def opened() -> ResponseReturnValue:
    """The form, if the link is good. Opening it uses nothing up."""
    word = request.args.get("word", "")
    name = links.look_at(word, callers_place())
    return _page(ChosenPasswordForm(formdata=None, word=word), name)


@blueprint.post(PATH)
@allow(WITH_TOKEN)
def chosen() -> ResponseReturnValue:
    """Take the password and sign the person in; or the form again, with what is wrong."""
    form = ChosenPasswordForm()
    word, place = form.word.data or "", callers_place()
    name = links.look_at(word, place)
    if not form.validate():
        return _page(form, name, HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        user = links.use(word, form.new_password.data or "", place)
    except BadPassword as error:
        form.new_password.errors = list(error.args)
        return _page(form, name, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _sign_in(user)


def _sign_in(user: User) -> ResponseReturnValue:
    """Unless a second factor is wanted first: a link that somebody else made must not stand for it."""
    language = cookie.get("language") or user.language
    sessions.sign_out()  # of whoever was signed in here before
    cookie.clear()
    if language:
        cookie["language"] = language
    flash(_("Your password is set."))
    if step := _security.two_factor_plugins.tf_enter(user, False, LINK, next_loc=_FIRST_PAGE):
        db.session.commit()
        return step
    login_user(user, remember=False, authn_via=[LINK])
    db.session.commit()
    return remember_browser(make_response(redirect(_FIRST_PAGE, HTTPStatus.SEE_OTHER)), user.username)


def _page(form: ChosenPasswordForm, name: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    response = make_response(render_template("security/link.html", form=form, name=name), status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.errorhandler(BadLink)
def _bad_link(_error: BadLink) -> ResponseReturnValue:
    return refused(
        HTTPStatus.NOT_FOUND,
        _("This link is not valid"),
        _("A link works once, for three days. Ask an administrator for a new one."),
        {"Referrer-Policy": "no-referrer"},
    )


def register_links(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)
