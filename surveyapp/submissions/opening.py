"""Opening what is sealed. Whoever calls this writes down in the audit log why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, cast
from uuid import UUID

from surveyapp.submissions.keys import Keys
from surveyapp.submissions.sealing import DataKey, Row


class SealedSubmission(Protocol):
    """A submission, or a row of its columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def data_key(self) -> bytes | None: ...
    @property
    def key_id(self) -> str | None: ...
    @property
    def identity_sealed(self) -> bytes | None: ...
    @property
    def foreign_sealed(self) -> bytes | None: ...


class SealedQuarantined(Protocol):
    """Quarantined work, or a row of its columns."""

    @property
    def submission_id(self) -> UUID: ...
    @property
    def content_digest(self) -> bytes: ...
    @property
    def data_key(self) -> bytes | None: ...
    @property
    def key_id(self) -> str | None: ...
    @property
    def sealed(self) -> bytes: ...


class NamedAttachment(Protocol):
    """An attachment, or a row of its columns."""

    @property
    def name(self) -> str: ...
    @property
    def name_sealed(self) -> bytes | None: ...


class Erased(LookupError):
    """The data key was destroyed: what it sealed is gone for good."""

    def __init__(self) -> None:
        super().__init__("its key was destroyed: what was sealed is gone for good")


def identity_of(keys: Keys, submission: SealedSubmission) -> Mapping[str, Any]:
    """The identity answers by node path (`child[2]/c_name`); empty when there are none.

    Raises `Erased`, `sealing.CannotOpen`, `keys.KeyMissing`.
    """
    return _opened(keys, submission, "identity_sealed", submission.identity_sealed)


def foreign_of(keys: Keys, submission: SealedSubmission) -> Mapping[str, Any]:
    """What nobody knew: `answers` by node path, and fields of the `envelope`; empty when all was known.

    Raises as `identity_of`.
    """
    return _opened(keys, submission, "foreign_sealed", submission.foreign_sealed)


def quarantined_bytes(keys: Keys, waiting: SealedQuarantined) -> bytes:
    """The bytes as they came. Raises as `identity_of`."""
    return quarantined_key(keys, waiting).open("sealed", waiting.sealed)


def quarantined_key(keys: Keys, waiting: SealedQuarantined) -> DataKey:
    """The data key of quarantined work. Raises as `identity_of`."""
    row = Row.of_quarantined(waiting.submission_id, waiting.content_digest)
    return _data_key(keys, row, waiting.data_key, waiting.key_id)


def file_name(keys: Keys, submission: SealedSubmission, file: NamedAttachment) -> str:
    """The name that a file came under. Raises as `identity_of`."""
    if file.name_sealed is None:
        return file.name
    return cast(str, submission_key(keys, submission).open_json("name_sealed", file.name_sealed))


def submission_key(keys: Keys, submission: SealedSubmission) -> DataKey:
    """The data key of a submission. Raises as `identity_of`."""
    row = Row.of_submission(submission.id)
    return _data_key(keys, row, submission.data_key, submission.key_id)


def _opened(
    keys: Keys, submission: SealedSubmission, column: str, sealed: bytes | None
) -> Mapping[str, Any]:
    if sealed is None:
        return {}
    key = submission_key(keys, submission)
    return cast("Mapping[str, Any]", key.open_json(column, sealed))


def _data_key(keys: Keys, row: Row, wrapped: bytes | None, key_id: str | None) -> DataKey:
    if wrapped is None or key_id is None:
        raise Erased
    return DataKey.unwrap(keys, row, wrapped, key_id)
