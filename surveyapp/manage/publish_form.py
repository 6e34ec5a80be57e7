"""The forms of the pages about versions: a workbook with its files, who may answer, retiring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import BooleanField, HiddenField, RadioField, SubmitField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired

from surveyapp.catalogue.models import Access
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


class AccessForm(FlaskForm):  # type: ignore[misc]
    """Who may answer."""

    access = RadioField(choices=_WHO)


class RetireForm(FlaskForm):  # type: ignore[misc]
    """Which version, and that it is meant."""

    version = HiddenField(validators=[InputRequired()])
    confirmed = BooleanField(validators=[InputRequired()])


class DiscardForm(FlaskForm):  # type: ignore[misc]
    """That a trial version is to be thrown away."""

    confirmed = BooleanField(validators=[InputRequired()])
