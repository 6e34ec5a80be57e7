"""`surveyapp questionnaire …`: check, publish, list, open, close and retire questionnaires."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from surveyapp.catalogue import media as version_media
from surveyapp.catalogue import service
from surveyapp.catalogue.check_report import as_json, as_table
from surveyapp.catalogue.errors import CatalogueError
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.problems import explain
from surveyapp.catalogue.replay_cli import compare_scenario, replay
from surveyapp.catalogue.speaking import LANGUAGE, spoken_language
from surveyapp.catalogue.windows import Window
from surveyapp.catalogue.xform_problems import explain_xform
from surveyapp.i18n import speaking_app
from surveyapp.questionnaires import files, library, xform
from surveyapp.questionnaires.checking import check as check_questionnaire
from surveyapp.questionnaires.xlsform import CompiledWorkbook, WorkbookError, compile_workbook
from surveyapp.wiring import settings_of

questionnaires = AppGroup("questionnaire", help="Check, publish, open, close and retire questionnaires.")
questionnaires.add_command(replay)
questionnaires.add_command(compare_scenario)

WORKBOOK = click.argument("workbook", metavar="FILE-or-ID")
STRICT = click.option("--strict", is_flag=True, help="Refuse a wording that lacks a declared language.")
MEDIA = click.option(
    "--media",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the files that the questionnaire names; they are looked for there.",
)
_MOMENT = click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"])
ID = click.argument("questionnaire_id", metavar="QUESTIONNAIRE")


@questionnaires.command(with_appcontext=False)
@WORKBOOK
@STRICT
@MEDIA
@LANGUAGE
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "whole", "json"]),
    default="table",
    show_default=True,
    help="For people (whole: each problem, however many are of one kind), or for programs.",
)
def check(workbook: str, strict: bool, media: Path | None, language: str | None, form: str) -> None:
    """Say everything that is wrong with a workbook or an XForm, and what to do about it.

    A built-in questionnaire is checked by its id. Needs neither a database nor settings. The exit status
    is 1 if there is an error.

    \b
    Example:
      surveyapp questionnaire check school.xlsx --strict --language kk
    """
    content, name = _content(workbook)
    texts = service.DEMONSTRATION_TEXTS
    report = check_questionnaire(content, name, placeholders=texts, strict=strict, media=media)
    speaks = spoken_language(language)
    whole = form == "whole"
    with speaking_app().app_context():
        told = as_json(report, speaks) if form == "json" else as_table(report, name, speaks, whole=whole)
    click.echo(told)
    if report.errors:
        raise click.exceptions.Exit(1)


@questionnaires.command()
@WORKBOOK
@STRICT
@MEDIA
@LANGUAGE
@click.option(
    "--access",
    type=click.Choice([access.value for access in Access]),
    help="Who may answer, if the questionnaire is new (default: staff).",
)
def publish(
    workbook: str, strict: bool, media: Path | None, language: str | None, access: str | None
) -> None:
    """Publish a workbook or an XForm as a new, immutable version, with the files that it names.

    \b
    Example:
      surveyapp questionnaire publish school.xlsx --access staff
      surveyapp questionnaire publish villages.xml --media villages-media
    """
    built_in = next((b for b in library.BUILT_IN if b.id == workbook), None)
    chosen = access or (built_in.access if built_in else None)
    content, name = _content(workbook)
    strict = strict or built_in is not None
    _refuse_faulty(content, name, strict=strict, media=media, language=language)
    with plain_errors():
        compiled = _compile(content, name, strict=strict)
        edition = service.publish(
            compiled,
            name=Path(workbook).name,
            access=Access(chosen) if chosen else None,
            demonstration=settings_of().demonstration,
            files=_files_of(media, compiled) if media else service.NO_FILES,
        )
    click.echo(f"published {edition.entry.id} {edition.version.version} ({edition.entry.access})")
    for file in edition.version.media:
        click.echo(f"  {file.name}  {file.size} bytes")
    for name in version_media.missing(edition.version, edition.definition):
        click.echo(f"  {name}  is missing", err=True)


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
@click.option("--from", "opens", type=_MOMENT, help="When it may be begun first (TIMEZONE).")
@click.option("--until", "closes", type=_MOMENT, help="When it may be begun no more (TIMEZONE).")
@click.option("--always", is_flag=True, help="Take both ends away.")
def access(
    questionnaire_id: str, who: str, opens: datetime | None, closes: datetime | None, *, always: bool
) -> None:
    """Say who may answer: public, invitation, staff or closed; and from when to when it is begun.

    Without --from, --until and --always the times stay as they are.

    \b
    Examples:
      surveyapp questionnaire access family_survey public
      surveyapp questionnaire access family_survey public --from 2027-02-01T09:00 --until 2027-03-01
    """
    if opens and closes and closes <= opens:
        raise click.UsageError("--until must come after --from")
    zone = settings_of().timezone
    ends = [each.replace(tzinfo=zone) if each else None for each in (opens, closes)]
    window = Window(*ends) if always or opens or closes else None
    with plain_errors():
        entry = service.set_access(questionnaire_id, Access(who), window)
    click.echo(f"{entry.id}  access: {entry.access}")
    for word, moment in (("from", entry.opens_at), ("until", entry.closes_at)):
        if moment is not None:
            click.echo(f"  {word} {moment.astimezone(zone):%Y-%m-%d %H:%M %Z}")


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


def _content(workbook: str) -> tuple[bytes, str]:
    """The bytes and the file's name of a workbook, or of a built-in questionnaire by its id."""
    if any(built_in.id == workbook for built_in in library.BUILT_IN):
        return library.workbook(workbook), f"{workbook}.md"
    return _read(Path(workbook)), Path(workbook).name


def _files_of(folder: Path, compiled: CompiledWorkbook) -> dict[str, bytes]:
    """The files of a folder that a workbook names; others, however large, are not read."""
    names = files.names(xform.parse(compiled.xform))
    return {name: _read(folder / name) for name in sorted(names) if (folder / name).is_file()}


def _refuse_faulty(
    content: bytes, name: str, *, strict: bool, media: Path | None, language: str | None
) -> None:
    """Tell what is wrong, and end if anything of it keeps the workbook from being published."""
    texts = service.placeholder_texts(settings_of())
    report = check_questionnaire(content, name, placeholders=texts, strict=strict, media=media)
    speaks = spoken_language(language)
    if report.problems:
        click.echo(as_table(report, name, speaks), err=True)
    if report.errors:
        raise click.exceptions.Exit(1)


def _compile(content: bytes, name: str, *, strict: bool) -> CompiledWorkbook:
    texts = service.placeholder_texts(settings_of())
    return compile_workbook(content, name, placeholders=texts, strict=strict)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from None
