"""Pictures, sounds and films beside questions and choices."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.questionnaires.xlsform import compile_workbook
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


@pytest.mark.parametrize(
    "address",
    [
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
