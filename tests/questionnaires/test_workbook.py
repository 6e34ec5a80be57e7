"""Workbooks are read from Excel and Markdown, row by row as their author sees them."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook as Excel

from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.problems import WorkbookError
from surveyapp.questionnaires.workbook import Header
from surveyapp.questionnaires.workbook_files import read_workbook
from tests.questionnaires.bad_workbooks import SURVEY


def excel(rows: list[list[object]], title: str = "survey") -> bytes:
    """An Excel file with one sheet."""
    book = Excel()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def test_markdown_rows_keep_their_row_and_line_numbers() -> None:
    text = (
        "# a comment\n\n"
        + SURVEY
        + "\n| | text | a | A |\n# another | with a pipe |\n| | note | b | B |\n"
    )
    workbook = read_workbook(text.encode(), "f.md")
    sheet = workbook.sheet("survey")
    assert [(number, row["name"]) for number, row in sheet.numbered()] == [(2, "a"), (3, "b")]
    assert [sheet.line(number) for number, _ in sheet.numbered()] == [6, 8]
    assert sheet.line(4) is None


def test_an_escaped_pipe_is_a_pipe_and_br_is_a_line_break() -> None:
    workbook = read_workbook((SURVEY + "| | text | a | one \\| two<br>three |\n").encode(), "f.md")
    assert workbook.sheet("survey").rows[0]["label"] == "one | two\nthree"


def test_rules_between_rows_are_not_rows() -> None:
    text = SURVEY + "|---|---|---|---|\n| :-- | --- | --: | - |\n| | text | a | - x |\n"
    assert [row["name"] for row in read_workbook(text.encode(), "f.md").sheet("survey").rows] == ["a"]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    text = "\ufeff" + (SURVEY + "| | text | a | A |\n").replace("\n", "\r\n")
    assert read_workbook(text.encode(), "f.MD").sheet("survey").rows == [
        {"type": "text", "name": "a", "label": "A"}
    ]


def test_empty_excel_rows_are_counted() -> None:
    content = excel([["type", "name", "label"], ["text", "a", "A"], [], ["text", "b", 5]])
    sheet = read_workbook(content, "f.xlsx").sheet("survey")
    assert [(number, row.get("label")) for number, row in sheet.numbered()] == [
        (2, "A"),
        (3, None),
        (4, "5"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\x00" * 100, "empty_file"),
        (b"PK\x03\x04 cut off", "unreadable"),
        (excel([])[:-200], "unreadable"),
        (b"no archive at all", "not_of_kind"),
    ],
)
def test_a_damaged_excel_file_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(WorkbookError) as refusal:
        read_workbook(content, "f.xlsx")
    assert [problem.code for problem in refusal.value.problems] == [code]


def test_an_excel_header_that_is_a_number_is_said_to_be_unreadable() -> None:
    with pytest.raises(WorkbookError) as refusal:
        read_workbook(excel([[5, "name"], ["text", "a"]]), "f.xlsx")
    assert refusal.value.problems[0].code == "unreadable"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xff", "encoding"),
        (b"", "empty_file"),
        (b"\xff\xfe", "no_table"),
        (b"just words", "no_table"),
    ],
)
def test_markdown_without_a_table_or_not_utf8_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(WorkbookError) as refusal:
        read_workbook(content, "f.md")
    assert refusal.value.problems[0].code == code


@pytest.mark.parametrize("name", ["f.docx", "f", "", "f.md.exe"])
def test_another_kind_of_file_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(WorkbookError) as refusal:
        read_workbook(b"", name)
    assert refusal.value.problems[0].code == "file_type"


@pytest.mark.parametrize(
    ("text", "base", "language", "code"),
    [
        ("label::Русский (ru)", "label", "Русский (ru)", "ru"),
        ("Label :: English (en)", "label", "English (en)", "en"),
        ("constraint message::French", "constraint_message", "French", "French"),
        ("label:kk", "label", "kk", "kk"),
        ("label", "label", None, None),
        ("bind::jr:constraintMsg::English (en)", "bind::jr:constraintMsg", "English (en)", "en"),
        ("bind::survey:warning_kk", "bind::survey:warning", "kk", "kk"),
        ("bind::survey:warning", "bind::survey:warning", None, None),
        ("bind::survey:disclosure_level", "bind::survey:disclosure_level", None, None),
    ],
)
def test_a_header_says_what_and_in_which_language(
    text: str, base: str, language: str | None, code: str | None
) -> None:
    header = Header.parse(text)
    assert (header.base, header.language, header.language_code) == (base, language, code)


def test_a_setting_is_found_however_its_header_is_written() -> None:
    text = SURVEY + "| settings |\n| | Form ID | Version |\n| | f | 3 |\n"
    workbook = read_workbook(text.encode(), "f.md")
    assert (workbook.setting("form_id"), workbook.setting("version"), workbook.setting("style")) == (
        "f",
        "3",
        "",
    )


def test_an_error_says_in_one_line_where_and_what() -> None:
    with pytest.raises(WorkbookError, match=r"^sheet survey, row 2, line 3: too_many_cells$"):
        read_workbook((SURVEY + "| | text | a | A | B |\n").encode(), "f.md")


def test_formulas_without_a_saved_result_are_named_and_those_with_one_are_read() -> None:
    content = excel([["type", "name", "label", "relevant"], ["text", "a", "A", '="${b} = 1"'], [1, 2]])
    with pytest.raises(WorkbookError) as refusal:
        read_workbook(content, "f.xlsx")
    (problem,) = refusal.value.problems
    assert (problem.code, problem.row, problem.column) == ("formula_unsaved", 2, "relevant")


def test_a_sheet_whose_name_is_nearly_right_is_named() -> None:
    book = Excel()
    book.active.title = "survey "
    book.active.append(["type", "name", "label"])
    book.create_sheet("choices").append(["list_name", "name", "label"])
    file = BytesIO()
    book.save(file)
    (problem,) = check(file.getvalue(), "f.xlsx").problems
    assert (problem.code, problem.facts["found"]) == ("misnamed_sheet", "survey ")


@pytest.mark.parametrize(
    ("part", "kind"),
    [("word/document.xml", "Word (.docx)"), ("ppt/slide.xml", "PowerPoint (.pptx)")],
)
def test_another_package_is_called_by_its_name(part: str, kind: str) -> None:
    file = BytesIO()
    with ZipFile(file, "w") as package:
        package.writestr(part, "<x/>")
    with pytest.raises(WorkbookError) as refusal:
        read_workbook(file.getvalue(), "f.xlsx")
    assert refusal.value.problems[0].facts["found"] == kind
