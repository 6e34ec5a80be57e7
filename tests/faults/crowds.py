"""Load: phones that go on collecting and sending while something is done to the server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Event, Lock, Thread

from tests.faults.phones import CollectPhone, JsonPhone, Phone
from tests.faults.records import Draw, Record
from tests.faults.scenes import Scene


class Crowd:
    """`with Crowd(…): …`: at the end each phone delivers what it has begun with."""

    def __init__(self, phones: Iterable[Phone], collect: Callable[[], Sequence[Record]]) -> None:
        self._stop = Event()
        self._collect = collect
        self._failures: list[BaseException] = []
        self._threads = [Thread(target=self._work, args=(phone,)) for phone in phones]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def _work(self, phone: Phone) -> None:
        try:
            while not self._stop.is_set():
                phone.deliver(self._collect())
        except BaseException as failure:
            self._failures.append(failure)
        finally:
            phone.close()


def crowd_of(set_up: Scene, each: int = 4) -> list[Phone]:
    """So many phones of each kind."""
    return [kind(set_up) for kind in (JsonPhone, CollectPhone) for _phone in range(each)]


def collecting(seed: int, photos: float = 0.2) -> Callable[[], Sequence[Record]]:
    """What phones have collected when asked: one to five records, some of them with a photo."""
    draw, lock = Draw(seed), Lock()

    def collect() -> Sequence[Record]:
        with lock:
            return [
                draw.record(photo=draw.random.random() < photos)
                for _record in range(draw.random.randrange(1, 6))
            ]

    return collect
