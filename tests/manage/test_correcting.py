"""Correcting a record in the questionnaire's own controls: what is asked of whom, and what is kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.browser import cookie_name
from surveyapp.channels.pages.drafts import DraftSecret
from surveyapp.channels.pages.models import DraftPhoto
from surveyapp.extensions import db
from surveyapp.people import service
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import destroying, reviewing, verifying
from surveyapp.submissions.comments import comments_of
from surveyapp.submissions.field_models import Measure
from surveyapp.submissions.inbox import inbox_of
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.measuring import catch_up
from surveyapp.submissions.models import Attachment, KeptFile, ReviewAct, Submission, SubmissionRevision
from surveyapp.submissions.opening import identity_of, submission_key
from surveyapp.submissions.verdicts import Sender, Status
from tests.accounts import PASSWORD, post
from tests.collecting import CANARY, QUESTIONNAIRE, answers, bring, envelope, publish, send
from tests.files.pictures import jpeg
from tests.manage.test_records import as_role, entries, text_of

GPS = {"lat": 43.24, "lon": 76.92, "alt": 800.5, "accuracy": 4.0}


@pytest.fixture
def page(app: Flask) -> str:
    """The address of a submission's page, sent by an interviewer with a picture."""
    publish()
    service.add_user("collector", [RoleName.INTERVIEWER], PASSWORD)
    sender = Sender(user_id=service.known_user("collector").id)
    sha256 = bring(jpeg(), sender)
    file = {"name": "p.jpg", "sha256": sha256, "size": len(jpeg()), "type": "image/jpeg"}
    given = answers(photo="p.jpg", place={"region": "75", "gps": GPS}, note="by the door")
    (result,) = send(envelope(answers=given, attachments=[file]), sender=sender)
    db.session.rollback()
    return f"/manage/q/{QUESTIONNAIRE}/s/{result.id}"


def begun(client: FlaskClient, page: str, **fields: str) -> None:
    """A correction of the current revision is begun."""
    answer = post(client, f"{page}/edit", {"language": "en", **fields})
    assert answer.status_code == HTTPStatus.SEE_OTHER, text_of(answer)


def sections(client: FlaskClient, page: str) -> dict[str, str]:
    """Heading → address of each section in the table of contents."""
    html = client.get(f"{page}/edit").get_data(as_text=True)
    links = re.findall(rf'<a class="tall" href="({page}/edit/page/[^"]+)">(.*?)</a>', html, re.S)
    return {re.sub(r"<[^>]+>", "", words).strip(): address for address, words in links}


def fields_of(client: FlaskClient, address: str) -> dict[str, list[str]]:
    """What a page's form holds as it is shown, as a browser would send it."""
    html = client.get(address).get_data(as_text=True)
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", html[html.index('id="answers"') :]):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        is_choice = re.search(r'type="(radio|checkbox)"', tag)
        if name and name[1] != "csrf_token" and (not is_choice or " checked" in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name_, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*(.*?)</textarea>', html, re.S):
        found[name_] = [text]
    return found


def change(client: FlaskClient, address: str, **changes: Any) -> Any:
    """Send a page as it is shown, with some fields changed."""
    form = fields_of(client, address) | changes
    return post(client, address, {**form, "@go": "next"})


def page_with_a_file(client: FlaskClient, page: str) -> str:
    """The address of the page on which a file can be given."""
    address = next(iter(sections(client, page).values()))
    while 'type="file"' not in client.get(address).get_data(as_text=True):
        address = change(client, address).location
        assert "/edit/page/" in address
    return address


def save(client: FlaskClient, page: str, reason: str = "misheard", **more: str) -> Any:
    return post(client, f"{page}/edit/save", {"reason": reason, **more})


def submission() -> Submission:
    db.session.rollback()
    return db.session.scalars(select(Submission)).one()


def identity(found: Submission) -> dict[str, Any]:
    return dict(identity_of(keys_of(), found))


def test_an_answer_is_corrected_for_a_reason(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    before = submission()
    was, was_identity = before.answers, identity(before)
    begun(client, page)
    there = sections(client, page)
    last = next(address for words, address in there.items() if words.startswith("T"))
    while "rooms" not in fields_of(client, last):
        last = change(client, last).location
    assert change(client, last, rooms=["4"]).status_code == HTTPStatus.SEE_OTHER
    summary = " ".join(text_of(client.get(f"{page}/edit/save")).split())
    assert "Rooms rooms was 3 is 4" in summary
    assert "twice twice calculated was 6 is 8" in summary
    silent = save(client, page, " ")
    assert silent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert submission().revision == 1
    assert save(client, page).location == page
    after = submission()
    assert (after.revision, after.cause, after.status) == (2, "corrected", "stored")
    assert after.answers == was | {"rooms": 4, "twice": "8"}
    assert identity(after) == was_identity
    assert after.sender_id == service.known_user("dana").id
    act = db.session.scalars(select(ReviewAct)).one()
    assert (act.act, act.revision, dict(comments_of(keys_of(), act))) == ("correct", 2, {"": "misheard"})
    assert entries("submission_corrected") == [{}]
    assert "misheard" in text_of(client.get(page))
    assert "sections" not in text_of(client.get(f"{page}/edit"))


def test_the_chain_of_revisions_holds_and_files_go_along(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    _correct_rooms(client, page, "5")
    rows = db.session.scalars(select(Attachment).order_by(Attachment.revision)).all()
    assert [(row.revision, row.name, row.held_at is not None) for row in rows] == [
        (1, "p.jpg", True),
        (2, "p.jpg", True),
    ]
    assert rows[0].address == rows[1].address
    db.session.rollback()
    assert list(verifying.verify_chains(keys_of(), lambda _number: None)) == []


def _correct_rooms(client: FlaskClient, page: str, rooms: str) -> Any:
    address = _page_with(client, page, "rooms")
    change(client, address, rooms=[rooms])
    return save(client, page)


def _page_with(client: FlaskClient, page: str, field: str) -> str:
    address = next(iter(sections(client, page).values()))
    for _step in range(20):
        html = client.get(address).get_data(as_text=True)
        if f'name="{field}"' in html or f'name="{field}@' in html:
            return address
        address = change(client, address).location
    raise AssertionError(f"no page asks {field}")


def test_who_may_not_see_who_is_meant_carries_it_along(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    before = identity(submission())
    begun(client, page)
    seen = ""
    for address in sections(client, page).values():
        seen += text_of(client.get(address))
        # nobody asked for these fields: what a form brings for them is not taken
        forged = {"child[1]/name": "Somebody", "place/gps@lat": "1", "place/gps@lon": "2"}
        change(client, address, **{name: [text] for name, text in forged.items()})
    assert CANARY not in seen
    assert "points at a person: kept apart" in seen
    assert "sensitive: hidden" in seen
    _correct_rooms(client, page, "4")
    after = submission()
    assert identity(after) == before
    assert after.answers["worries"] == ["none"]
    assert after.answers["note"] == "by the door"


def test_sensitive_answers_are_corrected_by_who_asks_for_them(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page, sensitive="yes", identity="yes", reason="curious")
    assert entries("submission_opened") == [{"sensitive": True, "identity": False}]
    address = _page_with(client, page, "worries")
    change(client, address, worries=["danger"])
    save(client, page)
    assert submission().answers["worries"] == ["danger"]
    assert "Name" in text_of(client.get(page))


def test_who_is_meant_is_corrected_for_a_reason_that_the_log_keeps(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER, RoleName.DATA_STEWARD)
    before = identity(submission())
    silent = post(client, f"{page}/edit", {"language": "en", "identity": "yes", "reason": " "})
    assert silent.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    begun(client, page, identity="yes", reason="the mother asked")
    opened = {"sensitive": False, "identity": True, "reason": "the mother asked"}
    assert entries("submission_opened") == [opened]
    address = _page_with(client, page, "child[2]/name")
    change(client, address, **{"child[2]/name": ["Aru"]})
    save(client, page)
    found = identity(submission())
    assert found["child[2]/name"] == "Aru"
    assert found["place/gps"] == before["place/gps"]
    assert before["place/gps"]["accuracy"] == 1000.0


def test_unseen_answers_stay_where_they_are_not_asked_any_more(app: Flask) -> None:
    publish_guarded()
    given = {"has": "yes", "who": CANARY, "told": "by night"}
    (result,) = send(envelope(questionnaire="guarded", answers=given))
    page = f"/manage/q/guarded/s/{result.id}"
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    address = _page_with(client, page, "has")
    assert change(client, address, has=["no"]).status_code == HTTPStatus.SEE_OTHER
    save(client, page, anyway="yes")
    after = submission()
    assert identity(after) == {"who": CANARY}
    assert after.answers == {"has": "no", "told": "by night"}
    assert "invalid" in after.flags


def test_texts_do_not_tell_who_is_meant(app: Flask) -> None:
    publish_guarded()
    given = {"has": "yes", "who": CANARY, "told": "by night", "often": 2}
    (result,) = send(envelope(questionnaire="guarded", answers=given))
    page = f"/manage/q/guarded/s/{result.id}"
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    address = _page_with(client, page, "often")
    assert "How often does … come?" in text_of(client.get(address))
    assert CANARY not in client.get(f"{page}/edit/save").get_data(as_text=True)


def publish_guarded() -> None:
    sheet = """
| survey |
| | type | name | label::English (en) | relevant | bind::survey:identity | bind::survey:sensitive |
| | select_one yn | has | Does anybody come? | | | |
| | text | who | Who? | ${has} = 'yes' | yes | |
| | text | told | What was told? | ${has} = 'yes' | | yes |
| | integer | often | How often does ${who} come? | ${has} = 'yes' | | |
| choices |
| | list_name | name | label::English (en) |
| | yn | yes | Yes |
| | yn | no | No |
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | Guarded | guarded | 1 | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""
    compiled = compile_workbook(sheet.encode(), "guarded.md")
    catalogue.publish(compiled, access=Access.STAFF, demonstration=True)


def test_a_question_may_be_called_like_our_own_fields(app: Flask) -> None:
    names = ("csrf_token", "go", "revision")
    questions = "".join(f"| | text | {name} | About {name} |\n" for name in names)
    sheet = f"| survey |\n| | type | name | label |\n{questions}| settings |\n"
    sheet += "| | form_title | form_id | version |\n| | Own | own_names | 1 |\n"
    catalogue.publish(
        compile_workbook(sheet.encode(), "own.md"), access=Access.STAFF, demonstration=True
    )
    given = dict.fromkeys(names, "before")
    sent = envelope(questionnaire="own_names", answers=given, consent=None)
    (result,) = send(sent)
    client, page = as_role(app, RoleName.REVIEWER), f"/manage/q/own_names/s/{result.id}"
    begun(client, page)
    (address,) = sections(client, page).values()
    form = fields_of(client, address) | {name: ["after"] for name in names}
    token = (
        client.get(address).get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    )
    answer = client.post(address, data=form | {"csrf_token": [token, "after"], "@go": "next"})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    save(client, page)
    assert submission().answers == dict.fromkeys(names, "after")


def test_somebody_elses_revision_is_not_overwritten(app: Flask, page: str) -> None:
    first = as_role(app, RoleName.REVIEWER)
    second = as_role(app, RoleName.REVIEWER, name="aigul")
    begun(first, page)
    begun(second, page)
    change(first, _page_with(first, page, "rooms"), rooms=["4"])
    _correct_rooms(second, page, "5")
    refused = save(first, page)
    assert refused.status_code == HTTPStatus.CONFLICT
    text = " ".join(text_of(refused).split())
    assert "Somebody else has changed it meanwhile." in text
    assert "Put it onto the newer revision" in text
    assert "Rooms rooms was 3 is 4" in text
    assert (submission().revision, submission().answers["rooms"]) == (2, 5)
    post(first, f"{page}/edit/drop")
    assert "Begin" in text_of(first.get(f"{page}/edit"))


def test_what_breaks_a_rule_is_said_and_saved_only_on_purpose(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    address = _page_with(client, page, "child[1]/age")
    stays = change(client, address, **{"child[1]/age": ["40"]})
    assert address in stays.location
    shown = client.get(address).get_data(as_text=True)
    assert "From 0 to 17" in shown
    assert 'value="40"' in shown
    refused = save(client, page)
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "From 0 to 17" in text_of(refused)
    assert "misheard" in text_of(refused)
    save(client, page, anyway="yes")
    after = submission()
    assert after.answers["child"][0]["age"] == 40
    assert "invalid" in after.flags


def test_what_is_no_answer_is_kept_as_typed_and_never_stored(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    address = _page_with(client, page, "rooms")
    change(client, address, rooms=["three or so"])
    assert 'value="three or so"' in client.get(address).get_data(as_text=True)
    refused = save(client, page, anyway="yes")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert submission().revision == 1


def test_nothing_changed_is_no_revision(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER, RoleName.DATA_STEWARD)
    begun(client, page, sensitive="yes", identity="yes", reason="a look")
    for address in sections(client, page).values():
        change(client, address)
    assert "Nothing has been changed yet." in text_of(client.get(f"{page}/edit/save"))
    assert save(client, page).status_code == HTTPStatus.CONFLICT
    assert submission().revision == 1


def test_the_collectors_own_edit_waits_and_is_not_lost(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    _correct_rooms(client, page, "4")
    collector = Sender(user_id=service.known_user("collector").id)
    db.session.rollback()
    told = inbox_of(collector, None, limit=9)
    later = inbox_of(collector, _beginning_of(told), limit=9).told
    assert [(each.revision, each.state) for each in later] == [(2, "stored")]
    mine = UUID(page.rpartition("/")[2])
    edit = envelope(id=str(mine), base_revision=1, answers=answers(rooms=9, twice="18"))
    (result,) = send(edit, sender=collector)
    assert result.status is Status.QUARANTINED
    assert submission().answers["rooms"] == 4
    again = envelope(id=str(mine), base_revision=2, answers=answers(rooms=9, twice="18"))
    assert send(again, sender=collector)[0].status is Status.STORED


def _beginning_of(told: Any) -> str:
    return str(replace(told.cursor, changed=0, serial=0))


def test_it_stays_a_record_of_whoever_collected_it(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    _correct_rooms(client, page, "4")
    catch_up()
    collector = service.known_user("collector").id
    assert db.session.scalars(select(Measure.collector)).all() == [f"user {collector}"]


@pytest.mark.parametrize("role", [RoleName.ADMINISTRATOR, RoleName.SUPERVISOR, RoleName.DATA_STEWARD])
def test_nobody_else_corrects(app: Flask, page: str, role: RoleName) -> None:
    client = as_role(app, role)
    assert "Correct the answers" not in text_of(client.get(page))
    assert post(client, f"{page}/edit", {"language": "en"}).status_code == HTTPStatus.FORBIDDEN
    assert save(client, page).status_code == HTTPStatus.FORBIDDEN


def test_what_is_gone_cannot_be_corrected(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER, RoleName.ADMINISTRATOR)
    begun(client, page)
    post(client, f"{page}/delete", {"revision": "1"})
    assert client.get(f"{page}/edit").status_code == HTTPStatus.NOT_FOUND
    assert save(client, page).status_code == HTTPStatus.NOT_FOUND
    former = db.session.scalars(select(SubmissionRevision)).all()
    assert former == []


def test_a_correction_is_its_reviewers_own_and_no_draft_of_the_public_pages(
    app: Flask, page: str
) -> None:
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    cookie = next(
        each for each in (client._cookies or {}).values() if each.key.startswith("correction_")
    )
    assert (cookie.path, cookie.http_only, cookie.same_site) == ("/manage", True, "Strict")
    other = as_role(app, RoleName.REVIEWER, name="aigul")
    other.set_cookie(cookie.key, cookie.value, path="/manage")
    assert "Begin" in text_of(other.get(f"{page}/edit"))
    stranger = app.test_client()
    stranger.set_cookie(cookie_name(QUESTIONNAIRE), cookie.value)
    assert stranger.get(f"/en/q/{QUESTIONNAIRE}/review").status_code == HTTPStatus.GONE


def test_a_file_is_replaced_and_the_former_one_stays_with_its_revision(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    address = page_with_a_file(client, page)
    html = client.get(address).get_data(as_text=True)
    assert "Added: p.jpg" in html
    assert 'enctype="multipart/form-data"' in html
    other = jpeg(progressive=True)
    assert change(client, address, photo=(io.BytesIO(other), "IMG_Айгүл.jpg")).status_code == 303
    assert "p.jpg" in (summary := text_of(client.get(f"{page}/edit/save")))
    assert "photo-" in summary
    assert save(client, page, "the wrong yard").location == page
    head = submission()
    name = head.answers["photo"]
    assert head.revision == 2
    assert re.fullmatch(r"photo-[0-9a-f]{8}\.jpg", name)
    rows = db.session.scalars(select(Attachment).order_by(Attachment.serial)).all()
    told = [(row.revision, row.name, row.address is not None, row.sealed) for row in rows]
    assert told == [(1, "p.jpg", True, True), (2, name, True, True)]
    db.session.rollback()
    shown = client.get(page).get_data(as_text=True)
    with client.get(f"{page}/files/{rows[1].sha256}") as answer:
        assert answer.data[:3] == b"\xff\xd8\xff"
    assert name in shown
    with db.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(KeptFile)) == 0
        assert connection.scalar(select(func.count()).select_from(DraftPhoto)) == 0
    assert list(verifying.verify_chains(keys_of(), lambda _number: None)) == []


def test_a_file_is_taken_away_and_what_is_no_picture_is_not_taken(app: Flask, page: str) -> None:
    client = as_role(app, RoleName.REVIEWER)
    begun(client, page)
    address = page_with_a_file(client, page)
    change(client, address, photo=(io.BytesIO(b"#!/bin/sh"), "p.jpg"))
    assert save(client, page).status_code in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert submission().revision == 1
    change(client, address, **{"photo@remove": "yes"})
    assert save(client, page, "not ours", anyway="yes").location == page
    assert submission().answers["photo"] is None
    rows = db.session.scalars(select(Attachment).order_by(Attachment.serial)).all()
    assert [(row.revision, row.named) for row in rows] == [(1, True)]


@pytest.mark.parametrize("erase", [reviewing.erase, destroying.erase_identity])
def test_erasing_destroys_what_a_correction_under_way_holds(
    app: Flask, page: str, erase: Callable[[UUID], None]
) -> None:
    client = as_role(app, RoleName.REVIEWER, RoleName.DATA_STEWARD)
    begun(client, page, identity="yes", reason="a call by the family")
    cookie = next(
        each.value for each in (client._cookies or {}).values() if each.key.startswith("correction_")
    )
    former = submission_key(keys_of(), submission()).secret
    assert _held(cookie, b"") is None
    assert CANARY in str(_held(cookie, former))
    erase(submission().id)
    assert "sections" not in text_of(client.get(f"{page}/edit"))
    summary = client.get(f"{page}/edit/save")
    assert summary.location == f"{page}/edit" or summary.status_code == HTTPStatus.NOT_FOUND
    if submission().data_key:
        assert submission_key(keys_of(), submission()).secret != former


def _held(cookie: str, bound: bytes) -> dict[str, Any] | None:
    """The answers of the draft that a cookie opens together with a further secret."""
    secret = DraftSecret.from_cookie(cookie, bound)
    draft = drafts.open_draft(secret) if secret else None
    db.session.rollback()
    return draft.state.snapshot if draft else None
