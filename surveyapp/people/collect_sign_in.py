"""How people sign in with ODK Collect: Digest (RFC 7616) anywhere, Basic over https only.

The password is made for this alone, never the account's: Digest needs to know it, so it is sealed, not
hashed. It has 99 random bits, which nobody tries out, so failed attempts are not counted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import NoReturn

from flask import request
from sqlalchemy import select
from werkzeug.datastructures import Authorization, WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from surveyapp.cookies import came_over_https
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.credentials import sent_credentials
from surveyapp.people.keys import key_for
from surveyapp.people.models import User
from surveyapp.people.passwords import made_up_password
from surveyapp.people.sealing import opened, seal
from surveyapp.people.service import NewPassword, canonical_name, is_name, known_user

_REALM = "surveyapp"
_PURPOSE = "collect password"
#: seconds for which a challenge may be answered; then the client is asked once more, without the person
_NONCE_LIFE = 600


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in; plain values, so that no transaction stays open for them."""

    user_id: int
    username: str
    language: str | None


def make_password(name: str) -> NewPassword:
    """Give somebody a new password for ODK Collect; commits. Raises `UnknownUser`."""
    user = known_user(name)
    password = made_up_password()
    user.collect_password_sealed = _seal(user.id, password)
    audit.record(audit.Action.COLLECT_PASSWORD_MADE, user.username)
    db.session.commit()
    return NewPassword(user.username, password)


def person_of_request() -> Person:
    """Who the request says it is from; aborts with 401 and both challenges if it proves nothing."""
    sent = sent_credentials()
    if sent is None:
        _challenge()
    checks = {"digest": _digest_holds, "basic": _basic_holds}
    check = checks.get(sent.type)
    found = _known(sent.parameters.get("username") if sent.parameters else None)
    if check is None or found is None:
        _challenge()
    person, password = found
    if not check(sent, password):
        _challenge()
    if sent.type == "digest" and not _is_fresh(sent.parameters["nonce"] or ""):
        _challenge(stale=True)
    return person


def _known(username: str | None) -> tuple[Person, str] | None:
    """The active person of this name, with their password for ODK Collect."""
    if not is_name(username or ""):  # nobody has it, and PostgreSQL refuses to be asked
        return None
    query = select(User.id, User.username, User.language, User.collect_password_sealed).where(
        User.username == canonical_name(username or ""),
        User.active.is_(True),
        User.collect_password_sealed.is_not(None),
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    password = _opened(row.id, row.collect_password_sealed)
    return None if password is None else (Person(row.id, row.username, row.language), password)


# --- checking -------------------------------------------------------------------------------------


def _basic_holds(sent: Authorization, password: str) -> bool:
    """Over plain http the password would travel in the clear: such a request proves nothing."""
    given = sent.parameters.get("password") or ""
    return came_over_https() and hmac.compare_digest(given.encode(), password.encode())


def _digest_holds(sent: Authorization, password: str) -> bool:
    """Whether the answer to our challenge was made with the password, for this very request."""
    given = {name: value or "" for name, value in sent.parameters.items()}
    ours = given.get("realm") == _REALM and given.get("qop") == "auth"
    if not ours or not _is_ours(given.get("nonce", "")) or given.get("uri") != _requested():
        return False
    account = _md5(f"{given.get('username', '')}:{_REALM}:{password}")
    asked = _md5(f"{request.method}:{given['uri']}")
    parts = (account, given["nonce"], given.get("nc", ""), given.get("cnonce", ""), "auth", asked)
    return hmac.compare_digest(_md5(":".join(parts)).encode(), given.get("response", "").encode())


def _requested() -> str:
    """The address as it stood in the request line."""
    query = request.query_string.decode("latin-1")
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    return str(raw) if raw else f"{request.path}?{query}" if query else request.path


def _md5(text: str) -> str:
    """The hash that every OpenRosa client knows (RFC 7616 keeps it for them)."""
    return hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


# --- challenges -----------------------------------------------------------------------------------


def _challenge(*, stale: bool = False) -> NoReturn:
    digest = {
        "realm": _REALM,
        "qop": "auth",
        "algorithm": "MD5",
        "nonce": _new_nonce(),
        "stale": "true" if stale else None,
    }
    offered = [WWWAuthenticate("digest", {name: value for name, value in digest.items() if value})]
    if came_over_https():
        offered.append(WWWAuthenticate("basic", {"realm": _REALM}))
    raise Unauthorized(www_authenticate=offered)


def _new_nonce() -> str:
    """When it was made, and our mark on that: no table of challenges is needed."""
    moment = int(time.time()).to_bytes(8) + secrets.token_bytes(8)
    return base64.urlsafe_b64encode(moment + _mark(moment)).decode("ascii")


def _mark(moment: bytes) -> bytes:
    return hmac.new(key_for("collect nonce"), moment, hashlib.sha256).digest()[:20]


def _is_ours(nonce: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(nonce.encode("ascii"))
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(_mark(raw[:16]), raw[16:])


def _is_fresh(nonce: str) -> bool:
    made = int.from_bytes(base64.urlsafe_b64decode(nonce)[:8])
    return 0 <= time.time() - made <= _NONCE_LIFE


# --- the sealed password --------------------------------------------------------------------------


def _seal(user_id: int, password: str) -> bytes:
    return seal(_PURPOSE, _owner(user_id), password.encode())


def _opened(user_id: int, sealed: bytes) -> str | None:
    """The password; None if it was sealed under other keys, or for somebody else."""
    password = opened(_PURPOSE, _owner(user_id), sealed)
    return None if password is None else password.decode()


def _owner(user_id: int) -> str:
    return f"user.collect_password_sealed:{user_id}"
