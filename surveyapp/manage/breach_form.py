"""The form of a breach: when it was noticed, which time the log is asked about, what is to be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, DateTimeLocalField, Field, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from surveyapp.days import day_of, end_of, start_of
from surveyapp.messages import SENTENCES
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.breach_models import BreachEdition
from surveyapp.submissions.breaches import LONGEST_TEXT, TEXTS, Window, Written

#: what each text is about, in the order of the sheet
WORDS = {
    "happened": _l("What happened, when and where"),
    "data": _l("Which personal data are affected"),
    "persons": _l("Whom they are about, and how many"),
    "harm": _l("What harm may come of it"),
    "measures": _l("What was done, and what will be done"),
    "told": _l("Whether and how those whom the data are about are told"),
    "contact": _l("Who answers questions: name, telephone number, address"),
}
_WHEN = _l("Write a day and a time")
_DAY = _l("Write a day")
_TOO_LONG = _l("Too long: at most %(max)s characters")


def _text() -> TextAreaField:
    return TextAreaField(validators=[Length(max=LONGEST_TEXT, message=_TOO_LONG)])


class BreachForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What is written of a breach; times are those of the settings' zone."""

    noticed = DateTimeLocalField(
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], validators=[InputRequired(_WHEN)]
    )
    since = DateField(validators=[InputRequired(_DAY)])
    until = DateField(validators=[InputRequired(_DAY)])
    by = SelectField(default="")
    questionnaire = SelectField(default="")
    happened = _text()
    data = _text()
    persons = _text()
    harm = _text()
    measures = _text()
    told = _text()
    contact = _text()

    @classmethod
    def of(cls, edition: BreachEdition | None, now: datetime, zone: ZoneInfo) -> BreachForm:
        """The form filled in with what stands, or with today."""
        if edition is None:
            today = day_of(now, zone)
            return cls(formdata=None, noticed=now.astimezone(zone), since=today, until=today)
        stands = {
            "noticed": edition.noticed_at.astimezone(zone),
            "since": day_of(edition.since, zone),
            # the moment at which the last day is over belongs to the next one
            "until": day_of(edition.until - timedelta(seconds=1), zone),
            "by": str(edition.user_id or ""),
            "questionnaire": edition.questionnaire,
            **edition.texts,
        }
        # as one mapping: a text is called `data`, as is an argument of every form
        return cls(formdata=None, data=stands)

    def validate(self, extra_validators: Mapping[str, object] | None = None) -> bool:
        """Texts can be kept, and the time ends after it begins."""
        fine = bool(super().validate(extra_validators))
        for name in TEXTS:
            if not is_storable(self[name].data or ""):
                self[name].errors = [*self[name].errors, SENTENCES["unstorable"]]
                fine = False
        return fine

    def validate_until(self, field: Field) -> None:
        """Not before it begins."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_l("It ends before it begins"))

    def written(self, zone: ZoneInfo) -> Written:
        """What a valid form says."""
        noticed, since, until = self.noticed.data, self.since.data, self.until.data
        assert noticed and since and until  # noqa: S101  # each is required
        return Written(
            noticed_at=noticed.replace(tzinfo=zone),
            window=Window(
                since=start_of(since, zone),
                until=end_of(until, zone),
                user_id=int(self.by.data) if self.by.data else None,
                questionnaire=self.questionnaire.data or "",
            ),
            texts={name: (self[name].data or "").strip() for name in TEXTS},
        )
