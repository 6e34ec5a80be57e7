"""Files of submissions as a `.zip`: `<submission>/<question>/file.<suffix>`; digests in `media.csv`.

Whoever may not have an answer does not get its file: a file is found by the question that names it, and
by nothing else. What is in the archive is what is kept: pictures without the places in their metadata.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Engine, Row, select

from surveyapp.exports.archive import ArchiveStream
from surveyapp.exports.cells import Cell
from surveyapp.exports.csv_writer import CsvLines
from surveyapp.exports.errors import FileLost, FilesLeftOut
from surveyapp.exports.plan import Plan
from surveyapp.exports.records import Record
from surveyapp.exports.request import CsvOptions
from surveyapp.media_store import PIECE, MediaStore
from surveyapp.questionnaires.definition import ATTACHMENT_TYPES
from surveyapp.submissions import file_sealing, kept_files, opening
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import KeyMissing, Keys
from surveyapp.submissions.models import Attachment, Submission
from surveyapp.submissions.sealing import CannotOpen

LIST = "media.csv"
_HEADER = ("file", "submission_id", "question", "name", "type", "size", "sha256", "state")
HELD, NOT_HERE = "held", "not_here"
#: characters of a name; with the submission's id and the question's path this fits every file system
_LONGEST = 100
_TRICKS = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
#: what says the kind of a file
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,4}$", re.ASCII)
#: devices of Windows, whatever comes after the dot
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to be read, and its media type."""

    content: IO[bytes]
    kind: str | None


@dataclass(frozen=True, slots=True)
class Files:
    """Where files are, and what opens them; needs no application context."""

    engine: Engine
    store: MediaStore
    keys: Keys
    #: whether files of identity questions are asked for
    identity: bool

    def of(self, records: Sequence[Record]) -> Mapping[tuple[UUID, str], Row[Any]]:
        """The newest file of each name that these submissions have, by id and name as it was sent."""
        files, heads = table_of(Attachment), table_of(Submission)
        revisions = {record.id: record.revision for record in records}
        query = (
            select(files, heads.c.id, heads.c.data_key, heads.c.key_id)
            .join(heads, heads.c.id == files.c.submission_id)
            .where(files.c.submission_id.in_(revisions))
            .order_by(files.c.revision, files.c.serial)
        )
        with self.engine.execution_options(reads=True, postgresql_readonly=True).begin() as connection:
            rows = connection.execute(query).all()
        return {
            (row.submission_id, self._name(row)): row
            for row in rows
            if row.revision <= revisions[row.submission_id]
        }

    def _name(self, row: Row[Any]) -> str:
        if row.name_sealed is not None and not self.identity:
            return ""
        with _Told(row.submission_id):
            try:
                return opening.file_name(self.keys, row, row)
            except opening.Erased:
                return ""

    def opened(self, row: Row[Any] | None) -> Opened | None:
        """A file, if it is here. Raises `FileLost`."""
        if row is None or row.address is None:
            return None
        return Opened(self._open(row), row.kind or row.type)

    def _open(self, row: Row[Any]) -> IO[bytes]:
        with _Told(row.submission_id):
            if not row.sealed:  # it came a moment ago
                return kept_files.open_at(self.keys, row.address, self.store)
            key = opening.submission_key(self.keys, row)
            return file_sealing.opened(key.secret, kept_files.binding(row), self.store.open(row.address))


class _Told:
    """Says which submission it was about."""

    def __init__(self, submission_id: UUID) -> None:
        self._id = submission_id

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (CannotOpen, KeyMissing, OSError)):
            raise FileLost(self._id, str(error)) from None


@dataclass(frozen=True, slots=True)
class Named:
    """A file that an answer names: the answer's node path (`child[2]/photo`), and the name."""

    path: str
    name: str


def named_files(plan: Plan, record: Record) -> Iterator[Named]:
    """The files that the answers of a submission name, of the questions that come along."""
    for item in plan.items:
        if item.type in ATTACHMENT_TYPES and record.version in item.versions:
            for path, name in _named(record.answers, item.path.split("/"), ""):
                yield Named(path, name)


def _named(answers: Any, steps: Sequence[str], at: str) -> Iterator[tuple[str, str]]:
    if isinstance(answers, list):
        for position, instance in enumerate(answers, start=1):
            yield from _named(instance, steps, f"{at}[{position}]")
    elif not steps:
        if isinstance(answers, str) and answers:
            yield at, answers
    elif isinstance(answers, Mapping):
        step, *below = steps
        yield from _named(answers.get(step), below, f"{at}/{step}" if at else step)


def check_files(plan: Plan) -> None:
    """Look whether any question's files come along. Raises `FilesLeftOut` where all are kept back."""
    if any(item.type in ATTACHMENT_TYPES for item in plan.items):
        return
    if any(item.type in ATTACHMENT_TYPES for item in plan.left_out):
        raise FilesLeftOut


def media(
    archive: ArchiveStream,
    plan: Plan,
    batches: Iterable[Sequence[Record]],
    files: Files,
) -> Iterator[bytes]:
    """The bytes of the archive up to and with its list; whoever calls concludes it.

    Raises `FileLost`: nothing is passed over. A file that has not come yet is in the list as such.
    """
    lines = CsvLines(CsvOptions())
    listed = [lines.header(list(_HEADER))]
    for batch in batches:
        wanted = {record.id: list(named_files(plan, record)) for record in batch}
        held = files.of([record for record in batch if wanted[record.id]])
        for submission_id, some in wanted.items():
            for named in some:
                row = held.get((submission_id, named.name))
                told = yield from _packed(archive, submission_id, named, files.opened(row))
                listed.append(lines.lines([told]))
        # nothing is ready perhaps, but whoever takes the bytes sees that it goes on
        yield b""
    yield from archive.file(LIST, listed)


def _packed(
    archive: ArchiveStream, submission_id: UUID, named: Named, file: Opened | None
) -> Generator[bytes, None, list[Cell]]:
    """Puts a file into the archive; its line of the list."""
    if file is None:
        return [None, str(submission_id), named.path, named.name, None, None, None, NOT_HERE]
    # an encrypted archive hides what is in its files, and not what they are called: perhaps somebody's
    # name. media.csv tells it, which is encrypted as well
    entry = f"{submission_id}/{safe_path(named.path)}/file{_suffix(named.name)}"
    seen = _Seen()
    with file.content, _Told(submission_id):
        yield from archive.bulk(entry, seen.passing(file.content))
    told: list[Cell] = [entry, str(submission_id), named.path, named.name]
    return [*told, file.kind, seen.size, seen.digest.hexdigest(), HELD]


class _Seen:
    """Digest and size of bytes that pass."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()
        self.size = 0

    def passing(self, content: IO[bytes]) -> Iterator[bytes]:
        while piece := content.read(PIECE):
            self.digest.update(piece)
            self.size += len(piece)
            yield piece


def _suffix(name: str) -> str:
    found = _SUFFIX.search(name)
    return found[0].lower() if found else ""


def safe_path(path: str) -> str:
    """A node path as folders; names of XML hold no tricks, but a `:` means something to Windows."""
    return "/".join(safe_name(step) for step in path.split("/"))


def safe_name(name: str) -> str:
    """A name that means nothing to any file system: no folders, devices, signs or endless lengths."""
    plain = _TRICKS.sub("_", unicodedata.normalize("NFC", name))
    plain = "".join(sign for sign in plain if unicodedata.category(sign) not in {"Cf", "Cs", "Zl", "Zp"})
    plain = plain.strip(" .") or "file"
    if _DEVICES.match(plain):
        plain = f"_{plain}"
    if len(plain.encode()) <= _LONGEST:
        return plain
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix.encode()) > 10:
        stem, dot, suffix = plain, "", ""
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    kept = stem.encode()[: _LONGEST - 20].decode(errors="ignore").rstrip(" .")
    return f"{kept}-{digest}{dot}{suffix}"
