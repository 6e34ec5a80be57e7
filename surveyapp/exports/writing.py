"""What every format of an export offers to whoever joins reader and writer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from surveyapp.exports.errors import TooMuchForOneFile
from surveyapp.exports.records import Record


class ExportFile(Protocol):
    """One file of an export; it is given every record once, and answers with bytes."""

    #: name inside the package
    name: str
    #: how many rows (lines) it has so far, the header not counted
    rows: int

    def begin(self) -> bytes:
        """What stands before the first record."""
        ...

    def add(self, record: Record) -> bytes:
        """What one submission contributes; perhaps nothing, perhaps many rows."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One of the files that a `PartedFile` became: its name, size in bytes, and rows."""

    name: str
    size: int
    rows: int


class PartedFile(ABC):
    """An `ExportFile` whose bytes are several files, one after the other, each whole in itself.

    Its library writes from a whole table in memory, so a part has as many rows as memory allows.
    """

    name: str
    rows: int

    def __init__(self) -> None:
        #: those that are finished
        self.parts: list[Part] = []

    def begin(self) -> bytes:
        """Nothing: a part is written when it is full."""
        return b""

    @abstractmethod
    def add(self, record: Record) -> bytes:
        """The bytes of a part, if this submission filled it."""

    @abstractmethod
    def end(self) -> Iterable[bytes]:
        """The bytes of the last part; there is at least one."""


@runtime_checkable
class EndedFile(Protocol):
    """A file that is not whole without its end."""

    def end(self) -> Iterable[bytes]:
        """What stands after the last record."""
        ...


def written(file: ExportFile, batches: Iterable[Sequence[Record]]) -> Iterator[bytes]:
    """The bytes of one file, a piece for each batch of submissions.

    Raises `TooMuchForOneFile` when it would be several.
    """
    if opening := file.begin():
        yield opening
    for batch in batches:
        if ready := b"".join(map(file.add, batch)):
            yield ready
            _check_one(file)
    yield from ending(file)
    _check_one(file)


def ending(file: ExportFile) -> Iterable[bytes]:
    """What a file has after the last record; most have nothing."""
    return file.end() if isinstance(file, EndedFile) else ()


def _check_one(file: ExportFile) -> None:
    if isinstance(file, PartedFile) and len(file.parts) > 1:
        raise TooMuchForOneFile(file.name, file.parts[0].rows)


def rows_of(files: Iterable[ExportFile]) -> dict[str, int]:
    """The rows of each file, of parts one by one."""
    rows: dict[str, int] = {}
    for file in files:
        if isinstance(file, PartedFile):
            rows |= {part.name: part.rows for part in file.parts}
        else:
            rows[file.name] = file.rows
    return rows
