"""The phone's modules: their weight, what they may not touch, and what joining leaves alone."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from surveyapp.questionnaires import library, logic, xform
from surveyapp.questionnaires.expressions.evaluator import FUNCTION_NAMES
from surveyapp.questionnaires.javascript import LOGIC, PARTS, REPLAY, Engine
from surveyapp.scripts import join_modules
from surveyapp.scripts.joining import kept_words, modules_of, stripped
from surveyapp.scripts.tokens import Role, read
from tests.questionnaires.compiled import built_in

#: bytes of the whole logic, expressions and interview, as served
BUDGET = 12_000
ENTRIES = (LOGIC, REPLAY, *sorted(PARTS.glob("*.js")))
MODULES = sorted(LOGIC.parent.rglob("*.js"))
#: what belongs to a page or a browser; nothing of it is asked what is relevant
PAGE = frozenset(
    {"alert", "document", "fetch", "history", "indexedDB", "localStorage", "location", "navigator"}
    | {"performance", "self", "sessionStorage", "setInterval", "setTimeout", "window", "Intl"}
)


def words(path: Path, *roles: Role) -> set[str]:
    return {
        token.text for token in read(stripped(path.read_text(encoding="utf-8"))) if token.role in roles
    }


def test_the_whole_logic_keeps_to_its_budget() -> None:
    # the way and the level of compression.py
    served = gzip.compress(join_modules(LOGIC).module.encode(), compresslevel=6, mtime=0)
    assert len(served) <= BUDGET


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_touches_no_page(module: Path) -> None:
    assert words(module, Role.VARIABLE) & PAGE == set()


def test_the_logic_runs_where_there_is_neither_page_nor_browser(engine: Engine) -> None:
    assert engine.evaluate("typeof window + typeof document + typeof crypto") == "undefined" * 3


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_module_is_reached_from_an_entry(module: Path) -> None:
    assert module in {path for entry in ENTRIES for path in modules_of(entry)}


@pytest.fixture(scope="module")
def builtins(engine: Engine) -> set[str]:
    """Every property that the language itself has."""
    names = (
        "[globalThis, Array, BigInt, Date, Error, JSON, Map, Math, Number, Object, RegExp, Set, String]"
    )
    script = (
        f"JSON.stringify([...{names}, ...{names}.map((one) => one.prototype ?? {{}}), /x/.exec('x')]"
        ".flatMap((one) => Object.getOwnPropertyNames(one)))"
    )
    return set(json.loads(engine.evaluate(script)))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda path: path.stem)
def test_joining_keeps_the_names_of_the_language(entry: Path, builtins: set[str]) -> None:
    used = {word for path in modules_of(entry) for word in words(path, Role.PROPERTY, Role.BOTH)}
    assert used & builtins - kept_words(entry) - {"constructor"} == set()


def keys(value: Any) -> Iterator[str]:
    """The keys that a document's own format has."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            if name not in {"lists", "instances", "patterns", "texts"}:
                yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_joining_keeps_the_names_of_documents() -> None:
    documents = [logic.document(xform.parse(built_in(each.id).xform)) for each in library.BUILT_IN]
    known = {name for document in documents for name in keys(document)}
    used = {word for path in MODULES for word in words(path, Role.PROPERTY, Role.BOTH)}
    assert known & used - kept_words(LOGIC) == set()


def test_joining_keeps_the_names_of_functions() -> None:
    used = {word for path in MODULES for word in words(path, Role.PROPERTY, Role.BOTH)}
    assert FUNCTION_NAMES & used - kept_words(LOGIC) == set()


def test_every_function_of_the_language_is_computed(engine: Engine) -> None:
    script = "JSON.stringify([...Object.keys(logic.FUNCTIONS), ...Object.keys(logic.FORMS)])"
    assert set(json.loads(engine.evaluate(script))) >= FUNCTION_NAMES


def test_a_document_names_the_parts_that_it_needs() -> None:
    found = {each.id: logic.document(xform.parse(built_in(each.id).xform)) for each in library.BUILT_IN}
    assert [name for name, document in found.items() if document["parts"]] == []


def test_no_module_is_newer_than_old_phones() -> None:
    newer = re.compile(
        r"\.(?:toSorted|toReversed|toSpliced|with|findLast|groupBy|isWellFormed)\(|Temporal|/v\b"
    )
    assert [path.name for path in MODULES if newer.search(path.read_text(encoding="utf-8"))] == []
