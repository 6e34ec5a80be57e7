"""`/api/v1/uploads`: files that survive a broken connection, told by their content."""

from __future__ import annotations

import base64
import hashlib
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.media_store import media_store, new_address
from surveyapp.people.rights import RoleName
from surveyapp.people.service import known_user
from surveyapp.submissions import kept_files, uploads
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import KeptFile, UploadPart
from surveyapp.submissions.uploads import Owner
from surveyapp.submissions.verdicts import Sender
from surveyapp.wiring import settings_of
from tests.accounts import browser
from tests.channels.api.conftest import Call, caller
from tests.collecting import bring, item

PHOTO = bytes(range(256)) * 5
TUS = {"Tus-Resumable": "1.0.0"}


def sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def begin(call: Call, content: bytes) -> TestResponse:
    told = base64.b64encode(sha256_of(content).encode()).decode()
    headers = {"Upload-Length": str(len(content)), "Upload-Metadata": f"sha256 {told}"} | TUS
    return call("POST", "/uploads", headers=headers)


def address_of(begun: TestResponse) -> str:
    assert begun.status_code == HTTPStatus.CREATED, begun.text
    return begun.headers["Location"].removeprefix("/api/v1")


def patch(call: Call, address: str, offset: int, content: bytes, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    given = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return call("PATCH", address, data=content, headers=given | TUS | named)


def offset_of(call: Call, address: str) -> int:
    return int(call("HEAD", address, headers=TUS).headers["Upload-Offset"])


def with_file(content: bytes) -> dict[str, Any]:
    named = {"name": "a.jpg", "sha256": sha256_of(content), "size": len(content), "type": "image/jpeg"}
    return item(attachments=[named])


def send(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = call("POST", "/submissions", json={"submissions": [sent]}).get_json()
    return dict(result["results"][0])


def missing(call: Call, sent: dict[str, Any]) -> dict[str, Any]:
    return dict(call("GET", f"/submissions/{sent['id']}/missing").get_json())


def test_a_file_makes_the_submission_that_waits_for_it_complete(call: Call) -> None:
    content = PHOTO + b"waits"
    sent = with_file(content)
    first = send(call, sent)
    assert first["missing_attachments"] == [sha256_of(content)]
    assert missing(call, sent)["complete"] is None
    address = address_of(begin(call, content))
    assert patch(call, address, 0, content).status_code == HTTPStatus.NO_CONTENT
    assert missing(call, sent)["missing_attachments"] == []
    again = send(call, sent)
    assert (again["status"], again["receipt"]) == ("duplicate", first["receipt"])
    assert again["complete"] == missing(call, sent)["complete"]
    assert again["complete"]


def test_a_file_may_come_before_what_names_it(call: Call) -> None:
    content = PHOTO + b"early"
    patch(call, address_of(begin(call, content)), 0, content)
    assert send(call, with_file(content))["complete"]


def the_sender() -> Sender:
    return Sender(user_id=known_user("erlan").id)


def test_a_file_that_came_unnoticed_is_found_at_the_next_look(call: Call) -> None:
    content = PHOTO + b"race"
    sent = with_file(content)
    send(call, sent)
    bring(content, the_sender())  # as if it came between the look and the row
    assert missing(call, sent)["complete"]


def test_a_file_that_came_unnoticed_is_found_when_its_record_comes_again(call: Call) -> None:
    content = PHOTO + b"race again"
    sent = with_file(content)
    send(call, sent)
    bring(content, the_sender())
    assert send(call, sent)["complete"]


def test_a_file_that_is_held_is_not_sent_again(call: Call) -> None:
    content = PHOTO + b"held"
    bring(content, the_sender())
    begun = begin(call, content)
    assert begun.headers["Upload-Offset"] == str(len(content))
    assert offset_of(call, address_of(begun)) == len(content)


def test_a_file_that_the_record_has_is_not_sent_again(call: Call) -> None:
    content = PHOTO + b"filed"
    sent = with_file(content)
    patch(call, address_of(begin(call, content)), 0, content)
    send(call, sent)
    assert kept() == []  # the submission alone has it now
    assert begin(call, content).headers["Upload-Offset"] == str(len(content))


def test_a_file_that_another_record_waits_for_is_taken_once_more(call: Call) -> None:
    content = PHOTO + b"twice"
    patch(call, address_of(begin(call, content)), 0, content)
    send(call, with_file(content))
    second = with_file(content)
    assert send(call, second)["missing_attachments"] == [sha256_of(content)]
    begun = begin(call, content)
    assert begun.headers["Upload-Offset"] == "0"
    patch(call, address_of(begun), 0, content)
    assert missing(call, second)["complete"]


def test_nobody_learns_of_or_gets_the_files_of_others(call: Call, app: Flask) -> None:
    content = PHOTO + b"private"
    patch(call, address_of(begin(call, content)), 0, content)
    other = caller(app, "aigul", RoleName.INTERVIEWER)
    assert begin(other, content).headers["Upload-Offset"] == "0"
    sent = with_file(content)
    assert send(other, sent)["missing_attachments"] == [sha256_of(content)]
    assert missing(other, sent)["complete"] is None


def test_files_that_others_bring_complete_nothing_of_mine(call: Call, app: Flask) -> None:
    content = PHOTO + b"theirs"
    sent = with_file(content)
    send(call, sent)
    other = caller(app, "aigul", RoleName.INTERVIEWER)
    patch(other, address_of(begin(other, content)), 0, content)
    assert missing(call, sent)["missing_attachments"] == [sha256_of(content)]


def kept() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(KeptFile.sha256)))


def parts() -> set[str]:
    """Addresses of parts, those of earlier tests too."""
    listed = media_store().listed()
    return {stored.address for stored in listed if stored.address.startswith("parts/")}


def content_of(sha256: str) -> bytes:
    db.session.rollback()
    address = db.session.scalars(select(KeptFile.address).filter_by(sha256=sha256)).one()
    db.session.rollback()
    with kept_files.open_at(keys_of(), address) as file:
        return file.read()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.sets(st.integers(1, len(PHOTO) - 1), max_size=5), salt=st.binary(min_size=8, max_size=8))
def test_any_cuts_make_the_same_file(call: Call, cuts: set[int], salt: bytes) -> None:
    content = PHOTO + salt
    address = address_of(begin(call, content))
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(content)], strict=True):
        assert offset_of(call, address) in {start, len(content)}
        if offset_of(call, address) == start:
            patch(call, address, start, content[start:end])
    assert content_of(sha256_of(content)) == content


class Breaking(io.BytesIO):
    """A body whose connection breaks after its last byte."""

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        if not piece:
            raise EOFError
        return piece


def begun_by_nobody_else(content: bytes) -> tuple[UUID, Owner]:
    owner = Owner(known_user("erlan").id)
    db.session.rollback()  # on SQLite it would hold the lock that the upload needs
    return uploads.create(sha256_of(content), len(content), owner).id, owner


def test_after_a_break_at_any_byte_the_rest_is_enough(call: Call) -> None:
    for cut in range(24):
        content = bytes([cut]) * 24
        upload, owner = begun_by_nobody_else(content)
        kept = uploads.append(upload, owner, 0, Breaking(content[:cut]), None)
        assert kept.offset == cut
        assert uploads.append(upload, owner, cut, io.BytesIO(content[cut:]), None).is_whole
        assert content_of(sha256_of(content)) == content


def test_bytes_that_no_row_acknowledges_do_not_count(call: Call) -> None:
    """As after a power cut between a part and its row."""
    content = PHOTO + b"tail"
    upload, owner = begun_by_nobody_else(content)
    uploads.append(upload, owner, 0, io.BytesIO(content[:100]), None)
    media_store().put(new_address("parts"), [b"torn"])
    assert uploads.progress(upload, owner).offset == 100
    assert uploads.append(upload, owner, 100, io.BytesIO(content[100:]), None).is_whole
    assert content_of(sha256_of(content)) == content


def test_a_long_request_is_kept_part_by_part(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is killed within a request has lost less than a part."""
    monkeypatch.setattr(uploads, "PART_BYTES", 100)
    monkeypatch.setattr(uploads, "_READ", 50)
    content, before = PHOTO + b"long", parts()
    upload, owner = begun_by_nobody_else(content)

    class Killed(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= 650:
                raise KeyboardInterrupt
            return super().read(size)

    with pytest.raises(KeyboardInterrupt):
        uploads.append(upload, owner, 0, Killed(content), None)
    assert uploads.progress(upload, owner).offset == 600
    uploads.append(upload, owner, 600, io.BytesIO(content[600:]), None)
    assert content_of(sha256_of(content)) == content
    db.session.rollback()
    assert db.session.scalars(select(UploadPart)).all() == []
    assert parts() <= before


def test_nothing_under_way_lies_in_the_clear(call: Call) -> None:
    content = b"a name that must not be read " * 50
    upload, owner = begun_by_nobody_else(content)
    uploads.append(upload, owner, 0, io.BytesIO(content[:500]), None)
    for stored in media_store().listed():
        assert b"must not be read" not in media_store().read(stored.address)


@pytest.mark.parametrize("kind", uploads.CHECKSUMS)
def test_a_wrong_checksum_leaves_the_offset(call: Call, kind: str) -> None:
    content = PHOTO + kind.encode()
    address = address_of(begin(call, content))
    digest = base64.b64encode(hashlib.new(kind, content).digest()).decode()
    refused = patch(call, address, 0, b"x" + content[1:], Upload_Checksum=f"{kind} {digest}")
    assert (refused.status_code, offset_of(call, address)) == (460, 0)
    taken = patch(call, address, 0, content, Upload_Checksum=f"{kind} {digest}")
    assert taken.status_code == HTTPStatus.NO_CONTENT


def test_other_content_than_announced_is_thrown_away(call: Call) -> None:
    content = PHOTO + b"other"
    address = address_of(begin(call, content))
    assert patch(call, address, 0, b"x" * len(content)).status_code == 460
    assert offset_of(call, address) == 0
    assert kept() == []


def test_of_two_requests_at_one_byte_the_second_is_told_where_to_go_on(call: Call, app: Flask) -> None:
    """A request that hangs on a dead connection is in nobody's way, and changes nothing afterwards."""
    content = PHOTO + b"two"
    upload, owner = begun_by_nobody_else(content)
    reading, go_on = threading.Event(), threading.Event()
    outcome: list[object] = []

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            reading.set()
            go_on.wait(10)
            return super().read(size)

    def first() -> None:
        with app.app_context():
            try:
                uploads.append(upload, owner, 0, Slow(b"x" * 100), None)
            except uploads.WrongOffset as wrong:
                outcome.append(wrong)

    thread = threading.Thread(target=first)
    thread.start()
    reading.wait(10)
    second = patch(call, f"/uploads/{upload}", 0, content)
    go_on.set()
    thread.join()
    assert second.status_code == HTTPStatus.NO_CONTENT
    assert len(outcome) == 1
    assert content_of(sha256_of(content)) == content


@pytest.mark.parametrize("damage", [b"", b"damaged"])
def test_a_request_that_is_overtaken_does_not_undo_the_part_that_was_told_of(
    call: Call, damage: bytes
) -> None:
    """It brings all that is left; before its bytes are put together, another's part is acknowledged."""
    content = PHOTO + b"overtaken" + damage
    upload, owner = begun_by_nobody_else(content)

    class Overtaken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() == 0:
                uploads.append(upload, owner, 0, io.BytesIO(content[:100]), None)
            return super().read(size)

    with pytest.raises(uploads.WrongOffset):
        uploads.append(upload, owner, 0, Overtaken(damage + content[len(damage) :]), None)
    assert offset_of(call, f"/uploads/{upload}") == 100
    assert patch(call, f"/uploads/{upload}", 100, content[100:]).status_code == HTTPStatus.NO_CONTENT
    assert content_of(sha256_of(content)) == content


def test_only_its_sender_may_go_on_with_an_upload(call: Call, app: Flask) -> None:
    address = address_of(begin(call, PHOTO + b"mine"))
    other = caller(app, "aigul", RoleName.INTERVIEWER)
    assert patch(other, address, 0, b"x").status_code == HTTPStatus.NOT_FOUND
    assert other("DELETE", address, headers=TUS).status_code == HTTPStatus.NOT_FOUND
    assert offset_of(call, address) == 0


def test_an_upload_that_is_given_up_or_over_is_gone(call: Call) -> None:
    given_up, over = (address_of(begin(call, PHOTO + end)) for end in (b"given", b"over"))
    before = parts()
    patch(call, over, 0, b"x")
    assert parts() > before
    assert call("DELETE", given_up, headers=TUS).status_code == HTTPStatus.NO_CONTENT
    assert call("HEAD", given_up, headers=TUS).status_code == HTTPStatus.NOT_FOUND
    assert uploads.expire(utc_now() + timedelta(days=365)) == 1
    assert call("HEAD", over, headers=TUS).status_code == HTTPStatus.NOT_FOUND
    assert parts() == before


def test_nobody_has_more_under_way_than_is_allowed(call: Call, app: Flask) -> None:
    few = replace(settings_of(), max_uploads=2)
    with with_settings(app, few):
        begun = [begin(call, PHOTO + bytes([number])) for number in range(3)]
    assert [each.status_code for each in begun] == [201, 201, 429]
    assert begun[2].headers["Retry-After"]


@contextmanager
def with_settings(app: Flask, settings: Settings) -> Iterator[None]:
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings
    try:
        yield
    finally:
        app.config["SETTINGS"] = before


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, HTTPStatus.PRECONDITION_FAILED),
        (TUS, HTTPStatus.BAD_REQUEST),
        (TUS | {"Upload-Length": "5"}, HTTPStatus.BAD_REQUEST),
        (TUS | {"Upload-Length": "5", "Upload-Metadata": "sha256 ¤"}, HTTPStatus.BAD_REQUEST),
        (TUS | {"Upload-Length": "5", "Upload-Metadata": "sha256 Li4v"}, HTTPStatus.BAD_REQUEST),
        (
            TUS | {"Upload-Length": "9" * 15, "Upload-Metadata": "sha256 " + "YWFh" * 21 + "YQ=="},
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        ),
    ],
)
def test_what_cannot_begin_is_refused(call: Call, headers: dict[str, str], status: int) -> None:
    assert call("POST", "/uploads", headers=headers).status_code == status


def test_too_many_bytes_and_another_offset_change_nothing(call: Call) -> None:
    content = PHOTO + b"much"
    address = address_of(begin(call, content))
    too_many = patch(call, address, 0, content + b"x")
    assert too_many.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert patch(call, address, 7, content[7:]).status_code == HTTPStatus.CONFLICT
    assert offset_of(call, address) == 0


def test_a_file_without_bytes_is_whole_when_it_is_begun(call: Call) -> None:
    sent = with_file(b"")
    assert send(call, sent)["missing_attachments"] == [sha256_of(b"")]
    address = address_of(begin(call, b""))
    assert offset_of(call, address) == 0
    assert missing(call, sent)["complete"]
    assert send(call, with_file(b""))["status"] == "stored"
    wrong = base64.b64encode(sha256_of(b"other").encode()).decode()
    headers = TUS | {"Upload-Length": "0", "Upload-Metadata": f"sha256 {wrong}"}
    assert call("POST", "/uploads", headers=headers).status_code == 460


def test_a_network_without_patch_and_delete_does_not_stop_it(call: Call) -> None:
    content = PHOTO + b"by POST"
    address = address_of(begin(call, content))
    meant = TUS | {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}
    kind = {"Content-Type": "application/offset+octet-stream"}
    done = call("POST", address, data=content[:7], headers=meant | kind)
    assert (done.status_code, done.headers["Upload-Offset"]) == (HTTPStatus.NO_CONTENT, "7")
    assert call("POST", address, data=content, headers=meant | kind).status_code == HTTPStatus.CONFLICT
    ended = call("POST", address, headers=TUS | {"X-HTTP-Method-Override": "DELETE"})
    assert ended.status_code == HTTPStatus.NO_CONTENT
    assert call("HEAD", address, headers=TUS).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("meant", [{}, {"X-HTTP-Method-Override": "PUT"}])
def test_a_post_that_means_nothing_is_refused(call: Call, meant: dict[str, str]) -> None:
    address = address_of(begin(call, PHOTO + b"meant"))
    refused = call("POST", address, headers=TUS | meant)
    assert refused.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert "PATCH" in refused.headers["Allow"]


def test_somebody_else_s_upload_is_not_reached_by_post_either(call: Call, app: Flask) -> None:
    address = address_of(begin(call, PHOTO + b"mine"))
    other = caller(app, "dana", RoleName.INTERVIEWER)
    meant = TUS | {"X-HTTP-Method-Override": "DELETE"}
    assert other("POST", address, headers=meant).status_code == HTTPStatus.NOT_FOUND
    assert browser(app).post(f"/api/v1{address}", headers=meant).status_code == HTTPStatus.UNAUTHORIZED
    assert offset_of(call, address) == 0


def test_the_protocol_is_told(call: Call) -> None:
    told = call("OPTIONS", "/uploads").headers
    assert told["Tus-Extension"] == "creation,checksum,termination,expiration"
    assert told["Tus-Checksum-Algorithm"] == "sha256,sha1"
