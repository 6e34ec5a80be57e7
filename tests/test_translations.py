"""Every string of the interface stands in Kazakh, Russian and English, with the same placeholders."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

TREE = Path(__file__).parent.parent
METHODS = [("surveyapp/**.py", "python"), ("surveyapp/templates/**.html", "jinja2")]
KEYWORDS = {
    "_": None,
    "_l": None,
    "_n": (1, 2),
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}")
#: a Cyrillic word must not hide a Latin look-alike, nor the other way round
MIXED = re.compile(r"[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі][A-Za-z]|[A-Za-z][А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")
#: a suffix glued to a placeholder cannot follow vowel harmony
GLUED = re.compile(r"(?:%\(\w+\)[sd]|\{\w+\})-?[А-Яа-яӘәҒғҚқҢңӨөҰұҮүҺһІі]")
#: “{n}-бала”: an ordinal is written with a hyphen after the digits and does not change with them
GLUED_ALLOWED = re.compile(r"(?:%\(\w+\)[sd]|\{\w+\})-(?:бала|бет)")
LANGUAGES = ("kk", "ru")


@cache
def strings_in_the_code() -> frozenset[str | tuple[str, ...]]:
    """Every msgid that the code and the templates use."""
    found = extract_from_dir(
        str(TREE), METHODS, keywords=KEYWORDS, options_map={"**.html": {"trimmed": "true"}}
    )
    return frozenset(message for _file, _line, message, _comments, _context in found)


@cache
def catalogue(language: str) -> Catalog:
    path = TREE / "translations" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as stream:
        return read_po(stream, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def wordings(message: Message) -> tuple[str, ...]:
    return _forms(message.string)


def sources(message: Message) -> tuple[str, ...]:
    return _forms(message.id)


def _forms(wording: object) -> tuple[str, ...]:
    return tuple(wording) if isinstance(wording, tuple | list) else (str(wording or ""),)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_has_exactly_the_strings_of_the_code(language: str) -> None:
    known = {tuple(m.id) if isinstance(m.id, list | tuple) else m.id for m in messages(language)}
    assert strings_in_the_code() - known == set(), "not in the catalogue: make catalogues"
    assert known - strings_in_the_code() == set(), "no longer used: make catalogues"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_string_is_untranslated_or_fuzzy(language: str) -> None:
    unfinished = [m.id for m in messages(language) if m.fuzzy or not all(wordings(m))]
    assert unfinished == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_source(language: str) -> None:
    wrong = []
    for message in messages(language):
        wanted = set(PLACEHOLDER.findall(sources(message)[-1]))
        if any(set(PLACEHOLDER.findall(wording)) != wanted for wording in wordings(message)):
            wrong.append(message.id)
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_mixes_alphabets(language: str) -> None:
    wrong = [m.id for m in messages(language) if any(MIXED.search(w) for w in wordings(m))]
    assert wrong == []


def test_no_kazakh_suffix_is_glued_to_a_placeholder() -> None:
    wrong = [
        message.id
        for message in messages("kk")
        for wording in wordings(message)
        if GLUED.search(GLUED_ALLOWED.sub("", wording))
    ]
    assert wrong == []


def test_the_code_has_strings_at_all() -> None:
    assert len(strings_in_the_code()) > 100
