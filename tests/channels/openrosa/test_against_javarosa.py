"""JavaRosa, the engine inside ODK Collect, as the client: download the form, fill it in, send its XML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from lxml import etree
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Flag, Submission
from surveyapp.submissions.opening import identity_of
from surveyapp.wiring import settings_of
from tests.channels.openrosa.conftest import SUCCESS, Phone, enrolled, message_of, path_of
from tests.collecting import CANARY, publish
from tests.oracle import NOW, Oracle, require_java

pytestmark = pytest.mark.java


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle(now=NOW, tz="Asia/Almaty") as running:
        yield running


@pytest.fixture
def phone(app: Flask) -> Phone:
    """A phone that may fill in everything."""
    return enrolled(app, language="ru")


def begin(oracle: Oracle, phone: Phone, questionnaire: str, folder: Path, **options: str) -> None:
    """Download a form and begin to fill it in."""
    form = next(form for form in phone.forms() if form["formID"] == questionnaire)
    file = folder / "form.xml"
    file.write_bytes(phone.app.test_client().get(path_of(form["downloadUrl"])).data)
    oracle.load(file, **options)


def stored() -> Submission:
    db.session.rollback()
    return db.session.scalars(select(Submission)).one()


def test_a_visit_filled_in_by_javarosa_is_stored_as_it_was_answered(
    oracle: Oracle, phone: Phone, tmp_path: Path
) -> None:
    publish()
    begin(oracle, phone, "visit", tmp_path)
    oracle.set("/data/place/region", "75")
    oracle.set("/data/place/gps", "43.238949 76.889709 0 5")
    oracle.set("/data/child[1]/name", CANARY)
    oracle.set("/data/child[1]/age", "7")
    oracle.set("/data/worries", "none danger")
    oracle.set("/data/note", "Ә, Ғ & <Қ>")
    oracle.set("/data/rooms", "3")
    reply = phone.send(oracle.finalize().encode())
    assert (reply.status_code, message_of(reply)) == (201, SUCCESS)
    row = stored()
    assert not {Flag.INVALID, Flag.FOREIGN, Flag.MISCALCULATED} & set(row.flags)
    assert row.answers["worries"] == ["none", "danger"]
    assert row.answers["note"] == "Ә, Ғ & <Қ>"
    assert row.answers["twice"] == "6"
    assert CANARY in identity_of(keys_of(), row).values()


def test_an_edit_in_javarosa_is_the_next_revision(oracle: Oracle, phone: Phone, tmp_path: Path) -> None:
    publish()
    begin(oracle, phone, "visit", tmp_path)
    oracle.set("/data/place/region", "75")
    oracle.set("/data/rooms", "3")
    first = oracle.finalize().encode()
    assert phone.send(first).status_code == 201
    edited = etree.fromstring(first)
    meta = next(edited.iter("{*}meta"))
    old = meta.find("{*}instanceID")
    assert old is not None
    deprecated = etree.SubElement(meta, old.tag.replace("instanceID", "deprecatedID"))
    deprecated.text, old.text = old.text, "uuid:0e3d3f9e-1c9c-4f5b-8a34-2b6f9f1d9a55"
    next(edited.iter("{*}rooms")).text = "4"
    next(edited.iter("{*}twice")).text = "8"
    assert phone.send(etree.tostring(edited)).status_code == 201
    row = stored()
    assert (row.revision, row.answers["rooms"]) == (2, 4)
    assert row.id == UUID((deprecated.text or "").removeprefix("uuid:"))


@pytest.mark.parametrize("questionnaire", ["household_baseline", "family_survey", "site_safety"])
def test_what_javarosa_sends_of_a_built_in_form_fits_it_whole(
    app: Flask, oracle: Oracle, phone: Phone, questionnaire: str, tmp_path: Path
) -> None:
    catalogue.publish_built_in(settings_of(app))
    begin(oracle, phone, questionnaire, tmp_path)
    reply = phone.send(oracle.finalize().encode())
    assert reply.status_code == 201
    row = stored()
    assert not {Flag.FOREIGN, Flag.MISCALCULATED, Flag.NO_FINISH_TIME} & set(row.flags)
    assert row.started_at is not None
    assert row.utc_offset in {300, 360}
