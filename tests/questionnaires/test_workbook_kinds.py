"""One workbook in each kind of file, and what is dressed up as one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook as Excel

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.problems import WorkbookError
from surveyapp.questionnaires.workbook_files import read_workbook
from surveyapp.questionnaires.xform import XFormError
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.questionnaires.forms import item, plain

FOLDER = Path(__file__).with_name("workbooks")
CSV = (FOLDER / "wells.csv").read_text("utf-8")
LINES = list(csv.reader(StringIO(CSV)))


def sheets() -> dict[str, list[list[str]]]:
    """The rows of each sheet of the workbook."""
    found: dict[str, list[list[str]]] = {}
    for name, *cells in LINES:
        if name:
            found[name] = []
        else:
            next(reversed(found.values())).append(cells)
    return found


@cache
def as_excel() -> bytes:
    """The workbook in today's Excel."""
    book = Excel()
    book.remove(book.active)
    for name, rows in sheets().items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell or None for cell in row])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def as_markdown() -> bytes:
    """The workbook as tables."""
    return "\n".join(f"| {' | '.join(line)} |" for line in LINES).encode()


def separated(separator: str) -> bytes:
    """The workbook as CSV."""
    written = StringIO()
    csv.writer(written, delimiter=separator).writerows(LINES)
    return written.getvalue().encode("utf-8-sig")


KINDS: dict[str, Callable[[], bytes]] = {
    "wells.xls": (FOLDER / "wells.xls").read_bytes,
    "wells.xlsx": as_excel,
    "wells.xlsm": as_excel,
    "wells.csv": CSV.encode,
    "WELLS.CSV": lambda: separated(";"),
    "wells.md": as_markdown,
}


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_file_gives_the_same_questionnaire(name: str) -> None:
    compiled = compile_workbook(KINDS[name](), name, strict=True)
    assert compiled.xform == compile_workbook(CSV.encode(), "wells.csv").xform
    definition = xform.parse(compiled.xform)
    assert (definition.id, definition.version, definition.default_language) == ("wells", "7", "kk")
    assert plain(item(definition, "clean").label) == {"kk": "Суы таза ма?", "ru": "Вода чистая?"}


def test_a_row_of_a_csv_file_keeps_its_line() -> None:
    sheet = read_workbook(CSV.encode(), "f.csv").sheet("choices")
    assert [sheet.line(number) for number, _ in sheet.numbered()] == [8, 9]


def test_an_xform_is_taken_as_it_came() -> None:
    made = compile_workbook(CSV.encode(), "wells.csv").xform
    taken = compile_workbook(made, "wells.xml")
    assert (taken.id, taken.version) == ("wells", "7")
    assert taken.xform == taken.workbook == made


def test_an_xform_without_a_version_gets_one_of_its_content() -> None:
    made = compile_workbook(CSV.encode(), "wells.csv").xform
    bare = made.replace(b' version="7"', b"")
    assert bare != made
    first, again, other = (
        compile_workbook(content, "f.xml")
        for content in (bare, bare, bare.replace(b"&lt; 50", b"&lt; 60"))
    )
    assert first.version == again.version != other.version
    assert xform.parse(first.xform).version == first.version
    assert first.workbook == bare


def test_what_is_no_xform_is_refused() -> None:
    with pytest.raises(XFormError) as refusal:
        compile_workbook(b"<a/>", "f.xml")
    assert refusal.value.code == "not_xform"


def with_entities(part: str) -> bytes:
    """An Excel file one part of which begins with entities that grow."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'
    grown = BytesIO()
    with ZipFile(BytesIO(as_excel())) as old, ZipFile(grown, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name == part:
                start = content.index("?>") + 2 if content.startswith("<?xml") else 0
                content = content[:start] + doctype + content[start:].replace(">wells<", ">&e9;<")
            new.writestr(name, content)
    return grown.getvalue()


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_entities_in_an_excel_file_are_not_made_larger(part: str) -> None:
    try:
        workbook = read_workbook(with_entities(part), "f.xlsx")
    except WorkbookError as error:
        assert error.problems[0].code == "unreadable"
    else:
        rows = [row for sheet in workbook.sheets.values() for row in sheet.rows]
        assert max(len(text) for row in rows for text in row.values()) < 1000


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.data())
def test_a_damaged_file_is_read_or_refused_but_never_a_traceback(name: str, data: st.DataObject) -> None:
    content = KINDS[name]()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 200)))
    damaged = content[:start] + data.draw(st.binary(max_size=20)) + content[end:]
    try:
        xform.parse(compile_workbook(damaged, name).xform)
    except WorkbookError as error:
        assert error.problems
    except XFormError as error:
        assert error.code in XFormError.CODES


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([".xls", ".xlsx", ".csv", ".md", ".xml"]), st.binary(max_size=400))
def test_random_bytes_are_refused_in_words(suffix: str, content: bytes) -> None:
    with pytest.raises((WorkbookError, XFormError)):
        compile_workbook(content, f"f{suffix}")
