"""`surveyapp questionnaire check`: everything at once, for people in three languages and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from surveyapp.catalogue.check_report import SHOWN_OF_A_KIND, as_table
from surveyapp.catalogue.cli import questionnaires
from surveyapp.catalogue.problems import advice, message, place
from surveyapp.i18n import LANGUAGES
from surveyapp.questionnaires.checking import check
from tests.questionnaires.checking.kinds import KINDS, Kind
from tests.questionnaires.forms import row, table, workbook

BROKEN = workbook(
    table(
        row("intger", "age"),
        row("text", "t", relevant="${agee} > 5"),
        row("text", "u", relevant="${age} > 5 and ("),
    )
)
TABLE = """\
form.md: errors: 3 · warnings: 0 · notices: 0

error    survey, line 3, type      There is no question type “intger”
                                   → Is “integer” meant?
error    survey, line 4, relevant  There is no question “agee”
                                   → Is “age” meant?
error    survey, line 5, relevant  Something is missing at the end: ${age} > 5 and (▸
                                   → The mark ▸ shows where it was noticed

                                 here    budget
page, compressed (estimate)  16.2 KiB  40.0 KiB
questions                           3         –
choices in the largest list         0     15000
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "form.md"
    path.write_text(BROKEN, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    """The command, without an application, so that it has neither a database nor settings."""
    return CliRunner().invoke(questionnaires, ["check", *map(str, arguments)])


def test_people_get_aligned_lines_with_what_to_do_and_the_budget(file: Path) -> None:
    result = run(file, "--language", "en")
    assert (result.output, result.exit_code) == (TABLE, 1)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ("қате", "«age» деп жазбақ болдыңыз ба?", "бет, сығылған күйде")),
        ("ru", ("ошибка", "Имелось в виду «age»?", "страница в сжатом виде")),
    ],
)
def test_authors_read_their_own_language(file: Path, language: str, words: tuple[str, ...]) -> None:
    output = run(file, "--language", language).output
    assert [word for word in words if word not in output] == []


def test_the_terminals_language_is_spoken(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert "ошибка" in run(file).output
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert "error" in run(file).output


def test_programs_get_every_problem_as_json(file: Path) -> None:
    result = run(file, "--format", "json", "--language", "en")
    told = json.loads(result.output)
    assert (told["ok"], result.exit_code) == (False, 1)
    assert told["problems"][0] == {
        "code": "unknown_type",
        "severity": "error",
        "sheet": "survey",
        "row": 2,
        "line": 3,
        "column": "type",
        "path": None,
        "facts": {"type": "intger", "meant": "integer"},
        "message": "There is no question type “intger”",
        "advice": "Is “integer” meant?",
    }
    assert told["weight"]["questions"] == 3


def test_what_is_only_doubtful_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_text(workbook(table(row("text", "t", relevant="false()"))), encoding="utf-8")
    result = run(path)
    assert result.exit_code == 0
    assert "warning" in result.output


def test_an_xform_is_checked_by_its_nodes(tmp_path: Path) -> None:
    path = tmp_path / "form.xml"
    path.write_text("<html/>", encoding="utf-8")
    assert "<head> is missing" in run(path).output


def test_files_of_media_are_looked_for_in_their_folder(tmp_path: Path) -> None:
    path = tmp_path / "form.md"
    path.write_text(workbook(table(row("select_one_from_file towns.csv", "t"))), encoding="utf-8")
    assert "“towns.csv”" in run(path, "--media", tmp_path).output
    (tmp_path / "towns.csv").write_text("name,label\na,A\n", encoding="utf-8")
    assert "errors: 0 · warnings: 0" in run(path, "--media", tmp_path).output
    (tmp_path / "towns.csv").write_bytes("name,label\na,Ә".encode("utf-16"))
    assert "UTF-8" in run(path, "--media", tmp_path).output


def test_many_of_a_kind_are_counted_unless_the_whole_is_asked_for(words: Flask) -> None:
    rows = [row("text", f"q{number}", relevant="false()") for number in range(SHOWN_OF_A_KIND + 5)]
    report = check(workbook(table(*rows)).encode(), "form.md")
    assert "and 5 more of this kind" in as_table(report, "form.md", "en")
    assert as_table(report, "form.md", "en", whole=True).count("is never shown") == len(rows)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_said_whole_in_every_language(words: Flask, kind: Kind, language: str) -> None:
    for problem in check(kind.text.encode(), "form.md").problems:
        said = [message(problem, language), advice(problem, language), place(problem, language)]
        assert all(text.strip() for text in said[:2])
        assert [text for text in said if "%(" in text or "None" in text or "…" in said[1]] == []
