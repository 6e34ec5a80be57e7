"""The forms of the quarantine desk: what to look for, and what was decided."""

from __future__ import annotations

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from surveyapp.manage.desk_queries import Sought
from surveyapp.messages import SENTENCES
from surveyapp.people.audit import DETAIL_LENGTH
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.merging import Side
from surveyapp.submissions.models import Channel, Decision, Reason

#: names of the fields that say whose answer holds at a path
SIDE = "side:"
#: letters of an id or a version that somebody may ask for
_LONGEST_NAME = 200


def sought(asked: MultiDict[str, str]) -> Sought:
    """What an address asks for; what makes no sense is left out."""
    return Sought(
        reason=_known(asked.get("reason"), Reason),
        questionnaire=_plain(asked.get("questionnaire")),
        channel=_known(asked.get("channel"), Channel),
        newest_first=asked.get("order") == "newest",
    )


def _known(asked: str | None, words: type[Reason] | type[Channel]) -> str:
    return asked if asked in {word.value for word in words} else ""


def _plain(asked: str | None) -> str:
    return asked if asked and asked.isprintable() and len(asked) <= _LONGEST_NAME else ""


class DecisionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What was decided, by which revision, and what each decision wants to know besides."""

    decision = SelectField(choices=[SelectChoice(decision.value) for decision in Decision])
    #: the revision it was compared with; 0: none was there
    revision = IntegerField(validators=[InputRequired(), NumberRange(0, 2**31 - 1)])
    #: of a merge: what holds where nothing was chosen
    rest = SelectField(
        choices=[SelectChoice(""), *(SelectChoice(side.value) for side in Side)], default=""
    )
    #: the published version to attach it to, by its serial
    version = IntegerField(validators=[Optional(), NumberRange(1, 2**31 - 1)])
    reason = StringField(
        validators=[Length(max=DETAIL_LENGTH, message=_l("Too long: at most %(max)s characters"))],
        default="",
    )

    def validate_reason(self, field: Field) -> None:
        """Nothing is discarded without one."""
        if self.decision.data != Decision.DISCARD:
            return
        if not (field.data or "").strip():
            raise ValidationError(_l("Say why: nothing is discarded or rejected without a reason."))
        if not is_storable(field.data):
            raise ValidationError(SENTENCES["unstorable"])

    def sides(self) -> dict[str, Side]:
        """Node path → whose answer holds, where that was chosen."""
        known = {side.value for side in Side}
        return {
            name.removeprefix(SIDE): Side(value)
            for name, value in request.form.items()
            if name.startswith(SIDE) and value in known
        }

    def others(self) -> Side | None:
        """What holds where nothing was chosen; None: everything must be chosen."""
        return Side(self.rest.data) if self.rest.data else None
