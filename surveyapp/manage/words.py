"""The words of the data (`stored`, `api` …) as administrators read them in their language."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.people.audit import Action
from surveyapp.submissions.models import Channel, Flag

ACCESS: Mapping[str, LazyString] = {
    "public": _l("open to everybody"),
    "invitation": _l("by invitation"),
    "staff": _l("for staff"),
    "closed": _l("closed"),
}
CHANNELS: Mapping[str, LazyString] = {
    Channel.WEB: _l("web page"),
    Channel.FIELD: _l("field app"),
    Channel.OPENROSA: _l("ODK Collect"),
    Channel.API: _l("API"),
}
FLAGS: Mapping[str, LazyString] = {
    Flag.INVALID: _l("breaks a rule"),
    Flag.FOREIGN: _l("unknown fields"),
    Flag.MISCALCULATED: _l("miscalculated"),
    Flag.CLOCK_SKEW: _l("device clock wrong"),
    Flag.NO_FINISH_TIME: _l("no finish time"),
    Flag.UNNAMED_FILE: _l("a file that no answer names"),
    Flag.UNFIT_FILE: _l("a file that is not what its question asks for, or is damaged"),
}
SEVERITIES: Mapping[str, LazyString] = {
    "error": _l("error"),
    "warning": _l("warning"),
    "notice": _l("notice"),
}
#: of a questionnaire's version against the one before
CHANGES: Mapping[str, LazyString] = {
    "added": _l("added"),
    "removed": _l("removed"),
    "type": _l("another type of answer: it is refused"),
    "wording": _l("other wording"),
    "choices": _l("other choices"),
}
#: of an answer that is not shown
KEPT: Mapping[str, LazyString] = {
    "empty": _l("left empty"),
    "not_asked": _l("not asked"),
    "apart": _l("points at a person: kept apart"),
    "hidden": _l("sensitive: hidden"),
}
#: acts of review
ACTS: Mapping[str, LazyString] = {
    "accept": _l("accepted"),
    "return": _l("returned"),
    "delete": _l("deleted"),
    "restore": _l("restored"),
    "erase": _l("erased"),
    "block": _l("blocked"),
    "unblock": _l("unblocked"),
}
#: what families may ask of their data
WISHES: Mapping[str, LazyString] = {
    "copy": _l("a copy of the answers"),
    "correct": _l("a correction"),
    "block": _l("that nothing is done with the answers for now"),
    "withdraw": _l("consent taken back: the answers are to be destroyed"),
}
#: how a request of theirs ended
OUTCOMES: Mapping[str, LazyString] = {"done": _l("carried out"), "refused": _l("refused")}
STATUSES: Mapping[str, LazyString] = {
    "stored": _l("stored"),
    "accepted": _l("accepted"),
    "returned": _l("returned"),
    "deleted": _l("deleted"),
    "blocked": _l("blocked"),
    "erased": _l("erased"),
}
REASONS: Mapping[str, LazyString] = {
    "conflict": _l("same record, other content"),
    "unknown_questionnaire": _l("unknown questionnaire"),
    "unknown_version": _l("unknown version"),
    "closed": _l("questionnaire was closed"),
    "scope": _l("outside the sender's task"),
    "invitation": _l("invitation used or expired"),
    "deleted": _l("record was deleted"),
    "wrong_type": _l("answers of a wrong type"),
    "unstorable": _l("text that cannot be stored"),
    "edit": _l("change of a record that is not here"),
    "revoked": _l("device was revoked"),
    "ceiling": _l("too much from one address"),
    "sealed": _l("no key opens it"),
    "failure": _l("the program failed over it"),
}
ACTIONS: Mapping[str, LazyString] = {
    Action.SIGNED_IN: _l("signed in"),
    Action.PASSWORD_CHANGED: _l("password changed"),
    Action.USER_ADDED: _l("user added"),
    Action.ROLE_GRANTED: _l("role given"),
    Action.ROLE_TAKEN: _l("role taken"),
    Action.USER_DEACTIVATED: _l("user deactivated"),
    Action.TOKEN_CREATED: _l("token created"),
    Action.TOKEN_REVOKED: _l("token revoked"),
    Action.INVITATIONS_CREATED: _l("invitations created"),
    Action.EXPORTED: _l("exported"),
    Action.QUESTIONNAIRE_PUBLISHED: _l("questionnaire published"),
    Action.QUESTIONNAIRE_ACCESS: _l("access changed"),
    Action.QUESTIONNAIRE_CLOSED: _l("questionnaire closed"),
    Action.VERSION_RETIRED: _l("version retired"),
    Action.KEY_ROTATED: _l("key rotated"),
    Action.QUARANTINE_OPENED: _l("quarantined record opened"),
    Action.QUARANTINE_DECIDED: _l("quarantine decided"),
    Action.SUBMISSION_OPENED: _l("submission opened"),
    Action.SUBMISSION_ACCEPTED: _l("submission accepted"),
    Action.SUBMISSION_RETURNED: _l("submission returned"),
    Action.SUBMISSION_DELETED: _l("submission deleted"),
    Action.SUBMISSION_RESTORED: _l("submission restored"),
    Action.SUBMISSION_ERASED: _l("submission erased"),
    Action.SUBMISSION_BLOCKED: _l("submission blocked"),
    Action.SUBMISSION_UNBLOCKED: _l("submission unblocked"),
    Action.IDENTITY_SEARCHED: _l("looked for a person"),
    Action.REQUEST_MADE: _l("request about data written down"),
    Action.REQUEST_CLOSED: _l("request about data closed"),
    Action.DEVICE_ENROLLED: _l("device enrolled"),
    Action.DEVICE_CODE_MADE: _l("code made for a device"),
    Action.DEVICE_CODE_USED: _l("device's code used"),
    Action.DEVICE_REVOKED: _l("device revoked"),
    Action.COLLECT_PASSWORD_MADE: _l("password for ODK Collect made"),
}
#: of audit details; their values are data
DETAILS: Mapping[str, LazyString] = {
    "access": _l("access"),
    "count": _l("count"),
    "decision": _l("decision"),
    "expires": _l("expires"),
    "format": _l("format"),
    "identity": _l("with identity"),
    "key": _l("key"),
    "labels": _l("labels"),
    "language": _l("language"),
    "questionnaire": _l("questionnaire"),
    "reason": _l("reason"),
    "region": _l("region"),
    "roles": _l("roles"),
    "scopes": _l("scopes"),
    "sensitive": _l("with sensitive answers"),
    "since": _l("since"),
    "token": _l("token"),
    "version": _l("version"),
}


def spoken(words: Mapping[str, LazyString], word: str) -> str:
    """The word in the reader's language; itself, if it is one that we have no words for."""
    return str(words.get(word, word))
