"""Everybody tries to get what is not theirs: by page, by API, by OData, by command."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.exports import jobs, presets, service
from surveyapp.exports.jobs import Wanted
from surveyapp.exports.models import ExportJob
from surveyapp.exports.running import run_next
from surveyapp.extensions import db
from surveyapp.people import granting
from surveyapp.people.models import User
from surveyapp.people.rights import Place, RoleName
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.accounts import PASSWORD, browser, make_user, post, sign_in
from tests.channels.api.conftest import Call, caller
from tests.factories import store_submission

ID = "guarded"
#: names and sensitive words that may turn up nowhere
CANARY, WORRY, WORDS = "Жұмбақова7391", "құпия8264", "осылай5512"
_FORM = """
| survey |
| | type | name | label::English (en) | bind::survey:identity | bind::survey:sensitive | bind::survey:breakdown |
| | select_one region | region | Region | | | region |
| | select_one yn | disability | Disability | | yes | disability |
| | select_one yn | ok | All well? | | | |
| | text | family | Family name | yes | | |
| | text | worry | Worry | | yes | |
| | text | words | Words | | | |
| | begin_repeat | child | Child | | | |
| | text | c_name | Name | yes | | |
| | select_one yn | c_hit | Hit? | | yes | |
| | integer | c_age | Age | | | |
| | end_repeat | | | | | |
| choices |
| | list_name | name | label::English (en) |
| | region | north | North |
| | region | south | South |
| | yn | yes | Yes |
| | yn | no | No |
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | guarded | 1 | Guarded | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""
WITHHELD = ["family", "worry", "words", "c_name", "c_hit", "disability"]


@pytest.fixture
def guarded(app: Flask) -> None:
    """Six visits of the north, six of the south; two with a disability."""
    catalogue.publish(compile_workbook(_FORM.encode(), "guarded.md"), demonstration=False)
    for number in range(12):
        region = "north" if number < 6 else "south"
        disability = "yes" if number in {0, 6} else "no"
        store_submission(
            ID,
            {
                "region": region,
                "disability": disability,
                "ok": "yes",
                "worry": WORRY,
                "words": WORDS,
                "child": [{"c_hit": "yes", "c_age": 7}],
            },
            identity={"family": CANARY, "child[1]/c_name": CANARY},
            breakdowns={"region": region, "disability": disability},
            region=region,
        )


@pytest.fixture
def analyst(app: Flask, guarded: None) -> Call:
    """The program of somebody who may export, and nothing more."""
    return caller(app, "reader", RoleName.ANALYST, scope=Scope.EXPORT)


EXPORT = f"/questionnaires/{ID}/export"


def refused(answer: TestResponse, name: str) -> str:
    """What is said of a choice."""
    assert answer.status_code == HTTPStatus.BAD_REQUEST, answer.text
    (told,) = [one["detail"] for one in answer.get_json()["parameters"] if one["name"] == name]
    return str(told)


@pytest.mark.parametrize("name", WITHHELD)
def test_the_api_answers_of_what_is_withheld_as_of_what_is_not_there(analyst: Call, name: str) -> None:
    for choice, value in (
        ("columns", "{}"),
        ("where", "${{{}}} = 'yes'"),
        ("where", "count(${{child}}[{} = 'yes']) = 1"),
        ("where", "/data/{} = 'yes'"),
    ):
        said = refused(analyst("GET", EXPORT, query_string={choice: value.format(name)}), choice)
        other = refused(analyst("GET", EXPORT, query_string={choice: value.format("nobody")}), choice)
        assert said.replace(name, "X") == other.replace("nobody", "X")
        asked = analyst(
            "POST", f"/questionnaires/{ID}/export-jobs", query_string={choice: value.format(name)}
        )
        if choice == "where":  # columns are looked at when it is made
            assert refused(asked, choice) == said


@pytest.mark.parametrize("way", ["group-disability", "group-family", "group-worry", "group-nobody"])
@pytest.mark.parametrize("profile", ["de-identified", "aggregate"])
def test_nobody_is_found_by_a_breakdown_that_is_withheld(analyst: Call, way: str, profile: str) -> None:
    asked = {way: "yes", "profile": profile}
    answer = analyst("GET", EXPORT, query_string=asked, headers={"Accept-Language": "en"})
    assert "no such choice" in refused(answer, way)


def test_a_breakdown_that_is_shown_is_found_by(analyst: Call) -> None:
    answer = analyst("GET", EXPORT, query_string={"group-region": "north", "format": "jsonl"})
    assert len(answer.get_data().splitlines()) == 6


def test_the_command_refuses_the_same(app: Flask, guarded: None, tmp_path: Path) -> None:
    file = str(tmp_path / "x.csv")
    for choice in ("group-disability=yes", "columns=family", "columns=c_hit", "where=${worry} != ''"):
        run = app.test_cli_runner().invoke(args=["export", ID, "--output", file, "--choose", choice])
        assert run.exit_code == 1, choice
        assert CANARY not in run.output and WORRY not in run.output


@pytest.mark.parametrize(
    "query",
    [
        *({"$select": name} for name in WITHHELD),
        *({"$filter": f"{name} eq 'yes'"} for name in (*WITHHELD, "region", "ok")),
        *({"$orderby": name} for name in WITHHELD),
        {"$apply": "groupby((disability))"},
        {"$search": CANARY},
        {"$compute": "family as x"},
        {"$expand": "child"},
        {"$skip": "1"},
    ],
)
def test_odata_neither_shows_nor_compares_nor_sorts_by_what_is_withheld(
    analyst: Call, query: dict[str, str]
) -> None:
    for table in ("submissions", "child"):
        answer = analyst("GET", f"/odata/{ID}/{table}", query_string=query)
        assert answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_IMPLEMENTED}


def test_odata_does_not_even_name_it(analyst: Call) -> None:
    told = "".join(
        analyst("GET", f"/odata/{ID}/{path}").get_data(as_text=True)
        for path in ("", "$metadata", "submissions", "child")
    )
    for name in WITHHELD:
        assert f'"{name}"' not in told
    for word in (CANARY, WORRY, WORDS):
        assert word not in told


def _me(name: str) -> int:
    found = db.session.query(User).filter_by(username=name).one().id
    db.session.rollback()
    return int(found)


def test_what_is_somebody_else_s_is_not_there(app: Flask, analyst: Call) -> None:
    make_user("dana", RoleName.ANALYST)
    job = jobs.ask(Wanted(_me("dana"), ID, {"format": "csv"}))
    assert run_next(Event())
    presets.keep(_me("dana"), ID, "mine", {"format": "csv"}, shared=False)
    preset = presets.listed(_me("dana"), ID)[0].id
    db.session.rollback()
    me = signed_in(app, "aizhan", RoleName.ANALYST)
    page = f"/manage/q/{ID}/export"
    other: list[UUID] = [job, uuid4()]
    for id_ in other:
        assert me.get(f"{page}/files/{id_}").status_code == HTTPStatus.NOT_FOUND
        assert post(me, f"{page}/files/{id_}/cancel").status_code == HTTPStatus.NOT_FOUND
        for path in ("", "/file"):
            answer = analyst("GET", f"/export-jobs/{id_}{path}")
            assert answer.status_code == HTTPStatus.NOT_FOUND
        assert analyst("DELETE", f"/export-jobs/{id_}").status_code == HTTPStatus.NOT_FOUND
    for preset_id in (preset, uuid4()):
        assert post(me, f"{page}/named/{preset_id}/forget").status_code == HTTPStatus.NOT_FOUND
        assert analyst("GET", f"/exports/{preset_id}").status_code == HTTPStatus.NOT_FOUND
    listed = me.get(page).get_data(as_text=True)
    assert str(preset) not in listed
    assert str(job) not in me.get(f"{page}/files").get_data(as_text=True)


def signed_in(app: Flask, name: str, *roles: RoleName) -> FlaskClient:
    make_user(name, *roles)
    client = browser(app)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client, name, PASSWORD)
    return client


NOT_EXPORTING = [
    RoleName.SUPERVISOR,
    RoleName.REVIEWER,
    RoleName.INTERVIEWER,
    RoleName.SAFEGUARDING_OFFICER,
]


@pytest.mark.parametrize("role", NOT_EXPORTING)
def test_who_may_not_export_gets_no_file_by_any_way(app: Flask, guarded: None, role: RoleName) -> None:
    page = signed_in(app, "person", role)
    address = f"/manage/q/{ID}/export"
    assert page.get(address).status_code == HTTPStatus.FORBIDDEN
    for way in ("download", "prepare", "keep"):
        assert post(page, f"{address}/{way}", {"format": "csv"}).status_code == HTTPStatus.FORBIDDEN
    program = caller(app, "program", role, scope=Scope.EXPORT)
    for path in (EXPORT, f"/odata/{ID}/submissions", f"/questionnaires/{ID}/submissions"):
        answer = program("GET", path)
        assert answer.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}, path
        for word in (CANARY, WORRY, WORDS):
            assert word not in answer.get_data(as_text=True)


@pytest.mark.parametrize("form", [{"where": "${family} = 'x'"}, {"where": "${nobody} = 'x'"}])
def test_the_page_says_it_at_the_field_and_keeps_what_was_written(
    app: Flask, guarded: None, form: dict[str, Any]
) -> None:
    page = signed_in(app, "reader", RoleName.ANALYST)
    for way in ("download", "prepare", "keep"):
        answer = post(page, f"/manage/q/{ID}/export/{way}", form | {"format": "csv", "name": "x"})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        html = answer.get_data(as_text=True)
        assert 'id="where-error"' in html
        assert "= &#39;x&#39;" in html


def test_a_page_downloads_what_an_expression_is_true_of(app: Flask, guarded: None) -> None:
    page = signed_in(app, "reader", RoleName.ANALYST)
    form = {"where": "${region} = 'north'", "format": "jsonl"}
    answer = post(page, f"/manage/q/{ID}/export/download", form)
    lines = [json.loads(line) for line in answer.get_data().splitlines()]
    assert {line["answers"]["region"] for line in lines} == {"north"}
    assert len({UUID(line["id"]) for line in lines}) == 6


def test_a_list_cannot_be_cut_by_what_is_sensitive(app: Flask, guarded: None) -> None:
    page = signed_in(app, "reader", RoleName.ANALYST)
    address = f"/manage/q/{ID}/submissions"
    every = page.get(address).get_data(as_text=True)
    some = page.get(f"{address}?group-disability=yes").get_data(as_text=True)
    assert every.count(f"/manage/q/{ID}/s/") == some.count(f"/manage/q/{ID}/s/") > 0


def test_a_page_prepares_what_would_be_read_whole_before_its_first_byte(
    app: Flask, guarded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = signed_in(app, "reader", RoleName.ANALYST)
    address = f"/manage/q/{ID}/export/download"
    form = {"where": "${region} = 'north'", "format": "jsonl"}
    assert post(page, address, form).status_code == HTTPStatus.OK
    monkeypatch.setattr(service, "MOST_READ_FIRST", 11)
    answer = post(page, address, form)
    assert (answer.status_code, answer.location) == (
        HTTPStatus.SEE_OTHER,
        f"/manage/q/{ID}/export/files",
    )
    assert post(page, address, {"format": "jsonl"}).status_code == HTTPStatus.OK
    (job,) = jobs.own(_me("reader"), ID)
    assert run_next(Event())
    db.session.rollback()
    found = page.get(f"/manage/q/{ID}/export/files/{job.id}").get_data().splitlines()
    assert {json.loads(line)["answers"]["region"] for line in found} == {"north"}


WITHHELD_CHOICES = [
    {"columns": "family"},
    {"where": "${worry} = 'x'"},
    {"group-disability": "yes"},
    {"identity": "yes", "reason": "I want to"},
    {"sensitive": "yes", "reason": "I want to"},
    {"profile": "full", "identity": "yes", "reason": "I want to"},
]


@pytest.mark.parametrize("choices", WITHHELD_CHOICES, ids=json.dumps)
def test_somebody_else_s_choices_give_nobody_more_than_they_may(
    app: Flask, analyst: Call, choices: dict[str, str]
) -> None:
    """A steward shares choices that ask for more, or wrote them before somebody guarded the answer."""
    make_user("steward", RoleName.DATA_STEWARD)
    presets.keep(_me("steward"), ID, "mine", choices | {"format": "jsonl"}, shared=True)
    (preset,) = presets.listed(_me("reader"), ID)
    db.session.rollback()
    answer = analyst("GET", f"/exports/{preset.id}")
    assert answer.status_code in {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN}
    for word in (CANARY, WORRY, WORDS):
        assert word not in answer.get_data(as_text=True)
    page = signed_in(app, "aizhan", RoleName.ANALYST)
    for way in ("download", "prepare"):
        answer = post(page, f"/manage/q/{ID}/export/{way}", choices | {"format": "jsonl"})
        refusals = {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN}
        if "columns" in choices and way == "prepare":  # which there are is seen when it is made
            refusals = {HTTPStatus.SEE_OTHER}
            db.session.rollback()
            assert run_next(Event())
            (job,) = jobs.own(_me("aizhan"), ID)
            assert (job.state, job.failure, job.address) == ("failed", "refused", None)
        assert answer.status_code in refusals


def test_choices_of_who_sees_all_show_one_region_to_who_sees_one(app: Flask, guarded: None) -> None:
    make_user("steward", RoleName.DATA_STEWARD)
    presets.keep(_me("steward"), ID, "all", {"format": "jsonl"}, shared=True)
    local = caller(app, "local", RoleName.ANALYST, scope=Scope.EXPORT)
    granting.give("local", RoleName.ANALYST, Place(None, "north"))
    granting.take("local", RoleName.ANALYST, Place(None, None))
    (preset,) = presets.listed(_me("local"), ID)
    db.session.rollback()
    for query in ({}, {"region": "south"}, {"region": "north,south"}):
        answer = local("GET", f"/exports/{preset.id}", query_string=query)
        told = [json.loads(line)["answers"]["region"] for line in answer.get_data().splitlines()]
        assert set(told) <= {"north"}


def test_a_file_is_over_for_every_way_of_asking(app: Flask, analyst: Call) -> None:
    id_ = jobs.ask(Wanted(_me("reader"), ID, {"format": "jsonl"}))
    assert run_next(Event())
    db.session.rollback()
    file = f"/export-jobs/{id_}/file"
    first = analyst("GET", file)
    assert first.status_code == HTTPStatus.OK
    db.session.execute(update(ExportJob).values(expires_at=utc_now()))
    db.session.commit()
    for headers in (
        {},
        {"Range": "bytes=0-9"},
        {"Range": "bytes=10-", "If-Range": first.headers["ETag"]},
        {"If-None-Match": first.headers["ETag"]},
    ):
        assert analyst("GET", file, headers=headers).status_code == HTTPStatus.NOT_FOUND
    page = browser(app)
    sign_in(page, "reader", PASSWORD)
    assert page.get(f"/manage/q/{ID}/export/files/{id_}").status_code == HTTPStatus.NOT_FOUND
    assert str(id_) not in [str(row.id) for row in jobs.news(_me("reader"))]
