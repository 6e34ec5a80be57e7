"""Files that come after what names them: put to the revision's files, whichever copy brought them."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from sqlalchemy import Connection, select, update

from surveyapp.submissions import sealing
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.content import Content
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.holdings import Held, QuarantineKey
from surveyapp.submissions.inserting import InsertedRow, insert_new, table_of
from surveyapp.submissions.keys import Keys
from surveyapp.submissions.models import Attachment, Flag, Quarantined, Submission, SubmissionRevision
from surveyapp.submissions.rows import RowMaker, brought_file, named_file
from surveyapp.submissions.sealing import DataKey

_KEY = ("submission_id", "revision", "name")


def file_copies(connection: Connection, maker: RowMaker, found: Assessed, held: Held) -> bool:
    """Fill in what a copy of a stored revision tells or brings of its files; whether anything was new.

    The files fit what is known of them: `Held.has` has said so.
    """
    revision = held.revision or 1
    _find_key(connection, maker, found)
    rows = [row for row in maker.attachments(found, revision) if _may_be_news(row, held)]
    if any(_is_guarded(row) for row in rows) and _is_nameless(connection, found.envelope.id):
        rows = [row for row in rows if not _is_guarded(row)]
    news = [row for row in rows if _file(connection, row)]
    if not all(row["named"] for row in news):
        _flag(connection, found.envelope.id, revision)
    return bool(news)


def _is_guarded(row: InsertedRow) -> bool:
    """Whether it may point at a person."""
    return str(row["name"]).startswith("/")


def _is_nameless(connection: Connection, submission_id: UUID) -> bool:
    """Whether who is meant was destroyed: a late copy brings nothing of it back."""
    table = table_of(Submission)
    query = select(table.c.identity_erased_at).where(table.c.id == submission_id)
    return connection.scalar(query) is not None


def _flag(connection: Connection, submission_id: UUID, revision: int) -> None:
    """Flag a revision, the current one or a former one, for a file that no answer names."""
    current, former = table_of(Submission), table_of(SubmissionRevision)
    for table, id_ in ((current, current.c.id), (former, former.c.submission_id)):
        mine = (id_ == submission_id, table.c.revision == revision)
        query = select(table.c.flags).where(*mine).with_for_update()
        for flags in connection.scalars(query).all():
            flagged = list(dict.fromkeys([*flags, Flag.UNNAMED_FILE]))
            connection.execute(update(table).where(*mine).values(flags=flagged))


def _find_key(connection: Connection, maker: RowMaker, found: Assessed) -> None:
    """Have the submission's key at hand if a name is to be sealed."""
    envelope, content = found.envelope, cast(Content, found.content)
    names = {file.name for file in envelope.attachments} | content.file_names
    if not names & content.stored_names.keys():
        return
    # one that is at hand may be of the row that was tried first, and could not be inserted
    table = table_of(Submission)
    query = select(table.c.data_key, table.c.key_id).where(table.c.id == envelope.id)
    row = connection.execute(query).one()
    if row.data_key is not None:
        sealed_in = sealing.Row.of_submission(envelope.id)
        maker.data_keys[envelope.id] = DataKey.unwrap(maker.keys, sealed_in, row.data_key, row.key_id)


def _may_be_news(row: InsertedRow, held: Held) -> bool:
    if row["sha256"] is None:
        return False
    arrived = row["held_at"] is not None and row["name"] in held.missing_names
    return held.files.get(row["name"]) is None or arrived


def _file(connection: Connection, row: InsertedRow) -> bool:
    if insert_new(connection, Attachment, [row], key=_KEY):
        return True
    table = table_of(Attachment)
    mine = [table.c[name] == row[name] for name in _KEY]
    known = connection.execute(select(table.c.sha256, table.c.held_at).where(*mine)).one()
    is_news = known.sha256 is None or (known.held_at is None and row["held_at"] is not None)
    if is_news:
        told = {name: row[name] for name in ("sha256", "size", "type", "held_at", "address")}
        connection.execute(update(table).where(*mine, table.c.held_at.is_(None)).values(**told))
    return is_news


def bring_quarantined(
    connection: Connection, keys: Keys, key: QuarantineKey, envelope: Envelope
) -> None:
    """Put the files that a copy of quarantined work brings to those that came before (OpenRosa)."""
    if not envelope.files_follow or not envelope.attachments:
        return
    table = table_of(Quarantined)
    mine = (table.c.submission_id == key[0], table.c.content_digest == key[1])
    columns = (table.c.files, table.c.brought, table.c.data_key, table.c.key_id)
    row = connection.execute(select(*columns).where(*mine).with_for_update()).one()
    if row.data_key is None:  # erased: nothing is put to it any more
        return
    data_key = DataKey.unwrap(keys, sealing.Row.of_quarantined(*key), row.data_key, row.key_id)
    known = {(file.name, file.sha256) for file in (named_file(data_key, kept) for kept in row.brought)}
    news = [f for f in envelope.attachments if (f.name, f.sha256) not in known]
    if news:
        files = list(dict.fromkeys([*row.files, *(file.sha256 for file in news)]))
        brought = [*row.brought, *(brought_file(data_key, file) for file in news)]
        connection.execute(update(table).where(*mine).values(files=files, brought=brought))
