"""What a reviewer does, on the command line: `submission list|accept|return|reject|undo|delete|…`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import click
from flask import Flask
from sqlalchemy import select

from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.submissions import destroying, reviewing
from surveyapp.submissions.command_groups import submission_group
from surveyapp.submissions.keys import KeyMissing
from surveyapp.submissions.models import State, Submission
from surveyapp.submissions.refusals import Refused
from surveyapp.submissions.reviewing import Reviewer
from surveyapp.submissions.sealing import CannotOpen

Command = Callable[..., Any]


@contextmanager
def refusals_in_one_line() -> Iterator[None]:
    """End in the refusal's sentence, with exit status 1."""
    try:
        yield
    except (Refused, CannotOpen, KeyMissing) as refused:
        raise click.ClickException(str(refused)) from None


def _on_one_submission(command: Command) -> Command:
    """The arguments that all acts share."""
    option = click.option(
        "--revision",
        type=click.IntRange(1),
        help="Only if this is still the current revision: the one that was looked at.",
    )
    argument = click.argument("submission_id", metavar="UUID", type=click.UUID)
    return argument(option(command))


@submission_group.command("list")
@click.option("--questionnaire", help="Only this questionnaire's.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only these.")
@click.option("--limit", default=100, show_default=True, help="How many at most.")
@click.option("--after", default=0, help="Begin after this number (to read on).")
def submission_list_command(
    questionnaire: str | None, state: str | None, limit: int, after: int
) -> None:
    """List submissions in the order of their storing, without answers.

    \b
    Example:
      surveyapp submission list --questionnaire household_baseline --state returned
    """
    wanted = {"questionnaire": questionnaire, "status": state}
    query = (
        select(Submission)
        .filter_by(**{column: value for column, value in wanted.items() if value})
        .where(Submission.serial > after)
        .order_by(Submission.serial)
        .limit(limit)
    )
    for row in db.session.scalars(query):
        flags = f"  ({', '.join(row.flags)})" if row.flags else ""
        click.echo(
            f"{row.serial}  {row.received_at:%Y-%m-%d %H:%M}Z  {row.id}  {row.questionnaire} "
            f"{row.version}  {row.status}  revision {row.revision}{flags}"
            f"{'  synthetic' if row.synthetic else ''}"
        )


@submission_group.command("accept")
@_on_one_submission
def submission_accept_command(submission_id: UUID, revision: int | None) -> None:
    """Take a submission as good.

    \b
    Example:
      surveyapp submission accept 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10 --revision 2
    """
    with refusals_in_one_line():
        reviewing.accept(submission_id, Reviewer(revision=revision))
    click.echo(f"Accepted {submission_id}.")


@submission_group.command("return")
@_on_one_submission
@click.option("--comment", help="What is to be mended, about all of it.")
@click.option(
    "--at",
    "places",
    multiple=True,
    type=(str, str),
    metavar="PATH TEXT",
    help="What is to be mended about one answer; may be given several times.",
)
def submission_return_command(
    submission_id: UUID, revision: int | None, comment: str | None, places: tuple[tuple[str, str], ...]
) -> None:
    """Send a submission back to whoever collected it, with comments; these are kept sealed.

    \b
    Example:
      surveyapp submission return 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10 --at "child[2]/c_age" "Ask again"
    """
    comments = dict(places) | ({"": comment} if comment else {})
    with refusals_in_one_line():
        reviewing.return_to_collector(submission_id, comments, Reviewer(revision=revision))
    click.echo(f"Returned {submission_id}.")


@submission_group.command("reject")
@_on_one_submission
@click.option("--reason", required=True, help="Why it is not to be counted on; it is kept sealed.")
def submission_reject_command(submission_id: UUID, revision: int | None, reason: str) -> None:
    """Say that a submission is not to be counted on: it is kept, and left out of exports.

    \b
    Example:
      surveyapp submission reject 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10 --reason "a trial interview"
    """
    with refusals_in_one_line():
        reviewing.reject(submission_id, reason, Reviewer(revision=revision))
    click.echo(f"Rejected {submission_id}; it can be undone.")


@submission_group.command("undo")
@_on_one_submission
def submission_undo_command(submission_id: UUID, revision: int | None) -> None:
    """Take the last act of review back: an acceptance, a return, a rejection or a deletion.

    \b
    Example:
      surveyapp submission undo 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10
    """
    with refusals_in_one_line():
        reviewing.undo(submission_id, by=Reviewer(revision=revision))
    click.echo(f"Undone: {submission_id}.")


@submission_group.command("delete")
@_on_one_submission
def submission_delete_command(submission_id: UUID, revision: int | None) -> None:
    """Take a submission out of lists, counts and exports; `restore` brings it back.

    \b
    Example:
      surveyapp submission delete 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10
    """
    with refusals_in_one_line():
        reviewing.delete(submission_id, Reviewer(revision=revision))
    click.echo(f"Deleted {submission_id}; it can be restored.")


@submission_group.command("restore")
@_on_one_submission
def submission_restore_command(submission_id: UUID, revision: int | None) -> None:
    """Bring a deleted submission back.

    \b
    Example:
      surveyapp submission restore 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10
    """
    with refusals_in_one_line():
        reviewing.restore(submission_id, Reviewer(revision=revision))
    click.echo(f"Restored {submission_id}.")


@submission_group.command("erase")
@_on_one_submission
@click.option("--identity", is_flag=True, help="Only who is meant; the other answers stay.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def submission_erase_command(
    submission_id: UUID, revision: int | None, identity: bool, yes: bool
) -> None:
    """Destroy what a submission holds, of every revision, its files, and what waits under its id.

    A late copy is still told as a copy, and revives nothing. Nothing brings the answers back, but an
    older backup of the database and its keys.

    With --identity only who is meant goes: identity answers, the files that point at a person, comments,
    fields that nobody knows, what waits under its id. The other answers are read and exported as before.

    \b
    Examples:
      surveyapp submission erase 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10
      surveyapp submission erase 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10 --identity
    """
    what = "Who is meant" if identity else "The answers"
    if not yes:
        click.confirm(f"{what} cannot be brought back. Erase?", abort=True)
    erase = destroying.erase_identity if identity else reviewing.erase
    with refusals_in_one_line():
        erase(submission_id, Reviewer(revision=revision))
    click.echo(f"Erased {'who is meant by ' if identity else ''}{submission_id}.")


@submission_group.command("unblock")
@_on_one_submission
def submission_unblock_command(submission_id: UUID, revision: int | None) -> None:
    """Bring a blocked submission back in the state it was in.

    \b
    Example:
      surveyapp submission unblock 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10
    """
    with refusals_in_one_line():
        reviewing.unblock(submission_id, Reviewer(revision=revision))
    click.echo(f"Unblocked {submission_id}.")


def register_review_commands(app: Flask, _settings: Settings) -> None:
    """Add the group with the commands of this module in it."""
    app.cli.add_command(submission_group)
