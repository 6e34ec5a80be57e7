"""Merging work in quarantine with what is stored, question by question, into the next revision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, Row, select

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import ATTACHMENT_TYPES, Questionnaire
from surveyapp.questionnaires.paths import parse_path
from surveyapp.submissions import deciding, opening, waiting_work
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.content import Content
from surveyapp.submissions.deciding import Decided
from surveyapp.submissions.envelope import Envelope, NamedFile
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import (
    Attachment,
    Channel,
    Decision,
    Quarantined,
    State,
    Submission,
)
from surveyapp.submissions.placing import Answer, put, without_hollow_rows
from surveyapp.submissions.refusals import (
    Gone,
    NoDifference,
    NotThere,
    OtherQuestionnaire,
    Overtaken,
    Unsettled,
)
from surveyapp.submissions.verdicts import Sender


class Side(StrEnum):
    """Whose answer holds."""

    #: the submission's current revision
    HELD = "held"
    #: the work in quarantine
    WAITING = "waiting"


#: node path → answer; what was not asked is absent
_Leaves: TypeAlias = Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class Difference:
    """A node at which the two differ; None: it was not asked there."""

    path: str
    held: Answer | None = field(repr=False)
    waiting: Answer | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A submission and the work that waits beside it, both as answers with identity."""

    row: Quarantined
    head: Submission
    definition: Questionnaire
    held: Answers = field(repr=False)
    waiting: Answers = field(repr=False)
    held_files: Mapping[str, NamedFile]
    waiting_files: Mapping[str, NamedFile]

    def differences(self) -> list[Difference]:
        """Where they differ, in the order of the questionnaire."""
        held = dict(_leaves(self.definition, self.held, self.held_files))
        waiting = dict(_leaves(self.definition, self.waiting, self.waiting_files))
        return [
            Difference(path, held.get(path), waiting.get(path))
            for path in dict.fromkeys((*held, *waiting))
            if held.get(path) != waiting.get(path)
        ]


def differences(serial: int, *, by: int | None = None) -> list[Difference]:
    """Where work differs from the submission that is stored, with both answers; audited, commits.

    Raises `Refused`, `NotQuarantined`, `opening.Erased`, `sealing.CannotOpen`.
    """
    found = pair_of(serial)
    differing = found.differences()
    audit.record(audit.Action.QUARANTINE_OPENED, str(found.head.id), user_id=by)
    db.session.commit()
    return differing


def merge(
    serial: int,
    sides: Mapping[str, Side],
    *,
    rest: Side | None = None,
    by: int | None = None,
    looked_at: int | None = None,
) -> Decided:
    """Make the next revision of the answers that hold: node path → side, and `rest` for the others.

    Both sides' other contents (consent, times, what nobody knows) are the submission's. The revision is
    the administrator's. `looked_at`: the revision that somebody chose by; another one is refused as
    `Overtaken`. Commits. Raises as `differences`.
    """
    pair = pair_of(serial)
    if looked_at is not None and looked_at != pair.head.revision:
        raise Overtaken(pair.head.id, pair.head.revision)
    chosen = _chosen(pair.differences(), sides, rest)
    now = utc_now()
    envelope, aside = _merged_envelope(pair, chosen), aside_of(pair.head)
    fitting = waiting_work.fitting_for(pair.row, now)
    found = fitting.fit(pair.definition, envelope, aside)
    maker = waiting_work.row_maker(Sender(user_id=by), now, pair.head.synthetic)
    compared = pair.head.revision

    def work(connection: Connection, locked: Row[Any]) -> Decided:
        with_files = waiting_work.with_files_of(connection, locked, maker)
        return deciding.next_revision(connection, with_files, found, compared)

    return deciding.decide(pair.row, Decision.MERGE, work, by)


def _chosen(
    differing: list[Difference], sides: Mapping[str, Side], rest: Side | None
) -> dict[str, Side]:
    """The side for each difference. Raises `NoDifference`, `Unsettled`."""
    paths = [difference.path for difference in differing]
    if strangers := [path for path in sides if path not in paths]:
        raise NoDifference(strangers)
    if rest is None and (open_ones := [path for path in paths if path not in sides]):
        raise Unsettled(open_ones)
    return {path: sides.get(path) or cast(Side, rest) for path in paths}


# --- the two sides ----------------------------------------------------------------------------------


def pair_of(serial: int) -> Pair:
    """Work and the submission that it stands beside, opened: whoever shows it writes that down.

    Raises as `differences`.
    """
    row = waiting_work.waiting(serial)
    found = waiting_work.judged(row, waiting_work.definition_for(row))
    head = _head(found)
    definition = waiting_work.published(head.questionnaire, head.version)
    if row.version != head.version:
        found = waiting_work.judged(row, definition)
    content = cast(Content, found.content)
    theirs = partition.join_identity(definition, content.answers, content.identity)
    return Pair(
        row=row,
        head=head,
        definition=definition,
        held=partition.join_identity(definition, head.answers, opening.identity_of(keys_of(), head)),
        waiting=theirs,
        held_files=files_of(head),
        waiting_files={file.name: file for file in found.envelope.attachments},
    )


def _head(found: Assessed) -> Submission:
    envelope = found.envelope
    head = db.session.scalars(select(Submission).filter_by(id=envelope.id)).one_or_none()
    if head is None:
        raise NotThere(envelope.id)
    if State(head.status).is_gone:
        raise Gone(head.id, head.status)
    if head.questionnaire != envelope.questionnaire:
        raise OtherQuestionnaire(head.id, head.questionnaire)
    return head


def files_of(head: Submission, revision: int | None = None) -> dict[str, NamedFile]:
    """The files of a revision (None: the current one) of which more than the name is known."""
    number = head.revision if revision is None else revision
    query = select(Attachment).filter_by(submission_id=head.id, revision=number)
    rows = ((opening.file_name(keys_of(), head, row), row) for row in db.session.scalars(query))
    return {
        name: NamedFile(name, row.sha256, row.size or 0, row.type or "")
        for name, row in rows
        if row.sha256
    }


def _leaves(
    definition: Questionnaire, answers: Answers, files: Mapping[str, NamedFile]
) -> Iterator[tuple[str, Answer]]:
    for path, item, value in partition.leaves(definition, answers):
        file = files.get(value) if item.type in ATTACHMENT_TYPES and value is not None else None
        yield path, Answer(value, file.sha256 if file else None)


# --- putting them together --------------------------------------------------------------------------


def merged(pair: Pair, chosen: Mapping[str, Side]) -> Answers:
    """The held answers with those of the other side where it was chosen."""
    answers = deepcopy(pair.held)
    theirs = dict(_leaves(pair.definition, pair.waiting, {}))
    for path, side in chosen.items():
        if side is Side.WAITING:
            put(answers, parse_path(path), theirs.get(path))
    return cast(Answers, without_hollow_rows(answers, pair.waiting))


def _merged_envelope(pair: Pair, chosen: Mapping[str, Side]) -> Envelope:
    envelope = envelope_of(pair.head, merged(pair, chosen))
    return replace(envelope, attachments=_merged_files(pair, chosen, envelope))


def envelope_of(head: Submission, answers: Answers) -> Envelope:
    """The submission's own envelope with other answers (with identity), and without files."""
    return Envelope(
        id=head.id,
        questionnaire=head.questionnaire,
        version=head.version,
        language=head.language,
        answers=answers,
        channel=Channel(head.channel),
        started_at=_with_offset(head.started_at, head.utc_offset),
        finished_at=_with_offset(head.finished_at, head.utc_offset),
        assignment=head.assignment,
        answer_languages=head.answer_languages,
        paradata=head.paradata,
        consent=head.consent,
        synthetic=head.synthetic,
        foreign=opening.foreign_of(keys_of(), head).get("envelope", {}),
    )


def _with_offset(moment: datetime | None, minutes: int | None) -> datetime | None:
    """A stored time in the device's own offset, as the interview is judged by it."""
    if moment is None or minutes is None:
        return moment
    return moment.astimezone(timezone(timedelta(minutes=minutes)))


def _merged_files(pair: Pair, chosen: Mapping[str, Side], envelope: Envelope) -> tuple[NamedFile, ...]:
    """The files that the merged answers name, each from the side whose answer holds."""
    files: dict[str, NamedFile] = {}
    for path, name in partition.file_names(pair.definition, dict(envelope.answers)):
        theirs = chosen.get(path) is Side.WAITING
        file = (pair.waiting_files if theirs else pair.held_files).get(name)
        if file:
            files[name] = file
    return tuple(files.values())


def aside_of(head: Submission) -> Mapping[str, Any]:
    """What nobody knew in the submission's answers."""
    aside: Mapping[str, Any] = opening.foreign_of(keys_of(), head).get("answers", {})
    return aside
