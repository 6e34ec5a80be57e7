"""A transaction that is tried again when it lost a race; it is written so that trying twice is safe."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from surveyapp.extensions import db


class RowVanished(RuntimeError):
    """The row that was in an insert's way could not be read: the transaction is to be tried again."""


Returned = TypeVar("Returned")

ATTEMPTS = 5
#: PostgreSQL: serialization failure, deadlock
_LOST_RACES = frozenset({"40001", "40P01"})
_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


def in_one_transaction(work: Callable[[Connection], Returned]) -> Returned:
    """Do the work in one transaction and commit it; all of it is there afterwards, or nothing."""
    for _attempt in range(ATTEMPTS - 1):
        try:
            return _once(work)
        except RowVanished:
            continue
        except DBAPIError as error:
            if not _worth_another_try(error):
                raise
    return _once(work)


def _once(work: Callable[[Connection], Returned]) -> Returned:
    with db.engine.begin() as connection:
        return work(connection)


def _worth_another_try(error: DBAPIError) -> bool:
    """A lost race; or a random receipt code that was drawn before, and is drawn anew."""
    if isinstance(error, IntegrityError):
        return True
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _SQLITE_BUSY
    return getattr(error.orig, "sqlstate", None) in _LOST_RACES
