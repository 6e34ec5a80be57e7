"""The whole page as it is served: kept for ever, the same for everybody, a form when its modules do not run."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from surveyapp.assets import FOR_EVER, joined_script
from surveyapp.catalogue import service as catalogue
from surveyapp.channels.pages.paging import paging_of
from tests.channels.pages.conftest import Publish
from tests.channels.pages.visitor import Visitor
from tests.channels.pages.workbooks import KINDS, LATE, ONE_BY_ONE, TABLES, TOYS

BUILT_IN = ("family_survey", "adolescent_selfreport", "household_baseline", "site_safety")


def address(client: FlaskClient, questionnaire: str, language: str = "kk") -> str:
    """Address of the current version's whole page, under its mark."""
    version = catalogue.all_editions(questionnaire)[-1].definition.version
    response = client.get(f"/{language}/q/{questionnaire}/{version}/other")
    assert response.status_code == 302
    assert response.headers["Cache-Control"] == "no-store"
    return str(response.headers["Location"])


def html(client: FlaskClient, questionnaire: str, language: str = "kk") -> str:
    return client.get(address(client, questionnaire, language)).get_data(as_text=True)


@pytest.mark.usefixtures("built_in")
def test_it_is_kept_for_ever_and_is_the_same_for_everybody(client: FlaskClient) -> None:
    place = address(client, "family_survey")
    first = client.get(place)
    assert first.headers["Cache-Control"] == FOR_EVER
    assert "Set-Cookie" not in first.headers
    client.post("/kk/q/family_survey", data={"phone": "own"})
    assert client.get(place).data == first.data
    assert client.get(place, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.usefixtures("built_in")
def test_all_languages_have_one_mark_and_name_each_other(client: FlaskClient) -> None:
    places = [address(client, "site_safety", language) for language in ("kk", "ru", "en")]
    assert len({place.rpartition("/")[2] for place in places}) == 1
    for place in places:
        links = re.findall(r'<a href="([^"]+)" lang', client.get(place).get_data(as_text=True))
        assert links == places


@pytest.mark.usefixtures("built_in")
def test_a_version_that_was_never_published_is_not_found(client: FlaskClient) -> None:
    assert client.get("/kk/q/family_survey/1999/other").status_code == 404
    assert client.get("/kk/logic/family_survey/1999/other.json").status_code == 404


@pytest.mark.parametrize("questionnaire", BUILT_IN)
@pytest.mark.usefixtures("built_in")
def test_every_question_of_the_plan_is_there_once(client: FlaskClient, questionnaire: str) -> None:
    definition = catalogue.all_editions(questionnaire)[-1].definition
    planned = [item.path for page in paging_of(definition).pages for item in page.items]
    shown = [
        re.sub(r"\[1\]", "", name)
        for name in re.findall(r'data-q="([^"]+)"', html(client, questionnaire))
    ]
    assert shown == planned


@pytest.mark.usefixtures("built_in")
def test_the_logic_leaves_the_words_to_the_page_and_is_kept_for_ever(client: FlaskClient) -> None:
    page = html(client, "household_baseline")
    place = unescape(re.findall(r'data-logic="([^"]+)"', page)[0])
    response = client.get(place)
    assert response.headers["Cache-Control"] == FOR_EVER
    document = json.loads(response.data)
    texts = {name for item in document["items"] for name in item.get("texts", {})}
    assert "constraint" in texts
    labels = [item["texts"]["label"] for item in document["items"] if "label" in item.get("texts", {})]
    # what an expression fills in is told to the modules
    assert all(isinstance(label["kk"], list) for label in labels)
    assert client.get(f"{place[:-15]}0000000000.json").headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("built_in")
def test_a_long_list_that_depends_on_answers_comes_later(client: FlaskClient) -> None:
    page = html(client, "household_baseline")
    first, later = (
        client.get(unescape(re.findall(rf'data-{name}="([^"]+)"', page)[0])).get_json()
        for name in ("logic", "lists")
    )
    # missing until then, so that no answer of a draft is dropped because nothing offers it
    assert first["instances"]["district"] == {}
    assert "district" not in first["lists"]
    assert list(later["instances"]) == list(later["lists"]) == ["district"]
    assert len(later["instances"]["district"]["cells"][0]) == len(later["lists"]["district"]) > 60
    assert first["instances"]["region"]["cells"]


@pytest.mark.usefixtures("built_in")
def test_without_its_modules_the_first_section_begins_the_stepwise_pages(
    client: FlaskClient, visitor: Visitor
) -> None:
    visitor.open(address(client, "family_survey", "ru")).next(b_consent="agree")
    assert visitor.address == "/ru/q/family_survey/page/2"
    visitor.open("/ru/q/family_survey/page/1")
    assert visitor.fields()["start/b_consent"] == ["agree"]


@pytest.mark.usefixtures("built_in")
def test_what_was_begun_on_stepwise_pages_goes_on_there(client: FlaskClient, visitor: Visitor) -> None:
    visitor.open("/ru/q/family_survey")
    visitor.send(visitor.fields()).next(b_consent="agree").next(b_region="100000000")
    visitor.open(address(client, "family_survey", "ru")).next(b_consent="agree")
    assert visitor.address == "/ru/q/family_survey/page/2"
    assert visitor.fields()["about/b_region"] == ["100000000"]


@pytest.mark.parametrize("workbook", [KINDS, TOYS, LATE, ONE_BY_ONE, TABLES])
def test_every_page_of_the_plan_is_rendered(
    client: FlaskClient, publish: Publish, workbook: str
) -> None:
    questionnaire = publish(workbook)
    plan = paging_of(catalogue.all_editions(questionnaire)[-1].definition).pages
    page = html(client, questionnaire, "en")
    assert [int(n) for n in re.findall(r'data-page="([0-9]+)"', page)] == [each.number for each in plan]


def test_the_first_page_that_asks_is_there_without_modules_though_it_is_in_a_roster(
    client: FlaskClient, publish: Publish, visitor: Visitor
) -> None:
    place = address(client, publish(LATE), "en")
    visitor.open(place)
    shown = visitor.all("//section[contains(@class, 'page')][not(@hidden)]")
    assert [each.get("data-page") for each in shown] == ["2"]
    hidden = [each.get("hidden") is not None for each in shown[0].xpath(".//div[@data-q]")]
    assert hidden == [False]
    visitor.next(toy_name="bear")
    assert visitor.fields()["toy[1]/toy_whose"] == [""]


@pytest.mark.usefixtures("built_in")
def test_the_start_page_leads_there_on_ones_own_phone(visitor: Visitor) -> None:
    visitor.open("/kk/q/family_survey")
    assert visitor.form.get("data-whole", "").startswith("/kk/q/family_survey/")
    # nothing deletes what a phone keeps after a day, and nobody is told so
    visitor.open("/en/q/family_survey")
    assert "until they are sent or deleted here" in visitor.text("//*[@id='phone-hint']")
    visitor.open("/en/privacy")
    assert "until they are sent or deleted on the survey’s first page" in visitor.text("//main")


def test_the_script_has_the_logic_before_the_page() -> None:
    script = joined_script("page")
    assert script is not None
    assert re.findall(r"globalThis\.surveyLogic(.)", script.body) == ["=", ","]
