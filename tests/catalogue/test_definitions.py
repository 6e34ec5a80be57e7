"""A version's definition is kept beside its XForm, so that loading it parses nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.catalogue import definitions
from surveyapp.catalogue.definitions import definition_of, renew_kept_definitions
from surveyapp.catalogue.models import PublishedVersion
from surveyapp.catalogue.service import publish
from surveyapp.extensions import db
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.definition_json import FINGERPRINT
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.catalogue.test_service import workbook

#: of this edition, but not what it wrote
DAMAGED = f'["{FINGERPRINT}",{{"root":{{"items":[{{"_":"Nonsense"}}]}}}}]'


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """The XForms that are parsed from here on."""
    seen: list[bytes] = []
    parse = xform.parse

    def noting(form: bytes, *files: Mapping[str, bytes]) -> Questionnaire:
        seen.append(form)
        return parse(form, *files)

    monkeypatch.setattr(xform, "parse", noting)
    definitions._loaded.cache_clear()
    yield seen
    definitions._loaded.cache_clear()


@pytest.fixture
def version(app: Flask, parsed: list[bytes]) -> PublishedVersion:
    published = publish(compile_workbook(workbook(), "ages.md")).version
    parsed.clear()
    return published


def keep(text: str | None) -> None:
    db.session.execute(update(PublishedVersion).values(definition=text))
    db.session.commit()


def kept() -> str | None:
    return db.session.scalar(select(PublishedVersion.definition))


def test_loading_a_published_version_parses_nothing(
    version: PublishedVersion, parsed: list[bytes]
) -> None:
    assert definition_of(version).id == "ages"
    assert not parsed


@pytest.mark.parametrize("text", [None, '["another edition",{}]', "", "[1", "[]", "7", DAMAGED])
def test_what_another_edition_kept_is_parsed_from_the_xform(
    version: PublishedVersion, parsed: list[bytes], text: str | None
) -> None:
    keep(text)
    assert definition_of(version).id == "ages"
    assert parsed == [version.xform]


def test_a_version_that_cannot_be_read_any_more_leaves_the_others_readable(
    version: PublishedVersion, caplog: pytest.LogCaptureFixture
) -> None:
    other = publish(compile_workbook(workbook().replace(b"ages", b"other"), "other.md")).version.serial
    keep(None)
    db.session.execute(
        update(PublishedVersion).where(PublishedVersion.serial == other).values(xform=b"<no/>")
    )
    db.session.commit()
    renew_kept_definitions()
    kept_of = dict(
        db.session.execute(select(PublishedVersion.questionnaire_id, PublishedVersion.definition)).all()
    )
    assert kept_of["other"] is None
    assert kept_of["ages"]
    assert "other 1 cannot be read" in caplog.text


def test_what_another_edition_kept_is_written_anew(
    version: PublishedVersion, parsed: list[bytes]
) -> None:
    before = kept()
    keep('["another edition",{}]')
    renew_kept_definitions()
    assert kept() == before
    parsed.clear()
    renew_kept_definitions()
    assert not parsed  # nothing was left to do
