"""What an expression reads of the form itself: the same in JavaRosa and in both evaluators."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from surveyapp.questionnaires import logic, xform
from surveyapp.questionnaires.replay.engine import Engine
from surveyapp.questionnaires.replay.javascript import JavaScriptEngine
from surveyapp.questionnaires.replay.python import PythonEngine
from surveyapp.questionnaires.replay.session import Options, Session
from tests.oracle import NOW, Oracle, require_java

FORMS = Path(__file__).parent / "forms"
TEXTS = FORMS / "texts.xml"
ENGINES = (PythonEngine, JavaScriptEngine)
EVALUATED = [
    *(f"jr:itext('{text_id}')" for text_id in ("hello", "named", "more", "only_en", "dash", "formed")),
    *(f"jr:itext('{text_id}')" for text_id in ("empty", "spaces", "nope", "", "nested", "hello ")),
    *(
        f"jr:itext('{text_id}')"
        for text_id in ("hello;short", "hello;image", "hello;long", "hello;SHORT")
    ),
    *(
        f"jr:itext('{text_id}')"
        for text_id in ("formed;guidance", "formed;long", "hello;", "hello;;short")
    ),
    *("jr:itext(concat('l-', 1))", "jr:itext(1)", "jr:itext(true())", "jr:itext(today())"),
    "jr:itext(instance('list')/root/item[name = 'a']/itextId)",
    "jr:itext(instance('list')/root/item[name = 'x']/itextId)",
    "string-length(jr:itext('named'))",
    *("version()", "version() + 1", "version() = 7.5"),
    "count(instance('list')/root/item[version() = '7.5'])",
    "count(/data/name[version() = '7.5'])",
]
TURNS = [
    {"set": "/data/name", "value": "Ann"},
    {"set": "/data/q", "value": "b"},
    {"lang": "French (fr)"},
]


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle(now=NOW) as running:
        yield running


def replies(form: Path, engine: type[Engine], steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What our replay answers to the steps."""
    session = Session(engine, Options(now=NOW, zone=UTC))
    return [session.take(step) for step in ({"load": str(form)}, *steps)][1:]


def told(reply: dict[str, Any]) -> Any:
    """What a reply says of the form: a value, or of every node its value, label and choices."""
    if "dump" not in reply:
        return str(reply.get("result"))
    names = ("value", "relevant", "label", "choices")
    return {
        node["path"]: {name: node.get(name) for name in names if name in node}
        for node in reply["dump"]["nodes"]
        if "/meta" not in node["path"]
    }


@pytest.mark.java
@pytest.mark.parametrize("engine", ENGINES)
def test_texts_and_version_are_javarosas(oracle: Oracle, engine: type[Engine]) -> None:
    looks = [{"dump": True}, *({"eval": source} for source in EVALUATED)]
    steps = [*looks, *(step for turn in TURNS for step in (turn, *looks))]
    oracle.load(TEXTS)
    theirs = [oracle.raw(step) for step in steps]
    ours = replies(TEXTS, engine, steps)
    assert [
        (step, told(our), told(their))
        for step, our, their in zip(steps, ours, theirs, strict=True)
        if told(our) != told(their)
    ] == []


def test_only_a_form_that_reads_them_keeps_its_translations_apart() -> None:
    content = TEXTS.read_bytes()
    read = xform.parse(content)
    assert read.translations["fr"]["more"] == "Ah ${3} B ${1}"
    assert logic.document(read)["parts"] == ["form"]
    for start in (b"'", b"concat(", b"instance("):
        content = content.replace(b"jr:itext(" + start, b"string(" + start)
    unread = xform.parse(content.replace(b"version()", b"'8'"))
    assert (unread.translations, unread.outputs) == ({}, ())
    assert logic.document(unread)["parts"] == []


def test_a_text_with_a_translation_follows_what_is_put_into_it() -> None:
    document = logic.document(xform.parse(TEXTS.read_bytes()))
    names = [each["name"] for each in document["items"]]
    shown = document["items"][names.index("shown")]
    assert [names[index] for index in shown["watches"]] == ["name", "q"]
