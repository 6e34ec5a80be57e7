"""Sending records: the verdicts, as ODK Collect sees them and as the database keeps them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import encode_multipart

from surveyapp.extensions import db
from surveyapp.submissions import quarantine
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Attachment, Decision, Quarantined, Submission
from surveyapp.submissions.opening import file_name, foreign_of
from surveyapp.submissions.rereading import brought_files
from surveyapp.wiring import settings_of
from tests.channels.openrosa.conftest import SUCCESS, Phone, message_of, part
from tests.collecting import CANARY, publish, untold

#: an id for records that are parameters of tests
ONE = "uuid:6f1c1d9e-52a5-4a11-8c3a-3b1d7f3f0e01"
OTHER = "uuid:6f1c1d9e-52a5-4a11-8c3a-3b1d7f3f0e02"


def visit(
    *,
    form: str = "visit",
    version: str = "1",
    instance: str | None = None,
    deprecated: str | None = None,
    rooms: str = "3",
    extra: str = "",
    photo: str = "",
) -> bytes:
    """The XML of a visit that keeps every rule."""
    ids = f"<instanceID>{instance}</instanceID>" if instance else ""
    ids += f"<deprecatedID>{deprecated}</deprecatedID>" if deprecated else ""
    return f"""<?xml version='1.0' ?>
<data id="{form}" version="{version}" xmlns:orx="http://openrosa.org/xforms">
  <place><region>75</region><gps/></place>
  <child><name>{CANARY}</name><age>7</age></child><child><name/><age>12</age></child>
  <worries>none</worries><photo>{photo}</photo><rooms>{rooms}</rooms><twice>6</twice>{extra}
  <orx:meta>{ids}</orx:meta>
</data>""".encode()


def new_id() -> str:
    return f"uuid:{uuid4()}"


def stored(instance: str) -> Submission | None:
    db.session.rollback()
    found = UUID(instance.removeprefix("uuid:"))
    return db.session.scalars(select(Submission).filter_by(id=found)).one_or_none()


def waiting() -> list[Quarantined]:
    db.session.rollback()
    return list(db.session.scalars(select(Quarantined).order_by(Quarantined.serial)))


def test_a_record_is_stored_and_collect_says_success_in_its_own_language(phone: Phone) -> None:
    one = new_id()
    reply = phone.send(visit(instance=one))
    assert (reply.status_code, message_of(reply)) == (201, SUCCESS)
    row = stored(one)
    assert row is not None
    assert (row.channel, row.revision, row.device_id is not None) == ("openrosa", 1, True)
    assert row.answers["rooms"] == 3


def test_the_same_record_again_is_the_same_success(phone: Phone) -> None:
    one = new_id()
    replies = [phone.send(visit(instance=one)) for _time in range(3)]
    assert {(reply.status_code, message_of(reply)) for reply in replies} == {(201, SUCCESS)}
    assert len(db.session.scalars(select(Submission)).all()) == 1


def test_files_come_in_split_posts_in_any_order(phone: Phone) -> None:
    one = new_id()
    xml = visit(instance=one, photo="site.jpg")
    assert phone.send(xml, incomplete=True).status_code == 201
    assert phone.send(xml, {"site.jpg": b"photo"}).status_code == 201
    [file] = db.session.scalars(select(Attachment)).all()
    assert (file.name, file.size, file.held_at is not None) == ("site.jpg", 5, True)


def test_the_parts_of_quarantined_work_are_kept_together(phone: Phone) -> None:
    xml = visit(version="of another server", instance=new_id(), photo="a.jpg")
    for files in ({"a.jpg": b"one"}, {"b.jpg": b"two"}, {"a.jpg": b"three"}, {"a.jpg": b"one"}):
        assert phone.send(xml, files).status_code == 202
    [row] = waiting()
    assert len(row.files) == 3
    assert [file.name for file in brought_files(keys_of(), row)] == ["a.jpg", "b.jpg", "a.jpg"]
    assert "a.jpg" not in str(row.brought)


def test_what_waited_is_accepted_with_its_files_when_it_is_sent_again_and_fits(phone: Phone) -> None:
    one = new_id()
    xml = visit(version="2", instance=one, photo="a.jpg")
    assert phone.send(xml, {"a.jpg": b"one"}).status_code == 202
    publish(version="2")
    for _time in range(2):
        phone.send(xml)
    [row] = waiting()
    found = stored(one)
    assert (row.decision, found is not None) == (Decision.ACCEPT, True)
    [file] = db.session.scalars(select(Attachment)).all()
    assert (file.name, file.size, file.held_at is not None) == ("a.jpg", 3, True)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (visit(form="unknown", instance=ONE), "unknown_questionnaire"),
        (visit(version="7", instance=ONE), "unknown_version"),
        (visit(version="", instance=ONE), "unknown_version"),
        (visit(rooms="many", instance=ONE), "wrong_type"),
        (visit(instance=ONE).replace(b"data", b"other"), "wrong_type"),
        (visit(instance=ONE, deprecated=OTHER), "edit"),
    ],
)
def test_what_can_be_read_and_not_be_accepted_waits_with_its_bytes(
    phone: Phone, record: bytes, reason: str
) -> None:
    reply = phone.send(record)
    assert reply.status_code == 202
    assert message_of(reply) == "Received. The office will look at this record; nothing is lost."
    assert phone.send(record).status_code == 202
    [row] = waiting()
    assert row.reason == reason
    assert quarantine.open_sealed(row.serial) == record


def test_the_same_id_with_other_content_is_kept_beside_the_first(phone: Phone) -> None:
    one = new_id()
    assert phone.send(visit(instance=one)).status_code == 201
    assert phone.send(visit(instance=one, rooms="4")).status_code == 202
    assert [row.reason for row in waiting()] == ["conflict"]
    first = stored(one)
    assert first is not None
    assert first.answers["rooms"] == 3


def test_an_edit_of_the_current_revision_is_the_next_one_and_one_of_an_older_waits(
    phone: Phone,
) -> None:
    first, second, third = new_id(), new_id(), new_id()
    assert phone.send(visit(instance=first)).status_code == 201
    assert phone.send(visit(instance=second, deprecated=first, rooms="4")).status_code == 201
    assert phone.send(visit(instance=second, deprecated=first, rooms="4")).status_code == 201
    assert phone.send(visit(instance=third, deprecated=second, rooms="5")).status_code == 201
    row = stored(first)
    assert row is not None
    assert (row.revision, row.answers["rooms"]) == (3, 5)
    assert phone.send(visit(instance=new_id(), deprecated=first, rooms="9")).status_code == 202
    assert phone.send(visit(instance=first)).status_code == 201
    assert [row.reason for row in waiting()] == ["conflict"]


def test_a_broken_rule_is_stored_and_flagged(phone: Phone) -> None:
    one = new_id()
    record = visit(instance=one).replace(b"<age>7</age>", b"<age>70</age>")
    assert phone.send(record).status_code == 201
    row = stored(one)
    assert row is not None
    assert "invalid" in row.flags


def test_unknown_elements_are_kept_and_make_other_content(phone: Phone) -> None:
    one = new_id()
    extra = '<pet kind="cat"><name>Мысық</name></pet>words<rooms>8</rooms>'
    record = visit(instance=one, extra=extra).replace(b"<region>", b'<region seen="yes">')
    assert [phone.send(record).status_code for _time in range(2)] == [201, 201]
    row = stored(one)
    assert row is not None
    assert "foreign" in row.flags
    kept = foreign_of(keys_of(), row)["answers"]
    assert set(kept) == {"<pet>", "#text", "<rooms>", "place/region/@seen"}
    assert "Мысық" in kept["<pet>"][0]
    assert phone.send(visit(instance=one, extra="<pet>dog</pet>")).status_code == 202


def test_an_id_that_is_no_uuid_and_none_at_all_serve_as_well(phone: Phone) -> None:
    for instance in ("KZ-2026/000017", None):
        for _time in range(2):
            assert phone.send(visit(instance=instance)).status_code == 201
    assert len(db.session.scalars(select(Submission)).all()) == 2


def test_a_file_that_the_record_does_not_name_is_kept_and_flagged(phone: Phone) -> None:
    one = new_id()
    assert phone.send(visit(instance=one), {"audit.csv": b"event"}).status_code == 201
    row = stored(one)
    assert row is not None
    assert "unnamed_file" in row.flags
    [file] = db.session.scalars(select(Attachment)).all()
    assert (file_name(keys_of(), row, file), file.named) == ("audit.csv", False)
    assert file.held_at is not None
    assert "audit" not in file.name


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "C:\\x\\..", "a/b/", "\x00", "", "é" * 300])
def test_a_file_name_leads_nowhere(app: Flask, phone: Phone, name: str) -> None:
    keys_of()  # the key file is made when it is first needed
    media = settings_of(app).media_path
    left = untold()
    before = {file for file in media.parent.rglob("*") if not file.is_relative_to(media)}
    assert phone.send(visit(instance=new_id()), {name or "x": b"content"}).status_code in {201, 400}
    for file in db.session.scalars(select(Attachment)):
        told = file_name(keys_of(), db.session.scalars(select(Submission)).one(), file)
        assert not {"/", "\\", "\x00"} & set(told)
        assert told not in {"", ".", ".."}
    after = {file for file in media.parent.rglob("*") if not file.is_relative_to(media)}
    assert {file for file in after - before if "sqlite" not in file.name} == set()
    assert untold() == left


BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("record", "status"),
    [
        (b"", 400),
        (b"no xml", 400),
        (b"<data id='visit' version='1'>", 400),
        (b"<data/>", 400),
        (b"<data id='' version='1'/>", 400),
        (b"<data id='%s' version='1'/>" % (b"x" * 101), 400),
        (BOMB + b"<data id='visit' version='1'><note>&b;</note></data>", 400),
        (OUTSIDE + b"<data id='visit' version='1'><note>&a;</note></data>", 400),
        (b"<data id='visit' version='1'><note>&nbsp;</note></data>", 400),
        (b"<data id='visit' version='1'>" + b"<a>" * 100 + b"</a>" * 100 + b"</data>", 413),
        (b"<data id='visit' version='1'><note>" + b"x" * (11 * 2**20) + b"</note></data>", 413),
        (visit(instance=ONE, extra=f"<note>{'x' * 100_001}</note>"), 413),
    ],
)
def test_what_cannot_be_read_is_refused_in_the_persons_language_and_leaves_nothing(
    app: Flask, phone: Phone, record: bytes, status: int
) -> None:
    left = untold()
    reply = phone.send(record, {"site.jpg": b"a photo of nothing"})
    assert reply.status_code == status
    assert message_of(reply)
    assert db.session.scalars(select(Submission)).all() == []
    assert waiting() == []
    assert untold() == left


@pytest.mark.parametrize("cut", range(0, 700, 23))
def test_a_body_cut_anywhere_leaves_nothing(phone: Phone, cut: int) -> None:
    xml = part(visit(instance=new_id()), "s.xml", "text/xml")
    boundary, whole = encode_multipart({"xml_submission_file": xml})
    body = whole[: min(cut, len(whole) - 5)]
    content_type = f"multipart/form-data; boundary={boundary}"
    reply = phone.call("POST", "/submission", data=body, content_type=content_type)
    assert reply.status_code == 400
    assert db.session.scalars(select(Submission)).all() == []


def test_another_type_of_body_is_refused(phone: Phone) -> None:
    for content_type in ("application/xml", "multipart/form-data", "multipart/form-data; boundary=ё"):
        reply = phone.call("POST", "/submission", data=b"<data/>", content_type=content_type)
        assert reply.status_code == 400


def test_too_many_files_and_too_large_a_body_are_refused(app: Flask, phone: Phone) -> None:
    left = untold()
    many = {f"{n}.jpg": b"x" for n in range(settings_of(app).max_attachments + 1)}
    assert phone.send(visit(instance=new_id()), many).status_code == 413
    reply = phone.call(
        "POST",
        "/submission",
        data=b"",
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"CONTENT_LENGTH": str(settings_of(app).max_openrosa_bytes + 1)},
    )
    assert reply.status_code == 413
    assert untold() == left
