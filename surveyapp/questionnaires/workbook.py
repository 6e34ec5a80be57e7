"""Reading a workbook: an XLSForm as sheets of rows, from Excel (`workbook_files`), CSV or Markdown.

Rows keep the numbers that an author sees, so that every problem says where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.problems import Problem

#: Sheets of an XLSForm; what stands in others is the author's own and is left alone.
SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")


@dataclass(slots=True)
class Sheet:
    """Rows as mappings from a column's header to a text, empty ones left out."""

    name: str
    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    #: line of each row in a Markdown or CSV file
    lines: list[int] = field(default_factory=list)

    def numbered(self) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows with their numbers; the header is row 1."""
        return enumerate(self.rows, start=2)

    def column(self, base: str) -> str:
        """The header of a column as the author wrote it; `base` itself if there is none."""
        return next((text for text in self.columns if Header.parse(text).base == base), base)

    def line(self, row: int | None) -> int | None:
        """The line of a row in a Markdown or CSV file; None elsewhere."""
        return self.lines[row - 2] if row and 2 <= row < len(self.lines) + 2 else None


#: Wordings that XLSForm does not know: bind attributes whose name ends in the language's code.
_OWN_WORDING = re.compile(r"(bind::survey:(?:title|warning|permission))_([A-Za-z-]+)$")


@dataclass(frozen=True, slots=True)
class Header:
    """A column's header: what it holds, and in which language (`label::Русский (ru)`)."""

    base: str
    language: str | None

    @classmethod
    def parse(cls, text: str) -> Header:
        """Split at `::`, or at `:` as old workbooks do."""
        tokens = [token.strip() for token in text.split("::" if "::" in text else ":")]
        base = "_".join(tokens.pop(0).split()).lower()
        if base in {"bind", "media"} and tokens:
            base = f"{base}::{tokens.pop(0)}"
        own = _OWN_WORDING.match(base)
        return cls(*own.groups()) if own else cls(base, tokens[0] if tokens else None)

    @property
    def language_code(self) -> str | None:
        """`ru` of `Русский (ru)`; the whole name where the author gave no code."""
        return language_code(self.language) if self.language else None


@dataclass(slots=True)
class Workbook:
    """The sheets of an XLSForm by lower-case name, and the names as the author wrote them."""

    sheets: dict[str, Sheet]
    sheet_names: list[str]
    #: what was wrong with single cells when it was read
    problems: list[Problem] = field(default_factory=list)

    def sheet(self, name: str) -> Sheet:
        """A sheet, empty if the workbook has none of that name."""
        return self.sheets.get(name) or Sheet(name)

    def setting(self, name: str) -> str:
        """A value of the settings sheet; `''` if it is not set."""
        settings = self.sheet("settings")
        return settings.rows[0].get(settings.column(name), "") if settings.rows else ""

    def problem(
        self, sheet: str | None, row: int | None, column: str | None, code: str, /, **facts: Any
    ) -> Problem:
        """A problem in this workbook, with its line in a Markdown or CSV file."""
        line = self.sheet(sheet).line(row) if sheet else None
        return Problem(sheet, row, column, code, facts, line)
