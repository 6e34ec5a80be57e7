"""Sealed envelopes: opened and judged as any other; what no key opens waits, and nothing is refused."""

from __future__ import annotations

import gzip
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.submissions import deciding
from surveyapp.submissions.keys import Keys, key_file_of, keys_of
from surveyapp.submissions.models import Quarantined, Submission
from surveyapp.submissions.sealed_envelopes import open_envelope, public_key
from tests.channels.api.conftest import Call
from tests.collecting import CANARY, answers, item
from tests.sealing import as_json, seal


@pytest.fixture
def key(call: Call) -> dict[str, str]:
    """The server's key, as a device is told it."""
    told = call("GET", "/inbox").get_json()["settings"]["sealing_key"]
    assert (told["kty"], told["crv"]) == ("EC", "P-256")
    return dict(told)


def send(call: Call, *items: Any) -> list[dict[str, Any]]:
    answer = call("POST", "/submissions", json={"submissions": items})
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["results"])


def test_what_is_inside_is_stored_as_if_it_had_come_open(call: Call, key: dict[str, str]) -> None:
    sent = item()
    sealed = seal(key, sent["id"], as_json(sent))
    assert CANARY not in str(sealed)
    (made,) = send(call, sealed)
    assert (made["status"], made["revision"], made["errors"]) == ("stored", 1, [])
    again, opened = send(call, seal(key, sent["id"], as_json(sent)), sent)
    assert [again["status"], opened["status"]] == ["duplicate", "duplicate"]
    assert made["receipt"] == again["receipt"] == opened["receipt"]
    assert db.session.scalars(select(Submission.answers)).one()["rooms"] == 3


def test_it_may_be_packed_and_may_be_an_edit(call: Call, key: dict[str, str]) -> None:
    sent = item()
    edit = sent | {"base_revision": 1, "answers": answers(rooms=5, twice="10")}
    results = send(call, *(seal(key, sent["id"], gzip.compress(as_json(one))) for one in (sent, edit)))
    assert [one["revision"] for one in results] == [1, 2]


def test_what_is_wrong_inside_is_told_as_of_any_other(call: Call, key: dict[str, str]) -> None:
    sent = item(answers=answers(rooms="many"))
    (result,) = send(call, seal(key, sent["id"], as_json(sent)))
    assert result["status"] == "quarantined"
    assert [error["path"] for error in result["errors"]] == ["rooms"]
    assert db.session.scalars(select(Quarantined.reason)).one() == "wrong_type"


def spoilt(sealed: dict[str, str]) -> dict[str, str]:
    middle = len(sealed["sealed"]) // 2
    other = "A" if sealed["sealed"][middle] != "A" else "B"
    return sealed | {"sealed": sealed["sealed"][:middle] + other + sealed["sealed"][middle + 1 :]}


def test_what_no_key_opens_waits_and_gets_a_receipt(call: Call, key: dict[str, str]) -> None:
    sent = item()
    good = seal(key, sent["id"], as_json(sent))
    cases = [
        spoilt(good),
        good | {"id": str(uuid4())},
        seal(public_key(Keys.new()), sent["id"], as_json(sent)),
        *(good | {"sealed": text} for text in ("", "???", "AA", "A" * 87, "ключ", good["sealed"][:90])),
    ]
    for case in cases:
        (result,) = send(call, case)
        assert (result["status"], result["errors"][0]["code"]) == ("quarantined", "sealed")
        assert result["receipt"] and result["complete"]
    assert db.session.scalars(select(Submission)).all() == []


def test_what_cannot_be_read_inside_waits_too(call: Call, key: dict[str, str]) -> None:
    sent = item()
    contents = [
        b"",
        b"no JSON",
        b"\xff",
        b"[" * 5000,
        as_json([]),
        as_json(sent) + b"," + as_json(sent),
        as_json(sent) + b'],"x":[1',
        as_json(sent | {"id": str(uuid4())}),
        as_json(sent | {"answers": {"rooms": float("nan")}}),
        as_json({"id": sent["id"]}),
        as_json(seal(key, sent["id"], as_json(sent))),
        gzip.compress(as_json(sent))[:-9],
        gzip.compress(b" " * (17 * 1024 * 1024)),
    ]
    for content in contents:
        (result,) = send(call, seal(key, sent["id"], content))
        assert (result["status"], result["errors"][0]["code"]) == ("quarantined", "sealed"), content[:40]
    assert db.session.scalars(select(Submission)).all() == []


def test_when_its_key_is_back_an_administrator_takes_it_in(app: Flask, call: Call) -> None:
    lost, present, sent = Keys.new(), keys_of(), item()
    (result,) = send(call, seal(public_key(lost), sent["id"], gzip.compress(as_json(sent))))
    serial = db.session.scalars(select(Quarantined.serial)).one()
    assert result["status"] == "quarantined"
    db.session.rollback()
    back = Keys(
        wrapping=present.wrapping,
        current=present.current,
        retired=present.retired,
        commitment=present.commitment,
        receipt=present.receipt,
        derivation=lost.derivation,
    )
    try:
        key_file_of().replace(back)
        made = deciding.attach(serial, "1", questionnaire="visit")
    finally:
        key_file_of().replace(present)
    assert (str(made.submission_id), made.revision) == (sent["id"], 1)
    assert db.session.scalars(select(Submission.answers)).one()["rooms"] == 3


def test_the_key_stays_the_same_over_a_rotation() -> None:
    keys = Keys.new()
    rotated = keys.with_new_wrapping_key()
    one = uuid4()
    sealed = seal(public_key(keys), str(one), b"content")["sealed"]
    assert public_key(rotated) == public_key(keys)
    assert open_envelope(rotated, one, sealed) == b"content"
    assert open_envelope(Keys.new(), one, sealed) is None
