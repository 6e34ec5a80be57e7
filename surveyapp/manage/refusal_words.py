"""Why something was refused, as an administrator reads it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.submissions.keys import KeyMissing
from surveyapp.submissions.opening import Erased
from surveyapp.submissions.refusals import (
    AlreadyDecided,
    AlreadySo,
    AlreadyThere,
    BadComment,
    Gone,
    NamesAnew,
    NoCollector,
    NoComment,
    NoDifference,
    NoReason,
    NotBlocked,
    NotDeleted,
    NothingNew,
    NothingToUndo,
    NotThere,
    NoVersion,
    OtherQuestionnaire,
    Overtaken,
    Unreadable,
    Unsettled,
)
from surveyapp.submissions.sealing import CannotOpen

_OVERTAKEN = _l("It has changed since you looked at it. Nothing was done; look at it again.")
CANNOT = _l("This cannot be done.")
_KEY_GONE = _l("It cannot be opened: its key is not here.")
WORDS: Mapping[type[Exception], LazyString] = {
    Overtaken: _OVERTAKEN,
    NoDifference: _OVERTAKEN,
    Gone: _l("It was deleted. Restore it first."),
    AlreadySo: _l("It is so already."),
    NamesAnew: _l("Who is meant was destroyed. Answers that point at a person are not put back."),
    NotBlocked: _l("Only what is blocked can be unblocked."),
    NotDeleted: _l("Only what was deleted can be restored."),
    NoCollector: _l("Nobody who collected it is known: it cannot be returned."),
    NoComment: _l("Say what is to be mended."),
    BadComment: _l("The comment is too long, or its place is no question."),
    NotThere: _l("It is not here any more."),
    AlreadyDecided: _l("Somebody has decided already."),
    AlreadyThere: _l(
        "A submission with this number is stored already: make this its next revision, or merge the two."
    ),
    NoReason: _l("Say why: nothing is discarded or rejected without a reason."),
    NothingToUndo: _l("It cannot be undone any more: something else has happened since."),
    Unreadable: _l("Nothing can be made of what came. It can wait, or be discarded."),
    NoVersion: _l("The version that it names is not published here. Choose one that is."),
    OtherQuestionnaire: _l("The submission with this number answers another questionnaire."),
    Unsettled: _l("Choose for each question, or say what holds for the others."),
    NothingNew: _l("It would change nothing of the submission. Discard it instead."),
    Erased: _l("Its key was destroyed: what it held is gone for good."),
    CannotOpen: _KEY_GONE,
    KeyMissing: _KEY_GONE,
}


def why_not(refused: Exception) -> LazyString:
    """The sentence for a refusal."""
    return WORDS.get(type(refused), CANNOT)
