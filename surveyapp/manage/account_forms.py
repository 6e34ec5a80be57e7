"""The forms of the pages about people: a new account, a role, a token, and that something is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField, RadioField, SelectField, StringField
from wtforms.fields import SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from surveyapp.manage.account_words import ROLES, SCOPES, region_names
from surveyapp.messages import SENTENCES
from surveyapp.people.models import ALL
from surveyapp.people.rights import Place, RoleName
from surveyapp.people.service import canonical_name, is_name
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires.storable import is_storable

LONGEST_LABEL = 100
#: days after which a token ends
_LIVES = (("30", _l("30 days")), ("90", _l("90 days")), ("365", _l("one year")))


class Ticks(SelectMultipleField):
    """Several boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PlaceForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What a role is for: a questionnaire or all, a region or all."""

    questionnaire = SelectField()
    region = SelectField()

    def offer(self, titles: Mapping[str, str]) -> None:
        """Say which questionnaires there are; before the form is validated."""
        self.questionnaire.choices = [
            SelectChoice(ALL, _l("all questionnaires")),
            *(SelectChoice(name, title) for name, title in titles.items()),
        ]
        self.region.choices = [
            SelectChoice(ALL, _l("all regions")),
            *(SelectChoice(code, name) for code, name in region_names().items()),
        ]

    def place(self) -> Place:
        """What was chosen; only of a valid form."""
        return Place(self.questionnaire.data or None, self.region.data or None)


class NewAccountForm(PlaceForm):
    """Whose account, and what they may do."""

    name = StringField(validators=[InputRequired(_l("Enter a user name"))])
    roles = Ticks(
        choices=[SelectChoice(role.value, ROLES[role]) for role in RoleName],
        validators=[InputRequired(_l("Choose at least one role"))],
    )

    def validate_name(self, field: Field) -> None:
        """It can be typed and shown."""
        if not is_name(canonical_name(field.data or "")):
            raise ValidationError(_l("Two to 64 letters, digits and . _ - @ between them"))

    def chosen_roles(self) -> list[RoleName]:
        """Only of a valid form."""
        return [RoleName(role) for role in dict.fromkeys(self.roles.data or [])]


class GrantForm(PlaceForm):
    """A role to give."""

    role = RadioField(
        choices=[SelectChoice(role.value, ROLES[role]) for role in RoleName],
        validators=[InputRequired(_l("Choose a role"))],
    )


class NumberForm(FlaskForm):  # type: ignore[misc]
    """Which one of several."""

    number = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31 - 1)])

    def chosen(self) -> int:
        """The number; 0, which nothing has, if none was sent."""
        return (self.number.data or 0) if self.validate() else 0


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """That it is meant."""

    confirmed = BooleanField(validators=[InputRequired()])


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A token of one's own: what it is for, what it may do, when it ends."""

    label = StringField(
        validators=[
            InputRequired(_l("Say what it is for")),
            Length(max=LONGEST_LABEL, message=_l("Too long: at most %(max)s characters")),
        ]
    )
    scopes = Ticks(validators=[InputRequired(_l("Choose at least one"))])
    days = RadioField(choices=[SelectChoice(*life) for life in _LIVES], default="90")

    def offer(self, scopes: Iterable[Scope]) -> None:
        """Say what the person may have a token do; before the form is validated."""
        self.scopes.choices = [SelectChoice(scope.value, SCOPES[scope]) for scope in scopes]

    def validate_label(self, field: Field) -> None:
        """It says something, and a database can keep it."""
        if not (field.data or "").strip():
            raise ValidationError(_l("Say what it is for"))
        if not is_storable(field.data or "") or not (field.data or "").strip().isprintable():
            raise ValidationError(SENTENCES["unstorable"])

    def named(self) -> str:
        """What it is for; only of a valid form."""
        return (self.label.data or "").strip()

    def chosen_scopes(self) -> list[Scope]:
        """Only of a valid form."""
        return [Scope(scope) for scope in dict.fromkeys(self.scopes.data or [])]

    def end(self, now: datetime) -> datetime:
        """When it ends; only of a valid form."""
        return now + timedelta(days=int(self.days.data))
