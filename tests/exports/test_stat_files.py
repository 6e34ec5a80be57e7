"""SPSS and Stata: what their reference reader gives back is what is stored, labelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.exports import stat_writer
from surveyapp.exports.cells import Cell
from surveyapp.exports.errors import TooMuchForOneFile
from surveyapp.exports.merging import MergedItem
from surveyapp.exports.plan import make_plan
from surveyapp.exports.records import Record
from surveyapp.exports.request import ExportRequest, Missing, TableOptions
from surveyapp.exports.service import export
from surveyapp.exports.stat_codes import SPSS_MISSING, STATA_MISSING, Codes
from surveyapp.exports.stat_names import SPSS, STATA, stat_names
from surveyapp.exports.stat_writer import DIALECTS, StatFile
from surveyapp.questionnaires.definition import NO_TEXT, Choice, DataType, Text
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.exports import visits
from tests.exports.conftest import FIRST, SECOND
from tests.exports.visits import exported, rows_of, unzipped
from tests.factories import RECEIVED_AT, store_submission

READERS = {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta}
FORMATS = pytest.mark.parametrize("format_", ["sav", "dta"])


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Any]:
    """Reads a file with its values as they stand, missing ones too."""

    def read(format_: str, content: bytes) -> tuple[pd.DataFrame, Any]:
        path = tmp_path / f"some.{format_}"
        path.write_bytes(content)
        frame, told = READERS[format_](path, user_missing=True)
        return frame, told

    yield read


@FORMATS
@pytest.mark.usefixtures("stored")
def test_answers_come_back_as_they_are_stored(read: Any, format_: str) -> None:
    frame, told = read(format_, exported(format=format_, tables=TableOptions(language="ru")))
    first, second = frame.to_dict("records")
    assert (first["id"], second["id"]) == (str(FIRST), str(SECOND))
    assert (first["size"], first["weight"]) == (3.0, 3.5)
    assert first["born"] == date(2019, 2, 28)
    assert first["called"].isoformat() == "2026-09-01T13:03:07.250000"
    assert first["remark"] == 'Ол "жақсы",\r\nдеді 🙂; осылай'
    assert first["helps"] == "food none"
    assert (first["place_lat"], first["place_lon"]) == (43.25, -76.9)
    assert second["remark"] == ""
    assert pd.isna(second["size"])
    assert told.column_names_to_labels["size"] == "Сколько человек?"
    assert told.variable_value_labels["agreed"] == {1.0: "Да", 2.0: "Нет"}
    assert [first["agreed"], second["agreed"]] == [1.0, 2.0]


@FORMATS
@pytest.mark.parametrize(
    ("language", "label"),
    [("kk", "Қанша адам?"), ("ru", "Сколько человек?"), ("en", "How many people?")],
)
@pytest.mark.usefixtures("stored")
def test_labels_are_in_the_language_asked_for(
    read: Any, format_: str, language: str, label: str
) -> None:
    _frame, told = read(format_, exported(format=format_, tables=TableOptions(language=language)))
    assert told.column_names_to_labels["size"] == label


@pytest.mark.usefixtures("stored")
def test_stata_files_are_of_the_format_that_every_edition_opens() -> None:
    """119 is for Stata/MP alone, and R's haven reads its long texts as empty ones."""
    assert exported(format="dta").startswith(b"<stata_dta><header><release>118</release>")


@pytest.mark.usefixtures("stored")
def test_numbers_in_spss_look_like_what_they_are(read: Any) -> None:
    _frame, told = read("sav", exported(format="sav"))
    looks = {
        **{
            "size": "F17.0",
            "revision": "F17.0",
            "agreed": "F10.0",
            "weight": "F17.6",
            "born": "EDATE10",
        },
        # three decimals need 24 signs: PSPP refuses DATETIME23.3
        **{"place_lat": "F17.6", "called": "DATETIME24.3"},
    }
    assert {name: told.original_variable_types[name] for name in looks} == looks


@pytest.mark.parametrize(("format_", "most"), [("sav", 256 // 2), ("dta", 80)])
@pytest.mark.parametrize("more", [0, 1])
def test_labels_are_as_long_as_the_program_takes_them(format_: str, most: int, more: int) -> None:
    """80 letters in Stata, of however many bytes; 256 bytes in SPSS."""
    label = DIALECTS[format_].label("ж" * (most + more))
    assert label == "ж" * most if not more else label.endswith("ж […]")
    assert len(label if format_ == "dta" else label.encode()) <= (80 if format_ == "dta" else 256)


@FORMATS
@pytest.mark.parametrize("missing", list(Missing))
@pytest.mark.usefixtures("stored")
def test_what_nobody_answered_is_called_so_where_it_is_marked(
    read: Any, format_: str, missing: Missing
) -> None:
    tables = TableOptions(language="ru", missing=missing)
    _frame, told = read(format_, exported(format=format_, tables=tables))
    marks: dict[str, dict[Any, str]] = {
        "sav": {-77.0: "оставлено пустым"},
        "dta": {"e": "оставлено пустым", "n": "не спрашивалось"},
    }
    own: dict[Any, str] = {1.0: "Да", 2.0: "Нет"}
    wanted = own | marks[format_] if missing is Missing.MARKED else own
    assert told.variable_value_labels["agreed"] == wanted


NAUGHTY = [
    "=1+1",
    "+7 701",
    "-5",
    "@x",
    "\tтаб",
    'кавычки "«»"',
    "жол\r\nүзу\nтағы",
    "🙂👨‍👩‍👧",
    "ӘҒҚҢӨҰҮҺІ әғқңөұүһі",
    "ж" * 2000,
    "x" * 32767,
    " алдында бос",
]


@FORMATS
@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
@pytest.mark.usefixtures("published")
def test_naughty_texts_come_back(read: Any, format_: str, text: str) -> None:
    store_submission(visits.ID, {"visit": {"remark": text}})
    store_submission(visits.ID, {"visit": {"remark": "қысқа"}})
    frame, _told = read(format_, exported(format=format_))
    assert list(frame["remark"]) == [text, "қысқа"]


@pytest.mark.usefixtures("published")
def test_what_spss_cannot_hold_is_cut_at_a_letter_and_says_so(read: Any) -> None:
    store_submission(visits.ID, {"visit": {"remark": "ж" * 20_000}})
    frame, _told = read("sav", exported(format="sav"))
    (text,) = frame["remark"]
    assert len(text.encode()) <= 32767
    assert text.rstrip("]").endswith("ж […")


@pytest.mark.usefixtures("published")
def test_stata_holds_texts_of_any_length(read: Any) -> None:
    store_submission(visits.ID, {"visit": {"remark": "ж" * 20_000}})
    frame, _told = read("dta", exported(format="dta"))
    assert list(frame["remark"]) == ["ж" * 20_000]


@FORMATS
@pytest.mark.parametrize("number", [0, -1, 2**53 - 1, -(2**53 - 1)])
@pytest.mark.usefixtures("published")
def test_whole_numbers_come_back_exactly(read: Any, format_: str, number: int) -> None:
    store_submission(visits.ID, {"visit": {"size": number}})
    frame, _told = read(format_, exported(format=format_))
    assert [int(value) for value in frame["size"]] == [number]


@FORMATS
@pytest.mark.parametrize("number", [5e-324, 1e-300, 0.1, 1e300, -8.5e307])
@pytest.mark.usefixtures("published")
def test_decimals_come_back_exactly(read: Any, format_: str, number: float) -> None:
    store_submission(visits.ID, {"visit": {"weight": number}})
    frame, _told = read(format_, exported(format=format_))
    assert list(frame["weight"]) == [number]


@FORMATS
@pytest.mark.parametrize("day", ["1582-10-15", "1899-12-31", "1900-02-28", "1959-12-31", "9999-12-31"])
@pytest.mark.usefixtures("published")
def test_days_of_every_age_come_back(read: Any, format_: str, day: str) -> None:
    store_submission(visits.ID, {"visit": {"born": day}})
    frame, _told = read(format_, exported(format=format_))
    assert list(frame["born"]) == [date.fromisoformat(day)]


_LONG = [f"{'a_choice_with_a_name_as_long_as_authors_come_to_write_them__'[:59]}{last}" for last in "xy"]
_LONG_FORM = f"""
| survey |
| | type | name | label |
| | select_one yesno | {_LONG[0]} | Бірінші |
| | select_one yesno | {_LONG[1]} | Екінші |
| | select_one yesno | {_LONG[0][:32]} | Үшінші |
| choices |
| | list_name | name | label |
| | yesno | yes | Иә |
| settings |
| | form_id | version | form_title |
| | long | 1 | Ұзын |
"""


@FORMATS
@pytest.mark.usefixtures("app")
def test_questions_with_choices_may_have_long_names(read: Any, format_: str) -> None:
    """Stata's lists of labels have names, too, which are as short as those of variables."""
    workbook = compile_workbook(_LONG_FORM.encode(), "long.md")
    catalogue.publish(workbook, demonstration=False)
    store_submission("long", dict.fromkeys([*_LONG, _LONG[0][:32]], "yes"))
    request = ExportRequest(questionnaire="long", format=format_, **visits.FULL)
    frame, told = read(format_, visits.opened(b"".join(export(request)), request))
    chosen = [name for name in frame.columns if name.startswith("a_choice")]
    assert len({name[:32] for name in chosen}) == 3 if format_ == "dta" else len(chosen) == 3
    assert [told.variable_value_labels[name] for name in chosen] == [{1.0: "Иә"}] * 3
    assert frame[chosen].to_numpy().tolist() == [[1.0] * 3]


@FORMATS
def test_rosters_are_files_of_their_own_with_links(read: Any, format_: str, stored: None) -> None:
    files = unzipped(exported(format=format_, package=True))
    children, _ = read(format_, files[f"child.{format_}"])
    toys, _ = read(format_, files[f"toy.{format_}"])
    assert list(children["c_age"]) == [7.0, -1.0]
    assert list(children["parent_id"]) == [str(FIRST)] * 2
    assert list(toys["t_name"]) == ["доп", "ат"]
    assert list(toys["parent_id"]) == [children["id"][0]] * 2


@FORMATS
def test_columns_without_any_answer_stay_what_they_are(read: Any, format_: str, published: None) -> None:
    files = unzipped(exported(format=format_, package=True))
    frame, _told = read(format_, files[f"submissions.{format_}"])
    assert len(frame) == 0
    assert {"size", "born", "agreed"} <= set(frame.columns)


@FORMATS
def test_no_more_rows_are_in_a_part_than_fit(
    read: Any, format_: str, published: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stat_writer, "rows_of_part", lambda _table: 3)
    for size in range(7):
        store_submission(visits.ID, {"visit": {"size": size}, "child": [{"c_age": size}]})
    files = unzipped(exported(format=format_, package=True))
    parts = [files[f"submissions-00{number}.{format_}"] for number in (1, 2, 3)]
    sizes = [list(read(format_, part)[0]["size"]) for part in parts]
    assert sizes == [[0, 1, 2], [3, 4, 5], [6]]
    assert f"submissions.{format_}" not in files


@FORMATS
def test_a_bare_file_that_would_be_several_is_refused_before_a_byte(
    format_: str, published: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stat_writer, "rows_of_part", lambda _table: 1)
    exported(format=format_)
    store_submission(visits.ID, {})
    exported(format=format_)
    store_submission(visits.ID, {})
    with pytest.raises(TooMuchForOneFile, match=r"\.zip"):
        exported(format=format_)


def test_every_name_and_number_is_told_in_a_file(stored: None) -> None:
    files = unzipped(exported(format="dta", package=True))
    told = {(row["column"], row["code"]): row for row in rows_of(files["variables.csv"])}
    assert told["place/lat", ""]["variable"] == "place_lat"
    assert told["agreed", "no"]["value"] == "2.0"


# --- codes and names -------------------------------------------------------------------------------


def item(*codes: str, offered: tuple[str, ...] = ()) -> MergedItem:
    choices = tuple(Choice(code, Text({"kk": (f"«{code}»",)})) for code in codes)
    return MergedItem(
        path="q",
        rosters=(),
        type=DataType.SELECT_ONE,
        versions=frozenset({"1"}),
        identity=False,
        sensitive=False,
        label=NO_TEXT,
        default_language="kk",
        choices=choices,
        codes=offered or codes,
    )


def test_a_refusal_is_missing_in_spss_and_keeps_its_label() -> None:
    codes = Codes(item("yes", "no", "dk", "ref"), "kk", SPSS_MISSING)
    assert [codes.value(code) for code in ("yes", "no", "dk", "ref")] == [1.0, 2.0, -88.0, -99.0]
    assert codes.labels[-99.0] == "«ref»"
    assert set(codes.missing) == {-99.0, -88.0}


def test_what_was_not_asked_is_no_category_of_spss() -> None:
    codes = Codes(item("yes", "no"), "kk", SPSS_MISSING)
    assert codes.value(".n") is None
    assert set(codes.labels) == {1.0, 2.0}


def test_a_refusal_is_a_missing_value_of_stata() -> None:
    codes = Codes(item("yes", "dk", "ref"), "kk", STATA_MISSING)
    assert [codes.value(code) for code in ("yes", "dk", "ref", ".e")] == [1.0, "d", "r", "e"]


def test_a_code_that_is_a_number_keeps_it() -> None:
    codes = Codes(item("5", "other", "1"), "kk", SPSS_MISSING)
    assert [codes.value(code) for code in ("5", "other", "1")] == [5.0, 1.0, 2.0]


def test_a_new_version_changes_no_number() -> None:
    old = Codes(item("b", "c"), "kk", SPSS_MISSING)
    new = Codes(item("a", "b", "c", offered=("b", "c", "a")), "kk", SPSS_MISSING)
    assert [new.value(code) for code in ("b", "c")] == [old.value(code) for code in ("b", "c")]


def test_a_code_of_no_list_is_kept_with_itself_as_label() -> None:
    codes = Codes(item("a"), "kk", SPSS_MISSING)
    assert codes.labels[codes.value("unheard")] == "unheard"  # type: ignore[index]


@pytest.mark.parametrize("rules", [SPSS, STATA])
def test_names_are_short_plain_and_apart(rules: Any) -> None:
    columns = ["x" * 60, "x" * 59 + "y", "a-b", "a_b", "аты", "place/lat", "with", "1st", "_all", "str5"]
    names = stat_names(columns, rules)
    assert len({name.casefold() for name in names}) == len(columns)
    assert all(len(name) <= rules.longest and name[0].isalpha() and name.isascii() for name in names)
    assert names[3] == "a_b"
    assert not {name.casefold() for name in names} & rules.reserved


@FORMATS
def test_a_choice_with_a_name_as_long_as_stata_takes_has_its_labels(
    app: Flask, read: Any, format_: str
) -> None:
    """The labels of a variable's values have a name in Stata that is longer than its own."""
    names = [f"{letter}_question_whose_name_has_32_ch" for letter in "abcdefghijklm"]
    asked = "\n".join(f"| | select_one yes_no | {name} | Sure? |" for name in names)
    form = f"""
| survey |
| | type | name | label::English (en) |
{asked}
| choices |
| | list_name | name | label::English (en) |
| | yes_no | yes | Yes |
| | yes_no | no | No |
| settings |
| | form_id | version | form_title | default_language |
| | named | 1 | Named | English (en) |
"""
    catalogue.publish(compile_workbook(form.encode(), "named.md"), demonstration=False)
    store_submission("named", dict.fromkeys(names, "no"))
    request = ExportRequest(questionnaire="named", format=format_)
    frame, told = read(format_, b"".join(export(request)))
    labels = [told.variable_value_labels[name] for name in frame.columns if "question_whose" in name]
    assert labels == [{1.0: "Yes", 2.0: "No"}] * len(names)


@pytest.mark.usefixtures("published")
def test_ways_of_not_answering_are_kept_apart_in_stata(read: Any) -> None:
    plan = make_plan([visits.definition("1")], TableOptions(), UTC)
    marks: Iterator[Cell] = iter([".n", ".e", ".r", ".d", 5])
    (size,) = [column for column in plan.tables[0].columns if column.name == "size"]
    asked = replace(size, read=lambda _instance: next(marks), source=None)
    file = StatFile(replace(plan.tables[0], columns=(asked,)), plan, DIALECTS["dta"])
    assert [file.add(record()) for _number in range(5)] == [b""] * 5
    frame, _told = read("dta", b"".join(file.end()))
    assert list(frame["size"]) == ["n", "e", "r", "d", 5.0]


def record() -> Record:
    return Record(
        id=FIRST,
        revision=1,
        questionnaire=visits.ID,
        version="1",
        language="kk",
        channel="api",
        app=None,
        status="stored",
        flags=(),
        errors=(),
        synthetic=False,
        started_at=None,
        finished_at=None,
        received_at=RECEIVED_AT,
        clock_skew=None,
        answers={},
    )
