"""The power fails in the middle of a chunk: what had been acknowledged is there, and the upload goes on.

Everything is killed at once while bytes arrive. What was not synced is then whatever a disk makes of it:
cut off, zeros, or noise.

python -m tests.faults.power_cuts --rounds 30 --seed 1
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import cast

from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.media_store import FolderStore, media_store
from surveyapp.submissions.models import Attachment, KeptFile, UploadPart
from tests.faults import wire
from tests.faults.phones import JsonPhone
from tests.faults.program import run
from tests.faults.records import Draw, Photo
from tests.faults.scenes import Scene
from tests.faults.wire import Line

#: pixels a side: a picture of some 260 kB
_LARGE = 512


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """In each round one photo: a chunk that is acknowledged, one that the power fails in, then the rest."""
    draw = Draw(seed)
    for _round in range(rounds):
        record = draw.record(photo=True, side=_LARGE)
        assert record.photo is not None
        _cut(set_up, draw.random, record.photo)
        phone = JsonPhone(set_up)
        phone.deliver([record])
        phone.close()


def _cut(set_up: Scene, random: Random, photo: Photo) -> None:
    token, line = set_up.token, Line(set_up.address)
    where = line.ask(wire.upload(token, photo)).headers["location"]
    size = len(photo.content)
    acknowledged = random.randrange(1, size // 2)
    first = line.ask(wire.piece(token, where, 0, photo.content[:acknowledged]))
    set_up.ledger.expect(first.headers["upload-offset"] == str(acknowledged), first)
    line.close()
    _send_half(set_up, random, where, photo, acknowledged)
    set_up.served.kill()
    _lose_what_was_not_synced(set_up, random)
    set_up.served.start()
    _go_on(set_up, where, photo, acknowledged)


def _go_on(set_up: Scene, where: str, photo: Photo, acknowledged: int) -> None:
    """Ask how far the upload is, and send the rest from there on."""
    line, expect = Line(set_up.address), set_up.ledger.expect
    after = int(line.ask(wire.offset(set_up.token, where)).headers["upload-offset"])
    expect(after >= acknowledged, f"{after} of {acknowledged} acknowledged bytes")
    last = line.ask(wire.piece(set_up.token, where, after, photo.content[after:]))
    expect(last.headers.get("upload-offset") == str(len(photo.content)), last)
    line.close()


def _send_half(set_up: Scene, random: Random, where: str, photo: Photo, start: int) -> None:
    """The beginning of the next chunk, whose end never comes."""
    request = wire.piece(set_up.token, where, start, photo.content[start:])
    content = request.as_bytes(set_up.address.removeprefix("http://"))
    with wire.connected(set_up.address) as line, suppress(OSError):
        line.sendall(content[: random.randrange(300, len(content))])
        time.sleep(random.uniform(0.0, 0.2))


def _lose_what_was_not_synced(set_up: Scene, random: Random) -> None:
    """Only what a row tells of has been synced."""
    for part in _untold(set_up):
        size = part.stat().st_size
        lost = random.randrange(size + 1)
        with part.open("r+b") as file:
            file.seek(lost)
            file.write(random.choice((bytes(size - lost), random.randbytes(size - lost))))
            file.truncate(random.choice((size, lost, size + 4096)))


def _untold(set_up: Scene) -> list[Path]:
    """The files of uploads under way that no row tells of."""
    with set_up.app.app_context():
        store = cast(FolderStore, media_store())
        told = {
            address
            for column in (UploadPart.address, KeptFile.address, Attachment.address)
            for address in db.session.scalars(select(column))
        }
        found = [store.path(each.address) for each in store.listed() if each.address not in told]
        db.session.remove()
        db.engine.dispose()
    return found


if __name__ == "__main__":
    run(act, rounds=30)
