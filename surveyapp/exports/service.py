"""Making an export: what was asked for is checked and logged at once, its bytes come as they are taken.

The command, the interface and the administrators' pages all call `export`; none knows tables or formats.
"""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug.utils import secure_filename

from surveyapp.exports.choosing import strange_choices
from surveyapp.exports.encrypted import SHORTEST_PASSWORD
from surveyapp.exports.errors import (
    ApprovalMissing,
    ChangesNotAsCounts,
    NotAsCounts,
    OnlyForTables,
    OnlyInFull,
    PasswordTooShort,
    ReasonMissing,
    ReasonTooLong,
    ReasonUnstorable,
    UnknownFormat,
    WhereNotAsCounts,
)
from surveyapp.exports.formats import FORMATS, PACKAGE_SUFFIX, PACKAGE_TYPE, Format
from surveyapp.exports.grouping import check_groups
from surveyapp.exports.incremental import window
from surveyapp.exports.making import Making, begin, check_where
from surveyapp.exports.reader import Reader
from surveyapp.exports.request import ExportRequest, Profile
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.questionnaires.storable import is_storable

#: submissions that an expression is asked of while somebody waits: some seconds
MOST_READ_FIRST = 20_000


class Export(Iterator[bytes]):
    """The bytes of an export, and what to call it.

    Iterating raises when something goes wrong on the way, so that a server breaks the connection off
    instead of ending it well; and a package without its last bytes is no `.zip`.
    """

    def __init__(self, name: str, media_type: str, making: Making) -> None:
        self.name = name
        self.media_type = media_type
        #: how many submissions it will have
        self.submissions = making.covered.span.submissions
        #: with what to ask for what changes from now on; None unless changes were asked for
        self.cursor = str(making.between.until) if making.between else None
        self._tally = making.tally
        self._chunks = making.chunks()

    @property
    def sent(self) -> int:
        """How many submissions have gone out so far."""
        return self._tally.submissions

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """Stop early; a server calls this when its client has gone."""
        self._chunks.close()


def export(request: ExportRequest, *, user_id: int | None = None) -> Export:
    """Begin an export; needs an application context, which the bytes no longer do.

    `user_id`: whose export it is, where nobody is signed in.

    Commits the session with the entry in the audit log. Raises `catalogue.errors.UnknownQuestionnaire`
    and the errors of `exports.errors`; iterating may raise `CannotGiveIdentity` and the database's own.
    """
    format_ = _checked(request)
    _check_agreed(request)
    making = begin(request, format_)
    format_.check(making.plan)
    if not request.package:
        format_.check_bare(making.plan, making.covered.span.submissions)
    _record(request, user_id)
    # an author may call a questionnaire anything; the name goes into a header
    stem = secure_filename(request.questionnaire) or "export"
    if request.package or request.confidential:
        return Export(stem + PACKAGE_SUFFIX, PACKAGE_TYPE, making)
    return Export(stem + format_.suffix, format_.media_type, making)


def check(request: ExportRequest) -> Format:
    """Its format, if it can be made as it is asked for; raises the errors of `exports.errors`."""
    format_ = check_asked(request)
    _check_agreed(request)
    return format_


def check_asked(request: ExportRequest) -> Format:
    """The same of what can be known before a second person agrees."""
    format_ = _checked(request)
    if request.since:
        window(db.engine, request.since)
    if request.selection.where:
        check_where(request)
    return format_


def reads_first(request: ExportRequest) -> bool:
    """Whether it reads so much before its first byte that it is better prepared.

    Groups are counted over what an expression leaves, and no record can go out before that is known: the
    cells of the first one hang on the last one (docs/decisions/0042).
    """
    if not request.selection.where:
        return False
    return (
        Reader(db.engine, request.questionnaire, request.selection).span().submissions > MOST_READ_FIRST
    )


def _checked(request: ExportRequest) -> Format:
    format_ = FORMATS.get(request.format)
    if format_ is None:
        raise UnknownFormat(request.format, list(FORMATS))
    format_.check_installed()
    if strange := strange_choices(request, format_.choices):
        raise OnlyForTables(format_.name, strange)
    _check_reason(request)
    check_groups(request)
    if request.profile is Profile.AGGREGATE:
        _check_counts(request)
    return format_


def _check_reason(request: ExportRequest) -> None:
    guarded = request.tables.include_identity or request.tables.include_sensitive
    if (request.confidential or guarded) and not request.reason.strip():
        raise ReasonMissing
    if guarded and not request.confidential:
        raise OnlyInFull
    if len(request.reason.strip()) > audit.DETAIL_LENGTH:
        raise ReasonTooLong(audit.DETAIL_LENGTH)
    if not is_storable(request.reason):
        raise ReasonUnstorable


def _check_counts(request: ExportRequest) -> None:
    if request.format != "csv":
        raise NotAsCounts(request.format)
    if request.since:
        raise ChangesNotAsCounts
    if request.selection.where:
        raise WhereNotAsCounts


def _check_agreed(request: ExportRequest) -> None:
    """What a full export wants besides: a second person, and what it is encrypted with."""
    if not request.confidential:
        return
    if not request.approved_by.strip():
        raise ApprovalMissing
    if len(request.password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(SHORTEST_PASSWORD)


def _record(request: ExportRequest, user_id: int | None) -> None:
    """Log who takes what out, before a byte of it is out; every export, so that no gap can be hidden."""
    details: dict[str, audit.Detail] = {
        "format": request.format,
        "profile": request.profile,
        "identity": request.tables.include_identity,
        "sensitive": request.tables.include_sensitive,
    }
    if request.confidential:
        details["reason"] = request.reason.strip()
        details["approved_by"] = request.approved_by.strip()
    audit.record(audit.Action.EXPORTED, request.questionnaire, details, user_id=user_id)
    # also ends the session's transaction: on SQLite it would keep every writer out until the last byte
    db.session.commit()
