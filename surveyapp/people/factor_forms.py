"""Forms of the second factor, and the limits of guessing it."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from surveyapp.people.attempts import Claim, Limit, callers_place, claim
from surveyapp.people.browsers import known_browser
from surveyapp.people.passwords import MAX_LENGTH

_WINDOW = timedelta(minutes=15)
_DAY = timedelta(days=1)
#: only whoever gave the right password gets here; six digits are found by patience, so a day counts too
AT_ONE_PLACE = Limit("second factor: name at an address", 10, _WINDOW)
FOR_A_NAME = Limit("second factor: name, day", 30, _DAY)
#: instead of the two: a browser from which this user has signed in before is not locked out by others
IN_A_KNOWN_BROWSER = Limit("second factor: browser", 10, _WINDOW)
IN_A_KNOWN_BROWSER_A_DAY = Limit("second factor: browser, day", 50, _DAY)
#: the code that shows that an app was set up, by somebody who is signed in
SETTING_UP = Limit("second factor: setting up", 20, _WINDOW)
#: characters of what a browser tells of a passkey
LONGEST_ANSWER = 20_000
LONGEST_NAME = 60

_TOO_LONG = _l("Too long: at most %(max)s characters")


def claim_second_step(name: str) -> Claim:
    """Count a try at somebody's second factor. Raises `TooManyAttempts`."""
    browser = known_browser(name)
    if browser:
        return claim([(IN_A_KNOWN_BROWSER, browser), (IN_A_KNOWN_BROWSER_A_DAY, browser)])
    return claim([(AT_ONE_PLACE, f"{name} {callers_place()}"), (FOR_A_NAME, name)])


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A code of an authenticator app, or a recovery code."""

    code = StringField(
        validators=[InputRequired(_l("Enter the code")), Length(max=64, message=_TOO_LONG)]
    )


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """The password once more."""

    password = PasswordField(
        validators=[InputRequired(_l("Enter your password")), Length(max=MAX_LENGTH, message=_TOO_LONG)]
    )


class PasskeyForm(FlaskForm):  # type: ignore[misc]
    """What the browser answers when a passkey is used."""

    credential = HiddenField(validators=[InputRequired(), Length(max=LONGEST_ANSWER)])


class NewPasskeyForm(PasskeyForm):
    """The same when one is made, with what its owner calls it."""

    name = StringField(validators=[Length(max=LONGEST_NAME, message=_TOO_LONG)])

    def validate_name(self, field: Field) -> None:
        """There is one, and it can be kept and shown."""
        name = (field.data or "").strip()
        if not name:
            raise ValidationError(_l("Give it a name by which you will know it"))
        if not name.isprintable():
            raise ValidationError(_l("Only letters, digits and signs"))

    def called(self) -> str:
        """The name; only of a valid form."""
        return str(self.name.data).strip()
