"""What the by-hand checks share: exports on disk for other programs, and what these must read back.

Three questionnaires: the odd one of `odd`, the built-in `household_baseline` filled by the demonstration,
and `coded`, whose author declared numbers to be no answer. What is expected is made of the stored answers
and the definition, not by the program's own plan.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.config import Settings
from surveyapp.exports.request import ExportRequest, Missing, TableOptions
from surveyapp.exports.service import export
from surveyapp.exports.stat_codes import SPSS_MISSING
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import DataType, Question, Questionnaire, Roster, Valued
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook
from surveyapp.submissions.demonstrating import Demonstration
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Submission
from surveyapp.submissions.opening import identity_of
from surveyapp.wiring import settings_of
from tests.exports import odd, test_declared_codes, visits
from tests.exports.test_round_trips import local, stat_cell
from tests.exports.visits import unzipped
from tests.factories import store_submission
from tests.questionnaires.compiled import built_in

BASELINE, CODED = "household_baseline", test_declared_codes.ID
#: stand where there is no answer, in what is expected of `household_baseline` and `coded`
NOT_ASKED, EMPTY = ".n", ".e"
MARKS = (NOT_ASKED, EMPTY, ".r", ".d")
#: choices of `household_baseline` that are no answer, and what an author declares such
_NO_ANSWERS, _REASONS = {"ref": ".r", "dk": ".d"}, {"refused": ".r", "dont_know": ".d"}
_REASON_LABELS = {".r": "жауаптан бас тартты", ".d": "білмейді"}
_MARK_LABELS = {
    "sav": {"-77.0": "бос қалдырылған"},
    "dta": {EMPTY: "бос қалдырылған", NOT_ASKED: "сұралмаған"},
}
#: formats that mark what was not asked
_MARKED = frozenset({"csv", "xlsx", "sav", "dta"})
#: how many differences are shown of a column
_SHOWN = 3
_KINDS = {
    DataType.INTEGER: "whole",
    DataType.DECIMAL: "decimal",
    DataType.DATE: "day",
    DataType.DATETIME: "moment",
    DataType.SELECT_ONE: "one",
    DataType.SELECT_MULTIPLE: "list",
    DataType.RANK: "list",
}


@dataclass
class Expected:
    """Tables of one questionnaire: their rows, kinds of columns, labels, and labels of codes, in Kazakh."""

    tables: Mapping[str, list[dict[str, Any]]]
    kinds: Mapping[str, Mapping[str, str]]
    labels: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    #: column → code that is no answer → its mark, where these are marked
    marks: dict[str, dict[str, str]] = field(default_factory=dict)

    #: what stands on a map: id, table, question, and the corners as (longitude, latitude)
    places: list[tuple[str, str, str, list[tuple[float, float]]]] = field(default_factory=list)

    def marked(self, value: Any, column: str) -> Any:
        """An answer with its mark in place of what is no answer."""
        marks = self.marks.get(column, {})
        if isinstance(value, list):
            return [marks.get(code, code) for code in value]
        return marks.get(str(value), value)

    def coded(self, column: str, names: Names, format_: str) -> dict[str, str]:
        """Value of a file of SPSS or Stata → its label: of choices the author's, of others the reason."""
        values = names.values.get(column, {})
        if column in self.codes:
            is_single = any(column in kinds and kinds[column] == "one" for kinds in self.kinds.values())
            marks = _MARK_LABELS[format_] if self.marks and is_single else {}
            known = self.codes[column]
            return marks | {values[code]: label for code, label in known.items() if code in values}
        marks = self.marks.get(column, {})
        return {value: _REASON_LABELS[marks[code]] for code, value in values.items() if code in marks}


def made(folder: Path, *formats: str, submissions: int = 300) -> dict[str, Expected]:
    """Write `folder/<questionnaire>/<format>/…`, the files of packages; tell what they must hold."""
    settings = {"INSTANCE_PATH": str(folder / "instance"), "DEMONSTRATION": "yes"}
    with create_app(Settings.from_environment(settings)).app_context():
        upgrade_database()
        _fill(submissions)
        for questionnaire in (odd.ID, BASELINE, CODED):
            for format_ in formats:
                if format_ == "geojson" and questionnaire == CODED:
                    continue  # it asks for no place
                _write(folder / questionnaire / format_, questionnaire, format_)
        return {
            odd.ID: _odd(),
            BASELINE: _plain(built_in(BASELINE)),
            CODED: _plain(compile_workbook(test_declared_codes.FORM.encode(), f"{CODED}.md")),
        }


def _fill(submissions: int) -> None:
    odd.publish("1", "2", "3")
    odd.store()
    edition = catalogue.publish(built_in(BASELINE), access=Access.PUBLIC, demonstration=True)
    random, now = Random(7), datetime(2026, 9, 30, 12, tzinfo=settings_of().timezone)  # noqa: S311
    for _batch in Demonstration([edition], random, now).send(submissions):
        pass
    form = compile_workbook(test_declared_codes.FORM.encode(), f"{CODED}.md")
    catalogue.publish(form, demonstration=False)
    for answers in (
        test_declared_codes.CODES,
        test_declared_codes.DONT_KNOW,
        test_declared_codes.EMPTY,
        {"size": 5, "weight": -0.5, "born": "1899-12-31"},
    ):
        store_submission(CODED, answers, version="1")


def _write(folder: Path, questionnaire: str, format_: str) -> None:
    """A full export; marks for what was not asked where it is not the odd one."""
    is_marked = questionnaire != odd.ID and format_ in _MARKED
    marks = Missing.MARKED if is_marked else Missing.BLANK
    # where a household is points at people
    is_map = format_ == "geojson"
    tables = TableOptions(include_sensitive=True, include_identity=is_map, missing=marks)
    asked: dict[str, Any] = {"format": format_, "package": not is_map, "tables": tables}
    request = ExportRequest(questionnaire=questionnaire, **visits.FULL | asked)
    content = visits.opened(b"".join(export(request)), request)
    files = unzipped(content) if request.package else {f"submissions.{format_}": content}
    folder.mkdir(parents=True)
    for name, file in files.items():
        (folder / name).write_bytes(file)


# --- what is expected ---------------------------------------------------------------------------------


def stored(questionnaire: str) -> list[Any]:
    """Id, version and answers of its submissions, in the order of exports."""
    query = select(Submission.id, Submission.version, Submission.answers)
    chosen = query.filter_by(questionnaire=questionnaire).order_by(Submission.serial)
    return list(db.session.execute(chosen))


def _odd() -> Expected:
    rows = [(row.id, row.version, row.answers) for row in stored(odd.ID)]
    kinds = {table: dict(columns) for table, columns in odd.ROSTERS.items()}
    kinds["submissions"] = {column: kind for column, (_name, _in, kind) in odd.COLUMNS.items()}
    kinds["submissions"]["one"] = "one"
    expected = Expected(odd.expected(rows), kinds)
    _label(expected, xform.parse(odd.compiled("3").xform))
    # two columns have the name of the last edition's question each; it is `part-day` of two days
    expected.labels["part-day"] = expected.labels.pop("day")
    for row in rows:
        part, id_ = row[2].get("part") or {}, str(row[0])
        _place(expected, id_, "submissions", part, ("place", "way", "area"))
        for number, entry in enumerate(row[2].get(odd.ROSTER) or [], start=1):
            _place(expected, f"{id_}/{odd.ROSTER}[{number}]", odd.ROSTER, entry, ("r_place",))
    return expected


def _place(
    expected: Expected, id_: str, table: str, answers: Mapping[str, Any], names: Sequence[str]
) -> None:
    """Remember the first place that was answered."""
    for name in names:
        if place := answers.get(name):
            corners = [(p["lon"], p["lat"]) for p in (place if isinstance(place, list) else [place])]
            expected.places.append((id_, table, name, corners))
            return


def _plain(workbook: CompiledWorkbook) -> Expected:
    definition = xform.parse(workbook.xform)
    columns = {"submissions": _columns(definition.root)}
    rosters = [item for item in definition.walk() if isinstance(item, Roster)]
    columns |= {roster.name: _columns(roster) for roster in rosters}
    tables: dict[str, list[dict[str, Any]]] = {table: [] for table in columns}
    places = Expected({}, {})
    for id_, _version, answers in stored(definition.id):
        _place(places, str(id_), "submissions", _sealed(id_), ("a_gps",))
        tables["submissions"].append({"id": str(id_)} | _cells(answers, columns["submissions"], ""))
        for roster in rosters:
            for number, entry in enumerate(answers.get(roster.path) or [], start=1):
                own = {"id": f"{id_}/{roster.name}[{number}]", "parent_id": str(id_), "position": number}
                tables[roster.name].append(own | _cells(entry, columns[roster.name], f"{roster.path}/"))
    kinds = {
        table: {name: _KINDS.get(item.type, "text") for name, item in items.items()}
        for table, items in columns.items()
    }
    expected = Expected(tables, kinds, places=places.places)
    _label(expected, definition)
    return expected


def _sealed(id_: UUID) -> Mapping[str, Any]:
    """Answers that point at people, by name."""
    submission = db.session.scalars(select(Submission).filter_by(id=id_)).one()
    sealed = identity_of(keys_of(), submission)
    return {path.rpartition("/")[2]: answer for path, answer in sealed.items()}


def _columns(container: Any) -> dict[str, Valued]:
    """The questions of a container outside of rosters, but no places, nor what points at a person."""
    found: dict[str, Valued] = {}
    for item in container.items:
        if isinstance(item, Question) and not item.identity and item.type is not DataType.GEOPOINT:
            found[item.name] = item
        elif hasattr(item, "items") and not isinstance(item, Roster):
            found |= _columns(item)
    return found


def _cells(answers: Mapping[str, Any], columns: Mapping[str, Valued], above: str) -> dict[str, Any]:
    return {
        name: _cell(_answer(answers, item.path.removeprefix(above)), item)
        for name, item in columns.items()
    }


def _answer(answers: Any, path: str) -> Any:
    for name in path.split("/"):
        if not isinstance(answers, Mapping) or name not in answers:
            return NOT_ASKED
        answers = answers[name]
    return EMPTY if answers is None else answers


def _cell(answer: Any, item: Valued) -> Any:
    if answer in (NOT_ASKED, EMPTY) or item.type not in {DataType.DATE, DataType.DATETIME}:
        return answer
    return (date if item.type is DataType.DATE else datetime).fromisoformat(answer)


def _label(expected: Expected, definition: Questionnaire) -> None:
    for item in definition.walk():
        if isinstance(item, Question):
            language = definition.default_language if "kk" not in item.label.wordings else "kk"
            wording = item.label.wordings.get(language, ())
            expected.labels[item.name] = "".join(
                piece if isinstance(piece, str) else f"{{{piece.source}}}" for piece in wording
            )
            if item.choices is not None and item.choices.list_name in definition.choice_lists:
                expected.codes[item.name] = {
                    choice.name: "".join(map(str, choice.label.wordings.get(language, ())))
                    for choice in definition.choice_lists[item.choices.list_name]
                }
            if definition.id != odd.ID:
                codes = expected.codes.get(item.name, {})
                reasons = {code: mark for code, mark in _NO_ANSWERS.items() if code in codes}
                reasons |= {code: _REASONS[reason] for code, reason in item.missing.items()}
                expected.marks[item.name] = reasons


def moment_text(moment: datetime) -> str:
    """As tables tell it: in the zone of the settings, to the second."""
    offset = "+05:07:48" if moment.year < 1900 else "+06:00" if moment.year == 2024 else "+05:00"
    return f"{local(moment).replace(microsecond=0).isoformat()}{offset}"


# --- comparing ----------------------------------------------------------------------------------------

#: what a program must have read, out of the stored answer, its kind and its column
Telling = Callable[[Any, str, str], Any]


def compared(found: Mapping[str, Sequence[Mapping[str, Any]]], wanted: Expected, told: Telling) -> str:
    """How many cells are alike; the others by column, the first as (read, stored)."""
    alike, others, seen = 0, Counter[str](), dict[str, list[tuple[str, str]]]()
    for table, rows in found.items():
        assert len(rows) == len(wanted.tables[table]), (table, len(rows), len(wanted.tables[table]))
        for read, row in zip(rows, wanted.tables[table], strict=True):
            for column, kind, value in _kinds(row, wanted.kinds[table]):
                cell = told(value, kind, column)
                if is_same(read[column], cell):
                    alike += 1
                else:
                    others[f"{table}.{column}"] += 1
                    pair = (_short(read[column]), _short(cell))
                    seen.setdefault(f"{table}.{column}", []).append(pair)
    details = "".join(f"\n  {name}: {number}: {seen[name][:_SHOWN]}" for name, number in others.items())
    return f"{alike} cells alike, {others.total()} others{details}"


def _short(cell: Any) -> str:
    told = repr(cell)
    return told if len(told) <= 60 else f"{told[:25]}…{told[-25:]} ({len(told)} letters)"


def _kinds(row: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterator[tuple[str, str, Any]]:
    links = {"id": "text", "parent_id": "text", "position": "whole"}
    for column, value in row.items():
        yield column, links.get(column) or kinds[column], value


def is_same(read: Any, wanted: Any) -> bool:
    """Numbers as numbers, of whatever looks."""
    if isinstance(wanted, int | float):
        try:
            return float(read) == wanted
        except (TypeError, ValueError):
            return False
    return bool(read == wanted)


@dataclass
class Names:
    """`variables.csv` of a package: (table, column) → variable; column → code → value."""

    variables: dict[tuple[str, str], str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Names:
        """Read it."""
        names = cls()
        with (folder / "variables.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["code"]:
                    names.values.setdefault(row["column"], {})[row["code"]] = row["value"]
                else:
                    names.variables[row["table"], row["column"]] = row["variable"]
        return names

    def renamed(self, table: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Rows by variables as rows by columns."""
        own = {column: name for (of, column), name in self.variables.items() if of == table}
        return [{column: row.get(name) for column, name in own.items()} for row in rows]


def number(text: str) -> float | str:
    """A value of `variables.csv`: a number, or the letter of a missing one."""
    return text if text.startswith(".") else float(text)


@dataclass(frozen=True)
class StatCells:
    """What a program must read of a file of SPSS or Stata: coded answers as their numbers."""

    format_: str
    names: Names
    wanted: Expected
    #: how the program tells a day (and whether some days of the column have labels), and a moment
    day: Callable[[date, bool], Any]
    moment: Callable[[datetime], Any]

    def __call__(self, value: Any, kind: str, column: str) -> Any:
        """The cell of an answer."""
        known = self.names.values.get(column, {})
        if not isinstance(value, list) and str(value) in known and (kind != "day" or self._has_letters):
            return number(known[str(value)])
        if kind in {"text", "list"}:
            return stat_cell(self.format_)(self.wanted.marked(value, column), kind)
        if value in (None, NOT_ASKED, EMPTY):
            is_empty = kind == "one" and value == EMPTY
            return value if self._has_letters else SPSS_MISSING[EMPTY] if is_empty else None
        if kind == "day":
            return self.day(value, bool(known))
        return self.moment(local(value)) if kind == "moment" else value

    @property
    def _has_letters(self) -> bool:
        """Whether missing values are letters, as Stata has them."""
        return self.format_ == "dta"
