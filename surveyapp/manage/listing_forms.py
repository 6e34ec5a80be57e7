"""The forms of the list of submissions: a view's name, and an act of review for what was ticked."""

from __future__ import annotations

import re
from uuid import UUID

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Length, ValidationError

from surveyapp.messages import SENTENCES
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.bulk import MOST, Chosen
from surveyapp.submissions.comments import LONGEST_COMMENT
from surveyapp.submissions.models import Act

_TOO_LONG = _l("Too long: at most %(max)s characters")
#: what a page can do to many
ACTS = (Act.ACCEPT, Act.RETURN, Act.REJECT, Act.DELETE)
_CHOSEN = re.compile(r"([0-9a-fA-F-]{36}):([0-9]{1,9})(?::([0-9]{1,15}))?")


class ViewForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What the list's filters shall be called."""

    name = StringField(validators=[Length(max=80, message=_TOO_LONG)])
    shared = BooleanField(default=False)

    def validate_name(self, field: Field) -> None:
        """There is one, and it can be kept."""
        if not (field.data or "").strip():
            raise ValidationError(_l("Give it a name."))
        if not is_storable(field.data):
            raise ValidationError(SENTENCES["unstorable"])


class BulkForm(FlaskForm):  # type: ignore[misc]
    """What is done to those that were ticked."""

    act = SelectField(choices=[SelectChoice(act.value) for act in ACTS])
    text = TextAreaField(validators=[Length(max=LONGEST_COMMENT, message=_TOO_LONG)])

    def validate_text(self, field: Field) -> None:
        """Whoever returns or rejects says why."""
        if self.act.data in {Act.RETURN, Act.REJECT} and not (field.data or "").strip():
            raise ValidationError(_l("To return or reject, write why."))
        if not is_storable(field.data or ""):
            raise ValidationError(SENTENCES["unstorable"])


class UndoManyForm(FlaskForm):  # type: ignore[misc]
    """Which acts are taken back: their kind, and each by its serial."""

    act = SelectField(choices=[SelectChoice(act.value) for act in ACTS])


def chosen() -> list[Chosen]:
    """What was ticked, each once; what is no choice of ours is left out, and what is too much."""
    found: dict[UUID, Chosen] = {}
    for value in request.form.getlist("row"):
        match = _CHOSEN.fullmatch(value)
        try:
            id_ = UUID(match[1]) if match else None
        except ValueError:
            continue
        if match and id_ is not None:
            act = int(match[3]) if match[3] else None
            found.setdefault(id_, Chosen(id_, int(match[2]), act))
    return list(found.values())[:MOST]
