"""What XForms of other tools do in JavaRosa, step by step, they do in a replay on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from surveyapp.questionnaires.replay.engine import EngineOf
from surveyapp.questionnaires.replay.javascript import JavaScriptEngine
from surveyapp.questionnaires.replay.python import PythonEngine
from surveyapp.questionnaires.replay.session import Options, Session
from tests.oracle import NOW, Oracle, require_java
from tests.questionnaires.conformance import step_differences

pytestmark = pytest.mark.java

FORM = """<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
        xmlns:jr="http://openrosa.org/javarosa" xmlns:odk="http://www.opendatakit.org/xforms">
  <h:head><h:title>By hand</h:title><model>{itext}
    <instance><data id="by-hand">{nodes}<meta><instanceID/></meta></data></instance>
    {model}
  </model></h:head>
  <h:body>{body}</h:body>
</h:html>
"""
WRITTEN = """
  <item><label>X</label><value>x</value></item>
  <item><label>Y</label><value>y</value></item>
"""
LIST = """
  <instance id="list"><root>
    <item><name>x</name><label>X of a</label><up>a</up></item>
    <item><name>x</name><label>X of b</label><up>b</up></item>
    <item><name>y</name><label>Y</label><up>a</up></item>
  </root></instance>
"""
ITEMSET = """<itemset nodeset="instance('list')/root/item[up = /data/up]">
  <value ref="name"/><label ref="label"/></itemset>"""


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle(now=NOW) as running:
        yield running


class Beside:
    """Forms by hand, taken through JavaRosa and one of our engines."""

    def __init__(self, oracle: Oracle, file: Path, engine_of: EngineOf) -> None:
        self._oracle = oracle
        self._file = file
        self._engine_of = engine_of

    def names(self, path: str, **parts: str) -> list[str]:
        """The names that we offer at a node."""
        self._write(**parts)
        session = Session(self._engine_of, Options(now=NOW))
        try:
            session.take({"load": str(self._file)})
            nodes = session.take({"dump": True})["dump"]["nodes"]
        finally:
            session.close()
        node = next(each for each in nodes if each["path"] == path)
        return [choice["name"] for choice in node["choices"]]

    def _write(self, *, nodes: str, body: str = "", model: str = "", itext: str = "") -> None:
        form = FORM.format(
            nodes=nodes, body=body, model=model, itext=itext and f"<itext>{itext}</itext>"
        )
        self._file.write_text(form, encoding="utf-8")

    def differences(self, *steps: dict[str, Any], **parts: str) -> list[str]:
        """Where they differ after these steps."""
        self._write(**parts)
        return step_differences(self._oracle, self._file, steps, engine_of=self._engine_of)


@pytest.fixture(params=[PythonEngine, JavaScriptEngine], ids=["python", "javascript"])
def beside(oracle: Oracle, tmp_path: Path, request: pytest.FixtureRequest) -> Beside:
    return Beside(oracle, tmp_path / "form.xml", request.param)


def asked(name: str, label: str) -> str:
    return f'<input ref="/data/{name}">{label}</input>'


def bound(name: str, **attributes: str) -> str:
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<bind nodeset="/data/{name}"{said}/>'


# ---------------------------------------------------------------- labels

TRANSLATIONS = """
  <translation lang="English" default="true()">
    <text id="both"><value>Both</value></text>
    <text id="empty"><value></value></text>
    <text id="blank"><value>  </value></text>
    <text id="english"><value>English only</value></text>
    <text id="untold"><value>Told</value></text>
    <text id="media"><value form="image">jr://images/a.png</value></text>
    <text id="long"><value form="long">Long</value><value>Short</value></text>
    <text id="dash"><value>-</value></text>
    <text id="output"><value><output value="/data/nothing"/></value></text>
  </translation>
  <translation lang="Russian">
    <text id="both"><value>Оба</value></text>
    <text id="untold"><value></value></text>
    <text id="long"><value>Короткий</value></text>
  </translation>
"""
TEXTS = ("both", "empty", "blank", "english", "untold", "media", "long", "dash", "output")
PLAIN = ("", "<label></label>", "<label/>", "<label> </label>", "<label> a  b </label>")
RUSSIAN = {"lang": "Russian"}


@pytest.mark.parametrize("steps", [(), (RUSSIAN,)], ids=["English", "Russian"])
def test_an_empty_label_is_told_from_none(beside: Beside, steps: tuple[dict[str, Any], ...]) -> None:
    labels = [f"<label ref=\"jr:itext('{name}')\"/>" for name in TEXTS] + list(PLAIN)
    names = [f"q{number}" for number in range(len(labels))]
    found = beside.differences(
        *steps,
        nodes="<nothing/>" + "".join(f"<{name}/>" for name in names),
        body="".join(map(asked, names, labels)),
        itext=TRANSLATIONS,
    )
    assert found == []


@pytest.mark.parametrize("steps", [(), (RUSSIAN,)], ids=["English", "Russian"])
def test_an_empty_label_of_a_choice_is_told_from_none(
    beside: Beside, steps: tuple[dict[str, Any], ...]
) -> None:
    rows = "".join(f"<item><name>{name}</name><id>{name}</id></item>" for name in (*TEXTS, "none"))
    cells = ("<label>A</label>", "<label></label>", "<label/>", "")
    plain = "".join(f"<item><name>{number}</name>{cell}</item>" for number, cell in enumerate(cells))
    written = [f"<label ref=\"jr:itext('{name}')\"/>" for name in TEXTS] + ["<label></label>"]
    items = "".join(f"<item>{label}<value>{n}</value></item>" for n, label in enumerate(written))
    found = beside.differences(
        *steps,
        nodes="<nothing/><a/><b/><c/>",
        model=f'<instance id="ids"><root>{rows}</root></instance>'
        f'<instance id="plain"><root>{plain}</root></instance>',
        body="""
          <select1 ref="/data/a"><label>A</label><itemset nodeset="instance('ids')/root/item">
            <value ref="name"/><label ref="jr:itext(id)"/></itemset></select1>
          <select1 ref="/data/b"><label>B</label><itemset nodeset="instance('plain')/root/item">
            <value ref="name"/><label ref="label"/></itemset></select1>"""
        f'<select1 ref="/data/c"><label>C</label>{items}</select1>',
        itext=TRANSLATIONS,
    )
    assert found == []


def test_a_message_without_a_constraint_is_none(beside: Beside) -> None:
    found = beside.differences(
        nodes="<a/><b/><c/>",
        model='<bind nodeset="/data/a" jr:constraintMsg="No"/>'
        '<bind nodeset="/data/b" constraint=". = 1" jr:constraintMsg="No"/>'
        """<bind nodeset="/data/c" constraint=". = 1" jr:constraintMsg="jr:itext('empty')"/>""",
        body="".join(asked(name, "<label>Q</label>") for name in "abc"),
        itext=TRANSLATIONS,
    )
    assert found == []


# ---------------------------------------------------------------- true and false

TRUTHS = {"a": "true()", "b": "0", "c": "'0'", "d": "'no'", "e": "''", "f": "number('x')", "g": "2"}


def test_a_boolean_is_what_javarosa_takes_for_true(beside: Beside) -> None:
    sees = "concat(/data/told, '-', /data/given, '-', /data/a, '-', /data/told = 0, '-', /data/told + 1)"
    found = beside.differences(
        *({"set": "/data/told", "value": each} for each in ("1", "true", "yes", "0", "false")),
        {"eval": "/data/told"},
        {"eval": "/data/given"},
        {"eval": "if(/data/given, 'y', 'n')"},
        {"set": "/data/told", "value": "1"},
        {"eval": "string(/data/told)"},
        {"dump": True},
        {"clear": "/data/told"},
        nodes="<told/><given>true</given><one>1</one><sees/>" + "".join(f"<{name}/>" for name in TRUTHS),
        model="".join(bound(name, type="boolean", calculate=each) for name, each in TRUTHS.items())
        + "".join(bound(name, type="boolean") for name in ("told", "given", "one"))
        + bound("sees", type="string", calculate=sees),
        body="".join(asked(name, f"<label>{name}</label>") for name in ("told", "given", "one")),
    )
    assert found == []


@pytest.mark.parametrize("expression", ["/data/n", "/data/t", "/data/d", "/data/g", "/data/no", "."])
def test_a_path_evaluates_to_its_value(beside: Beside, expression: str) -> None:
    found = beside.differences(
        {"eval": expression},
        nodes="<n>3</n><t>x</t><d>2024-01-01</d><g><in/></g>",
        model=bound("n", type="int") + bound("d", type="date"),
    )
    assert found == []


# ---------------------------------------------------------------- choices


def test_a_name_that_is_not_written_within_the_control_is_not_taken(beside: Beside) -> None:
    found = beside.differences(
        {"dump": True},
        {"set": "/data/one", "value": "zz"},
        {"set": "/data/some", "value": "y zz"},
        {"set": "/data/rank", "value": "x zz"},
        {"set": "/data/number", "value": "7"},
        {"dump": True},
        {"set": "/data/some", "value": "zz"},
        nodes="<one>zz</one><some>x zz</some><rank/><number/>",
        model=bound("number", type="int"),
        body=f"""<select1 ref="/data/one"><label>One</label>{WRITTEN}</select1>
          <select ref="/data/some"><label>Some</label>{WRITTEN}</select>
          <odk:rank ref="/data/rank"><label>Rank</label>{WRITTEN}</odk:rank>
          <select1 ref="/data/number"><label>N</label>{WRITTEN}</select1>""",
    )
    assert found == []


def test_a_choice_has_the_name_of_what_is_offered(beside: Beside) -> None:
    found = beside.differences(
        {"set": "/data/up", "value": "b"},
        {"set": "/data/one", "value": "x"},
        {"dump": True},
        {"set": "/data/one", "value": "y"},
        {"dump": True},
        {"set": "/data/up", "value": "a"},
        {"set": "/data/one", "value": "x"},
        nodes="<up/><one/><named/>",
        model=LIST + bound("named", calculate="jr:choice-name(/data/one, '/data/one')"),
        body=asked("up", "<label>Up</label>")
        + f'<select1 ref="/data/one"><label>One</label>{ITEMSET}</select1>',
    )
    assert found == []


def test_a_list_that_is_kept_tells_its_labels_anew(beside: Beside) -> None:
    itext = "".join(
        f'<translation lang="{lang}"><text id="x"><value>{lang} <output value="/data/up"/></value></text>'
        "</translation>"
        for lang in ("English", "Russian")
    )
    found = beside.differences(
        {"dump": True},
        {"set": "/data/up", "value": "b"},
        {"dump": True},
        RUSSIAN,
        nodes="<up/><one/>",
        model="<instance id='ids'><root><item><name>1</name><id>x</id></item></root></instance>",
        body=asked("up", "<label>Up</label>")
        + """<select1 ref="/data/one"><label>One</label><itemset nodeset="instance('ids')/root/item">
          <value ref="name"/><label ref="jr:itext(id)"/></itemset></select1>""",
        itext=itext,
    )
    assert found == []


def test_a_filter_may_ask_for_the_name_of_what_it_filters(beside: Beside) -> None:
    nodeset = "instance('list')/root/item[label != jr:choice-name(/data/one, '/data/one')]"
    ask = f"""<select1 ref="/data/one"><label>One</label><itemset nodeset="{nodeset}">
      <value ref="name"/><label ref="label"/></itemset></select1>"""
    # JavaRosa runs out of memory for this
    assert beside.names("/data/one", nodes="<one/>", model=LIST, body=ask) == ["x", "x", "y"]


# ---------------------------------------------------------------- read-only sections

FOUND = "instance('list')/root/item[up = current()/../../t]"
ROW = "<k/><i><x/></i>"
# two rows from the start: JavaRosa takes what closes a repeat for what makes it relevant when one is added
CLOSED = f"<t/><g><a/><h><b/></h></g><r jr:template=''>{ROW}</r><r>{ROW}</r><r>{ROW}</r>"
CLOSING = (
    bound("g", readonly="/data/t = 1")
    + bound("g/h", readonly=f"../../t = 2 or count({FOUND}) = 2")
    + bound("g/h/b", readonly="/data/t = 3")
    + bound("r", readonly="/data/t = 4")
    + bound("r/i", readonly="../k = 6")
)
CLOSED_ASKED = (
    "".join(asked(path, "<label>Q</label>") for path in ("t", "g/a", "g/h/b"))
    + f"""<group ref="/data/r"><label>R</label><repeat nodeset="/data/r">
      {asked("r/k", "<label>K</label>")}{asked("r/i/x", "<label>X</label>")}</repeat></group>"""
)


@pytest.mark.parametrize("value", ["1", "2", "3", "4", "a", "b"])
def test_what_closes_a_section_closes_what_it_holds(beside: Beside, value: str) -> None:
    found = beside.differences(
        {"set": "/data/t", "value": value},
        {"answer": "/data/g/a", "value": "1"},
        {"answer": "/data/g/h/b", "value": "1"},
        {"set": "/data/r[2]/k", "value": "6"},
        {"dump": True},
        {"answer": "/data/r[2]/i/x", "value": "1"},
        {"clear": "/data/t"},
        nodes=CLOSED,
        model=LIST + CLOSING,
        body=CLOSED_ASKED,
    )
    assert found == []


# ---------------------------------------------------------------- what is set


def sets(name: str, value: str, event: str = "odk-instance-first-load") -> str:
    return f'<setvalue event="{event}" ref="/data/{name}" value="{value}"/>'


def test_a_new_form_sets_one_after_the_other(beside: Beside) -> None:
    found = beside.differences(
        nodes="<a/><b/><c>c</c><d/><e/><q/><calc/><h/>",
        model=bound("calc", calculate="concat('c', /data/a)")
        + sets("b", "concat(/data/a, '+b')")
        + sets("a", "'one'")
        + sets("a", "concat(/data/a, 'two')")
        + sets("c", "concat(/data/c, 'L')", "odk-instance-load")
        + sets("c", "concat(/data/c, 'F')")
        + sets("c", "concat(/data/c, 'R')", "xforms-ready")
        + sets("d", "concat(/data/d, 'm')")
        + sets("h", "concat(/data/a, '/', /data/calc)")
        + sets("e", "concat(/data/e, '1')", "odk-instance-first-load odk-instance-load"),
        body=asked("q", "<label>Q</label>" + sets("d", "concat(/data/d, 'q')")),
    )
    assert found == []


SET_BADLY = [
    ("int", "'x'"),
    ("decimal", "'1 2'"),
    ("date", "2"),
    ("dateTime", "true()"),
    ("time", "'x'"),
]


@pytest.mark.parametrize(("type_", "value"), SET_BADLY)
def test_an_assignment_that_its_item_cannot_hold_stops_a_replay(
    beside: Beside, type_: str, value: str
) -> None:
    given = {"int": "1", "decimal": "1.5", "date": "2024-01-01", "dateTime": "2024-01-01T10:00:00.000Z"}
    found = beside.differences(
        {"set": "/data/go", "value": "1"},
        nodes=f"<go/><to>{given.get(type_, '10:00:00.000Z')}</to><then/>",
        model=bound("to", type=type_),
        body=asked(
            "go",
            "<label>Go</label>"
            + sets("to", value, "xforms-value-changed")
            + sets("then", "'then'", "xforms-value-changed"),
        ),
    )
    assert found == []


def test_an_assignment_to_one_of_several_rows_stops_a_replay(beside: Beside) -> None:
    found = beside.differences(
        {"set": "/data/go", "value": "1"},
        {"new_repeat": "/data/r"},
        {"set": "/data/go", "value": "2"},
        {"set": "/data/other", "value": "x"},
        nodes="<go/><other/><r><a/></r><sees/>",
        model=bound("sees", calculate="concat(/data/go, /data/other)"),
        body=asked("go", "<label>Go</label>" + sets("r/a", "/data/go", "xforms-value-changed"))
        + asked("other", "<label>Other</label>")
        + f"""<group ref="/data/r"><label>R</label><repeat nodeset="/data/r">
          {asked("r/a", "<label>A</label>")}</repeat></group>""",
    )
    assert found == []


# ---------------------------------------------------------------- what is shown


def test_a_place_has_all_its_numbers(beside: Beside) -> None:
    found = beside.differences(
        {"set": "/data/point", "value": "3 4"},
        nodes="<point>1 2</point><trace>1 2;3 4 5</trace>",
        model=bound("point", type="geopoint") + bound("trace", type="geotrace"),
        body=asked("point", "<label>Point</label>"),
    )
    assert found == []


def test_a_row_that_holds_nothing_is_shown_as_a_leaf(beside: Beside) -> None:
    found = beside.differences(
        {"new_repeat": "/data/r"},
        {"dump": True},
        {"new_repeat": "/data/r[2]/in"},
        nodes="<r jr:template=''><in jr:template=''><a/></in></r><r><in><a/></in></r>",
        body=f"""<group ref="/data/r"><label>R</label><repeat nodeset="/data/r">
          <group ref="/data/r/in"><label>In</label><repeat nodeset="/data/r/in">
          {asked("r/in/a", "<label>A</label>")}</repeat></group></repeat></group>""",
    )
    assert found == []
