"""The forms of the pages about versions: a workbook with its files, who may answer, retiring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import BooleanField, DateTimeLocalField, HiddenField, RadioField, SubmitField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Optional, ValidationError

from surveyapp.catalogue.models import Access
from surveyapp.catalogue.windows import Window
from surveyapp.manage.words import ACCESS

_WHO = [SelectChoice(access.value, ACCESS[access.value]) for access in Access]


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A workbook as it was sent, and what was said about it."""

    name: str
    content: bytes
    files: Mapping[str, bytes]
    #: of a questionnaire that is new
    access: Access
    strict: bool


class PublishForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A workbook or an XForm. Nothing is kept of a check; a trial version is kept and tried out."""

    workbook = FileField(validators=[FileRequired(_l("Choose a file"))])
    files = MultipleFileField()
    access = RadioField(choices=_WHO, default=Access.STAFF.value)
    strict = BooleanField(default=False)
    check = SubmitField()
    keep = SubmitField()
    publish = SubmitField()

    def sent(self) -> Uploaded:
        """What was sent; only of a valid form."""
        return Uploaded(
            name=self.workbook.data.filename or "workbook",
            content=self.workbook.data.read(),
            files={
                file.filename: file.read() for file in self.files.data or [] if file and file.filename
            },
            access=Access(self.access.data),
            strict=self.strict.data,
        )


#: what a browser sends of a day and a time
_MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
_YEARS = range(2000, 2101)


def _in_our_time(_form: FlaskForm, field: DateTimeLocalField) -> None:
    if field.data is not None and field.data.year not in _YEARS:
        raise ValidationError(_("A day between 2000 and 2100 is needed"))


class AccessForm(FlaskForm):  # type: ignore[misc]
    """Who may answer, and from when to when it is begun, in the time zone of the settings."""

    access = RadioField(choices=_WHO)
    opens = DateTimeLocalField(format=_MOMENT, validators=[Optional(), _in_our_time])
    closes = DateTimeLocalField(format=_MOMENT, validators=[Optional(), _in_our_time])

    def validate_closes(self, field: DateTimeLocalField) -> None:
        """Refuse an end that is not after the beginning."""
        if field.data and self.opens.data and field.data <= self.opens.data:
            raise ValidationError(_("The end must come after the beginning"))

    def window(self, zone: ZoneInfo) -> Window:
        """What was said; only of a valid form."""
        return Window(_aware(self.opens.data, zone), _aware(self.closes.data, zone))

    def show(self, access: str, window: Window, zone: ZoneInfo) -> None:
        """Fill it with what holds now."""
        self.access.data = access
        self.opens.data = window.opens_at and window.opens_at.astimezone(zone)
        self.closes.data = window.closes_at and window.closes_at.astimezone(zone)


def _aware(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=zone)


class RetireForm(FlaskForm):  # type: ignore[misc]
    """Which version, and that it is meant."""

    version = HiddenField(validators=[InputRequired()])
    confirmed = BooleanField(validators=[InputRequired()])


class DiscardForm(FlaskForm):  # type: ignore[misc]
    """That a trial version is to be thrown away."""

    confirmed = BooleanField(validators=[InputRequired()])
