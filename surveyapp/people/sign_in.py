"""Signing in by user name, and changing one's password: Flask-Security's views with our forms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security.forms import ChangePasswordForm, EqualToLocalize, LoginForm, password_required
from flask_security.utils import validate_redirect_url
from wtforms import Field, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from surveyapp.people.attempts import Claim, Limit, callers_place, claim
from surveyapp.people.browsers import known_browser
from surveyapp.people.passwords import MAX_LENGTH
from surveyapp.people.service import canonical_name, find_user

_WINDOW = timedelta(minutes=15)
#: one person at one place mistyping
AT_ONE_PLACE = Limit("sign-in: name at an address", 10, _WINDOW)
#: one name, tried from many places
FOR_A_NAME = Limit("sign-in: name", 50, _WINDOW)
#: one place trying many names; a whole office may share its address
FROM_AN_ADDRESS = Limit("sign-in: address", 300, _WINDOW)
#: instead of the three: a browser from which this user has signed in before
IN_A_KNOWN_BROWSER = Limit("sign-in: browser", 10, _WINDOW)
#: the current password asked for again by somebody who is signed in
CHANGING_PASSWORD = Limit("change of password", 10, _WINDOW)

_too_long = Length(max=MAX_LENGTH, message=_l("Too long: at most %(max)s characters"))


class SignInForm(LoginForm):
    """User name and password. Whatever is wrong, the answer is the same, and takes as long."""

    email = None  # type: ignore[assignment]  # people sign in by name; this is how WTForms drops a field
    remember = None  # type: ignore[assignment]  # phones and computers here are shared
    username = StringField(validators=[InputRequired(_l("Enter your user name")), Length(max=128)])

    def validate(self, **kwargs: Any) -> bool:
        """Check the fields, then the limits, then the password. Raises `TooManyAttempts`."""
        if not self.username.data or not self.password.data:
            return super().validate(**kwargs)
        name = canonical_name(self.username.data)
        attempt = _claim(name)
        self.user = find_user(name)
        self.ifield = self.username
        if len(self.password.data) <= MAX_LENGTH and super().validate(**kwargs):
            attempt.forgive()
            return True
        self._say_nothing_in_particular()
        return False

    def validate_next(self, field: Field) -> None:
        """A foreign address to go to is nothing the person did wrong: it is forgotten."""
        if not validate_redirect_url(field.data or ""):
            field.data = ""

    def _say_nothing_in_particular(self) -> None:
        """Neither whether the name is known nor whether the account is active can be told apart."""
        for field in (self.username, self.password):
            field.errors = []
        self.form_errors = [_("The user name or the password is not right")]


class NewPasswordForm(ChangePasswordForm):
    """Flask-Security's form, with the current password limited in length and in attempts."""

    password = PasswordField(validators=[password_required, _too_long])
    new_password = PasswordField(validators=[password_required, _too_long])
    new_password_confirm = PasswordField(
        validators=[
            EqualToLocalize("new_password", message="RETYPE_PASSWORD_MISMATCH"),
            password_required,
        ]
    )

    def validate(self, **kwargs: Any) -> bool:
        """Check the limit, the fields, then the passwords. Raises `TooManyAttempts`."""
        attempt = claim([(CHANGING_PASSWORD, current_user.username)])
        valid = super().validate(**kwargs)
        if not self.password.errors:
            attempt.forgive()
        return bool(valid)


def _claim(name: str) -> Claim:
    browser = known_browser(name)
    if browser:
        return claim([(IN_A_KNOWN_BROWSER, browser)])
    place = callers_place()
    return claim([(AT_ONE_PLACE, f"{name} {place}"), (FOR_A_NAME, name), (FROM_AN_ADDRESS, place)])
