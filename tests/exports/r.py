"""Opens exports in R and compares what it gives back; by hand, not by pytest.

    apt-get install --no-install-recommends r-base-core r-cran-haven r-cran-readr \
        r-cran-readxl r-cran-jsonlite r-cran-sf
    python -m tests.exports.r

haven reads the files of SPSS and Stata (values, tagged and declared missing ones, labels), readr the CSV,
readxl the workbook, sf the GeoJSON. Without R it says so, and ends well.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from surveyapp.exports.stat_writer import DIALECTS
from tests.exports.opening import (
    MARKS,
    Expected,
    Names,
    StatCells,
    compared,
    made,
    moment_text,
    number,
)
from tests.exports.test_round_trips import csv_cell, xlsx_cell

#: every cell as a text, numbers with all their digits, tagged missing ones as `.r`; and the dictionaries
_SCRIPT = r"""
suppressMessages({library(haven); library(readr); library(readxl); library(jsonlite); library(sf)})
options(digits.secs = 3)
told <- function(x) {
  if (is.list(x)) return(sapply(x, told))
  tags <- if (is.double(x)) na_tag(x) else NA
  if (inherits(x, "POSIXct")) out <- sprintf("%.3f", as.numeric(x))
  else if (inherits(x, "Date")) out <- format(x, "%Y-%m-%d")
  else if (is.numeric(x)) out <- sprintf("%.17g", unclass(x))
  else out <- as.character(x)
  ifelse(is.na(x) & !is.na(tags), paste0(".", tags), ifelse(is.na(unclass(x)), NA, out))
}
coded <- function(x) {
  names <- names(attr(x, "labels"))
  values <- attr(x, "labels")
  tags <- if (is.double(values)) na_tag(values) else NA
  as.list(setNames(names, ifelse(!is.na(tags), paste0(".", tags), sprintf("%.17g", values))))
}
described <- function(x) list(
  label = attr(x, "label"), codes = if (is.null(attr(x, "labels"))) NULL else coded(x),
  missing = if (is.null(attr(x, "na_values"))) NULL else I(sprintf("%.17g", attr(x, "na_values"))),
  class = class(x)[1])
for (file in commandArgs(TRUE)) {
  name <- sub("\\.[a-z]+$", "", basename(file))
  read <- switch(sub("^.*\\.", "", file),
    sav = list(read_sav(file, user_na = TRUE)), dta = list(read_dta(file)),
    csv = list(read_csv(file, col_types = cols(.default = "c"), na = character(), trim_ws = FALSE)),
    xlsx = sapply(excel_sheets(file), function(sheet) read_excel(file, sheet, col_types = "list", trim_ws = FALSE),
      simplify = FALSE),
    geojson = { d <- st_read(file, quiet = TRUE); wkt <- st_as_text(d$geometry, digits = 15)
      list(cbind(st_drop_geometry(d), wkt = wkt)) })
  if (length(read) == 1) names(read) <- name
  told_all <- lapply(read, function(d) list(
    rows = as.data.frame(lapply(d, told), check.names = FALSE), columns = lapply(d, described)))
  write_json(told_all, paste0(file, ".json"), auto_unbox = TRUE, na = "null", null = "null")
}
"""

_FORMATS = ("sav", "dta", "csv", "xlsx", "geojson")


def main() -> None:
    """Export, read, compare, and say how many cells were alike."""
    program = shutil.which("Rscript")
    if program is None:
        print("skipped: R is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for questionnaire, wanted in made(folder, *_FORMATS).items():
            for format_ in _FORMATS if wanted.places else _FORMATS[:-1]:
                print(
                    f"{questionnaire}, {format_}:",
                    _read(program, folder / questionnaire / format_, wanted),
                )


def _read(program: str, folder: Path, wanted: Expected) -> str:
    format_ = folder.name
    files = [str(file) for file in sorted(folder.glob(f"*.{format_}")) if file.stem in wanted.tables]
    script = folder / "read.R"
    script.write_text(_SCRIPT, encoding="utf-8")
    command = [program, "--vanilla", str(script), *files]
    subprocess.run(command, check=True, timeout=600)
    read: dict[str, Any] = {}
    for file in files:
        read |= json.loads(Path(f"{file}.json").read_text(encoding="utf-8"))
    if format_ == "geojson":
        found = {row["id"]: row["wkt"] for row in read["submissions"]["rows"]}
        alike = sum(_is_place(found.get(id_, ""), corners) for id_, _in, _of, corners in wanted.places)
        return f"{len(found)} features, {alike} of {len(wanted.places)} places alike"
    if format_ == "xlsx":
        read = {table: read[table[:31]] for table in wanted.tables}
    rows = {table: each["rows"] for table, each in read.items()}
    if format_ in {"csv", "xlsx"}:
        return compared(rows, wanted, partial(_from_csv if format_ == "csv" else _from_xlsx, wanted))
    names = Names.of(folder)
    found = {table: names.renamed(table, some) for table, some in rows.items()}
    told = StatCells(format_, names, wanted, partial(_day, format_), _moment)
    cells = compared(found, wanted, told)
    return f"{cells}; {_described(read, wanted, names, format_)}"


def _is_place(wkt: str, corners: Sequence[tuple[float, float]]) -> bool:
    found = re.findall(r"(-?[0-9.]+) (-?[0-9.]+)", wkt)
    return {(float(x), float(y)) for x, y in found} == set(corners)


def _day(format_: str, value: date, has_labels: bool) -> Any:
    """In ISO; haven leaves days of SPSS that have labels numbers, counted from 1970."""
    is_number = has_labels and format_ == "sav"
    return value.toordinal() - date(1970, 1, 1).toordinal() if is_number else value.isoformat()


def _moment(value: datetime) -> Any:
    """In seconds since 1970, as if the clock of the wall were in UTC."""
    return value.replace(tzinfo=UTC).timestamp()


def _described(read: Mapping[str, Any], wanted: Expected, names: Names, format_: str) -> str:
    """Labels of variables and of values against the definition."""
    alike, others = 0, []
    for (table, column), variable in names.variables.items():
        if column in wanted.labels:
            told = read[table]["columns"][variable]
            codes = {
                number(value): label for value, label in wanted.coded(column, names, format_).items()
            }
            found = {number(value): label for value, label in (told.get("codes") or {}).items()}
            label = DIALECTS[format_].label(wanted.labels[column])
            for pair in ((told.get("label"), label), (found, codes)):
                alike += pair[0] == pair[1]
                others += [] if pair[0] == pair[1] else [(column, *pair)]
    return f"{alike} labels and lists alike, {len(others)} others {others[:4] or ''}"


def _from_csv(wanted: Expected, value: Any, kind: str, column: str) -> Any:
    told = wanted.marked(value, column)
    if kind == "moment" and isinstance(told, datetime):
        return moment_text(told)
    return told if told in MARKS else csv_cell(told, kind)


def _from_xlsx(wanted: Expected, value: Any, kind: str, column: str) -> Any:
    """As readxl has it, in a list of cells: days and moments in seconds."""
    told = wanted.marked(value, column)
    cell = told if told in MARKS else xlsx_cell(told, kind)
    return (
        cell.replace(tzinfo=UTC).timestamp()
        if isinstance(cell, datetime)
        else None
        if cell == ""
        else cell
    )


if __name__ == "__main__":
    main()
