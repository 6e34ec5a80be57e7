"""Whoever collected a record keeps hold of it when somebody else's answers took the place of theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.submissions import deciding, merging, reviewing
from surveyapp.submissions.merging import Side
from surveyapp.submissions.models import Quarantined
from tests.channels.api.conftest import Call
from tests.channels.api.test_devices import enrolled
from tests.channels.api.test_inbox import edit, inbox, told
from tests.channels.api.test_uploads import PHOTO, address_of, begin, missing, patch, send, with_file
from tests.collecting import answers, publish


def accept_as_revision(serial: int) -> None:
    deciding.accept_as_revision(serial)


def merge(serial: int) -> None:
    merging.merge(serial, {"rooms": Side.WAITING}, rest=Side.HELD)


@pytest.mark.parametrize("decide", [accept_as_revision, merge])
def test_who_collected_a_record_keeps_hold_of_it(app: Flask, decide: Callable[[int], None]) -> None:
    publish()
    mine, theirs, stranger = (enrolled(app, name) for name in ("mine", "theirs", "stranger"))
    sent = with_file(PHOTO + decide.__name__.encode())
    sent["answers"] = answers(photo="a.jpg")
    before, start = send(mine, sent), inbox(mine)["cursor"]
    other = sent | {"answers": answers(rooms=8), "attachments": []}
    assert send(theirs, other)["status"] == "quarantined"
    decide(db.session.scalars(select(Quarantined.serial)).one())

    waited_for = missing(mine, sent)
    assert (waited_for["missing_attachments"], waited_for["complete"]) == (
        before["missing_attachments"],
        None,
    )
    found = mine("GET", f"/submissions/{sent['id']}").get_json()
    assert (found["receipt"], found["revision"]) == (before["receipt"], 2)
    assert stranger("GET", f"/submissions/{sent['id']}").status_code == 404
    assert told(inbox(mine, start)) == [(sent["id"], 2, "stored")]

    bring_photo(mine, decide)
    assert missing(mine, sent)["complete"] is not None
    reviewing.return_to_collector(UUID(sent["id"]), {"": "?"})
    assert told(inbox(mine)) == [(sent["id"], 2, "returned")]
    assert told(inbox(stranger)) == []
    mended: dict[str, Any] = edit(sent | {"attachments": []}, 2, 9)
    assert (send(mine, mended)["status"], send(stranger, edit(mended, 3, 1))["status"]) == (
        "stored",
        "quarantined",
    )


def bring_photo(phone: Call, decide: Callable[[int], None]) -> None:
    content = PHOTO + decide.__name__.encode()
    assert patch(phone, address_of(begin(phone, content)), 0, content).status_code == 204
