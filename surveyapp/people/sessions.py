"""Sessions: a row for each sign-in, which the signed cookie names; and the cookie's signature.

A cookie alone cannot be taken back. The row can: a session is good while its row is there, so deleting
rows ends sessions, here and now, whoever holds the cookie.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, has_request_context, request, session
from flask_security.utils import set_request_attr
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import ColumnElement, CursorResult, and_, delete, select, update

from surveyapp.cookies import SessionUnderHttps
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.keys import key_for
from surveyapp.people.models import SignIn, User
from surveyapp.people.service import known_user
from surveyapp.people.user_agents import browser_in_words

logger = logging.getLogger("surveyapp.sessions")

#: a working day; afterwards the password is asked for again, however busy the session was
SESSION_HOURS = timedelta(hours=12)
#: how exactly it is known when somebody was last here: a page that is only read writes no more often
SEEN_EVERY = timedelta(minutes=5)
#: where the cookie keeps the random word that names the row
_KEY = "sign_in"


class KeyFileSessions(SessionUnderHttps):
    """Signed cookies, with a key that is read when the first session is opened.

    Building the application touches no key file (`surveyapp --help` works anywhere), and there is no
    default key that could be left in place. Flask-WTF signs with the application's key, which is why it
    is set there.
    """

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's own, once the application has its key; None while the key cannot be had.

        Flask then gives a session that cannot be written: what needs one fails, what needs none
        (`/healthz`, `/readyz`) still answers.
        """
        if not app.secret_key:
            try:
                app.secret_key = key_for("session", app)
            except Exception:  # database gone, key file missing: `/readyz` must be able to say so
                logger.exception("no key for sessions")
                return None
        return super().get_signing_serializer(app)


# --- begun, carried on, over ------------------------------------------------------------------------


def begin(user: User) -> None:
    """Make the row of a sign-in that just succeeded, in place of one this browser had; no commit."""
    db.session.flush()
    _end(SignIn.key_hash == _present_hash())
    session[_KEY] = secrets.token_urlsafe(32)
    row = SignIn(
        user_id=user.id,
        key_hash=_present_hash(),
        network=network_of(request.remote_addr),
        browser=browser_in_words(request.headers.get("User-Agent", "")),
    )
    user.seen_at = utc_now()
    db.session.add(row)


def load_user(uniquifier: str) -> User | None:
    """Who is signed in by the request's cookie, if the session is not over: one query, and its roles.

    For Flask-Login, in place of Flask-Security's loader, whose marks on the request it sets too.
    """
    query = (
        select(User, SignIn.id, SignIn.seen_at)
        .join(SignIn, SignIn.user_id == User.id)
        .where(User.fs_uniquifier == uniquifier, User.active.is_(True))
        .where(SignIn.key_hash == _present_hash(), _is_living())
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        return None
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    if request.method == "GET" and utc_now() - found.seen_at > SEEN_EVERY:
        _note_seen(found.id, found.User.id)
    user: User = found.User
    return user


def sign_out() -> None:
    """End the session of this request's cookie; commits."""
    if _KEY in session:
        _end(SignIn.key_hash == _present_hash())
        db.session.commit()
        session.pop(_KEY)


def forget() -> None:
    """Let the cookie name no row any more; the row is cleaned away with the others that are over."""
    session.pop(_KEY, None)


def sessions_of(user_id: int) -> Sequence[SignIn]:
    """Somebody's sessions that are not over, the last seen first."""
    query = select(SignIn).where(SignIn.user_id == user_id, _is_living())
    return db.session.scalars(query.order_by(SignIn.seen_at.desc(), SignIn.id.desc())).all()


def is_present(row: SignIn) -> bool:
    """Whether a session is the one of this request."""
    return secrets.compare_digest(row.key_hash, _present_hash())


def end_one(user: User, number: int) -> bool:
    """End one of somebody's sessions; whether it was there. Commits."""
    ended = _end(and_(SignIn.user_id == user.id, SignIn.id == number))
    if ended:
        audit.record(audit.Action.SESSIONS_ENDED, user.username, {"count": ended})
    db.session.commit()
    return ended > 0


def end_all(user_id: int, *, but_present: bool = False) -> int:
    """End somebody's sessions, all or all but the one of this request; how many. The caller commits."""
    theirs = SignIn.user_id == user_id
    return _end(and_(theirs, SignIn.key_hash != _present_hash()) if but_present else theirs)


def end_sessions(name: str) -> int:
    """End somebody's sessions, all but the one of this request; how many. Commits.

    Raises `UnknownUser`.
    """
    user = known_user(name)
    ended = end_all(user.id, but_present=True)
    if ended:
        audit.record(audit.Action.SESSIONS_ENDED, user.username, {"count": ended})
    db.session.commit()
    return ended


def clean(now: datetime) -> int:
    """Delete the rows of sessions that are over; how many. Commits."""
    gone = _end(SignIn.begun_at <= now - SESSION_HOURS)
    db.session.commit()
    return gone


def network_of(address: str | None) -> str:
    """An address shortened, such as `203.0.113.*` or `2001:db8:1:*`; empty if there is none."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(known, IPv6Address):
        return ":".join(f"{int(part, 16):x}" for part in known.exploded.split(":")[:3]) + ":*"
    return str(known).rpartition(".")[0] + ".*"


def _is_living() -> ColumnElement[bool]:
    return SignIn.begun_at > utc_now() - SESSION_HOURS


def _present_hash() -> bytes:
    """What the row of this request's cookie is found by: of 256 random bits, so a plain hash will do."""
    key = session.get(_KEY, "") if has_request_context() else ""
    return hashlib.sha256(key.encode()).digest()


def _end(which: ColumnElement[bool]) -> int:
    outcome: CursorResult[Any] = db.session.execute(delete(SignIn).where(which))  # type: ignore[assignment]
    return outcome.rowcount


def _note_seen(number: int, user_id: int) -> None:
    """On a connection of its own: the request itself only reads (`database.prepare_engine`)."""
    now = utc_now()
    with db.engine.begin() as connection:
        connection.execute(update(SignIn).where(SignIn.id == number).values(seen_at=now))
        connection.execute(update(User).where(User.id == user_id).values(seen_at=now))
