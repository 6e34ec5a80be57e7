"""Uploads that go far and wrong: each journey ends with a file that must be what was sent, byte for byte.

`fuzz_uploads` sends requests that are wrong from their first line on; here every upload is begun well, and what
is wrong comes in the middle: offsets, checksums, lengths, others' hands, races, cut connections, ends.
Answers are counted by step and status.

python -m tests.faults.upload_journeys --rounds 2000 --seed 1
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.submissions import uploads
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Upload
from surveyapp.submissions.transactions import in_one_transaction
from tests.faults import wire
from tests.faults.program import run
from tests.faults.races import at_once, came
from tests.faults.records import Draw
from tests.faults.scenes import Scene
from tests.faults.upload_model import UploadModel
from tests.faults.wire import Request

#: journeys at once, and steps of each before it is brought to its end
TRAVELLERS, _STEPS = 6, 25
_WRONG_CHECKSUM = 460


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """Each round is one journey; some are under way at once, with one sender's token."""
    with ThreadPoolExecutor(TRAVELLERS) as threads:
        journeys = [threads.submit(_travel, set_up, f"{seed}/{number}") for number in range(rounds)]
    for journey in journeys:
        journey.result()
    with set_up.app.app_context():
        db.engine.dispose()


def _travel(set_up: Scene, seed: str) -> None:
    journey = Journey(set_up, Draw(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])))
    try:
        journey.go()
    finally:
        journey.close()


class Journey(UploadModel):
    """What may happen to it on its way."""

    def go(self) -> None:
        """Some steps, then to the end."""
        self.begin()
        for _step in range(self._random.randrange(_STEPS)):
            if self._offset is None:
                self.begin()
            self._random.choice(STEPS)(self)
            self.look()
        self.arrive()

    # --- what goes well

    def begin_twice(self) -> None:
        """A second upload of the same file goes its own way, and is given up."""
        answer = self._ask("begin twice", wire.upload(self._scene.token, self.photo))
        self._expect(answer, {201})
        told = int(answer.headers["upload-offset"])
        self._scene.ledger.expect(told == (self._size if self._is_brought else 0), f"a second at {told}")
        gone = self._ask("give up", self._to("DELETE", answer.headers["location"]))
        self._expect(gone, {204})

    # --- what goes wrong, and must change nothing

    def append_elsewhere(self) -> None:
        """Bytes at a place where the server is not."""
        near = (0, self._at + 1, self._at - 1, 10**15 - 1)
        at = self._random.choice([n for n in near if n >= 0 and n != self._at])
        answer = self._ask("wrong offset", self._piece(at, self._some(), None))
        self._expect(answer, {409})

    def append_damaged(self) -> None:
        """Bytes that are not those of their checksum."""
        content = self._some()
        wrong = self._checksum(content + b"x", always=True)
        answer = self._ask("wrong checksum", self._piece(self._at, content, wrong))
        self._expect(answer, {204} if self._is_whole else {_WRONG_CHECKSUM})

    def append_unknown_checksum(self) -> None:
        """A kind of checksum that the server does not offer, or none at all."""
        wrong = self._random.choice(("md5 AAAA", "crc32 AAAA", "sha1", "sha256 ???", ""))
        answer = self._ask("unknown checksum", self._piece(self._at, self._some(), wrong))
        self._expect(answer, {400, _WRONG_CHECKSUM} if not self._is_whole else {204, 400})

    def append_too_much(self) -> None:
        """More bytes than were announced."""
        content = self.photo.content[self._at :] + b"more"
        answer = self._ask("too much", self._piece(self._at, content, self._checksum(content)))
        self._expect(answer, {204} if self._is_whole else {413})

    def append_another_kind(self) -> None:
        """Bytes that are not said to be an upload's."""
        request = self._piece(self._at, self._some(), None)
        headers = {**request.headers, "Content-Type": "image/png"}
        self._expect(self._ask("another type", replace(request, headers=headers)), {415})

    def begin_badly(self) -> None:
        """What other servers offer and this one does not: joined uploads, a length to come, a body at once."""
        wrong = self._random.choice(
            (
                {"Upload-Concat": f"final;{self._where} {self._where}"},
                {"Upload-Concat": "partial", "Upload-Length": "10"},
                {"Upload-Defer-Length": "1", "Upload-Metadata": self._metadata()},
                {"Upload-Length": "-1", "Upload-Metadata": self._metadata()},
                {"Upload-Length": "10", "Upload-Metadata": "sha256"},
            )
        )
        answer = self._ask("begin badly", self._to("POST", "/api/v1/uploads", **wrong))
        self._expect(answer, {400})

    def meddle(self) -> None:
        """Somebody else asks for it, adds to it, ends it: to them there is none."""
        method = self._random.choice(("HEAD", "PATCH", "DELETE"))
        request = self._piece(self._at, self._some(), None)
        headers = {**request.headers, "Authorization": f"Bearer {self._scene.other}"}
        answer = self._ask(f"others' {method}", replace(request, method=method, headers=headers))
        self._expect(answer, {404})

    def bring_as_another(self) -> None:
        """Somebody else begins with the same digest: nothing tells them that it is here."""
        answer = self._ask("others' begin", wire.upload(self._scene.other, self.photo))
        self._expect(answer, {201})
        self._scene.ledger.expect(answer.headers["upload-offset"] == "0", "told that others have it")
        where = answer.headers["location"]
        other = {"Authorization": f"Bearer {self._scene.other}"}
        self._expect(self._ask("give up", self._to("DELETE", where, **other)), {204})
        files = f"/api/v1/submissions/{self.record.id}/missing"
        self._expect(self._ask("others' missing", Request("GET", files, other)), {403, 404})

    # --- what comes at once, breaks off, or ends

    def race(self) -> None:
        """Several requests at one byte: one is taken, the others are told where to go on."""
        start, was_whole = self._at, self._is_whole
        contents = [self._some(least=1) for _each in range(self._random.randrange(2, 5))]
        requests = [self._piece(start, content, self._checksum(content)) for content in contents]
        answers = came(at_once(self._scene, requests))
        for answer in answers:
            self._scene.ledger.answered(f"{answer.status} race")
            self._expect(answer, {204, 409})
        taken = [answer for answer in answers if answer.status == 204]
        if not was_whole:
            self._scene.ledger.expect(len(taken) == 1, [answer.status for answer in answers])
            self._reach(int(taken[0].headers["upload-offset"]))

    def break_off(self) -> None:
        """The connection ends within the body: what came is here, unless a checksum was to hold."""
        start, content = self._at, self._some()
        checksum = self._checksum(content)
        whole = self._piece(start, content, checksum).as_bytes("survey.example")
        cut = self._random.randrange(len(content) + 1)
        with wire.connected(self._scene.address) as line:
            line.sendall(whole[: len(whole) - cut])
            line.shutdown(socket.SHUT_WR)
            while line.recv(65536):
                pass
        self._scene.ledger.answered("broken off")
        is_kept = not self._is_whole and (not checksum or not cut)
        self._reach(start + len(content) - cut if is_kept else start)

    def bring_another_file(self) -> None:
        """All bytes come, and they are those of another file: the upload begins anew."""
        if self._is_whole or self._is_brought:
            return
        rest = bytearray(self.photo.content[self._at :])
        rest[self._random.randrange(len(rest))] ^= 0xFF
        answer = self._ask("another file", self._piece(self._at, bytes(rest), None))
        self._expect(answer, {_WRONG_CHECKSUM})
        self._offset = 0

    def give_up(self) -> None:
        """It is ended; there is none afterwards."""
        self._expect(self._ask("give up", self._to("DELETE", self._where)), {204})
        self._is_gone()

    def run_out(self) -> None:
        """Its time is over; the worker forgets it now or later."""
        with self._scene.app.app_context():
            over = {"expires_at": utc_now() - timedelta(seconds=1)}
            mine = table_of(Upload).c.id == UUID(self._where.rpartition("/")[2])
            in_one_transaction(lambda c: c.execute(update(table_of(Upload)).where(mine).values(over)))
            if self._random.random() < 0.5:
                uploads.expire(utc_now())
            db.session.remove()
        self._is_gone()

    def _is_gone(self) -> None:
        for request in (
            wire.offset(self._scene.token, self._where),
            self._piece(self._at, self._some(), None),
            self._to("DELETE", self._where),
        ):
            self._expect(self._ask(f"{request.method} what is gone", request), {404})
        self._offset = None


#: what a journey may do on its way; what goes well more often, so that they get far
STEPS: Sequence[Callable[[Journey], None]] = (
    *[Journey.append] * 5,
    Journey.tell,
    Journey.begin_twice,
    Journey.append_elsewhere,
    Journey.append_damaged,
    Journey.append_unknown_checksum,
    Journey.append_too_much,
    Journey.append_another_kind,
    Journey.begin_badly,
    Journey.meddle,
    Journey.bring_as_another,
    Journey.race,
    Journey.break_off,
    Journey.bring_another_file,
    Journey.give_up,
    Journey.run_out,
)

if __name__ == "__main__":
    run(act, rounds=2000)
