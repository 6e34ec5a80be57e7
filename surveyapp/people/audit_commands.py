"""`surveyapp audit …`: whether the audit log is whole, and a copy of it."""

from __future__ import annotations

import json
from typing import Any, TextIO

import click
from flask import Flask
from flask.cli import AppGroup

from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people import audit, audit_chain
from surveyapp.people.audit_chain import Head

audit_group = AppGroup("audit", help="The audit log: who did what to what.")


class HeadType(click.ParamType[Head]):
    """A head as `audit head` prints it."""

    name = "head"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Head:
        """Read it, or say what it looks like."""
        try:
            return value if isinstance(value, Head) else Head.read(value)
        except ValueError:
            self.fail("a head is a number, a colon and 64 hexadecimal digits", param, context)


@audit_group.command("head")
def head_command() -> None:
    """Print what commits to the whole log; write it down elsewhere, to compare with later.

    \b
    Example:
      surveyapp audit head
    """
    with db.engine.connect().execution_options(reads=True) as connection:
        click.echo(str(audit_chain.head(connection)))


@audit_group.command("verify")
@click.option("--head", "written_down", type=HeadType(), help="A head that was written down earlier.")
def verify_command(written_down: Head | None) -> None:
    """Look whether every entry is as it was written, and none is missing; ends with 1 when not.

    Entries at the very end can be missed only against a head that was written down.

    \b
    Examples:
      surveyapp audit verify
      surveyapp audit verify --head 1207:5f0c…
    """
    found = 0
    for fault in audit_chain.verify(written_down):
        found += 1
        click.echo(fault)
    if found:
        raise click.ClickException(f"{found} found; see above.")
    click.echo("The log is whole.")


@audit_group.command("export")
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", help="A file.")
def export_command(output: TextIO) -> None:
    """Write the whole log, oldest first: one JSON object on a line.

    \b
    Example:
      surveyapp audit export --output log.jsonl
    """
    for entry in audit.all_entries():
        output.write(json.dumps(entry, ensure_ascii=False) + "\n")


def register_audit_commands(app: Flask, _settings: Settings) -> None:
    """Add `surveyapp audit …`."""
    app.cli.add_command(audit_group)
