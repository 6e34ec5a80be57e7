"""Cells that are looked up by their answers are those that each column reads alone, whatever came before."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest

from surveyapp.exports import rows
from surveyapp.exports.cells import Cell
from surveyapp.exports.csv_writer import CsvFile, CsvLines
from surveyapp.exports.plan import make_plan
from surveyapp.exports.records import Instance, Record
from surveyapp.exports.request import CsvOptions, Missing, Rosters, TableOptions
from surveyapp.exports.rows import LONGEST
from surveyapp.exports.tables import Table, as_it_is
from surveyapp.exports.xlsx_cells import CELLS
from tests.exports import visits

#: Answers that are equal and written in other ways, and some of no shape that a question has. A visit's
#: answers come out of one of these, so that equals meet in a column.
ALIKE: list[list[Any]] = [
    [0, 0.0, -0.0, False, None, "0"],
    [1, 1.0, True, "1", "1.0", [1]],
    [7, 7.0, "7", 2**53, 1e21, 1e-07],
    ["", "=1", 'a"b', "a,b\r\n", "Жан", "-99", "x" * LONGEST, "x" * (LONGEST + 1)],
    [["food"], ["food", "money"], ["money", "food"], ["food money"], [], "food", ["a", 1], [{"a": 1}]],
    ["2026-11-27T10:00:00+05:00", "2026-11-27", "27.11.2026", "1899-12-31", "10:00"],
    [{}, {"lat": 1, "lon": True}, {"lat": 1.0, "lon": -0.0}, [{"lat": 1}], {"lat": None}, []],
]
OPTIONS = [
    TableOptions(),
    TableOptions(labels="ru"),
    TableOptions(labels="kk", codes=True),
    TableOptions(split_multiple=True, joined_multiple=True),
    TableOptions(include_identity=True, include_sensitive=True),
]


QUESTIONS = [
    tuple(item.path.split("/"))
    for item in make_plan([visits.definition("1")], TableOptions(), UTC).items
    if not item.rosters
]


def visits_alike(random: Random) -> list[dict[str, Any]]:
    """Answers of some visits; some are missing, and so may be all or the children."""
    few = [*random.choice(ALIKE), random.choice(random.choice(ALIKE))]
    made: list[dict[str, Any]] = []
    for _visit in range(6):
        children = [{"c_age": random.choice(few), "toys": random.choice(few)} for _child in range(2)]
        made.append({"child": random.choice([children, children, *few])})
        for path in QUESTIONS:
            if random.random() < 0.8:
                _put(made[-1], path, random.choice(few))
    return made


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


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("seed", range(30))
def test_a_cell_does_not_depend_on_what_came_before(seed: int, options: TableOptions) -> None:
    plan = make_plan([visits.definition("1"), visits.definition("2")], options, UTC)
    several = visits_alike(Random(seed))  # noqa: S311  # the same each time
    records = [record(each, number, "2") for number, each in enumerate(several, start=1)]
    records += [record(each, number) for number, each in enumerate(several, start=1)]
    for table in plan.tables:
        for each in records:
            assert as_told(table.rows(each)) == as_told(read_alone(table, each))


@pytest.mark.parametrize("seed", range(30))
def test_lines_are_those_of_the_csv_module(seed: int) -> None:
    plan = make_plan([visits.definition("1")], TableOptions(), UTC)
    several = visits_alike(Random(seed))  # noqa: S311  # the same each time
    for table in plan.tables:
        file, lines = CsvFile(table, CsvOptions()), CsvLines(CsvOptions())
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
