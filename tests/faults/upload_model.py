"""One upload as its client knows it: what the server must say of it after each step."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

from tests.faults import wire
from tests.faults.ledger import Ledger, Word
from tests.faults.phones import Asking, note_results
from tests.faults.records import Draw, Photo, Record
from tests.faults.scenes import Scene
from tests.faults.wire import TUS, Answer, Request

#: pixels a side: pictures of some 1 to 60 kB
_SIDES = (32, 64, 240)


class UploadModel:
    """One photo of one record, and how far the server must be with it; `_offset` None: there is no upload."""

    def __init__(self, set_up: Scene, draw: Draw) -> None:
        self._scene, self._random = set_up, draw.random
        self.record: Record = draw.record(photo=True, side=draw.random.choice(_SIDES))
        assert self.record.photo is not None
        self.photo: Photo = self.record.photo
        self._asking = Asking(set_up.address, Ledger())  # answers are counted by step
        self._where = ""
        self._offset: int | None = None
        #: whether the whole file has come once; it stays, whatever becomes of the upload
        self._is_brought = False

    def close(self) -> None:
        """Hang up."""
        self._asking.close()

    def begin(self) -> None:
        """An upload of it; whole at once when it has come before."""
        answer = self._ask("begin", wire.upload(self._scene.token, self.photo))
        self._expect(answer, {201})
        self._where = answer.headers["location"]
        self._offset = int(answer.headers["upload-offset"])
        wanted = self._size if self._is_brought else 0
        self._scene.ledger.expect(self._offset == wanted, f"begun at {self._offset}, not {wanted}")

    def look(self) -> None:
        """The server is where it must be."""
        if self._offset is None:
            return
        answer = self._ask("look", wire.offset(self._scene.token, self._where))
        self._expect(answer, {200})
        told = int(answer.headers["upload-offset"])
        self._scene.ledger.expect(told == self._offset, f"at {told}, not {self._offset}")
        self._offset = told

    def arrive(self) -> None:
        """To the last byte, and to the word that the record is complete."""
        if self._offset is None:
            self.begin()
        while not self._is_whole:
            self.append()
        self.tell()
        answer = self._ask("missing", wire.missing(self._scene.token, self.record))
        self._scene.ledger.expect(bool(answer.json()["complete"]), answer.json())
        self._scene.ledger.acknowledged(self.record, Word.HELD, files=(self.photo,))

    def append(self) -> None:
        """Right bytes at the right place, with a checksum or without."""
        start = self._at
        content = self._some()
        answer = self._ask("append", self._piece(start, content, self._checksum(content)))
        self._expect(answer, {204})
        self._reach(start + len(content))

    def tell(self) -> None:
        """The record comes; what it lacks is told."""
        self._scene.ledger.sent(self.record, by_xml=False)
        answer = self._ask("record", wire.batch(self._scene.token, [self.record]))
        note_results(self._scene.ledger, [self.record], answer)
        missing = answer.json()["results"][0]["missing_attachments"]
        wanted = [] if self._is_brought else [self.photo.sha256]
        self._scene.ledger.expect(missing == wanted, f"missing {missing}, brought {self._is_brought}")

    # --- requests

    @property
    def _size(self) -> int:
        return len(self.photo.content)

    @property
    def _at(self) -> int:
        assert self._offset is not None
        return self._offset

    @property
    def _is_whole(self) -> bool:
        return self._offset == self._size

    def _reach(self, offset: int) -> None:
        self._offset = offset
        self._is_brought |= self._is_whole

    def _some(self, least: int = 0) -> bytes:
        """Some of the bytes that come next."""
        left = self._size - self._at
        most = self._random.choice((left, left // 2, left // 5))
        return self.photo.content[self._at :][: max(least, most)]

    def _checksum(self, content: bytes, *, always: bool = False) -> str | None:
        if not always and self._random.random() < 0.5:
            return None
        kind = self._random.choice(("sha256", "sha1"))
        return f"{kind} {base64.b64encode(hashlib.new(kind, content).digest()).decode()}"

    def _metadata(self) -> str:
        return f"sha256 {base64.b64encode(self.photo.sha256.encode()).decode()}"

    def _piece(self, start: int, content: bytes, checksum: str | None) -> Request:
        request = wire.piece(self._scene.token, self._where, start, content)
        told = {} if checksum is None else {"Upload-Checksum": checksum}
        return replace(request, headers={**request.headers, **told})

    def _to(self, method: str, where: str, **headers: str) -> Request:
        token = {"Authorization": f"Bearer {self._scene.token}"}
        return Request(method, where, {**token, **TUS, **headers})

    def _ask(self, step: str, request: Request) -> Answer:
        answer = self._asking.until(request, lambda _answer: True)
        self._scene.ledger.answered(f"{answer.status} {step}")
        return answer

    def _expect(self, answer: Answer, statuses: set[int]) -> None:
        self._scene.ledger.expect(answer.status in statuses, f"{answer}, not {statuses}")
