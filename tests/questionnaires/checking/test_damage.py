"""Whatever is done to a workbook's file, the check says what is wrong and never breaks down."""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, date, datetime, time
from io import BytesIO, StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook as Book

from surveyapp.questionnaires import library, workbook_limits
from surveyapp.questionnaires.checking import Report, check
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.questionnaires.checking.kinds import KINDS

HEADERS = ["type", "name", "label", "relevant", "constraint", "calculation", "choice_filter"]
QUESTIONS = [["integer", "age", "How old?"], ["select_one l", "q", "Which?", "${age} > 5"]]
CHOICES = [["list_name", "name", "label"], ["l", "a", "A"], ["l", "b", "B"]]
TEXT = KINDS[0].text.encode()


def book(*rows: list[Any], headers: list[Any] | None = None) -> Book:
    """An Excel workbook with a survey sheet of these rows, and a list `l`."""
    made = Book()
    survey = made.active
    survey.title = "survey"
    for row in [headers or HEADERS, *rows]:
        survey.append(row)
    choices = made.create_sheet("choices")
    for row in CHOICES:
        choices.append(row)
    return made


def saved(made: Book) -> bytes:
    content = BytesIO()
    made.save(content)
    return content.getvalue()


def codes(report: Report) -> set[str]:
    return {problem.code for problem in report.problems}


SOUND = saved(book(*QUESTIONS))


def test_the_workbook_that_is_damaged_below_is_sound() -> None:
    assert check(SOUND, "f.xlsx").problems == ()


# ---------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "f.xlsx", "empty_file"),
        (b"\0" * 5000, "f.xlsx", "empty_file"),
        (b" \n\t", "f.md", "empty_file"),
        (SOUND, "f.md", "other_kind"),
        (SOUND, "f.pdf", "file_type"),
        (SOUND, "f", "file_type"),
        (TEXT, "f.xlsx", "not_of_kind"),
        (b"<html><body>Sign in</body></html>", "f.xlsx", "other_kind"),
        (b" <!DOCTYPE html><table>", "f.xls", "other_kind"),
        (b"%PDF-1.7 and so on", "f.xlsx", "other_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "f.xlsx", "unreadable"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "f.xlsx",
            "encrypted",
        ),
        (b"PK\x03\x04" + b"x" * 300, "f.xlsx", "unreadable"),
        ("| опрос | тип |".encode("cp1251"), "f.md", "encoding"),
        (b"\xff\xfe\x00", "f.md", "encoding"),
        (b"<html><body>Not found</body></html>", "f.md", "no_table"),
        (b"<html/>", "f.xml", "not_xform"),
        (b"<html", "f.xml", "not_xml"),
        (b"\0\1\2", "f.xml", "not_xml"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "f.xml", "doctype"),
        (b"x" * (workbook_limits.MAX_BYTES + 1), "f.md", "file_too_large"),
    ],
)
def test_a_file_of_another_kind_is_said_to_be_one(content: bytes, name: str, code: str) -> None:
    assert codes(check(content, name)) == {code}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_with_a_byte_order_mark_is_read(encoding: str) -> None:
    assert codes(check(TEXT.decode().encode(encoding), "f.md")) == codes(check(TEXT, "f.md"))


def test_an_archive_that_unpacks_to_far_more_is_not_unpacked() -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (workbook_limits.MAX_UNPACKED + 1))
    assert len(content.getvalue()) < 1_000_000
    assert codes(check(content.getvalue(), "f.xlsx")) == {"file_too_large"}


def test_an_encrypted_archive_is_said_to_be_one() -> None:
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", b"secret")
    # the flag “encrypted” in the local header and in the directory
    raw = bytearray(content.getvalue())
    raw[6] |= 1
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1
    assert codes(check(bytes(raw), "f.xlsx")) == {"encrypted"}


# ---------------------------------------------------------------- cells and sheets


@pytest.mark.parametrize(
    "value",
    [
        5,
        5.5,
        True,
        datetime(2024, 5, 1, tzinfo=UTC).replace(tzinfo=None),
        date(2024, 5, 1),
        time(6, 30),
        "=1+1",
        "=#REF!",
        "x" * 32_000,
        "\u2028",
        "👧🏽",
        "_x0000_",
        " ",
    ],
)
@pytest.mark.parametrize("column", range(len(HEADERS)))
def test_any_value_in_any_cell_is_read(value: object, column: int) -> None:
    row: list[Any] = ["text", "other", "Other", "", "", "", ""]
    row[column] = value
    report = check(saved(book(*QUESTIONS, row)), "f.xlsx")
    assert {problem.row for problem in report.problems if problem.sheet == "survey"} <= {4, None}


def test_a_failed_formula_is_named_with_its_cell() -> None:
    made = book(*QUESTIONS)
    made["survey"]["C2"].value = "#REF!"
    made["survey"]["C2"].data_type = "e"
    (problem,) = check(saved(made), "f.xlsx").problems
    assert (problem.code, problem.row, problem.column) == ("error_value", 2, "label")


def test_merged_cells_are_read_as_their_first() -> None:
    made = book(*QUESTIONS)
    made["survey"].merge_cells("A2:C2")
    assert codes(check(saved(made), "f.xlsx")) == {"missing_name", "missing_label", "unknown_reference"}


def test_hidden_sheets_count() -> None:
    made = book(*QUESTIONS)
    made["choices"].sheet_state = "veryHidden"
    assert check(saved(made), "f.xlsx").problems == ()


def test_headers_in_other_case_and_with_blanks_are_understood() -> None:
    headers = [" Type", "NAME ", "Label", "Relevant", "constraint", "calculation", "choice filter"]
    assert check(saved(book(*QUESTIONS, headers=headers)), "f.xlsx").problems == ()


def test_a_header_that_stands_twice_is_named() -> None:
    report = check(saved(book(*QUESTIONS, headers=["type", "name", "label", "label"])), "f.xlsx")
    assert codes(report) == {"duplicate_header"}


def test_trailing_empty_rows_and_columns_are_nothing() -> None:
    made = book(*QUESTIONS)
    made["survey"].cell(row=900, column=60).value = " "
    assert check(saved(made), "f.xlsx").problems == ()


def test_empty_sheets_are_said_to_be_empty() -> None:
    made = Book()
    made.create_sheet("survey")
    assert codes(check(saved(made), "f.xlsx")) == {"empty_sheet"}


def test_a_workbook_without_the_sheets_of_a_form_says_so() -> None:
    made = Book()
    made.create_sheet("other")
    assert codes(check(saved(made), "f.xlsx")) == {"missing_sheet"}


def test_a_very_wide_sheet_is_refused() -> None:
    headers = ["type", "name", *(f"c{number}" for number in range(workbook_limits.MAX_COLUMNS))]
    assert codes(check(saved(book(*QUESTIONS, headers=headers)), "f.xlsx")) == {"sheet_too_large"}


def test_a_very_long_sheet_is_refused() -> None:
    rows = "| | text | a | A |\n" * 100_000
    content = f"| survey |\n| | type | name | label |\n{rows}".encode()
    assert codes(check(content, "f.md")) == {"sheet_too_large"}


def test_thousands_of_languages_are_refused_before_pyxform_sees_them() -> None:
    headers = ["type", "name", *(f"label::L{number} (x{number})" for number in range(900))]
    report = check(saved(book(["text", "a", "A"], headers=headers)), "f.xlsx")
    assert "too_many_languages" in codes(report)


# ---------------------------------------------------------------- chance


def survived(content: bytes, name: str) -> None:
    """The check ends, and says something wherever there is nothing to be published."""
    report = check(content, name)
    assert report.definition is not None or report.errors
    assert all(problem.code and str(problem) for problem in report.problems)


def as_csv(made: Book) -> bytes:
    """The sheets of a workbook one below the other, as pyxform reads CSV."""
    text = StringIO()
    writer = csv.writer(text)
    for sheet in made.worksheets:
        writer.writerow([sheet.title])
        writer.writerows(["", *(cell or "" for cell in row)] for row in sheet.values)
    return text.getvalue().encode()


FILES = {
    "f.md": library.workbook("site_safety"),
    "f.xlsx": SOUND,
    "f.csv": as_csv(book(*QUESTIONS)),
    "f.xls": (Path(__file__).parent.parent / "workbooks" / "wells.xls").read_bytes(),
    "f.xml": compile_workbook(SOUND, "f.xlsx").xform,
}


@pytest.mark.parametrize("name", ["f.csv", "f.xml"])
def test_the_same_questionnaire_in_other_files_is_sound_too(name: str) -> None:
    assert check(FILES[name], name).problems == ()


@pytest.mark.parametrize("seed", range(50))
@pytest.mark.parametrize("name", FILES)
def test_a_file_with_changed_cut_or_swapped_bytes(name: str, seed: int) -> None:
    random = Random(seed)  # noqa: S311  # reproducible, not secret
    survived(damaged(FILES[name], random), name)


@pytest.mark.parametrize("seed", range(20))
def test_bytes_behind_the_mark_of_an_old_excel_file(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # reproducible, not secret
    mark = bytes.fromhex("d0cf11e0a1b11ae1")
    header = mark + bytes(16) + bytes.fromhex("3e000300feff0900060000000000000000000000010000000100")
    survived(header[: random.randrange(8, 60)] + random.randbytes(random.randrange(2048)), "f.xls")


@pytest.mark.parametrize(
    ("text", "codes_found"),
    [
        ("survey\n,type,name,label\n,text,a,A\n", set()),
        ("survey\n;type;name;label\n;text;a;A\n", set()),
        ("survey\n,type,name,label\n,text,a,A,B\n", {"too_many_cells"}),
        ('survey\n,type,name,label\n,text,a,"A\n', set()),
        ("survey\n,type,name,label\n,text,a,A\0\n", {"bad_character"}),
        ("type,name,label\ntext,a,A\n", {"flat_table"}),
        ("survey\n\ttype\tname\tlabel\n\ttext\ta\tA\n", set()),
        (",,,,\n,,,,\n", {"no_table"}),
    ],
)
def test_a_csv_file_is_read_or_refused_with_the_reason(text: str, codes_found: set[str]) -> None:
    assert codes(check(text.encode(), "f.csv")) == codes_found


def damaged(content: bytes, random: Random) -> bytes:
    """A file that something has happened to."""
    raw = bytearray(content)
    match random.randrange(4):
        case 0:
            return bytes(raw[: random.randrange(len(raw))])
        case 1:
            for _ in range(random.randint(1, 40)):
                raw[random.randrange(len(raw))] = random.randrange(256)
        case 2:
            start, end = sorted(random.sample(range(len(raw)), 2))
            del raw[start:end]
        case _:
            start, end = sorted(random.sample(range(len(raw)), 2))
            raw[start:start] = raw[start:end][:4000]
    return bytes(raw)


@pytest.mark.parametrize("seed", range(40))
def test_an_excel_file_whose_parts_are_damaged_within_the_archive(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # reproducible, not secret
    content = BytesIO()
    with zipfile.ZipFile(BytesIO(SOUND)) as sound, zipfile.ZipFile(content, "w") as broken:
        chosen = random.choice(sound.namelist())
        for name in sound.namelist():
            part = sound.read(name)
            if name != chosen:
                broken.writestr(name, part)
            elif random.random() < 0.8:
                broken.writestr(name, damaged(part, random))
    survived(content.getvalue(), "f.xlsx")


@pytest.mark.parametrize("seed", range(60))
def test_a_workbook_whose_cells_are_mixed_up(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # reproducible, not secret
    lines = random.choice([kind.text for kind in KINDS if len(kind.text) > 200]).splitlines()
    cells = [line.split("|") for line in lines]
    for _ in range(random.randint(1, 6)):
        one, other = random.choice(cells), random.choice(cells)
        one[random.randrange(len(one))] = other[random.randrange(len(other))]
    survived("\n".join("|".join(line) for line in cells).encode(), "f.md")


WORDS = st.sampled_from(
    [
        *("text", "integer", "select_one l", "select_multiple l", "begin_group", "end_group"),
        *("begin_repeat", "end_repeat", "calculate", "note", "audit", "range", "a", "b", "A", "1a"),
        *("", "${a}", "${b", "${}", ". > 5 and . < 3", "regex(., '(a+)+')", "selected(${a}, 'x')"),
        *("= (", "'", "yes", "no", "#REF!", "{bin}", "\u2028", "start=1 end", "@geography:regions"),
        *("${a} < '2000-01-01'", "position(..)", "pulldata('f', 'a', 'b', ${a})", "..", "true()"),
    ]
)
COLUMNS = st.lists(
    st.sampled_from(
        [
            *("type", "name", "label", "relevant", "constraint", "calculation", "choice_filter"),
            *("required", "default", "trigger", "parameters", "appearance", "repeat_count"),
            *("label::Қазақша (kk)", "label::Русский (ru)", "hint", "bind::survey:warning", "Relevance"),
            *("bind::survey:warning_kk", "media::image", "read_only", "disabled", ""),
        ]
    ),
    min_size=1,
    max_size=9,
    unique=True,
)


@st.composite
def workbooks(draw: st.DrawFn) -> str:
    """Workbooks of cells that mean something, put together by chance."""
    headers = ["type", "name", *draw(COLUMNS)]
    rows = draw(st.lists(st.lists(WORDS, min_size=len(headers), max_size=len(headers)), max_size=8))
    survey = [f"| | {' | '.join(cells)} |" for cells in [headers, *rows]]
    choices = draw(st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=4))
    lists = [f"| | {' | '.join(cells)} |" for cells in [("list_name", "name", "label"), *choices]]
    return "\n".join(["| survey |", *survey, "| choices |", *lists])


@settings(max_examples=150, deadline=None)
@given(workbooks())
def test_any_workbook_of_meaningful_cells(text: str) -> None:
    survived(text.encode(), "f.md")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["f.md", "f.xlsx", "f.xml", "f.csv", "f.xls"]))
def test_any_bytes(content: bytes, name: str) -> None:
    survived(content, name)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_in_a_cell(text: str) -> None:
    cell = text.replace("|", "\\|").replace("\n", " ").replace("\r", " ")
    survived(
        f"| survey |\n| | type | name | relevant |\n| | text | a | {cell} |\n".encode(
            "utf-8", "replace"
        ),
        "f.md",
    )
