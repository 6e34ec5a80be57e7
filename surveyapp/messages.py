"""Finished sentences for structured errors, in the reader's language: the edge half of `AnswerError`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l

from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.definition import Text

#: code → sentence; `%(name)s` are the error's params
SENTENCES: dict[str, LazyString] = {
    "required": _l("Please answer this question"),
    "constraint": _l("This answer does not fit. Please check it"),
    "irrelevant": _l("This question was not asked, so it cannot have an answer"),
    "choice": _l("Choose one of the answers offered"),
    "unknown": _l("This field is not part of the questionnaire"),
    "text": _l("This must be a text"),
    "too_long": _l("Too long: at most %(max)s characters"),
    "unstorable": _l("This text has characters that cannot be stored"),
    "integer": _l("This must be a whole number"),
    "decimal": _l("This must be a number"),
    "range": _l("The number must be from %(min)s to %(max)s"),
    "date": _l("This must be a date, such as 2026-09-05"),
    "time": _l("This must be a time, such as 14:30"),
    "dateTime": _l("This must be a date and a time"),
    "geopoint": _l("This must be a place: latitude and longitude"),
    "geotrace": _l("This must be a line: two or more places"),
    "geoshape": _l("This must be an area: three or more places"),
    "list": _l("This must be a list"),
    "object": _l("This must be a group of answers"),
    "too_many": _l("Too many: at most %(max)s"),
    "too_deep": _l("This is nested too deeply"),
    "repeated": _l("The same answer stands here twice"),
    "acknowledge": _l("This can only be ticked or left empty"),
    "attachment": _l("This must be the name of a file"),
    "uuid": _l("This must be a UUID"),
    "unannounced": _l("It was not said which file this is, so it cannot be told whether it arrived"),
    # why a record waits in quarantine (`submissions.models.Reason`)
    "unknown_questionnaire": _l(
        "This questionnaire is not known here. The record is kept for a person to decide"
    ),
    "unknown_version": _l("This version is not known here. The record is kept for a person to decide"),
    "closed": _l(
        "The questionnaire was closed when this was begun. The record is kept for a person to decide"
    ),
    "scope": _l("You may not send this questionnaire. The record is kept for a person to decide"),
    "invitation": _l(
        "The invitation is missing, used or expired. The record is kept for a person to decide"
    ),
    "conflict": _l(
        "This number is stored with other content. The record is kept for a person to decide"
    ),
    "edit": _l("The record that this one changes is not here. It is kept for a person to decide"),
    "deleted": _l("This record was deleted here. What was sent is kept for a person to decide"),
    "revoked": _l("This device may no longer send. The record is kept for a person to decide"),
    "ceiling": _l(
        "Very many records came from this network at once. This one is kept for a person to decide"
    ),
    "sealed": _l("This record cannot be decrypted here. It is kept for a person to decide"),
    "wrong_root": _l("The record is not in the form that it names"),
    "failure": _l("This record could not be judged. It is kept for a person to decide"),
    "missing": _l("This is missing"),
    "warning": _l("Please look at this answer once more"),
    # what only the pages can say
    "day": _l("There is no such date. Day, month and year are needed, in numbers"),
    "rank": _l("Every answer needs a place of its own"),
    "file_too_large": _l("The file is too large: at most %(max)s MB"),
    "not_image": _l("This is not a photograph that can be taken: JPEG, PNG or WebP"),
    "not_audio": _l("This is not a sound recording that can be taken"),
    "not_video": _l("This is not a video that can be taken"),
    "code_unknown": _l("Wrong code. Please check it and try again."),
    "code_used": _l("This code has been used already"),
    "code_expired": _l("This code is no longer valid"),
    "invalid": _l("This cannot be understood"),
}


def sentence(error: AnswerError, language: str, default_language: str | None = None) -> str:
    """What to tell the reader: the author's own message if there is one, else ours.

    An author's message is plain text here; the interview fills in its outputs where it has any.
    """
    own = plain(error.message, language, default_language)
    if own:
        return own
    if not error.params:
        return _lasting(error.code, language)
    return _filled(error.code, language, error.params)


@lru_cache(maxsize=1024)
def _lasting(code: str, language: str) -> str:
    """A sentence without params; most are, and to change the language takes longer than to say it."""
    return _filled(code, language, {})


def _filled(code: str, language: str, params: Mapping[str, Any]) -> str:
    with force_locale(language):
        return str(SENTENCES.get(code, SENTENCES["invalid"]) % dict(params))


def plain(text: Text, language: str, default_language: str | None = None) -> str:
    """The literal pieces of a text in a language, else in the default one; empty if it has neither."""
    wording = text.wordings.get(language) or text.wordings.get(default_language or "") or ()
    return "".join(piece for piece in wording if isinstance(piece, str))
