"""Records of one household: found by what the author says names it, and shown together."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.people import granting, service
from surveyapp.people.rights import Place, RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.field_models import Measure
from surveyapp.submissions.measuring import catch_up
from tests.accounts import PASSWORD, browser, post, sign_in
from tests.collecting import envelope, send
from tests.manage.test_pages import counted_queries
from tests.manage.test_records import as_role, text_of

HOMES = "/manage/q/home/households"


def publish(version: str = "1", *, identity: str = "", named: str = "yes") -> None:
    sheet = f"""
| survey |
| | type | name | label::English (en) | bind::survey:household | bind::survey:identity | bind::survey:breakdown |
| | select_one r | region | Region | | | region |
| | text | code | Code | {named} | {identity} | |
| | integer | size | Members | | | |
| choices |
| | list_name | name | label::English (en) |
| | r | 75 | Almaty |
| | r | 71 | Astana |
| settings |
| | form_title | form_id | version | default_language | namespaces |
| | Home | home | {version} | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""
    compiled = compile_workbook(sheet.encode(), "home.md")
    catalogue.publish(compiled, access=Access.STAFF, demonstration=True)


def record(code: str | None, size: int, region: str = "75", **more: Any) -> str:
    given = {"region": region, "code": code, "size": size}
    (result,) = send(envelope(questionnaire="home", language="en", answers=given, **more))
    return f"/manage/q/home/s/{result.id}"


def words(answer: Any) -> str:
    return " ".join(text_of(answer).split())


def test_records_with_one_code_are_shown_together_however_it_was_typed(app: Flask) -> None:
    publish()
    first, _second = record("012-007", 4), record("012 007", 5)
    other, nobody = record("013-001", 4), record(None, 4)
    catch_up()
    client = as_role(app, RoleName.REVIEWER)
    assert "Records: 2" in words(client.get(HOMES))
    page = client.get(first)
    assert "Other records of the same household: 1" in words(page)
    together = words(client.get(f"{first}/household"))
    assert "Members size 1. 4 2. 5" in together
    assert "Region region" not in together
    for alone in (other, nobody):
        assert "Other records" not in words(client.get(alone))
        assert "There is no other record" in words(client.get(f"{alone}/household"))


def test_one_of_them_is_rejected_from_there(app: Flask) -> None:
    publish()
    first, second = record("1", 4), record("1", 5)
    catch_up()
    client = as_role(app, RoleName.REVIEWER)
    assert f'action="{second}/reject"' in client.get(f"{first}/household").get_data(as_text=True)
    post(client, f"{second}/reject", {"revision": "1", "reason": "twice"})
    assert "rejected" in words(client.get(f"{first}/household"))


def test_a_code_that_points_at_a_person_is_matched_and_never_shown(app: Flask) -> None:
    publish(identity="yes")
    first, _second = record("zhumbaq7391", 4), record("Zhumbaq 7391", 5)
    catch_up()
    client = as_role(app, RoleName.DATA_STEWARD)
    for address in (HOMES, first, f"{first}/household"):
        assert "7391" not in text_of(client.get(address))
    assert "Members size 1. 4 2. 5" in words(client.get(f"{first}/household"))
    digests = db.session.scalars(select(Measure.household)).all()
    assert digests[0] == digests[1] is not None
    assert b"7391" not in bytes(digests[0] or b"")


def test_records_of_before_are_reckoned_anew_once_a_version_names_households(app: Flask) -> None:
    publish(named="")
    first, _second = record("7", 4), record("7", 5)
    catch_up()
    client = as_role(app, RoleName.REVIEWER)
    assert "Its author can mark one" in words(client.get(HOMES))
    assert "Other records" not in words(client.get(first))
    publish("2")
    db.session.rollback()
    catch_up()
    assert "Other records of the same household: 1" in words(client.get(first))


def test_a_record_of_another_region_is_not_told_of(app: Flask) -> None:
    publish()
    here, there = record("9", 4), record("9", 5, region="71")
    catch_up()
    service.add_user("dana", [], PASSWORD)
    granting.give("dana", RoleName.REVIEWER, Place(None, "75"))
    client = browser(app)
    sign_in(client, "dana")
    assert there not in client.get(f"{here}/household").get_data(as_text=True)
    assert here not in client.get(HOMES).get_data(as_text=True)
    assert client.get(f"{there}/household").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("address", ["?after=zz", "?after=" + "ff" * 32])
def test_an_address_that_somebody_made_up_is_no_error(app: Flask, address: str) -> None:
    publish()
    assert as_role(app, RoleName.REVIEWER).get(HOMES + address).status_code == HTTPStatus.OK


def test_the_number_of_queries_stays_the_same(app: Flask) -> None:
    publish()
    first = next(iter([record("1", size) for size in (4, 5)]))
    catch_up()
    client = as_role(app, RoleName.REVIEWER)

    def asked(address: str) -> int:
        client.get(address)
        with counted_queries() as queries:
            client.get(address)
        return len(queries)

    few = [asked(HOMES), asked(f"{first}/household")]
    for code in ("1", "2", "3"):
        record(code, 6)
        record(code, 7)
    catch_up()
    assert [asked(HOMES), asked(f"{first}/household")] == few
