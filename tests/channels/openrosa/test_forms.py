"""What a phone gets: the list, the forms byte for byte, their files."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from lxml import etree
from sqlalchemy import update

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import PublishedVersion
from surveyapp.channels.openrosa import offering
from surveyapp.extensions import db
from surveyapp.people import devices
from surveyapp.people.devices import Purpose
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.channels.openrosa.conftest import MANIFEST, Phone, enrolled, message_of, path_of
from tests.collecting import INVITED, QUESTIONNAIRE, compiled, publish

PICTURES = """
| survey |
| | type | name | label | media::image |
| | select_one_from_file villages.csv | village | Village | |
| | note | look | Look | tree & roof.png |
| settings |
| | form_id | form_title | version |
| | pictures | Pictures <&> "trees" | 3 |
"""
FILES = {"villages.csv": b"name,label\na,A\n", "tree & roof.png": b"\x89PNG picture"}


def publish_with_files() -> None:
    catalogue.publish(compile_workbook(PICTURES.encode(), "pictures.md"), files=FILES)


def md5(content: bytes) -> str:
    return "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()


def test_the_list_names_each_form_with_the_hash_of_the_bytes_behind_its_address(phone: Phone) -> None:
    [form] = phone.forms()
    reply = phone.app.test_client().get(path_of(form["downloadUrl"]))
    assert reply.data == compiled().xform
    assert reply.mimetype == "text/xml"
    assert form["hash"] == md5(reply.data)
    assert (form["formID"], form["name"], form["version"]) == ("visit", "T", "1")
    assert "manifestUrl" not in form


@pytest.mark.parametrize("path", ["/formList", "/submission", "/nothing", "/forms/1/form.xml"])
def test_every_reply_carries_the_headers_of_the_protocol(phone: Phone, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT"):
        headers = phone.call(method, path).headers
        assert headers["X-OpenRosa-Version"] == "1.0"
        assert headers["X-OpenRosa-Accept-Content-Length"] == "100000000"
        assert headers["Content-Language"] == "en"
        assert headers["Date"].endswith("GMT")


def test_head_and_get_of_the_submission_address_are_empty_204(phone: Phone) -> None:
    for method in ("HEAD", "GET"):
        reply = phone.call(method, "/submission?deviceID=x")
        assert (reply.status_code, reply.data) == (204, b"")


def test_the_list_is_not_sent_again_unless_it_changed(phone: Phone) -> None:
    first = phone.get("/formList")
    again = phone.get("/formList", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["X-OpenRosa-Version"] == "1.0"
    publish(version="2")
    changed = phone.get("/formList", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert [form["version"] for form in phone.forms()] == ["2"]


def test_what_is_closed_or_retired_leaves_the_list_and_is_still_taken(phone: Phone) -> None:
    publish(version="2")
    catalogue.retire(QUESTIONNAIRE, "2")
    assert [form["version"] for form in phone.forms()] == ["1"]
    catalogue.close(QUESTIONNAIRE)
    assert phone.forms() == []


def test_the_list_can_be_asked_for_one_form(phone: Phone) -> None:
    publish(INVITED)
    assert [form["formID"] for form in phone.forms()] == [INVITED, QUESTIONNAIRE]
    assert [form["formID"] for form in phone.forms("?formID=visit")] == [QUESTIONNAIRE]
    assert phone.forms("?formID=%00") == []


def test_a_key_opens_its_own_questionnaires_only(app: Flask, phone: Phone) -> None:
    publish(INVITED)
    narrow = enrolled(app, questionnaires=[INVITED])
    assert [form["formID"] for form in narrow.forms()] == [INVITED]
    [_diary, visit] = phone.forms()
    inside = visit["downloadUrl"].partition("/forms/")[2]
    assert phone.get(f"/forms/{inside}").status_code == 200
    assert narrow.get(f"/forms/{inside}").status_code == 404


def test_one_bad_form_does_not_spoil_the_list(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(INVITED)
    whole = offering._form

    def failing(version: PublishedVersion) -> offering.OfferedForm:
        if version.questionnaire_id == INVITED:
            raise ValueError("its bytes are gone")
        return whole(version)

    monkeypatch.setattr(offering, "_form", failing)
    assert [form["formID"] for form in phone.forms()] == [QUESTIONNAIRE]


def test_a_form_without_a_title_is_called_by_its_id(phone: Phone) -> None:
    db.session.execute(update(PublishedVersion).values(title={}))
    db.session.commit()
    assert [form["name"] for form in phone.forms()] == ["visit"]


def test_the_manifest_lists_the_files_and_they_come_byte_for_byte(app: Flask, phone: Phone) -> None:
    publish_with_files()
    form = next(form for form in phone.forms() if form["formID"] == "pictures")
    assert form["name"] == 'Pictures <&> "trees"'
    reply = app.test_client().get(path_of(form["manifestUrl"]))
    assert reply.mimetype == "text/xml"
    found = {}
    for entry in etree.fromstring(reply.data).findall("m:mediaFile", MANIFEST):
        parts = {etree.QName(part).localname: part.text or "" for part in entry}
        file = app.test_client().get(path_of(parts["downloadUrl"]))
        assert parts["hash"] == md5(file.data)
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.headers["X-OpenRosa-Version"] == "1.0"
        found[parts["filename"]] = file.data
    assert found == FILES
    again = app.test_client().get(
        path_of(form["manifestUrl"]), headers={"If-None-Match": reply.headers["ETag"]}
    )
    assert again.status_code == 304


def test_a_manifest_without_files_is_empty(phone: Phone) -> None:
    [form] = phone.forms()
    reply = phone.app.test_client().get(path_of(form["downloadUrl"]).replace("form.xml", "manifest"))
    assert (reply.status_code, len(etree.fromstring(reply.data))) == (200, 0)


def test_a_revoked_key_gets_403_and_never_an_empty_list(app: Flask) -> None:
    publish()
    made = devices.enrol("lost", Purpose.OPENROSA, language="ru")
    phone = Phone(app, f"/openrosa/{made.key}")
    [form] = phone.forms()
    devices.revoke(made.id)
    for address in (f"{phone.base}/formList", path_of(form["downloadUrl"])):
        reply = app.test_client().get(address)
        assert reply.status_code == 403
        assert message_of(reply) == "Этому устройству доступ закрыт. Позвоните в офис."
        assert reply.headers["Content-Language"] == "ru"
        assert "no-store" in reply.headers["Cache-Control"]


def test_an_unknown_key_gets_404_and_is_never_asked_for_a_password(app: Flask) -> None:
    phone = Phone(app, "/openrosa/never-given-out")
    for method, path in (("GET", "/formList"), ("HEAD", "/submission"), ("POST", "/submission")):
        reply = phone.call(method, path)
        assert reply.status_code == 404
        assert "WWW-Authenticate" not in reply.headers


def test_a_key_for_the_api_opens_nothing_here(app: Flask) -> None:
    made = devices.enrol("phone", Purpose.API)
    assert Phone(app, f"/openrosa/{made.key}").get("/formList").status_code == 404
