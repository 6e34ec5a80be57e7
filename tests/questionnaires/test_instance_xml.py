"""Answers in JSON ↔ the instance's XML: nothing is lost, nothing foreign is dropped, nothing is loaded."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Container, Questionnaire, Roster, Section
from surveyapp.questionnaires.instance_xml import (
    Envelope,
    Foreign,
    Instance,
    InstanceError,
    UnwritableText,
    read_envelope,
    read_instance,
    write_instance,
)
from surveyapp.questionnaires.instance_xml.reading import MAX_BYTES
from tests.oracle import NOW, Oracle, require_java
from tests.questionnaires import tangled
from tests.questionnaires.forms import questionnaire, workbook, xform_of
from tests.questionnaires.random_forms import random_workbook
from tests.questionnaires.strategies import typed_answers

SMALL = questionnaire(
    """
    | type | name | label |
    | text | words | Words |
    | integer | number | Number |
    | begin_group | part | Part |
    | select_multiple l | some | Some |
    | end_group | | |
    | begin_repeat | child | Child |
    | text | name | Name |
    | begin_repeat | toy | Toy |
    | text | what | What |
    | end_repeat | | |
    | end_repeat | | |
    | audit | audit | |
""",
    choices="""
    | list_name | name | label |
    | l | a | A |
    | l | b | B |
""",
)


@cache
def definition(seed: int) -> Questionnaire:
    """A random questionnaire, or the tangled one."""
    if seed == 0:
        return xform.parse(xform_of(workbook(tangled.SURVEY, choices=tangled.CHOICES)))
    return xform.parse(xform_of(random_workbook(seed)))


#: random questionnaires whose triggers pyxform accepts
SEEDS = (0, 1, 2, 4, 6, 7)


def is_writable(answers: Any) -> bool:
    """Whether XML can hold all its texts."""
    if isinstance(answers, dict):
        return all(map(is_writable, answers.values()))
    if isinstance(answers, list):
        return all(map(is_writable, answers))
    return not isinstance(answers, str) or not re.search(
        "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", answers
    )


def told_apart(container: Container, answers: dict[str, Any]) -> dict[str, Any]:
    """Answers as far as XML tells them apart, see the package's docstring."""
    found: dict[str, Any] = {}
    for item in container.items:
        value = answers.get(item.name)
        if isinstance(item, Roster):
            if value:
                found[item.name] = [told_apart(item, row) for row in value]
        elif isinstance(item, Section):
            if value is not None:
                found[item.name] = told_apart(item, value)
        elif item.name in answers:
            found[item.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if value in ("", []):
        return None
    if isinstance(value, dict):
        return _place(value)
    if isinstance(value, list) and isinstance(value[0], dict):
        return [_place(place) for place in value]
    return value


def _place(place: dict[str, Any]) -> dict[str, Any]:
    known = {name: number for name, number in place.items() if number is not None}
    return {"alt": 0.0, **known} if "accuracy" in known else known


@settings(max_examples=60)
@given(st.data(), st.sampled_from(SEEDS))
def test_what_was_written_is_read_again(data: st.DataObject, seed: int) -> None:
    known = definition(seed)
    answers = data.draw(typed_answers(known).filter(is_writable))
    read = read_instance(known, write_instance(known, Instance(answers=answers)))
    assert told_apart(known.root, read.answers) == told_apart(known.root, answers)
    assert read.foreign == ()


@settings(max_examples=60)
@given(st.data(), st.sampled_from(SEEDS))
def test_what_was_read_is_written_again(data: st.DataObject, seed: int) -> None:
    known = definition(seed)
    written = write_instance(
        known, Instance(answers=data.draw(typed_answers(known).filter(is_writable)))
    )
    read = read_instance(known, written)
    assert write_instance(known, read) == written


FULL = b"""<data xmlns:orx="http://openrosa.org/xforms" id="f" version="3" extra="e">
  <words> a &amp; b
</words><number/><stranger kind="x"><deep>1</deep></stranger>
  <part>loose<some>b a</some></part>
  <child><name>Ann</name><toy><what>Ball</what></toy><toy/></child><child><age>3</age></child>
  <orx:meta><orx:instanceID>uuid:1</orx:instanceID><orx:deprecatedID>uuid:0</orx:deprecatedID>
    <audit>audit.csv</audit><entity dataset="trees" id="7" create="1"><label>Oak</label></entity>
    <odd>?</odd></orx:meta>
</data>"""


def test_everything_in_an_instance_is_kept() -> None:
    read = read_instance(SMALL, FULL)
    assert read.answers == {
        "words": " a & b\n",
        "number": None,
        "part": {"some": ["b", "a"]},
        "child": [{"name": "Ann", "toy": [{"what": "Ball"}, {}]}, {}],
        "meta": {"audit": "audit.csv"},
    }
    assert read.envelope == read_envelope(FULL)
    assert (read.envelope.form_id, read.envelope.version) == ("f", "3")
    assert (read.envelope.instance_id, read.envelope.deprecated_id) == ("uuid:1", "uuid:0")
    assert "Oak" in read.envelope.entities[0]
    assert [(each.path, each.name) for each in read.foreign] == [
        ("", "@extra"),
        ("", "stranger"),
        ("part", "#text"),
        ("child[2]", "age"),
        ("meta", "odd"),
    ]


def test_what_is_foreign_comes_back_where_it_was() -> None:
    read = read_instance(SMALL, FULL)
    again = read_instance(SMALL, write_instance(SMALL, read))
    assert again.answers == read.answers
    assert {(each.path, each.name) for each in again.foreign} == {
        (each.path, each.name) for each in read.foreign
    }


def test_what_is_no_value_of_its_type_is_kept_as_it_is() -> None:
    xml = b"<data id='f'><number>many</number></data>"
    read = read_instance(SMALL, xml)
    assert read.answers == {"number": "many"}
    assert b"<number>many</number>" in write_instance(SMALL, read)


def test_a_second_element_of_a_name_is_foreign() -> None:
    read = read_instance(SMALL, b"<data id='f'><words>a</words><words>b</words></data>")
    assert read.answers == {"words": "a"}
    assert read.foreign == (Foreign("", "words", "<words>b</words>"),)


def test_what_is_foreign_where_nothing_was_written_is_an_error() -> None:
    lost = Instance(answers={}, foreign=(Foreign("child[9]", "age", "<age/>"),))
    with pytest.raises(ValueError, match="child"):
        write_instance(SMALL, lost)


@pytest.mark.parametrize("text", ["\x00", "a\x0bb", "\ud83d", "\uffff"])
def test_a_text_that_xml_cannot_hold_is_refused_by_path(text: str) -> None:
    answers = {"child": [{"name": "x"}, {"name": text}]}
    with pytest.raises(UnwritableText) as refusal:
        write_instance(SMALL, Instance(answers=answers))
    assert refusal.value.path == "child[2]/name"


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"", "not_xml"),
        (b"<data", "not_xml"),
        (b"<other/>", "wrong_root"),
        (b"<!DOCTYPE data [<!ENTITY e 'x'>]><data>&e;</data>", "doctype"),
        (b"<!DOCTYPE data SYSTEM 'http://127.0.0.1:1/x.dtd'><data/>", "doctype"),
        (b"<data>" + b"<a>" * 100 + b"</a>" * 100 + b"</data>", "too_deep"),
        (b"<data>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</data>", "too_deep"),
        (b"<data>" + b"<a/>" * 200_001 + b"</data>", "too_many"),
        (b"<data>" + b" " * MAX_BYTES + b"</data>", "too_large"),
    ],
)
def test_dangerous_or_broken_xml_is_refused(xml: bytes, code: str) -> None:
    with pytest.raises(InstanceError) as refusal:
        read_instance(SMALL, xml)
    assert refusal.value.code == code


@settings(max_examples=100)
@given(
    st.binary(max_size=200)
    | st.builds(lambda tail: FULL[: len(FULL) // 2] + tail, st.binary(max_size=50))
)
def test_random_bytes_are_refused_and_never_break_it(xml: bytes) -> None:
    with pytest.raises(InstanceError):
        read_instance(SMALL, xml)


@pytest.mark.java
def test_javarosa_loads_what_was_written_with_the_same_values(tmp_path: Path) -> None:
    require_java()
    source = xform_of(workbook(tangled.SURVEY, choices=tangled.CHOICES))
    form = tmp_path / "tangled.xml"
    form.write_bytes(source)
    answers = {
        "a": 4, "b": 2.5, "day": "2024-02-29", "moment": "2024-03-15T10:00:00+00:00",
        "clock": "06:30:00+00:00", "one": "x", "some": ["p", "q"], "ranked": ["y", "x"],
        "place": {"lat": 43.2, "lon": 76.9, "alt": 700.0, "accuracy": 4.5},
        "words": "қазақ & <б>", "ack": "OK", "photo": "a.jpg",
        "r": [{"v": 7, "s": [{"w": "x"}]}, {"v": 8, "s": []}],
    }  # fmt: skip
    known = xform.parse(source)
    written = write_instance(known, Instance(answers=answers, envelope=Envelope(instance_id="uuid:1")))
    with Oracle(now=NOW) as oracle:
        oracle.load(form, instance=written.decode())
        values = {node["path"]: node.get("value") for node in oracle.dump()["nodes"]}
    expected = {
        "a": "4", "b": "2.5", "day": "2024-02-29", "moment": "2024-03-15T10:00:00.000Z",
        "clock": "06:30:00.000Z", "one": "x", "some": "p q", "ranked": "y x",
        "place": "43.2 76.9 700.0 4.5", "words": "қазақ & <б>", "ack": "OK", "photo": "a.jpg",
        "r[1]/v": "7", "r[1]/s[1]/w": "x", "r[2]/v": "8",
    }  # fmt: skip
    assert {path: values[f"/data/{path}"] for path in expected} == expected
