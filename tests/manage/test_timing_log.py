"""ODK Collect's own log on a record's page: how long each question took, and never what was answered."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

import pytest
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.manage.timing_log import MOST_BYTES, Event, events, told
from surveyapp.people import service
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.verdicts import Sender, Status
from tests.accounts import PASSWORD, post
from tests.collecting import bring, envelope, send
from tests.manage.test_records import as_role, entries, text_of

WORKBOOK = """
| survey |
| | type | name | label::English (en) | bind::survey:identity |
| | audit | audit | | |
| | begin_repeat | child | Child | |
| | text | name | Name of the child | yes |
| | integer | age | Age | |
| | end_repeat | | | |
| | integer | rooms | Rooms | |
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | Timed | timed | 1 | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""
SECRET = "Жұмбақгүл7391"
LOG = f"""event,node,start,end,latitude,longitude,accuracy,old-value,new-value
form start,,1700000000000,
question,/timed/child[1]/name,1700000000000,1700000004500,43.2,76.9,5,,{SECRET}
question,/timed/child[1]/age,1700000004500,1700000006000,43.2,76.9,5,,7
question,/timed/rooms,1700000006000,1700000016000,43.2,76.9,5,,3
jump,,1700000016000,
question,/timed/child[1]/name,1700000016000,1700000017000,43.2,76.9,5,{SECRET},"{SECRET}, the elder"
end screen,,1700000017000,1700000019000
form finalize,,1700000019000,
form exit,,1700000019000,
""".encode()


def sent(content: bytes = LOG) -> str:
    """The address of the page of a record with such a log."""
    compiled = compile_workbook(WORKBOOK.encode(), "timed.md")
    catalogue.publish(compiled, access=Access.STAFF, demonstration=True)
    service.add_user("collector", [RoleName.INTERVIEWER], PASSWORD)
    sender = Sender(user_id=service.known_user("collector").id)
    file = {
        "name": "audit.csv",
        "sha256": bring(content, sender),
        "size": len(content),
        "type": "text/csv",
    }
    given = {"meta": {"audit": "audit.csv"}, "child": [{"name": SECRET, "age": 7}], "rooms": 3}
    one = envelope(questionnaire="timed", answers=given, attachments=[file], language="en")
    (result,) = send(one, sender=sender)
    assert result.status == Status.STORED
    db.session.rollback()
    return f"/manage/q/timed/s/{result.id}"


def test_each_question_is_told_with_its_seconds_and_no_answer(app: Flask) -> None:
    page = sent()
    html = as_role(app, RoleName.ADMINISTRATOR).get(page)
    words = " ".join(text_of(html).split())
    assert "Name of the child child[1]/name 2 5.5" in words
    assert "Age child[1]/age 1 1.5" in words
    assert "Rooms rooms 1 10" in words
    assert words.index("Name of the child child[1]/name 2") < words.index("Rooms rooms 1 10")
    assert "list of questions opened 1" in words and "last screen 1" in words
    assert SECRET not in html.get_data(as_text=True) and "76.9" not in words


def test_the_log_itself_is_only_for_who_may_see_who_is_meant(app: Flask) -> None:
    page = sent()
    sha256 = hashlib.sha256(LOG).hexdigest()
    reviewer = as_role(app, RoleName.REVIEWER)
    assert "Download it for a reason" not in text_of(reviewer.get(page))
    assert reviewer.get(f"{page}/files/{sha256}").status_code == HTTPStatus.NOT_FOUND
    curious = post(reviewer, f"{page}/files/{sha256}", {"reason": "curious"})
    assert curious.status_code == HTTPStatus.NOT_FOUND
    before = entries("submission_opened")
    reviewer.get(page)  # its times are told to everybody who reads, and no answer is
    assert entries("submission_opened") == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"no,log\n1,2\n",
        b"event,node\n",
        LOG[:-40],
        b'event\n"cut',
        b"event\nx\x00y\n",
    ],
)
def test_what_is_no_log_breaks_no_page(app: Flask, content: bytes) -> None:
    page = sent(content)
    assert as_role(app, RoleName.ADMINISTRATOR).get(page).status_code == HTTPStatus.OK


def test_a_log_that_is_too_long_is_not_read(app: Flask) -> None:
    page = sent(LOG + b"question,/timed/rooms,1,2\n" * (MOST_BYTES // 20))
    assert "cannot be read here" in text_of(as_role(app, RoleName.ADMINISTRATOR).get(page))


def test_odd_lines_are_read_as_far_as_they_go() -> None:
    odd = b"event,node,start,end\nquestion,/d/a,5,1\nquestion,/d/a[x],1,2\nquestion,/,a,b\n,/d/a,1,2\n"
    assert list(events(odd)) == [
        Event("question", "a", None),
        Event("question", "", 0.001),
        Event("question", "", None),
    ]


def test_a_line_that_is_no_event_is_counted_and_not_told(app: Flask) -> None:
    broken = LOG.replace(f'"{SECRET}, the elder"'.encode(), f"{SECRET}\n{SECRET},of two lines".encode())
    html = as_role(app, RoleName.ADMINISTRATOR).get(sent(broken))
    assert SECRET not in html.get_data(as_text=True)
    assert "anything else 1" in " ".join(text_of(html).split())


def test_a_question_that_nobody_knows_is_told_by_its_path() -> None:
    definition = xform.parse(compile_workbook(WORKBOOK.encode(), "timed.md").xform)
    found = told(definition, b"event,node,start,end\nquestion,/timed/gone,0,2000\n", "kk")
    assert [(each.path, each.label, each.seconds) for each in found.asked] == [("gone", "gone", 2.0)]
