"""Choices of an export that somebody gave a name: their address stays the same for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, delete, or_, select

from surveyapp.database import utc_now
from surveyapp.exports.models import ExportPreset
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.models import User
from surveyapp.submissions.inserting import INSERTS, table_of
from surveyapp.submissions.transactions import in_one_transaction

LONGEST_NAME = 80
_PRESETS = table_of(ExportPreset)
_USERS = table_of(User)


def keep(
    owner_id: int, questionnaire: str, name: str, choices: Mapping[str, str], *, shared: bool
) -> None:
    """Keep choices under a name, in the place of one's own of that name, which keep their address."""
    key = {"owner_id": owner_id, "questionnaire": questionnaire, "name": name}
    values = {"choices": dict(choices), "shared": shared}

    def work(connection: Connection) -> None:
        put = INSERTS[connection.dialect.name](_PRESETS).values(
            **key, **values, id=uuid4(), made_at=utc_now()
        )
        connection.execute(put.on_conflict_do_update(index_elements=list(key), set_=values))
        audit.record_on(connection, audit.Action.PRESET_KEPT, questionnaire, user_id=owner_id)

    db.session.rollback()  # on SQLite its lock would keep this one waiting for itself
    in_one_transaction(work)


def forget(id_: UUID, owner_id: int, questionnaire: str) -> bool:
    """Forget one's own; whether there was one. Its address leads nowhere from then on."""

    def work(connection: Connection) -> bool:
        this = (
            _PRESETS.c.id == id_,
            _PRESETS.c.owner_id == owner_id,
            _PRESETS.c.questionnaire == questionnaire,
        )
        gone = bool(connection.execute(delete(_PRESETS).where(*this)).rowcount)
        if gone:
            audit.record_on(connection, audit.Action.PRESET_FORGOTTEN, questionnaire, user_id=owner_id)
        return gone

    db.session.rollback()
    return in_one_transaction(work)


def listed(owner_id: int, questionnaire: str) -> Sequence[Row[Any]]:
    """One's own, and those that others share, by name; `username` is whose each is."""
    query = (
        select(_PRESETS, _USERS.c.username)
        .join(_USERS, _USERS.c.id == _PRESETS.c.owner_id)
        .where(_PRESETS.c.questionnaire == questionnaire, _usable(owner_id))
        .order_by(_PRESETS.c.name, _PRESETS.c.serial)
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.execute(query).all()


def usable(id_: UUID, user_id: int | None) -> Row[Any] | None:
    """One's own or a shared one; whether somebody may export what it is about is asked apart."""
    query = select(_PRESETS).where(_PRESETS.c.id == id_, _usable(user_id))
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.execute(query).one_or_none()


def _usable(user_id: int | None) -> ColumnElement[bool]:
    return or_(_PRESETS.c.owner_id == user_id, _PRESETS.c.shared)
