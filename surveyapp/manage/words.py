"""The words of the data (`stored`, `api` …) as administrators read them in their language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.people.audit import Action
from surveyapp.submissions.models import Channel, Flag
from surveyapp.submissions.told_day_models import Kind as DayKind

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
    Channel.PAPER: _l("paper"),
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
#: of a paper sheet
SHEET_STATES: Mapping[str, LazyString] = {
    "waiting": _l("entered once"),
    "differing": _l("the entries differ"),
    "accepted": _l("received"),
}
#: texts of a questionnaire
TEXT_KINDS: Mapping[str, LazyString] = {
    "title": _l("title"),
    "section": _l("section"),
    "label": _l("question or note"),
    "hint": _l("hint"),
    "guidance": _l("longer explanation"),
    "required": _l("words when an answer is missing"),
    "constraint": _l("words when an answer cannot be"),
    "warning": _l("words when an answer is doubtful"),
    "permission": _l("permission of a parent"),
    "choice": _l("choice"),
}
#: what is suspicious about one
DOUBTS: Mapping[str, LazyString] = {
    "missing": _l("missing"),
    "equal": _l("the same in two languages"),
    "placeholders": _l("other values filled in"),
}
#: of an answer that is not shown
KEPT: Mapping[str, LazyString] = {
    "empty": _l("left empty"),
    "not_asked": _l("not asked"),
    "apart": _l("points at a person: kept apart"),
    "hidden": _l("sensitive: hidden"),
}
#: what made a revision
CAUSES: Mapping[str, LazyString] = {
    "sent": _l("sent"),
    "edited": _l("mended by whoever collected it"),
    "decided": _l("taken in from quarantine"),
    "corrected": _l("corrected by a reviewer"),
    "erased": _l("erased"),
    "identity_erased": _l("who is meant destroyed"),
}
#: acts of review
ACTS: Mapping[str, LazyString] = {
    "accept": _l("accepted"),
    "return": _l("returned"),
    "reject": _l("rejected"),
    "withdraw": _l("undone"),
    "delete": _l("deleted"),
    "restore": _l("restored"),
    "erase": _l("erased"),
    "erase_identity": _l("who is meant destroyed"),
    "block": _l("blocked"),
    "unblock": _l("unblocked"),
    "correct": _l("corrected"),
}
#: what families may ask of their data
WISHES: Mapping[str, LazyString] = {
    "copy": _l("a copy of the answers"),
    "correct": _l("a correction"),
    "block": _l("that nothing is done with the answers for now"),
    "identity": _l("that nobody can tell any more who is meant: the other answers stay"),
    "withdraw": _l("consent taken back: the answers are to be destroyed"),
}
#: how a request of theirs ended
OUTCOMES: Mapping[str, LazyString] = {"done": _l("carried out"), "refused": _l("refused")}
STATUSES: Mapping[str, LazyString] = {
    "stored": _l("stored"),
    "accepted": _l("accepted"),
    "returned": _l("returned"),
    "rejected": _l("rejected"),
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
    Action.FACTOR_ADDED: _l("second factor added"),
    Action.FACTOR_REMOVED: _l("second factor removed"),
    Action.FACTOR_REFUSED: _l("right password, wrong second factor"),
    Action.FACTOR_FORGOTTEN: _l("lost second factor taken away"),
    Action.RECOVERY_CODES_MADE: _l("recovery codes made"),
    Action.RECOVERY_CODE_USED: _l("recovery code used"),
    Action.OUTSIDE_LINKED: _l("linked with single sign-on"),
    Action.OUTSIDE_UNLINKED: _l("link with single sign-on removed"),
    Action.USER_ADDED: _l("user added"),
    Action.ROLE_GRANTED: _l("role given"),
    Action.ROLE_TAKEN: _l("role taken"),
    Action.USER_DEACTIVATED: _l("user deactivated"),
    Action.USER_ACTIVATED: _l("user activated"),
    Action.LINK_MADE: _l("link to choose a password made"),
    Action.LINK_USED: _l("password chosen by a link"),
    Action.SESSIONS_ENDED: _l("sessions ended"),
    Action.TOKEN_CREATED: _l("token created"),
    Action.TOKEN_REVOKED: _l("token revoked"),
    Action.INVITATIONS_CREATED: _l("invitations created"),
    Action.INVITATIONS_REVOKED: _l("invitations revoked"),
    Action.EXPORTED: _l("exported"),
    Action.FULL_EXPORT_ASKED: _l("full export asked for"),
    Action.EXPORT_APPROVED: _l("full export agreed to"),
    Action.EXPORT_REFUSED: _l("full export refused"),
    Action.EXPORT_ASKED: _l("export asked for"),
    Action.EXPORT_CANCELLED: _l("export cancelled"),
    Action.EXPORT_FETCHED: _l("exported file fetched"),
    Action.PRESET_KEPT: _l("choices of an export kept"),
    Action.PRESET_FORGOTTEN: _l("choices of an export forgotten"),
    Action.LOG_EXPORTED: _l("log exported"),
    Action.QUESTIONNAIRE_PUBLISHED: _l("questionnaire published"),
    Action.QUESTIONNAIRE_ACCESS: _l("access changed"),
    Action.QUESTIONNAIRE_CLOSED: _l("questionnaire closed"),
    Action.VERSION_RETIRED: _l("version retired"),
    Action.TRIAL_KEPT: _l("trial version kept"),
    Action.TRIAL_DISCARDED: _l("trial version thrown away"),
    Action.SHEET_ENTERED: _l("paper sheet entered"),
    Action.SHEET_ACCEPTED: _l("paper sheet accepted"),
    Action.SHEET_WITHDRAWN: _l("entry of a paper sheet thrown away"),
    Action.KEY_ROTATED: _l("key rotated"),
    Action.QUARANTINE_OPENED: _l("quarantined record opened"),
    Action.QUARANTINE_DECIDED: _l("quarantine decided"),
    Action.SUBMISSION_OPENED: _l("submission opened"),
    Action.SUBMISSION_ACCEPTED: _l("submission accepted"),
    Action.SUBMISSION_RETURNED: _l("submission returned"),
    Action.SUBMISSION_REJECTED: _l("submission rejected"),
    Action.SUBMISSION_CORRECTED: _l("submission corrected"),
    Action.SUBMISSION_WITHDRAWN: _l("review undone"),
    Action.SUBMISSION_DELETED: _l("submission deleted"),
    Action.SUBMISSION_RESTORED: _l("submission restored"),
    Action.SUBMISSION_ERASED: _l("submission erased"),
    Action.SUBMISSION_IDENTITY_ERASED: _l("who is meant destroyed"),
    Action.SUBMISSION_BLOCKED: _l("submission blocked"),
    Action.SUBMISSION_UNBLOCKED: _l("submission unblocked"),
    Action.IDENTITY_SEARCHED: _l("looked for a person"),
    Action.REQUEST_MADE: _l("request about data written down"),
    Action.REQUEST_CLOSED: _l("request about data closed"),
    Action.RETENTION_SET: _l("retention set"),
    Action.RETENTION_STOPPED: _l("retention stopped"),
    Action.RETENTION_ANNOUNCED: _l("destruction announced"),
    Action.RETENTION_CALLED_OFF: _l("announced destruction called off"),
    Action.RETENTION_DONE: _l("announced destruction carried out"),
    Action.RETENTION_VISITS: _l("names of old visits destroyed"),
    Action.BREACH_WRITTEN: _l("breach written down"),
    Action.BREACH_SHEET_OPENED: _l("breach sheet opened"),
    Action.DAY_TOLD: _l("day of rest or of work told"),
    Action.DAY_TAKEN_BACK: _l("told day taken away"),
    Action.DEVICE_ENROLLED: _l("device enrolled"),
    Action.DEVICE_CODE_MADE: _l("code made for a device"),
    Action.DEVICE_CODE_USED: _l("device's code used"),
    Action.DEVICE_REVOKED: _l("device revoked"),
    Action.ASSIGNMENTS_MADE: _l("assignments made"),
    Action.ASSIGNMENT_WITHDRAWN: _l("assignment withdrawn"),
    Action.ASSIGNMENT_REOPENED: _l("assignment opened again"),
    Action.PLAN_CHANGED: _l("plan changed"),
    Action.LIMITS_CHANGED: _l("limits of what is unusual changed"),
    Action.COLLECT_PASSWORD_MADE: _l("password for ODK Collect made"),
}
#: what a day is, by which deadlines are reckoned
DAY_KINDS: Mapping[str, LazyString] = {
    DayKind.KURBAN_AIT: _l("Kurban Ait: a day of rest"),
    DayKind.REST: _l("a day of rest, moved by the government"),
    DayKind.WORKING: _l("a working day, moved by the government"),
}
#: of audit details; their values are data
DETAILS: Mapping[str, LazyString] = {
    "access": _l("access"),
    "action": _l("action"),
    "approved_by": _l("agreed to by"),
    "count": _l("count"),
    "decision": _l("decision"),
    "expires": _l("expires"),
    "factor": _l("second factor"),
    "format": _l("format"),
    "identity": _l("with identity"),
    "key": _l("key"),
    "labels": _l("labels"),
    "language": _l("language"),
    "link": _l("link"),
    "profile": _l("how much"),
    "questionnaire": _l("questionnaire"),
    "reason": _l("reason"),
    "region": _l("region"),
    "roles": _l("roles"),
    "scopes": _l("scopes"),
    "sensitive": _l("with sensitive answers"),
    "since": _l("since"),
    "token": _l("token"),
    "until": _l("until"),
    "version": _l("version"),
}


def spoken(words: Mapping[str, LazyString], word: str) -> str:
    """The word in the reader's language; itself, if it is one that we have no words for."""
    return str(words.get(word, word))


def worded(found: Iterable[str], words: Mapping[str, LazyString]) -> list[tuple[str, str]]:
    """Each word with what it is called, for a list to choose from."""
    return [(str(word), spoken(words, word)) for word in found]
