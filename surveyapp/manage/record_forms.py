"""The forms of a submission's page: which revision was looked at, a reason, comments."""

from __future__ import annotations

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from surveyapp.messages import SENTENCES
from surveyapp.people.audit import DETAIL_LENGTH
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.comments import LONGEST_COMMENT

_TOO_LONG = _l("Too long: at most %(max)s characters")
#: names of the fields with comments on single questions
AT = "at:"


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
    """What is to be mended: of the whole, and of single questions."""

    comment = TextAreaField(validators=[Length(max=LONGEST_COMMENT, message=_TOO_LONG)])

    def validate_comment(self, _field: Field) -> None:
        """There is one, here or at a question, and each can be kept."""
        given = self.comments()
        if not given:
            raise ValidationError(_l("Say what is to be mended."))
        if not all(map(is_storable, given.values())):
            raise ValidationError(SENTENCES["unstorable"])
        if any(len(text) > LONGEST_COMMENT for text in given.values()):
            raise ValidationError(_TOO_LONG % {"max": LONGEST_COMMENT})

    def at(self) -> dict[str, str]:
        """Node path → what was written about this question; empty ones too."""
        if not self.is_submitted():
            return {}
        fields = request.form.items()
        return {name.removeprefix(AT): text for name, text in fields if name.startswith(AT)}

    def comments(self) -> dict[str, str]:
        """Node path (or "": all of it) → comment."""
        written = {"": self.comment.data or ""} | self.at()
        return {path: text.strip() for path, text in written.items() if text.strip()}


class RejectForm(RevisionForm):
    """Why it is not to be counted on."""

    reason = TextAreaField(validators=[Length(max=LONGEST_COMMENT, message=_TOO_LONG)])

    def validate_reason(self, field: Field) -> None:
        """There is one."""
        if not (field.data or "").strip():
            raise ValidationError(_l("Say why: nothing is discarded or rejected without a reason."))
        if not is_storable(field.data):
            raise ValidationError(SENTENCES["unstorable"])


class UndoForm(RevisionForm):
    """Which act is to be taken back, by its serial."""

    act = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31 - 1)])
