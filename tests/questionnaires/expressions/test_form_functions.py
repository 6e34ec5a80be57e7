"""What an expression reads of the form itself: the same in JavaRosa and in both evaluators."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from surveyapp.questionnaires import logic, xform
from surveyapp.questionnaires.definition import Table
from surveyapp.questionnaires.javascript import Engine as PhoneEngine
from surveyapp.questionnaires.replay.engine import Engine
from surveyapp.questionnaires.replay.javascript import JavaScriptEngine
from surveyapp.questionnaires.replay.python import PythonEngine
from surveyapp.questionnaires.replay.session import Options, Session
from surveyapp.questionnaires.xform import XFormError
from tests.oracle import NOW, Oracle, require_java
from tests.questionnaires.forms import interview
from tests.questionnaires.javascript.pairs import Pair

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

ATTRIBUTES = FORMS / "attributes.xml"
READ = [
    *(f"/data/@{name}" for name in ("version", "id", "extra", "oc:extra", "plain", "nope")),
    *(f"/data/name/@{name}" for name in ("kind", "num", "num + 1", "kind/x", "kind[1]")),
    *("/data/attribute::version", "/data/child::name", "/data/child::name/attribute::kind", "/@version"),
    *("/data/name/@kind[. = 'person']", "/data/name/@kind[. = 'x']", "boolean(/data/name/@num)"),
    *("string-length(/data/@version)", "/data/shown/@hint", "count(/data/shown/@hint)", "/data/q/@w"),
    *("count(/data/rep/@mark)", "join(' ', /data/rep/x/@att)", "/data/rep[position() = 2]/@mark"),
    *(
        "count(/data/rep[@mark = 'm'])",
        "/data/rep[@mark = 'x']/x/@att",
        "count(/data/rep[x/@att = 't'])",
    ),
    "indexed-repeat(/data/rep/@mark, /data/rep, 2)",
    *(f"instance('list')/root/{path}" for path in ("@lang", "item[name = 'b']/@id", "item/name/@id")),
    *(
        f"instance('list')/root/item[@{test}]/name"
        for test in ("id = 'i1'", "w = 2.5", "w = '2.5'", "w")
    ),
    *(f"instance('list')/root/item[{test}]/name" for test in ("not(@w)", "@w = 1 and @id = 'i0'")),
    *("join(' ', instance('list')/root/item/@id)", "sum(instance('list')/root/item/@w)"),
    *(
        "count(instance('list')/root/item/@w)",
        "instance('list')/@id",
        "count(instance('list')/root/item)",
    ),
    "instance('list')/root/item[@id = concat('i', count(/data/rep))]/name",
    *("instance('study')/ODM/@lang", "instance('study')/ODM/Study/@OID"),
    *(
        "instance('study')/ODM/Study/Site[@name = 'south']",
        "sum(instance('study')/ODM/Study/Site/@beds)",
    ),
    "instance('study')/ODM/Study[@OID = 'S1']/Site[@beds > 10]/@name",
    *("instance('file')/ODM/ClinicalData/@StudyOID", "instance('file')/ODM/@FileOID"),
    "instance('file')/ODM/ClinicalData/Subject[@key = 'b']/Name",
    *(
        {"eval": source, "context": "/data/rep[2]/x"}
        for source in ("@att", "../@mark", "/data/rep/@mark")
    ),
    *({"eval": source, "context": "/data/rep[2]"} for source in ("@mark", "./@mark", "x/@att")),
    *(
        {"eval": source, "context": "/data/name"}
        for source in ("@kind", "current()/@num", "../@version")
    ),
]
ATTRIBUTE_TURNS: list[dict[str, Any]] = [
    {"new_repeat": "/data/rep"},
    {"new_repeat": "/data/rep"},
    {"set": "/data/q", "value": "b"},
    {"set": "/data/rep[2]/x", "value": "m"},
    {"set": "/data/q", "value": "c"},
    {"set": "/data/name", "value": "c"},
    {"delete_repeat": "/data/rep[2]"},
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
        return {name: str(text) for name, text in reply.get("result", {}).items() if name != "type"}
    names = ("value", "relevant", "label", "choices")
    return {
        node["path"]: {name: node.get(name) for name in names if name in node}
        for node in reply["dump"]["nodes"]
        if "/meta" not in node["path"]
    }


def disagreements(
    oracle: Oracle, engine: type[Engine], form: Path, read: list[Any], turns: list[dict[str, Any]]
) -> list[Any]:
    """The steps after which ours and JavaRosa's replies differ, where JavaRosa has one."""
    evals = [each if isinstance(each, dict) else {"eval": each} for each in read]
    looks: list[dict[str, Any]] = [{"dump": True}, *evals]
    steps = [*looks, *(step for turn in turns for step in (turn, *looks))]
    oracle.load(form)
    theirs = [oracle.raw(step) for step in steps]
    replied = zip(steps, replies(form, engine, steps), theirs, strict=True)
    return [
        (step, told(our), told(their))
        for step, our, their in replied
        if their["ok"] and told(our) != told(their)
    ]


@pytest.mark.java
@pytest.mark.parametrize("engine", ENGINES)
def test_texts_and_version_are_javarosas(oracle: Oracle, engine: type[Engine]) -> None:
    assert disagreements(oracle, engine, TEXTS, EVALUATED, TURNS) == []


@pytest.mark.java
@pytest.mark.parametrize("engine", ENGINES)
def test_attributes_are_javarosas(oracle: Oracle, engine: type[Engine]) -> None:
    assert disagreements(oracle, engine, ATTRIBUTES, READ, ATTRIBUTE_TURNS) == []


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


def test_only_attributes_that_are_read_are_kept() -> None:
    read = xform.parse(ATTRIBUTES.read_bytes())
    assert (read.root.attributes, read.attributes_read) == (
        {"id": "attributes", "version": "7.5"},
        ("OID", "age", "att", "id", "kind", "mark", "version", "w"),
    )
    rows = read.instances["list"]
    assert isinstance(rows, Table)
    assert rows.columns == ("name", "label", "@id", "@w")
    assert logic.document(read)["parts"] == ["attributes", "elements"]


def test_a_row_has_no_attributes_among_its_elements() -> None:
    content = ATTRIBUTES.read_bytes().replace(
        b"/data/@version,", b"count(instance('list')/root/item/*),"
    )
    assert b"item/*" in content
    form = xform.parse(content)
    assert interview(form).value("stored") == "6 "
    with PhoneEngine() as engine:
        assert Pair(engine, form).differences() == []


@pytest.mark.parametrize("bind", [b'calculate="1"', b'calculate="concat(., 1)"'])
def test_an_attribute_that_the_form_computes_is_not_read(bind: bytes) -> None:
    added = b'<bind nodeset="/data/name/@kind" ' + bind + b"/></model>"
    content = ATTRIBUTES.read_bytes().replace(b"</model>", added)
    with pytest.raises(XFormError) as caught:
        xform.parse(content)
    assert caught.value.params["details"] == {"feature": "attribute"}
