"""One submission's page: what each may see of it, what was asked, and the acts of review."""

from __future__ import annotations

import re
from html import unescape
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.people import granting, service
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import Place, RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.inbox import inbox_of
from surveyapp.submissions.models import Channel, Submission
from surveyapp.submissions.verdicts import Sender
from tests.accounts import PASSWORD, browser, make_user, post, sign_in
from tests.collecting import CANARY, QUESTIONNAIRE, answers, bring, envelope, item, publish, send
from tests.files.pictures import jpeg
from tests.manage.test_pages import counted_queries


@pytest.fixture
def page(app: Flask) -> str:
    """The address of a submission's page; it has an answer that points at a person."""
    publish()
    service.add_user("collector", [RoleName.INTERVIEWER], PASSWORD)
    sender = Sender(user_id=service.known_user("collector").id)
    (result,) = send(envelope(answers=answers(rooms=None, twice=None)), sender=sender)
    db.session.rollback()
    return f"/manage/q/{QUESTIONNAIRE}/s/{result.id}"


def as_role(app: Flask, *roles: RoleName, name: str = "dana") -> FlaskClient:
    make_user(name, *roles)
    client = browser(app)
    sign_in(client, name, **{"Accept-Language": "en"})
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def text_of(answer: Any) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def entries(action: str) -> list[dict[str, Any]]:
    db.session.rollback()
    found = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.serial)
    return [entry.details for entry in db.session.scalars(found)]


def status() -> str:
    db.session.rollback()
    return db.session.scalars(select(Submission.status)).one()


def test_who_is_meant_is_shown_for_a_reason_only_and_written_down(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    first = client.get(page)
    assert first.status_code == HTTPStatus.OK
    assert CANARY not in text_of(first)
    assert "points at a person: kept apart" in text_of(first)
    for reason in ("", "  ", "x" * 201, "a\x00b"):
        refused = post(client, f"{page}/identity", {"reason": reason})
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, reason
        assert CANARY not in text_of(refused)
    assert entries("submission_opened") == []
    shown = post(client, f"{page}/identity", {"reason": "the mother asked"})
    assert CANARY in text_of(shown)
    assert entries("submission_opened") == [
        {"identity": True, "sensitive": True, "reason": "the mother asked"}
    ]


@pytest.mark.parametrize("role", [RoleName.ADMINISTRATOR, RoleName.REVIEWER, RoleName.ANALYST])
def test_others_never_see_who_is_meant(app: Flask, page: str, role: RoleName) -> None:
    client = as_role(app, role)
    assert CANARY not in text_of(client.get(page))
    refused = post(client, f"{page}/identity", {"reason": "I am curious"})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    assert CANARY not in text_of(post(client, f"{page}/sensitive"))


def test_another_region_or_questionnaire_is_out_of_reach(app: Flask, page: str) -> None:
    submission_id = page.rpartition("/")[2]
    service.add_user("dana", [], PASSWORD)
    granting.give("dana", RoleName.REVIEWER, Place(QUESTIONNAIRE, "71"))
    granting.give("dana", RoleName.REVIEWER, Place("another", None))
    client = browser(app)
    sign_in(client, "dana")
    assert client.get(page).status_code == HTTPStatus.FORBIDDEN
    assert post(client, f"{page}/accept", {"revision": "1"}).status_code == HTTPStatus.FORBIDDEN
    disguised = f"/manage/q/another/s/{submission_id}"
    assert client.get(disguised).status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
    assert status() == "stored"
    granting.give("dana", RoleName.REVIEWER, Place(QUESTIONNAIRE, "75"))
    assert client.get(page).status_code == HTTPStatus.OK
    assert client.get(disguised).status_code == HTTPStatus.NOT_FOUND


def test_each_answer_says_what_is_known_of_it(app: Flask, page: str) -> None:
    text = " ".join(text_of(as_role(app, RoleName.REVIEWER).get(page)).split())
    assert "Region place/region Almaty 75" in text
    assert "Location place/gps points at a person: kept apart" in text
    assert "Rooms rooms left empty" in text
    assert "Note note not asked" in text
    assert "Age child[2]/age 12" in text
    assert "Worries worries sensitive: hidden" in text
    assert "twice calculated" in text


def test_sensitive_answers_are_shown_on_demand_and_that_is_written_down(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    text = " ".join(text_of(post(client, f"{page}/sensitive")).split())
    assert "Worries worries None none" in text
    assert CANARY not in text
    assert entries("submission_opened") == [{"identity": False, "sensitive": True}]


def test_what_is_not_here_is_not_found(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    nowhere = f"/manage/q/{QUESTIONNAIRE}/s/{uuid4()}"
    assert client.get(nowhere).status_code == HTTPStatus.NOT_FOUND
    assert post(client, f"{nowhere}/accept", {"revision": "1"}).status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"{page}/files/{'0' * 64}").status_code == HTTPStatus.NOT_FOUND


def test_it_is_accepted_and_that_is_written_down(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    answer = post(client, f"{page}/accept", {"revision": "1"})
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, page)
    assert status() == "accepted"
    assert entries("submission_accepted") == [{}]
    assert "accepted" in text_of(client.get(page))
    post(client, f"{page}/accept", {"revision": "1"})
    assert "It is so already." in text_of(client.get(page))


def test_who_looked_at_an_older_revision_is_told(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    post(client, f"{page}/accept", {"revision": "2"})
    assert status() == "stored"
    assert "It has changed since you looked at it." in text_of(client.get(page))
    assert post(client, f"{page}/accept").status_code == HTTPStatus.BAD_REQUEST
    assert post(client, f"{page}/accept", {"revision": "9" * 40}).status_code == HTTPStatus.BAD_REQUEST


def test_it_goes_back_to_the_phone_with_a_comment(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.SUPERVISOR)
    silent = post(client, f"{page}/return", {"revision": "1", "comment": "  "})
    assert silent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Say what is to be mended." in text_of(silent)
    post(client, f"{page}/return", {"revision": "1", "comment": "Ask the age again"})
    assert status() == "returned"
    assert "Ask the age again" in text_of(client.get(page))
    elsewhere = {"revision": "1", "at:no/such/question": "?"}
    post(client, f"{page}/return", elsewhere)
    assert "its place is no question" in text_of(client.get(page))


def test_several_comments_go_along_each_to_its_question(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.SUPERVISOR)
    form = {
        "revision": "1",
        "comment": "Go there again",
        "at:rooms": "Count them",
        "at:place/region": " ",
    }
    long = post(client, f"{page}/return", form | {"at:child[2]/age": "x" * 2001})
    assert long.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Count them</textarea>" in long.get_data(as_text=True)
    assert status() == "stored"
    post(client, f"{page}/return", form | {"at:child[2]/age": "Older?"})
    collector = Sender(user_id=service.known_user("collector").id)
    db.session.rollback()
    told = inbox_of(collector, None, limit=9).told
    assert [each.comments for each in told] == [
        {"": "Go there again", "rooms": "Count them", "child[2]/age": "Older?"}
    ]


def test_rejected_for_a_reason_and_undone(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    post(client, f"{page}/accept", {"revision": "1"})
    silent = post(client, f"{page}/reject", {"revision": "1", "reason": " "})
    assert silent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert status() == "accepted"
    post(client, f"{page}/reject", {"revision": "1", "reason": "a trial interview"})
    assert status() == "rejected"
    html = client.get(page).get_data(as_text=True)
    assert "a trial interview" in html
    (act,) = re.findall(r'name="act" value="(\d+)"', html)
    assert post(client, f"{page}/undo", {"revision": "1"}).status_code == HTTPStatus.BAD_REQUEST
    post(client, f"{page}/undo", {"revision": "1", "act": act})
    assert status() == "accepted"
    post(client, f"{page}/undo", {"revision": "1", "act": act})
    assert "It cannot be undone any more" in text_of(client.get(page))
    assert status() == "accepted"
    assert entries("submission_withdrawn") == [{}]


def test_deleted_and_restored(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.ADMINISTRATOR)
    post(client, f"{page}/delete", {"revision": "1"})
    assert status() == "deleted"
    assert 'action="' + f"{page}/restore" in client.get(page).get_data(as_text=True)
    post(client, f"{page}/restore", {"revision": "1"})
    assert status() == "stored"


def test_the_number_of_queries_does_not_grow_with_the_history(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    with counted_queries() as few:
        client.get(page)
    post(client, f"{page}/accept", {"revision": "1"})
    for comment in ("one", "two", "three"):
        post(client, f"{page}/return", {"revision": "1", "comment": comment})
    client.get(page)  # what was flashed is read
    with counted_queries() as many:
        client.get(page)
    assert len(few) == len(many) <= 14, many


def test_a_token_is_wanted_for_every_act(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.ADMINISTRATOR, RoleName.DATA_STEWARD, RoleName.REVIEWER)
    for act in ("sensitive", "identity", "accept", "return", "delete", "restore"):
        answer = client.post(f"{page}/{act}", data={"revision": "1", "reason": "r", "comment": "c"})
        assert answer.status_code == HTTPStatus.BAD_REQUEST, act
    assert status() == "stored"
    assert UUID(page.rpartition("/")[2])


# --- files ------------------------------------------------------------------------------------------

_PICTURES = """
| survey |
| | type | name | label::English (en) | bind::survey:identity | bind::survey:sensitive |
| | image | site | Site | | |
| | image | wound | Wound | | yes |
| | image | face | Face | yes | |
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | T | pictures | 1 | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""


@pytest.fixture
def files(app: Flask) -> dict[str, str]:
    """Question → the address of its picture."""
    compiled = compile_workbook(_PICTURES.encode(), "pictures.md")
    catalogue.publish(compiled, access=Access.STAFF, demonstration=True)
    named = [
        {
            "name": f"{question}.jpg",
            "sha256": bring(jpeg() + bytes(seed)),
            "size": 1,
            "type": "image/jpeg",
        }
        for seed, question in enumerate(("site", "wound", "face"))
    ]
    given = {str(file["name"]).partition(".")[0]: file["name"] for file in named}
    sent = item(questionnaire="pictures", language="en", answers=given, attachments=named)
    send(load_envelope(sent, Channel.API))
    db.session.rollback()
    page = f"/manage/q/pictures/s/{sent['id']}/files"
    return {question: f"{page}/{file['sha256']}" for question, file in zip(given, named, strict=True)}


def got(client: FlaskClient, files: dict[str, str], **form: str) -> dict[str, int]:
    """Question → the status of what is answered; with a form, to that."""
    return {
        question: (post(client, address, form) if form else client.get(address)).status_code
        for question, address in files.items()
    }


def test_a_file_is_as_guarded_as_its_question(app: Flask, files: dict[str, str]) -> None:
    analyst = as_role(app, RoleName.ANALYST, name="analyst")
    assert got(analyst, files) == {"site": 200, "wound": 404, "face": 404}
    assert got(analyst, files, reason="why not") == {"site": 403, "wound": 403, "face": 403}
    reviewer = as_role(app, RoleName.REVIEWER, name="reviewer")
    assert got(reviewer, files) == {"site": 200, "wound": 404, "face": 404}
    assert entries("submission_opened") == []
    assert got(reviewer, files, reason="it looks odd") == {"site": 200, "wound": 200, "face": 404}
    steward = as_role(app, RoleName.DATA_STEWARD, name="steward")
    assert got(steward, files) == {"site": 200, "wound": 404, "face": 404}
    assert got(steward, files, reason="the mother asked")["face"] == 200
    assert {"sensitive": True, "count": 1, "reason": "the mother asked"} in entries("submission_opened")


def test_without_a_reason_no_guarded_file_is_given(app: Flask, files: dict[str, str]) -> None:
    steward = as_role(app, RoleName.DATA_STEWARD)
    for reason in (" ", "x" * 201, "a\x00b"):
        assert got(steward, files, reason=reason) == {"site": 303, "wound": 303, "face": 303}
    assert entries("submission_opened") == []


def test_a_file_comes_as_a_download(app: Flask, files: dict[str, str]) -> None:
    answer = as_role(app, RoleName.REVIEWER).get(files["site"])
    assert answer.headers["Content-Disposition"] == "attachment; filename=site.jpg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type == "application/octet-stream"


def test_questions_are_shown_in_any_of_their_languages(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    assert "Region place/region Almaty 75" in words(client.get(page))
    assert "Өңір place/region Алматы 75" in words(client.get(f"{page}?in=kk"))
    assert "Region place/region Almaty 75" in words(client.get(f"{page}?in=xx"))
    assert "Алаңдату worries Жоқ none" in words(post(client, f"{page}/sensitive", {"in": "kk"}))


def words(answer: Any) -> str:
    return " ".join(text_of(answer).split())


def test_a_place_is_drawn_only_for_who_may_see_it_and_said_to_be_coarse(app: Flask) -> None:
    publish()
    gps = {"lat": 43.24, "lon": 76.92, "alt": None, "accuracy": 12}
    (result,) = send(envelope(answers=answers(place={"region": "75", "gps": gps})))
    page = f"/manage/q/{QUESTIONNAIRE}/s/{result.id}"
    client = as_role(app, RoleName.DATA_STEWARD)
    assert "graticule" not in client.get(page).get_data(as_text=True)
    shown = post(client, f"{page}/identity", {"reason": "the mother asked"})
    assert "graticule" in shown.get_data(as_text=True)
    assert "Coarse on purpose: moved to a grid of 1,000 m" in words(shown)


def test_revisions_are_compared_question_by_question(app: Flask, page: str) -> None:
    collector = Sender(user_id=service.known_user("collector").id)
    submission_id = page.rpartition("/")[2]
    changed = answers(rooms=5, twice="10", worries=["danger"], child=[{"name": "Aru", "age": 8}])
    send(envelope(id=submission_id, base_revision=1, answers=changed), sender=collector)
    client = as_role(app, RoleName.REVIEWER)
    assert "What changed" in words(client.get(page))
    text = words(client.get(f"{page}/changes"))
    assert "Rooms rooms was left empty is 5" in text
    assert "Child 1 · Age child[1]/age was 7 is 8" in text
    assert "Child 2 · Age child[2]/age was 12 is not there" in text
    assert "Worries worries was sensitive: hidden is sensitive: hidden" in text
    assert "Answers that point at a person differ too: they are kept apart." in text
    assert "by whoever collected it · collector" in text
    assert "Region place/region" not in text
    shown = words(post(client, f"{page}/changes", {"show": "sensitive"}))
    assert "Worries worries was None none is Danger danger" in shown
    assert CANARY not in shown
    refused = post(client, f"{page}/changes", {"show": "identity", "reason": "curious"})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    for nowhere in ("older=7", "newer=0", "newer=99999999999999999999"):
        assert client.get(f"{page}/changes?{nowhere}").status_code == HTTPStatus.NOT_FOUND, nowhere


def test_who_is_meant_is_compared_for_a_reason(app: Flask, page: str) -> None:
    collector = Sender(user_id=service.known_user("collector").id)
    changed = answers(child=[{"name": "Aru", "age": 7}, {"name": None, "age": 12}])
    item_id = page.rpartition("/")[2]
    send(envelope(id=item_id, base_revision=1, answers=changed), sender=collector)
    client = as_role(app, RoleName.DATA_STEWARD)
    silent = post(client, f"{page}/changes", {"show": "identity", "reason": ""})
    assert silent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    shown = words(post(client, f"{page}/changes", {"show": "identity", "reason": "she asked"}))
    assert f"Name child[1]/name was {CANARY} is Aru" in shown
    assert entries("submission_opened")[-1]["reason"] == "she asked"


def test_seconds_of_sections_are_told_as_sent(app: Flask) -> None:
    publish()
    told = {"seconds": {"place": 41, "nowhere": 7}, "battery": 80}
    (result,) = send(envelope(paradata=told))
    text = words(as_role(app, RoleName.REVIEWER).get(f"/manage/q/{QUESTIONNAIRE}/s/{result.id}"))
    assert "Place 41" in text
    assert "nowhere 7" in text
    assert "Also sent by the phone: battery" in text


def test_returning_is_not_offered_where_nobody_could_get_it(app: Flask) -> None:
    publish()
    (result,) = send(envelope(), sender=Sender())
    db.session.rollback()
    client = as_role(app, RoleName.REVIEWER)
    page = client.get(f"/manage/q/{QUESTIONNAIRE}/s/{result.id}")
    assert "nobody who collected it is known" in text_of(page)
    assert "/return" not in page.get_data(as_text=True)
