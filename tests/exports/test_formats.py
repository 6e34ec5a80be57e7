"""Formats that need a library, and how the command asks for each."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from surveyapp.exports import formats
from surveyapp.exports.errors import ExtraMissing, TooMuchForOneFile
from surveyapp.exports.formats import FORMATS, available
from surveyapp.exports.package import MANIFEST
from surveyapp.exports.readme import FILE
from tests.exports.command import run
from tests.exports.visits import exported, unzipped

OPTIONAL = {"parquet": "parquet", "sav": "stats", "dta": "stats"}


@pytest.mark.parametrize(("format_", "extra"), OPTIONAL.items())
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.usefixtures("published")
def test_a_format_without_its_library_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, format_: str, extra: str, language: str
) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda _name: None)
    with force_locale(language), pytest.raises(ExtraMissing) as refused:
        exported(format=format_)
    assert f"pip install 'surveyapp[{extra}]'" in str(refused.value)
    assert ("library" in str(refused.value)) == (language == "en")


def test_only_what_is_installed_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {each.name for each in available()} == set(FORMATS)
    monkeypatch.setattr(formats, "find_spec", lambda _name: None)
    assert {each.name for each in available()} == set(FORMATS) - set(OPTIONAL)


@pytest.mark.parametrize("format_", sorted(FORMATS))
@pytest.mark.usefixtures("stored")
def test_every_format_has_a_package_whose_manifest_counts(format_: str) -> None:
    files = unzipped(exported(format=format_, package=True))
    told = json.loads(files[MANIFEST])
    assert (told["format"], told["submissions"]) == (format_, 2)
    rows = {file["name"]: file.get("rows") for file in told["files"]}
    assert set(rows) == set(files) - {MANIFEST}
    if format_ != "media":
        assert rows[f"submissions.{format_}"] == (1 if format_ == "geojson" else 2)
    if format_ not in {"jsonl", "geojson", "media"}:
        assert f"submissions.{format_}" in files[FILE].decode()


@pytest.mark.parametrize("format_", sorted(set(FORMATS) - {"media"}))
@pytest.mark.usefixtures("stored")
def test_the_command_knows_the_format_by_its_file(app: Flask, tmp_path: Path, format_: str) -> None:
    path = tmp_path / f"some.{format_}"
    made = run(app, "visits", "--output", path, "--quiet")
    assert made.exit_code == 0, made.output
    assert path.read_bytes()[:4] == exported(format=format_)[:4]


@pytest.mark.usefixtures("stored")
def test_the_command_writes_files_only_as_a_package(app: Flask, tmp_path: Path) -> None:
    asked = ["visits", "--quiet", "--format", "media", "--output"]
    assert run(app, *asked, tmp_path / "some.zip").exit_code == 0
    assert "media.csv" in zipfile.ZipFile(tmp_path / "some.zip").namelist()
    refused = run(app, *asked, tmp_path / "some.csv")
    assert refused.exit_code == 2
    assert ".zip" in refused.output


@pytest.mark.usefixtures("stored")
def test_a_package_is_csv_unless_another_format_is_asked_for(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    run(app, "visits", "--output", path, "--quiet")
    assert "submissions.csv" in zipfile.ZipFile(path).namelist()


@pytest.mark.usefixtures("stored")
def test_the_command_says_in_a_line_what_is_missing(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(formats, "find_spec", lambda _name: None)
    path = tmp_path / "some.sav"
    refused = run(app, "visits", "--output", path)
    assert refused.exit_code == 1
    assert "surveyapp[stats]" in refused.output
    assert not path.exists()


def test_too_much_for_one_file_is_said_with_the_way_out() -> None:
    assert ".zip" in str(TooMuchForOneFile("submissions.sav", 30000))
