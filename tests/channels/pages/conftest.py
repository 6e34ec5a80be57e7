"""The built-in questionnaires, published, and visitors to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.models import Submission
from tests.channels.pages.visitor import Visitor

Publish: TypeAlias = Callable[[str], str]


@pytest.fixture
def built_in(app: Flask, settings: Settings) -> None:
    """The four built-in questionnaires, as in a demonstration."""
    catalogue.publish_built_in(settings)


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    """Somebody with a browser without scripts."""
    return Visitor(client)


@pytest.fixture
def publish(app: Flask) -> Publish:
    """Publishes a small workbook of a test's own, open to everybody; returns its id."""

    def publish_workbook(workbook: str) -> str:
        compiled = compile_workbook(workbook.encode(), name="test.md")
        published = catalogue.publish(compiled, access=Access.PUBLIC, demonstration=True)
        return published.entry.id

    return publish_workbook


def stored(questionnaire: str) -> list[Submission]:
    """The submissions of a questionnaire, oldest first."""
    statement = select(Submission).filter_by(questionnaire=questionnaire).order_by(Submission.serial)
    return list(db.session.scalars(statement))


def answers_by_name(answers: Any) -> dict[str, list[Any]]:
    """Every answer under its question's name, in order, whatever section or roster it stands in."""
    found: dict[str, list[Any]] = {}
    for name, value in answers.items():
        if isinstance(value, dict) and "lat" not in value:
            for inner, values in answers_by_name(value).items():
                found.setdefault(inner, []).extend(values)
        elif isinstance(value, list) and value and isinstance(value[0], dict) and "lat" not in value[0]:
            for row in value:
                for inner, values in answers_by_name(row).items():
                    found.setdefault(inner, []).extend(values)
        else:
            found.setdefault(name, []).append(value)
    return found
