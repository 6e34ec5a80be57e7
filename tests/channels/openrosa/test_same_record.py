"""The same answers as XML from Collect and as JSON from our own page are the same submission."""

from __future__ import annotations

import hashlib
from datetime import datetime
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.questionnaires.instance_xml import Envelope, Instance, write_instance
from surveyapp.questionnaires.synthetic import synthesise
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Channel, Submission
from surveyapp.submissions.opening import identity_of
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Result, Sender, Status
from surveyapp.wiring import settings_of
from tests.channels.openrosa.conftest import Phone, enrolled
from tests.channels.openrosa.test_submission import visit
from tests.collecting import answers, item

FINISHED = datetime.fromisoformat("2026-09-01T14:03:07+05:00")
BUILT_IN = ("household_baseline", "family_survey", "site_safety")


def send_json(submission: dict[str, Any]) -> Result:
    """What the JSON channel's way in makes of it."""
    db.session.rollback()
    [result] = receive([load_envelope(submission, Channel.API)], Sender(is_command=True))
    return result


def with_altitudes(value: Any) -> Any:
    """The same answers; XML writes a place that has an accuracy with its altitude."""
    if isinstance(value, list):
        return [with_altitudes(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    whole = {name: with_altitudes(inner) for name, inner in value.items()}
    return whole | {"alt": whole["alt"] or 0.0} if "alt" in whole else whole


def kept() -> list[tuple[Any, ...]]:
    """What is kept of each submission's content."""
    db.session.rollback()
    keys = keys_of()
    return [
        (
            row.questionnaire,
            row.version,
            row.answers,
            dict(identity_of(keys, row)),
            row.flags,
            row.errors,
        )
        for row in db.session.scalars(select(Submission).order_by(Submission.serial))
    ]


@pytest.mark.parametrize("xml_first", [True, False])
def test_each_is_a_copy_of_the_other(phone: Phone, xml_first: bool) -> None:
    one = uuid4()
    xml = visit(instance=f"uuid:{one}")
    sent = item(id=str(one), answers=answers(photo=None), language="en")
    if xml_first:
        assert phone.send(xml).status_code == 201
        assert send_json(sent).status is Status.DUPLICATE
    else:
        assert send_json(sent).status is Status.STORED
        assert phone.send(xml).status_code == 201
    assert len(kept()) == 1


def test_a_photo_that_json_announced_may_come_by_collect(phone: Phone) -> None:
    one, photo = uuid4(), b"a photo"
    file = {
        "name": "site.jpg",
        "sha256": hashlib.sha256(photo).hexdigest(),
        "size": len(photo),
        "type": "image/jpeg",
    }
    first = send_json(item(id=str(one), answers=answers(photo="site.jpg"), attachments=[file]))
    assert (first.status, first.complete) == (Status.STORED, None)
    assert (
        phone.send(visit(instance=f"uuid:{one}", photo="site.jpg"), {"site.jpg": photo}).status_code
        == 201
    )
    again = send_json(item(id=str(one), answers=answers(photo="site.jpg"), attachments=[file]))
    assert again.complete is not None
    assert again.receipt == first.receipt


@pytest.mark.parametrize("questionnaire", BUILT_IN)
def test_records_of_the_built_in_questionnaires_are_kept_alike(app: Flask, questionnaire: str) -> None:
    catalogue.publish_built_in(settings_of(app))
    found = catalogue.current(questionnaire)
    assert found is not None
    definition, phone = found.definition, enrolled(app, language="kk")
    for seed in range(4):
        random = Random(seed)  # noqa: S311  # reproducible, not secret
        given = with_altitudes(synthesise(definition, random, language="kk", finished_at=FINISHED))
        ours, theirs = uuid4(), uuid4()
        result = send_json(
            item(
                id=str(ours),
                questionnaire=definition.id,
                version=definition.version,
                answers=given,
                finished_at=given["finished_at"],
            )
        )
        assert result.status is Status.STORED
        head = Envelope(instance_id=f"uuid:{theirs}")
        xml = write_instance(definition, Instance(answers=given, envelope=head))
        assert phone.send(xml).status_code == 201
        assert (
            send_json(
                item(
                    id=str(theirs),
                    questionnaire=definition.id,
                    version=definition.version,
                    answers=given,
                )
            ).status
            is Status.DUPLICATE
        )
    rows = kept()
    assert rows[::2] == rows[1::2]
