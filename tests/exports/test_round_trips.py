"""What csv, pandas, openpyxl, pyreadstat, pyarrow and DuckDB read back of an odd questionnaire.

Cell by cell against the stored answers; where a format cannot hold an answer, against its written rule.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import duckdb
import openpyxl
import pandas as pd
import pyreadstat
import pytest
from flask import Flask
from openpyxl.utils.escape import unescape
from pyarrow import parquet
from sqlalchemy import func, select

from surveyapp.exports.request import CsvOptions, Missing, TableOptions
from surveyapp.extensions import db
from surveyapp.submissions.models import Submission
from tests.exports import odd
from tests.exports.visits import lines_of, unzipped

Rows: TypeAlias = list[dict[str, Any]]
Tables: TypeAlias = dict[str, Rows]
#: signs before which a CSV file has an apostrophe (docs/exports.md)
SIGNS = "=+-@\t\r\n＝＋－＠"
#: of the zone of the settings when the moments of the questionnaire were: local times are told so
ALMATY_THEN = {1899: timedelta(hours=5, minutes=7, seconds=48), 2024: timedelta(hours=6)}


@pytest.fixture
def stored(app: Flask) -> Tables:
    """What any reader must read back."""
    odd.publish("1", "2", "3")
    odd.store()
    query = select(Submission.id, Submission.version, Submission.answers).order_by(Submission.serial)
    rows: Sequence[tuple[UUID, str, Any]] = [
        (r.id, r.version, r.answers) for r in db.session.execute(query)
    ]
    return odd.expected(rows)


def same(found: Mapping[str, Rows], wanted: Tables, cell: Callable[[Any, str], Any]) -> None:
    """Every expected cell of every table is there, as `cell(expected, kind)` says a format has it."""
    for table, rows in wanted.items():
        assert len(found[table]) == len(rows), table
        for read, row in zip(found[table], rows, strict=True):
            for column, value in row.items():
                links = {"id": "text", "parent_id": "text", "position": "whole"}
                kind = links.get(column) or odd.kind_of(column, table)
                assert read[column] == cell(value, kind), (table, row["id"], column)


def local(moment: datetime) -> datetime:
    """In the zone of the settings, which was not always what it is."""
    offset = ALMATY_THEN.get(moment.year, timedelta(hours=5))
    return moment.astimezone(UTC).replace(tzinfo=None) + offset


# --- CSV ----------------------------------------------------------------------------------------------


def guarded(text: str) -> str:
    is_number = text[:1] == "-" and text[1:].replace(".", "", 1).isdigit()
    return f"'{text}" if text[:1] in SIGNS and text and not is_number else text


def csv_cell(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if kind == "list":
        return " ".join(value)
    if kind == "moment":
        return ""  # compared as a moment
    if isinstance(value, float):
        return repr(value)
    return guarded(value) if isinstance(value, str) else str(value)


def test_csv_by_the_csv_module(stored: Tables) -> None:
    found = {
        name.removesuffix(".csv"): list(
            csv.DictReader(io.StringIO(text.decode(), newline=""), strict=True)
        )
        for name, text in unzipped(odd.exported(package=True)).items()
        if name.endswith(".csv")
    }
    moments = [row.pop("moment") for row in found["submissions"]]
    wanted = [row.pop("moment") for row in stored["submissions"]]
    assert [datetime.fromisoformat(m) if m else None for m in moments] == [
        m and m.replace(microsecond=0) for m in wanted
    ]
    same(found, stored, csv_cell)


def test_semicolons_and_decimal_commas_by_pandas(stored: Tables) -> None:
    options = CsvOptions(separator=";", decimal_comma=True, byte_order_mark=True)
    frame = pd.read_csv(
        io.BytesIO(odd.exported(csv=options)),
        sep=";",
        decimal=",",
        encoding="utf-8-sig",
        keep_default_na=False,
        na_values={column: [""] for column in ("broken", "whole", "place/lat")},
        dtype={"words": str, "whole": "Int64"},
    )
    rows = stored["submissions"]
    assert list(frame["words"]) == [csv_cell(row["words"], "text") for row in rows]
    for column in ("broken", "whole", "place/lat"):
        read = [None if pd.isna(cell) else cell for cell in frame[column]]
        assert read == [row[column] for row in rows]


def test_csv_by_duckdb_of_its_own_accord(stored: Tables, tmp_path: Path) -> None:
    """DuckDB finds separator, quotes, types and lines itself; only what is no answer is told to it."""
    for name, content in unzipped(odd.exported(package=True)).items():
        (tmp_path / name).write_bytes(content)
    with duckdb.connect() as database:
        for table, rows in stored.items():
            file = tmp_path / f"{table}.csv"
            read = database.execute("SELECT * FROM read_csv(?, all_varchar = true)", [str(file)])
            names = [column[0] for column in read.description or ()]
            found = [dict(zip(names, row, strict=True)) for row in read.fetchall()]
            for row in (*rows, *found):
                row.pop("moment", None)
            same(
                {table: [{k: v or "" for k, v in row.items()} for row in found]}, {table: rows}, csv_cell
            )
        types = dict(
            database.execute(
                "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_csv(?))",
                [str(tmp_path / "submissions.csv")],
            ).fetchall()
        )
    kinds = {"whole": "BIGINT", "broken": "DOUBLE", "day": "DATE", "words": "VARCHAR", "added": "DOUBLE"}
    assert {name: types[name] for name in kinds} == kinds


# --- XLSX ---------------------------------------------------------------------------------------------


def xlsx_cell(value: Any, kind: str) -> Any:  # noqa: PLR0911  # a rule each
    if value is None:
        return None
    if kind == "list":
        return xlsx_cell(" ".join(value), "text")
    if kind == "moment":
        there = local(value).replace(microsecond=0)
        # before Excel's calendar: a text, with the offset that clocks had
        return there if there.year > 1900 else f"{there.isoformat()}+05:07:48"
    if kind == "day":
        is_early = value < date(1900, 3, 1)  # Excel has a 29 February 1900
        return value.isoformat() if is_early else datetime.combine(value, datetime.min.time())
    if isinstance(value, str):
        units = value.encode("utf-16-le")
        is_long = len(units) // 2 > 32_767
        return units[: 2 * (32_767 - 4)].decode("utf-16-le", "ignore") + " […]" if is_long else value
    if kind == "whole" and abs(value) >= 10**15:  # more digits than Excel has
        return str(value)
    return value


def sheets(content: bytes) -> dict[str, Rows]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    found = {}
    for sheet in book.worksheets:
        header, *rows = sheet.iter_rows(values_only=True)
        names = [str(name) for name in header]
        found[sheet.title] = [
            dict.fromkeys(names)
            | {n: unescape(c) if isinstance(c, str) else c for n, c in zip(names, row, strict=False)}
            for row in rows
        ]
    return found


def test_xlsx_by_openpyxl(stored: Tables) -> None:
    found = sheets(odd.exported(format="xlsx"))
    found[odd.ROSTER] = found[odd.ROSTER[:31]]
    same(found, stored, xlsx_cell)


def test_xlsx_says_which_texts_it_cut(stored: Tables) -> None:
    told = {(row["id"], row["column"]) for row in sheets(odd.exported(format="xlsx"))["cut texts"]}
    assert told == {
        (row["id"], column)
        for row in stored["submissions"]
        for column, value in row.items()
        if isinstance(value, str) and len(value.encode("utf-16-le")) // 2 > 32_767
    }


# --- SPSS, Stata --------------------------------------------------------------------------------------


def stat_cell(format_: str) -> Callable[[Any, str], Any]:
    """What a file of this format has for an answer; codes become numbers, tested on their own."""

    def cell(value: Any, kind: str) -> Any:
        if kind in {"text", "list"}:
            text = " ".join(value) if isinstance(value, list) else value or ""
            encoded = text.encode()
            if format_ == "sav" and len(encoded) > 32_767:
                return encoded[: 32_767 - len(" […]".encode())].decode(errors="ignore") + " […]"
            # SPSS fills texts up with spaces, so those at their end are nobody's
            return text.rstrip(" ") if format_ == "sav" else text
        return value if value is None or kind != "moment" else local(value)

    return cell


@pytest.mark.parametrize("format_", ["sav", "dta"])
def test_spss_and_stata_by_pyreadstat(stored: Tables, tmp_path: Path, format_: str) -> None:
    files = unzipped(odd.exported(format=format_, package=True))
    names: dict[tuple[str, str], str] = {}
    codes: dict[float | str, str] = {}
    for row in csv.DictReader(io.StringIO(files["variables.csv"].decode())):
        if not row["code"]:
            names[row["table"], row["column"]] = row["variable"]
        elif row["column"] == "one":
            codes[row["value"] if row["value"][0] == "." else float(row["value"])] = row["code"]
    read_file = pyreadstat.read_sav if format_ == "sav" else pyreadstat.read_dta
    found = {}
    for table in stored:
        file = tmp_path / f"{table}.{format_}"
        file.write_bytes(files[file.name])
        frame, _told = read_file(file, user_missing=True)
        rows = frame.to_dict("records")
        found[table] = [{c: _plain(row[v]) for (t, c), v in names.items() if t == table} for row in rows]
    for read in found["submissions"]:
        read["one"] = codes.get(f".{read['one']}" if isinstance(read["one"], str) else read["one"], "")
    same(found, stored, stat_cell(format_))
    assert len({name.casefold() for table, name in names.items() if table[0] == "submissions"}) == sum(
        table == "submissions" for table, _column in names
    )


def test_stata_by_pandas(stored: Tables, tmp_path: Path) -> None:
    """Whose reader is its own: pyreadstat reads what pyreadstat wrote."""
    files = unzipped(odd.exported(format="dta", package=True))
    told = list(csv.DictReader(io.StringIO(files["variables.csv"].decode())))
    codes = {float(r["value"]): r["code"] for r in told if r["code"] and r["value"][0] != "."}
    found = {}
    for table in stored:
        file = tmp_path / f"{table}.dta"
        file.write_bytes(files[file.name])
        names = {r["column"]: r["variable"] for r in told if r["table"] == table and not r["code"]}
        rows = pd.read_stata(file, convert_categoricals=False).to_dict("records")
        found[table] = [{c: _plain(row[v]) for c, v in names.items()} for row in rows]
        for row in found[table]:
            row.update({c: row[c].date() for c in row if _is_day(c, table) and row[c]})
    for read, wanted in zip(found["submissions"], stored["submissions"], strict=True):
        # to pandas the two refusals are as missing as what was not asked
        is_refusal = wanted["one"] in {"-99", "dk"}
        read["one"] = wanted["one"] if is_refusal and read["one"] is None else codes.get(read["one"], "")
    same(found, stored, stat_cell("dta"))


def _is_day(column: str, table: str) -> bool:
    kinds = odd.ROSTERS.get(table) or {name: kind for name, (_n, _v, kind) in odd.COLUMNS.items()}
    return kinds.get(column) == "day"


def _plain(cell: Any) -> Any:
    """A cell of a frame: nothing for what pandas says is none, a moment without pandas' own class."""
    if (isinstance(cell, float) and math.isnan(cell)) or cell is pd.NaT:
        return None
    return cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell


# --- Parquet ------------------------------------------------------------------------------------------


def test_parquet_by_pyarrow_and_duckdb(stored: Tables, tmp_path: Path) -> None:
    for name, content in unzipped(odd.exported(format="parquet", package=True)).items():
        (tmp_path / name).write_bytes(content)

    def cell(value: Any, kind: str) -> Any:
        return value.astimezone(UTC) if kind == "moment" and value else value

    files = {table: str(tmp_path / f"{table}.parquet") for table in stored}
    same({table: parquet.read_table(file).to_pylist() for table, file in files.items()}, stored, cell)
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        found = {}
        for table, file in files.items():
            read = database.execute("SELECT * FROM read_parquet(?)", [file])
            names = [column[0] for column in read.description or ()]
            found[table] = [dict(zip(names, row, strict=True)) for row in read.fetchall()]
    same(found, stored, cell)


# --- JSON Lines, GeoJSON ------------------------------------------------------------------------------


def test_json_lines_are_the_stored_answers(stored: Tables) -> None:
    wanted = db.session.execute(select(Submission.id, Submission.answers).order_by(Submission.serial))
    found = [(line["id"], line["answers"]) for line in lines_of(odd.exported(format="jsonl"))]
    assert found == [(str(id_), as_said(answers)) for id_, answers in wanted]


def as_said(answers: Any) -> Any:
    """With decimals as they were sent: PostgreSQL writes 1.5e300 as a whole number of 301 digits."""
    if isinstance(answers, dict):
        return {name: as_said(answer) for name, answer in answers.items()}
    if isinstance(answers, list):
        return [as_said(each) for each in answers]
    return float(answers) if type(answers) is int and abs(answers) >= 2**64 else answers


def test_geojson_by_the_rules_of_its_rfc(stored: Tables) -> None:
    collection = json.loads(odd.exported(format="geojson"))
    assert collection["type"] == "FeatureCollection"
    assert len({feature["id"] for feature in collection["features"]}) == len(collection["features"])
    kinds = [feature["geometry"]["type"] for feature in collection["features"]]
    for feature in collection["features"]:
        assert feature["type"] == "Feature"
        assert isinstance(feature["properties"], dict)
    entries = [f for f in collection["features"] if f["properties"]["place_in"] == odd.ROSTER]
    assert [f["id"] for f in entries] == [row["id"] for row in stored[odd.ROSTER] if row["r_place/lat"]]
    assert all(f["properties"]["place_of"] == "r_place" for f in entries)
    assert len(collection["features"]) == len(entries) + 3
    point, line, area = collection["features"][:3]
    assert kinds[:3] == ["Point", "LineString", "Polygon"]
    # longitude first (RFC 7946, 3.1.1)
    assert point["geometry"]["coordinates"] == [-76.9, 43.25]
    assert line["geometry"]["coordinates"] == [[1.0, 1.0], [1.0, 2.0], [2.0, 2.0]]
    (ring,) = area["geometry"]["coordinates"]
    # closed, and against the clock (3.1.6)
    assert ring[0] == ring[-1]
    assert sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) > 0


# --- totals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["csv", "xlsx", "sav", "dta", "parquet", "jsonl"])
def test_the_manifest_s_totals_are_those_of_the_database(stored: Tables, format_: str) -> None:
    told = json.loads(unzipped(odd.exported(format=format_, package=True))["manifest.json"])
    query = select(func.count(), func.count().filter(Submission.synthetic))
    assert (told["submissions"], told["synthetic"]) == tuple(db.session.execute(query).one())
    rows = {file["name"]: file["rows"] for file in told["files"] if "rows" in file}
    for table, wanted in stored.items():
        if f"{table}.{format_}" in rows:
            assert rows[f"{table}.{format_}"] == len(wanted)


def test_answers_left_empty_and_not_asked_are_told_apart_in_every_table(stored: Tables) -> None:
    marked = odd.exported(package=True, tables=TableOptions(missing=Missing.MARKED))
    rooms = list(csv.DictReader(io.StringIO(unzipped(marked)["room.csv"].decode())))
    assert [room["size"] for room in rooms[:3]] == ["1", "-99", ".e"]
    first = next(csv.DictReader(io.StringIO(unzipped(marked)["submissions.csv"].decode())))
    assert first["old_name"] == ".n"
