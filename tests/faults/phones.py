"""Phones: each keeps what it collected until the server has given its word, as the real ones do."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from tests.faults import wire
from tests.faults.ledger import WORDS, Ledger, Word
from tests.faults.records import Photo, Record
from tests.faults.scenes import Scene
from tests.faults.wire import Answer, Line, Request

#: seconds between two tries, and until a phone is given up by the test
PAUSE, DEADLINE = 0.05, 300.0


class NotTaken(AssertionError):
    """The server has taken a record for too long, or said something that no server may say of it."""


class Phone(Protocol):
    """Delivers records, however often it must try."""

    def deliver(self, records: Sequence[Record]) -> None:
        """Send these and come back when the server has given its word for all of them."""

    def close(self) -> None:
        """Hang up."""


class Asking:
    """Asks until it is answered, through broken connections and servers that are not there."""

    def __init__(self, address: str, ledger: Ledger) -> None:
        self._line = Line(address)
        self._ledger = ledger

    def until(self, request: Request, good: Callable[[Answer], bool]) -> Answer:
        """The first answer that is good. Raises `NotTaken` when there is none in time."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            answer = self.once(request)
            if answer is not None and good(answer):
                return answer
            time.sleep(PAUSE)
        raise NotTaken(f"{request.method} {request.path}")

    def once(self, request: Request) -> Answer | None:
        """One try; None: the connection broke."""
        try:
            answer = self._line.ask(request)
        except (OSError, http.client.HTTPException) as error:
            self._ledger.answered(type(error).__name__)
            return None
        self._ledger.answered(answer.status)
        return answer

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def note_results(ledger: Ledger, records: Sequence[Record], answer: Answer) -> list[str]:
    """Note what a batch was answered; the status of each record. Raises `NotTaken`."""
    results = answer.json()["results"]
    for record, result in zip(records, results, strict=True):
        if result["status"] not in WORDS:
            raise NotTaken(str(result))
        ledger.acknowledged(record, WORDS[result["status"]], result["receipt"])
    return [result["status"] for result in results]


class JsonPhone:
    """Sends batches by the JSON API, and photos by tus; forgets what is `complete`."""

    def __init__(self, scene: Scene) -> None:
        self._token, self._ledger = scene.token, scene.ledger
        self._asking = Asking(scene.address, scene.ledger)
        self.close = self._asking.close

    def deliver(self, records: Sequence[Record]) -> None:
        """The batch first, then the photos that are missing."""
        for record in records:
            self._ledger.sent(record, by_xml=False)
        answer = self._asking.until(wire.batch(self._token, records), lambda a: a.status == 200)
        note_results(self._ledger, records, answer)
        for record in records:
            if record.photo:
                self._bring(record, record.photo)

    def _bring(self, record: Record, photo: Photo) -> None:
        """Upload until the server signs that the record is complete."""
        for _try in range(100):
            told = self._asking.until(wire.missing(self._token, record), lambda a: a.status == 200)
            if told.json()["complete"] or not told.json()["missing_attachments"]:
                self._ledger.acknowledged(record, Word.HELD, files=(photo,))
                return
            self._upload(photo)
        raise NotTaken(f"{record.id} is never complete")

    def _upload(self, photo: Photo) -> None:
        begun = self._asking.until(wire.upload(self._token, photo), lambda a: a.status == 201)
        where, start = begun.headers["location"], int(begun.headers["upload-offset"])
        while start < len(photo.content):
            half = photo.content[start : start + len(photo.content) // 2 + 1]
            self._asking.once(wire.piece(self._token, where, start, half))
            now = self._asking.until(wire.offset(self._token, where), lambda a: a.status in {200, 404})
            if now.status == 404:
                return
            start = int(now.headers["upload-offset"])


class CollectPhone:
    """Sends one record a request by OpenRosa, its photo in a second one with the XML again."""

    def __init__(self, scene: Scene) -> None:
        self._key, self._ledger = scene.key, scene.ledger
        self._asking = Asking(scene.address, scene.ledger)
        self.close = self._asking.close

    def deliver(self, records: Sequence[Record]) -> None:
        """One after the other."""
        for record in records:
            self._ledger.sent(record, by_xml=True)
            self._send(record, ())
            if record.photo:
                self._send(record, (record.photo,))

    def _send(self, record: Record, files: tuple[Photo, ...]) -> None:
        request = wire.post(self._key, record, files)
        answer = self._asking.until(request, lambda a: a.status in {201, 202})
        word = Word.HELD if answer.status == 201 else Word.QUARANTINED
        self._ledger.acknowledged(record, word, files=files)
