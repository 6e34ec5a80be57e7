"""`surveyapp import FILE`: a phone's emergency file, as a phone writes it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from surveyapp.channels.field.importing import FORMAT
from surveyapp.extensions import db
from surveyapp.people import devices, enrolments
from surveyapp.submissions.keys import Keys, keys_of
from surveyapp.submissions.models import Attachment, Quarantined, Submission
from surveyapp.submissions.sealed_envelopes import public_key
from tests.collecting import answers, item, publish, untold
from tests.sealing import as_json, seal

PHOTO = b"\x89PNG a wall"
HEAD = {"format": FORMAT, "made_at": "2026-09-01T14:03:07+05:00"}


def sealed(name: str, content: bytes, keys: Keys | None = None) -> str:
    return seal(public_key(keys or keys_of()), name, content)["sealed"]


def record(sent: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": sent["id"], "sealed": sealed(sent["id"], as_json(sent))} | more


def pictured() -> tuple[dict[str, Any], dict[str, Any]]:
    """A record with a photo, and the line with the photo."""
    sha256 = hashlib.sha256(PHOTO).hexdigest()
    told = {"name": "a.png", "sha256": sha256, "size": len(PHOTO), "type": "image/png"}
    sent = item(attachments=[told], answers=answers(photo="a.png"))
    name = f"{sent['id']} {sha256}"
    return sent, {"id": sent["id"], "sha256": sha256, "file": sealed(name, PHOTO)}


def take_in(app: Flask, folder: Path, *lines: Any) -> Result:
    file = folder / "phone.rescue"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    db.session.commit()
    return app.test_cli_runner().invoke(args=["import", str(file)])


def test_a_record_comes_in_with_its_files_and_as_its_devices(app: Flask, tmp_path: Path) -> None:
    publish()
    number = enrolments.enrol("phone").device_id
    (sent, file), other = pictured(), item()
    lines = [HEAD, file, record(sent, device=str(number)), record(other)]
    outcome = take_in(app, tmp_path, *lines)
    assert outcome.exit_code == 0, outcome.output
    rows = db.session.scalars(select(Submission).order_by(Submission.serial)).all()
    assert [(str(row.id), row.device_id) for row in rows] == [(sent["id"], number), (other["id"], None)]
    assert db.session.scalars(select(Attachment.address)).one() is not None
    assert "duplicate     2" in take_in(app, tmp_path, *lines).output


def test_what_a_revoked_phone_saved_waits(app: Flask, tmp_path: Path) -> None:
    publish()
    number = enrolments.enrol("phone").device_id
    devices.revoke(number)
    outcome = take_in(app, tmp_path, HEAD, record(item(), device=str(number)))
    assert "quarantined   1" in outcome.output


def test_an_interview_under_way_waits_with_its_answers_so_far(app: Flask, tmp_path: Path) -> None:
    publish()
    sent = item()
    draft = {name: sent[name] for name in ("id", "questionnaire", "version", "language", "started_at")}
    draft |= {"changed_at": sent["finished_at"], "snapshot": {"place": {"region": "75"}}, "files": {}}
    for changes in ({}, {"version": "unheard of"}):
        line = {"id": draft["id"], "draft": sealed(draft["id"], as_json(draft | changes))}
        assert "under way     1" in take_in(app, tmp_path, HEAD, line).output
    assert len(db.session.scalars(select(Quarantined)).all()) == 2
    assert db.session.scalars(select(Submission)).all() == []


def test_what_other_keys_were_meant_for_is_counted_or_waits(app: Flask, tmp_path: Path) -> None:
    publish()
    before = untold()
    (sent, file), theirs = pictured(), Keys.new()
    file["file"] = sealed(f"{sent['id']} {file['sha256']}", PHOTO, theirs)
    whole = {"id": sent["id"], "sealed": sealed(sent["id"], as_json(sent), theirs)}
    draft = {"id": sent["id"], "draft": sealed(sent["id"], b"{}", theirs)}
    outcome = take_in(app, tmp_path, HEAD, file, whole, draft)
    assert outcome.exit_code == 1
    assert "quarantined   1" in outcome.output and "2 could not be opened" in outcome.output
    assert untold() == before


@pytest.mark.parametrize(
    "lines",
    [
        [{"format": "something else"}],
        [[1]],
        [7],
        [HEAD, "cut of"],
        [HEAD, {"id": "no id", "sealed": "x"}],
        [HEAD, {"id": 7, "sealed": "x"}],
    ],
)
def test_what_is_no_such_file_is_told_by_its_line(app: Flask, tmp_path: Path, lines: list[Any]) -> None:
    outcome = take_in(app, tmp_path, *lines)
    assert outcome.exit_code == 1
    assert f"line {len(lines)} is none" in outcome.output


def test_bytes_that_are_no_text_are_told_too(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(base64.b64decode("/9j/4AAQSkZJRgAB"))
    outcome = app.test_cli_runner().invoke(args=["import", str(file)])
    assert "line 1 is none" in outcome.output
