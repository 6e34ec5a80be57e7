"""The form with which an administrator asks for a file of answers."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Length, ValidationError

from surveyapp.exports.request import CsvOptions, ExportRequest, Profile, Selection, TableOptions
from surveyapp.i18n import LANGUAGE_NAMES
from surveyapp.messages import SENTENCES
from surveyapp.people.audit import DETAIL_LENGTH
from surveyapp.questionnaires.storable import is_storable

CODES = "codes"
#: what the form says → what stands between two columns
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_WHAT = [
    SelectChoice("csv", _l("One table: a row for each submission (.csv)")),
    SelectChoice("zip", _l("Everything: with rosters, codebook and description (.zip)")),
]
_LABELS = [
    SelectChoice(CODES, _l("codes")),
    *(SelectChoice(code, name) for code, name in LANGUAGE_NAMES.items()),
]
_MULTIPLE = [
    SelectChoice("joined", _l("in one column, side by side")),
    SelectChoice("split", _l("in a column for each choice (1 or 0)")),
]
_SEPARATORS = [
    SelectChoice("comma", _l("comma")),
    SelectChoice("semicolon", _l("semicolon")),
    SelectChoice("tab", _l("tab")),
]


class ExportForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What shall be in the file, and how it is written; each choice has the safe default first."""

    what = RadioField(choices=_WHAT, default="csv")
    labels = SelectField(choices=_LABELS, default=CODES)
    multiple = RadioField(choices=_MULTIPLE, default="joined")
    separator = SelectField(choices=_SEPARATORS, default="comma")
    byte_order_mark = BooleanField(default=True)
    decimal_comma = BooleanField(default=False)
    rejected = BooleanField(default=False)
    identity = BooleanField(default=False)
    sensitive = BooleanField(default=False)
    reason = StringField(
        validators=[Length(max=DETAIL_LENGTH, message=_l("Too long: at most %(max)s characters"))]
    )

    def validate(self, **named: Any) -> bool:
        """Identity and sensitive answers are asked for with a reason, or not at all."""
        valid = bool(super().validate(**named))
        if self.is_confidential and not (self.reason.data or "").strip():
            self.reason.errors = [*self.reason.errors, _("Say why; the log keeps it")]
            return False
        return valid

    def validate_reason(self, field: Field) -> None:
        """The log must be able to keep it, on every database."""
        if not is_storable(field.data or ""):
            raise ValidationError(SENTENCES["unstorable"])

    @property
    def is_confidential(self) -> bool:
        """Whether it asks for more than the default export gives."""
        return bool(self.identity.data or self.sensitive.data)

    def request_for(self, questionnaire_id: str, regions: frozenset[str] | None) -> ExportRequest:
        """The export that was asked for, of these regions (None: all); only of a valid form."""
        return ExportRequest(
            questionnaire=questionnaire_id,
            selection=Selection(regions=regions, rejected=self.rejected.data),
            package=self.what.data == "zip",
            tables=TableOptions(
                labels=None if self.labels.data == CODES else self.labels.data,
                split_multiple=self.multiple.data == "split",
                include_identity=self.identity.data,
                include_sensitive=self.sensitive.data,
            ),
            csv=CsvOptions(
                separator=SEPARATORS[self.separator.data],
                byte_order_mark=self.byte_order_mark.data,
                decimal_comma=self.decimal_comma.data,
            ),
            reason=(self.reason.data or "").strip(),
            profile=Profile.FULL if self.is_confidential else Profile.DE_IDENTIFIED,
        )
