"""Workbooks become XForms; what hinders it is said by sheet, row and column."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyxform.xls2json_backends import md_table_to_workbook  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires import library
from surveyapp.questionnaires.geography import districts, regions
from surveyapp.questionnaires.xlsform import (
    CompiledWorkbook,
    WorkbookError,
    compile_workbook,
    odk_validate,
)
from tests.oracle import require_java
from tests.questionnaires.bad_workbooks import BAD_WORKBOOKS, CHOICES, SURVEY, Bad, extended
from tests.questionnaires.compiled import PLACEHOLDERS, XForm, built_in
from tests.questionnaires.compiled import SURVEY as OURS

IDS = tuple(built_in.id for built_in in library.BUILT_IN)
PLAIN = SURVEY + "| | text | a | A |\n| settings |\n| | form_id | version |\n| | f | 7 |\n"
TEXT_WITH_OPERATOR = PLAIN.replace("| A |", "| {operator} |")


def compiled(text: str, **placeholders: str) -> CompiledWorkbook:
    """A Markdown workbook, compiled."""
    return compile_workbook(text.encode(), "form.md", placeholders=placeholders)


# --- what an author hears -----------------------------------------------------------------------


@pytest.mark.parametrize("bad", BAD_WORKBOOKS, ids=lambda bad: bad.code)
def test_a_mistake_is_named_with_its_place(bad: Bad) -> None:
    with pytest.raises(WorkbookError) as refusal:
        compiled(bad.text)
    problem = refusal.value.problems[0]
    assert problem.code == bad.code
    assert (problem.sheet, problem.row, problem.column) == bad.place
    assert dict(problem.facts) == bad.facts


def test_every_row_of_an_unknown_type_is_named() -> None:
    with pytest.raises(WorkbookError) as refusal:
        compiled(SURVEY + "| | nope | a | A |\n| | text | b | B |\n| | nope | c | C |\n")
    assert [problem.row for problem in refusal.value.problems] == [2, 4]


def test_several_mistakes_of_ours_are_named_at_once() -> None:
    with pytest.raises(WorkbookError) as refusal:
        compiled(extended("identity", "maybe").replace("| A |", "| {operator} |"))
    assert [problem.code for problem in refusal.value.problems] == [
        "extension_value",
        "placeholder_unset",
    ]


def test_the_place_in_an_excel_file_is_a_row_and_no_line() -> None:
    book = BytesIO()
    md_table_to_workbook(SURVEY + "| | text | a | A |\n| | text | a | B |\n").save(book)
    with pytest.raises(WorkbookError) as refusal:
        compile_workbook(book.getvalue(), "form.xlsx")
    assert [(p.code, p.row, p.line) for p in refusal.value.problems] == [("duplicate_name", 3, None)]


def test_what_does_not_hinder_is_a_warning() -> None:
    text = PLAIN.replace("| label |", "| label | relevent |").replace("| A |", "| {operater} | 1 |")
    assert [warning.code for warning in compiled(text).warnings] == [
        "misspelt_column",
        "placeholder_unknown",
    ]


def test_pyxforms_own_warnings_come_along() -> None:
    warnings = compiled(PLAIN.replace("text", "image")).warnings
    assert [(warning.code, warning.sheet, warning.row) for warning in warnings] == [
        ("image_size", "survey", 2)
    ]


UNTRANSLATED = (
    "| survey |\n| | type | name | label::English (en) | label::Русский (ru) |\n| | text | a | A | |\n"
)


def test_a_missing_translation_is_a_warning() -> None:
    assert [warning.code for warning in compiled(UNTRANSLATED).warnings] == ["untranslated"]


def test_a_missing_translation_is_refused_when_strict() -> None:
    with pytest.raises(WorkbookError) as refusal:
        compile_workbook(UNTRANSLATED.encode(), "form.md", strict=True)
    (problem,) = refusal.value.problems
    assert (problem.code, problem.row, problem.column) == ("untranslated", 2, "label::Русский (ru)")


CELL = st.sampled_from(
    ["", "x", "${a}", "${", "yes", "select_one l", "begin_group", "end_group", "{bin}", "\u2028"]
)
HEADERS = st.lists(
    st.sampled_from(
        [
            "type",
            "name",
            "label",
            "label::English (en)",
            "relevant",
            "bind::survey:identity",
            "calculation",
            "default",
            "parameters",
            "trigger",
            "::",
            "label::",
            "",
            "repeat_count",
            "choice_filter",
        ]
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=150)
@given(
    headers=HEADERS,
    rows=st.lists(st.lists(CELL | st.text(max_size=8), max_size=7), max_size=5),
    sheets=st.lists(
        st.sampled_from(["survey", "choices", "settings", "entities", "osm", "Survey "]), max_size=4
    ),
)
def test_whatever_a_workbook_holds_its_author_gets_an_answer(
    headers: list[str], rows: list[list[str]], sheets: list[str]
) -> None:
    lines = ["| " + " | ".join(["", *cells]) + " |" for cells in [headers, *rows]]
    text = "\n".join(f"| {sheet} |\n" + "\n".join(lines) for sheet in sheets)
    try:
        result = compile_workbook(text.encode("utf-8", "replace"), "form.md")
    except WorkbookError as error:
        assert error.problems
    else:
        assert result.xform.startswith(b"<?xml")


# --- what comes out -----------------------------------------------------------------------------


def test_the_id_and_the_version_are_the_settings() -> None:
    result = compiled(PLAIN)
    assert (result.id, result.version, result.warnings) == ("f", "7", ())
    assert b'id="f" version="7"' in result.xform
    assert result.workbook == PLAIN.encode()


def test_a_workbook_without_settings_is_known_by_its_file_and_its_content() -> None:
    text = SURVEY + "| | text | a | A |\n"
    one, other = compiled(text), compiled(text.replace("| A |", "| B |"))
    assert one.id == "form"
    assert len(one.version) == 6
    assert one.version != other.version
    assert f'version="{one.version}"'.encode() in one.xform


def test_a_path_is_compiled_by_its_own_name(tmp_path: Path) -> None:
    file = tmp_path / "school visit.md"
    file.write_text(SURVEY + "| | text | a | A |\n", encoding="utf-8")
    assert compile_workbook(file).id == "school visit"


def test_filled_placeholders_mark_the_version() -> None:
    one, other = compiled(TEXT_WITH_OPERATOR, operator="X"), compiled(TEXT_WITH_OPERATOR, operator="Y")
    assert one.version != other.version
    assert [version[:-6] for version in (one.version, other.version)] == ["7-", "7-"]
    assert b">X<" in one.xform


def test_a_setting_that_is_not_used_changes_no_version() -> None:
    same = {compiled(TEXT_WITH_OPERATOR, operator="X", bin=number).version for number in ("1", "2")}
    assert len(same) == 1
    assert compiled(PLAIN, operator="X").version == "7"


@pytest.mark.parametrize("questionnaire_id", IDS)
def test_a_built_in_questionnaire_says_by_its_version_what_was_filled_in(questionnaire_id: str) -> None:
    version = built_in(questionnaire_id).version
    assert version == "2026.1" if questionnaire_id == "site_safety" else version.startswith("2026.1-")


@pytest.mark.parametrize(
    "questionnaire_id", ["household_baseline", "family_survey", "adolescent_selfreport"]
)
@pytest.mark.parametrize("left_out", ["operator", "bin", "contact", "retention"])
def test_consent_cannot_be_published_with_a_gap(questionnaire_id: str, left_out: str) -> None:
    content = library.workbook(questionnaire_id)
    given = {name: value for name, value in PLACEHOLDERS.items() if name != left_out}
    with pytest.raises(WorkbookError) as refusal:
        compile_workbook(content, "form.md", placeholders=given)
    named = {(problem.code, problem.facts["placeholder"]) for problem in refusal.value.problems}
    assert named == {("placeholder_unset", left_out)}


@pytest.mark.parametrize("questionnaire_id", IDS)
def test_excel_and_markdown_give_the_same_form(questionnaire_id: str) -> None:
    markdown = library.workbook(questionnaire_id).replace(b"<br>", b" ")
    book = BytesIO()
    md_table_to_workbook(markdown.decode()).save(book)
    names = f"{questionnaire_id}.md", f"{questionnaire_id}.xlsx"
    contents = markdown, book.getvalue()
    one, other = (
        compile_workbook(content, name, placeholders=PLACEHOLDERS)
        for content, name in zip(contents, names, strict=True)
    )
    assert one.xform == other.xform


HASHES = """
import hashlib
from surveyapp.questionnaires import library
from surveyapp.questionnaires.xlsform import compile_workbook
given = dict.fromkeys(["operator", "bin", "contact", "retention"], "x")
for built_in in library.BUILT_IN:
    content = library.workbook(built_in.id)
    print(hashlib.sha256(compile_workbook(content, built_in.file, placeholders=given).xform).hexdigest())
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_workbook_gives_the_same_bytes_in_another_process(seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    run = subprocess.run(
        [sys.executable, "-c", HASHES], env=environment, capture_output=True, text=True, check=True
    )
    given = dict.fromkeys(["operator", "bin", "contact", "retention"], "x")
    here = [
        compile_workbook(library.workbook(each.id), each.file, placeholders=given).xform
        for each in library.BUILT_IN
    ]
    assert run.stdout.split() == [hashlib.sha256(xform).hexdigest() for xform in here]


# --- places -------------------------------------------------------------------------------------

PLACES = (
    CHOICES
    + "| | region | @geography:regions |\n| | yn | yes | Yes |\n| | district | @geography:districts |\n"
)


def instance(form: XForm, name: str) -> list[dict[str, str]]:
    """The choices of a list, as the XForm holds them."""
    path = f".//{{*}}instance[@id='{name}']/{{*}}root/{{*}}item"
    return [
        {str(child.tag).rpartition("}")[2]: child.text or "" for child in item}
        for item in form.root.iterfind(path)
    ]


@pytest.mark.parametrize(
    ("questionnaire_id", "lists"),
    [
        ("household_baseline", {"region", "district"}),
        ("family_survey", {"region"}),
        ("adolescent_selfreport", {"region"}),
        ("site_safety", {"region", "district"}),
    ],
)
def test_places_become_choices_by_their_codes(questionnaire_id: str, lists: set[str]) -> None:
    form = XForm(built_in(questionnaire_id).xform)
    codes = {name: [item["name"] for item in instance(form, name)] for name in ("region", "district")}
    expected = {
        "region": [place.code for place in regions()],
        "district": [place.code for place in districts()],
    }
    assert {name: found for name, found in codes.items() if found} == {
        name: expected[name] for name in lists
    }


def test_a_district_knows_its_region_and_its_names() -> None:
    form = XForm(built_in("site_safety").xform)
    semey = next(item for item in instance(form, "district") if item["name"] == "101000000")
    assert semey["parent"] == "100000000"
    assert form.texts[semey["itextId"]] == {
        "kk": "Семей қаласы",
        "ru": "город Семей",
        "en": "Semey (city)",
    }


def test_generated_places_move_no_other_row() -> None:
    workbook = PLAIN.replace("text |", "select_one region |") + PLACES + "| | yn | yes | Again |\n"
    text = workbook.replace("| label |", "| label::English (en) |")
    with pytest.raises(WorkbookError) as refusal:
        compiled(text)
    (problem,) = refusal.value.problems
    assert (problem.code, problem.row, problem.line) == ("duplicate_choice", 5, text.count("\n"))


def test_places_are_named_in_the_default_language_where_a_column_names_none() -> None:
    survey = SURVEY + "| | select_one region | a | A |\n"
    text = survey + PLACES + "| settings |\n| | default_language |\n| | Русский (ru) |\n"
    assert "область Абай".encode() in compiled(text).xform


# --- ODK Validate -------------------------------------------------------------------------------


@pytest.mark.java
def test_odk_validate_says_what_it_has_against_a_form() -> None:
    require_java()
    broken = compiled(
        PLAIN.replace("| label |", "| label | relevant |").replace("| A |", "| A | nope( |")
    )
    assert any("nope(" in line for line in odk_validate(broken.xform))


def test_an_attribute_of_ours_reaches_the_xform() -> None:
    form = XForm(compiled(extended("identity", "yes")).xform)
    assert form.bind("a")[OURS + "identity"] == "yes"
