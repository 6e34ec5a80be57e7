"""The files that a version refers to are kept with it, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.catalogue import definitions, media, service
from surveyapp.catalogue.errors import VersionTaken
from surveyapp.catalogue.models import PublishedVersion
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.catalogue.test_cli import run
from tests.questionnaires.forms import interview

WORKBOOK = """
| survey |
| | type | name | label | choice_filter | media::image |
| | text | region | Region | | map.png |
| | select_one_from_file villages.csv | village | Village | region = ${region} | |
| settings |
| | form_title | form_id | version |
| | Villages | villages | 1 |
"""
VILLAGES = b"name,label,region\nv1,One,north\nv2,Two,south\n"
FILES = {"villages.csv": VILLAGES, "map.png": b"a picture", "notes.txt": b"not asked for"}


def publish(files: Mapping[str, bytes] = FILES) -> service.Edition:
    return service.publish(compile_workbook(WORKBOOK.encode(), "villages.md"), files=files)


def loaded() -> service.Edition:
    """The edition as another process finds it."""
    db.session.expire_all()
    definitions._loaded.cache_clear()
    found = service.edition("villages", "1")
    assert found is not None
    return found


def test_the_files_that_are_named_are_kept_by_their_content(app: Flask) -> None:
    version = publish().version
    assert [(each.name, each.size) for each in version.media] == [
        ("map.png", 9),
        ("villages.csv", len(VILLAGES)),
    ]
    assert media.read(version, "villages.csv") == VILLAGES
    assert media.read(version, "notes.txt") is None
    assert all(each.sha256 in media_store() for each in version.media)


def test_an_interview_offers_the_rows_of_a_versions_file(app: Flask) -> None:
    publish()
    filled = interview(loaded().definition, {"region": "south"})
    assert [choice.name for choice in filled.choices("village")] == ["v2"]


def test_a_version_whose_file_is_lost_is_read_without_it_and_the_log_says_so(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    held = next(each for each in publish().version.media if each.name == "villages.csv")
    media_store().discard(held.sha256)
    assert "village" in {item.name for item in loaded().definition.walk()}
    assert "villages 1: its file villages.csv is lost" in caplog.text


def test_the_rows_of_a_file_are_not_kept_a_second_time_in_the_database(app: Flask) -> None:
    publish()
    kept = db.session.scalars(select(PublishedVersion.definition)).one()
    assert kept is not None
    assert "north" not in kept


def test_the_same_files_again_change_nothing_and_none_may_be_left_out(app: Flask) -> None:
    first = publish().version.serial
    assert publish().version.serial == publish({}).version.serial == first


@pytest.mark.parametrize(
    "later", [{**FILES, "villages.csv": b"name,label,region\n"}, {"map.png": b"else"}]
)
def test_other_files_need_a_new_version(app: Flask, later: Mapping[str, bytes]) -> None:
    publish()
    with pytest.raises(VersionTaken):
        publish(later)


def test_a_file_cannot_come_after_the_version(app: Flask) -> None:
    publish({})
    with pytest.raises(VersionTaken):
        publish()


def test_external_choices_of_the_workbook_are_kept_as_a_file(app: Flask) -> None:
    workbook = """
| survey |
| | type | name | label | choice_filter |
| | text | region | Region | |
| | select_one_external village | village | Village | region=${region} |
| external_choices |
| | list_name | name | label | region |
| | village | v1 | One | north |
| settings |
| | form_id | version |
| | villages | 1 |
"""
    service.publish(compile_workbook(workbook.encode(), "villages.md"))
    filled = interview(loaded().definition, {"region": "north"})
    assert [choice.name for choice in filled.choices("village")] == ["v1"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workbook with its files beside it."""
    (tmp_path / "villages.md").write_text(WORKBOOK, encoding="utf-8")
    (tmp_path / "media").mkdir()
    for name, content in FILES.items():
        (tmp_path / "media" / name).write_bytes(content)
    return tmp_path


def publish_folder(app: Flask, folder: Path) -> str:
    """What the command says."""
    arguments = ["publish", str(folder / "villages.md"), "--media", str(folder / "media")]
    return run(app, *arguments).output


def test_the_command_lists_what_it_kept(app: Flask, folder: Path) -> None:
    output = publish_folder(app, folder)
    assert f"villages.csv  {len(VILLAGES)} bytes" in output
    assert "map.png  9 bytes" in output
    assert "notes.txt" not in output


def test_the_command_says_by_name_which_files_are_missing(app: Flask, folder: Path) -> None:
    (folder / "media" / "map.png").unlink()
    (folder / "media" / "villages.csv").unlink()
    output = publish_folder(app, folder)
    assert "map.png" in output
    assert "villages.csv" in output
    assert "published villages 1" in output


def test_without_a_folder_all_files_are_missing(app: Flask, folder: Path) -> None:
    output = run(app, "publish", str(folder / "villages.md")).output
    assert "map.png  is missing" in output
    assert "villages.csv  is missing" in output


def test_a_file_that_cannot_be_read_keeps_the_version_from_being_published(
    app: Flask, folder: Path
) -> None:
    (folder / "media" / "villages.csv").write_bytes(b"name\n\xff\n")
    output = publish_folder(app, folder)
    assert "UTF-8" in output
    assert "published" not in output
    assert service.edition("villages", "1") is None


def test_what_the_questionnaire_does_not_name_is_not_even_read(app: Flask, folder: Path) -> None:
    with (folder / "media" / "film.mp4").open("wb") as film:
        film.truncate(1 << 40)  # a hole of a terabyte, which no memory holds
    assert "published villages 1" in publish_folder(app, folder)
