"""Nothing that somebody of one region is shown depends on what there is in another one.

Not a row, and not a count, a column, a histogram, a name of who collected, or whether something is there:
everything that can be asked for is asked for twice, before and after the other region has any records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.catalogue import service as catalogue
from surveyapp.exports import reporting
from surveyapp.exports.formats import FORMATS
from surveyapp.exports.running import run_next
from surveyapp.extensions import db
from surveyapp.people import granting
from surveyapp.people.models import User
from surveyapp.people.rights import Place, RoleName
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import measuring
from tests.accounts import PASSWORD, browser, make_user, post, sign_in
from tests.channels.api.conftest import Call, caller
from tests.exports.visits import unzipped
from tests.factories import store_submission

ID = "divided"
_FORM = """
| survey |
| | type | name | label::English (en) | bind::survey:breakdown | bind::survey:releasable |
| | select_one region | region | Region | region | |
| | select_one area | area | Area | area | |
| | integer | size | How many? | | |
| | text | kind | Kind | | yes |
| | date | day | Day | | |
| | geopoint | place | Place | | |
| | select_multiple area | seen | Seen | | |
| | begin_repeat | child | Child | | |
| | integer | c_age | Age | | |
| | end_repeat | | | | |
| choices |
| | list_name | name | label::English (en) |
| | region | north | North |
| | region | south | South |
| | area | rural | Rural |
| | area | urban | Urban |
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | divided | {version} | Divided | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""


@pytest.fixture
def divided(app: Flask) -> int:
    """Two versions, and a dozen records of the north; who collects in the south, by number."""
    make_user("head", RoleName.ADMINISTRATOR)
    for version in ("1", "2"):
        form = compile_workbook(_FORM.format(version=version).encode(), f"{ID}.md")
        catalogue.publish(form, demonstration=False)
    _store("north", 12, make_user_id("northern"))
    return make_user_id("southern")


def make_user_id(name: str) -> int:
    """An account that collects, by its number."""
    make_user(name, RoleName.INTERVIEWER)
    found = db.session.query(User).filter_by(username=name).one().id
    db.session.rollback()
    return int(found)


def _store(region: str, count: int, sender: int, **facts: Any) -> None:
    for number in range(count):
        area = "rural" if number % 2 else "urban"
        store_submission(
            ID,
            {
                "region": region,
                "area": area,
                "size": number if region == "north" else 77_123 + number,
                "kind": "usual" if region == "north" else "Жұмбақова7391",
                "day": "2026-08-01" if region == "north" else "1911-11-11",
                "place": {"lat": 43.0 if region == "north" else 11.1, "lon": 70.0},
                "seen": ["rural"] if region == "north" else ["urban"],
                "child": [{"c_age": 7}] * (2 if region == "north" else 9),
            },
            breakdowns={"region": region, "area": area},
            region=region,
            sender_id=sender,
            received_at=datetime(2026, 9, 1, 6, tzinfo=UTC),
            **facts,
        )


#: differs from one page to the next whatever there is
_MOVING = re.compile(
    r'(?:name="csrf_token"[^>]*?value|content|nonce|value)="[^"]{30,}"|nonce-[\w+/=-]+'
    r'|"sha256": "[0-9a-f]{64}"|"cursor": "[^"]*"'
    r"|\d{4}-\d\d-\d\dT[\d:.+Z-]*|\d\d:\d\d(?::\d\d)?"
)


def _plain(content: bytes) -> Any:
    if content[:2] == b"PK":
        files = unzipped(content)
        return {name: _plain(each) for name, each in files.items() if "core.xml" not in name}
    text = content.decode("utf-8", "replace")
    return _MOVING.sub("…", text)


def everything(app: Flask, page: FlaskClient, calls: Sequence[Call]) -> Iterator[tuple[str, Any]]:
    """Whatever can be asked for of the questionnaire, and what is answered."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        path = str(rule)
        if rule.arguments == {"questionnaire_id"} and "GET" in (rule.methods or ()):
            here = path.replace("<questionnaire_id>", ID)
            if path.endswith("/export/files"):  # tells of what was prepared in between
                continue
            if path.startswith("/manage"):
                yield path, page.get(here)
            elif path.startswith("/api/v1/"):
                for number, call in enumerate(calls):
                    yield f"{number} {path}", call("GET", here.removeprefix("/api/v1"))
    yield from _exports(app, page)
    for number, call in enumerate(calls):
        for path in ("submissions", "child", "submissions/$count", "child/$count", "$metadata"):
            yield f"{number} {path}", call("GET", f"/odata/{ID}/{path}")
        for query in ({"region": "south"}, {"group-region": "south"}, {"collector": "1"}):
            answer = call("GET", f"/questionnaires/{ID}/export", query_string=query)
            yield f"{number} {query}", answer


def _exports(app: Flask, page: FlaskClient) -> Iterator[tuple[str, Any]]:
    for name, format_ in FORMATS.items():
        if format_.media:
            continue
        for more in ({}, {"rosters": "flat"}, {"profile": "aggregate"}, {"where": "${size} > 3"}):
            if more and name not in {"csv", "xlsx"}:
                continue
            form = {"format": name, "package": "yes", **more}
            if format_.streams:
                yield f"{form}", post(page, f"/manage/q/{ID}/export/download", form)
            else:
                yield f"{form}", _prepared(page, form)


def _prepared(page: FlaskClient, form: dict[str, str]) -> Any:
    answer = post(page, f"/manage/q/{ID}/export/prepare", form)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        return answer
    assert run_next(Event())
    db.session.rollback()
    listed = page.get(f"/manage/q/{ID}/export/files").get_data(as_text=True)
    latest = listed.split(f'href="/manage/q/{ID}/export/files/')[1].split('"')[0]
    return page.get(f"/manage/q/{ID}/export/files/{latest}")


def answered(app: Flask, page: FlaskClient, calls: Sequence[Call]) -> dict[str, Any]:
    """What is asked for → what came, but for what differs each time."""
    reporting.catch_up()
    measuring.catch_up()
    asked = everything(app, page, calls)
    return {path: (answer.status_code, _plain(answer.get_data())) for path, answer in asked}


#: supervisors may nothing that administrators may not, and analysts nothing that data stewards may not
ROLES = [RoleName.ADMINISTRATOR, RoleName.REVIEWER, RoleName.DATA_STEWARD]


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_one_region_depends_on_another(app: Flask, divided: int, role: RoleName) -> None:
    make_user("local", role)
    calls = [
        caller(app, f"program-{scope}", role, scope=scope) for scope in (Scope.SUBMIT, Scope.EXPORT)
    ]
    for name in ("local", f"program-{Scope.SUBMIT}", f"program-{Scope.EXPORT}"):
        granting.give(name, role, Place(None, "north"))
        granting.take(name, role, Place(None, None))
    page = browser(app)
    page.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(page, "local", PASSWORD)
    before = answered(app, page, calls)
    _store("south", 17, divided, app="canary", language="ru", channel="field", version="2")
    after = answered(app, page, calls)
    assert {path: after[path] for path in after if before[path] != after[path]} == {}
    assert sum(status == HTTPStatus.OK for status, _told in before.values()) > 3
