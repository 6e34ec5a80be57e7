"""The forms of the page of assignments: one by hand, a list from a file, and what is done to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import SelectField, StringField, SubmitField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import Length
from wtforms.widgets import DateInput

from surveyapp.people.collectors import Collector
from surveyapp.submissions.assignment_lists import MOST_BYTES

#: characters of all answers of one visit
MOST_TEXT = 20_000
_TOO_LONG = _l("This is too long")


class VisitForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """One visit by hand; what is in its fields is judged as a row of a list is."""

    interviewer = SelectField(validate_choice=False)
    label = StringField()
    region = SelectField(validate_choice=False)
    due = StringField(widget=DateInput())
    answers = TextAreaField(validators=[Length(max=MOST_TEXT, message=_TOO_LONG)])
    give = SubmitField()

    def offer(
        self, collectors: Sequence[Collector], regions: Mapping[str, str], *, all_of: bool
    ) -> None:
        """Put into its lists whom and what there is; without a region only where all are seen."""
        people = [SelectChoice(each.key, each.name) for each in collectors]
        self.interviewer.choices = [SelectChoice("", _l("Choose")), *people]
        nowhere = [SelectChoice("", _l("not stated"))] if all_of else [SelectChoice("", _l("Choose"))]
        self.region.choices = nowhere + [SelectChoice(code, name) for code, name in regions.items()]

    def table(self) -> tuple[list[str], list[str]]:
        """The same as the headings and cells of a list's row."""
        lines = [line.partition("=") for line in (self.answers.data or "").splitlines() if line.strip()]
        own = {
            "interviewer": self.interviewer.data or "",
            "label": self.label.data or "",
            "region": self.region.data or "",
            "due": self.due.data or "",
        }
        return (
            [*own, *(name.strip() for name, _equals, _value in lines)],
            [*own.values(), *(value.strip() for _name, _equals, value in lines)],
        )


class ListForm(FlaskForm):  # type: ignore[misc]
    """A list from a file; `text` carries what was checked, so that nobody chooses the file twice."""

    file = FileField()
    text = TextAreaField(validators=[Length(max=MOST_BYTES, message=_TOO_LONG)])
    check = SubmitField()
    give = SubmitField()

    def content(self) -> bytes:
        """The list as it was sent; empty: none was."""
        if self.file.data:
            return bytes(self.file.data.read(MOST_BYTES + 1))
        return (self.text.data or "").encode()


class ChangeForm(FlaskForm):  # type: ignore[misc]
    """Something is done to one assignment."""
