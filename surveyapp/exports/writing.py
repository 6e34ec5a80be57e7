"""What every format of an export offers to whoever joins reader and writer."""

from __future__ import annotations

from typing import Protocol

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
