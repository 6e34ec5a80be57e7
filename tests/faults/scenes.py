"""A scene: database, server, the keys that phones show, and the ledger of what is said to them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database
from surveyapp.people import devices, service, tokens
from surveyapp.people.devices import Purpose
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from tests.accounts import PASSWORD
from tests.collecting import publish
from tests.faults.databases import POSTGRESQL, PostgreSQL, postgresql
from tests.faults.ledger import Ledger
from tests.faults.served import Served
from tests.live import free_port


@dataclass(slots=True)
class Scene:
    """Everything that a fault program acts on."""

    app: Flask
    served: Served
    #: of a person who may send by the API
    token: str
    #: of another person who may do so too
    other: str
    #: of a phone with ODK Collect
    key: str
    postgresql: PostgreSQL | None = None
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def address(self) -> str:
        """Where the server answers."""
        return self.served.address


@contextmanager
def scene(
    database: str,
    *,
    instance: Path | None = None,
    data: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Scene]:
    """A server on a fresh database, in folders of its own; `instance` and `data` may be elsewhere.

    Which database: `databases.SQLITE` or `POSTGRESQL`, whose files `data` is the folder of.
    """
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="surveyapp-faults-")))
        server = (
            opened.enter_context(postgresql(data or folder / "pg")) if database == POSTGRESQL else None
        )
        environment = {
            "INSTANCE_PATH": str(instance or folder / "instance"),
            "DATABASE_URL": server.url if server else "",
            "PORT": str(free_port()),
            "DEMONSTRATION": "yes",
            "PASSWORD_MEMORY": "8",
            "PASSWORD_ROUNDS": "1",
            **(settings or {}),
        }
        yield opened.enter_context(_served(environment, server, folder / "server.log"))


@contextmanager
def _served(environment: dict[str, str], server: PostgreSQL | None, log: Path) -> Iterator[Scene]:
    chosen = Settings.from_environment(environment)
    chosen.instance_path.mkdir(parents=True, exist_ok=True)
    app = create_app(chosen)
    token, other, key = _prepared(app)
    served = Served(chosen, environment, log)
    served.start()
    try:
        yield Scene(app, served, token, other, key, server)
    finally:
        served.kill()


def _prepared(app: Flask) -> tuple[str, str, str]:
    with app.app_context():
        upgrade_database()
        publish()
        token, other = (_token_of(name) for name in ("erlan", "dana"))
        key = devices.enrol("phone", Purpose.OPENROSA).key
        db.session.remove()
        db.engine.dispose()
    return token, other, key


def _token_of(name: str) -> str:
    service.add_user(name, [RoleName.INTERVIEWER], PASSWORD)
    return tokens.create_token(name, list(Scope), label="phone")
