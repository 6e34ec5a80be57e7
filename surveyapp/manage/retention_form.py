"""The forms of destroying: who is meant by one submission, and of what by which date."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from surveyapp.manage.record_forms import IdentityForm, RevisionForm
from surveyapp.submissions.retention_models import Fate, RetentionRule, Unit
from surveyapp.submissions.retention_rules import LEAST_NOTICE, MOST_AMOUNT, MOST_NOTICE, Rule

#: what happens when the time of a record is over
FATES = {
    Fate.IDENTITY: _l("who is meant is destroyed; the other answers stay"),
    Fate.ALL: _l("all of it is destroyed"),
}
UNITS = {Unit.DAYS: _l("days"), Unit.MONTHS: _l("months")}
_NUMBER = _l("Write a whole number from %(min)s to %(max)s")
_TICK = _l("Tick the box to confirm.")


class DestroyForm(IdentityForm, RevisionForm):
    """Why, of which revision, and that one is sure."""

    sure = BooleanField()

    def validate_sure(self, field: Field) -> None:
        """It is asked twice."""
        if not field.data:
            raise ValidationError(_TICK)


class RetentionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """How long since a record was received, or until which day; what then; announced how long before."""

    fate = RadioField(
        choices=[SelectChoice(fate, words) for fate, words in FATES.items()],
        validators=[InputRequired(_l("Choose one"))],
    )
    amount = IntegerField(validators=[Optional(), NumberRange(1, MOST_AMOUNT, message=_NUMBER)])
    unit = SelectField(
        choices=[SelectChoice(unit, words) for unit, words in UNITS.items()], default=Unit.MONTHS
    )
    last_day = DateField(validators=[Optional()])
    notice = IntegerField(
        validators=[InputRequired(_NUMBER), NumberRange(LEAST_NOTICE, MOST_NOTICE, message=_NUMBER)]
    )
    sure = BooleanField()

    @classmethod
    def of(cls, rule: RetentionRule | None) -> RetentionForm:
        """The form filled in with the rule that holds."""
        if rule is None:
            return cls(formdata=None, notice=30, unit=Unit.MONTHS)
        return cls(formdata=None, obj=rule)

    def validate(self, extra_validators: Mapping[str, object] | None = None) -> bool:
        """Either a span or a day; an empty field's own validators are not asked."""
        fine = bool(super().validate(extra_validators))
        wrong = self.amount.errors or self.last_day.errors
        if not wrong and (self.amount.data is None) == (self.last_day.data is None):
            self.amount.errors = [_("Say either how long, or the last day")]
            return False
        return fine

    def validate_sure(self, field: Field) -> None:
        """It is asked twice."""
        if not field.data:
            raise ValidationError(_TICK)

    def rule(self) -> Rule:
        """What a valid form says."""
        is_span = self.amount.data is not None
        return Rule(
            fate=Fate(self.fate.data),
            notice=self.notice.data or LEAST_NOTICE,
            amount=self.amount.data,
            unit=Unit(self.unit.data) if is_span else None,
            last_day=self.last_day.data,
        )
