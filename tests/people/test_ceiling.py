"""How much comes from one address without an account."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.limiting import limiter
from surveyapp.people.ceiling import is_past_ceiling, network_of
from surveyapp.submissions.models import Quarantined, Reason
from surveyapp.wiring import settings_of
from tests.channels.pages.test_journeys import FAMILY, begin, send
from tests.channels.pages.visitor import Visitor


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_of_ipv6_it_is_the_part_that_nobody_chooses(address: str, network: str) -> None:
    assert network_of(address) == network


def test_answers_of_the_stepwise_pages_wait_too_and_get_their_receipt(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.publish_built_in(settings_of())
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings_of(), max_address_records=1))
    limiter.reset()
    with app.test_request_context():
        assert not is_past_ceiling(1)
    visitor = begin(Visitor(client), "en", "family_survey").walk(FAMILY)
    send(visitor, "en")
    limiter.reset()
    assert "A person will look at them" in visitor.text()
    assert db.session.scalars(select(Quarantined.reason)).all() == [Reason.CEILING]
