"""The quarantine desk: what waits and why, both versions side by side, and what each decision makes."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people import granting, service
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import Place, RoleName
from surveyapp.submissions import keys, reviewing
from surveyapp.submissions.keys import KeyMissing
from surveyapp.submissions.models import Quarantined, Submission
from surveyapp.submissions.verdicts import Sender, Status
from tests.accounts import PASSWORD, browser, post, sign_in
from tests.collecting import CANARY, QUESTIONNAIRE, answers, bring, envelope, item, publish, send
from tests.files.pictures import jpeg
from tests.manage.rows import quarantine
from tests.manage.test_pages import counted_queries
from tests.manage.test_records import as_role, entries, text_of

DESK = "/manage/quarantine"
OTHER_NAME = "Айнагүл2208"


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()
    service.add_user("collector", [RoleName.INTERVIEWER], PASSWORD)


def waits(*items: dict[str, Any]) -> str:
    """Send items of which the last one is quarantined; the address of its page."""
    sender = Sender(user_id=service.known_user("collector").id)
    *_before, last = [send(envelope(**each), sender=sender)[0] for each in items]
    assert last.status == Status.QUARANTINED
    db.session.rollback()
    newest = select(Quarantined.serial).order_by(Quarantined.serial.desc()).limit(1)
    serial = db.session.scalars(newest).one()
    db.session.rollback()
    return f"{DESK}/{serial}"


def conflict(**changes: Any) -> str:
    """The page of a record that is stored with other answers: 8 rooms instead of 3, and what is given."""
    first = item()
    return waits(first, first | {"answers": answers(**({"rooms": 8, "twice": "16"} | changes))})


def words_of(answer: Any) -> str:
    return " ".join(text_of(answer).split())


def stored() -> Submission:
    db.session.rollback()
    return db.session.scalars(select(Submission)).one()


def decision_on(page: str) -> str | None:
    db.session.rollback()
    row = db.session.get(Quarantined, int(page.rpartition("/")[2]))
    return row.decision if row else None


def decide(client: FlaskClient, page: str, decision: str, revision: int = 1, **form: Any) -> Any:
    return post(client, f"{page}/decide", {"decision": decision, "revision": str(revision)} | form)


# --- the list ---------------------------------------------------------------------------------------


def receipts(client: FlaskClient, query: str) -> list[str]:
    html = client.get(f"{DESK}{query}").get_data(as_text=True)
    return re.findall(r'class="receipt"[^>]*>([^<]+)<', html)


def test_the_list_is_cut_by_reason_questionnaire_and_way_in_either_order(app: Flask) -> None:
    quarantine(receipt_code="one", reason="closed")
    quarantine(receipt_code="two", channel="web")
    quarantine(receipt_code="three", questionnaire="other")
    client = as_role(app, RoleName.REVIEWER)
    assert receipts(client, "") == ["one", "two", "three"]
    assert receipts(client, "?order=newest") == ["three", "two", "one"]
    assert receipts(client, "?reason=closed") == ["one"]
    assert receipts(client, "?channel=web&questionnaire=") == ["two"]
    assert receipts(client, "?questionnaire=other") == ["three"]
    assert receipts(client, "?reason=closed&channel=web") == []
    for nonsense in ("?reason=x", "?channel=%00", f"?questionnaire={'x' * 999}", "?order=up&after=x"):
        assert len(receipts(client, nonsense)) == 3, nonsense
    assert "unknown version (2)" in words_of(client.get(DESK))


def test_who_does_not_review_a_questionnaire_opens_none_of_it(app: Flask) -> None:
    page = conflict()
    service.add_user("dana", [], PASSWORD)
    granting.give("dana", RoleName.REVIEWER, Place(QUESTIONNAIRE, "75"))
    granting.give("dana", RoleName.REVIEWER, Place("another", None))
    client = browser(app)
    sign_in(client, "dana")
    for method, address in (("GET", page), ("POST", f"{page}/sensitive"), ("POST", f"{page}/decide")):
        answer = client.get(address) if method == "GET" else post(client, address)
        assert answer.status_code == HTTPStatus.FORBIDDEN, address
    assert decide(client, page, "discard", reason="x").status_code == HTTPStatus.FORBIDDEN
    assert decision_on(page) is None


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30, "x", "-1"])
def test_what_is_not_there_is_not_found(app: Flask, number: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    assert client.get(f"{DESK}/{number}").status_code == HTTPStatus.NOT_FOUND
    answer = decide(client, f"{DESK}/{number}", "discard", reason="x")
    assert answer.status_code == HTTPStatus.NOT_FOUND


# --- both versions ----------------------------------------------------------------------------------


def test_both_versions_stand_side_by_side_the_differing_questions_first(app: Flask) -> None:
    page = conflict(place={"region": "71", "gps": None})
    told = words_of(as_role(app, RoleName.REVIEWER).get(page))
    differing, same = told.split("What is the same in both")
    assert "same record, other content" in differing
    assert "Rooms rooms stored 3 waits 8" in differing
    assert "Place › Region place/region stored Almaty 75 waits Astana 71" in differing
    assert "Child 2 › Age child[2]/age 12" in same
    assert "child[2]/age" not in differing


def test_what_is_guarded_differs_without_being_shown(app: Flask) -> None:
    page = conflict(
        child=[{"name": OTHER_NAME, "age": 7}, {"name": None, "age": 12}], worries=["danger"]
    )
    html = as_role(app, RoleName.REVIEWER).get(page).get_data(as_text=True)
    assert CANARY not in html
    assert OTHER_NAME not in html
    assert 'name="side:child[1]/name"' in html
    assert 'name="side:worries"' in html
    assert "Danger" not in html
    assert entries("quarantine_opened") == []


def test_sensitive_answers_are_shown_and_written_down_names_are_not(app: Flask) -> None:
    page = conflict(
        child=[{"name": OTHER_NAME, "age": 7}, {"name": None, "age": 12}], worries=["danger"]
    )
    client = as_role(app, RoleName.REVIEWER)
    told = words_of(post(client, f"{page}/sensitive"))
    assert "Worries worries stored None none waits Danger danger" in told
    assert OTHER_NAME not in told
    assert entries("quarantine_opened") == [{"identity": False, "sensitive": True}]
    assert post(client, f"{page}/identity", {"reason": "curious"}).status_code == HTTPStatus.FORBIDDEN


def test_names_are_shown_for_a_reason_to_who_may_decide_and_may_see_them(app: Flask) -> None:
    page = conflict(child=[{"name": OTHER_NAME, "age": 7}, {"name": None, "age": 12}])
    steward = as_role(app, RoleName.DATA_STEWARD, name="steward")
    assert post(steward, f"{page}/identity", {"reason": "r"}).status_code == HTTPStatus.FORBIDDEN
    both = as_role(app, RoleName.DATA_STEWARD, RoleName.REVIEWER, name="both")
    silent = post(both, f"{page}/identity", {"reason": " "})
    assert silent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert OTHER_NAME not in text_of(silent)
    told = words_of(post(both, f"{page}/identity", {"reason": "whose is it"}))
    assert f"Name child[1]/name stored {CANARY} waits {OTHER_NAME}" in told
    assert entries("quarantine_opened") == [
        {"identity": True, "sensitive": True, "reason": "whose is it"}
    ]


def test_the_number_of_queries_does_not_grow_with_what_waits(app: Flask) -> None:
    page, client = conflict(), as_role(app, RoleName.REVIEWER)
    quarantine(1)
    client.get(page)
    with counted_queries() as few:
        client.get(page)
    quarantine(30)
    with counted_queries() as many:
        client.get(page)
    assert len(few) == len(many) <= 24, many


# --- decisions --------------------------------------------------------------------------------------


def test_question_by_question_with_one_unseen(app: Flask) -> None:
    page = conflict(
        child=[{"name": OTHER_NAME, "age": 9}, {"name": None, "age": 12}],
        place={"region": "71", "gps": None},
    )
    client = as_role(app, RoleName.REVIEWER)
    chosen: dict[str, Any] = {
        "side:rooms": "waiting",
        "side:place/region": "held",
        "side:child[1]/age": "waiting",
    }
    unsettled = decide(client, page, "merge", **chosen)
    assert unsettled.status_code == HTTPStatus.CONFLICT
    html = unsettled.get_data(as_text=True)
    assert "Choose for each question" in html
    assert re.search(r'name="side:rooms" value="waiting" checked', html)
    assert decide(client, page, "merge", rest="held", **chosen).location == page
    row = stored()
    assert (row.revision, row.region) == (2, "75")
    assert (row.answers["rooms"], row.answers["child"][0]["age"]) == (8, 9)
    told = words_of(client.get(page))
    assert "merged with what was stored" in told
    assert f"/manage/q/{QUESTIONNAIRE}/s/{row.id}" in client.get(page).get_data(as_text=True)


def test_who_looked_at_an_older_revision_is_told(app: Flask) -> None:
    page = conflict()
    client = as_role(app, RoleName.REVIEWER)
    for decision in ("merge", "accept_as_revision"):
        answer = decide(client, page, decision, revision=2, rest="waiting")
        assert answer.status_code == HTTPStatus.SEE_OTHER
        assert "It has changed since you looked at it." in text_of(client.get(page))
    assert (stored().revision, decision_on(page)) == (1, None)
    for revision in ("", "x", "-1", "9" * 40):
        form = {"decision": "merge", "revision": revision, "rest": "held"}
        assert post(client, f"{page}/decide", form).status_code == HTTPStatus.BAD_REQUEST, revision
    assert post(client, f"{page}/decide", {"revision": "1"}).status_code == HTTPStatus.BAD_REQUEST


def test_all_of_it_becomes_the_next_revision(app: Flask) -> None:
    page, client = conflict(), as_role(app, RoleName.REVIEWER)
    decide(client, page, "accept_as_revision")
    assert (stored().revision, stored().answers["rooms"]) == (2, 8)
    again = decide(client, page, "accept_as_revision", revision=2)
    assert again.status_code == HTTPStatus.SEE_OTHER
    assert "Somebody has decided already." in text_of(client.get(page))


def test_what_does_not_fit_is_accepted_as_it_is(app: Flask) -> None:
    page, client = waits(item(answers=answers(rooms=CANARY))), as_role(app, RoleName.REVIEWER)
    told = words_of(client.get(page))
    assert "answers of a wrong type" in told
    assert "What does not fit" in told
    assert CANARY not in told
    decide(client, page, "accept", revision=0)
    assert (stored().revision, "rooms" in stored().answers) == (1, False)
    assert "stored as it is" in words_of(client.get(page))


def test_it_is_discarded_for_a_reason_and_the_next_one_is_offered(app: Flask) -> None:
    page, following = waits(item(version="9")), waits(item(version="9"))
    client = as_role(app, RoleName.REVIEWER)
    for reason in ("", " ", "x" * 201, "a\x00"):
        answer = decide(client, page, "discard", revision=0, reason=reason)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, reason
    assert decision_on(page) is None
    decide(client, f"{page}", "discard", revision=0, reason="a trial")
    html = client.get(page).get_data(as_text=True)
    assert decision_on(page) == "discard"
    assert "a trial" in html
    assert f'href="{following}"' in html
    decide(client, following, "discard", revision=0, reason="a trial")
    assert "Nothing else waits." in text_of(client.get(following))


def test_it_is_read_by_another_version_before_it_is_attached_to_it(app: Flask) -> None:
    page, client = waits(item(version="9")), as_role(app, RoleName.REVIEWER)
    html = client.get(page).get_data(as_text=True)
    assert "Choose one that is." in html
    assert "Rooms" not in html
    (serial,) = re.findall(r'<option value="(\d+)"', html.split('name="by"')[1])
    read = words_of(client.get(f"{page}?by={serial}"))
    assert "Rooms rooms 3" in read
    assert "child[1]/name points at a person: kept apart" in read
    assert CANARY not in read
    decide(client, page, "attach", revision=0, version=serial)
    assert (stored().version, stored().answers["rooms"]) == ("1", 3)
    for version in ("", "x", "999", "9" * 30):
        assert decide(client, page, "attach", version=version).status_code in {400, 422}, version


def test_no_version_unguards_what_the_questionnaires_own_versions_guard(app: Flask) -> None:
    """Read by the version of another questionnaire, it shows nothing that its own one seals."""
    page = waits(item(questionnaire="gone", version="9"))
    client = as_role(app, RoleName.REVIEWER)
    html = client.get(page).get_data(as_text=True)
    (serial,) = re.findall(r'<option value="(\d+)"', html.split('name="by"')[1])
    read = words_of(client.get(f"{page}?by={serial}"))
    assert "Rooms rooms points at a person: kept apart" in read
    assert "Rooms rooms 3" not in read


# --- what cannot be read ----------------------------------------------------------------------------


def test_of_what_cannot_be_read_the_page_says_what_is_known(app: Flask) -> None:
    quarantine(questionnaire=QUESTIONNAIRE, version="1", reason="failure", receipt_code="abc-123")
    db.session.rollback()
    serial = db.session.scalars(select(Quarantined.serial)).one()
    page, client = f"{DESK}/{serial}", as_role(app, RoleName.REVIEWER)
    answer = client.get(page)
    assert answer.status_code == HTTPStatus.OK
    told = words_of(answer)
    assert "abc-123" in told
    assert "gone for good" in told
    assert "Accept as it is" not in told
    decide(client, page, "discard", revision=0, reason="nothing can be made of it")
    assert decision_on(page) == "discard"


def test_the_program_failing_again_is_no_error_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    page, client = waits(item(answers=answers(rooms="x"))), as_role(app, RoleName.REVIEWER)

    def fail(*_given: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("surveyapp.submissions.fitting.Fitting.fit", fail)
    assert "Nothing can be made of what came." in text_of(client.get(page))
    assert decide(client, page, "accept", revision=0).status_code == HTTPStatus.SEE_OTHER
    assert decision_on(page) is None


def test_a_key_that_is_not_here_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    page, client = conflict(), as_role(app, RoleName.REVIEWER)

    def missing(*_given: Any) -> None:
        raise KeyMissing("k")

    monkeypatch.setattr(keys.Keys, "unwrap", missing, raising=False)
    monkeypatch.setattr("surveyapp.submissions.sealing.DataKey.unwrap", missing)
    answer = client.get(page)
    assert answer.status_code == HTTPStatus.OK
    assert "its key is not here" in text_of(answer)


def test_beside_a_deleted_submission_it_can_only_be_discarded(app: Flask) -> None:
    first = item()
    page = waits(first, first | {"answers": answers(rooms=8, twice="16")})
    reviewing.delete(UUID(first["id"]))
    client = as_role(app, RoleName.REVIEWER)
    html = client.get(page).get_data(as_text=True)
    assert 'value="merge"' not in html
    assert 'value="accept"' not in html
    decide(client, page, "accept_as_revision")
    assert "It was deleted. Restore it first." in text_of(client.get(page))


def test_every_decision_stands_in_the_log(app: Flask) -> None:
    page, client = conflict(), as_role(app, RoleName.REVIEWER)
    decide(client, page, "merge", rest="waiting")
    entry = db.session.scalars(select(AuditEntry).filter_by(action="quarantine_decided")).one()
    assert (entry.details, entry.user_id is not None) == (
        {"decision": "merge", "reason": "conflict"},
        True,
    )
    assert UUID(entry.subject) != uuid4()


# --- files ------------------------------------------------------------------------------------------


def with_file(question: str) -> tuple[str, str]:
    """The page of work that waits with a picture, named by a question; the picture's SHA-256."""
    sender = Sender(user_id=service.known_user("collector").id)
    sha256 = bring(jpeg(), sender)
    file = {"name": "p.jpg", "sha256": sha256, "size": len(jpeg()), "type": "image/jpeg"}
    given = answers(rooms="many", **{question: "p.jpg"} if question else {})
    return waits(item(answers=given, attachments=[file])), sha256


def test_a_file_of_what_waits_is_opened_at_the_desk_and_written_down(app: Flask) -> None:
    page, sha256 = with_file("photo")
    client = as_role(app, RoleName.REVIEWER)
    assert "p.jpg" in words_of(client.get(page))
    answer = post(client, f"{page}/files/{sha256}", {})
    assert answer.status_code == HTTPStatus.OK
    assert answer.data == jpeg()
    assert "p.jpg" in answer.headers["Content-Disposition"]
    answer.close()
    assert entries("quarantine_opened") == [{"identity": False, "sensitive": False, "count": 1}]
    assert post(client, f"{page}/files/{'0' * 64}", {}).status_code == HTTPStatus.NOT_FOUND
    decide(client, page, "accept", revision=0)
    assert post(client, f"{page}/files/{sha256}", {}).status_code == HTTPStatus.NOT_FOUND


def test_a_file_that_no_question_names_is_for_those_who_may_see_who_is_meant(app: Flask) -> None:
    page, sha256 = with_file("")
    reviewer = as_role(app, RoleName.REVIEWER)
    told = words_of(reviewer.get(page))
    assert "a file that points at a person" in told
    assert "p.jpg" not in told
    assert post(reviewer, f"{page}/files/{sha256}", {"reason": "a look"}).status_code == 403
    steward = as_role(app, RoleName.REVIEWER, RoleName.DATA_STEWARD, name="steward")
    assert post(steward, f"{page}/files/{sha256}", {}).status_code == HTTPStatus.SEE_OTHER
    assert "Say why" in text_of(steward.get(page))
    assert entries("quarantine_opened") == []
    with post(steward, f"{page}/files/{sha256}", {"reason": "a look"}) as answer:
        assert answer.data == jpeg()
    assert entries("quarantine_opened") == [
        {"identity": True, "sensitive": True, "count": 1, "reason": "a look"}
    ]
