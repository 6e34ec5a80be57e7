"""The page of assignments: by hand, from a file, who sees what, and that nothing is half-made."""

from __future__ import annotations

import io
import re
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from surveyapp.extensions import db
from surveyapp.people import audit, granting, service
from surveyapp.people.collectors import Collector
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import Place, RoleName
from surveyapp.submissions import assigning
from surveyapp.submissions.assigning import Visit
from surveyapp.submissions.assignment_columns import BadColumn, column
from surveyapp.submissions.assignment_models import Assignment, Task
from tests.accounts import browser, make_user, post, sign_in, token_of
from tests.collecting import CANARY, QUESTIONNAIRE, publish
from tests.manage.rows import publish as publish_built_in

PAGE = f"/manage/q/{QUESTIONNAIRE}/assignments"
HEADER = "interviewer;label;region;due;key;child[1]/name\n"


@pytest.fixture
def supervisor(app: Flask) -> FlaskClient:
    publish()
    make_user("erlan", RoleName.INTERVIEWER)
    make_user("saule", RoleName.SUPERVISOR)
    return signed_in(app, "saule")


def signed_in(app: Flask, name: str) -> FlaskClient:
    client = browser(app)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client, name)
    return client


def local(app: Flask, name: str, role: RoleName, region: str) -> FlaskClient:
    """Somebody for one region."""
    make_user(name, role)
    granting.give(name, role, Place(None, region))
    granting.take(name, role, Place(None, None))
    return signed_in(app, name)


def upload(client: FlaskClient, content: str | bytes, **form: str) -> tuple[int, str]:
    raw = content.encode("utf-8-sig") if isinstance(content, str) else content
    token = token_of(client, "/manage/password")
    data = {"csrf_token": token, "file": (io.BytesIO(raw), "list.csv"), "check": "1", **form}
    answer = client.post(f"{PAGE}/list", data=data, headers={"Accept-Language": "en"})
    return answer.status_code, answer.get_data(as_text=True)


def assignments() -> list[Assignment]:
    db.session.rollback()
    return list(db.session.scalars(select(Assignment).order_by(Assignment.serial)))


def give(label: str, region: str | None = None) -> Assignment:
    person = Collector("erlan", user_id=service.known_user("erlan").id)
    assigning.give_out(QUESTIONNAIRE, [Visit(collector=person, label=label, region=region)], None)
    return assignments()[-1]


def test_a_list_is_checked_shown_and_then_given_out_without_choosing_it_again(
    supervisor: FlaskClient,
) -> None:
    content = HEADER + f"erlan;Абай 12;75;2030-09-30;1;{CANARY}\nerlan;Абай 14;;;2;\n"
    status, html = upload(supervisor, content)
    assert (status, assignments()) == (HTTPStatus.OK, [])
    assert "New visits: 2" in html
    assert "Абай 12" in html
    text = re.search(r'<textarea name="text"[^>]*>(.*?)</textarea>', html, re.S)
    assert text
    assert post(supervisor, f"{PAGE}/list", {"text": text[1], "give": "1"}).status_code == 303
    first, second = assignments()
    assert (first.region, str(first.due), second.due) == ("75", "2030-09-30", None)
    html = supervisor.get(PAGE).get_data(as_text=True)
    assert "2 visits were given out." in html
    assert "Абай 14" in html
    assert CANARY not in html  # what is known of the people goes to the phone alone
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc())).first()
    assert entry is not None
    assert (entry.action, entry.details) == (audit.Action.ASSIGNMENTS_MADE, {"count": 2})
    status, html = upload(supervisor, content)
    assert "New visits: 0" in html
    assert "left as they are: 2" in html


def test_one_mistake_and_nothing_is_given_out(supervisor: FlaskClient) -> None:
    content = HEADER + "erlan;Абай 12;75;;1;\nnobody;;75;;2;\n"
    status, html = upload(supervisor, content, give="1")
    assert (status, assignments()) == (HTTPStatus.UNPROCESSABLE_ENTITY, [])
    assert "2 mistakes. Nothing was given out." in html
    assert re.search(r"<td[^>]*>3</td><td[^>]*><code>interviewer</code></td>", html)


def test_a_file_of_russian_excel_is_told_of(supervisor: FlaskClient) -> None:
    status, html = upload(supervisor, "interviewer;label\nerlan;Алия\n".encode("cp1251"))
    assert status == HTTPStatus.OK
    assert "Алия" in html
    assert "Windows-1251" in html


def test_nobody_consents_beforehand(app: Flask) -> None:
    definition = publish_built_in("household_baseline").definition
    with pytest.raises(BadColumn, match="column_consent"):
        column(definition, "a_consent")


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"\xff\xfe\xff", b'"' * 99])
def test_bad_files_get_a_sentence(supervisor: FlaskClient, content: bytes) -> None:
    assert upload(supervisor, content)[0] == HTTPStatus.UNPROCESSABLE_ENTITY


def test_one_visit_by_hand(supervisor: FlaskClient) -> None:
    person = f"user {service.known_user('erlan').id}"
    form = {"interviewer": person, "label": "Абай 12", "region": "75", "due": "2030-09-30"}
    answers = "rooms = 4\nchild[1]/name = Дана"
    assert post(supervisor, PAGE, form | {"answers": answers}).status_code == 303
    (one,) = assignments()
    assert (one.region, one.state) == ("75", Task.OPEN)


def test_what_is_wrong_by_hand_stands_beside_its_field(supervisor: FlaskClient) -> None:
    person = f"user {service.known_user('erlan').id}"
    form = {"interviewer": person, "label": "", "due": "soon", "answers": "rooms = many"}
    answer = post(supervisor, PAGE, form)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    answer = post(supervisor, PAGE, form | {"label": "x", "due": "2001-01-01"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="due-error"' in html
    assert 'id="answers-error"' in html
    for odd in ({"interviewer": "device 1"}, {"region": "9"}, {"label": "a\x00b"}, {"label": "x" * 500}):
        wrong = {"interviewer": person, "label": "x", **odd}
        assert post(supervisor, PAGE, wrong).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert assignments() == []


def test_one_is_withdrawn_and_given_out_again(supervisor: FlaskClient) -> None:
    one = give("Абай 12")
    assert post(supervisor, f"{PAGE}/{one.id}/withdraw").status_code == 303
    assert assignments()[0].state == Task.CANCELLED
    html = supervisor.get(f"{PAGE}?state=cancelled").get_data(as_text=True)
    assert "Абай 12" in html
    assert post(supervisor, f"{PAGE}/{one.id}/open").status_code == 303
    assert assignments()[0].state == Task.OPEN
    post(supervisor, f"{PAGE}/{one.id}/open")
    assert "It has changed since you looked at it" in supervisor.get(PAGE).get_data(as_text=True)


def test_a_supervisor_of_a_region_sees_and_changes_what_is_there_alone(app: Flask) -> None:
    publish()
    make_user("erlan", RoleName.INTERVIEWER)
    here, there, nowhere = give("here", "75"), give("there", "71"), give("nowhere")
    client = local(app, "saule", RoleName.SUPERVISOR, "75")
    html = client.get(PAGE).get_data(as_text=True)
    assert ">here<" in html
    assert ">there<" not in html
    assert ">nowhere<" not in html
    for other in (there, nowhere):
        assert post(client, f"{PAGE}/{other.id}/withdraw").status_code == HTTPStatus.NOT_FOUND
    assert post(client, f"{PAGE}/{here.id}/withdraw").status_code == 303
    assert upload(client, "interviewer;label;region\nerlan;x;71\n")[0] == 422
    assert upload(client, "interviewer;label;region\nerlan;x;75\n")[0] == HTTPStatus.OK
    elsewhere = f"/manage/q/other/assignments/{here.id}/open"
    assert post(client, elsewhere).status_code == HTTPStatus.NOT_FOUND


def test_people_of_other_regions_are_not_offered(app: Flask) -> None:
    publish()
    local(app, "gulnar", RoleName.INTERVIEWER, "71")
    make_user("erlan", RoleName.INTERVIEWER)
    client = local(app, "saule", RoleName.SUPERVISOR, "75")
    html = client.get(PAGE).get_data(as_text=True)
    assert ">erlan</option>" in html
    assert "gulnar" not in html
    assert upload(client, "interviewer;label;region\ngulnar;x;75\n")[0] == 422


def test_the_page_costs_as_many_queries_for_many_as_for_one(supervisor: FlaskClient) -> None:
    give("first")
    supervisor.get(PAGE)
    few = count(supervisor)
    for number in range(30):
        make_user(f"person{number}", RoleName.INTERVIEWER)
        give(f"visit {number}")
    assert count(supervisor) == few


def count(client: FlaskClient) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    assert client.get(PAGE).status_code == HTTPStatus.OK
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_older_ones_are_on_pages_of_their_own(supervisor: FlaskClient) -> None:
    person = Collector("erlan", user_id=service.known_user("erlan").id)
    visits = [Visit(collector=person, label=f"visit {number:03}") for number in range(60)]
    assigning.give_out(QUESTIONNAIRE, visits, None)
    html = supervisor.get(f"{PAGE}?state=open").get_data(as_text=True)
    older = re.search(r'rel="next" href="([^"]+)"', html)
    assert older
    rest = supervisor.get(older[1].replace("&amp;", "&")).get_data(as_text=True)
    assert html.count('class="card') + rest.count('class="card') == 60


def test_the_command_gives_out_and_lists(app: Flask, tmp_path: object) -> None:
    from pathlib import Path

    publish()
    make_user("erlan", RoleName.INTERVIEWER)
    file = Path(str(tmp_path)) / "list.csv"
    file.write_text("interviewer;label;due\nerlan;Абай 12;2030-09-30\n", encoding="utf-8")
    run = app.test_cli_runner().invoke
    checked = run(args=["assignment", "import", QUESTIONNAIRE, str(file), "--check"])
    assert "would be given out  1" in checked.output
    assert run(args=["assignment", "import", QUESTIONNAIRE, str(file)]).exit_code == 0
    listed = run(args=["assignment", "list", QUESTIONNAIRE, "--state", "open"]).output
    assert "erlan  Абай 12" in listed
    number = listed.split()[0]
    assert run(args=["assignment", "withdraw", number]).exit_code == 0
    assert run(args=["assignment", "withdraw", number]).exit_code == 1
    file.write_text("interviewer;label\nnobody;\n", encoding="utf-8")
    refused = run(args=["assignment", "import", QUESTIONNAIRE, str(file)])
    assert refused.exit_code == 1
    assert "row 2, label: This must be filled in" in refused.output
