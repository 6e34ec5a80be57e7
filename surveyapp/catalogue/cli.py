"""`surveyapp questionnaire …`: check, publish, list, open, close and retire questionnaires."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup

from surveyapp.catalogue import service
from surveyapp.catalogue.errors import CatalogueError
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.problems import explain
from surveyapp.catalogue.xform_problems import explain_xform
from surveyapp.config import Settings
from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.replay.commands import replay
from surveyapp.questionnaires.xlsform import CompiledWorkbook, WorkbookError, compile_workbook
from surveyapp.wiring import settings_of

questionnaires = AppGroup("questionnaire", help="Check, publish, open, close and retire questionnaires.")
questionnaires.add_command(replay)

WORKBOOK = click.argument("workbook", metavar="FILE-or-ID")
STRICT = click.option("--strict", is_flag=True, help="Refuse a wording that lacks a declared language.")
ID = click.argument("questionnaire_id", metavar="QUESTIONNAIRE")


@questionnaires.command()
@WORKBOOK
@STRICT
def check(workbook: str, strict: bool) -> None:
    """Say what is wrong with a workbook, or with a built-in questionnaire; needs no database.

    \b
    Example:
      surveyapp questionnaire check school.xlsx --strict
    """
    with plain_errors():
        compiled = _compile(workbook, strict)
        definition = xform.parse(compiled.xform)
    questions = sum(1 for item in definition.walk() if item.label)
    click.echo(f"{compiled.id} {compiled.version}: {questions} items, {', '.join(definition.languages)}")


@questionnaires.command()
@WORKBOOK
@STRICT
@click.option(
    "--access",
    type=click.Choice([access.value for access in Access]),
    help="Who may answer, if the questionnaire is new (default: staff).",
)
def publish(workbook: str, strict: bool, access: str | None) -> None:
    """Publish a workbook as a new, immutable version.

    \b
    Example:
      surveyapp questionnaire publish school.xlsx --access staff
    """
    built_in = next((b for b in library.BUILT_IN if b.id == workbook), None)
    chosen = access or (built_in.access if built_in else None)
    with plain_errors():
        edition = service.publish(
            _compile(workbook, strict or built_in is not None),
            name=Path(workbook).name,
            access=Access(chosen) if chosen else None,
            demonstration=settings_of().demonstration,
        )
    click.echo(f"published {edition.entry.id} {edition.version.version} ({edition.entry.access})")


@questionnaires.command("list")
def list_command() -> None:
    """List the questionnaires with their versions and who may answer.

    \b
    Example:
      surveyapp questionnaire list
    """
    for entry in service.entries():
        click.echo(f"{entry.id}  access: {entry.access}")
        for version in entry.versions:
            state = "retired" if version.retired_at else "published"
            mark = ", demonstration" if version.demonstration else ""
            click.echo(f"  {version.version}  {state} {version.published_at:%Y-%m-%d}{mark}")


@questionnaires.command()
@ID
@click.argument("who", type=click.Choice([access.value for access in Access]))
def access(questionnaire_id: str, who: str) -> None:
    """Say who may answer: public, invitation, staff or closed.

    \b
    Example:
      surveyapp questionnaire access family_survey public
    """
    with plain_errors():
        entry = service.set_access(questionnaire_id, Access(who))
    click.echo(f"{entry.id}  access: {entry.access}")


@questionnaires.command()
@ID
def close(questionnaire_id: str) -> None:
    """Take nothing that is begun from now on; what was begun before is still stored.

    \b
    Example:
      surveyapp questionnaire close family_survey
    """
    with plain_errors():
        entry = service.close(questionnaire_id)
    click.echo(f"{entry.id} is closed to what is begun from now on")


@questionnaires.command()
@ID
@click.argument("version")
def retire(questionnaire_id: str, version: str) -> None:
    """Offer a version no longer; submissions begun with it stay valid.

    \b
    Example:
      surveyapp questionnaire retire family_survey 2026.1-3fa9c1
    """
    with plain_errors():
        service.retire(questionnaire_id, version)
    click.echo(f"{questionnaire_id} {version} is retired")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say an author's or an administrator's mistake in plain words, with exit status 1."""
    try:
        yield
    except WorkbookError as error:
        raise click.ClickException("\n".join(explain(p, "en") for p in error.problems)) from None
    except xform.XFormError as error:
        raise click.ClickException(explain_xform(error, "en")) from None
    except CatalogueError as error:
        raise click.ClickException(str(error)) from None


def _compile(workbook: str, strict: bool) -> CompiledWorkbook:
    """Compile a file, or a built-in questionnaire by its id; warnings go to standard error."""
    if any(built_in.id == workbook for built_in in library.BUILT_IN):
        content, name = library.workbook(workbook), f"{workbook}.md"
    else:
        content, name = _read(Path(workbook)), Path(workbook).name
    texts = service.placeholder_texts(settings_of())
    compiled = compile_workbook(content, name, placeholders=texts, strict=strict)
    for warning in compiled.warnings:
        click.echo(f"warning: {explain(warning, 'en')}", err=True)
    return compiled


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None


def register_catalogue(app: Flask, _settings: Settings) -> None:
    """Add the commands."""
    app.cli.add_command(questionnaires)
