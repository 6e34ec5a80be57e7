"""The form for personal links."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.i18n import LANGUAGE_NAMES
from surveyapp.wiring import settings_of

#: links on one sheet
MOST = 500
LONGEST_LABEL = 80
_LAST_YEAR = 2100


class InvitationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """How many links, for whom, until when, in which language, on cards or as a table."""

    count = IntegerField(
        default=30,
        validators=[
            InputRequired(_l("A number is needed")),
            NumberRange(1, MOST, _l("Between %(min)s and %(max)s at once")),
        ],
    )
    label = StringField(validators=[Length(max=LONGEST_LABEL)])
    last_day = DateField(validators=[Optional()])
    language = SelectField(
        choices=[SelectChoice(code, name) for code, name in LANGUAGE_NAMES.items()], default="kk"
    )
    cards = SubmitField()
    table = SubmitField()

    def validate_label(self, field: StringField) -> None:
        """Refuse what no database or page holds."""
        if not (field.data or "").isprintable():
            raise ValidationError(_("This cannot be understood"))

    def validate_last_day(self, field: DateField) -> None:
        """Refuse a day that is over."""
        if field.data is None:
            return
        if not day_of(utc_now(), settings_of().timezone) <= field.data or field.data.year > _LAST_YEAR:
            raise ValidationError(_("A day from today on is needed"))
