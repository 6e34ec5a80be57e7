"""`surveyapp questionnaire replay` and `… test`: interviews by steps, without database or settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import tzinfo
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from flask_babel import force_locale
from flask_babel import gettext as _

from surveyapp.catalogue.replay_remarks import explain_remark
from surveyapp.catalogue.speaking import LANGUAGE, spoken_language
from surveyapp.i18n import speaking_app
from surveyapp.questionnaires.replay.engine import EngineOf
from surveyapp.questionnaires.replay.javascript import JavaScriptEngine
from surveyapp.questionnaires.replay.python import PythonEngine
from surveyapp.questionnaires.replay.remarks import Remark
from surveyapp.questionnaires.replay.scenario import Finding, run_scenario
from surveyapp.questionnaires.replay.session import Options, Session
from surveyapp.questionnaires.replay.steps import Reply


def _javascript() -> EngineOf:
    if not find_spec("py_mini_racer"):
        raise click.ClickException(
            "--engine javascript needs mini-racer: pip install 'surveyapp[javascript]'"
        )
    return JavaScriptEngine


#: how an interview begins on each engine, found only when it is asked for
ENGINES: dict[str, Callable[[], EngineOf]] = {"javascript": _javascript, "python": lambda: PythonEngine}


_Command = Callable[..., None]


def _interview_options(command: _Command) -> _Command:
    """The options that say how an interview begins, and on which engine."""
    for option in reversed(
        (
            click.option(
                "--engine", type=click.Choice(sorted(ENGINES)), default="python", show_default=True
            ),
            click.option(
                "--now", help="Stop the clock: '2024-03-15 10:00:00', in --tz unless it has an offset."
            ),
            click.option("--tz", default="UTC", show_default=True, help="The device's time zone."),
            click.option(
                "--media",
                type=click.Path(exists=True, file_okay=False, path_type=Path),
                help="Folder of the form's choice files (default: the form's own).",
            ),
            click.option("--lang", help="Language to begin in, as the form names it."),
            LANGUAGE,
        )
    ):
        command = option(command)
    return command


@click.command()
@click.argument("form", metavar="FORM")
@_interview_options
def replay(form: str, **given: Any) -> None:
    """Take steps, JSON lines from standard input, in an interview of FORM; write a reply to each.

    FORM is an XForm (.xml) or a workbook (.xlsx .xls .csv .md). The steps are described in
    docs/replay.md; what the interview shows in the end is added. Needs no database.

    \b
    Example:
      echo '{"set": "/data/age", "value": "12"}' | surveyapp questionnaire replay school.xlsx
    """
    with _session(**given) as session:
        failed = [reply for reply in _show(_replies(session, form, _steps())) if not reply["ok"]]
    if failed:
        raise SystemExit(1)


@click.command("test")
@click.argument("form", metavar="FORM")
@click.argument("scenario", type=click.File(encoding="utf-8", errors="surrogateescape"))
@_interview_options
def compare_scenario(form: str, scenario: TextIO, language: str | None, **given: Any) -> None:
    """Take the steps of a SCENARIO in an interview of FORM; say where it is not as expected.

    A scenario is a file of JSON lines: steps, each with what is expected after it (docs/replay.md).
    Needs no database.

    \b
    Example:
      surveyapp questionnaire test school.xlsx school.jsonl
    """
    spoken = spoken_language(language)
    with _session(language=language, **given) as session:
        findings = list(run_scenario(session, form, scenario))
        for line in _told(findings, scenario.name, spoken):
            click.echo(line)
    if any(finding.differences for finding in findings):
        raise SystemExit(1)


def _told(findings: Sequence[Finding], name: str, language: str) -> Iterator[str]:
    """Each difference with its line, and how many there are."""
    for finding in findings:
        line = "" if finding.line is None else f":{finding.line}"
        note = f" ({finding.note})" if finding.note else ""
        for difference in finding.differences:
            yield f"{name}{line}{note}: {explain_remark(difference, language)}"
    numbers = {
        "steps": sum(finding.line is not None for finding in findings),
        "expectations": sum(finding.expectations for finding in findings),
        "differences": sum(len(finding.differences) for finding in findings),
    }
    with force_locale(language):
        yield _(
            "steps: %(steps)s · expectations: %(expectations)s · differences: %(differences)s", **numbers
        )


@contextmanager
def _session(
    *, engine: str, tz: str, lang: str | None, language: str | None, **given: Any
) -> Iterator[Session]:
    """A session that says in a language what is wrong."""
    spoken = spoken_language(language)

    def say(remark: Remark) -> str:
        return explain_remark(remark, spoken)

    session = Session(ENGINES[engine](), Options(zone=_zone(tz), language=lang, **given), say)
    with speaking_app().app_context(), closing(session):
        yield session


def _steps() -> Iterator[str]:
    """The lines of standard input; what is no UTF-8 stays in its line, which is refused."""
    return (line.decode("utf-8", "surrogateescape") for line in sys.stdin.buffer)


def _replies(session: Session, form: str, lines: Iterable[str]) -> Iterator[Reply]:
    loaded = session.take({"load": form})
    yield loaded
    if not loaded["ok"]:
        return
    for line in lines:
        if line.strip() and not line.lstrip().startswith("#"):
            yield session.take_line(line)
    yield session.take({"dump": True})


def _show(replies: Iterable[Reply]) -> Iterator[Reply]:
    for reply in replies:
        click.echo(json.dumps(reply, ensure_ascii=False))
        yield reply


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.ClickException(f"no such time zone: {name}") from error
