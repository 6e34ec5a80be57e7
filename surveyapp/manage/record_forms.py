"""The forms of a submission's page: which revision was looked at, a reason, comments."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from surveyapp.messages import SENTENCES
from surveyapp.people.audit import DETAIL_LENGTH
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.reviewing import LONGEST_COMMENT

_TOO_LONG = _l("Too long: at most %(max)s characters")


class RevisionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """Which revision somebody acts on: another one may have come meanwhile."""

    revision = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31 - 1)])


class IdentityForm(FlaskForm):  # type: ignore[misc]
    """Why somebody must see what is guarded."""

    reason = StringField(validators=[Length(max=DETAIL_LENGTH, message=_TOO_LONG)])

    def told(self) -> str:
        """The reason, as the log keeps it; only of a valid form."""
        return (self.reason.data or "").strip()

    def validate_reason(self, field: Field) -> None:
        """There is one, and the log can keep it."""
        if not (field.data or "").strip():
            raise ValidationError(_l("Say why; the log keeps it"))
        if not is_storable(field.data):
            raise ValidationError(SENTENCES["unstorable"])


class ReturnForm(RevisionForm):
    """What is to be mended: of the whole, or of one question."""

    path = HiddenField()
    comment = TextAreaField(validators=[Length(max=LONGEST_COMMENT, message=_TOO_LONG)])

    def validate_comment(self, field: Field) -> None:
        """There is one."""
        if not (field.data or "").strip():
            raise ValidationError(_l("Say what is to be mended."))
        if not is_storable(field.data):
            raise ValidationError(SENTENCES["unstorable"])

    def comments(self) -> dict[str, str]:
        """Node path (or "": all of it) → comment."""
        return {self.path.data or "": (self.comment.data or "").strip()}
