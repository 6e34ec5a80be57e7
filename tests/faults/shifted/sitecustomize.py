"""Shifts the clock of a Python process, for `tests.faults.server_clock`; Python loads it by its name.

The folder of this file stands in `PYTHONPATH` of the server under test. How far its clock is off is read at
each look at it from a file that all its processes share: eight bytes, seconds, little-endian. What measures
durations (`monotonic`) goes on as it is, as when somebody sets a real machine's clock.
"""

from __future__ import annotations

import ctypes
import datetime
import gc
import mmap
import os
import struct
import time
from typing import Any

FILE = "SURVEYAPP_TESTS_CLOCK"

_time, _time_ns, _now = time.time, time.time_ns, datetime.datetime.now


def _shift(path: str) -> None:
    with open(path, "rb") as file:  # noqa: PTH123  # as little as can be is imported before the program is
        shared = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)

    def off() -> float:
        return float(struct.unpack("<d", shared[:8])[0])

    def shifted_now(
        _class: type[datetime.datetime], tz: datetime.tzinfo | None = None
    ) -> datetime.datetime:
        return _now(tz) + datetime.timedelta(seconds=off())

    def shifted_utcnow(_class: type[datetime.datetime]) -> datetime.datetime:
        return _now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(seconds=off())

    time.time = lambda: _time() + off()
    time.time_ns = lambda: _time_ns() + int(off() * 1e9)
    _replace(datetime.datetime, now=classmethod(shifted_now), utcnow=classmethod(shifted_utcnow))


def _replace(kind: type, **methods: Any) -> None:
    """Other methods for a type that is written in C: the proxy of its names refers to their dictionary."""
    names = gc.get_referents(kind.__dict__)[0]
    names.update(methods)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


if FILE in os.environ:
    _shift(os.environ[FILE])
