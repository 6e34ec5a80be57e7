"""Parquet: types, labels, and every cell as pyarrow, DuckDB and pandas read it back."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from surveyapp.catalogue import service as catalogue
from surveyapp.exports import parquet_writer
from surveyapp.exports.request import ExportRequest, TableOptions
from surveyapp.exports.service import export
from surveyapp.questionnaires.definition import DataType
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.exports import visits
from tests.exports.conftest import CANARY, FIRST, SECOND, WORRY
from tests.exports.visits import exported, unzipped
from tests.factories import store_rows, store_submission, submission_row


def table_of(content: bytes) -> pa.Table:
    return parquet.read_table(io.BytesIO(content))


def read(**asked: Any) -> pa.Table:
    return table_of(exported(format="parquet", **asked))


@pytest.mark.usefixtures("stored")
def test_columns_have_the_types_of_their_questions() -> None:
    schema = read().schema
    types = {name: schema.field(name).type for name in schema.names}
    assert types["size"] == pa.int64()
    assert types["weight"] == types["place/lat"] == pa.float64()
    assert types["born"] == pa.date32()
    assert types["received_at"] == types["called"] == pa.timestamp("us", tz="UTC")
    assert types["remark"] == types["agreed"] == pa.string()
    assert types["helps"] == pa.list_(pa.string())
    assert types["synthetic"] == pa.bool_()


@pytest.mark.usefixtures("stored")
def test_answers_come_back_as_they_are_stored() -> None:
    first, second = read().to_pylist()
    assert (first["id"], second["id"]) == (str(FIRST), str(SECOND))
    assert (first["size"], first["weight"], first["born"]) == (3, 3.5, date(2019, 2, 28))
    assert first["called"] == datetime(2026, 9, 1, 8, 3, 7, 250000, UTC)
    assert first["remark"] == 'Ол "жақсы",\r\nдеді 🙂; осылай'
    assert (first["helps"], second["helps"]) == (["food", "none"], None)
    assert (first["synthetic"], second["synthetic"]) == (False, True)
    assert second["size"] is None


@pytest.mark.usefixtures("stored")
def test_labels_stand_in_the_metadata_and_in_cells_where_asked() -> None:
    table = read(tables=TableOptions(labels="ru", split_multiple=True))
    told = table.schema.field("agreed").metadata
    assert told[b"label_ru"].decode() == "Вы согласны?"
    assert json.loads(told[b"choices"])["yes"] == {"kk": "Иә", "ru": "Да", "en": "Yes"}
    assert table.column("agreed").to_pylist() == ["Да", "Нет"]
    assert table.column("helps/food").to_pylist() == [True, None]


@pytest.mark.usefixtures("stored")
def test_guarded_answers_are_in_no_file() -> None:
    files = unzipped(exported(format="parquet", package=True))
    everything = b"".join(
        str(table_of(content).to_pylist()).encode()
        for name, content in files.items()
        if name.endswith(".parquet")
    )
    assert CANARY.encode() not in everything
    assert WORRY.encode() not in everything


@pytest.mark.usefixtures("stored")
def test_rosters_are_tables_that_duckdb_joins(tmp_path: Path) -> None:
    for name, content in unzipped(exported(format="parquet", package=True)).items():
        (tmp_path / name).write_bytes(content)
    submissions, child, toy = (
        duckdb.read_parquet(str(tmp_path / f"{name}.parquet")).set_alias(name)
        for name in ("submissions", "child", "toy")
    )
    joined = submissions.join(child, "child.parent_id = submissions.id").join(
        toy, "toy.parent_id = child.id"
    )
    found = joined.order("toy.position").project("size, c_age, t_name").fetchall()
    assert found == [(3, 7, "доп"), (3, 7, "ат")]


@pytest.mark.usefixtures("stored")
def test_pandas_reads_it_without_being_told_anything() -> None:
    frame = pd.read_parquet(io.BytesIO(exported(format="parquet")))
    assert list(frame["weight"].dropna()) == [3.5]


def test_no_answers_are_a_table_without_rows(published: None) -> None:
    assert read().num_rows == 0


def test_rows_are_written_in_groups(published: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_writer, "ROWS", 2)
    store_rows([submission_row(visits.ID, {"visit": {"size": size}}) for size in range(5)])
    content = exported(format="parquet")
    assert parquet.ParquetFile(io.BytesIO(content)).metadata.num_row_groups == 3
    assert table_of(content).column("size").to_pylist() == [0, 1, 2, 3, 4]


def test_versions_that_added_dropped_and_changed_questions_are_one_table(app: Flask) -> None:
    visits.publish("1", "2")
    store_submission(visits.ID, {"visit": {"size": 3, "hour": "14:30:00+05:00"}}, version="1")
    store_submission(visits.ID, {"visit": {"size": "көп", "phoned": "1899-12-31"}}, version="2")
    first, second = read().to_pylist()
    assert (first["size~integer"], first["hour"], first["phoned"]) == (3, "14:30:00+05:00", None)
    assert (second["size~text"], second["hour"], second["phoned"]) == ("көп", None, date(1899, 12, 31))


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=300)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=TEXTS | st.sampled_from(["=1+1", "\t", "\r\n", "🙂", "Ә" * 32767]),
    whole=st.integers(-(2**53) + 1, 2**53 - 1),
    number=st.floats(allow_nan=False, allow_infinity=False),
    day=st.dates(),
    codes=st.lists(st.sampled_from(["food", "none"]), unique=True),
)
def test_whatever_is_stored_comes_back(  # noqa: PLR0917  # Hypothesis names them
    published: None, text: str, whole: int, number: float, day: date, codes: list[str]
) -> None:
    id_ = uuid4()
    answers = {"remark": text, "size": whole, "weight": number, "born": str(day), "helps": codes}
    store_submission(visits.ID, {"visit": answers}, id=id_)
    (row,) = [row for row in read().to_pylist() if row["id"] == str(id_)]
    assert {name: row[name] for name in answers} == answers | {"born": day}


def test_a_question_of_300_choices_and_names_of_60_letters(app: Flask) -> None:
    name = "q" * 60
    choices = "".join(f"| | many | c{number} | №{number} |\n" for number in range(300))
    workbook = (
        "| survey |\n| | type | name | label |\n"
        f"| | select_multiple many | {name} | Көп |\n"
        f"| choices |\n| | list_name | name | label |\n{choices}"
        "| settings |\n| | form_id | version | form_title |\n| | wide | 1 | Кең |\n"
    )
    catalogue.publish(compile_workbook(workbook.encode(), "wide.md"), demonstration=False)
    chosen = [f"c{number}" for number in range(0, 300, 7)]
    store_submission("wide", {name: chosen})
    options = TableOptions(split_multiple=True)
    request = ExportRequest(questionnaire="wide", format="parquet", tables=options)
    (row,) = table_of(b"".join(export(request))).to_pylist()
    assert [f"c{n}" for n in range(300) if row[f"{name}/c{n}"]] == chosen
    request = ExportRequest(questionnaire="wide", format="parquet")
    (row,) = table_of(b"".join(export(request))).to_pylist()
    assert row[name] == chosen


def test_every_type_of_answer_has_a_type_of_column() -> None:
    assert set(parquet_writer._TYPES) < set(DataType)
