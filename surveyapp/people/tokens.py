"""API tokens: shown once, kept as SHA-256, named, scoped, with an end. And the rule that asks for one.

A plain hash is enough here: a token has 256 random bits, which nobody tries out.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import NoReturn

from flask import Response, abort, g
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from surveyapp.database import PATIENCE, utc_now
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.i18n import current_language
from surveyapp.people import audit, devices, starts
from surveyapp.people.access import AccessRule
from surveyapp.people.credentials import sent_credentials
from surveyapp.people.devices import API_PREFIX, KeyHolder, Purpose
from surveyapp.people.errors import UnknownToken
from surveyapp.people.models import ApiToken, User
from surveyapp.people.rights import Right, reach_of_account
from surveyapp.people.service import known_user
from surveyapp.people.starts import Start
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)

#: makes a token that was pasted somewhere recognisable to people and to secret scanners
PREFIX = "survey_"
#: characters of a token that are kept as they are, so that people tell theirs apart: 24 of its 256 bits
BEGINNING = len(PREFIX) + 4
_REALM = "surveyapp"


class Scope(StrEnum):
    """What a token may do."""

    SUBMIT = "submit"
    EXPORT = "export"


#: what every device may do
OF_DEVICES = frozenset({Scope.SUBMIT.value})
#: what a start token is good for: sending, never looking anything up
OF_STARTS = OF_DEVICES


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Whose token came with a request; plain values, so that no transaction stays open for them.

    Either somebody with an account, or a device (which may be somebody's), or anybody (a start token).
    """

    user_id: int | None
    scopes: frozenset[str]
    device: KeyHolder | None = None
    start: Start | None = None
    #: of a start token, or somebody's token to submit: whether that person may not collect (any more)
    lost_access: bool = False
    #: of somebody's token to submit: ids of the questionnaires that this person collects; None: all
    collects: frozenset[str] | None = None

    @property
    def device_id(self) -> int | None:
        """The device's number."""
        return self.device.device_id if self.device else None

    @property
    def is_anybody(self) -> bool:
        """Whether nobody knows who it is."""
        return self.user_id is None and self.device is None

    @property
    def questionnaires(self) -> frozenset[str] | None:
        """Ids of the questionnaires that it may fill in; None: all."""
        if self.start:
            return frozenset({self.start.questionnaire})
        return self.device.questionnaires if self.device else self.collects

    @property
    def is_revoked(self) -> bool:
        """Whether it was taken away: a device was revoked, or somebody may no longer collect."""
        return self.lost_access or (self.device is not None and self.device.revoked_at is not None)


def create_token(
    username: str, scopes: Sequence[Scope], *, label: str, expires: datetime | None = None
) -> str:
    """Make a token for somebody and return it, this once; commits. Raises `UnknownUser`."""
    user = known_user(username)
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        user=user,
        name=label,
        token_hash=_hash(token),
        beginning=token[:BEGINNING],
        scopes=[str(scope) for scope in scopes],
        expires_at=expires,
    )
    db.session.add(row)
    db.session.flush()
    audit.record(
        audit.Action.TOKEN_CREATED,
        user.username,
        {"token": row.id, "scopes": [str(scope) for scope in scopes]},
    )
    db.session.commit()
    return token


def revoke_token(number: int, *, owner: int | None = None) -> None:
    """Make a token useless, for good; commits. `owner`: only if it is this account's.

    Raises `UnknownToken`.
    """
    row = db.session.get(ApiToken, number)
    if row is None or owner not in {None, row.user_id}:
        raise UnknownToken(number)
    if row.revoked_at is None:
        row.revoked_at = utc_now()
        audit.record(audit.Action.TOKEN_REVOKED, row.user.username, {"token": number})
    db.session.commit()


def holder_of(token: str) -> TokenHolder | None:
    """Whose token it is, if it is good: known, not revoked, not expired, its user active.

    Reads on a connection of its own: on SQLite a request's own transaction takes the write lock when
    it begins, and a token is looked at long before anything is written.
    """
    query = (
        select(ApiToken.user_id, ApiToken.scopes, ApiToken.id, ApiToken.used_on)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.token_hash == _hash(token),
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > utc_now()),
            User.active.is_(True),
        )
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.used_on != (today := day_of(utc_now(), settings_of().timezone)):
        _note_used(row.id, today)
    return TokenHolder(row.user_id, frozenset(row.scopes))


def _note_used(number: int, today: date) -> None:
    """Write down the day, which the first request of a day does; the next one, if somebody else writes.

    On a connection of its own, as `holder_of` reads: nothing waits for it, and it waits for nobody.
    """
    earlier = or_(ApiToken.used_on.is_(None), ApiToken.used_on != today)
    free = select(ApiToken.id).where(ApiToken.id == number, earlier).with_for_update(skip_locked=True)
    statement = update(ApiToken).where(ApiToken.id.in_(free)).values(used_on=today)
    try:
        with db.engine.connect() as connection, _without_waiting(connection), connection.begin():
            connection.execute(statement)
    except SQLAlchemyError as error:
        logger.info("the use of a token was not written down: %s", type(error).__name__)


@contextmanager
def _without_waiting(connection: Connection) -> Iterator[None]:
    """On SQLite, whose one lock for writing is no row's: fail at once if another writer has it."""
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute("PRAGMA busy_timeout=0")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA busy_timeout={PATIENCE}")


def _device_with(token: str) -> TokenHolder | None:
    """The device whose token it is, revoked or not; None if it was never given out."""
    device = devices.holder_of(token, Purpose.API)
    return TokenHolder(device.user_id, OF_DEVICES, device) if device else None


# --- the rule ---------------------------------------------------------------------------------------


def _started_with(token: str) -> TokenHolder | None:
    start = starts.read(token)
    if start is None:
        return None
    lost_access = start.user_id is not None and not _may_collect(start.user_id, start.questionnaire)
    return TokenHolder(start.user_id, OF_STARTS, start=start, lost_access=lost_access)


def _may_collect(user_id: int, questionnaire: str) -> bool:
    """Whether somebody still has the access that a start token was given for."""
    return reach_of_account(user_id, Right.COLLECT).touches(questionnaire)


def _person_with(token: str, scope: Scope) -> TokenHolder | None:
    """Whose token it is; to submit it reaches no further than the person collects."""
    holder = holder_of(token)
    if holder is None or scope is not Scope.SUBMIT:
        return holder
    reach = reach_of_account(holder.user_id, Right.COLLECT)
    return replace(holder, lost_access=not reach, collects=reach.questionnaires())


def _holder_with(token: str, scope: Scope, *, starts_too: bool) -> TokenHolder | None:
    if token.startswith(starts.PREFIX):
        return _started_with(token) if starts_too else None
    return _device_with(token) if token.startswith(API_PREFIX) else _person_with(token, scope)


def bearer(
    scope: Scope, *, revoked_too: bool = False, starts_too: bool = False, basic_too: bool = False
) -> AccessRule:
    """A good token with this scope in `Authorization: Bearer …`; its holder is then `g.sender`.

    `revoked_too`: also a device's that was revoked, for a while (`devices.GRACE`), and a start token's
    or a person's who may no longer collect. `starts_too`: also a start token. `basic_too`: also as the
    password of `Authorization: Basic`, which is all that Excel and Power BI know. Otherwise 401, or 403
    for a good token without the scope and for a revoked device, with `WWW-Authenticate` (RFC 6750) and
    a problem document (RFC 9457) in the caller's language.
    """

    def check() -> None:
        token = _sent_token(basic_too=basic_too)
        if token is None:
            _refuse(HTTPStatus.UNAUTHORIZED, _l("An access token is needed"), basic_too=basic_too)
        holder = _holder_with(token, scope, starts_too=starts_too)
        if holder is None:
            reason = _l("The access token is not valid")
            _refuse(HTTPStatus.UNAUTHORIZED, reason, "invalid_token", basic_too=basic_too)
        if scope not in holder.scopes:
            reason = _l("The access token does not allow this")
            _refuse(HTTPStatus.FORBIDDEN, reason, "insufficient_scope", scope=scope)
        g.sender = holder
        if holder.lost_access and not holder.start and not revoked_too:
            reason = _l("The access token does not allow this")
            _refuse(HTTPStatus.FORBIDDEN, reason, "insufficient_scope", scope=scope)
        if holder.is_revoked and not (revoked_too and _is_within_grace(holder)):
            reason = _l("This device may no longer work here. Please call the office.")
            _refuse(HTTPStatus.FORBIDDEN, reason, "invalid_token", code="device_revoked")

    return AccessRule(f"token with scope {scope}", check)


def _is_within_grace(holder: TokenHolder) -> bool:
    """A start token lives shorter than that."""
    return holder.device is None or holder.device.within_grace(utc_now())


def _sent_token(*, basic_too: bool) -> str | None:
    sent = sent_credentials()
    if basic_too and sent is not None and sent.type == "basic":
        return sent.password or None
    if sent is None or sent.type != "bearer" or not sent.token:
        return None
    return sent.token


def _refuse(
    status: HTTPStatus,
    title: LazyString,
    error: str | None = None,
    code: str | None = None,
    basic_too: bool = False,
    **extra: str,
) -> NoReturn:
    given = {"realm": _REALM} | ({"error": error} if error else {}) | extra
    challenge = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in given.items())
    problem = {"type": "about:blank", "title": str(title), "status": status}
    problem |= {"code": code} if code else {}
    response = Response(
        json.dumps(problem, ensure_ascii=False),
        status,
        {"WWW-Authenticate": challenge, "Content-Language": current_language()},
        content_type="application/problem+json",
    )
    if basic_too:
        response.headers.add("WWW-Authenticate", f'Basic realm="{_REALM}", charset="UTF-8"')
    abort(response)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
