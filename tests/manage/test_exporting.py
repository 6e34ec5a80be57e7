"""The pages of exports: all choices without scripts, prepared files, choices with a name."""

from __future__ import annotations

from http import HTTPStatus
from threading import Event

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.running import run_next
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import CompiledWorkbook
from tests.accounts import make_user, post, sign_in
from tests.manage.rows import CANARY, SITE, publish_site, store
from tests.manage.test_assignments import signed_in

PAGE = f"/manage/q/{SITE}/export"


@pytest.fixture
def steward(client: FlaskClient) -> FlaskClient:
    """A browser of somebody with every right to export; three submissions are there."""
    make_user()
    publish_site()
    store(3, identity_sealed=None)
    sign_in(client)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_the_page_has_every_choice_and_brings_those_of_its_address(steward: FlaskClient) -> None:
    html = steward.get(f"{PAGE}?values=labels&status=accepted").get_data(as_text=True)
    for name in ("format", "package", "received_from", "status", "values", "columns", "separator"):
        assert f'name="{name}"' in html, name
    assert '<option value="labels" selected>' in html
    assert 'name="status" value="accepted" checked' in html


def test_a_download_follows_the_choices(steward: FlaskClient) -> None:
    form = {"format": "csv", "separator": "semicolon", "bom": "yes"}
    answer = post(steward, f"{PAGE}/download", form)
    assert answer.status_code == HTTPStatus.OK
    assert answer.get_data().startswith(b"\xef\xbb\xbfid;")
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(steward: FlaskClient) -> None:
    form = {"format": "csv", "received_from": "soon", "values": "labels"}
    answer = post(steward, f"{PAGE}/download", form)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    html = answer.get_data(as_text=True)
    assert 'id="received_from-error"' in html
    assert '<option value="labels" selected>' in html
    for broken in ({"since": "x"}, {"format": "exe"}, {"identity": "yes"}, {"columns": "nothing"}):
        answer = post(steward, f"{PAGE}/prepare", {"format": "csv"} | broken)
        assert answer.status_code in {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SEE_OTHER}, broken


def test_a_file_is_prepared_told_of_and_fetched_in_parts(app: Flask, steward: FlaskClient) -> None:
    answer = post(steward, f"{PAGE}/prepare", {"format": "csv"})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    waiting = steward.get(f"{PAGE}/files").get_data(as_text=True)
    assert "data-again" in waiting and "Look again" in waiting
    assert run_next(Event())
    assert "A prepared file is ready" in steward.get("/manage").get_data(as_text=True)
    ready = steward.get(f"{PAGE}/files").get_data(as_text=True)
    assert "data-again" not in ready and "Look again" not in ready
    assert "A prepared file is ready" not in steward.get("/manage").get_data(as_text=True)
    link = ready.split(f'href="{PAGE}/files/')[1].split('"')[0]
    whole = steward.get(f"{PAGE}/files/{link}")
    assert whole.get_data().startswith(b"id,")
    assert CANARY.encode() not in whole.get_data()  # a code is a free text
    rest = steward.get(
        f"{PAGE}/files/{link}",
        headers={"Range": "bytes=100-", "If-Range": whole.headers["ETag"]},
    )
    assert rest.status_code == HTTPStatus.PARTIAL_CONTENT
    assert rest.get_data() == whole.get_data()[100:]


def test_a_file_is_over_when_a_newer_version_guards_what_it_tells(steward: FlaskClient) -> None:
    post(steward, f"{PAGE}/prepare", {"format": "csv"})
    assert run_next(Event())
    ready = steward.get(f"{PAGE}/files").get_data(as_text=True)
    link = ready.split(f'href="{PAGE}/files/')[1].split('"')[0]
    former = publish_site()
    version = former.version.version
    xform = former.version.xform.replace(
        f'version="{version}"'.encode(), f'version="{version}x"'.encode()
    )
    asked = b'nodeset="/data/site/k_children"'
    assert xform.count(asked) == 1
    guarded = xform.replace(asked, asked + b' survey:sensitive="yes"')
    newer = CompiledWorkbook(SITE, f"{version}x", guarded, b"", ())
    catalogue.publish(newer, demonstration=True)
    over = steward.get(f"{PAGE}/files").get_data(as_text=True)
    assert "a newer version of this questionnaire keeps back what it tells" in over
    assert f'href="{PAGE}/files/' not in over
    assert steward.get(f"{PAGE}/files/{link}").status_code == HTTPStatus.NOT_FOUND


def test_what_waits_can_be_cancelled(steward: FlaskClient) -> None:
    post(steward, f"{PAGE}/prepare", {"format": "csv"})
    page = steward.get(f"{PAGE}/files").get_data(as_text=True)
    address = page.split('<form method="post" action="')[1:]
    unfinished = page.split(f'action="{PAGE}/files/')[1].split("/")[0]
    assert steward.get(f"{PAGE}/files/{unfinished}").status_code == HTTPStatus.NOT_FOUND
    cancel = next(one.split('"')[0] for one in address if one.split('"')[0].endswith("/cancel"))
    assert post(steward, cancel).status_code == HTTPStatus.SEE_OTHER
    assert not run_next(Event())


def test_choices_get_a_name_and_an_address(steward: FlaskClient) -> None:
    form = {"format": "csv", "values": "labels", "name": "For the report", "shared": "y"}
    assert post(steward, f"{PAGE}/keep", form).status_code == HTTPStatus.SEE_OTHER
    html = steward.get(PAGE).get_data(as_text=True)
    assert "For the report" in html
    assert "/api/v1/exports/" in html
    assert post(steward, f"{PAGE}/keep", form | {"name": ""}).status_code == 422
    named = form | {"profile": "full", "identity": "yes", "reason": "call them"}
    answer = post(steward, f"{PAGE}/keep", named)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "cannot be kept under a name" in answer.get_data(as_text=True)


@pytest.mark.parametrize("way", ["download", "prepare"])
def test_for_a_full_export_a_second_person_is_asked_whichever_button(
    app: Flask, steward: FlaskClient, way: str
) -> None:
    form = {"format": "jsonl", "profile": "full", "identity": "yes", "reason": "call them"}
    answer = post(steward, f"{PAGE}/{way}", form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/manage/full-exports")
    assert "call them" in steward.get("/manage/full-exports").get_data(as_text=True)
    assert not run_next(Event())


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"profile": "full"}, "reason"),
        ({"identity": "yes", "reason": "call them"}, "profile"),
        ({"profile": "aggregate", "format": "jsonl"}, "format"),
    ],
)
def test_how_much_is_told_of_people_must_fit_the_rest(
    steward: FlaskClient, form: dict[str, str], field: str
) -> None:
    answer = post(steward, f"{PAGE}/download", {"format": "csv"} | form)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'id="{field}-error"' in answer.get_data(as_text=True)


def test_the_page_says_that_small_groups_lose_their_breakdowns(steward: FlaskClient) -> None:
    for page in (PAGE, f"/manage/q/{SITE}"):
        assert "as in a demonstration" in steward.get(page).get_data(as_text=True)


def test_everything_is_offered_only_to_whom_it_may_be_given(app: Flask) -> None:
    publish_site()
    make_user("erlan", RoleName.ANALYST)
    analyst = signed_in(app, "erlan")
    html = analyst.get(f"{PAGE}?profile=full").get_data(as_text=True)
    assert '<option value="de-identified" selected>' in html
    assert '<option value="full"' not in html
    full = {"format": "csv", "profile": "full", "reason": "curious"}
    assert post(analyst, f"{PAGE}/download", full).status_code == HTTPStatus.FORBIDDEN
