"""Pictures, sounds and films beside questions and choices."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.assets import FOR_EVER
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.channels.field.keeping import offline
from surveyapp.channels.pages.pictures import light_addresses
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.channels.pages.test_whole import html
from tests.channels.pages.visitor import Visitor
from tests.channels.pages.workbooks import workbook

PNG = b"\x89PNG\r\n\x1a\n and so on"
SHOWN = workbook(
    "shown",
    """| | type | name | label::English (en) | label::Русский (ru) | media::image::English (en) | media::image::Русский (ru) | media::big-image::English (en) | media::audio::English (en) |
| | select_one animal | pet | Which one? | Кто? | pets-en.png | pets-ru.png | large.png | say it.mp3 |
""",
    choices="""| | list_name | name | label::English (en) | label::Русский (ru) | media::image::English (en) |
| | animal | cat | Cat | Кошка | cat.png |
| | animal | dog | Dog | Собака | |
""",
    settings="| settings |\n| | form_id | version | form_title | default_language |\n"
    "| | shown | 1 | Shown | English (en) |\n",
)


@pytest.fixture
def shown(app: Flask, visitor: Visitor) -> Visitor:
    """The question's page in English."""
    files = {
        "pets-en.png": PNG,
        "pets-ru.png": PNG,
        "cat.png": PNG,
        "say it.mp3": b"sound",
        "x.svg": b"<svg/>",
    }
    compiled = compile_workbook(SHOWN.encode(), name="shown.md")
    catalogue.publish(compiled, access=Access.PUBLIC, demonstration=True, files=files)
    return visitor.open("/en/q/shown").next()


def test_a_question_shows_the_files_of_its_language(shown: Visitor) -> None:
    picture = shown.all("//fieldset/a/img[@class='picture']")[0]
    assert picture.get("src") == "/media/shown/pets-en.png?version=1"
    assert picture.get("alt") == ""
    assert picture.getparent().get("href") == "/media/shown/large.png?version=1"
    assert shown.all("//audio")[0].get("src") == "/media/shown/say%20it.mp3?version=1"


def test_a_choice_shows_its_picture(shown: Visitor) -> None:
    pictures = shown.all("//label//img")
    assert [each.get("src") for each in pictures] == ["/media/shown/cat.png?version=1"]


def test_a_picture_of_a_version_is_served_and_kept_by_nobody(
    shown: Visitor, client: FlaskClient
) -> None:
    response = client.get("/media/shown/pets-en.png?version=1")
    assert (response.status_code, response.content_type, response.data) == (200, "image/png", PNG)
    assert response.headers["Cache-Control"] == "no-store"


def test_the_whole_page_names_files_that_are_kept_for_ever_under_their_contents_marks(
    shown: Visitor, client: FlaskClient
) -> None:
    page = html(client, "shown", "en")
    mark = hashlib.sha256(b"sound").hexdigest()[:16]
    place = f"/media/shown/1/{mark}.mp3"
    assert f'src="{place}"' in page
    response = client.get(place)
    assert (response.content_type, response.data) == ("audio/mpeg", b"sound")
    assert response.headers["Cache-Control"] == FOR_EVER
    piece = client.get(place, headers={"Range": "bytes=1-2"})
    assert (piece.status_code, piece.data) == (206, b"ou")
    assert client.get(place, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
    # what its author did not give is named as before
    assert "/media/shown/large.png?version=1" in page


def test_a_phone_that_keeps_the_questionnaire_keeps_its_files(shown: Visitor, app: Flask) -> None:
    edition = catalogue.edition("shown", "1")
    assert edition
    with app.test_request_context():
        files = [each for each in offline(edition).files if each.startswith("/media/")]
    contents = {hashlib.sha256(each).hexdigest()[:16] for each in (PNG, b"sound")}
    assert {each.rpartition("/")[2].partition(".")[0] for each in files} == contents


def test_a_familys_phone_keeps_light_files_before_they_are_seen(shown: Visitor, app: Flask) -> None:
    edition = catalogue.edition("shown", "1")
    assert edition
    with app.test_request_context():
        assert len(light_addresses(edition.version, 1024)) == 4
        [lightest] = light_addresses(edition.version, len(b"sound"))
    assert lightest.endswith(".mp3")


@pytest.mark.parametrize(
    "address",
    [
        "/media/shown/1/0000000000000000.png",
        "/media/shown/2/0000000000000000.png",
        "/media/shown/pets-en.png",
        "/media/shown/pets-en.png?version=2",
        "/media/other/pets-en.png?version=1",
        "/media/shown/gone.png?version=1",
        "/media/shown/x.svg?version=1",
        "/media/shown/..%2Fkeys.json?version=1",
    ],
)
def test_nothing_else_is_served(shown: Visitor, client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404
