"""Files are taken in: looked at, cleaned of places, sealed under their submission's key."""

from __future__ import annotations

import io
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import EVERYWHERE, Place, Reach
from surveyapp.people.service import known_user
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook
from surveyapp.submissions import awaited_files, file_access, reviewing, taking_in
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.file_access import Reader
from surveyapp.submissions.models import Attachment, Channel, Fault, Flag, KeptFile, Submission
from surveyapp.submissions.receive import receive
from surveyapp.submissions.sealing import CannotOpen
from surveyapp.submissions.verdicts import Result, Sender, Status
from tests.accounts import make_user
from tests.collecting import CANARY, bring, item, untold
from tests.files import pictures

_PORTRAIT = """
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | T | portrait | 1 | English (en) | survey="https://surveyapp.example/xmlns/survey" |
| survey |
| | type | name | label::English (en) | bind::survey:identity | bind::survey:keep_place | bind::survey:sensitive |
| | image | site | The site | | | |
| | image | face | The face | yes | | |
| | image | spot | The spot | | yes | |
| | image | wound | The wound | | | yes |
| | audio | voice | The voice | | |
| | file | paper | The paper | | |
"""


@cache
def compiled() -> CompiledWorkbook:
    return compile_workbook(_PORTRAIT.encode(), "portrait.md")


def user_id(name: str) -> int:
    make_user(name)
    found = known_user(name).id
    db.session.commit()
    return found


@pytest.fixture
def sender(app: Flask) -> Sender:
    catalogue.publish(compiled(), access=Access.STAFF, demonstration=True)
    return Sender(user_id=user_id("aigerim"))


def record(sender: Sender, **files: bytes | str) -> dict[str, Any]:
    """An item whose questions name files: question → bytes that came, or the SHA-256 of some to come."""
    named = [_named(sender, question, given) for question, given in files.items()]
    return item(
        questionnaire="portrait",
        language="en",
        answers={question: file["name"] for question, file in zip(files, named, strict=True)},
        attachments=named,
    )


def _named(sender: Sender, question: str, given: bytes | str) -> dict[str, Any]:
    sha256 = given if isinstance(given, str) else bring(given, sender)
    name = f"{CANARY}-{question}.jpg"
    return {"name": name, "sha256": sha256, "size": 1, "type": "image/jpeg"}


def send(sender: Sender, *items: dict[str, Any]) -> list[Result]:
    return receive([load_envelope(one, Channel.API) for one in items], sender)


def rows() -> dict[str | None, Attachment]:
    """The rows by what their question wants."""
    db.session.rollback()
    found = {row.wanted: row for row in db.session.scalars(select(Attachment))}
    db.session.expunge_all()
    db.session.rollback()  # on SQLite an open look would be in the way
    return found


def read(sent: dict[str, Any], question: str, reader: int) -> bytes:
    (sha256,) = (f["sha256"] for f in sent["attachments"] if f"-{question}." in f["name"])
    opened = file_access.open_file(UUID(sent["id"]), sha256, Reader(reader))
    assert opened
    with opened.content as content:
        return content.read()


def test_a_picture_is_kept_without_its_places_and_sealed(sender: Sender) -> None:
    sent = record(sender, site=pictures.jpeg())
    (result,) = send(sender, sent)
    assert (result.status, bool(result.complete)) == (Status.STORED, True)
    row = rows()["image"]
    assert (row.sealed, row.kind, row.fault) == (True, "image/jpeg", None)
    assert row.size == len(pictures.jpeg())  # not what was announced
    content = read(sent, "site", sender.user_id or 0)
    assert pictures.PLACE not in content
    with Image.open(io.BytesIO(content)) as picture, Image.open(io.BytesIO(pictures.jpeg())) as came:
        assert picture.tobytes() == came.tobytes()


def test_a_place_that_the_questionnaire_asks_for_is_kept(sender: Sender) -> None:
    sent = record(sender, spot=pictures.jpeg())
    send(sender, sent)
    assert read(sent, "spot", sender.user_id or 0) == pictures.jpeg()


def test_no_file_and_no_name_of_one_lies_in_the_clear(sender: Sender) -> None:
    before = {stored.address for stored in media_store().listed()}
    sent = record(sender, site=b"%PDF- " + CANARY.encode(), face=pictures.jpeg(), paper=CANARY.encode())
    waits = record(sender, paper=CANARY.encode() * 2) | {"version": "9"}
    send(sender, sent, waits)
    bring(CANARY.encode() * 3, sender)
    after = {stored.address for stored in media_store().listed()} - before
    assert len(after) == 5
    for address in after:
        content = media_store().read(address)
        assert CANARY.encode() not in content
        assert b"JFIF" not in content


def test_the_name_of_a_file_that_points_at_a_person_is_sealed(sender: Sender) -> None:
    sent = record(sender, face=pictures.jpeg())
    send(sender, sent)
    (row,) = rows().values()
    assert row.name.startswith("/")
    assert CANARY not in str(vars(row))
    (told,) = file_access.files_of(UUID(sent["id"]), Reader(sender.user_id or 0)) or []
    assert told.name == ""
    opened = file_access.open_file(UUID(sent["id"]), sent["attachments"][0]["sha256"], _me(sender))
    assert opened
    opened.content.close()
    assert opened.name == sent["attachments"][0]["name"]


def _me(sender: Sender) -> Reader:
    return Reader(sender.user_id or 0)


def test_copies_of_a_record_with_a_sealed_name_are_duplicates(sender: Sender) -> None:
    sent = record(sender, face=pictures.jpeg(), site=b"\xff\xd8\xffx")
    first, again = send(sender, sent)[0], send(sender, sent)[0]
    assert (again.status, again.receipt, again.complete) == ("duplicate", first.receipt, first.complete)
    (xml_like,) = receive([load_envelope(sent | {"attachments": []}, Channel.OPENROSA)], sender)
    assert (xml_like.status, xml_like.complete) == ("duplicate", first.complete)


def test_a_file_that_comes_later_is_taken_in(sender: Sender) -> None:
    content = pictures.png()
    sent = record(sender, face=bring(content, Sender()))  # somebody else's: it does not count
    (result,) = send(sender, sent)
    assert result.complete is None
    bring(content, sender)
    taking_in.take_in(awaited_files.heal())
    assert rows()["image"].sealed
    assert pictures.PLACE not in read(sent, "face", sender.user_id or 0)


@pytest.mark.parametrize(
    ("question", "content", "fault"),
    [
        ("site", b"%PDF-1.7 a form", Fault.WRONG_KIND),
        ("voice", pictures.jpeg(), Fault.WRONG_KIND),
        ("site", pictures.jpeg()[:300], Fault.DAMAGED),
        ("site", pictures.png_bomb(100_000, 100_000), Fault.TOO_LARGE),
        # a picture inside a picture
        ("site", pictures.tiff("big").replace(b"\x01\x0e\0\x02", b"\x01\x4a\0\x04"), Fault.NOT_CLEANED),
        ("voice", b"OggS" + bytes(100), None),
        ("paper", b"MZ\x90 whatever", None),
        ("paper", b"", None),
    ],
)
def test_whatever_comes_is_kept_and_what_is_amiss_is_told(
    sender: Sender, question: str, content: bytes, fault: Fault | None
) -> None:
    sent = record(sender, **{question: content})
    (result,) = send(sender, sent)
    assert (result.status, bool(result.complete)) == (Status.STORED, True)
    (row,) = rows().values()
    assert (row.sealed, row.fault) == (True, fault)
    flags = db.session.scalars(select(Submission.flags)).one()
    db.session.rollback()
    assert (Flag.UNFIT_FILE in flags) is (fault is not None)
    assert read(sent, question, sender.user_id or 0)[:3] == content[:3]


def test_a_file_that_could_not_be_taken_in_is_taken_in_the_next_time(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any, **_named: Any) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(taking_in, "_look", fail)
        sent = record(sender, site=pictures.jpeg())
        (result,) = send(sender, sent)
    assert (result.status, bool(result.complete), rows()["image"].sealed) == ("stored", True, False)
    assert taking_in.take_in_all() == 1
    assert pictures.PLACE not in read(sent, "site", sender.user_id or 0)


def test_a_file_that_an_older_edition_kept_is_taken_in(sender: Sender) -> None:
    content = pictures.jpeg()
    sent = record(sender, site="ab" * 32)
    send(sender, sent)
    address = media_store().keep(content)  # as it was kept: in the clear, under its hash
    row = db.session.scalars(select(Attachment)).one()
    row.held_at, row.address, row.sha256 = utc_now(), address, address
    db.session.commit()
    assert taking_in.take_in_all() == 1
    assert address not in media_store()
    sent["attachments"][0]["sha256"] = address
    assert pictures.PLACE not in read(sent, "site", sender.user_id or 0)


def test_nothing_is_left_of_what_was_taken_in(sender: Sender) -> None:
    before = untold()
    sent = record(sender, site=pictures.jpeg(), spot=pictures.jpeg(), paper=b"one")
    send(sender, sent, sent)
    send(sender, sent)
    db.session.rollback()
    assert db.session.scalars(select(KeptFile)).all() == []
    assert untold() == before


def test_a_file_that_quarantined_work_names_stays_for_it(sender: Sender) -> None:
    content = pictures.jpeg()
    waits = record(sender, site=content) | {"version": "9"}
    (told,) = send(sender, waits)
    assert (told.status, bool(told.complete)) == (Status.QUARANTINED, True)
    send(sender, record(sender, site=content))
    (again,) = send(sender, waits)
    assert (again.receipt, again.complete) == (told.receipt, told.complete)


def test_an_edit_has_the_files_that_its_record_has(sender: Sender) -> None:
    first = record(sender, site=pictures.jpeg(), face=pictures.png())
    send(sender, first)
    second = first | {"base_revision": 1, "answers": first["answers"] | {"paper": None}}
    (result,) = send(sender, second)
    assert (result.revision, result.missing_attachments, bool(result.complete)) == (2, (), True)
    assert pictures.PLACE not in read(second, "face", sender.user_id or 0)


def test_erasing_leaves_nothing_of_the_files(sender: Sender) -> None:
    before = {stored.address for stored in media_store().listed()}
    sent = record(sender, site=pictures.jpeg(), face=pictures.png())
    send(sender, sent)
    reviewing.erase(UUID(sent["id"]))
    assert {stored.address for stored in media_store().listed()} == before
    assert all(row.name_sealed is None for row in rows().values())
    (copy,) = send(sender, sent)
    assert copy.status == Status.DUPLICATE
    assert copy.complete


# --- reading ----------------------------------------------------------------------------------------


def test_only_its_sender_and_who_has_the_right_may_read(sender: Sender) -> None:
    sent = record(sender, site=pictures.jpeg())
    send(sender, sent)
    stranger = user_id("stranger")
    named = (UUID(sent["id"]), sent["attachments"][0]["sha256"])
    assert file_access.open_file(*named, Reader(stranger)) is None
    assert file_access.files_of(named[0], Reader(stranger)) is None
    reader = Reader(stranger, read=Reach(frozenset({EVERYWHERE})))
    opened = file_access.open_file(*named, reader)
    assert opened
    opened.content.close()
    elsewhere = Reader(stranger, read=Reach(frozenset({Place("another", None)})))
    assert file_access.open_file(*named, elsewhere) is None
    reviewing.delete(named[0])
    assert file_access.open_file(*named, _me(sender)) is None


def test_who_is_meant_is_not_for_everybody_who_may_read(sender: Sender) -> None:
    sent = record(sender, site=pictures.jpeg(), face=pictures.png())
    send(sender, sent)
    hashes = {file["name"]: file["sha256"] for file in sent["attachments"]}
    named = [(UUID(sent["id"]), sha256) for sha256 in hashes.values()]
    everywhere = Reach(frozenset({EVERYWHERE}))
    stranger = user_id("stranger")
    opened = [file_access.open_file(*one, Reader(stranger, read=everywhere)) for one in named]
    assert [file is None for file in opened] == [False, True]
    steward = Reader(stranger, read=everywhere, identity=everywhere)
    opened += [file_access.open_file(*one, steward) for one in named]
    assert all(opened[2:])
    for file in filter(None, opened):
        file.content.close()


def test_what_is_sensitive_is_for_who_may_read_that(sender: Sender) -> None:
    sent = record(sender, site=pictures.jpeg(), wound=pictures.png())
    send(sender, sent)
    named = [(UUID(sent["id"]), file["sha256"]) for file in sent["attachments"]]
    everywhere, stranger = Reach(frozenset({EVERYWHERE})), user_id("stranger")
    analyst = Reader(stranger, read=everywhere, sensitive=Reach())
    reviewer = Reader(stranger, read=everywhere, sensitive=everywhere)
    own = Reader(sender.user_id, sensitive=Reach())
    for reader, has in ((analyst, [True, False]), (reviewer, [True, True]), (own, [True, True])):
        opened = [file_access.open_file(*one, reader) for one in named]
        assert [file is not None for file in opened] == has
        for file in filter(None, opened):
            file.content.close()


def test_reading_a_file_that_points_at_a_person_is_audited(sender: Sender) -> None:
    sent = record(sender, site=pictures.jpeg(), face=pictures.png())
    send(sender, sent)
    read(sent, "site", sender.user_id or 0)
    assert entries() == []
    read(sent, "face", sender.user_id or 0)
    assert entries() == [(sent["id"], {"identity": True, "count": 1}, sender.user_id)]


def entries() -> list[tuple[str, dict[str, Any], int | None]]:
    db.session.rollback()
    opened = select(AuditEntry).where(AuditEntry.action == "submission_opened")
    found = [(e.subject, e.details, e.user_id) for e in db.session.scalars(opened)]
    db.session.rollback()
    return found


def test_a_file_put_in_the_place_of_another_does_not_open(sender: Sender) -> None:
    one, other = record(sender, site=pictures.jpeg()), record(sender, site=pictures.png())
    send(sender, one, other)
    addresses = {r.sha256: r.address or "" for r in db.session.scalars(select(Attachment))}
    db.session.rollback()
    mine, theirs = (addresses[sent["attachments"][0]["sha256"]] for sent in (one, other))
    media_store().put(mine, [media_store().read(theirs)])
    with pytest.raises(CannotOpen):
        read(one, "site", sender.user_id or 0)
