"""Whether a package is whole."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from flask import Flask

from surveyapp.exports.request import ExportRequest
from surveyapp.exports.service import export
from surveyapp.exports.verifying import NotWhole, verify
from tests.exports import visits
from tests.exports.visits import exported, unzipped

pytestmark = pytest.mark.usefixtures("stored")


@pytest.fixture
def whole(tmp_path: Path, stored: None) -> Path:
    """A package."""
    file = tmp_path / "v.zip"
    file.write_bytes(exported(package=True))
    return file


def test_a_whole_package_says_what_it_is(app: Flask, whole: Path) -> None:
    found = verify(whole)
    assert (found.questionnaire, found.submissions, found.files) == (visits.ID, 2, 7)
    said = app.test_cli_runner().invoke(args=["export-verify", str(whole)])
    assert said.exit_code == 0
    assert "is whole" in said.output


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_one_that_was_cut_off_is_told(app: Flask, whole: Path, share: float) -> None:
    content = whole.read_bytes()
    whole.write_bytes(content[: int(len(content) * share)])
    said = app.test_cli_runner().invoke(args=["export-verify", str(whole)])
    assert said.exit_code == 1
    assert "not whole" in said.stderr


@pytest.mark.parametrize("change", ["changed", "missing", "more", "no manifest"])
def test_one_whose_files_are_others_is_told(whole: Path, change: str) -> None:
    files = unzipped(whole.read_bytes())
    if change == "changed":
        files["child.csv"] += b"\r\n"
    elif change == "missing":
        del files["child.csv"]
    elif change == "no manifest":
        del files["manifest.json"]
    else:
        files = {"more.csv": b"", **files}
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    with pytest.raises(NotWhole):
        verify(whole)


def test_a_full_one_needs_its_password(tmp_path: Path) -> None:
    file = tmp_path / "full.zip"
    request = ExportRequest(questionnaire=visits.ID, **visits.FULL | {"package": True})
    file.write_bytes(b"".join(export(request)))
    assert verify(file, visits.PASSWORD).profile == "full"
    for password in ("", "another password"):
        with pytest.raises(NotWhole, match="password"):
            verify(file, password)
