"""CSV: exact contents, RFC 4180, and what a spreadsheet, pandas and Python's reader make of it."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pandas
import pytest
from flask import Flask

from surveyapp.exports.csv_writer import CsvLines, guarded
from surveyapp.exports.request import CsvOptions, TableOptions
from tests.exports import visits
from tests.exports.conftest import CANARY, FIRST, SECOND, WORRY
from tests.exports.visits import exported, rows_of, unzipped
from tests.factories import store_submission

HEADER = (
    "id,revision,questionnaire,version,language,channel,app,status,flags,errors,synthetic,day,started_at,"
    "finished_at,received_at,clock_skew,agreed,size,weight,born,called,hour,remark,helps,place/lat,"
    "place/lon,place/alt,place/accuracy,double\r\n"
)


@pytest.mark.usefixtures("stored")
def test_the_table_of_submissions_is_exactly_this() -> None:
    assert exported().decode() == (
        HEADER
        + f"{FIRST},1,visits,1,kk,api,field/1.0,stored,invalid clock_skew,child[2]/c_age:constraint,0,"
        "2026-09-02,2026-09-01T13:00:05+05:00,2026-09-01T13:30:00+05:00,2026-09-02T01:30:15+05:00,-4,"
        "yes,3,3.5,2019-02-28,2026-09-01T13:03:07+05:00,14:30:00+05:00,"
        '"Ол ""жақсы"",\r\nдеді 🙂; осылай",food none,43.25,-76.9,,12.0,6\r\n'
        f"{SECOND},1,visits,1,ru,web,,stored,,,1,"
        "2026-09-02,,,2026-09-02T08:00:00+05:00,,no,,,,,,,,,,,,\r\n"
    )


@pytest.mark.usefixtures("stored")
def test_the_tables_of_rosters_are_linked_to_what_they_belong_to() -> None:
    files = unzipped(exported(package=True))
    assert files["child.csv"].decode() == (
        "id,parent_id,submission_id,position,synthetic,c_age\r\n"
        f"{FIRST}/child[1],{FIRST},{FIRST},1,0,7\r\n"
        f"{FIRST}/child[2],{FIRST},{FIRST},2,0,-1\r\n"
    )
    assert files["toy.csv"].decode() == (
        "id,parent_id,submission_id,position,synthetic,parent_position,t_name\r\n"
        f"{FIRST}/child[1]/toy[1],{FIRST}/child[1],{FIRST},1,0,1,доп\r\n"
        f"{FIRST}/child[1]/toy[2],{FIRST}/child[1],{FIRST},2,0,1,ат\r\n"
    )
    assert files["submissions.csv"] == exported()


@pytest.mark.usefixtures("published")
def test_an_export_without_submissions_has_its_header() -> None:
    assert exported().decode() == HEADER


@pytest.mark.usefixtures("stored")
def test_identity_and_sensitive_answers_are_left_out_unless_asked_for() -> None:
    package = b"".join(unzipped(exported(package=True)).values()).decode()
    assert CANARY not in package
    assert WORRY not in package


@pytest.mark.usefixtures("stored")
def test_identity_comes_along_when_asked_for_with_a_reason() -> None:
    files = unzipped(
        exported(package=True, tables=TableOptions(include_identity=True), reason="call them back")
    )
    assert [row["family"] for row in rows_of(files["submissions.csv"])] == [CANARY, ""]
    assert [row["c_name"] for row in rows_of(files["child.csv"])] == [CANARY, ""]
    assert WORRY not in b"".join(files.values()).decode()


@pytest.mark.usefixtures("stored")
def test_sensitive_answers_come_along_when_asked_for_with_a_reason() -> None:
    rows = rows_of(exported(tables=TableOptions(include_sensitive=True), reason="analysis"))
    assert [row["worry"] for row in rows] == [WORRY, ""]
    assert "family" not in rows[0]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("language", "agreed", "helps"),
    [
        ("kk", ["Иә", "Жоқ"], "Тамақ, азық; Ешқандай"),
        ("ru", ["Да", "Нет"], "Еда; Никакая"),
        ("en", ["Yes", "No"], "Food; None"),
    ],
)
def test_choices_are_given_by_their_labels_in_each_language(
    language: str, agreed: list[str], helps: str
) -> None:
    rows = rows_of(exported(tables=TableOptions(labels=language)))
    assert [row["agreed"] for row in rows] == agreed
    assert [row["helps"] for row in rows] == [helps, ""]


@pytest.mark.usefixtures("stored")
def test_several_choices_are_split_into_noughts_and_ones_and_nothing_where_nobody_answered() -> None:
    rows = rows_of(exported(tables=TableOptions(split_multiple=True)))
    assert [(row["helps/food"], row["helps/none"]) for row in rows] == [("1", "1"), ("", "")]


def test_a_choice_that_was_not_chosen_is_a_nought(published: None) -> None:
    store_submission(visits.ID, {"visit": {"helps": ["none"]}})
    (row,) = rows_of(exported(tables=TableOptions(split_multiple=True)))
    assert (row["helps/food"], row["helps/none"]) == ("0", "1")


def test_answers_of_two_versions_stand_in_one_table(app: Flask) -> None:
    visits.publish("1", "2")
    store_submission(visits.ID, {"visit": {"size": 5, "hour": "09:00:00+05:00", "helps": ["food"]}})
    store_submission(
        visits.ID,
        {"visit": {"size": "five", "phoned": "2026-09-01", "helps": ["money", "food"]}},
        version="2",
    )
    old, new = rows_of(exported(tables=TableOptions(labels="ru")))
    assert (old["size~integer"], old["size~text"], old["hour"], old["phoned"]) == (
        "5",
        "",
        "09:00:00+05:00",
        "",
    )
    assert (new["size~integer"], new["size~text"], new["hour"], new["phoned"]) == (
        "",
        "five",
        "",
        "2026-09-01",
    )
    # the newest wording stands for the same code in every version
    assert (old["helps"], new["helps"]) == ("Продукты", "Деньги; Продукты")


def test_the_form_s_own_clock_stands_in_where_the_submission_has_no_time(published: None) -> None:
    said = "2026-09-01T14:03:07.250+06:00"
    store_submission(visits.ID, {"started_at": said})
    store_submission(visits.ID, {"started_at": said}, started_at=datetime(2026, 9, 1, 1, tzinfo=UTC))
    silent, telling = rows_of(exported())
    assert silent["started_at"] == "2026-09-01T13:03:07+05:00"
    assert telling["started_at"] == "2026-09-01T06:00:00+05:00"


WEIRD = [
    "line\nbreak",
    "carriage\r\nreturn",
    'quote " quote',
    "comma, semicolon; tab\t",
    "👩‍👩‍👧 emoji",
    "әіңғүұқөһ",
    " spaces around ",
    "0012",
    "NaN",
    "O'Neil",
    "back\\slash",
    "\u2028separator",
    "عربي",
]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_whatever_was_written_is_read_back_by_python_and_pandas(published: None, separator: str) -> None:
    for text in WEIRD:
        store_submission(visits.ID, {"visit": {"remark": text}})
    content = exported(csv=CsvOptions(separator=separator, byte_order_mark=True))
    assert [row["remark"] for row in rows_of(content, delimiter=separator)] == WEIRD
    frame = pandas.read_csv(io.BytesIO(content), sep=separator, dtype=str, keep_default_na=False)
    assert list(frame["remark"]) == WEIRD


@pytest.mark.usefixtures("stored")
def test_pandas_reads_numbers_days_and_times_as_such() -> None:
    frame = pandas.read_csv(
        io.BytesIO(exported()), parse_dates=["born", "received_at", "called"], index_col="id"
    )
    first = frame.loc[str(FIRST)]
    assert (first["size"], first["weight"], first["place/lon"]) == (3, 3.5, -76.9)
    assert first["born"] == pandas.Timestamp("2019-02-28")
    assert first["received_at"] == pandas.Timestamp("2026-09-01T20:30:15Z")
    assert first["called"] == pandas.Timestamp("2026-09-01T08:03:07Z")


@pytest.mark.usefixtures("stored")
def test_pandas_joins_the_tables_of_a_package() -> None:
    files = unzipped(exported(package=True))
    visited, children, toys = (
        pandas.read_csv(io.BytesIO(files[f"{name}.csv"])) for name in ("submissions", "child", "toy")
    )
    with_child = toys.merge(children, left_on="parent_id", right_on="id", suffixes=("", "_child"))
    joined = with_child.merge(visited, left_on="submission_id", right_on="id", suffixes=("", "_visit"))
    assert list(zip(joined["t_name"], joined["c_age"], joined["size"], strict=True)) == [
        ("доп", 7, 3),
        ("ат", 7, 3),
    ]


@pytest.mark.usefixtures("stored")
def test_a_russian_excel_gets_semicolons_decimal_commas_and_a_byte_order_mark() -> None:
    options = CsvOptions(separator=";", byte_order_mark=True, decimal_comma=True)
    content = exported(csv=options)
    assert content.startswith(b"\xef\xbb\xbfid;revision;")
    (first, _) = rows_of(content, delimiter=";")
    assert (first["weight"], first["place/lat"], first["size"]) == ("3,5", "43,25", "3")
    assert first["errors"] == "child[2]/c_age:constraint"
    frame = pandas.read_csv(io.BytesIO(content), sep=";", decimal=",")
    assert frame["weight"][0] == 3.5


def test_without_a_byte_order_mark_there_is_none(published: None) -> None:
    assert exported().startswith(b"id,")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=", "＝1", "-", "--1", "-1e5", "+7 701"],
)
def test_a_text_that_could_be_a_formula_is_disarmed(published: None, text: str) -> None:
    store_submission(visits.ID, {"visit": {"remark": text}}, app=text)
    (row,) = rows_of(exported())
    assert row["remark"] == row["app"] == f"'{text}"


@pytest.mark.parametrize("text", ["1=1", "a@b", " =1", "-5", "-99", "-3.5", "", "'=1"])
def test_a_text_that_is_no_formula_stays(text: str) -> None:
    assert guarded(text) == text


def test_negative_numbers_stay_numbers(published: None) -> None:
    store_submission(visits.ID, {"visit": {"size": -3, "weight": -0.5}})
    (row,) = rows_of(exported())
    assert (row["size"], row["weight"]) == ("-3", "-0.5")


def test_numbers_are_never_written_with_a_loss() -> None:
    line = CsvLines(CsvOptions()).lines([[2**53 - 1, 0.1 + 0.2, 1e-07, 1e21, 7.0]])
    assert [float(text) for text in line.decode().split(",")] == [2**53 - 1, 0.1 + 0.2, 1e-07, 1e21, 7.0]


def test_only_what_separates_columns_is_a_separator() -> None:
    with pytest.raises(ValueError, match="separate"):
        CsvOptions(separator="x")
