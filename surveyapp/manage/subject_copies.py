"""The copy that whoever is meant gets: what is stored about them, and what waits in quarantine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import PublishedVersion
from surveyapp.extensions import db
from surveyapp.manage.record_lines import Eyes, Kept, Line, lines
from surveyapp.manage.record_queries import one as submission_of
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach
from surveyapp.questionnaires.danger import about_danger
from surveyapp.questionnaires.definition import Questionnaire, Valued
from surveyapp.questionnaires.paths import item_path
from surveyapp.submissions import looking
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Quarantined, Submission
from surveyapp.submissions.opening import identity_of
from surveyapp.submissions.subject_models import SubjectRequest


@dataclass(frozen=True, slots=True)
class Part:
    """A submission, or one piece of work that waits, as it is told to whoever is meant."""

    action: Action
    submission_id: UUID
    receipt_code: str
    version: str
    received_at: datetime
    language: str
    #: None: it is read by no version that is published
    edition: PublishedVersion | None = None
    definition: Questionnaire | None = None
    #: None: it cannot be read
    lines: Sequence[Line] | None = field(default=None, repr=False)
    #: answers that nobody knows, by path
    foreign: Mapping[str, Any] = field(default_factory=dict, repr=False)
    #: whether answers that tell of danger to a child are left out
    is_spared: bool = False

    @property
    def waits(self) -> bool:
        """Whether nobody has decided over it yet."""
        return self.action is Action.QUARANTINE_OPENED


def parts_of(request: SubjectRequest, language: str, *, with_danger: bool) -> list[Part]:
    """What is stored, then what waits, oldest first; nothing: it is not there, or destroyed.

    Without `with_danger` what tells of danger to a child is left out (`questionnaires.danger`). What
    waits belongs to no region: it is told to those who have the whole questionnaire. Raises as
    `sealing` does where what is stored cannot be opened; what waits and cannot be is told as such.
    """
    submission = submission_of(request.submission_id)
    stored = _stored(submission, language) if submission is not None else None
    found = [*([stored] if stored else []), *_waiting(request.submission_id, language)]
    return found if with_danger else [_spared(part) for part in found]


def tells_of_danger(request: SubjectRequest) -> bool:
    """Whether a copy would say what was seen of danger to a child, were it not left out."""
    named = (
        select(table.questionnaire, table.version).where(table_id == request.submission_id)
        for table, table_id in ((Submission, Submission.id), (Quarantined, Quarantined.submission_id))
    )
    versions = {tuple(row) for query in named for row in db.session.execute(query)}
    editions = (catalogue.edition(questionnaire, version) for questionnaire, version in versions)
    return any(about_danger(edition.definition) for edition in editions if edition)


def code_of(parts: Sequence[Part]) -> str:
    """The receipt code that the copy is known by."""
    return parts[0].receipt_code


def write_down(parts: Sequence[Part], reason: str) -> None:
    """That each was opened, in the log; commits."""
    for part in parts:
        if part.lines is not None:
            details: dict[str, audit.Detail] = {
                "identity": True,
                "sensitive": not part.is_spared or _tells_sensitive(part),
                "reason": reason,
            }
            audit.record(part.action, str(part.submission_id), details)
    db.session.commit()


def _spared(part: Part) -> Part:
    """The same without what tells of danger; answers that nobody knows may, so none of them stays."""
    if part.lines is None or part.definition is None:
        return part
    left_out = about_danger(part.definition)
    told = [line for line in part.lines if item_path(line.path) not in left_out]
    is_spared = bool(left_out or part.foreign)
    return replace(part, lines=_without_hollow_headings(told), foreign={}, is_spared=is_spared)


def _without_hollow_headings(told: Sequence[Line]) -> list[Line]:
    """Without headings of which nothing is told: that something was asked there tells, too."""
    found: list[Line] = []
    for line in reversed(told):
        is_hollow = line.kept is None and (not found or found[-1].depth <= line.depth)
        if line.kept is not Kept.NOT_ASKED and not is_hollow:
            found.append(line)
    return found[::-1]


def _tells_sensitive(part: Part) -> bool:
    """Whether a sensitive answer is among what is told."""
    items = part.definition.walk() if part.definition is not None else ()
    sensitive = {item.path for item in items if isinstance(item, Valued) and item.sensitive}
    answered = (line.path for line in part.lines or () if line.kept is Kept.ANSWERED)
    return any(item_path(path) in sensitive for path in answered)


def _stored(submission: Submission, language: str) -> Part | None:
    edition = catalogue.edition(submission.questionnaire, submission.version)
    opened = identity_of(keys_of(), submission) if submission.data_key else None
    if opened is None or edition is None:
        return None
    eyes = Eyes(language, sensitive=True, identity=opened)
    return Part(
        Action.SUBMISSION_OPENED,
        submission.id,
        submission.receipt_code,
        submission.version,
        submission.received_at,
        language,
        edition.version,
        edition.definition,
        lines(edition.definition, submission.answers, eyes),
    )


def _waiting(submission_id: UUID, language: str) -> Iterator[Part]:
    mine = (Quarantined.submission_id == submission_id, Quarantined.decided_at.is_(None))
    serials = db.session.scalars(select(Quarantined.serial).where(*mine).order_by(Quarantined.serial))
    reach = my_reach(Right.READ_IDENTITY)
    for serial in serials.all():
        seen = looking.look(serial)
        if reach.covers(seen.row.questionnaire, None):
            yield _of_work(seen, language)


def _of_work(seen: looking.Look, language: str) -> Part:
    row, content = seen.row, seen.content
    known = Part(
        Action.QUARANTINE_OPENED,
        row.submission_id,
        row.receipt_code,
        row.version,
        row.received_at,
        language,
    )
    edition = catalogue.edition(row.questionnaire, row.version)
    if content is None or seen.definition is None or edition is None:
        return known
    eyes = Eyes(language, sensitive=True, identity=content.identity)
    told = lines(seen.definition, content.answers, eyes)
    return replace(
        known,
        edition=edition.version,
        definition=seen.definition,
        lines=told,
        foreign=content.foreign,
    )
