"""Verifying what is stored against its chain: whoever wrote to the database by other ways is found out.

Every revision's link, its content digest and its commitments are computed anew: from the answers, and,
where the submission's key still exists, from what is sealed. A link covers `chains.FACTS`; flags, broken
rules, paradata and the languages of answers are outside it. Nobody notices that a whole submission is
missing: that is what receipts are for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any, TypeAlias, cast
from uuid import UUID

from sqlalchemy import Connection, Row, Table, func, select

from surveyapp.extensions import db
from surveyapp.submissions import chains
from surveyapp.submissions.digests import Commitments, content_digest
from surveyapp.submissions.envelope import Envelope, NamedFile
from surveyapp.submissions.erasing import tombstone_commitment
from surveyapp.submissions.holdings import UNANNOUNCED
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import KeyMissing, Keys
from surveyapp.submissions.models import (
    Attachment,
    Cause,
    Channel,
    Instance,
    ReviewAct,
    State,
    Submission,
    SubmissionRevision,
)
from surveyapp.submissions.sealing import CannotOpen, DataKey
from surveyapp.submissions.sealing import Row as SealedRow

#: submissions in memory at once, with their revisions
BATCH = 200
#: integers above this are written otherwise by PostgreSQL where they were a fraction's
_EXACT = 2**53
#: how many files an erased revision may have got that its answers named and did not announce
_MOST_UNANNOUNCED = 2

Progress: TypeAlias = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written."""

    subject: str
    what: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.what}"


@dataclass(frozen=True, slots=True)
class _Chain:
    """A submission's row, its former revisions in order, and what else tells of its revisions."""

    head: Row[Any]
    former: Sequence[Row[Any]]
    files: Sequence[Row[Any]]
    last_told: int

    @property
    def is_erased(self) -> bool:
        return bool(self.head.cause == Cause.ERASED)

    @property
    def nameless_from(self) -> int:
        """The revision before which who is meant was destroyed; 0: it was not."""
        numbers = (r.revision for r in (*self.former, self.head) if r.cause == Cause.IDENTITY_ERASED)
        return max(numbers, default=0)


def verify_chains(keys: Keys, progress: Progress) -> Iterator[Finding]:
    """What is wrong with the chain of any submission; `progress` is told of each batch."""
    last = 0
    while batch := _batch_after(last):
        for each in batch:
            yield from (Finding(f"submission {each.head.id}", what) for what in _wrong(keys, each))
        last = batch[-1].head.serial
        progress(len(batch))


def _batch_after(serial: int) -> list[_Chain]:
    """The next submissions, as they were at one moment."""
    with _snapshot() as connection:
        table = table_of(Submission)
        heads = connection.execute(
            select(table).where(table.c.serial > serial).order_by(table.c.serial).limit(BATCH)
        ).all()
        ids = [head.id for head in heads]
        former = _by_submission(connection, table_of(SubmissionRevision), ids)
        files = _by_submission(connection, table_of(Attachment), ids)
        told = _last_told(connection, ids)
    return [
        _Chain(head, former.get(head.id, ()), files.get(head.id, ()), told.get(head.id, 0))
        for head in heads
    ]


def _snapshot() -> Connection:
    options: dict[str, Any] = {"reads": True}
    if db.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    return db.engine.connect().execution_options(**options)


def _by_submission(
    connection: Connection, table: Table, ids: Sequence[UUID]
) -> dict[UUID, list[Row[Any]]]:
    rows = connection.execute(
        select(table)
        .where(table.c.submission_id.in_(ids))
        .order_by(table.c.submission_id, table.c.revision, table.c.serial)
    )
    found: dict[UUID, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.submission_id, []).append(row)
    return found


def _last_told(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """The last revision that another row tells of."""
    told: dict[UUID, int] = {}
    for table in map(table_of, (Instance, ReviewAct, Attachment)):
        rows = connection.execute(
            select(table.c.submission_id, func.max(table.c.revision))
            .where(table.c.submission_id.in_(ids))
            .group_by(table.c.submission_id)
        )
        for submission_id, revision in rows:
            told[submission_id] = max(revision, told.get(submission_id, 0))
    return told


# --- one submission ---------------------------------------------------------------------------------


def _wrong(keys: Keys, each: _Chain) -> Iterator[str]:
    head = each.head
    numbers = [revision.revision for revision in (*each.former, head)]
    if numbers != list(range(1, head.revision + 1)):
        yield f"its revisions are {_listed(numbers)}: one was left out or put in"
    if each.last_told > head.revision:
        yield f"revision {each.last_told} is told of and is not there"
    if (head.status == State.ERASED) != each.is_erased:
        yield "its state and its last revision disagree about its being erased"
    if (head.identity_erased_at is not None) != bool(each.nameless_from):
        yield "it and its revisions disagree about whether who is meant was destroyed"
    first = each.former[0] if each.former else head
    if head.first_received_at != first.received_at:
        yield "it was not first received when its first revision was"
    yield from _wrong_in_revisions(keys, each)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _wrong_in_revisions(keys: Keys, each: _Chain) -> Iterator[str]:
    key, trouble = _data_key(keys, each)
    if trouble:
        yield trouble
    before = chains.BEGINNING
    for revision in (*each.former, each.head):
        columns = revision._asdict()
        for what in chain(
            _wrong_link(keys, before, each, columns, key), _wrong_content(keys, each, columns, key)
        ):
            yield f"revision {revision.revision}: {what}"
        before = revision.chain


def _data_key(keys: Keys, each: _Chain) -> tuple[DataKey | None, str | None]:
    """The submission's key; or why there is none, where there should be one."""
    head = each.head
    if head.data_key is None or head.key_id is None:
        return None, None if each.is_erased else "its key is missing"
    if each.is_erased:
        return None, "it was erased and has a key"
    try:
        return DataKey.unwrap(keys, SealedRow.of_submission(head.id), head.data_key, head.key_id), None
    except (CannotOpen, KeyMissing) as error:
        return None, f"its key cannot be unwrapped: {error}"


def _wrong_link(
    keys: Keys, before: bytes, each: _Chain, columns: Mapping[str, Any], key: DataKey | None
) -> Iterator[str]:
    if columns["chain"] != chains.link(keys, before, each.head.id, columns):
        yield "its link does not fit: it, or the one before it, was changed, left out or put in"
    try:
        files = _announced(each, columns, key)
    except (CannotOpen, ValueError):
        yield "the sealed name of one of its files was changed"
        return
    if files is None:
        return
    if not any(columns["content_digest"] == d for d in _digests(keys, each, columns, files)):
        yield "its digest does not fit its commitments, its version or its files"


def _digests(
    keys: Keys, each: _Chain, columns: Mapping[str, Any], files: Sequence[NamedFile]
) -> Iterator[bytes]:
    """What its digest can be: files that the answers named and did not announce may have come later."""
    commitments = [columns[name] for name in _COMMITMENTS]
    late = sum(error["code"] == UNANNOUNCED for error in columns["errors"])
    most = _MOST_UNANNOUNCED if each.is_erased else late
    for left_out in range(min(most, len(files)) + 1):
        for some in combinations(files, len(files) - left_out):
            yield content_digest(keys, _envelope(each.head, columns, some), commitments)


_COMMITMENTS = ("answers_commitment", "identity_commitment", "foreign_commitment")


def _announced(each: _Chain, columns: Mapping[str, Any], key: DataKey | None) -> list[NamedFile] | None:
    """The files that its digest is taken over; None: a name was erased, and cannot be told any more."""
    mine = [f for f in each.files if f.revision == columns["revision"] and f.named and f.sha256]
    guarded = [file for file in mine if file.name.startswith("/")]
    if guarded and (key is None or columns["revision"] < each.nameless_from):
        return None
    return [NamedFile(_name(file, key), file.sha256, file.size or 0, file.type or "") for file in mine]


def _name(file: Row[Any], key: DataKey | None) -> str:
    if file.name_sealed is None or key is None:
        return cast(str, file.name)
    return cast(str, key.open_json("name_sealed", file.name_sealed))


def _envelope(head: Row[Any], columns: Mapping[str, Any], files: Sequence[NamedFile]) -> Envelope:
    """What a digest is taken over, beside the commitments."""
    known = columns["channel"] in set(Channel)
    return Envelope(
        id=head.id,
        questionnaire=head.questionnaire,
        version=columns["version"],
        language="",
        answers={},
        channel=Channel(columns["channel"]) if known else Channel.API,
        attachments=tuple(files),
    )


# --- the answers ------------------------------------------------------------------------------------


def _wrong_content(
    keys: Keys, each: _Chain, columns: Mapping[str, Any], key: DataKey | None
) -> Iterator[str]:
    if each.is_erased:
        yield from _wrong_erased(keys, each, columns)
        return
    if not any(
        columns["answers_commitment"] == _commitments(keys, each, answers=spelt).answers
        for spelt in (columns["answers"], _as_fractions(columns["answers"]))
    ):
        yield "its answers are not those that it commits to"
    if columns["revision"] < each.nameless_from:
        if columns["identity_sealed"] or columns["foreign_sealed"]:
            yield "who is meant was destroyed, and it holds something of it"
    elif key is not None:
        yield from _wrong_sealed(keys, each, columns, key)


def _wrong_erased(keys: Keys, each: _Chain, columns: Mapping[str, Any]) -> Iterator[str]:
    if columns["answers"] or columns["identity_sealed"] or columns["foreign_sealed"]:
        yield "it was erased and holds answers"
    is_tombstone = columns["cause"] == Cause.ERASED
    if is_tombstone and columns["answers_commitment"] != tombstone_commitment(keys, each.head.id):
        yield "its tombstone is not ours"


def _wrong_sealed(keys: Keys, each: _Chain, columns: Mapping[str, Any], key: DataKey) -> Iterator[str]:
    for part in ("identity", "foreign"):
        try:
            opened = _opened(key, f"{part}_sealed", columns[f"{part}_sealed"])
        except (CannotOpen, ValueError):
            yield f"{part}: what is sealed was changed"
            continue
        held = opened.get("answers", {}) if part == "foreign" else opened
        parts: dict[str, Any] = {part: held}
        expected = getattr(_commitments(keys, each, **parts), part)
        if columns[f"{part}_commitment"] != expected:
            yield f"{part}: what is sealed is not what it commits to"


def _opened(key: DataKey, column: str, sealed: bytes | None) -> Mapping[str, Any]:
    opened: Mapping[str, Any] = {} if sealed is None else key.open_json(column, sealed)
    return opened


def _commitments(
    keys: Keys,
    each: _Chain,
    *,
    answers: dict[str, Any] | None = None,
    identity: Mapping[str, Any] | None = None,
    foreign: Mapping[str, Any] | None = None,
) -> Commitments:
    return Commitments.to(keys, each.head.id, answers or {}, identity or {}, foreign or {})


def _as_fractions(value: Any) -> Any:
    """The same with large whole numbers as a fraction's digits say: PostgreSQL writes 1e300 out."""
    if isinstance(value, dict):
        return {name: _as_fractions(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_as_fractions(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and _EXACT < abs(value) < 10**308:
        return float(value)
    return value
