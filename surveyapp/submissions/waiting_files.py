"""The files of work in quarantine: which have come, how they are guarded, and their bytes.

Nothing is written down here: whoever opens one does that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import IO

from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.definition import ATTACHMENT_TYPES, Valued
from surveyapp.submissions import kept_files
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.looking import Guard, Look, guards_of
from surveyapp.submissions.models import Attachment, KeptFile, Quarantined, Submission


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that quarantined work names."""

    sha256: str
    #: empty where it may point at a person
    name: str
    size: int
    type: str
    #: the strictest of all questions that name these bytes
    guard: Guard
    #: where it lies; None: it has not come with this work
    address: str | None
    #: whether the stored submission has it
    is_stored: bool


def files_of(seen: Look) -> list[WaitingFile]:
    """The files that the work names, in its order; none of work that cannot be read."""
    if seen.found is None or not seen.found.envelope.attachments:
        return []
    guards = _guards(seen, seen.found)
    named = {file.sha256: file for file in seen.found.envelope.attachments}
    held, stored = _held(seen.row, named), _stored(seen.head)
    return [
        WaitingFile(
            sha256=sha256,
            name="" if guards[sha256].identity else file.name,
            size=file.size,
            type=file.type,
            guard=guards[sha256],
            address=held.get(sha256),
            is_stored=sha256 in stored,
        )
        for sha256, file in named.items()
    ]


def opened(file: WaitingFile) -> IO[bytes]:
    """Its bytes; whoever gets them closes them. Raises FileNotFoundError, `sealing.CannotOpen`."""
    if file.address is None:
        raise FileNotFoundError(file.sha256)
    return kept_files.open_at(keys_of(), file.address)


def _guards(seen: Look, found: Assessed) -> Mapping[str, Guard]:
    """SHA-256 → how it is guarded; bytes that no question names may be anything."""
    content, definition = seen.content, seen.definition
    if content is None or definition is None:
        return {}
    answers = partition.join_identity(definition, content.answers, content.identity)
    by_any_version = guards_of(seen.row.questionnaire, definition)
    by_name: dict[str, list[Guard]] = defaultdict(list)
    for _path, item, name in partition.leaves(definition, answers, _is_file):
        if name is not None:
            before = by_any_version.get(item.path, Guard())
            by_name[name].append(
                Guard(item.identity or before.identity, item.sensitive or before.sensitive)
            )
    guards: dict[str, Guard] = {}
    for file in found.envelope.attachments:
        each = [*by_name.get(file.name, [Guard(True, True)]), guards.get(file.sha256, Guard())]
        guards[file.sha256] = Guard(any(g.identity for g in each), any(g.sensitive for g in each))
    return guards


def _held(row: Quarantined, named: Collection[str]) -> Mapping[str, str]:
    """SHA-256 → where the file lies that whoever sent the work has brought. A look, without a lock."""
    table = table_of(KeptFile)
    query = select(table.c.sha256, table.c.address).where(
        table.c.owner == kept_files.owner_of(row.sender_id, row.device_id), table.c.sha256.in_(named)
    )
    return {each.sha256: each.address for each in db.session.execute(query)}


def _is_file(item: Valued) -> bool:
    return item.type in ATTACHMENT_TYPES


def _stored(head: Submission | None) -> set[str]:
    """SHA-256 of the files that a stored submission has."""
    if head is None:
        return set()
    table = table_of(Attachment)
    query = select(table.c.sha256).where(
        table.c.submission_id == head.id, table.c.address.is_not(None), table.c.sha256.is_not(None)
    )
    return set(db.session.scalars(query))
