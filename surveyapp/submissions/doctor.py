"""`surveyapp doctor`: looks whether what is stored is whole, and as it was written."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import Row, func, select

from surveyapp.config import Settings
from surveyapp.database import Base
from surveyapp.extensions import db
from surveyapp.health import migrations_current
from surveyapp.media_store import media_store
from surveyapp.people import audit_chain
from surveyapp.people.models import AuditLink
from surveyapp.submissions import rotation
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.models import Attachment, Quarantined, State, Submission
from surveyapp.submissions.opening import quarantined_bytes
from surveyapp.submissions.sealing import CannotOpen
from surveyapp.submissions.verifying import Finding, Progress, verify_chains

BATCH = 500
Check: TypeAlias = Callable[[Progress], Iterator[Finding]]


def check_migrations(_progress: Progress) -> Iterator[Finding]:
    """The database stands at the newest migration."""
    current = migrations_current()
    db.session.rollback()
    if not current:
        yield Finding("database", "not at the newest migration: run surveyapp db upgrade")


def check_keys(_progress: Progress) -> Iterator[Finding]:
    """Every key that a row needs is in the key file."""
    known = keys_of().wrapping
    for key_id, number in rotation.rows_by_key().items():
        if key_id not in known:
            yield Finding(f"key {key_id}", f"missing from the key file; {number} rows need it")


def check_chains(progress: Progress) -> Iterator[Finding]:
    """Every revision fits its chain."""
    yield from verify_chains(keys_of(), progress)


def check_log(progress: Progress) -> Iterator[Finding]:
    """Every entry of the audit log fits its chain."""
    for fault in audit_chain.verify(progress=progress):
        yield Finding("audit log", fault)


def check_quarantine(progress: Progress) -> Iterator[Finding]:
    """What waits, or waited, can be opened."""
    table = table_of(Quarantined)
    query = select(table).where(table.c.data_key.is_not(None))
    for row in _rows(query, table.c.serial, progress):
        try:
            quarantined_bytes(keys_of(), row)
        except (CannotOpen, KeyMissing) as error:
            yield Finding(f"quarantine {row.serial}", f"cannot be opened: {error}")


def check_files(progress: Progress) -> Iterator[Finding]:
    """The files that are said to be held are in the media store."""
    table, submissions, store = table_of(Attachment), table_of(Submission), media_store()
    query = (
        select(table)
        .join(submissions, submissions.c.id == table.c.submission_id)
        .where(
            table.c.held_at.is_not(None),
            submissions.c.status != State.ERASED,
            # those that point at a person go with who is meant
            submissions.c.identity_erased_at.is_(None) | ~table.c.name.startswith("/"),
        )
    )
    for row in _rows(query, table.c.serial, progress):
        if row.address not in store:
            subject = f"submission {row.submission_id}"
            name = f"number {row.serial}" if row.name_sealed else repr(row.name)
            yield Finding(subject, f"revision {row.revision}: the file {name} is not in the store")


def _rows(query: Any, serial: Any, progress: Progress) -> Iterator[Row[Any]]:
    """The rows of a query, a few at a time."""
    last = 0
    while batch := _batch(query.where(serial > last).order_by(serial).limit(BATCH)):
        yield from batch
        last = batch[-1].serial
        progress(len(batch))


def _batch(query: Any) -> list[Row[Any]]:
    with db.engine.connect().execution_options(reads=True) as connection:
        return list(connection.execute(query).all())


#: what is looked at, in this order, and the table whose rows it goes through
CHECKS: Mapping[str, tuple[Check, type[Base] | None]] = {
    "Migrations": (check_migrations, None),
    "Keys": (check_keys, None),
    "Chains": (check_chains, Submission),
    "Quarantine": (check_quarantine, Quarantined),
    "Files": (check_files, Attachment),
    "Log": (check_log, AuditLink),
}


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Look whether what is stored is whole and as it was written; ends with 1 when it is not.

    Every revision of every submission is verified against its chain, also after keys were rotated and
    submissions erased, and the audit log against its own; every key, every quarantined record and every
    file must be there. The server may keep running. Nothing is changed, and no answer is shown.

    \b
    Example:
      surveyapp doctor
    """
    found = 0
    for name, (check, model) in CHECKS.items():
        with _bar(name, model) as bar:
            for finding in check(bar.update):
                found += 1
                click.echo(str(finding))
    if found:
        raise click.ClickException(f"{found} found; see above.")
    click.echo("All is well.")


def _bar(name: str, model: type[Base] | None) -> Any:
    """A progress bar on standard error, where somebody is looking."""
    with db.engine.connect().execution_options(reads=True) as connection:
        length = connection.scalar(select(func.count()).select_from(table_of(model))) if model else 0
    return click.progressbar(length=length or 0, label=f"{name:10}", file=sys.stderr)


def register_doctor(app: Flask, _settings: Settings) -> None:
    """Add the command."""
    app.cli.add_command(doctor_command)
