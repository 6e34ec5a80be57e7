"""What every format of an export offers to whoever joins reader and writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

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


@runtime_checkable
class EndedFile(Protocol):
    """A file that is not whole without its end."""

    def end(self) -> Iterable[bytes]:
        """What stands after the last record."""
        ...


def written(file: ExportFile, batches: Iterable[Sequence[Record]]) -> Iterator[bytes]:
    """The bytes of one file, a piece for each batch of submissions."""
    if opening := file.begin():
        yield opening
    for batch in batches:
        if ready := b"".join(map(file.add, batch)):
            yield ready
    yield from ending(file)


def ending(file: ExportFile) -> Iterable[bytes]:
    """What a file has after the last record; most have nothing."""
    return file.end() if isinstance(file, EndedFile) else ()
