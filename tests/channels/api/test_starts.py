"""Sending without an account: a start token for one questionnaire, from a family's own phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.channels.api import callers
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.limiting import limiter
from surveyapp.people import granting, invitations, service, starts
from surveyapp.people.rights import EVERYWHERE, RoleName
from surveyapp.submissions.models import Quarantined, Reason, Submission
from surveyapp.wiring import settings_of
from tests.accounts import Browser, browser, make_user, sign_in
from tests.channels.api.conftest import Call
from tests.channels.api.test_uploads import TUS, address_of, begin, patch, send, with_file
from tests.collecting import INVITED, QUESTIONNAIRE, answers, compiled, item, publish
from tests.sealing import as_json, seal


def started(client: Browser, questionnaire: str = QUESTIONNAIRE) -> dict[str, Any]:
    answer = client.post("/api/v1/starts", json={"questionnaire": questionnaire})
    assert answer.status_code == HTTPStatus.OK, answer.text
    return dict(answer.get_json())


def calling(app: Flask, token: str) -> Call:
    def call(method: str, path: str, *, headers: Mapping[str, str] | None = None, **given: Any) -> Any:
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        return browser(app).open(f"/api/v1{path}", method=method, headers=sent, **given)

    return call


@pytest.fixture
def family(app: Flask) -> Call:
    """A family's phone with a start token of a questionnaire that is open to anybody."""
    publish(access=Access.PUBLIC)
    return calling(app, started(browser(app))["token"])


@pytest.fixture
def no_demonstration(app: Flask) -> Iterator[None]:
    before = settings_of()
    app.config["SETTINGS"] = replace(before, demonstration=False, safeguarding_contact="111")
    yield
    app.config["SETTINGS"] = before


def test_a_record_is_stored_as_one_of_the_pages(family: Call) -> None:
    sent = item()
    result = send(family, sent)
    assert (result["status"], result["complete"] is None) == ("stored", False)
    row = db.session.scalars(select(Submission)).one()
    assert (row.channel, row.sender_id, row.device_id) == ("web", None, None)
    assert send(family, sent)["status"] == "duplicate"


def test_a_sealed_record_opens_with_the_key_that_came_with_the_token(app: Flask) -> None:
    publish(access=Access.PUBLIC)
    begun, sent = started(browser(app)), item()
    sealed = seal(begun["sealing_key"], sent["id"], as_json(sent))
    assert send(calling(app, begun["token"]), sealed)["status"] == "stored"


def test_files_come_by_uploads_and_sending_again_tells_that_all_is_held(family: Call) -> None:
    content = b"a wall" * 9
    sent = with_file(content)
    sent["answers"] |= {"photo": "a.jpg"}
    assert send(family, sent)["complete"] is None
    address = address_of(begin(family, content))
    assert patch(family, address, 0, content).status_code == HTTPStatus.NO_CONTENT
    again = send(family, sent)
    assert (again["status"], again["missing_attachments"]) == ("duplicate", [])
    assert again["complete"]


def test_a_hash_tells_nothing_of_what_another_family_has_brought(app: Flask, family: Call) -> None:
    other, content = calling(app, started(browser(app))["token"]), b"a cot" * 9
    address = address_of(begin(family, content))
    patch(family, address, 0, content)
    assert begin(family, content).headers["Upload-Offset"] == str(len(content))
    assert begin(other, content).headers["Upload-Offset"] == "0"
    assert other("HEAD", address, headers=TUS).status_code == HTTPStatus.NOT_FOUND
    send(family, with_file(content))
    assert begin(other, content).headers["Upload-Offset"] == "0"
    assert begin(family, content).headers["Upload-Offset"] == str(len(content))


def test_a_token_is_for_one_questionnaire(app: Flask) -> None:
    publish(access=Access.PUBLIC)
    publish(INVITED, access=Access.PUBLIC)
    call = calling(app, started(browser(app), INVITED)["token"])
    assert send(call, item())["status"] == "quarantined"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/inbox"),
        ("GET", "/questionnaires"),
        ("GET", f"/questionnaires/{QUESTIONNAIRE}/versions/1"),
        ("GET", f"/questionnaires/{QUESTIONNAIRE}/submissions"),
        ("GET", "/submissions/{id}"),
        ("GET", "/submissions/{id}/revisions"),
    ],
)
def test_a_token_looks_nothing_up(family: Call, method: str, path: str) -> None:
    sent = item()
    send(family, sent)
    assert family(method, path.format(id=sent["id"])).status_code == HTTPStatus.UNAUTHORIZED


def test_what_an_administrator_sends_by_it_tells_no_more(app: Flask) -> None:
    publish(access=Access.PUBLIC)
    theirs = item()
    send(calling(app, started(browser(app))["token"]), theirs)
    make_user("aigerim")
    client = browser(app)
    sign_in(client, "aigerim")
    call = calling(app, started(client)["token"])
    assert call("GET", f"/submissions/{theirs['id']}/missing").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.usefixtures("no_demonstration")
def test_for_staffs_questionnaires_an_interviewer_must_be_signed_in(app: Flask) -> None:
    catalogue.publish(compiled(), access=Access.STAFF, demonstration=False)
    client = browser(app)
    # finished by a family before it became the staff's: nothing is lost, a person looks at it
    result = send(calling(app, started(client)["token"]), item())
    assert (result["status"], bool(result["complete"])) == ("quarantined", True)
    assert db.session.scalars(select(Quarantined.reason)).one() == Reason.SCOPE
    db.session.rollback()
    make_user("erlan", RoleName.INTERVIEWER)
    sign_in(client, "erlan")
    call = calling(app, started(client)["token"])
    assert send(call, item())["status"] == "stored"
    assert db.session.scalars(select(Submission.sender_id)).one() is not None


@pytest.mark.parametrize("how", ["deactivated", "no interviewer any more"])
def test_what_somebody_who_lost_access_had_begun_waits(app: Flask, how: str) -> None:
    publish(access=Access.STAFF)
    make_user("erlan", RoleName.INTERVIEWER)
    client = browser(app)
    sign_in(client, "erlan")
    call, before = calling(app, started(client)["token"]), item()
    assert send(call, before)["status"] == "stored"
    if how == "deactivated":
        service.deactivate("erlan")
    else:
        granting.take("erlan", RoleName.INTERVIEWER, EVERYWHERE)
    edited = before | {"base_revision": 1, "answers": answers(rooms=9, twice="18")}
    for sent in (edited, item()):
        result = send(call, sent)
        assert (result["status"], result["receipt"] is not None) == ("quarantined", True)
    assert send(call, before)["status"] == "duplicate"
    db.session.expire_all()
    assert db.session.scalars(select(Submission.revision)).one() == 1
    assert set(db.session.scalars(select(Quarantined.reason))) == {Reason.REVOKED}


@pytest.mark.usefixtures("no_demonstration")
def test_what_was_begun_before_a_questionnaire_closed_still_comes_in(app: Flask) -> None:
    catalogue.publish(compiled(), access=Access.CLOSED, demonstration=False)
    call = calling(app, started(browser(app))["token"])
    assert send(call, item())["status"] == "stored"
    later = {"started_at": "2100-09-01T13:20:00+05:00", "finished_at": "2100-09-01T13:30:00+05:00"}
    assert send(call, item(**later))["status"] == "quarantined"


@pytest.mark.parametrize("body", [{}, {"questionnaire": ""}, {"questionnaire": 7}, [], "visit"])
def test_what_names_no_questionnaire_is_refused(app: Flask, body: Any) -> None:
    assert browser(app).post("/api/v1/starts", json=body).status_code == HTTPStatus.BAD_REQUEST


def test_an_unknown_questionnaire_and_another_sites_form_get_nothing(app: Flask) -> None:
    client = browser(app)
    for name in ("nothing", "\x00"):
        unknown = client.post("/api/v1/starts", json={"questionnaire": name})
        assert unknown.status_code == HTTPStatus.NOT_FOUND
    form = client.post("/api/v1/starts", data='{"questionnaire": "visit"}', content_type="text/plain")
    assert form.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


def test_a_token_that_was_changed_or_is_too_old_is_none(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = starts.make(QUESTIONNAIRE, None)
    start = starts.read(token)
    assert start is not None
    assert (start.questionnaire, start.user_id) == (QUESTIONNAIRE, None)
    text, _, signature = token.removeprefix(starts.PREFIX).partition(".")
    other = starts.make(INVITED, 1).removeprefix(starts.PREFIX).partition(".")[0]
    bad = [
        "",
        starts.PREFIX,
        f"{text}.{signature}",
        f"start_{other}.{signature}",
        token + "0",
        "start_é",
    ]
    assert [starts.read(each) for each in bad] == [None] * len(bad)
    monkeypatch.setattr(starts, "LIFE", timedelta(seconds=-1))
    assert starts.read(token) is None


def test_too_much_by_one_token_stays_on_its_phone_and_no_other_token_suffers(
    app: Flask, family: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callers, "REQUESTS_OF_START", "2 per hour")
    assert [send(family, item())["status"] for _ in range(2)] == ["stored"] * 2
    refused = family("POST", "/submissions", json={"submissions": [item()]})
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert int(refused.headers["Retry-After"]) > 0
    other = calling(app, started(browser(app))["token"])
    assert send(other, item())["status"] == "stored"


@contextmanager
def allowing(app: Flask, **limits: int) -> Iterator[None]:
    """Meanwhile the settings allow so much; nothing was counted before."""
    before = settings_of()
    app.config["SETTINGS"] = replace(before, **limits)  # type: ignore[arg-type]  # all of them are numbers
    limiter.reset()
    yield
    app.config["SETTINGS"] = before
    limiter.reset()


def test_past_an_addresss_ceiling_new_work_waits_and_nothing_is_turned_away(app: Flask) -> None:
    publish(access=Access.PUBLIC)
    first, second = item(), item()
    with allowing(app, max_address_records=2):
        calls = [calling(app, started(browser(app))["token"]) for _ in range(2)]
        assert [send(call, sent)["status"] for call in calls for sent in (first, second)] == [
            *("stored", "stored"),
            *("duplicate", "duplicate"),
        ]
        held = send(calls[0], item())
    assert held["status"] == "quarantined"
    assert held["complete"]
    assert db.session.scalars(select(Quarantined.reason)).all() == [Reason.CEILING]


def test_a_batch_counts_as_its_records(app: Flask) -> None:
    publish(access=Access.PUBLIC)
    with allowing(app, max_address_records=2):
        call = calling(app, started(browser(app))["token"])
        answer = call("POST", "/submissions", json={"submissions": [item() for _ in range(3)]})
    assert {each["status"] for each in answer.get_json()["results"]} == {"quarantined"}


def test_the_ceiling_is_for_those_without_an_account(app: Flask, call: Call) -> None:
    publish()
    with allowing(app, max_address_records=1):
        assert [send(call, item())["status"] for _ in range(3)] == ["stored"] * 3


def test_whoever_has_a_code_is_not_held_by_the_ceiling(app: Flask) -> None:
    publish(INVITED, access=Access.INVITATION)
    until = utc_now() + timedelta(days=1)
    codes = invitations.create(INVITED, 2, until)
    db.session.commit()
    with allowing(app, max_address_records=1):
        call = calling(app, started(browser(app), INVITED)["token"])
        sent = [item(questionnaire=INVITED, answers={"start": {"code": code}}) for code in codes]
        assert [send(call, each)["status"] for each in sent] == ["stored"] * 2


def test_one_familys_files_do_not_stop_anothers(app: Flask) -> None:
    publish(access=Access.PUBLIC)
    one, other = (calling(app, started(browser(app))["token"]) for _ in range(2))
    with allowing(app, max_uploads=2):
        mine = [begin(one, b"a wall" + bytes([number])).status_code for number in range(3)]
        theirs = begin(other, b"a window").status_code
    assert (mine, theirs) == ([201, 201, 429], 201)


def test_files_past_an_addresss_ceiling_stay_on_the_phone(app: Flask) -> None:
    publish(access=Access.PUBLIC)
    with allowing(app, max_address_records=1):
        calls = [calling(app, started(browser(app))["token"]) for _ in range(2)]
        answers = [begin(call, b"a wall" + bytes([at])) for at, call in enumerate(calls)]
    assert [each.status_code for each in answers] == [201, 429]
    assert answers[1].headers["Retry-After"]
