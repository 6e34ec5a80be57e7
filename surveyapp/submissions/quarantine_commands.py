"""`surveyapp quarantine list|show|decide`: what waits for an administrator, and what is decided."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask

from surveyapp.config import Settings
from surveyapp.submissions import deciding, merging, quarantine
from surveyapp.submissions.command_groups import quarantine_group
from surveyapp.submissions.deciding import Decided
from surveyapp.submissions.keys import KeyMissing
from surveyapp.submissions.merging import Side
from surveyapp.submissions.opening import Erased
from surveyapp.submissions.placing import Answer
from surveyapp.submissions.quarantine import NotQuarantined
from surveyapp.submissions.refusals import Refused, Unsettled
from surveyapp.submissions.sealing import CannotOpen

SIDES = click.Choice([side.value for side in Side])
_number = click.argument("number", type=click.IntRange(1, 2**31 - 1))
_revision = click.option(
    "--revision",
    "looked_at",
    type=click.IntRange(1),
    help="Only if this is still the submission's current revision: the one that was looked at.",
)


@contextmanager
def _refusals_in_one_line() -> Iterator[None]:
    try:
        yield
    except Unsettled as refused:
        raise click.ClickException(f"{refused} (--side PATH held|waiting, or --rest)") from None
    except (Refused, NotQuarantined, CannotOpen, Erased, KeyMissing) as refused:
        raise click.ClickException(str(refused)) from None


@quarantine_group.command("list")
@click.option("--questionnaire", help="Only this questionnaire's.")
@click.option("--limit", default=100, show_default=True, help="How many at most.")
@click.option("--after", default=0, help="Begin after this number (to read on).")
def quarantine_list_command(questionnaire: str | None, limit: int, after: int) -> None:
    """List what waits for a decision, oldest first, without its content.

    \b
    Example:
      surveyapp quarantine list --questionnaire household_baseline
    """
    rows = quarantine.waiting(questionnaire, after=after, limit=limit)
    for row in rows:
        places = ", ".join(error["path"] for error in row.errors if error["path"])
        click.echo(
            f"{row.serial}  {row.received_at:%Y-%m-%d %H:%M}Z  {row.submission_id}  "
            f"{row.questionnaire or '?'} {row.version or '?'}  {row.reason}"
            f"{f' ({places})' if places else ''}{'  synthetic' if row.synthetic else ''}"
        )
    if len(rows) == limit:
        click.echo(f"There may be more: --after {rows[-1].serial}", err=True)
    if not rows:
        click.echo("Nothing waits.", err=True)


@quarantine_group.command("show")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def quarantine_show_command(number: int) -> None:
    """Write the content of quarantined work, as it came, to standard output; this is audited.

    \b
    Example:
      surveyapp quarantine show 17 > record.json
    """
    try:
        sys.stdout.buffer.write(quarantine.open_sealed(number))
    except (NotQuarantined, CannotOpen, Erased, KeyMissing) as error:
        raise click.ClickException(str(error)) from None


@quarantine_group.command("differences")
@_number
def quarantine_differences_command(number: int) -> None:
    """Show where quarantined work differs from the submission of its id, answer by answer; audited.

    \b
    Example:
      surveyapp quarantine differences 17
    """
    with _refusals_in_one_line():
        differing = merging.differences(number)
    for difference in differing:
        click.echo(difference.path)
        for side in Side:
            click.echo(f"  {side:8} {_shown(getattr(difference, side))}")
    if not differing:
        click.echo("Their answers do not differ.", err=True)


def _shown(answer: Answer | None) -> str:
    if answer is None:
        return "not asked"
    file = f"  (file {answer.sha256[:12]}…)" if answer.sha256 else ""
    return f"{json.dumps(answer.value, ensure_ascii=False)}{file}"


@quarantine_group.group("decide")
def decide_group() -> None:
    """Decide over quarantined work; see the commands below.

    \b
    Example:
      surveyapp quarantine decide accept 17
    """


@decide_group.command("accept")
@_number
def decide_accept_command(number: int) -> None:
    """Store it as a submission: what fits its version as answers, the rest kept aside and flagged.

    \b
    Example:
      surveyapp quarantine decide accept 17
    """
    with _refusals_in_one_line():
        _tell(number, deciding.accept(number))


@decide_group.command("revision")
@_number
@_revision
def decide_revision_command(number: int, looked_at: int | None) -> None:
    """Make it the next revision of the submission of its id.

    \b
    Example:
      surveyapp quarantine decide revision 17
    """
    with _refusals_in_one_line():
        _tell(number, deciding.accept_as_revision(number, looked_at=looked_at))


@decide_group.command("merge")
@_number
@click.option(
    "--side",
    "sides",
    multiple=True,
    type=(str, SIDES),
    metavar="PATH held|waiting",
    help="Whose answer holds at a place; may be given several times.",
)
@click.option("--rest", type=SIDES, help="Whose answers hold at all other places.")
@_revision
def decide_merge_command(
    number: int, sides: tuple[tuple[str, str], ...], rest: str | None, looked_at: int | None
) -> None:
    """Make the next revision of both, question by question (see `quarantine differences`).

    \b
    Example:
      surveyapp quarantine decide merge 17 --side "child[2]/c_age" waiting --rest held
    """
    chosen = {path: Side(side) for path, side in sides}
    others = Side(rest) if rest else None
    with _refusals_in_one_line():
        _tell(number, merging.merge(number, chosen, rest=others, looked_at=looked_at))


@decide_group.command("attach")
@_number
@click.argument("version")
@click.option("--questionnaire", help="If it is another than the one that the work names.")
def decide_attach_command(number: int, version: str, questionnaire: str | None) -> None:
    """Judge it by another version, and store it so.

    \b
    Example:
      surveyapp quarantine decide attach 17 2026.2
    """
    with _refusals_in_one_line():
        _tell(number, deciding.attach(number, version, questionnaire=questionnaire))


@decide_group.command("discard")
@_number
@click.argument("reason")
def decide_discard_command(number: int, reason: str) -> None:
    """Let it go; its bytes stay, sealed.

    \b
    Example:
      surveyapp quarantine decide discard 17 "a trial of the training"
    """
    with _refusals_in_one_line():
        _tell(number, deciding.discard(number, reason))


def _tell(number: int, made: Decided) -> None:
    if made.revision is None:
        click.echo(f"Discarded number {number}.")
    else:
        click.echo(f"Number {number} is revision {made.revision} of submission {made.submission_id}.")


def register_quarantine_commands(app: Flask, _settings: Settings) -> None:
    """Add the commands."""
    app.cli.add_command(quarantine_group)
