"""The audit log: who did what to what. Append-only, and never an answer, a name or a token in it.

An entry is written in the transaction of the deed it tells of, so that neither is there without the
other; whoever records commits. Each has its link in a chain (`audit_chain`). Details are
a few words from a fixed list, numbers and switches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from flask import has_request_context, request
from flask_login import current_user
from sqlalchemy import Connection, event, select
from sqlalchemy.orm import Mapper, ORMExecuteState, Session

from surveyapp.extensions import db
from surveyapp.people import audit_chain
from surveyapp.people.models import AuditEntry, User

Detail: TypeAlias = str | int | bool | list[str]


class Action(StrEnum):
    """What can be done that must not be forgotten."""

    SIGNED_IN = "signed_in"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # a deed, not a password
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    FACTOR_REFUSED = "factor_refused"
    FACTOR_FORGOTTEN = "factor_forgotten"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    OUTSIDE_LINKED = "outside_linked"
    OUTSIDE_UNLINKED = "outside_unlinked"
    USER_ADDED = "user_added"
    USER_DEACTIVATED = "user_deactivated"
    USER_ACTIVATED = "user_activated"
    LINK_MADE = "link_made"
    LINK_USED = "link_used"
    SESSIONS_ENDED = "sessions_ended"
    ROLE_GRANTED = "role_granted"
    ROLE_TAKEN = "role_taken"
    TOKEN_CREATED = "token_created"  # noqa: S105
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    INVITATIONS_CREATED = "invitations_created"
    INVITATIONS_REVOKED = "invitations_revoked"
    EXPORTED = "exported"
    EXPORT_ASKED = "export_asked"
    FULL_EXPORT_ASKED = "full_export_asked"
    EXPORT_APPROVED = "export_approved"
    EXPORT_REFUSED = "export_refused"
    EXPORT_CANCELLED = "export_cancelled"
    EXPORT_FETCHED = "export_fetched"
    PRESET_KEPT = "preset_kept"
    PRESET_FORGOTTEN = "preset_forgotten"
    LOG_EXPORTED = "log_exported"
    QUESTIONNAIRE_PUBLISHED = "questionnaire_published"
    QUESTIONNAIRE_ACCESS = "questionnaire_access"
    QUESTIONNAIRE_CLOSED = "questionnaire_closed"
    VERSION_RETIRED = "version_retired"
    TRIAL_KEPT = "trial_kept"
    TRIAL_DISCARDED = "trial_discarded"
    SHEET_ENTERED = "sheet_entered"
    SHEET_ACCEPTED = "sheet_accepted"
    SHEET_WITHDRAWN = "sheet_withdrawn"
    KEY_ROTATED = "key_rotated"
    QUARANTINE_OPENED = "quarantine_opened"
    QUARANTINE_DECIDED = "quarantine_decided"
    SUBMISSION_OPENED = "submission_opened"
    SUBMISSION_ACCEPTED = "submission_accepted"
    SUBMISSION_RETURNED = "submission_returned"
    SUBMISSION_REJECTED = "submission_rejected"
    SUBMISSION_CORRECTED = "submission_corrected"
    SUBMISSION_WITHDRAWN = "submission_withdrawn"
    SUBMISSION_DELETED = "submission_deleted"
    SUBMISSION_RESTORED = "submission_restored"
    SUBMISSION_ERASED = "submission_erased"
    SUBMISSION_IDENTITY_ERASED = "submission_identity_erased"
    SUBMISSION_BLOCKED = "submission_blocked"
    SUBMISSION_UNBLOCKED = "submission_unblocked"
    IDENTITY_SEARCHED = "identity_searched"
    REQUEST_MADE = "request_made"
    REQUEST_CLOSED = "request_closed"
    RETENTION_SET = "retention_set"
    RETENTION_STOPPED = "retention_stopped"
    RETENTION_ANNOUNCED = "retention_announced"
    RETENTION_CALLED_OFF = "retention_called_off"
    RETENTION_DONE = "retention_done"
    RETENTION_VISITS = "retention_visits"
    BREACH_WRITTEN = "breach_written"
    BREACH_SHEET_OPENED = "breach_sheet_opened"
    DAY_TOLD = "day_told"
    DAY_TAKEN_BACK = "day_taken_back"
    DEVICE_ENROLLED = "device_enrolled"
    DEVICE_CODE_MADE = "device_code_made"
    DEVICE_CODE_USED = "device_code_used"
    DEVICE_REVOKED = "device_revoked"
    ASSIGNMENTS_MADE = "assignments_made"
    ASSIGNMENT_WITHDRAWN = "assignment_withdrawn"
    ASSIGNMENT_REOPENED = "assignment_reopened"
    PLAN_CHANGED = "plan_changed"
    LIMITS_CHANGED = "limits_changed"
    COLLECT_PASSWORD_MADE = "collect_password_made"  # noqa: S105  # a deed, not a password


#: the only words under which details are kept, and so the only kind of thing that can be
DETAILS = frozenset(
    {
        "access",
        "action",
        "approved_by",
        "count",
        "decision",
        "expires",
        "factor",
        "format",
        "identity",
        "key",
        "labels",
        "language",
        "link",
        "profile",
        "questionnaire",
        "reason",
        "region",
        "roles",
        "scopes",
        "sensitive",
        "since",
        "token",
        "until",
        "version",
    }
)
#: no detail is long enough to hold what somebody answered at length
DETAIL_LENGTH = 200


class AuditLogIsAppendOnly(RuntimeError):
    """Something tried to change or to remove an entry of the audit log."""


def record(
    action: Action,
    subject: str,
    details: Mapping[str, Detail] | None = None,
    *,
    user_id: int | None = None,
    session: Session | None = None,
) -> AuditEntry:
    """Append an entry to the session's transaction (default: `db.session`); the caller commits.

    `subject` names what it was done to: a questionnaire's id, a user's name, a submission's UUID.
    Without `user_id` it is the signed-in person; on the command line nobody. Raises `ValueError` for
    a detail that is not on the list.
    """
    entry = AuditEntry(
        action=action,
        subject=subject[:DETAIL_LENGTH],
        details=_checked(details or {}),
        user_id=user_id if user_id is not None else present_user(),
        address=request.remote_addr if has_request_context() else None,
    )
    # `db.session` stands for this request's own session
    chosen = session or db.session()
    chosen.add(entry)
    audit_chain.link_at_commit(chosen, entry)
    return entry


def record_on(
    connection: Connection,
    action: Action,
    subject: str,
    details: Mapping[str, Detail] | None = None,
    *,
    user_id: int | None = None,
) -> None:
    """Append an entry to a connection's transaction, as `record` does to a session's.

    It is the last deed of the transaction: others that append wait for it from here on.
    """
    with Session(connection) as session:
        entry = record(action, subject, details, user_id=user_id, session=session)
        session.flush()
        audit_chain.link_now(connection, [entry])


def all_entries() -> Iterator[dict[str, Any]]:
    """Every entry as plain values, oldest first, a few at a time: who by name, when in UTC."""
    query = (
        select(AuditEntry, User.username)
        .outerjoin(User, User.id == AuditEntry.user_id)
        .order_by(AuditEntry.serial)
        .execution_options(yield_per=500)
    )
    for entry, name in db.session.execute(query):
        yield {
            "serial": entry.serial,
            "at": entry.at.isoformat(),
            "user": name,
            "action": entry.action,
            "subject": entry.subject,
            "details": entry.details,
            "address": entry.address,
        }


def _checked(details: Mapping[str, Detail]) -> dict[str, Any]:
    unknown = details.keys() - DETAILS
    if unknown:
        raise ValueError(f"the audit log keeps no {', '.join(sorted(unknown))}")
    for key, value in details.items():
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str) and len(word) > DETAIL_LENGTH:
                raise ValueError(f"the audit log keeps only short words under {key}")
    return dict(details)


def present_user() -> int | None:
    """Who is signed in; nobody on the command line."""
    if not has_request_context() or not current_user.is_authenticated:
        return None
    return int(current_user.id)


# --- nothing is changed or removed ------------------------------------------------------------------


@event.listens_for(AuditEntry, "before_update")
@event.listens_for(AuditEntry, "before_delete")
def _refuse(_mapper: Mapper[AuditEntry], _connection: Connection, _entry: AuditEntry) -> None:
    raise AuditLogIsAppendOnly


@event.listens_for(Session, "do_orm_execute")
def _refuse_in_bulk(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if (state.is_update or state.is_delete) and mapper and mapper.class_ is AuditEntry:
        raise AuditLogIsAppendOnly
