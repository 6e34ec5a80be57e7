"""`surveyapp questionnaire replay`: drive an interview by steps, without database or settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import tzinfo
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from surveyapp.questionnaires.replay.engine import EngineOf
from surveyapp.questionnaires.replay.javascript import JavaScriptEngine
from surveyapp.questionnaires.replay.python import PythonEngine
from surveyapp.questionnaires.replay.session import Options, Reply, Session


def _javascript() -> EngineOf:
    if not find_spec("py_mini_racer"):
        raise click.ClickException(
            "--engine javascript needs mini-racer: pip install 'surveyapp[javascript]'"
        )
    return JavaScriptEngine


#: how an interview begins on each engine, found only when it is asked for
ENGINES: dict[str, Callable[[], EngineOf]] = {"javascript": _javascript, "python": lambda: PythonEngine}


@click.command()
@click.argument("form", metavar="FORM")
@click.option("--engine", type=click.Choice(sorted(ENGINES)), default="python", show_default=True)
@click.option("--now", help="Stop the clock: '2024-03-15 10:00:00', in --tz unless it has an offset.")
@click.option("--tz", default="UTC", show_default=True, help="The device's time zone.")
@click.option(
    "--media",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the form's choice files (default: the form's own).",
)
@click.option("--lang", "language", help="Language to begin in, as the form names it.")
def replay(form: str, engine: str, tz: str, **given: Any) -> None:
    """Take steps, JSON lines from standard input, in an interview of FORM; write a reply to each.

    FORM is an XForm (.xml) or a workbook (.xlsx .xls .csv .md). The steps are described in
    docs/replay.md; what the interview shows in the end is added. Needs no database.

    \b
    Example:
      echo '{"set": "/data/age", "value": "12"}' | surveyapp questionnaire replay school.xlsx
    """
    options = Options(zone=_zone(tz), **given)
    session = Session(ENGINES[engine](), options)
    try:
        failed = [reply for reply in _show(_replies(session, form, sys.stdin)) if not reply["ok"]]
    finally:
        session.close()
    if failed:
        raise SystemExit(1)


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
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise click.ClickException(f"no such time zone: {name}") from error
