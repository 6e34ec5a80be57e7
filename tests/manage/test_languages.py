"""The page of the three languages: marked, filtered, counted, taken out."""

from __future__ import annotations

import csv
import io
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.catalogue import service as catalogue
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.accounts import make_user, sign_in
from tests.manage.test_trials import keep
from tests.questionnaires.test_differences import BEFORE

PAGE = "/manage/q/home/languages"


@pytest.fixture
def author(app: Flask, client: FlaskClient) -> FlaskClient:
    """Somebody who may publish; of the questionnaire Russian is missing."""
    assert app
    catalogue.publish(compile_workbook(BEFORE.encode(), "home.md"), demonstration=True)
    make_user("author", RoleName.ADMINISTRATOR)
    sign_in(client, "author")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_each_text_stands_in_its_languages(author: FlaskClient) -> None:
    text = author.get(PAGE).get_data(as_text=True)
    assert "How many rooms?" in text
    assert "Неше бөлме?" in text
    assert 'class="doubtful"' in text


def test_it_is_filtered_by_what_is_suspicious(author: FlaskClient) -> None:
    missing = author.get(f"{PAGE}?show=missing").get_data(as_text=True)
    assert "How many rooms?" in missing
    other = author.get(f"{PAGE}?show=placeholders").get_data(as_text=True)
    assert "How many rooms?" not in other
    assert "Nothing of this kind was found." in other


@pytest.mark.parametrize("query", ["show=x", "start=-1", "start=99999999999999", "start=x", "show=%00"])
def test_odd_questions_show_the_page(author: FlaskClient, query: str) -> None:
    assert author.get(f"{PAGE}?{query}").status_code == HTTPStatus.OK


def test_it_comes_as_a_table(author: FlaskClient) -> None:
    answer = author.get(f"{PAGE}.csv")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert "attachment" in answer.headers["Content-Disposition"]
    assert rows[0][2:5] == ["Қазақша", "Русский", "English"]
    [rooms] = [row for row in rows if row[1] == "home/rooms"]
    assert rooms == ["question or note", "home/rooms", "Неше бөлме?", "", "How many rooms?", "missing"]


def test_the_trial_version_has_its_own(author: FlaskClient) -> None:
    assert author.get("/manage/q/home/trial/languages").status_code == HTTPStatus.NOT_FOUND
    keep(2, ("How many rooms?", "Number of rooms?"))
    text = author.get("/manage/q/home/trial/languages").get_data(as_text=True)
    assert "Number of rooms?" in text
    assert "Number of rooms?" in author.get("/manage/q/home/trial/languages.csv").get_data(as_text=True)
