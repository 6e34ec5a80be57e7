"""`/api/v1/questionnaires`: what may be filled, each version whole; and the API's description."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.questionnaires import xform
from tests.channels.api.conftest import Call
from tests.collecting import QUESTIONNAIRE, compiled, publish

VERSION = f"/questionnaires/{QUESTIONNAIRE}/versions/1"


def test_the_list_names_each_questionnaire_in_its_current_version(call: Call) -> None:
    publish(version="2")
    (offer,) = call("GET", "/questionnaires").get_json()["questionnaires"]
    digest = hashlib.sha256(compiled(version="2").xform).hexdigest()
    assert (offer["id"], offer["version"], offer["hash"]) == (QUESTIONNAIRE, "2", digest)
    assert (offer["languages"], offer["default_language"]) == (["kk", "en"], "kk")
    assert call("GET", offer["url"].removeprefix("/api/v1")).status_code == HTTPStatus.OK


def test_a_closed_questionnaire_is_not_listed_but_its_versions_can_be_had(call: Call) -> None:
    catalogue.close(QUESTIONNAIRE)
    catalogue.retire(QUESTIONNAIRE, "1")
    assert call("GET", "/questionnaires").get_json() == {"questionnaires": []}
    assert call("GET", VERSION).status_code == HTTPStatus.OK


def test_the_definition_has_all_that_is_asked(call: Call) -> None:
    definition = call("GET", VERSION).get_json()
    assert (definition["id"], definition["version"], definition["languages"]) == (
        "visit",
        "1",
        ["kk", "en"],
    )
    names = [each["name"] for each in flat(definition["items"])]
    assert names == [each.name for each in xform.parse(compiled().xform).walk()]
    age = next(each for each in flat(definition["items"]) if each["name"] == "age")
    assert (age["kind"], age["type"], age["path"]) == ("question", "integer", "child/age")
    assert age["constraint"]["source"] == ". >= 0 and . <= 17"
    assert age["constraint"]["tree"]
    assert age["label"] == {"kk": ["Жасы"], "en": ["Age"]}
    assert [choice["name"] for choice in definition["choice_lists"]["region"]] == ["75", "71"]


def flat(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for item in items for each in (item, *flat(item.get("items", [])))]


def test_the_xform_is_served_byte_for_byte_to_who_asks_for_xml(call: Call) -> None:
    response = call("GET", VERSION, headers={"Accept": "application/xml"})
    assert response.mimetype == "application/xml"
    assert response.data == compiled().xform


@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_a_version_is_immutable_and_revalidated_by_its_etag(call: Call, accept: str) -> None:
    first = call("GET", VERSION, headers={"Accept": accept})
    assert first.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert first.vary.as_set() >= {"accept"}
    again = call("GET", VERSION, headers={"Accept": accept, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (HTTPStatus.NOT_MODIFIED, b"")


def test_json_and_xform_have_different_etags(call: Call) -> None:
    etags = {
        call("GET", VERSION, headers={"Accept": f"application/{t}"}).headers["ETag"]
        for t in ("json", "xml")
    }
    assert len(etags) == 2


@pytest.mark.parametrize(
    "path", ["visit/versions/2", "other/versions/1", "visit/versions/%00", "%ED%A0%80/versions/1"]
)
def test_what_was_never_published_is_not_found(call: Call, path: str) -> None:
    response = call("GET", f"/questionnaires/{path}")
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert response.mimetype == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"


def test_a_form_that_is_not_offered_is_not_acceptable(call: Call) -> None:
    response = call("GET", VERSION, headers={"Accept": "image/png"})
    assert response.status_code == HTTPStatus.NOT_ACCEPTABLE


def test_the_description_names_every_address_and_needs_no_token(app: Flask) -> None:
    response = app.test_client().get("/api/v1/openapi.json")
    assert response.headers["Cache-Control"] == "no-store"
    described = response.get_json()
    assert described["openapi"].startswith("3.1")
    assert {
        path: set(operations) & {"get", "post", "patch", "delete"}
        for path, operations in described["paths"].items()
    } == {
        "/api/v1/starts": {"post"},
        "/api/v1/submissions": {"post"},
        "/api/v1/submissions/{submission_id}": {"get"},
        "/api/v1/submissions/{submission_id}/missing": {"get"},
        "/api/v1/submissions/{submission_id}/revisions": {"get"},
        "/api/v1/submissions/{submission_id}/attachments": {"get"},
        "/api/v1/submissions/{submission_id}/attachments/{sha256}": {"get"},
        "/api/v1/questionnaires/{questionnaire_id}/submissions": {"get"},
        "/api/v1/enrolments/redeem": {"post"},
        "/api/v1/inbox": {"get"},
        "/api/v1/uploads": {"post"},
        "/api/v1/uploads/{upload_id}": {"patch", "delete", "post"},
        "/api/v1/questionnaires": {"get"},
        "/api/v1/questionnaires/{questionnaire_id}/versions/{version}": {"get"},
        "/api/v1/questionnaires/{questionnaire_id}/export": {"get"},
        "/api/v1/questionnaires/{questionnaire_id}/export-jobs": {"post"},
        "/api/v1/export-jobs/{job_id}": {"get", "delete"},
        "/api/v1/export-jobs/{job_id}/file": {"get"},
        "/api/v1/exports/{preset_id}": {"get"},
        "/api/v1/odata/{questionnaire_id}/": {"get"},
        "/api/v1/odata/{questionnaire_id}/$metadata": {"get"},
        "/api/v1/odata/{questionnaire_id}/{entity_set}": {"get"},
        "/api/v1/odata/{questionnaire_id}/{entity_set}({key})": {"get"},
        "/api/v1/odata/{questionnaire_id}/{entity_set}/$count": {"get"},
    }
    envelope = described["components"]["schemas"]["Envelope"]
    assert set(envelope["required"]) == {"id", "questionnaire", "version", "language", "answers"}
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_the_description_refers_only_to_what_it_holds(app: Flask) -> None:
    described = app.test_client().get("/api/v1/openapi.json").get_json()
    for reference in references(described):
        target = described
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for inner in value.values() for found in references(inner)]
    return [found for inner in value for found in references(inner)] if isinstance(value, list) else []


def test_there_is_no_foreign_page_for_the_description(app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api-docs")]
    assert rules == ["/api/v1/openapi.json"]
