"""The forms of a correction: what is to be seen while it is made, and why it is made."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Length, ValidationError

from surveyapp.i18n import LANGUAGE_NAMES
from surveyapp.messages import SENTENCES
from surveyapp.people.audit import DETAIL_LENGTH
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.comments import LONGEST_COMMENT

_TOO_LONG = _l("Too long: at most %(max)s characters")


class BeginForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """In which language, and which guarded answers are to be corrected too."""

    language = SelectField(choices=[SelectChoice(*each) for each in LANGUAGE_NAMES.items()])
    sensitive = BooleanField()
    identity = BooleanField()
    reason = StringField(validators=[Length(max=DETAIL_LENGTH, message=_TOO_LONG)])

    def told(self) -> str:
        """The reason, as the log keeps it; only of a valid form."""
        return (self.reason.data or "").strip()

    def validate_reason(self, field: Field) -> None:
        """Whoever wants to know who is meant says why."""
        if self.identity.data and not (field.data or "").strip():
            raise ValidationError(_l("Say why; the log keeps it"))
        if not is_storable(field.data or ""):
            raise ValidationError(SENTENCES["unstorable"])


class SaveForm(FlaskForm):  # type: ignore[misc]
    """Why it was changed, and whether it is kept although it breaks rules."""

    reason = TextAreaField(validators=[Length(max=LONGEST_COMMENT, message=_TOO_LONG)])
    anyway = BooleanField()

    def validate_reason(self, field: Field) -> None:
        """There is one, and it can be kept."""
        if not (field.data or "").strip():
            raise ValidationError(_l("Say why it is changed; the history keeps it."))
        if not is_storable(field.data):
            raise ValidationError(SENTENCES["unstorable"])
