"""The pages about families' requests: from the code to the answer, and what each may see of it."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.people.rights import Place, RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import reviewing, subject_finding, subject_requests
from surveyapp.submissions.models import State, Submission
from surveyapp.submissions.subject_models import SubjectRequest, Wish
from surveyapp.submissions.subject_requests import Asked
from surveyapp.submissions.verdicts import Status
from tests.accounts import browser, post
from tests.collecting import CANARY, QUESTIONNAIRE, answers, envelope, item, publish, send
from tests.manage.test_pages import counted_queries
from tests.manage.test_records import as_role, entries, text_of
from tests.manage.test_rights import somebody

REQUESTS = "/manage/requests"


@pytest.fixture
def code(app: Flask) -> str:
    """The receipt code of a submission with an answer that points at a person."""
    publish()
    (result,) = send(envelope(answers=answers(rooms=None, twice=None)))
    db.session.rollback()
    return str(result.receipt_code)


def submission() -> Submission:
    db.session.rollback()
    return db.session.scalars(select(Submission)).one()


def the_request(wish: Wish, words: str = "") -> int:
    subject = subject_finding.subject_of(submission().id)
    assert subject is not None
    number = subject_requests.ask(Asked(subject, wish, words)).serial
    db.session.rollback()
    return number


def test_from_a_code_to_answers_that_are_destroyed(app: Flask, code: str) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    assert "Nothing waits for an answer." in text_of(client.get(REQUESTS))
    found = post(client, f"{REQUESTS}/find", {"code": code.lower().replace("-", " ")})
    assert found.location.endswith(f"/about/{submission().id}")
    nothing_chosen = post(client, found.location, {"words": "?"})
    assert nothing_chosen.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose one" in text_of(nothing_chosen)
    made = post(client, found.location, {"wish": "withdraw", "words": "Айгүл, by telephone"})
    page = made.location
    shown = text_of(client.get(page))
    assert "Айгүл, by telephone" in shown and "written down by dana" in shown
    unsure = post(client, f"{page}/done", {"answer": "destroyed"})
    assert unsure.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert submission().status == State.STORED
    assert post(client, f"{page}/done", {"answer": "destroyed", "sure": "y"}).location == page
    assert submission().status == State.ERASED
    after = text_of(client.get(page))
    assert "carried out" in after and "destroyed" in after and "Айгүл" not in after
    assert "already" in text_of(
        client.post(f"{page}/refuse", data=_again(client), follow_redirects=True)
    )


def _again(client: FlaskClient) -> dict[str, str]:
    from tests.accounts import CHANGE_PASSWORD, token_of

    return {"csrf_token": token_of(client, CHANGE_PASSWORD), "answer": "too late"}


@pytest.mark.parametrize("typed", ["", "?", "AAAA-AAAA-AAAA", "x" * 41, "a\x00b"])
def test_a_code_that_is_none_leads_nowhere(app: Flask, code: str, typed: str) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    answer = post(client, f"{REQUESTS}/find", {"code": typed})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Nothing is stored under this code." in text_of(answer)


def test_looking_for_a_person_wants_a_reason_and_is_written_down(app: Flask, code: str) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    wanted = {"questionnaire": QUESTIONNAIRE, "text": CANARY[:6], "reason": "asked by telephone"}
    for missing in ("text", "reason", "questionnaire"):
        refused = post(client, f"{REQUESTS}/search", {**wanted, missing: ""})
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, missing
    assert entries("identity_searched") == []
    found = post(client, f"{REQUESTS}/search", wanted)
    assert code in text_of(found) and str(submission().id) in found.get_data(as_text=True)
    assert entries("identity_searched") == [{"identity": True, "reason": "asked by telephone"}]
    nobody = post(client, f"{REQUESTS}/search", {**wanted, "text": "zzzz"})
    assert "Nobody of that name" in text_of(nobody)


def test_a_copy_holds_everything_in_the_language_asked_for_and_is_written_down(
    app: Flask, code: str
) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    number = the_request(Wish.COPY)
    copy = post(client, f"{REQUESTS}/{number}/copy", {"language": "kk"})
    assert CANARY in text_of(copy)
    assert 'lang="kk"' in copy.get_data(as_text=True)
    assert entries("submission_opened") == [
        {"identity": True, "sensitive": False, "reason": f"request {number}"}
    ]
    assert post(client, f"{REQUESTS}/{number}/copy", {"language": "xx"}).status_code == 404


def test_a_copy_is_in_the_language_asked_for_to_its_title(app: Flask, code: str) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    number = the_request(Wish.COPY)
    copy = post(client, f"{REQUESTS}/{number}/copy", {"language": "ru"}).get_data(as_text=True)
    assert '<html lang="ru">' in copy
    assert f"<title>Копия ответов {code}</title>" in copy


def test_a_copy_leaves_out_what_tells_of_danger_to_a_child_until_it_is_said_that_it_harms_none(
    app: Flask,
) -> None:
    publish()
    send(envelope(answers=answers(worries=["danger"], note="said in private", rooms=None, twice=None)))
    db.session.rollback()
    client = as_role(app, RoleName.DATA_STEWARD)
    number = the_request(Wish.COPY)
    assert "left out" in text_of(client.get(f"{REQUESTS}/{number}"))
    copy = text_of(post(client, f"{REQUESTS}/{number}/copy", {"language": "en"}))
    assert CANARY in copy
    assert [told for told in ("Worries", "Danger", "said in private", "left out") if told in copy] == []
    form = {"language": "en", "danger": "y"}
    whole = text_of(post(client, f"{REQUESTS}/{number}/copy", form))
    assert "Danger" in whole and "said in private" in whole
    assert [each["sensitive"] for each in entries("submission_opened")] == [False, True]


GUARDED = """
| survey |
| | type | name | label::English (en) | relevant | calculation | bind::survey:sensitive | bind::survey:disclosure | bind::survey:disclosure_level |
| | select_one yn | hit | Was hit | | | yes | . = 'yes' | red |
| | begin_group | then | What happened | | | | | |
| | text | whom | By whom | ${hit} = 'yes' | | | | |
| | end_group | | | | | | | |
| | calculate | risk | | | if(${hit} = 'yes', 'grave', 'none') | | | |
| | text | debts | Debts | | | yes | | |
| choices |
| | list_name | name | label::English (en) |
| | yn | yes | Yes |
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | Guarded | guarded | 1 | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""


def test_neither_headings_nor_calculations_of_a_copy_tell_of_danger_and_the_log_tells_what_it_has(
    app: Flask,
) -> None:
    compiled = compile_workbook(GUARDED.encode(), "guarded.md")
    catalogue.publish(compiled, access=Access.STAFF, demonstration=True)
    given = {"hit": "yes", "then": {"whom": "an uncle"}, "risk": "grave", "debts": "many"}
    send(envelope(questionnaire="guarded", answers=given, language="en"))
    db.session.rollback()
    client = as_role(app, RoleName.DATA_STEWARD)
    number = the_request(Wish.COPY)
    copy = text_of(post(client, f"{REQUESTS}/{number}/copy", {"language": "en"}))
    assert "many" in copy
    tells = ("Was hit", "What happened", "By whom", "an uncle", "risk", "grave")
    assert [word for word in tells if word in copy] == []
    # debts are sensitive as well
    assert [each["sensitive"] for each in entries("submission_opened")] == [True]


def test_a_copy_of_what_is_destroyed_is_no_page(app: Flask, code: str) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    number = the_request(Wish.COPY)
    reviewing.erase(submission().id)
    assert "Make the copy" not in text_of(client.get(f"{REQUESTS}/{number}"))
    answer = post(client, f"{REQUESTS}/{number}/copy", {"language": "kk"})
    assert (answer.status_code, entries("submission_opened")) == (HTTPStatus.SEE_OTHER, [])


@pytest.mark.parametrize(
    ("roles", "leads"),
    [((RoleName.DATA_STEWARD,), False), ((RoleName.DATA_STEWARD, RoleName.REVIEWER), True)],
)
def test_a_correction_leads_whoever_may_make_it_to_the_answers(
    app: Flask, code: str, roles: tuple[RoleName, ...], leads: bool
) -> None:
    found = submission()
    edit = f"/manage/q/{found.questionnaire}/s/{found.id}/edit"
    number = the_request(Wish.CORRECT)
    client = as_role(app, *roles)
    page = client.get(f"{REQUESTS}/{number}")
    assert (edit in page.get_data(as_text=True)) is leads
    assert ("A reviewer of this questionnaire corrects" in text_of(page)) is not leads
    reviewing.block(found.id)
    assert edit not in client.get(f"{REQUESTS}/{number}").get_data(as_text=True)


def test_a_refusal_needs_a_reason(app: Flask, code: str) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    number = the_request(Wish.BLOCK)
    for answer in ("", "x" * 501, "a\x00b"):
        refused = post(client, f"{REQUESTS}/{number}/refuse", {"answer": answer})
        assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    post(client, f"{REQUESTS}/{number}/refuse", {"answer": "kept by law"})
    assert "kept by law" in text_of(client.get(f"{REQUESTS}/{number}"))
    assert submission().status == State.STORED


def test_what_is_elsewhere_is_not_there(app: Flask, code: str) -> None:
    number = the_request(Wish.COPY, "Айгүл")
    client = somebody(app, RoleName.DATA_STEWARD, Place("another", None))
    assert f"No. {number}" not in text_of(client.get(REQUESTS))
    assert client.get(f"{REQUESTS}/{number}").status_code == HTTPStatus.FORBIDDEN
    assert client.get(f"{REQUESTS}/about/{submission().id}").status_code == HTTPStatus.FORBIDDEN
    assert post(client, f"{REQUESTS}/find", {"code": code}).status_code == 422
    elsewhere = {"questionnaire": QUESTIONNAIRE, "text": CANARY, "reason": "curious"}
    assert post(client, f"{REQUESTS}/search", elsewhere).status_code == 422


@pytest.mark.parametrize(
    "page", ["/999999", "/99999999999999999999", "/about/00000000-0000-4000-8000-000000000000"]
)
def test_what_was_never_there_is_404(app: Flask, code: str, page: str) -> None:
    assert as_role(app, RoleName.DATA_STEWARD).get(REQUESTS + page).status_code == 404


def test_many_requests_cost_no_more_queries_than_one(app: Flask, code: str) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    the_request(Wish.COPY)
    with counted_queries() as one:
        client.get(REQUESTS)
    for wish in (Wish.CORRECT, Wish.BLOCK, Wish.WITHDRAW):
        the_request(wish)
    with counted_queries() as many:
        client.get(REQUESTS)
    assert len(many) == len(one)


def test_the_first_page_says_that_a_family_waits_and_until_when(app: Flask, code: str) -> None:
    steward, other = as_role(app, RoleName.DATA_STEWARD), as_role(app, RoleName.ANALYST, name="other")
    assert "1 waiting" not in text_of(steward.get("/manage"))
    number = the_request(Wish.COPY)
    due = db.session.scalars(select(SubjectRequest.due_on)).one()
    shown = text_of(steward.get("/manage"))
    assert f"1 waiting; the first is to be answered by {due.day} {due:%B %Y}." in shown
    assert "late" not in shown and "waiting" not in text_of(other.get("/manage"))
    db.session.execute(update(SubjectRequest).values(due_on=due - timedelta(days=30)))
    db.session.commit()
    assert "late" in text_of(steward.get("/manage"))
    subject_requests.refuse(number, "nobody came for it")
    assert "1 waiting" not in text_of(steward.get("/manage"))


def test_requests_and_people_who_are_found_are_told_apart_by_title_and_region(
    app: Flask, code: str
) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    number = the_request(Wish.COPY)
    hints = r'<p class="hint">(T) ·'
    assert re.findall(hints, client.get(REQUESTS).get_data(as_text=True)) == ["T"]
    assert QUESTIONNAIRE not in text_of(client.get(f"{REQUESTS}/{number}"))
    wanted = {"questionnaire": QUESTIONNAIRE, "text": CANARY, "reason": "asked by telephone"}
    db.session.execute(update(Submission).values(region="750000000"))
    db.session.commit()
    assert "Almaty City" in text_of(post(client, f"{REQUESTS}/search", wanted)).split("looked")[1]


# --- the family's own page --------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_family_asks_by_its_code(app: Flask, code: str, language: str) -> None:
    visitor = browser(app)
    offered = visitor.post(f"/{language}/receipt", data={"code": code}).get_data(as_text=True)
    assert f'action="/{language}/receipt/request"' in offered and code in offered
    form = {"code": code, "wish": "withdraw", "words": "Айгүл"}
    told = visitor.post(f"/{language}/receipt/request", data=form)
    assert told.status_code == HTTPStatus.OK and "Айгүл" not in told.get_data(as_text=True)
    db.session.rollback()
    made = db.session.scalars(select(SubjectRequest)).one()
    assert (made.wish, made.submission_id, made.asked_by) == ("withdraw", submission().id, None)
    visitor.post(f"/{language}/receipt/request", data=form)
    db.session.rollback()
    assert len(db.session.scalars(select(SubjectRequest)).all()) == 1


def test_a_family_learns_by_its_code_what_became_of_its_request(app: Flask, code: str) -> None:
    visitor = browser(app)

    def told() -> str:
        return text_of(visitor.post("/en/receipt", data={"code": code}))

    assert "What was asked" not in told()
    number = the_request(Wish.COPY, "Айгүл, by telephone")
    assert "I want a copy of my answers" in told().split("What was asked")[1]
    assert "at the latest" in told() and "Айгүл" not in told()
    subject_requests.refuse(number, "Nobody came for it")
    assert "Refused on:" in told() and "Nobody came for it" in told()
    subject_requests.carry_out(the_request(Wish.WITHDRAW), "As you asked")
    gone = told()
    assert "destroyed for good" in gone and "Done on:" in gone and "As you asked" in gone
    assert "See, correct, block" not in gone


@pytest.mark.parametrize(
    "change",
    [
        {"code": "AAAA-AAAA-AAAA"},
        {"code": ""},
        {"wish": "all"},
        {"words": "x" * 1001},
        {"words": "a\x00"},
    ],
)
def test_nonsense_is_told_and_nothing_is_written(app: Flask, code: str, change: dict[str, str]) -> None:
    form = {"code": code, "wish": "copy", "words": "", **change}
    answer = browser(app).post("/en/receipt/request", data=form)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    db.session.rollback()
    assert db.session.scalars(select(SubjectRequest)).all() == []


def test_another_sites_form_asks_nothing(app: Flask, code: str) -> None:
    headers = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    form = {"code": code, "wish": "withdraw"}
    answer = browser(app).post("/en/receipt/request", data=form, headers=headers)
    assert answer.status_code == HTTPStatus.FORBIDDEN


def test_guesses_are_counted_with_those_of_the_receipt_page(app: Flask, code: str) -> None:
    visitor = browser(app, "198.51.100.7")
    for _guess in range(15):
        visitor.post("/en/receipt", data={"code": "AAAA-AAAA-AAAA"})
        visitor.post("/en/receipt/request", data={"code": "AAAA-AAAA-AAAA", "wish": "copy"})
    answer = visitor.post("/en/receipt/request", data={"code": code, "wish": "copy"})
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS


# --- what waits in quarantine -----------------------------------------------------------------------


def waits(*sent: dict[str, object]) -> str:
    """Send records of which the last one is quarantined; its receipt code."""
    *_before, last = [send(envelope(**each))[0] for each in sent]
    assert last.status == Status.QUARANTINED
    db.session.rollback()
    return str(last.receipt_code)


def test_a_family_gets_a_copy_of_what_waits_and_can_ask_for_nothing_else(app: Flask) -> None:
    publish()
    waiting = waits(item(version="7"))
    told = browser(app).post("/en/receipt/request", data={"code": waiting, "wish": "withdraw"})
    assert told.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Until then only a copy can be asked for" in text_of(told)
    asked = browser(app).post("/en/receipt/request", data={"code": waiting, "wish": "copy"})
    assert asked.status_code == HTTPStatus.OK
    db.session.rollback()
    number = db.session.scalars(select(SubjectRequest.serial)).one()
    client = as_role(app, RoleName.DATA_STEWARD)
    page = client.get(f"{REQUESTS}/{number}")
    assert "it waits in quarantine" in text_of(page) and "Make the copy" in text_of(page)
    copy = text_of(post(client, f"{REQUESTS}/{number}/copy", {"language": "en"}))
    assert "cannot be read until it is decided over" in copy and CANARY not in copy
    assert entries("quarantine_opened") == []
    publish(version="7")
    copy = text_of(post(client, f"{REQUESTS}/{number}/copy", {"language": "en"}))
    assert CANARY in copy and waiting in copy
    # what tells of danger was left out
    opened = {"identity": True, "sensitive": False, "reason": f"request {number}"}
    assert entries("quarantine_opened") == [opened]


def test_an_officer_writes_a_request_down_about_what_waits(app: Flask) -> None:
    publish()
    waiting = waits(item(version="7"))
    client = as_role(app, RoleName.DATA_STEWARD)
    page = post(client, f"{REQUESTS}/find", {"code": waiting}).location
    assert "only a copy can be asked for" in text_of(client.get(page))
    refused = post(client, page, {"wish": "block", "words": ""})
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    made = post(client, page, {"wish": "copy", "words": ""})
    assert made.status_code == HTTPStatus.SEE_OTHER
    post(client, f"{made.location}/done", {"answer": "handed over"})
    assert "carried out" in text_of(client.get(made.location))


def test_what_waits_belongs_to_those_who_have_the_whole_questionnaire(app: Flask) -> None:
    publish()
    waiting = waits(item(version="7"))
    subject = subject_finding.asked_about(waiting)
    assert subject is not None and subject.status == subject_finding.WAITING
    client = somebody(app, RoleName.DATA_STEWARD, Place(QUESTIONNAIRE, "75"))
    assert client.get(f"{REQUESTS}/about/{subject.id}").status_code == HTTPStatus.FORBIDDEN
    assert post(client, f"{REQUESTS}/find", {"code": waiting}).status_code == 422


def test_a_copy_of_what_is_stored_has_what_waits_beside_it(app: Flask) -> None:
    publish()
    first = item()
    waiting = waits(
        first,
        first | {"answers": answers(rooms=8, twice="16", child=[{"name": "Айнагүл2208", "age": 7}])},
    )
    subject = subject_finding.asked_about(waiting)
    assert subject is not None and subject.status == State.STORED
    number = subject_requests.ask(Asked(subject, Wish.COPY)).serial
    db.session.rollback()
    client = as_role(app, RoleName.DATA_STEWARD)
    copy = text_of(post(client, f"{REQUESTS}/{number}/copy", {"language": "kk"}))
    assert CANARY in copy and "Айнагүл2208" in copy and waiting in copy
    assert len(entries("submission_opened")) == len(entries("quarantine_opened")) == 1
