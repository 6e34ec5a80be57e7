"""Cells that are looked up by their answers are those that each column reads alone, whatever came before."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp.exports import rows
from surveyapp.exports.cells import Cell
from surveyapp.exports.csv_writer import CsvFile, CsvLines
from surveyapp.exports.plan import Plan, make_plan
from surveyapp.exports.records import Instance, Record
from surveyapp.exports.request import CsvOptions, Missing, Rosters, TableOptions
from surveyapp.exports.rows import LONGEST
from surveyapp.exports.tables import Table, as_it_is
from surveyapp.exports.xlsx_cells import CELLS
from tests.exports import visits

#: equal to another one of them, and written in another way; or of no shape that a question has
ODD = st.sampled_from(
    [
        *(None, 0, 0.0, -0.0, False, 1, 1.0, True, 7, 7.0, "7", 2**53, 1e21, 1e-07),
        *("", "=1", 'a"b', "a,b\r\n", "Жан", "-99", "x" * LONGEST, "x" * (LONGEST + 1)),
        *({}, {"lat": 1, "lon": True}, [{"a": 1}], [1]),
    ]
)
CODES = st.lists(st.sampled_from(["food", "money", "care", "a b", ""]), max_size=3)
MOMENTS = st.sampled_from(["2026-11-27T10:00:00+05:00", "2026-11-27", "27.11.2026", "1899-12-31"])
ANSWER = st.one_of(ODD, CODES, MOMENTS)
OPTIONS = [
    TableOptions(),
    TableOptions(labels="ru"),
    TableOptions(labels="kk", codes=True),
    TableOptions(split_multiple=True, joined_multiple=True),
    TableOptions(include_identity=True, include_sensitive=True),
]


def paths(plan: Plan) -> list[tuple[str, ...]]:
    return [tuple(item.path.split("/")) for item in plan.items if not item.rosters]


@st.composite
def some_answers(draw: st.DrawFn) -> dict[str, Any]:
    """Answers of a visit: some missing, some of another shape, with children or what stands there."""
    answers: dict[str, Any] = {}
    for path in paths(make_plan([visits.definition("1")], TableOptions(), UTC)):
        if draw(st.booleans()):
            _put(answers, path, draw(ANSWER))
    children = st.lists(st.one_of(st.dictionaries(st.sampled_from(["c_age", "toys"]), ANSWER), ODD))
    answers["child"] = draw(st.one_of(children, ANSWER))
    return answers


def _put(answers: dict[str, Any], path: tuple[str, ...], answer: Any) -> None:
    *above, name = path
    for step in above:
        below = answers.setdefault(step, {})
        if not isinstance(below, dict):
            return
        answers = below
    answers[name] = answer


def record(answers: dict[str, Any], number: int = 1, version: str = "1", **facts: Any) -> Record:
    return Record(
        **{
            "id": UUID(int=number),
            "revision": number,
            "questionnaire": visits.ID,
            "version": version,
            "language": "kk",
            "channel": "api",
            "app": None,
            "status": "stored",
            "flags": ["late"] if number % 2 else [],
            "errors": [{"path": "visit/size", "code": "constraint"}] if number % 2 else [],
            "synthetic": number % 2 == 0,
            "started_at": datetime(2026, 11, 27, 5, tzinfo=UTC) if number % 3 else None,
            "finished_at": None,
            "received_at": datetime(2026, 11, 27, 6, number % 60, tzinfo=UTC),
            "clock_skew": None if number % 2 else number,
            "answers": answers,
            **facts,
        }
    )


def read_alone(table: Table, each: Record) -> list[list[Cell]]:
    """What each column gives for itself."""
    instances = [Instance(each, each.answers, str(each.id))]
    for steps in table.levels:
        instances = [below for instance in instances for below in instance.below(steps)]
    return [[column.read(instance) for column in table.columns] for instance in instances]


def as_told(cells: list[list[Cell]]) -> list[list[str]]:
    """With what tells 1 from True and 0.0 from -0.0."""
    return [[f"{type(cell).__name__} {cell!r}" for cell in row] for row in cells]


@settings(deadline=None, max_examples=200)
@given(several=st.lists(some_answers(), min_size=1, max_size=6), options=st.sampled_from(OPTIONS))
def test_a_cell_does_not_depend_on_what_came_before(
    several: list[dict[str, Any]], options: TableOptions
) -> None:
    plan = make_plan([visits.definition("1"), visits.definition("2")], options, UTC)
    records = [record(answers, number, "2") for number, answers in enumerate(several, start=1)]
    records += [record(answers, number) for number, answers in enumerate(several, start=1)]
    for table in plan.tables:
        for each in records:
            assert as_told(table.rows(each)) == as_told(read_alone(table, each))


@settings(deadline=None, max_examples=100)
@given(several=st.lists(some_answers(), min_size=1, max_size=6))
def test_lines_are_those_of_the_csv_module(several: list[dict[str, Any]]) -> None:
    plan = make_plan([visits.definition("1")], TableOptions(), UTC)
    for table in plan.tables:
        file = CsvFile(table, CsvOptions())
        lines = CsvLines(CsvOptions())
        for number, answers in enumerate(several, start=1):
            each = record(answers, number)
            text = file.add(each).decode()
            fields = [[_unquoted(lines.field(cell)) for cell in row] for row in table.rows(each)]
            assert text == _by_the_module(fields)
            assert list(csv.reader(io.StringIO(text, newline=""))) == fields


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"') if field.startswith('"') else field


def _by_the_module(rows: list[list[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def test_every_kind_of_cell_has_a_text() -> None:
    line = CsvLines(CsvOptions()).lines([[None, 0, True, 0.5, "", date(2026, 1, 1)]])
    assert line == b",0,1,0.5,,2026-01-01\r\n"
    assert CsvLines(CsvOptions()).lines([[None]]) == b'""\r\n'
    assert set(CELLS) >= {bool, int, float, str}


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "REMEMBERED", 10)
    read: list[Any] = []
    source = rows.Source(("a",), frozenset({"1"}), lambda answer: read.append(answer) or answer)  # type: ignore[func-returns-value]  # counts
    row_of = rows.row_maker([source], [as_it_is], "1", marked=False)
    texts = [str(number) for number in range(20)] * 2
    told = [row_of(Instance(each, each.answers, each.key)) for each in map(record, _each("a", texts))]
    assert told == [[text] for text in texts]
    # there is room for ten, one of which is what is not there
    assert len(read) == 20 + (20 - 9)


def _each(name: str, values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    return ({name: value} for value in values)


def test_marks_tell_what_is_not_there_from_what_is_empty() -> None:
    options = TableOptions(missing=Missing.MARKED, rosters=Rosters.LINKED)
    plan = make_plan([visits.definition("1")], options, UTC)
    (table, *_others) = plan.tables
    names = [column.name for column in table.columns]
    for _again in range(2):
        (row,) = table.rows(record({"visit": {"size": None, "remark": ".n"}}))
        told = dict(zip(names, row, strict=True))
        assert (told["size"], told["weight"], told["remark"]) == (".e", ".n", "'.n")
