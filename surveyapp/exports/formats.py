"""The formats: each says which files an export consists of, and how they are called and served.

What writes an optional format is loaded when a file is made, and not before: pyarrow and pandas take a
hundred megabytes in every process that has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from surveyapp.exports.choices import CSV_CHOICES, PLAIN_CHOICES, TABLE_CHOICES
from surveyapp.exports.csv_writer import CsvFile
from surveyapp.exports.errors import ExtraMissing, OnlyAsPackage, TooMuchForOneFile
from surveyapp.exports.geojson_writer import GeoJsonFile, check_places
from surveyapp.exports.jsonl_writer import JsonLinesFile
from surveyapp.exports.media_writer import check_files
from surveyapp.exports.plan import Plan
from surveyapp.exports.request import CsvOptions, TableOptions
from surveyapp.exports.typed import by_codes, without_marks
from surveyapp.exports.writing import ExportFile
from surveyapp.exports.xlsx_writer import XlsxFile

PACKAGE_SUFFIX = ".zip"
PACKAGE_TYPE = "application/zip"


def _as_asked(options: TableOptions) -> TableOptions:
    return options


def _nothing(plan: Plan, submissions: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Format:
    """A format; the first of its `files` is the bare export, all of them go into the package."""

    name: str
    media_type: str
    #: whether rosters have tables of their own, and the options for tables mean something
    tabular: bool
    files: Callable[[Plan, CsvOptions], Sequence[ExportFile]]
    #: the extra of the installation with its libraries, and what these are imported as
    extra: str = ""
    libraries: tuple[str, ...] = ()
    #: the options its tables are planned with
    planned: Callable[[TableOptions], TableOptions] = _as_asked
    #: raises an `ExportError` if so many submissions of a plan cannot be a bare file, or no file at all
    check_bare: Callable[[Plan, int], None] = _nothing
    check: Callable[[Plan], None] = lambda _plan: None
    #: choices of tables that mean nothing to it
    ignored: frozenset[str] = frozenset()
    #: whether it is the files of submissions, and no table
    media: bool = False
    #: whether its bytes come while submissions are read; else it is made as a job
    streams: bool = True

    @property
    def choices(self) -> frozenset[str]:
        """The names of the choices (`choices.CHOICES`) that mean something to it."""
        if self.name == "csv":
            return CSV_CHOICES
        known = TABLE_CHOICES if self.tabular else PLAIN_CHOICES
        return known - self.ignored

    @property
    def suffix(self) -> str:
        """How a file of this format ends."""
        return PACKAGE_SUFFIX if self.media else f".{self.name}"

    @property
    def is_installed(self) -> bool:
        """Whether its libraries are here; looks without loading them."""
        return all(find_spec(library) is not None for library in self.libraries)

    def check_installed(self) -> None:
        """Raises `ExtraMissing`, which says how to install it."""
        if not self.is_installed:
            raise ExtraMissing(self.name, self.extra)


def available() -> Sequence[Format]:
    """The formats whose libraries are installed."""
    return [format_ for format_ in FORMATS.values() if format_.is_installed]


def _parquet(plan: Plan, _options: CsvOptions) -> Sequence[ExportFile]:
    from surveyapp.exports.parquet_writer import ParquetFile  # loads pyarrow

    return [ParquetFile(table, plan) for table in plan.tables]


def _statistics(name: str) -> Callable[[Plan, CsvOptions], Sequence[ExportFile]]:
    def files(plan: Plan, _options: CsvOptions) -> Sequence[ExportFile]:
        from surveyapp.exports.stat_writer import stat_files  # loads pandas

        return stat_files(name, plan)

    return files


def _one_part(name: str) -> Callable[[Plan, int], None]:
    def check(plan: Plan, submissions: int) -> None:
        from surveyapp.exports.stat_writer import rows_of_part  # loads pandas

        if submissions > (most := rows_of_part(plan.tables[0])):
            raise TooMuchForOneFile(f"{plan.tables[0].name}.{name}", most)

    return check


def _only_packed(_plan: Plan, _submissions: int) -> None:
    raise OnlyAsPackage("media")


def _statistics_format(name: str, media_type: str) -> Format:
    return Format(
        name,
        media_type,
        True,
        _statistics(name),
        extra="stats",
        libraries=("pyreadstat", "pandas"),
        planned=by_codes,
        check_bare=_one_part(name),
        streams=False,  # the library writes from a whole frame
    )


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
        Format(
            "parquet",
            "application/vnd.apache.parquet",
            True,
            _parquet,
            extra="parquet",
            libraries=("pyarrow",),
            planned=without_marks,
            ignored=frozenset({"missing", "rosters"}),
        ),
        _statistics_format("sav", "application/x-spss-sav"),
        _statistics_format("dta", "application/x-stata-dta"),
        Format(
            "geojson",
            "application/geo+json",
            True,
            lambda plan, _options: [GeoJsonFile(plan)],
            check=check_places,
        ),
        Format(
            "media",
            PACKAGE_TYPE,
            False,
            lambda _plan, _options: [],
            check=check_files,
            check_bare=_only_packed,
            ignored=frozenset({"values", "times", "columns"}),
            media=True,
        ),
    )
}
