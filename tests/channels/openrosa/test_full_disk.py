"""A disk that takes no more: the record stays on the phone, and nothing half-written stays here."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from tests.channels.openrosa.conftest import SUCCESS, Phone, message_of
from tests.channels.openrosa.test_submission import new_id, stored, visit
from tests.collecting import untold

_MIB = 1024 * 1024


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The kernel refuses this process longer files, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_record_whose_file_cannot_be_kept_may_come_again(phone: Phone) -> None:
    one, photo, left = new_id(), b"\x89" * (9 * _MIB), untold()
    with no_file_longer_than(8 * _MIB):
        reply = phone.send(visit(instance=one, photo="a.jpg"), {"a.jpg": photo})
    assert (reply.status_code, int(reply.headers["Retry-After"]) > 0) == (503, True)
    assert message_of(reply).startswith("Nothing can be stored")
    assert stored(one) is None
    assert untold() <= left
    again = phone.send(visit(instance=one, photo="a.jpg"), {"a.jpg": photo})
    assert (again.status_code, message_of(again)) == (201, SUCCESS)
