"""`/healthz`: the process lives. `/readyz`: it can do its work (database, migrations, keys, disk)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask, Response, jsonify
from sqlalchemy import text

from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.media_store import media_store, new_address
from surveyapp.migrating import newest_migration, standing_migration
from surveyapp.people.access import ANYONE, allow
from surveyapp.people.keys import key_for

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@allow(ANYONE)
def alive() -> Response:
    """Always 200 while the process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
@allow(ANYONE)
def ready() -> tuple[Response, int]:
    """200 when every check passes, else 503; says which check failed and nothing more."""
    checks = {name: _passes(check) for name, check in CHECKS.items()}
    good = all(checks.values())
    return jsonify(status="ready" if good else "not ready", checks=checks), 200 if good else 503


def database_answers() -> bool:
    """One round trip to the database."""
    return bool(db.session.execute(text("SELECT 1")).scalar())


def migrations_current() -> bool:
    """The database stands at the newest migration of this program."""
    return standing_migration(db.session.connection()) == newest_migration()


def keys_there() -> bool:
    """What seals and opens can be had; else asking for any secret raises."""
    return bool(key_for("session"))


def media_writable() -> bool:
    """A file can be written where the attachments go."""
    store, address = media_store(), new_address("probe")
    store.put(address, [b"surveyapp"])
    store.discard(address)
    return True


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "migrations": migrations_current,
    "keys": keys_there,
    "media": media_writable,
}


def _passes(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # whatever is wrong, the answer is “not ready”, never a 500
        return False


def register_health(app: Flask, _settings: Settings) -> None:
    """Serve both addresses."""
    app.register_blueprint(blueprint)
