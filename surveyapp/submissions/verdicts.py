"""What becomes of an envelope: who sent it, and what the sender is told. The same in every channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from surveyapp.questionnaires.answers import AnswerError


class Status(StrEnum):
    """What the sender is told."""

    STORED = "stored"
    #: held already, with the same content
    DUPLICATE = "duplicate"
    #: held as it came, until a person decides
    QUARANTINED = "quarantined"
    #: not held: it cannot be read, or is over a limit
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends: somebody with an account, a command on the server, or (by default) anybody."""

    user_id: int | None = None
    device_id: int | None = None
    #: the device was revoked; what it had collected waits for an administrator
    revoked: bool = False
    #: its address has sent too much without an account; what is new waits for an administrator
    past_ceiling: bool = False
    #: whether it may edit what others have sent
    edits_others: bool = False
    #: a command, started by whoever runs the server
    is_command: bool = False
    #: ids of the questionnaires it may send for; None: all of them
    questionnaires: frozenset[str] | None = None
    #: what the sending device's clock showed when it sent
    device_time: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether it may send what is not for anyone."""
        return self.is_command or self.user_id is not None or self.device_id is not None

    def may_edit(self, sender_id: int | None, device_id: int | None) -> bool:
        """Whether it may edit what this user sent, by this device."""
        if self.is_command or self.edits_others:
            return True
        same_user = sender_id is not None and sender_id == self.user_id
        return same_user or (device_id is not None and device_id == self.device_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The verdict on one envelope.

    `receipt` and `complete` are signed (`receipts`), `complete` only when every attachment is held;
    `receipt_code` is for people. `missing_attachments` are SHA-256 in hex. `errors` have no sentences
    yet: they are written in the submission's language, else in `default_language`.
    """

    id: UUID | None
    status: Status
    revision: int | None = None
    receipt_code: str | None = None
    missing_attachments: tuple[str, ...] = ()
    errors: tuple[AnswerError, ...] = ()
    default_language: str | None = None
    #: sign the two words: only when asked, for ODK Collect has no place for them
    sign_receipt: Callable[[], str] | None = field(default=None, repr=False, compare=False)
    sign_complete: Callable[[], str | None] | None = field(default=None, repr=False, compare=False)

    @property
    def receipt(self) -> str | None:
        """The signed word that the work is held."""
        return self.sign_receipt() if self.sign_receipt else None

    @property
    def complete(self) -> str | None:
        """The signed word that every attachment is held, too."""
        return self.sign_complete() if self.sign_complete else None

    @property
    def held(self) -> bool:
        """Whether the server holds the work: everything but what is malformed."""
        return self.status is not Status.MALFORMED
