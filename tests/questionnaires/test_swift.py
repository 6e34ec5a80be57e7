"""The short way and the general way say the same, of whatever the short way says something of."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from time import process_time
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires import swift, xform
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    Container,
    Disclosure,
    Expression,
    Item,
    Question,
    Questionnaire,
    Roster,
    Section,
)
from surveyapp.questionnaires.dependencies import DependencyCycle, dependencies_of
from surveyapp.questionnaires.expressions import parse
from surveyapp.questionnaires.instance_xml import (
    Envelope,
    Instance,
    InstanceError,
    OpenedInstance,
    write_instance,
)
from surveyapp.questionnaires.judge import Judgement, by_interview, judge
from surveyapp.questionnaires.partition import changed
from surveyapp.questionnaires.schema import Checked, Limits, check_types
from surveyapp.questionnaires.swift.reading import MOMENTS
from surveyapp.questionnaires.values import to_text
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.performance import household
from tests.performance.household import Household
from tests.questionnaires.definitions import IDS, definition
from tests.questionnaires.strategies import NOW, typed_answers

LIMITS = Limits(text_length=2000, roster_instances=10)
MANY = settings(max_examples=100, deadline=None)
SOME = settings(max_examples=20, deadline=None)
ID = "uuid:6f1c1d9e-52a5-4a11-8c3a-3b1d7f3f0e01"

#: each kind of item that has no rule but plain ones
SMALL = """
| survey |
| | type | name | label | relevant | required | constraint |
| | start | start | | | | |
| | integer | a | A | | yes | . >= 0 |
| | text | b | B | ${a} > 3 | | regex(., '^[a-z]*$') |
| | select_one yn | c | C | | | |
| | select_multiple yn | m | M | ${c} = 'yes' | yes | |
| | date | d | D | | | . <= today() |
| | note | n | N | | | |
| | begin group | g | G | ${a} != 5 | | |
| | decimal | e | E | | | . < 10 |
| | time | t | T | | | |
| | begin repeat | k | K | selected(${m}, 'yes') | | |
| | integer | k1 | K1 | | yes | . < ${a} |
| | begin group | h | H | ${k1} > 2 | | |
| | text | k2 | K2 | ${k1} > 1 and ${c} = 'no' | ${k1} = 4 | . != ${b} |
| | geopoint | k3 | K3 | | | |
| | end group | | | | | |
| | dateTime | k4 | K4 | | | |
| | end repeat | | | | | |
| | image | i | I | | | |
| | end group | | | | | |
| | acknowledge | z | Z | | | |
| choices |
| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
"""


@cache
def small() -> Questionnaire:
    return xform.parse(compile_workbook(SMALL.encode(), "small.md").xform)


@cache
def large() -> Questionnaire:
    return xform.parse(household.compiled().xform)


FORMS: dict[str, Callable[[], Questionnaire]] = {
    "small": small,
    "household": large,
    **{each: (lambda each=each: definition(each)) for each in IDS},  # type: ignore[misc]
}
PLAIN = ("small", "household")


def by_general_way(form: Questionnaire, xml: bytes) -> tuple[Answers, str | None] | None:
    """Checked answers and instance id; None: anything but plain right answers."""
    try:
        opened = OpenedInstance(xml)
        instance = opened.read(form)
    except InstanceError:
        return None
    answers = changed(form, instance.answers, lambda item: item.type in MOMENTS, spelt)
    checked = check_types(form, answers, LIMITS)
    head = opened.envelope
    is_plain = not (checked.errors or checked.foreign or instance.foreign or head.entities)
    return (checked.answers, head.instance_id) if is_plain and not head.deprecated_id else None


def spelt(item: Any, value: Any) -> Any:
    try:
        return to_text(item.type, value) if value is not None else None
    except ValueError:
        return value


def assert_read_alike(form: Questionnaire, xml: bytes, *, must_be_read: bool) -> None:
    try:
        read = swift.instance_reader(form, LIMITS).read(swift.elements_of(xml))
    except swift.Unusual:
        assert not must_be_read
        return
    found = by_general_way(form, xml)
    assert found is not None, "the general way finds it odd"
    assert (read.answers, read.instance_id) == found
    assert ordered(read.answers) == ordered(found[0])


def ordered(value: Any) -> Any:
    """With the order of names, and `1` told from `1.0`."""
    if isinstance(value, dict):
        return [(name, ordered(inner)) for name, inner in value.items()]
    return [ordered(inner) for inner in value] if isinstance(value, list) else repr(value)


def written(form: Questionnaire, answers: Answers) -> bytes:
    envelope = Envelope(form_id=form.id, version=form.version, instance_id=ID)
    return write_instance(form, Instance(answers=answers, envelope=envelope))


# --- reading ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
@SOME
@given(st.data())
def test_an_instance_is_read_alike(name: str, data: st.DataObject) -> None:
    form = FORMS[name]()
    try:
        xml = written(form, data.draw(typed_answers(form)))
    except ValueError:  # a text that XML cannot hold
        assume(False)
    assert_read_alike(form, xml, must_be_read=False)


def test_records_of_the_household_survey_are_plain() -> None:
    made = Household(large(), 1)
    for _n in range(50):
        assert_read_alike(large(), made.xml(), must_be_read=True)


PIECES = st.sampled_from(
    [
        *(
            "<",
            ">",
            "/",
            "&",
            "&amp;",
            "&#65;",
            "<!-- x -->",
            "<?p?>",
            "]]>",
            "<![CDATA[x]]>",
            " ",
            "\n",
        ),
        *("\t", "\r", "\0", "\x1f", "\x85", "\xa0", "é", "e\u0301", "\u2028", "\ufffe", "١", "<a>1</a>"),
        *(
            "<a/>",
            "<a />",
            "<a x='1'/>",
            '<a xmlns=""/>',
            "<b>x</b>",
            "</data>",
            "<k/>",
            "<k><k1>1</k1></k>",
        ),
        *('<orx:meta xmlns:orx="http://openrosa.org/xforms"/>', "<meta/>", "<orx:meta/>", "<n>x</n>"),
        *("<n/>", "<g/>", "<c>yes </c>", "<m>yes yes</m>", "<e>1e5</e>", "<e>+1</e>", "<a>01</a>"),
        *("<d>2026-02-30</d>", "<d>0001-01-01</d>", "<deprecatedID>x</deprecatedID>", "<instanceName/>"),
        *(
            ' x="1"',
            ' id="other"',
            ' xmlns="http://elsewhere.example/"',
            "<!DOCTYPE data>",
            "\u0300" * 40,
        ),
        *(
            "<k3>1 2</k3>",
            "<k3>91 2 3 4</k3>",
            "<k3>1 2 3 4 5</k3>",
            "<t>10:00</t>",
            "<e>9999999999999999</e>",
        ),
    ]
)
SEEDS = (
    '<?xml version=\'1.0\' ?><data id="small" version="1" xmlns:orx="http://openrosa.org/xforms">'
    "<start>2026-05-04T09:10:11.123+05:00</start><a>3</a><b>x ы</b><c>yes</c><m>yes no</m>"
    "<d>2026-01-02</d><g><e>1.5</e><t>10:00:00.000+05:00</t><k><k1>1</k1><h><k2/><k3>1 2 3 4</k3></h></k>"
    "<k><k1>2</k1></k><i>a.jpg</i></g><z>OK</z>"
    f"<orx:meta><orx:instanceID>{ID}</orx:instanceID></orx:meta></data>",
    f"<data id='small'>\n  <a>7</a>\n  <g>\n    <k/>\n  </g>\n <meta><instanceID>{ID}</instanceID></meta>\n</data>\n",
    f'<data id="small" version="1"><a>7</a><meta>\n<instanceID> {ID} </instanceID>\n</meta>\n</data>\n',
)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """An instance's XML with something put in, taken out or doubled somewhere."""
    text = draw(st.sampled_from(SEEDS))
    for _n in range(draw(st.integers(0, 3))):
        place, length = draw(st.integers(0, len(text))), draw(st.sampled_from([0, 0, 0, 1, 2, 7]))
        text = text[:place] + draw(PIECES) + text[place + length :]
    encoding = draw(st.sampled_from(["utf-8"] * 8 + ["utf-16", "utf-8-sig"]))
    return text.encode(encoding, "surrogatepass")


@settings(max_examples=1500, deadline=None)
@given(spoilt())
@example(SEEDS[0].encode() + b"\xc2\xa0")
@example(SEEDS[0].replace("<a>3</a>", "<a>\xa03</a>").encode())
def test_unusual_xml_is_left_or_read_alike(xml: bytes) -> None:
    assert_read_alike(small(), xml, must_be_read=False)


#: a record that begins with a group
GROUPED = """
| survey |
| | type | name | label |
| | begin group | g | G |
| | integer | a | A |
| | end group | | |
| | begin repeat | k | K |
| | text | b | B |
| | end repeat | | |
"""


@pytest.mark.parametrize(
    "inner",
    [
        "<g><a>1</a></g><k><b>x</b></k><k><b/></k>",
        "\n <g>\n  <a>1</a>\n </g>\n <k>\n  <b>x</b>\n </k>\n <k/>\n <k />\n",
        " <g/> ",
        "<g> </g>",
        "",
    ],
)
def test_containers_are_read_however_they_are_laid_out(inner: str) -> None:
    form = xform.parse(compile_workbook(GROUPED.encode(), "grouped.md").xform)
    head, end = (
        f'<data id="grouped" version="{form.version}">',
        f"<meta><instanceID>{ID}</instanceID></meta>",
    )
    assert_read_alike(form, f"{head}{inner}{end}</data>".encode(), must_be_read=True)
    assert_read_alike(form, f"{head}{end}{inner}</data>".encode(), must_be_read=True)


@pytest.mark.parametrize("xml", [SEEDS[0], SEEDS[2]])
def test_usual_xml_is_read(xml: str) -> None:
    assert_read_alike(small(), xml.encode(), must_be_read=True)


# --- judging ----------------------------------------------------------------------------------------


def assert_judged_alike(form: Questionnaire, answers: Answers) -> None:
    checked = check_types(form, answers, LIMITS)
    assume(not checked.errors)
    general = by_interview(form, checked, now=NOW, language="kk", limits=LIMITS)
    assert judge(form, answers, now=NOW, language="kk", limits=LIMITS) == general


@pytest.mark.parametrize("name", PLAIN)
@MANY
@given(st.data())
def test_the_rules_of_a_plain_form_are_judged_alike(name: str, data: st.DataObject) -> None:
    form = FORMS[name]()
    assert swift.plain_rules(form) is not None
    assert_judged_alike(form, data.draw(typed_answers(form)))


ROOT_PATHS = (
    "/data/a",
    "/data/b",
    "/data/c",
    "/data/m",
    "/data/d",
    "/data/g/e",
    "/data/g/t",
    "/data/start",
)
ROW_PATHS = ("/data/g/k/k1", "/data/g/k/h/k2", "/data/g/k/h/k3", "/data/g/k/k4")
LITERALS = ("0", "1", "3.5", "-2", "'yes'", "'no'", "''", "'2026-01-02'", "true()", "today()")


def expressions(paths: tuple[str, ...]) -> st.SearchStrategy[str]:
    leaf = st.sampled_from((*paths, *LITERALS))
    return st.recursive(leaf, _grown, max_leaves=6)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(
        ("and", "or", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod")
    )
    two = st.sampled_from(
        ("selected", "contains", "starts-with", "ends-with", "coalesce", "selected-at")
    )
    one = st.sampled_from(
        ("not", "boolean", "number", "string", "string-length", "count-selected", "int")
    )
    return st.one_of(
        st.builds(lambda left, each, right: f"({left} {each} {right})", inner, operators, inner),
        st.builds(lambda name, left, right: f"{name}({left}, {right})", two, inner, inner),
        st.builds(lambda name, each: f"{name}({each})", one, inner),
        st.builds(lambda c, left, right: f"if({c}, {left}, {right})", inner, inner, inner),
        st.builds(lambda each: f"regex({each}, '^[0-9a-z]*$')", inner),
        st.builds(lambda each: f"-({each})", inner),
    )


AT_ROOT, AT_ROW = expressions((*ROOT_PATHS, "../a", "../c")), expressions((*ROOT_PATHS, *ROW_PATHS))


@st.composite
def other_rules(draw: st.DrawFn) -> Questionnaire:
    """The small form with other expressions in the places of its own, or where it has none."""
    chance = st.integers(0, 3).map(lambda n: n == 0)

    def expression(item: Item, within: tuple[Item, ...]) -> Expression | None:
        in_row = any(isinstance(each, Roster) for each in within)
        text = draw(AT_ROW if in_row else AT_ROOT) if draw(chance) else None
        return Expression(text, parse(text)) if text else None

    def changed_item(item: Item, within: tuple[Item, ...]) -> Item:
        more: dict[str, Any] = {"relevant": expression(item, within)}
        if isinstance(item, Section | Roster):
            more["items"] = tuple(changed_items(item, (*within, item)))
        elif isinstance(item, Question):
            more |= {name: expression(item, within) for name in ("required", "constraint")}
            condition = expression(item, within)
            more["disclosure"] = Disclosure(condition, "red") if condition else None
        return replace(item, **more)

    def changed_items(container: Container, within: tuple[Item, ...]) -> Iterator[Item]:
        return (changed_item(item, within) for item in container.items)

    form = small()
    return replace(form, root=replace(form.root, items=tuple(changed_items(form.root, ()))))


@MANY
@given(st.data())
def test_whatever_plain_rules_there_are_they_are_judged_alike(data: st.DataObject) -> None:
    form = data.draw(other_rules())
    try:
        dependencies_of(form).order()
    except DependencyCycle:  # no such form is published
        assume(False)
    assume(swift.plain_rules(form) is not None)
    for _n in range(3):
        assert_judged_alike(form, data.draw(typed_answers(form)))


@pytest.mark.parametrize(
    "expression",
    ["count(/data/g/k)", "sum(/data/g/k/k1)", "/data/g/k[1]/k1 = 1", "position(..)", "random() > 0.5"],
)
def test_a_rule_that_looks_around_is_left_to_the_general_way(expression: str) -> None:
    form = small()
    rule = Expression(expression, parse(expression))
    first = replace(form.root.items[1], relevant=rule)
    items = (form.root.items[0], first, *form.root.items[2:])
    assert swift.plain_rules(replace(form, root=replace(form.root, items=items))) is None


def test_a_judgement_leaves_nothing_to_the_garbage_collector() -> None:
    found = by_general_way(large(), Household(large(), 3).xml())
    assert found is not None
    checked = Checked(found[0], {})
    judge(large(), checked, now=NOW, language="kk", limits=LIMITS)
    for _ in range(20):  # what earlier tests left may leave something in its turn
        if not gc.collect():
            break
    gc.disable()
    try:
        judge(large(), checked, now=NOW, language="kk", limits=LIMITS)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_judgement_of_checked_answers_is_the_same() -> None:
    made = Household(large(), 2)
    for _n in range(20):
        xml = made.xml()
        found = by_general_way(large(), xml)
        assert found is not None
        checked = Checked(found[0], {})
        one = judge(large(), checked, now=NOW, language="kk", limits=LIMITS)
        other: Judgement = judge(large(), found[0], now=NOW, language="kk", limits=LIMITS)
        assert one == other


@pytest.mark.parametrize("filling", [" ", "<", "<a", "<a>", "<a> ", "</", " <k>", "x"])
def test_no_xml_takes_long(filling: str) -> None:
    head = '<data id="small" version="1">'
    xml = (head + filling * (swift.elements.MAX_BYTES // len(filling) - len(head)) + "x").encode()
    start = process_time()
    assert_read_alike(small(), xml, must_be_read=False)
    assert process_time() - start < 1
