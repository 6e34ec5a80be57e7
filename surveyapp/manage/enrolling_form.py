"""The forms by which phones are set up: one by hand, or a list from a file."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import ValidationError

from surveyapp.channels.enrolling.interviewers import Known
from surveyapp.i18n import DEFAULT_LANGUAGE, LANGUAGE_NAMES
from surveyapp.manage.account_forms import Ticks
from surveyapp.people import enrolments

#: of a list: a thousand rows of it are far less
MOST_BYTES = 200_000
OURS, COLLECT = "field", "collect"
APPS = (
    (OURS, _l("our own program, in the phone’s browser: a code that works once")),
    (COLLECT, _l("ODK Collect: its settings, with a key that lasts")),
)
#: days for which a code may be good → as said
_LIVES = {
    str(days): _ln("%(num)s day", "%(num)s days", days)
    for days in (1, 3, 7, enrolments.LIFE.days, 30, 90)
}


class _CardForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What one phone and a list have in common."""

    app = RadioField(choices=[SelectChoice(*each) for each in APPS], default=OURS, validate_choice=False)
    days = SelectField(
        choices=[SelectChoice(*each) for each in _LIVES.items()],
        default=str(enrolments.LIFE.days),
        validate_choice=False,
    )

    def life(self) -> int:
        """Days for which a code is good; the usual ones if none of those offered was sent."""
        return int(self.days.data) if self.days.data in _LIVES else enrolments.LIFE.days


class PhoneForm(_CardForm):
    """One phone by hand; what is in its fields is judged as a row of a list is."""

    name = StringField()
    user = SelectField(validate_choice=False)
    language = SelectField(
        choices=[SelectChoice(*each) for each in LANGUAGE_NAMES.items()],
        default=DEFAULT_LANGUAGE,
        validate_choice=False,
    )
    questionnaires = Ticks(validate_choice=False)

    def offer(self, known: Known, titles: Mapping[str, str]) -> None:
        """Put into its lists whom and what there is."""
        people = [SelectChoice(name, name) for name in sorted(known.users)]
        self.user.choices = [SelectChoice("", _l("nobody’s: several people use it")), *people]
        self.questionnaires.choices = [
            SelectChoice(each, titles.get(each, each)) for each in sorted(known.questionnaires)
        ]

    def row(self) -> dict[str, str]:
        """The same as a list's row."""
        return {
            "name": self.name.data or "",
            "user": self.user.data or "",
            "language": self.language.data or "",
            "questionnaires": " ".join(self.questionnaires.data or []),
        }

    def refuse(self, column: str, said: object) -> None:
        """Put what is wrong beside its field."""
        self[column].errors = [*self[column].errors, said]


class PhonesForm(_CardForm):
    """A list of interviewers."""

    file = FileField(validators=[FileRequired(_l("Choose a file"))])

    def validate_file(self, field: Field) -> None:
        """It is no longer than a list can be; what is in it is then `content`."""
        self.content = bytes(field.data.read(MOST_BYTES + 1))
        if len(self.content) > MOST_BYTES:
            raise ValidationError(_l("The file is too long for a list of phones"))


class CodeForm(FlaskForm):  # type: ignore[misc]
    """That another code is wanted."""
