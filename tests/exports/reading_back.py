"""Reads an export with the libraries that analysts use, and compares it with the stored answers.

What is expected is made of the definition and of the answers as the database has them, not by the program's
own plan; which column is whose the package's own codebook tells.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import openpyxl
import pandas as pd
import pyreadstat
from openpyxl.utils.escape import unescape
from pyarrow import parquet
from sqlalchemy import select

from surveyapp.exports.request import ExportRequest, Profile, TableOptions
from surveyapp.extensions import db
from surveyapp.questionnaires import paths
from surveyapp.questionnaires.definition import Container, DataType, Questionnaire, Roster, Section
from surveyapp.questionnaires.partition import drop, is_sensitive, leaves
from surveyapp.submissions.models import Submission
from tests.exports.test_round_trips import _plain, csv_cell, stat_cell, xlsx_cell
from tests.exports.visits import unzipped

Rows: TypeAlias = list[dict[str, Any]]
#: the most that a sheet's name has
SHEET = 31
_KINDS = {
    DataType.DATE: "day",
    DataType.DATETIME: "moment",
    DataType.DECIMAL: "decimal",
    DataType.INTEGER: "whole",
    DataType.SELECT_MULTIPLE: "list",
    DataType.RANK: "list",
}
_PLACES = frozenset({DataType.GEOPOINT, DataType.GEOTRACE, DataType.GEOSHAPE})
_STATISTICS = {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta}


@dataclass(frozen=True)
class Stored:
    """What the database has: of each submission, in the order of storing, its answers by node path."""

    definition: Questionnaire
    ids: Sequence[str]
    answers: Sequence[Mapping[str, Any]]
    flat: Sequence[Mapping[str, Any]]
    #: item path of each roster → of each submission the node paths of its entries
    entries: Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True)
class Told:
    """A column of a table, and the item that the codebook says it is of."""

    table: str
    name: str
    path: str
    kind: str
    roster: str


def stored(definition: Questionnaire) -> Stored:
    """The submissions of a questionnaire that has one version."""
    query = select(Submission.id, Submission.answers).where(Submission.questionnaire == definition.id)
    rows = db.session.execute(query.order_by(Submission.serial)).all()
    db.session.rollback()
    rosters = list(_rosters(definition.root))
    return Stored(
        definition,
        [str(id_) for id_, _answers in rows],
        [answers for _id, answers in rows],
        [{path: value for path, _item, value in leaves(definition, answers)} for _id, answers in rows],
        {path: [list(_entries(definition, path, answers)) for _id, answers in rows] for path in rosters},
    )


def _rosters(container: Container) -> Iterator[str]:
    for item in container.items:
        if isinstance(item, Roster):
            yield item.path
        if isinstance(item, Section | Roster):
            yield from _rosters(item)


def _entries(definition: Questionnaire, roster: str, answers: Mapping[str, Any]) -> Iterator[str]:
    """The node paths of a roster's entries."""
    names = roster.split("/")
    around: list[tuple[str, Any]] = [("", answers)]
    for name in names:
        below: list[tuple[str, Any]] = []
        for path, there in around:
            value = there.get(name) if isinstance(there, dict) else None
            here = paths.join(path, name)
            if isinstance(value, list):
                below += [(f"{here}[{number}]", each) for number, each in enumerate(value, 1)]
            elif isinstance(value, dict):
                below.append((here, value))
        around = below
    yield from (path for path, _there in around)


# --- one export -------------------------------------------------------------------------------------


def read_back(content: bytes, request: ExportRequest, there: Stored) -> int:
    """Open a file (a full export: deciphered) and compare; how many answers were alike.

    Raises AssertionError with the place, and whatever a library raises that cannot read it.
    """
    if request.profile is Profile.AGGREGATE:
        return _counts(content, request)
    if request.package:
        return _package(unzipped(content), request, there)
    read = _READERS[request.format](content)
    if request.format == "geojson":
        return 0
    table = read["submissions"] if "submissions" in read else next(iter(read.values()))
    _same_ids(table, there)
    return 0


def _counts(content: bytes, request: ExportRequest) -> int:
    table = unzipped(content)["counts.csv"] if request.package else content
    frame = pd.read_csv(io.BytesIO(table), dtype=str, keep_default_na=False)
    assert list(frame.columns[:1]), "no columns"
    return 0


def _same_ids(rows: Rows, there: Stored) -> None:
    assert [row["id"] for row in rows] == there.ids, "rows"


def _package(files: Mapping[str, bytes], request: ExportRequest, there: Stored) -> int:
    manifest = json.loads(files["manifest.json"])
    assert manifest["submissions"] == len(there.ids)
    if request.format in {"media", "geojson"}:
        for name, content in files.items():
            if name.endswith(".geojson"):
                assert json.loads(content)["type"] == "FeatureCollection"
        return 0
    suffix = f".{request.format}"
    read: dict[str, Rows] = {}
    for name, content in files.items():
        if name.endswith(suffix) and name not in {"codebook.csv", "variables.csv"}:
            found = _READERS[request.format](content)
            read |= {name.removesuffix(suffix): found[""]} if "" in found else found
    if request.format == "jsonl":
        return _lines(next(iter(read.values())), request, there)
    _same_ids(read["submissions"], there)
    _ranks(manifest, read, request)
    if request.profile is not Profile.FULL or request.tables != TableOptions():
        return 0
    variables = _variables(files) if request.format in _STATISTICS else None
    return sum(_column(told, read, variables, request.format, there) for told in _codebook(files, there))


def _ranks(manifest: Mapping[str, Any], read: Mapping[str, Rows], request: ExportRequest) -> None:
    """As many rows as the manifest says; a workbook's sheets have shorter names."""
    for file in manifest["files"]:
        name = file["name"].rpartition(".")[0]
        if "rows" in file and name in read:
            assert len(read[name]) == file["rows"], file["name"]


def _lines(rows: Rows, request: ExportRequest, there: Stored) -> int:
    _same_ids(rows, there)
    if request.profile is Profile.FULL and request.tables == TableOptions():
        for row, answers in zip(rows, there.answers, strict=True):
            open_ = drop(there.definition, dict(answers), is_sensitive)
            _assert_same(_pruned(row["answers"]), _pruned(open_), (row["id"], "answers"))
    return sum(map(len, there.flat))


def _pruned(answers: Any) -> Any:
    """Without sections of which nothing is left: whether these stand there says nothing."""
    if isinstance(answers, dict):
        pruned = {name: _pruned(each) for name, each in answers.items()}
        return {name: each for name, each in pruned.items() if each != {}}
    return [_pruned(each) for each in answers] if isinstance(answers, list) else answers


def _codebook(files: Mapping[str, bytes], there: Stored) -> Iterator[Told]:
    items = {item.path: item for item in there.definition.walk()}
    for row in csv.DictReader(io.StringIO(files["codebook.csv"].decode("utf-8-sig"), newline="")):
        if not row["path"] or row["choice"]:
            continue
        item: Any = items[row["path"]]
        around = [path for path in there.entries if row["path"].startswith(f"{path}/")]
        part = row["column"].rpartition("/")[2] if item.type in _PLACES else ""
        kind = f"place/{part}" if part else _KINDS.get(item.type, "text")
        if item.type in {DataType.GEOTRACE, DataType.GEOSHAPE}:
            kind = "track"
        if item.type is DataType.SELECT_ONE:
            kind = "code"
        yield Told(row["table"], row["column"], row["path"], kind, max(around, key=len, default=""))


def _variables(files: Mapping[str, bytes]) -> dict[tuple[str, str], tuple[str, dict[Any, str]]]:
    """Table and column → variable, and value → code."""
    found: dict[tuple[str, str], tuple[str, dict[Any, str]]] = {}
    for row in csv.DictReader(io.StringIO(files["variables.csv"].decode())):
        _name, codes = found.setdefault((row["table"], row["column"]), (row["variable"], {}))
        if row["code"]:
            codes[row["value"] if row["value"][:1] == "." else float(row["value"])] = row["code"]
    return found


def _column(
    told: Told,
    read: Mapping[str, Rows],
    variables: Mapping[tuple[str, str], tuple[str, dict[Any, str]]] | None,
    format_: str,
    there: Stored,
) -> int:
    rows = read[told.table[:SHEET] if format_ == "xlsx" and told.table not in read else told.table]
    name, codes = variables[told.table, told.name] if variables is not None else (told.name, {})
    wanted = [_typed(told.kind, value) for value in _values(told, there)]
    assert len(rows) == len(wanted), (told, len(rows), len(wanted))
    for row, value in zip(rows, wanted, strict=True):
        cell = row[name]
        if codes and told.kind == "code":
            key = f".{cell}" if isinstance(cell, str) and f".{cell}" in codes else cell
            _assert_same(codes.get(key, cell) or None, value, told)
            continue
        _assert_same(*_both(format_, told.kind, cell, value), told)
    return len(wanted)


def _values(told: Told, there: Stored) -> Iterator[Any]:
    """What was answered, in the order of the table's rows."""
    if not told.roster:
        yield from (flat.get(told.path) for flat in there.flat)
        return
    rest = told.path.removeprefix(f"{told.roster}/")
    for flat, entries in zip(there.flat, there.entries[told.roster], strict=True):
        yield from (flat.get(f"{entry}/{rest}") for entry in entries)


def _typed(kind: str, value: Any) -> Any:
    if value is None or kind in {"track", "list"}:
        return value
    if kind == "day":
        return date.fromisoformat(value)
    if kind == "moment":
        return datetime.fromisoformat(value)
    if kind.startswith("place/"):
        return value.get(kind.partition("/")[2])
    return float(value) if kind == "decimal" else value


def _both(format_: str, kind: str, cell: Any, value: Any) -> tuple[Any, Any]:
    """A cell as it was read and as it should be, made comparable."""
    if kind == "track":
        return len(str(cell).split("; ")) if cell else 0, len(value) if value else 0
    if kind == "moment":
        return _moments(format_, cell, value)
    plain = "text" if kind == "code" else kind
    if format_ in _STATISTICS:
        return cell, stat_cell(format_)(value, plain)
    told = {"csv": csv_cell, "xlsx": xlsx_cell}.get(format_)
    return cell, told(value, plain) if told else value


def _moments(format_: str, cell: Any, value: datetime | None) -> tuple[Any, Any]:
    if format_ == "csv":
        return (datetime.fromisoformat(cell) if cell else None), value and value.replace(microsecond=0)
    if format_ in _STATISTICS:
        shown = stat_cell(format_)(value, "moment")
        return cell and cell.replace(microsecond=0), shown and shown.replace(microsecond=0)
    return cell, xlsx_cell(value, "moment") if format_ == "xlsx" else value


def _assert_same(cell: Any, wanted: Any, where: Any) -> None:
    if cell == wanted or (cell in (None, "") and wanted in (None, "", [])):
        return
    if isinstance(cell, int | float) and isinstance(wanted, int | float):
        assert abs(cell - wanted) <= 1e-9 * abs(wanted), (where, cell, wanted)
        return
    if isinstance(cell, datetime) and isinstance(wanted, date) and not isinstance(wanted, datetime):
        cell = cell.date()
    assert cell == wanted, (where, cell, wanted)


# --- readers: a file's bytes → table → rows; the only table of a file is called "" ------------------


def _csv(content: bytes) -> dict[str, Rows]:
    text = content.decode("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = list(reader)
    names = reader.fieldnames or []
    assert len(set(names)) == len(names), "two columns of one name"
    assert not any(None in row or None in row.values() for row in rows), "ragged"
    frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert (len(frame), list(frame.columns)) == (len(rows), names)
    with tempfile.NamedTemporaryFile(suffix=".csv") as file, duckdb.connect() as database:
        Path(file.name).write_bytes(content)
        query = "SELECT count(*) FROM read_csv(?, all_varchar = true, header = true)"
        assert database.execute(query, [file.name]).fetchone() == (len(rows),)
    return {"": rows}


def _xlsx(content: bytes) -> dict[str, Rows]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    found: dict[str, Rows] = {}
    for sheet in book.worksheets:
        header, *rows = sheet.iter_rows(values_only=True)
        names = [str(name) for name in header]
        assert len({name.casefold() for name in names}) >= len(set(names))
        assert len(set(names)) == len(names), (sheet.title, "two columns of one name")
        found[sheet.title] = [
            dict.fromkeys(names)
            | {n: unescape(c) if isinstance(c, str) else c for n, c in zip(names, row, strict=False)}
            for row in rows
        ]
    return found


def _statistics(format_: str, content: bytes) -> dict[str, Rows]:
    with tempfile.NamedTemporaryFile(suffix=f".{format_}") as file:
        Path(file.name).write_bytes(content)
        frame, _told = _STATISTICS[format_](file.name, user_missing=True)
    return {"": [{name: _plain(c) for name, c in row.items()} for row in frame.to_dict("records")]}


def _parquet(content: bytes) -> dict[str, Rows]:
    table = parquet.read_table(io.BytesIO(content))
    assert len(set(table.column_names)) == len(table.column_names)
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file, duckdb.connect() as database:
        Path(file.name).write_bytes(content)
        counted = database.execute("SELECT count(*) FROM read_parquet(?)", [file.name]).fetchone()
        assert counted == (table.num_rows,)
    return {"": table.to_pylist()}


def _jsonl(content: bytes) -> dict[str, Rows]:
    return {"": [json.loads(line) for line in content.decode().splitlines() if line]}


def _geojson(content: bytes) -> dict[str, Rows]:
    collection = json.loads(content)
    assert collection["type"] == "FeatureCollection"
    ids = [feature["id"] for feature in collection["features"]]
    assert len(set(ids)) == len(ids)
    return {"": collection["features"]}


_READERS: Mapping[str, Callable[[bytes], dict[str, Rows]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "jsonl": _jsonl,
    "geojson": _geojson,
    "sav": lambda content: _statistics("sav", content),
    "dta": lambda content: _statistics("dta", content),
}
