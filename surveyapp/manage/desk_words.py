"""Why work waits in quarantine, and what can be done about it, as an administrator reads it."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.submissions.merging import Side
from surveyapp.submissions.models import Decision, Reason

WHY: Mapping[str, LazyString] = {
    Reason.CONFLICT: _l(
        "A submission with this number is stored already, with other answers, and this is no change of "
        "its current revision. Compare the two and say which answers hold."
    ),
    Reason.UNKNOWN_QUESTIONNAIRE: _l(
        "Nobody has published a questionnaire of this name here. Publish it and accept this, or attach "
        "it to another questionnaire."
    ),
    Reason.UNKNOWN_VERSION: _l(
        "This version of the questionnaire is not published here. Publish it and accept this, or attach "
        "it to a version that is."
    ),
    Reason.CLOSED: _l("It was begun after the questionnaire was closed."),
    Reason.SCOPE: _l("Whoever sent it may not send for this questionnaire."),
    Reason.INVITATION: _l("Its invitation was missing, unknown, used or expired."),
    Reason.DELETED: _l(
        "The submission with this number was deleted. Restore that first, or discard this."
    ),
    Reason.WRONG_TYPE: _l(
        "Some answers do not fit the questions of its version. If it is accepted, these are kept apart "
        "and the rest is stored."
    ),
    Reason.UNSTORABLE: _l("There are characters in it that a database cannot hold."),
    Reason.EDIT: _l("It changes a submission that has not come here."),
    Reason.REVOKED: _l("The device that sent it was revoked before it sent this."),
    Reason.CEILING: _l("Very many came from one address without an account."),
    Reason.SEALED: _l("It was encrypted on the phone to a key that is not here."),
    Reason.FAILURE: _l("The program failed when it judged this. Tell whoever looks after the server."),
}
DECISIONS: Mapping[str, LazyString] = {
    Decision.ACCEPT: _l("stored as it is"),
    Decision.ACCEPT_AS_REVISION: _l("stored as the next revision"),
    Decision.MERGE: _l("merged with what was stored"),
    Decision.ATTACH: _l("attached to another version"),
    Decision.DISCARD: _l("discarded"),
}
#: what holds where nothing was chosen
REST: Mapping[str, LazyString] = {
    "": _l("ask me for each question"),
    Side.HELD: _l("keep what is stored"),
    Side.WAITING: _l("take what waits"),
}
