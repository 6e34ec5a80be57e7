"""Sheets of an Excel workbook as XML, row by row, and names that Excel takes for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from surveyapp.exports.spool import SealedSpool
from surveyapp.exports.xlsx_cells import letters, text_cell
from surveyapp.exports.xlsx_parts import SHEET_HEAD

#: what a sheet holds, the header among the rows
MOST_ROWS: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
#: characters; larger parts need a kind of archive that not every reader opens
MOST_XML: Final = 500_000_000
_LONGEST_NAME: Final = 31
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_HEADER_STYLE: Final = 3


class SheetNames:
    """Gives names that Excel takes: 31 UTF-16 units, no sign of its own, no two alike."""

    def __init__(self) -> None:
        # Excel keeps this one for itself
        self._taken = {"history"}

    def name(self, wanted: str) -> str:
        """A name for a sheet, as much like the wanted one as can be."""
        plain = _FORBIDDEN.sub("_", wanted).strip("'") or "sheet"
        number = 1
        while (named := _fitted(plain, f"~{number}" if number > 1 else "")).casefold() in self._taken:
            number += 1
        self._taken.add(named.casefold())
        return named


def _fitted(name: str, suffix: str) -> str:
    room = (_LONGEST_NAME - len(suffix)) * 2
    return name.encode("utf-16-le")[:room].decode("utf-16-le", errors="ignore").strip("'") + suffix


class Sheet:
    """One sheet under way: some columns of a table, from some row on."""

    def __init__(self, name: str, titles: Sequence[str], spool: SealedSpool | None) -> None:
        self.name = name
        self.rows = 0
        self.size = 0
        #: None: it goes out at once
        self.spool = spool
        self._references = [f'<c r="{letters(place)}' for place in range(1, len(titles) + 1)]
        self.head = SHEET_HEAD + self._header(titles)

    @property
    def is_full(self) -> bool:
        """Whether the next row needs another sheet."""
        return self.rows >= MOST_ROWS or self.size >= MOST_XML

    def row(self, cells: Sequence[str | None]) -> str:
        """A row as XML, of cells as `cell_xml` gives them."""
        self.rows += 1
        number = str(self.rows)
        row = "".join(
            [
                reference + number + cell
                for reference, cell in zip(self._references, cells, strict=True)
                if cell is not None
            ]
        )
        self.size += len(row)
        return f'<row r="{number}">{row}</row>'

    def _header(self, titles: Sequence[str]) -> str:
        self.rows += 1
        cells = (
            f'{reference}1" s="{_HEADER_STYLE}{text_cell(title)}'
            for reference, title in zip(self._references, titles, strict=True)
        )
        return f'<row r="1">{"".join(cells)}</row>'
