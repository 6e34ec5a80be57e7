"""`surveyapp run` supervises gunicorn and one worker process; `surveyapp worker` is the latter."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from surveyapp.channels.pages import drafts
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.exports import jobs, reporting, whole
from surveyapp.exports.running import run_queue
from surveyapp.extensions import db
from surveyapp.people import enrolments, links, sessions
from surveyapp.preparing import Prepared, prepare
from surveyapp.submissions import measuring, orphans, retention
from surveyapp.wiring import settings_of

logger = logging.getLogger("surveyapp.serving")

#: seconds between two rounds of the worker's chores
ROUND = 300.0
#: seconds between two looks whether somebody waits for a report
LOOK = 5.0
#: seconds gunicorn gets to finish what it has begun
GRACE = 30.0
#: what of the media store the worker has found to be nobody's, from one day to the next
_looks = orphans.Looks()
#: what somebody waits for, in parts: done in between, too
WAITED_FOR: dict[str, Callable[[], object]] = {
    "count answers, for the reports that somebody waits for": reporting.catch_up,
}
#: what the worker does every round: name and deed
CHORES: dict[str, Callable[[], object]] = {
    "throw away expired drafts": drafts.purge,
    "count what came in, for those who watch": measuring.catch_up,
    **WAITED_FOR,
    "count the groups that exports go by": whole.catch_up,
    "announce and carry out what retention dates want": lambda: retention.tend(utc_now()),
    "let go of exports whose days are over": lambda: jobs.expire(utc_now()),
    "take in files, and let go of those that nobody names": lambda: orphans.tend(utc_now()),
}
#: what it does when it starts, and once a day
DAILY: dict[str, Callable[[], object]] = {
    "collect the files that nobody needs": lambda: orphans.collect(utc_now(), _looks),
    "forget the codes that are over": lambda: enrolments.forget(utc_now()),
    "forget the sessions that are over": lambda: sessions.clean(utc_now()),
    "forget the links that are over": lambda: links.clean(utc_now()),
}
DAY = 24 * 3600.0


@click.command("run")
@click.option(
    "--prepare",
    "prepare_first",
    is_flag=True,
    help="First make what is missing: keys, database, built-in questionnaires, an administrator.",
)
@with_appcontext
def run_command(prepare_first: bool) -> None:
    """Serve, until told to stop (SIGTERM, SIGINT).

    \b
    Example:
      PORT=8080 surveyapp run --prepare
    """
    settings = settings_of()
    if prepare_first:
        click.echo(summary(settings, prepare(settings)))
    raise SystemExit(Supervisor(web_command(settings), worker_command()).run())


@click.command("worker")
@with_appcontext
def worker_command_line() -> None:
    """Do the chores that no request waits for; `run` starts this by itself.

    \b
    Example:
      surveyapp worker
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # as Flask documents it
    # apart from the chores: a large export must not keep them waiting, nor they it
    exporting = threading.Thread(target=run_queue, args=(app, stop), name="exports")
    exporting.start()
    due = monotonic()
    while not stop.is_set():
        do_chores()
        if monotonic() >= due:
            do_chores(DAILY)
            due = monotonic() + DAY
        rest(stop)
    exporting.join()


def rest(stop: threading.Event) -> None:
    """Until the next round is due, but for what somebody waits for, part by part."""
    due = monotonic() + ROUND
    while not stop.is_set() and (left := due - monotonic()) > 0:
        went_well = do_chores(WAITED_FOR)
        stop.wait(min(LOOK, left) if went_well else left)


def do_chores(chores: Mapping[str, Callable[[], object]] = CHORES) -> bool:
    """One round; a chore that fails is logged and does not keep the others from being done.

    Returns whether none failed.
    """
    went_well = True
    for name, deed in chores.items():
        try:
            deed()
        except Exception:
            went_well = False
            logger.exception("the chore “%s” failed", name)
        finally:  # a transaction left open would last until the next round
            db.session.remove()
    return went_well


def web_command(settings: Settings) -> list[str]:
    """Command line of gunicorn."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "surveyapp:create_app()",
        f"--bind={settings.host}:{settings.port}",
        f"--workers={settings.web_workers}",
        f"--threads={settings.web_threads}",
        "--worker-class=surveyapp.gunicorn_worker.EvenThreads",
        # made once, before the processes part: what none of them changes lies in memory once
        "--preload",
        "--config=python:surveyapp.gunicorn_hooks",
        f"--graceful-timeout={GRACE:.0f}",
        # gunicorn itself believes whoever speaks from this machine, also what a proxy merely passes on;
        # whom to believe is for TRUSTED_PROXIES alone to say
        "--forwarded-allow-ips=",
        "--log-level=warning",
        "--logger-class=surveyapp.gunicorn_logs.LoggerWithoutValues",
    ]


def worker_command() -> list[str]:
    """Command line of the worker process."""
    return [sys.executable, "-m", "surveyapp", "worker"]


class Supervisor:
    """Keeps two processes running: without the first all ends, the second is started anew."""

    def __init__(self, web: Sequence[str], worker: Sequence[str]) -> None:
        self._commands = (web, worker)
        self._stopping = threading.Event()

    def run(self) -> int:
        """Run until a signal comes or the server dies; returns the exit status."""
        web, worker = (subprocess.Popen(command) for command in self._commands)  # noqa: S603  # our own
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while web.poll() is None and not self._stopping.wait(1.0):
            if worker.poll() is not None:
                logger.warning("the worker ended with status %s and is started anew", worker.returncode)
                worker = subprocess.Popen(self._commands[1])  # noqa: S603
        for process in (web, worker):
            process.terminate()
        status = _ended(web)
        _ended(worker)
        return 0 if self._stopping.is_set() else status or 1

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()


def _ended(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(timeout=GRACE + 5)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def summary(settings: Settings, prepared: Prepared) -> str:
    """The few lines that somebody who has just started it needs."""
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    lines = [
        "",
        "  surveyapp is starting" + (" as a demonstration" if settings.demonstration else ""),
        "",
        f"  Questionnaires   {address}/",
        f"  Administration   {address}/manage",
        f"  Data             {settings.instance_path}",
    ]
    if prepared.administrator:
        name, password = prepared.administrator
        lines += [
            "",
            f"  Sign in as       {name}",
            f"  Password         {password}   (shown only this once)",
        ]
    else:
        lines += ["", "  Sign in with the account made earlier (surveyapp user list)"]
    lines += [f"  Note             {note}" for note in prepared.notes]
    return "\n".join([*lines, "", "  Stop with Ctrl+C", ""])


def register_serving(app: Flask, _settings: Settings) -> None:
    """Add the commands."""
    app.cli.add_command(run_command)
    app.cli.add_command(worker_command_line)
