"""What Flask-Security says on our pages is said in Kazakh and Russian too."""

from __future__ import annotations

import re
from pathlib import Path

import flask_security
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from flask import Flask

TREE = Path(__file__).parent.parent.parent
PACKAGE = Path(flask_security.__file__).parent / "translations"
CATALOGUES = {
    "kk": TREE / "translations/kk/LC_MESSAGES/flask_security.po",
    "ru": PACKAGE / "ru_RU/LC_MESSAGES/flask_security.po",
}
#: the package's messages that a person can come to see with the features that are switched on
REACHABLE = (
    "INVALID_REDIRECT",
    "PASSWORD_NOT_PROVIDED",
    "RETYPE_PASSWORD_MISMATCH",
    "PASSWORD_INVALID_LENGTH",
    "PASSWORD_TOO_SIMPLE",
    "INVALID_PASSWORD",
    "PASSWORD_IS_THE_SAME",
    "PASSWORD_CHANGE",
    "UNAUTHENTICATED",
    "UNAUTHORIZED",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def catalogue(path: Path, language: str) -> Catalog:
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("name", REACHABLE)
def test_a_message_that_people_see_is_translated(app: Flask, language: str, name: str) -> None:
    message = app.config[f"SECURITY_MSG_{name}"][0]
    found = catalogue(CATALOGUES[language], language).get(message)
    assert found is not None and found.string, message
    assert PLACEHOLDER.findall(str(found.string)) == PLACEHOLDER.findall(message)


def test_the_kazakh_catalogue_has_no_message_that_the_package_dropped() -> None:
    with (PACKAGE / "flask_security.pot").open("rb") as stream:
        known = {message.id for message in read_po(stream)}
    ours = catalogue(CATALOGUES["kk"], "kk")
    assert {message.id for message in ours} - known == set()
    assert all(message.string for message in ours if message.id)
