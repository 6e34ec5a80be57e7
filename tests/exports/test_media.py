"""The files of submissions as an archive: stable names, true digests, and only what may be seen."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.exports.errors import FileLost, FilesLeftOut, OnlyAsPackage
from surveyapp.exports.media_writer import safe_name, safe_path
from surveyapp.exports.request import ExportRequest, TableOptions
from surveyapp.exports.service import export
from surveyapp.exports.verifying import NotWhole, verify
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people.service import known_user
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.models import Attachment, Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Sender, Status
from tests.accounts import make_user
from tests.collecting import CANARY, bring, item
from tests.exports import visits
from tests.exports.visits import rows_of, unzipped
from tests.files import pictures

_WORKBOOK = """
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | T | album | 1 | English (en) | survey="https://surveyapp.example/xmlns/survey" |
| survey |
| | type | name | label::English (en) | bind::survey:identity | bind::survey:sensitive |
| | image | site | The site | | |
| | image | face | The face | yes | |
| | file | letter | The letter | | yes |
| | begin_repeat | room | Room | | |
| | image | view | The view | | |
| | end_repeat | room | | | |
"""
PLAIN = TableOptions()
EVERYTHING = TableOptions(include_identity=True, include_sensitive=True)


@cache
def compiled() -> CompiledWorkbook:
    return compile_workbook(_WORKBOOK.encode(), "album.md")


@pytest.fixture
def sender(app: Flask) -> Sender:
    catalogue.publish(compiled(), access=Access.STAFF, demonstration=True)
    make_user("aigerim")
    sender = Sender(user_id=known_user("aigerim").id)
    db.session.commit()
    return sender


def send(sender: Sender, answers: dict[str, Any], **brought: bytes | None) -> str:
    """Send a record with files by name; None: one that is still to come. Its id."""
    files = [
        {
            "name": name,
            "sha256": hashlib.sha256(b"later").hexdigest()
            if content is None
            else bring(content, sender),
            "size": 1,
            "type": "image/jpeg",
        }
        for name, content in brought.items()
    ]
    sent = item(questionnaire="album", language="en", answers=answers, attachments=files)
    (result,) = receive([load_envelope(sent, Channel.API)], sender)
    assert result.status is Status.STORED
    return str(sent["id"])


def full(tables: TableOptions = PLAIN) -> ExportRequest:
    return ExportRequest(
        questionnaire="album", format="media", **visits.FULL | {"package": True, "tables": tables}
    )


def archive(tables: TableOptions = PLAIN) -> dict[str, bytes]:
    request = full(tables)
    return unzipped(visits.opened(b"".join(export(request)), request))


def pictures_of(files: dict[str, bytes]) -> set[str]:
    return {name for name in files if "/" in name}


def test_a_file_lies_under_its_submission_and_its_question(sender: Sender) -> None:
    first = send(sender, {"site": "a.jpg"}, **{"a.jpg": pictures.jpeg()})
    second = send(
        sender,
        {"room": [{"view": "a.jpg"}, {"view": "b.jpg"}]},
        **{"a.jpg": pictures.jpeg(), "b.jpg": pictures.png()},
    )
    files = archive()
    assert pictures_of(files) == {
        f"{first}/site/file.jpg",
        f"{second}/room[1]/view/file.jpg",
        f"{second}/room[2]/view/file.jpg",
    }
    for row in rows_of(files["media.csv"]):
        content = files[row["file"]]
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        assert (row["size"], row["state"]) == (str(len(content)), "held")
    assert {"README.txt", "manifest.json", "codebook.csv"} <= set(files)


def test_names_are_the_same_in_every_export(sender: Sender) -> None:
    send(sender, {"site": "a.jpg"}, **{"a.jpg": pictures.jpeg()})
    assert pictures_of(archive()) == pictures_of(archive())


def test_files_of_guarded_questions_come_only_with_their_answers(sender: Sender) -> None:
    answers = {"site": "s.jpg", "face": f"{CANARY}.jpg", "letter": "l.jpg"}
    brought = {"s.jpg": pictures.jpeg(), f"{CANARY}.jpg": pictures.png(), "l.jpg": b"a letter"}
    id_ = send(sender, answers, **brought)
    plain = archive()
    assert pictures_of(plain) == {f"{id_}/site/file.jpg"}
    assert CANARY.encode() not in b"".join(plain.values())
    assert pictures_of(archive(TableOptions(include_sensitive=True))) == {
        f"{id_}/site/file.jpg",
        f"{id_}/letter/file.jpg",
    }
    everything = archive(EVERYTHING)
    assert everything[f"{id_}/letter/file.jpg"] == b"a letter"
    # the directory of an encrypted archive can be read
    assert f"{id_}/face/file.jpg" in everything
    assert CANARY.encode() in everything["media.csv"]
    assert CANARY.encode() not in b"".join(export(full(EVERYTHING)))


def test_nobody_reads_a_name_without_the_password(sender: Sender) -> None:
    """What is in an encrypted archive is hidden, its directory is not."""
    name = f"{CANARY} үйде.jpg"
    send(sender, {"site": name}, **{name: pictures.jpeg()})
    assert CANARY.encode() not in b"".join(export(full(PLAIN)))
    assert name in archive(PLAIN)["media.csv"].decode()


def test_no_file_leaves_without_a_second_person(sender: Sender) -> None:
    send(sender, {"site": "a.jpg"}, **{"a.jpg": pictures.jpeg()})
    with pytest.raises(FilesLeftOut):
        export(ExportRequest(questionnaire="album", format="media", package=True))


def test_an_archive_of_files_is_whole_or_it_is_told(sender: Sender, tmp_path: Path) -> None:
    id_ = send(sender, {"site": "a.jpg"}, **{"a.jpg": pictures.jpeg()})
    path, changed = tmp_path / "whole.zip", tmp_path / "changed.zip"
    path.write_bytes(b"".join(export(full())))
    assert verify(path, visits.PASSWORD).submissions == 1
    with zipfile.ZipFile(changed, "w") as other:
        for name, content in archive().items():
            other.writestr(name, b"another picture" if name == f"{id_}/site/file.jpg" else content)
    with pytest.raises(NotWhole, match="was changed"):
        verify(changed)


def test_a_file_that_has_not_come_is_told_as_such(sender: Sender) -> None:
    send(sender, {"site": "a.jpg"}, **{"a.jpg": None})
    files = archive()
    assert pictures_of(files) == set()
    (row,) = rows_of(files["media.csv"])
    assert (row["state"], row["name"], row["file"]) == ("not_here", "a.jpg", "")


def test_a_file_that_is_lost_is_not_passed_over(sender: Sender) -> None:
    send(sender, {"site": "a.jpg"}, **{"a.jpg": pictures.jpeg()})
    (address,) = db.session.scalars(db.select(Attachment.address))
    db.session.rollback()
    media_store().discard(address or "")
    with pytest.raises(FileLost):
        archive()


def test_it_is_always_a_package(sender: Sender) -> None:
    with pytest.raises(OnlyAsPackage):
        export(replace(full(), package=False))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("photo 1.jpg", "photo 1.jpg"),
        ("сурет-қ.jpg", "сурет-қ.jpg"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "file"),
        ("C:\\a\\b.exe", "C__a_b.exe"),
        ("con.jpg", "_con.jpg"),
        ("a\x00\n\u202egpj.exe", "a__gpj.exe"),
        ("name. ", "name"),
        ("", "file"),
    ],
)
def test_a_name_plays_no_tricks(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_long_name_is_cut_keeps_its_kind_and_stays_apart() -> None:
    one, other = safe_name("ж" * 120 + ".jpg"), safe_name("ж" * 121 + ".jpg")
    assert one != other
    assert one.endswith(".jpg")
    assert len(one.encode()) <= 100


def test_a_path_keeps_its_folders() -> None:
    assert safe_path("room[2]/ns:view") == "room[2]/ns_view"
