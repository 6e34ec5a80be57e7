"""Answers under way: kept on the server, readable only together with the browser's cookie.

The cookie holds the draft's id and a random 256-bit key that the server does not keep. The row holds
the state sealed under that key with AES-256-GCM, bound to the draft's id. A save names the revision it
builds on, so that two tabs cannot overwrite each other without a word.
"""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import CursorResult, delete, insert, select, update

from surveyapp.channels.pages.models import Draft, DraftPhoto
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.wiring import settings_of

#: a shared phone's browser may bring session cookies back when it is opened again; the row does not wait
SHARED_FOR = timedelta(hours=2)
_NONCE_BYTES = 12
_KEY_BYTES = 32


class DraftMoved(Exception):
    """The draft was saved by somebody else since it was opened, or is gone."""


@dataclass(frozen=True, slots=True)
class DraftSecret:
    """What the cookie holds: which draft, and the key that opens it."""

    id: UUID
    key: bytes = field(repr=False)
    #: a further secret without which the key opens nothing; what destroys that destroys the draft
    bound: bytes = field(default=b"", repr=False)

    @classmethod
    def new(cls, bound: bytes = b"") -> DraftSecret:
        """Of a draft that is about to begin."""
        return cls(uuid4(), secrets.token_bytes(_KEY_BYTES), bound)

    @classmethod
    def from_cookie(cls, text: str, bound: bytes = b"") -> DraftSecret | None:
        """Read back from `cookie`; None when it is not one."""
        try:
            raw = urlsafe_b64decode(text)
        except (NotBase64, ValueError):
            return None
        if len(raw) != 16 + _KEY_BYTES:
            return None
        return cls(UUID(bytes=raw[:16]), raw[16:], bound)

    @property
    def cookie(self) -> str:
        """As text for the cookie."""
        return urlsafe_b64encode(self.id.bytes + self.key).decode("ascii")

    def seal(self, content: bytes, *, as_: str) -> bytes:
        """Seal bytes for this draft; `as_` says what they are and must be said again to open them."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, self._bound_to(as_))

    def unseal(self, sealed: bytes, *, as_: str) -> bytes:
        """The inverse of `seal`. Raises `cryptography.exceptions.InvalidTag`."""
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return self._cipher.decrypt(nonce, content, self._bound_to(as_))

    @property
    def _cipher(self) -> AESGCM:
        both = hmac.digest(self.bound, self.key, "sha256") if self.bound else self.key
        return AESGCM(both)

    def _bound_to(self, what: str) -> bytes:
        return self.id.bytes + what.encode()


@dataclass(slots=True, kw_only=True)
class DraftState:
    """What a draft remembers; all of it JSON."""

    questionnaire: str
    version: str
    #: the UUID under which it will be sent, however often
    submission: str
    language: str
    #: begun on a phone that others use too
    shared: bool
    started_at: str
    #: `Interview.snapshot()`
    snapshot: dict[str, Any]
    #: key of the page that was shown last
    page: str = ""
    #: node path → what was typed, where it is not an answer: `fields.Raw`
    raw: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    #: node path → why the file uploaded there was not kept: `{"code", "params"}`
    refused: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: pages that somebody tried to go on from: only these show what is missing or wrong
    tried: list[str] = field(default_factory=list)
    #: node path → the answer about which “is this right?” was asked already
    asked: dict[str, Any] = field(default_factory=dict)
    #: node path → language in which the answer was given
    languages: dict[str, str] = field(default_factory=dict)
    #: node path → the file there: `{"id", "name", "sha256", "size", "type"}`
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: page key → revision at which its answers were last changed
    changed: dict[str, int] = field(default_factory=dict)
    #: node path → what another tab's page holds for an answer that was changed meanwhile
    conflicts: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    #: something to tell once, on the next page
    notice: str = ""
    #: digest of the last form and the address it led to: the same form again leads there again
    last_form: str = ""
    last_address: str = ""
    #: when it was first tried to send these answers; empty again once they are changed
    finished_at: str = ""
    consent: dict[str, Any] | None = None
    #: of a stored submission that a reviewer corrects: which revision, who, and what they may see
    correcting: dict[str, Any] | None = None
    #: of what is nobody's own answers: which trial version is tried out, or which paper sheet is entered
    apart: dict[str, Any] | None = None
    #: after it was sent: `{"code", "quarantined"}`; no answers are left then
    sent: dict[str, Any] | None = None


@dataclass(slots=True)
class OpenDraft:
    """A draft in hand."""

    secret: DraftSecret
    revision: int
    state: DraftState


def begin(state: DraftState, bound: bytes = b"") -> OpenDraft:
    """Keep a new draft; what has expired is thrown away on the way. `bound` as in `DraftSecret`."""
    purge()
    secret = DraftSecret.new(bound)
    db.session.execute(
        insert(Draft).values(
            id=secret.id, revision=1, sealed=_sealed(secret, state), expires_at=_expiry(state)
        )
    )
    db.session.commit()
    return OpenDraft(secret, 1, state)


def open_draft(secret: DraftSecret) -> OpenDraft | None:
    """The draft of a cookie; None when it has expired, was ended, or the key does not fit."""
    row = db.session.execute(
        select(Draft.revision, Draft.sealed).where(Draft.id == secret.id, Draft.expires_at > utc_now())
    ).one_or_none()
    if row is None:
        return None
    try:
        content = secret.unseal(row.sealed, as_="state")
    except InvalidTag:
        return None
    return OpenDraft(secret, row.revision, DraftState(**json.loads(content)))


def save(draft: OpenDraft) -> None:
    """Keep the state as the next revision; it lives on from now. Raises `DraftMoved`."""
    saved = _save(draft)
    db.session.commit()
    if not saved:
        raise DraftMoved
    draft.revision += 1


def _save(draft: OpenDraft) -> bool:
    result = db.session.execute(
        update(Draft)
        .where(Draft.id == draft.secret.id, Draft.revision == draft.revision)
        .values(
            revision=draft.revision + 1,
            sealed=_sealed(draft.secret, draft.state),
            expires_at=_expiry(draft.state),
        )
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[tuple[()]]", result).rowcount == 1


def empty(draft: OpenDraft, sent: dict[str, Any]) -> None:
    """Throw away every answer and file of a draft that was sent; what stays leads to its receipt.

    It stays so that a second click on “send”, or a reload, finds the receipt and not an empty page.
    """
    state = draft.state
    draft.state = DraftState(
        questionnaire=state.questionnaire,
        version=state.version,
        submission=state.submission,
        language=state.language,
        shared=state.shared,
        started_at=state.started_at,
        snapshot={},
        apart=state.apart,
        sent=sent,
    )
    db.session.execute(delete(DraftPhoto).where(DraftPhoto.draft_id == draft.secret.id))
    _save(draft)
    db.session.commit()


def end(secret: DraftSecret) -> None:
    """Delete a draft and its files."""
    _delete(Draft.id == secret.id)


def purge() -> int:
    """Delete what has expired; returns how many drafts that were."""
    return _delete(Draft.expires_at <= utc_now())


def _delete(condition: Any) -> int:
    result = db.session.execute(
        delete(Draft).where(condition).execution_options(synchronize_session=False)
    )
    db.session.commit()
    return cast("CursorResult[tuple[()]]", result).rowcount


def keep_file(draft: OpenDraft, content: bytes) -> str:
    """Seal a file into the draft, in the caller's transaction; returns its id."""
    file_id = uuid4()
    sealed = draft.secret.seal(content, as_=str(file_id))
    db.session.execute(insert(DraftPhoto).values(id=file_id, draft_id=draft.secret.id, sealed=sealed))
    return str(file_id)


def read_file(draft: OpenDraft, file_id: str) -> bytes:
    """The bytes of a file of this draft. Raises `DraftMoved` when it is gone."""
    sealed = db.session.scalar(
        select(DraftPhoto.sealed).where(
            DraftPhoto.id == UUID(file_id), DraftPhoto.draft_id == draft.secret.id
        )
    )
    if sealed is None:
        raise DraftMoved
    return draft.secret.unseal(sealed, as_=file_id)


def drop_file(draft: OpenDraft, file_id: str) -> None:
    """Delete a file, in the caller's transaction."""
    db.session.execute(
        delete(DraftPhoto).where(DraftPhoto.id == UUID(file_id), DraftPhoto.draft_id == draft.secret.id)
    )


def lifetime(state: DraftState) -> timedelta:
    """How long a draft is kept after its last change."""
    whole = timedelta(hours=settings_of().draft_hours)
    return min(whole, SHARED_FOR) if state.shared else whole


def _expiry(state: DraftState) -> datetime:
    return utc_now() + lifetime(state)


def _sealed(secret: DraftSecret, state: DraftState) -> bytes:
    content = json.dumps(asdict(state), ensure_ascii=False, separators=(",", ":"))
    return secret.seal(content.encode(), as_="state")
