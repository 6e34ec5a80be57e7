"""A line to a service on loopback that can be cut, or go silent, after so many bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_BLOCK = 65536


@dataclass(slots=True)
class Line:
    """Carries connections from `host` to a service; what it is told holds for bytes from now on."""

    host: str
    #: bytes to the service that still go through; None: all
    there: int | None = None
    #: bytes back that still go through; None: all
    back: int | None = None
    #: beyond these it says nothing more, instead of breaking
    silent: bool = False
    #: it breaks one time only
    once: bool = False
    #: what went to the service
    heard: bytearray = field(default_factory=bytearray)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mend(self) -> None:
        """Everything goes through again."""
        self.there, self.back, self.silent = None, None, False

    def let_through(self, direction: str, wanted: int) -> int:
        """How many of some bytes go through."""
        with self._lock:
            left = getattr(self, direction)
            if left is None:
                return wanted
            granted = min(left, wanted)
            setattr(self, direction, left - granted)
            return int(granted)


@contextmanager
def line_to(host: str) -> Iterator[Line]:
    """A whole line to a service, `127.0.0.1:port`."""
    name, _, port = host.partition(":")
    with socket.create_server(("127.0.0.1", 0)) as taking:
        line = Line(f"127.0.0.1:{taking.getsockname()[1]}")
        threading.Thread(target=_take, args=(taking, (name, int(port)), line), daemon=True).start()
        yield line


def _take(taking: socket.socket, target: tuple[str, int], line: Line) -> None:
    with suppress(OSError):  # at the end, when nobody takes connections any more
        while True:
            near, _address = taking.accept()
            far = socket.create_connection(target)
            for source, sink, direction in ((near, far, "there"), (far, near, "back")):
                arguments = (source, sink, line, direction)
                threading.Thread(target=_carry, args=arguments, daemon=True).start()


def _carry(source: socket.socket, sink: socket.socket, line: Line, direction: str) -> None:
    with suppress(OSError):
        while some := source.recv(_BLOCK):
            granted = line.let_through(direction, len(some))
            sink.sendall(some[:granted])
            if direction == "there":
                line.heard += some[:granted]
            if granted < len(some) and not line.silent:
                if line.once:
                    line.mend()
                break
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
