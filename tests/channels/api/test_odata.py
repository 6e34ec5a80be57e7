"""The OData service, as a client of OData 4.0 and as the letter of the standard see it."""

from __future__ import annotations

import base64
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
import requests
from flask import Flask
from lxml import etree
from odata import ODataService
from requests.adapters import BaseAdapter
from sqlalchemy import event

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.odata import guarding, paging
from surveyapp.extensions import db
from surveyapp.people import tokens
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.accounts import browser, make_user
from tests.channels.api.conftest import Call, caller
from tests.exports import visits
from tests.exports.conftest import CANARY, FIRST, SECOND, WORRY, published, stored
from tests.exports.test_profiles import GROUPED, answers
from tests.factories import store_rows, submission_row

__all__ = ["published", "stored"]
ROOT = f"/odata/{visits.ID}/"


@pytest.fixture
def reading(app: Flask, stored: None) -> Call:
    """An analyst's program; two visits are there."""
    return caller(app, "reader", RoleName.ANALYST, scope=Scope.EXPORT)


def ask(reading: Call, what: str = "submissions", **options: Any) -> dict[str, Any]:
    given = {f"${name}": value for name, value in options.items()}
    answer = reading("GET", ROOT + what, query_string=given)
    assert answer.status_code == HTTPStatus.OK, answer.text
    assert answer.headers["OData-Version"] == "4.0"
    found: dict[str, Any] = answer.get_json()
    return found


def ids(page: dict[str, Any]) -> list[str]:
    return [row["id"] for row in page["value"]]


class _Application(BaseAdapter):
    """Lets `requests` ask the application without a socket."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:
        # what comes packed is unpacked by a real connection only
        headers = {k: v for k, v in request.headers.items() if k.lower() != "accept-encoding"}
        answer = browser(self._app).open(
            request.url, method=request.method, headers=headers, data=request.body
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers.update(dict(answer.headers))
        response.request, response.url = request, str(request.url)
        response._content = answer.get_data()
        return response

    def close(self) -> None:
        return None


def client(app: Flask, token: str) -> Any:
    session = requests.Session()
    session.mount("http://", _Application(app))
    session.auth = ("anything", token)
    address = f"http://localhost/api/v1{ROOT}"
    return ODataService(address, session=session, reflect_entities=True)


def test_a_client_reads_tables_types_and_pages(
    app: Flask, stored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "ROWS", 1)
    make_user("reader", RoleName.ANALYST)
    service = client(app, tokens.create_token("reader", [Scope.EXPORT], label="bi"))
    assert set(service.entities) == {"submissions", "child", "toy"}
    submission, child = service.entities["submissions"], service.entities["child"]
    found = list(service.query(submission))
    assert [row.id for row in found] == [str(FIRST), str(SECOND)]
    assert (found[0].size, found[0].weight) == (3, 3.5)
    assert found[0].received_at.isoformat().startswith("2026-08-3")
    assert [row.submission_id for row in service.query(child)] == [str(FIRST)] * 2


def test_the_service_describes_itself(reading: Call) -> None:
    answer = ask(reading, "")
    assert [one["name"] for one in answer["value"]] == ["submissions", "child", "toy"]
    described = reading("GET", f"{ROOT}$metadata")
    assert described.mimetype == "application/xml"
    edm = "{http://docs.oasis-open.org/odata/ns/edm}"
    tree = etree.fromstring(described.get_data())
    types = {
        one.get("Name"): one.get("Type")
        for one in tree.iterfind(f".//{edm}EntityType[@Name='submissions']/{edm}Property")
    }
    assert types["id"] == "Edm.String"
    assert types["received_at"] == "Edm.DateTimeOffset"
    assert types["born"] == "Edm.Date"
    assert types["place_lat"] == "Edm.Double"
    # each row has just the properties that are described
    assert set(ask(reading)["value"][0]) == set(types)


def test_pages_follow_one_another_and_count_once(reading: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "ROWS", 2)
    store_rows([submission_row(visits.ID, {"child": [{"c_age": n}] * 3}) for n in range(4)])
    for table, number in (("submissions", 6), ("child", 14)):
        page = ask(reading, table, count="true")
        assert page["@odata.count"] == number
        found = ids(page)
        while link := page.get("@odata.nextLink"):
            answer = reading("GET", link.removeprefix("http://localhost/api/v1"))
            page = answer.get_json()
            assert "@odata.count" not in page
            found += ids(page)
        assert len(found) == len(set(found)) == number
        counted = reading("GET", f"{ROOT}{table}/$count")
        assert counted.get_data(as_text=True) == str(number)


def test_top_is_kept_over_pages(reading: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "ROWS", 2)
    store_rows([submission_row(visits.ID, {}) for _number in range(5)])
    page = ask(reading, top=3)
    assert len(page["value"]) == 2
    page = reading("GET", page["@odata.nextLink"].removeprefix("http://localhost/api/v1")).get_json()
    assert len(page["value"]) == 1
    assert "@odata.nextLink" not in page
    assert ask(reading, top=0)["value"] == []


def test_a_row_is_had_by_its_key(reading: Call) -> None:
    for table in ("submissions", "child", "toy"):
        for row in ask(reading, table)["value"]:
            key = row["id"].replace("/", "%2F")
            for text in (f"('{key}')", f"(id='{key}')"):
                given = ask(reading, f"{table}{text}")
                assert given.pop("@odata.context").endswith(f"$metadata#{table}/$entity")
                assert given == row
    assert set(ask(reading, f"submissions('{FIRST}')", select="status")) == {
        *("@odata.context", "id", "status")
    }
    for text in (f"('{UUID(int=0)}')", f"('{FIRST}/child[1]')", f"({FIRST})", "('x''y')", "()"):
        answer = reading("GET", f"{ROOT}submissions{text}")
        assert answer.status_code == HTTPStatus.NOT_FOUND, text
        assert reading("GET", f"{ROOT}nothing{text}").status_code == HTTPStatus.NOT_FOUND


def test_columns_can_be_chosen(reading: Call) -> None:
    page = ask(reading, select="status,size")
    assert list(page["value"][0]) == ["id", "status", "size"]
    assert page["@odata.context"].endswith("$metadata#submissions(id,status,size)")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("received_at ge 2026-09-02T00:00:00Z", [SECOND]),
        ("received_at lt 2026-09-02T05:00:00.1234567+05:00", [FIRST]),
        ("status eq 'stored' and language eq 'ru'", [SECOND]),
        ("not (language eq 'ru') or status eq 'o''clock'", [FIRST]),
        ("finished_at eq null", [SECOND]),
        ("synthetic eq 0", [FIRST]),
        (f"id eq '{FIRST}'", [FIRST]),
        ("status eq 'x'' or 1=1'", []),
    ],
)
def test_rows_can_be_filtered(reading: Call, text: str, found: list[Any]) -> None:
    assert ids(ask(reading, filter=text)) == [str(one) for one in found]


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("filter", "worry eq 'x'", 501),
        ("filter", "nothing eq 'x'", 501),
        ("filter", "size gt 3.5", 501),
        ("filter", "born ge 2019-01-01", 501),
        ("filter", "received_at ge 2019-01-01", 400),
        ("filter", "revision gt 0.5", 400),
        ("filter", "status eq 'a', 'b'", 400),
        ("filter", "contains(status,'a')", 501),
        ("filter", "'a' eq status", 400),
        ("filter", "status eq", 400),
        ("filter", "(" * 50 + "status eq 'a'", 400),
        ("filter", "status eq 'a'; drop table x", 400),
        ("filter", "received_at ge 2026-13-41T00:00:00Z", 400),
        ("filter", "synthetic gt 0", 400),
        ("filter", "status eq 'a\x00'", 400),
        ("select", "nothing", 400),
        ("top", "-1", 400),
        ("skiptoken", "x", 400),
        ("count", "maybe", 400),
        ("orderby", "status", 501),
        ("expand", "child", 501),
    ],
)
def test_what_cannot_be_had_is_told_with_its_option(
    reading: Call, name: str, value: str, status: int
) -> None:
    answer = reading("GET", f"{ROOT}submissions", query_string={f"${name}": value})
    assert answer.status_code == status
    assert answer.get_json()["error"]["target"] == f"${name}"


def test_nobody_is_named_and_nothing_sensitive_is_there(reading: Call) -> None:
    for what in ("$metadata", "submissions", "child", "toy"):
        text = reading("GET", ROOT + what).get_data(as_text=True)
        for secret in (CANARY, WORRY, "worry", "family", "c_name"):
            assert secret not in text, (what, secret)


def test_rows_are_those_of_a_de_identified_export(
    app: Flask, reading: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.publish(compile_workbook(GROUPED.encode(), "grouped.md"), demonstration=False)

    def add(number: int, region: str) -> None:
        breakdowns = {"region": region}
        some = [
            submission_row("grouped", answers(region), breakdowns=breakdowns) for _each in range(number)
        ]
        store_rows(some)

    def rows() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = reading("GET", "/odata/grouped/submissions").get_json()["value"]
        return found

    add(6, "north")
    add(2, "south")
    small = rows()
    assert {(row["region"], row["district"], row["place_lat"]) for row in small} == {(None, None, None)}
    assert {row["code"] for row in small} == {"A-17"}
    assert "words" not in small[0]
    add(5, "south")
    assert rows()[-1]["region"] is None  # groups are counted once in a while
    monkeypatch.setattr(guarding, "KEPT", 0.0)
    assert [row["district"] for row in rows()] == ["n1"] * 6 + ["s1"] * 7


def test_without_a_right_or_a_token_there_is_nothing(app: Flask, reading: Call) -> None:
    collector = caller(app, "erlan", RoleName.INTERVIEWER, scope=Scope.EXPORT)
    for what in ("", "$metadata", "submissions", "submissions/$count", f"submissions('{FIRST}')"):
        assert collector("GET", ROOT + what).status_code == HTTPStatus.FORBIDDEN
        stranger = browser(app).get(f"/api/v1{ROOT}{what}")
        assert stranger.status_code == HTTPStatus.UNAUTHORIZED
        assert "Basic" in ", ".join(stranger.headers.getlist("WWW-Authenticate"))
    wrong = base64.b64encode(b"reader:survey_wrong").decode()
    answer = browser(app).get(f"/api/v1{ROOT}", headers={"Authorization": f"Basic {wrong}"})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


def test_a_page_costs_the_same_number_of_queries_however_many_there_are(reading: Call) -> None:
    def queries() -> int:
        seen: list[str] = []
        listener = lambda *told: seen.append(told[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listener)
        ask(reading)
        event.remove(db.engine, "before_cursor_execute", listener)
        return len(seen)

    queries()  # the first one also looks up what is looked up once
    before = queries()
    store_rows([submission_row(visits.ID, {}) for _number in range(40)])
    assert queries() == before
