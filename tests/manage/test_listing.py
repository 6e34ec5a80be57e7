"""The list of submissions: what it is cut by, saved views, and acts for many that can be taken back."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.manage.bulk_results import address_of
from surveyapp.people import granting, service
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import Place, RoleName
from surveyapp.submissions.bulk import MOST, Chosen, Outcome
from surveyapp.submissions.models import Submission
from surveyapp.submissions.verdicts import Sender
from tests.accounts import PASSWORD, browser, post, sign_in
from tests.collecting import QUESTIONNAIRE, answers, envelope, publish, send
from tests.manage.rows import SITE, days_ago, publish_site, store
from tests.manage.test_pages import counted_queries
from tests.manage.test_records import as_role, text_of

LIST = f"/manage/q/{SITE}/submissions"
MANY = f"/manage/q/{QUESTIONNAIRE}/submissions"


def codes(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(f"{LIST}{query}")
    assert answer.status_code == HTTPStatus.OK, query
    return re.findall(r'class="receipt"[^>]*>([^<]+)<', answer.get_data(as_text=True))


def test_the_list_is_cut_by_each_filter(app: Flask) -> None:
    publish_site()
    store(receipt_code="old", received_at=days_ago(40), version="2025.1")
    store(receipt_code="web", channel="web", synthetic=True)
    store(receipt_code="odd", flags=["clock_skew"], region="710000000")
    store(receipt_code="gone", status="deleted")
    store(receipt_code="back", status="returned", breakdowns={"area": "rural"})
    client = as_role(app, RoleName.REVIEWER)
    assert codes(client) == ["back", "odd", "web", "old"]
    expected = {
        "?status=returned": ["back"],
        "?status=deleted": ["gone"],
        "?channel=web": ["web"],
        "?version=2025.1": ["old"],
        "?flag=clock_skew": ["odd"],
        "?flag=any": ["odd"],
        "?flag=invalid": [],
        "?region=710000000": ["odd"],
        "?synthetic=yes": ["web"],
        "?synthetic=no&channel=api": ["back", "odd", "old"],
        f"?until={days_ago(20).date()}": ["old"],
        f"?since={days_ago(20).date()}": ["back", "odd", "web"],
        "?group-area=rural": ["back"],
        "?by=999": [],
    }
    for query, found in expected.items():
        assert codes(client, query) == found, query
    for nonsense in (
        "?status=x",
        "?by=-1",
        "?since=9999-99-99",
        "?channel=%00",
        "?before=1-",
        "?by=9e9",
    ):
        assert len(codes(client, nonsense)) == 4, nonsense


def test_it_is_found_by_its_code_or_the_beginning_of_its_number(app: Flask) -> None:
    publish_site()
    store(receipt_code="K7PM-2XQA-9DTW")
    store(receipt_code="other")
    number = db.session.scalars(select(Submission.id).filter_by(receipt_code="other")).one()
    client = as_role(app, RoleName.REVIEWER)
    assert codes(client, "?find=k7pm2xqa9dtw") == ["K7PM-2XQA-9DTW"]
    assert codes(client, f"?find={str(number)[:11]}") == ["other"]
    assert codes(client, f"?find={number}") == ["other"]
    for nonsense in ("zz", "abc", "%00", "x" * 300, "%27;--"):
        assert client.get(f"{LIST}?find={nonsense}").status_code == HTTPStatus.OK
    assert "neither a receipt code" in text_of(client.get(f"{LIST}?find=zz"))


def test_views_are_ones_own_or_shared(app: Flask) -> None:
    publish_site()
    mine, other = (
        as_role(app, RoleName.REVIEWER, name="mine"),
        as_role(app, RoleName.ANALYST, name="other"),
    )
    for name in ("", "x" * 81, "a\x00"):
        answer = post(mine, f"{LIST}/views?status=returned", {"name": name})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    post(mine, f"{LIST}/views?status=returned", {"name": "to mend"})
    post(mine, f"{LIST}/views?flag=any", {"name": "odd ones", "shared": "y"})
    assert "to mend" in text_of(mine.get(LIST))
    html = other.get(LIST).get_data(as_text=True)
    assert "to mend" not in html
    assert f'href="{LIST}?flag=any">odd ones' in html
    (first, _second) = re.findall(r"/views/(\d+)/forget", mine.get(LIST).get_data(as_text=True))
    post(other, f"{LIST}/views/{first}/forget")
    assert "odd ones" in text_of(mine.get(LIST))
    post(mine, f"{LIST}/views/{first}/forget")
    assert "odd ones" not in text_of(other.get(LIST))


def test_the_number_of_queries_is_constant_whatever_is_asked(app: Flask) -> None:
    publish_site()
    client = as_role(app, RoleName.REVIEWER)
    numbers = set()
    for query in ("", "?status=stored&region=750000000&flag=any&group-area=rural", "?find=abcd1234"):
        store(20, flags=["invalid"])
        client.get(f"{LIST}{query}")
        with counted_queries() as asked:
            client.get(f"{LIST}{query}")
        numbers.add(len(asked))
    assert len(numbers) == 1
    assert numbers.pop() <= 10


# --- many at once -----------------------------------------------------------------------------------


@pytest.fixture
def rows(app: Flask) -> list[str]:
    """Three submissions as they are ticked; the second one is of another region."""
    publish()
    service.add_user("collector", [RoleName.INTERVIEWER], PASSWORD)
    sender = Sender(user_id=service.known_user("collector").id)
    sent = [
        send(envelope(answers=answers(place={"region": region, "gps": None})), sender=sender)[0]
        for region in ("75", "71", "75")
    ]
    db.session.rollback()
    return [f"{result.id}:1" for result in sent]


def states() -> list[str]:
    db.session.rollback()
    found = list(db.session.scalars(select(Submission.status).order_by(Submission.serial)))
    db.session.rollback()
    return found


def act(client: FlaskClient, act_: str, rows: list[str], **more: Any) -> Any:
    where = "delete" if act_ == "delete" else "review"
    answer = post(client, f"{MANY}/{where}", {"act": act_, "row": rows, **more})  # type: ignore[dict-item]
    return followed(client, answer)


def followed(client: FlaskClient, answer: Any) -> Any:
    """The page that tells of what was done; the answer itself, if nothing was."""
    return client.get(answer.location) if answer.status_code == HTTPStatus.SEE_OTHER else answer


def undo(client: FlaskClient, answer: Any, act_: str) -> Any:
    done = re.findall(r'name="row" value="([^"]+)"', answer.get_data(as_text=True))
    undone = post(client, f"{MANY}/undo", {"act": act_, "row": done})  # type: ignore[dict-item]
    return followed(client, undone)


@pytest.mark.parametrize(
    ("what", "state"), [("accept", "accepted"), ("return", "returned"), ("reject", "rejected")]
)
def test_all_that_were_ticked_and_then_undone(
    app: Flask, rows: list[str], what: str, state: str
) -> None:
    client = as_role(app, RoleName.REVIEWER)
    done = act(client, what, [*rows[:2], rows[0]], text="look again")
    assert states() == [state, state, "stored"]
    assert ": 2" in text_of(done)
    act(client, "accept" if what != "accept" else "reject", rows[1:2], text="r")
    undone = undo(client, done, what)
    assert states()[0] == "stored"
    assert states()[1] != "stored"
    assert "something else has happened since" in text_of(undone)


def test_the_page_after_it_does_nothing_however_often_it_is_opened(app: Flask, rows: list[str]) -> None:
    client = as_role(app, RoleName.REVIEWER)
    done = act(client, "accept", [*rows, "a" * 8 + rows[0][8:]])
    address = done.request.full_path
    assert undo(client, done, "accept").status_code == HTTPStatus.OK
    assert client.get(address).status_code == HTTPStatus.OK
    assert states() == ["stored"] * 3
    assert "not here any more" in text_of(done)
    # others see nothing of it, and nonsense tells of nothing
    other = as_role(app, RoleName.ANALYST, name="other")
    assert "Nothing was done." in text_of(other.get(address))
    for nonsense in ("done=x", "done=1.", "no=Overtaken", "no=.%00", "unknown=-1", f"done={'9' * 40}"):
        assert "Nothing was done." in text_of(client.get(f"{MANY}/done?{nonsense}"))


def test_an_address_of_as_many_as_can_be_ticked_is_short_enough_for_a_server(app: Flask) -> None:
    outcomes = [
        Outcome(Chosen(uuid4(), 1), "code", act=999_999_000 + 2 * number) for number in range(MOST)
    ]
    assert len(address_of(outcomes)["done"][0]) < 2500


def test_each_is_judged_alone(app: Flask, rows: list[str]) -> None:
    service.add_user("dana", [], PASSWORD)
    granting.give("dana", RoleName.REVIEWER, Place(QUESTIONNAIRE, "75"))
    client = browser(app)
    sign_in(client, "dana", **{"Accept-Language": "en"})
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    overtaken = rows[2].replace(":1", ":7")
    answer = act(client, "accept", [rows[0], rows[1], overtaken, "nonsense", "a" * 36 + ":1"])
    assert states() == ["accepted", "stored", "stored"]
    told = text_of(answer)
    assert "It is not here any more." in told
    assert "It has changed since you looked at it." in told
    assert act(client, "delete", rows).status_code == HTTPStatus.FORBIDDEN


def test_without_a_reason_or_a_choice_nothing_is_done(app: Flask, rows: list[str]) -> None:
    client = as_role(app, RoleName.REVIEWER)
    for what in ("return", "reject"):
        assert act(client, what, rows, text=" ").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert act(client, "accept", []).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    for wrong in ("delete", "erase", ""):
        answer = post(client, f"{MANY}/review", {"act": wrong, "row": rows})  # type: ignore[dict-item]
        assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert states() == ["stored"] * 3


def test_who_may_only_delete_undoes_no_verdict(app: Flask, rows: list[str]) -> None:
    reviewer = as_role(app, RoleName.REVIEWER, name="reviewer")
    done = act(reviewer, "accept", rows)
    steward = as_role(app, RoleName.DATA_STEWARD, name="steward")
    undo(steward, done, "delete")
    undo(steward, done, "accept")
    assert states() == ["accepted"] * 3
    deleted = act(steward, "delete", rows[:1])
    undo(reviewer, deleted, "delete")
    undo(reviewer, deleted, "accept")
    assert states()[0] == "deleted"
    undo(steward, deleted, "delete")
    assert states()[0] == "accepted"


# --- the log ----------------------------------------------------------------------------------------


def test_the_log_is_cut_and_its_copy_has_the_chain_and_stands_in_it(app: Flask) -> None:
    publish_site()
    client = as_role(app, RoleName.ADMINISTRATOR)
    told = text_of(client.get("/manage/log?action=signed_in"))
    assert "dana" in told
    entry = re.findall(
        r"<strong>([^<]+)</strong>", client.get("/manage/log?action=signed_in").get_data(True)
    )
    assert set(entry) == {"signed in"}
    copied = post(client, "/manage/log/export?action=signed_in").get_data(as_text=True)
    lines = copied.strip().splitlines()
    assert lines[0].endswith("position,link")
    assert all("signed_in" in line and re.search(r",\d+,[0-9a-f]{64}$", line) for line in lines[1:])
    db.session.rollback()
    taken = db.session.scalars(select(AuditEntry).filter_by(action="log_exported")).one()
    assert taken.details == {"format": "csv", "action": "signed_in"}
    for nonsense in ("?by=x", "?subject=%00", "?since=1", f"?by={'9' * 30}", "?before=-1"):
        assert client.get(f"/manage/log{nonsense}").status_code == HTTPStatus.OK


def test_the_log_speaks_the_readers_language_in_its_details_too(app: Flask) -> None:
    client = as_role(app, RoleName.ADMINISTRATOR)
    service.add_user("newcomer", [RoleName.DATA_STEWARD, RoleName.REVIEWER], PASSWORD)
    log = "/manage/log?action=user_added&subject=newcomer"
    told = client.get(log, headers={"Accept-Language": "ru"}).get_data(as_text=True)
    assert "data_steward" not in told
    assert "хранитель данных, проверяющий" in told
