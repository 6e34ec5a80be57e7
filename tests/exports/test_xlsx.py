"""XLSX: what openpyxl reads back, cell by cell, and what Excel's limits ask for."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pandas
import pytest
from flask import Flask
from openpyxl.utils.escape import unescape
from openpyxl.workbook import Workbook

from surveyapp.exports import xlsx_sheets, xlsx_writer
from surveyapp.exports.xlsx_cells import CUT, MOST_TEXT, escaped, letters
from surveyapp.exports.xlsx_sheets import SheetNames
from tests.exports import visits
from tests.exports.conftest import CANARY, FIRST, SECOND, WORRY
from tests.exports.visits import exported, unzipped
from tests.factories import store_submission


def workbook(**asked: Any) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(exported(format="xlsx", **asked)))


def rows(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet by its header, as openpyxl takes them for texts, numbers, days."""
    header, *others = book[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, header), row, strict=True)) for row in others]


@pytest.mark.usefixtures("stored")
def test_a_sheet_for_each_table_with_real_types() -> None:
    book = workbook()
    assert book.sheetnames == ["submissions", "child", "toy"]
    first, second = rows(book, "submissions")
    assert (first["id"], second["id"]) == (str(FIRST), str(SECOND))
    assert (first["size"], first["weight"], first["place/lon"]) == (3, 3.5, -76.9)
    assert first["born"] == datetime(2019, 2, 28)  # noqa: DTZ001  # openpyxl knows no zones
    assert first["finished_at"] == datetime(2026, 9, 1, 13, 30)  # noqa: DTZ001
    assert unescape(str(first["remark"])) == 'Ол "жақсы",\r\nдеді 🙂; осылай'
    assert (second["size"], second["remark"]) == (None, None)
    assert [row["c_age"] for row in rows(book, "child")] == [7, -1]
    assert [row["t_name"] for row in rows(book, "toy")] == ["доп", "ат"]
    assert rows(book, "toy")[0]["parent_id"] == f"{FIRST}/child[1]"


@pytest.mark.usefixtures("stored")
def test_days_look_like_days_and_the_header_stays() -> None:
    sheet = workbook()["submissions"]
    place = [cell.value for cell in sheet[1]].index("born") + 1
    assert sheet.cell(2, place).number_format == "yyyy\\-mm\\-dd"
    assert sheet.freeze_panes == "A2"
    assert sheet.cell(1, 1).font.b


@pytest.mark.usefixtures("stored")
def test_identity_and_sensitive_answers_stay_away() -> None:
    parts = b"".join(unzipped(exported(format="xlsx")).values()).decode()
    assert CANARY not in parts
    assert WORRY not in parts


@pytest.mark.usefixtures("published")
def test_without_submissions_there_are_headers_alone() -> None:
    assert rows(workbook(), "submissions") == []


@pytest.mark.usefixtures("stored")
def test_a_package_has_the_workbook_with_codebook_and_manifest() -> None:
    files = unzipped(exported(format="xlsx", package=True))
    assert {
        "submissions.xlsx",
        "codebook.csv",
        "codebook.html",
        "codebook.xml",
        "manifest.json",
        "README.txt",
    } == set(files)
    assert openpyxl.load_workbook(io.BytesIO(files["submissions.xlsx"])).sheetnames[0] == "submissions"


NAUGHTY = [
    *("=1+1", "+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "0012", "1e5", "TRUE", "#N/A", "'quoted"),
    *(" spaces ", "tab\there", "line\nbreak", "carriage\rreturn", 'quote " <b>&amp;</b>', "]]>"),
    *("әіңғүұқөһ Ә", "👩‍👩‍👧 emoji", "\u2028", "عربي", "_x000D_", "_x0041_ literal", "\x01\x0b\x1f"),
    *("\ufffe\uffff", "x" * MOST_TEXT, "ү" * MOST_TEXT, "🙂" * (MOST_TEXT // 2)),
]


def test_whatever_was_written_is_read_back_by_openpyxl_and_pandas(published: None) -> None:
    for text in NAUGHTY:
        store_submission(visits.ID, {"visit": {"remark": text}})
    content = exported(format="xlsx")
    read = [row["remark"] for row in rows(openpyxl.load_workbook(io.BytesIO(content)), "submissions")]
    assert [unescape(text) for text in read] == NAUGHTY
    frame = pandas.read_excel(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert [unescape(text) for text in frame["remark"]] == NAUGHTY


def test_no_text_is_a_formula(published: None) -> None:
    store_submission(visits.ID, {"visit": {"remark": "=1+1"}})
    sheet = workbook()["submissions"]
    place = [cell.value for cell in sheet[1]].index("remark") + 1
    assert sheet.cell(2, place).value == "=1+1"
    assert "<f>" not in unzipped(exported(format="xlsx"))["xl/worksheets/sheet1.xml"].decode()


@pytest.mark.parametrize(
    "number", [0.1 + 0.2, 1e-07, 1e21, -1.5e-300, 5e-324, 1.7976931348623157e308, 2.0**53]
)
def test_numbers_keep_every_digit(published: None, number: float) -> None:
    store_submission(visits.ID, {"visit": {"weight": number}})
    (row,) = rows(workbook(), "submissions")
    assert row["weight"] == number


def test_a_whole_number_with_more_digits_than_excel_keeps_is_a_text(published: None) -> None:
    store_submission(visits.ID, {"visit": {"size": 10**15 - 1}})
    store_submission(visits.ID, {"visit": {"size": 2**53 - 1}})
    assert [row["size"] for row in rows(workbook(), "submissions")] == [10**15 - 1, "9007199254740991"]


def test_days_before_march_1900_are_texts(published: None) -> None:
    for day in ("1899-12-31", "1900-02-28", "1900-03-01", "9999-12-31"):
        store_submission(visits.ID, {"visit": {"born": day}})
    old, odd, first, last = (row["born"] for row in rows(workbook(), "submissions"))
    assert (old, odd) == ("1899-12-31", "1900-02-28")
    assert (first.date(), last.date()) == (date(1900, 3, 1), date(9999, 12, 31))


@pytest.mark.parametrize("text", ["a" * (MOST_TEXT + 1), "🙂" * (MOST_TEXT // 2 + 1)])
def test_a_text_that_no_cell_holds_is_cut_and_that_is_said(published: None, text: str) -> None:
    id_ = store_submission(visits.ID, {"visit": {"remark": text}})
    book = workbook()
    (row,) = rows(book, "submissions")
    told = str(row["remark"])
    assert told.endswith(CUT)
    assert text.startswith(told.removesuffix(CUT))
    assert MOST_TEXT - 2 <= len(told.encode("utf-16-le")) // 2 <= MOST_TEXT
    assert rows(book, xlsx_writer.CUT_SHEET) == [
        {"sheet": "submissions", "id": str(id_), "column": "remark"}
    ]


@pytest.fixture
def small_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sheets of four rows and seven columns."""
    monkeypatch.setattr(xlsx_sheets, "MOST_ROWS", 4)
    monkeypatch.setattr(xlsx_writer, "MOST_COLUMNS", 7)


@pytest.mark.usefixtures("small_sheets")
def test_a_table_goes_on_in_further_sheets_before_excel_s_limits(published: None) -> None:
    ids = [
        str(store_submission(visits.ID, {"visit": {"size": n}, "child": [{"c_age": n}]}))
        for n in range(7)
    ]
    book = workbook()
    assert all(sheet.max_row <= 4 and sheet.max_column <= 7 for sheet in book)
    assert all(name.startswith("submissions") for name in book.sheetnames[:3])
    first = [row["id"] for name in book.sheetnames[:3] for row in rows(book, name)]
    assert first == ids
    sized = [row for sheet in book.sheetnames for row in rows(book, sheet) if "size" in row]
    assert [(row["id"], row["size"]) for row in sized] == list(zip(ids, range(7), strict=True))
    aged = [row for sheet in book.sheetnames for row in rows(book, sheet) if "c_age" in row]
    assert [row["c_age"] for row in aged] == list(range(7))


def test_names_of_sheets_are_safe_and_differ() -> None:
    names = SheetNames()
    asked = ["a" * 60, "a" * 61, "A" * 31, "History", "b[1]/c:d*?\\", "'q'", "", "🙂" * 20]
    given = [names.name(wanted) for wanted in asked]
    assert len({name.casefold() for name in given}) == len(asked)
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in given)
    assert not any(set("[]:*?/\\") & set(name) or name.casefold() == "history" for name in given)
    assert given[1] == "a" * 29 + "~2"


def test_columns_have_the_letters_of_excel() -> None:
    assert [letters(n) for n in (1, 26, 27, 702, 703, 16384)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]


def test_what_xml_cannot_hold_is_said_by_number() -> None:
    assert escaped("a\x00b\r_x0041_<") == "a_x0000_b_x000D__x005F_x0041_&lt;"


def test_times_of_another_zone_are_told_in_the_installation_s(app: Flask, published: None) -> None:
    store_submission(visits.ID, {}, started_at=datetime(2026, 1, 1, 20, 59, 59, tzinfo=UTC))
    (row,) = rows(workbook(), "submissions")
    assert row["started_at"] == datetime(2026, 1, 2, 1, 59, 59)  # noqa: DTZ001
