"""What the API says of what is held, and of errors, in the right language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from surveyapp.channels.api.problems import caller_language
from surveyapp.i18n import LANGUAGES
from surveyapp.messages import plain, sentence
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.submissions import receipts
from surveyapp.submissions.holdings import Held
from surveyapp.submissions.keys import Keys


def held_json(keys: Keys, held: Held) -> dict[str, Any]:
    """The signed words on what is held."""
    return {
        "receipt": receipts.receipt(keys, held),
        "receipt_code": held.receipt_code,
        "missing_attachments": list(held.missing),
        "complete": receipts.complete(keys, held),
    }


def sentences(
    errors: Iterable[AnswerError], language: str | None, default_language: str | None = None
) -> list[dict[str, str]]:
    """Each error with its message in the submission's language; if we do not speak it, in the caller's.

    An author's own message is there in more languages than ours; `default_language` is the one that the
    questionnaire falls back to.
    """
    spoken = _spoken(language)
    ours = spoken or caller_language()
    wanted = ours if spoken or not language else language
    return [
        {
            "path": error.path,
            "code": error.code,
            "message": plain(error.message, wanted, default_language) or sentence(error, ours),
        }
        for error in errors
    ]


def _spoken(language: str | None) -> str | None:
    """The language of ours that a tag means: `kk-KZ` is Kazakh; None if it is none of ours."""
    primary = (language or "").partition("-")[0].lower()
    return primary if primary in LANGUAGES else None
