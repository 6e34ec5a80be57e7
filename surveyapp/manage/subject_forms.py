"""The forms of the pages about families' requests."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from surveyapp.i18n import LANGUAGES
from surveyapp.manage.record_forms import IdentityForm
from surveyapp.manage.words import WISHES
from surveyapp.messages import SENTENCES
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.searching import is_worth_looking_for
from surveyapp.submissions.subject_requests import LONGEST_ANSWER, LONGEST_WORDS

_TOO_LONG = _l("Too long: at most %(max)s characters")
LONGEST_NAME = 200
_WISHES = [SelectChoice(wish, words) for wish, words in WISHES.items()]


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A receipt code, as somebody says it."""

    code = StringField(validators=[Length(max=40, message=_TOO_LONG)])


class SearchForm(IdentityForm):
    """Whom to look for, in which questionnaire, and why."""

    questionnaire = SelectField(validate_choice=True)
    text = StringField(validators=[Length(max=LONGEST_NAME, message=_TOO_LONG)])
    before = IntegerField(validators=[Optional(), NumberRange(1, 2**62)])

    def validate_text(self, field: Field) -> None:
        """It is enough to tell people apart."""
        if not is_worth_looking_for(field.data or ""):
            raise ValidationError(_l("At least three letters or digits"))


class AskForm(FlaskForm):  # type: ignore[misc]
    """What a family asks, written down by an officer."""

    submission = HiddenField()
    wish = RadioField(choices=_WISHES, validators=[InputRequired(_l("Choose one"))])
    words = TextAreaField(validators=[Length(max=LONGEST_WORDS, message=_TOO_LONG)])

    def validate_words(self, field: Field) -> None:
        """A database can keep them."""
        if not is_storable(field.data or ""):
            raise ValidationError(SENTENCES["unstorable"])


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """What the officer says about it; `sure` is asked where something is destroyed."""

    answer = TextAreaField(validators=[Length(max=LONGEST_ANSWER, message=_TOO_LONG)])
    sure = BooleanField()

    def validate_answer(self, field: Field) -> None:
        """A database can keep it."""
        if not is_storable(field.data or ""):
            raise ValidationError(SENTENCES["unstorable"])


class CopyForm(FlaskForm):  # type: ignore[misc]
    """In which language a copy is made, and whether it says what was told of danger to a child."""

    language = SelectField(choices=[SelectChoice(language, language) for language in LANGUAGES])
    danger = BooleanField()
