"""The formats: each says which files an export consists of, and how they are called and served."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from surveyapp.exports.choices import CSV_CHOICES, PLAIN_CHOICES, TABLE_CHOICES
from surveyapp.exports.csv_writer import CsvFile
from surveyapp.exports.jsonl_writer import JsonLinesFile
from surveyapp.exports.plan import Plan
from surveyapp.exports.request import CsvOptions
from surveyapp.exports.writing import ExportFile
from surveyapp.exports.xlsx_writer import XlsxFile

PACKAGE_SUFFIX = ".zip"
PACKAGE_TYPE = "application/zip"


@dataclass(frozen=True, slots=True)
class Format:
    """A format; the first of its `files` is the bare export, all of them go into the package."""

    name: str
    media_type: str
    #: whether rosters have tables of their own, and the options for tables mean something
    tabular: bool
    files: Callable[[Plan, CsvOptions], Sequence[ExportFile]]

    @property
    def choices(self) -> frozenset[str]:
        """The names of the choices (`choices.CHOICES`) that mean something to it."""
        if self.name == "csv":
            return CSV_CHOICES
        return TABLE_CHOICES if self.tabular else PLAIN_CHOICES

    @property
    def suffix(self) -> str:
        """How a file of this format ends."""
        return f".{self.name}"


FORMATS: Mapping[str, Format] = {
    format_.name: format_
    for format_ in (
        Format(
            "csv",
            "text/csv; charset=utf-8",
            True,
            lambda plan, options: [CsvFile(table, options) for table in plan.tables],
        ),
        Format(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            True,
            lambda plan, _options: [XlsxFile(plan)],
        ),
        Format("jsonl", "application/x-ndjson", False, lambda plan, _options: [JsonLinesFile(plan)]),
    )
}
