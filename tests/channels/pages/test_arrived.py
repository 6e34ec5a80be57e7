"""Did it arrive? The page answers that, in three languages, and tells nothing else."""

from __future__ import annotations

import re
from http import HTTPStatus
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.channels.pages.arrived import CODES_OF_AN_ADDRESS
from surveyapp.extensions import db
from surveyapp.people.models import Attempt
from surveyapp.submissions import reviewing
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Sender
from tests.accounts import Browser, browser
from tests.collecting import CANARY, answers, item, publish

NOWHERE = "AAAA-AAAA-AAAA"


@pytest.fixture
def visitor(app: Flask) -> Browser:
    publish()
    return browser(app)


def code_of(channel: Channel = Channel.API, **changes: object) -> str:
    """The code of something that was sent."""
    (result,) = receive([load_envelope(item(**changes), channel)], Sender(is_command=True))
    assert result.receipt_code
    return result.receipt_code


def asked(visitor: Browser, code: str, language: str = "en") -> str:
    """The words of the answer, without what stands on the page anyway."""
    response = visitor.post(f"/{language}/receipt", data={"code": code})
    assert response.status_code == HTTPStatus.OK
    assert response.headers["Cache-Control"] == "no-store"
    html = response.get_data(as_text=True)
    assert "<script" not in html
    box = re.search(r'<(?:div|p) class="box[^"]*" role.*?<form', html, re.DOTALL)
    return re.sub(r"<[^>]*>|\s+", " ", box[0]) if box else ""


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Yes, everything has arrived."),
        ("ru", "Да, всё получено."),
        ("kk", "Иә, бәрі жетті."),
    ],
)
def test_what_is_here_is_told_with_its_day(visitor: Browser, language: str, words: str) -> None:
    code = code_of()
    told = asked(visitor, code.lower().replace("-", " "), language)
    assert words in told
    assert code in told
    assert not re.search(r"\d\d:\d\d", told)
    assert "visit" not in told
    assert CANARY not in told


def test_what_a_file_is_missing_of_is_not_whole(visitor: Browser) -> None:
    code = code_of(Channel.OPENROSA, answers=answers(photo="a.jpg"))
    assert "still missing" in asked(visitor, code)


def test_former_revisions_and_quarantine_are_here_too(visitor: Browser) -> None:
    first = item()
    edit = first | {"base_revision": 1, "answers": answers(rooms=5, twice="10")}
    codes = [code_of(**first), code_of(**edit), code_of(version="9")]
    answered = {re.sub("[A-Z0-9]{4}(-[A-Z0-9]{4}){2}", "", asked(visitor, code)) for code in codes}
    assert len(answered) == 1
    assert "everything has arrived" in answered.pop()


def test_what_was_erased_is_told_to_be_destroyed_and_what_waited_beside_it_is_not_here(
    visitor: Browser,
) -> None:
    first = item()
    edit = first | {"base_revision": 1, "answers": answers(rooms=5, twice="10")}
    conflict = first | {"answers": answers(rooms=6, twice="12")}
    codes = [code_of(**each) for each in (first, edit, conflict)]
    reviewing.erase(UUID(first["id"]))
    told = [asked(visitor, code) for code in codes]
    assert ["destroyed for good" in each for each in told] == [True, True, False]
    assert "Nothing is here" in told[2]


def test_what_is_no_code_is_told_so_and_costs_no_attempt(visitor: Browser) -> None:
    for text in ("", "hello", "x" * 500, "<script>", "\0"):
        assert "not a receipt code" in asked(visitor, text)
    assert db.session.scalars(select(Attempt)).all() == []


def test_trying_codes_out_is_limited_and_finding_ones_own_is_not(app: Flask, visitor: Browser) -> None:
    code = code_of()
    for _time in range(CODES_OF_AN_ADDRESS.ceiling + 5):
        asked(visitor, code)
    for _time in range(CODES_OF_AN_ADDRESS.ceiling):
        asked(visitor, NOWHERE)
    refused = visitor.post("/en/receipt", data={"code": code})
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert int(refused.headers["Retry-After"]) > 0
    elsewhere = browser(app, "192.0.2.7")
    assert "everything has arrived" in asked(elsewhere, code)


def test_another_sites_form_is_refused(visitor: Browser) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = visitor.post("/en/receipt", data={"code": NOWHERE}, headers=headers)
    assert response.status_code == HTTPStatus.FORBIDDEN


def test_a_code_is_in_no_address(visitor: Browser) -> None:
    html = visitor.get(f"/en/receipt?code={NOWHERE}").get_data(as_text=True)
    assert 'method="post"' in html
    assert NOWHERE not in html
