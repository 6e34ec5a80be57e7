"""`surveyapp questionnaire …`, as an administrator types it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from tests.catalogue.test_service import workbook

BAD_EXPRESSION = """\
| survey |
| | type | name | label | constraint |
| | integer | age | Age | . > lenght(.) |
"""


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["questionnaire", *arguments])


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "ages.md"
    path.write_bytes(workbook())
    return str(path)


def test_a_good_workbook_is_checked_published_and_listed(app: Flask, file: str) -> None:
    assert run(app, "check", file).exit_code == 0
    assert "published ages 1 (staff)" in run(app, "publish", file).output
    assert "ages  access: staff" in run(app, "list").output


def test_a_built_in_questionnaire_is_published_by_its_id(app: Flask) -> None:
    result = run(app, "publish", "family_survey")
    assert result.exit_code == 0, result.output
    assert "(public)" in result.output


def test_a_bad_workbook_is_refused_with_the_place(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "bad.md"
    path.write_bytes(workbook().replace(b"integer", b"intejer"))
    result = run(app, "publish", str(path))
    assert result.exit_code == 1
    assert "survey, line 4" in result.output
    assert "intejer" in result.output


def test_a_bad_expression_is_refused_with_the_place(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "bad.md"
    path.write_text(BAD_EXPRESSION, encoding="utf-8")
    result = run(app, "check", str(path))
    assert result.exit_code == 1
    assert "survey, line 3, constraint  There is no function “lenght”: . > ▸lenght(.)" in result.output


def test_strict_refuses_a_label_without_one_of_its_languages(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "half.md"
    path.write_bytes(workbook(label=" "))
    assert run(app, "publish", str(path), "--strict").exit_code == 1
    lenient = run(app, "publish", str(path))
    assert lenient.exit_code == 0
    assert "warning" in lenient.output


def test_a_file_that_is_not_there_is_said_in_plain_words(app: Flask) -> None:
    result = run(app, "check", "nowhere.xlsx")
    assert result.exit_code == 1
    assert "No such file" in result.output


def test_access_close_and_retire_say_what_they_did(app: Flask, file: str) -> None:
    run(app, "publish", file)
    assert "access: public" in run(app, "access", "ages", "public").output
    assert "closed" in run(app, "close", "ages").output
    assert "retired" in run(app, "retire", "ages", "1").output
    assert run(app, "access", "nothing", "public").exit_code == 1
