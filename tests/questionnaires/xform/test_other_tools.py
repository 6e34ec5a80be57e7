"""XForms as other tools and hands write them, read as JavaRosa reads them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import (
    DataType,
    Hidden,
    Metadata,
    Question,
    Questionnaire,
    Roster,
    Section,
    Valued,
)
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.xform import XFormError
from tests.oracle import NOW, Oracle, require_java
from tests.questionnaires.forms import interview, item, plain
from tests.questionnaires.replay import MOMENT

PAGE = """<?xml version="1.0"?>
<html:html xmlns="http://www.w3.org/2002/xforms" xmlns:html="http://www.w3.org/1999/xhtml"
    xmlns:javarosa="http://openrosa.org/javarosa" xmlns:ev="http://www.w3.org/2001/xml-events">
  <html:head><html:title>By others</html:title><model>{model}</model></html:head>
  <html:body>{body}</html:body>
</html:html>"""

WELL = """<group ref="/data/well"><label>Well</label><repeat nodeset="/data/well">{more}
  <input ref="/data/well/depth"><label>Depth</label></input></repeat></group>"""
DEPTH = '<bind nodeset="/data/well/depth" type="int"/>'


def well(instances: str, more: str = "", model: str = "") -> tuple[str, str]:
    """A form with a roster of wells."""
    data = f'<instance><data id="f" version="1"><n>0</n>{instances}</data></instance>'
    return data + DEPTH + '<bind nodeset="/data/n" type="int"/>' + model, WELL.format(more=more)


def single(body: str, model: str = "", content: str = "<n/>") -> tuple[str, str]:
    """A form whose data is `content`."""
    return f'<instance><data id="f" version="1">{content}</data></instance>{model}', body


N = '<input ref="/data/n"><label>N</label></input>'
TEMPLATE = '<well javarosa:template=""><depth>7</depth></well>'
SET_LATER = '<setvalue event="odk-new-repeat" ref="/data/well/depth" value="5"/>'

FORMS: dict[str, tuple[str, str]] = {
    "only a template": well(TEMPLATE),
    "a template and an instance": well(TEMPLATE + "<well><depth>8</depth></well>"),
    "a template and an empty instance": well(TEMPLATE + "<well><depth/></well>"),
    "three instances": well(
        "<well><depth>1</depth></well><well><depth>2</depth></well><well><depth/></well>"
    ),
    "one instance with a text": well("<well><depth>6</depth></well>"),
    "a value for further instances": well(TEMPLATE + "<well><depth>8</depth></well>", SET_LATER),
    "a value for the first instance": well(
        "<well><depth/></well>",
        model='<setvalue event="odk-instance-first-load" ref="/data/well/depth" value="3"/>',
    ),
    "a value for both": well(
        "<well><depth/></well>",
        '<setvalue event="odk-new-repeat odk-instance-first-load" ref="/data/well/depth" value="4"/>',
    ),
    "a count of new instances": well(
        "<well><depth/></well>",
        '<setvalue event="odk-new-repeat" ref="/data/n" value="/data/n + 1"/>',
    ),
    "relative references": single(
        '<group ref="g"><input ref="./n"><label>N</label></input></group>',
        '<bind nodeset="/data/g/n" type="int" relevant="1 = 2"/>',
        "<g><n>3</n></g>",
    ),
    "a relative bind": single(
        '<input ref="n"><label>N</label></input>', '<bind nodeset="n" relevant="1 = 2"/>'
    ),
    "an event with its namespace": single(
        N, '<setvalue ev:event="odk-instance-first-load" ref="/data/n" value="1 + 1"/>'
    ),
    "the event of XForms": single(N, '<setvalue event="xforms-ready" ref="/data/n">ready</setvalue>'),
    "a value by a bind": single(
        N,
        '<bind id="b" nodeset="/data/n"/><setvalue event="odk-instance-first-load" bind="b" value="9"/>',
    ),
    "a value set in a group": single(
        '<group ref="/data/g"><setvalue event="odk-instance-first-load" ref="/data/g/n" value="3"/>'
        '<input ref="n"><label>N</label></input></group>',
        content="<g><n>0</n></g>",
    ),
    "a value set at two events": single(
        '<input ref="/data/n"><label>N</label><setvalue '
        'event="xforms-value-changed odk-instance-first-load" ref="/data/m" value="1 + 1"/></input>',
        content="<n/><m/>",
    ),
    "a bind for nothing": single(N, '<bind nodeset="/data/gone" type="int"/>'),
    "no binds": single(N, content="<n>as it stands</n>"),
}


def form(name: str) -> bytes:
    """A form of the table."""
    model, body = FORMS[name]
    return PAGE.format(model=model, body=body).encode()


def definition(model: str, body: str) -> Questionnaire:
    """The definition of a form."""
    return xform.parse(PAGE.format(model=model, body=body).encode())


def values(filled: Interview) -> dict[str, str]:
    """The relevant values by JavaRosa's path, without `meta`."""
    leaves = filled._leaves("")  # whatever is there, hidden items too
    return {
        leaf.path: "" if leaf.stored is None else str(leaf.stored)
        for leaf in leaves
        if isinstance(leaf.item, Valued) and leaf.relevant
    }


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle(now=NOW) as running:
        yield running


def of_javarosa(oracle: Oracle) -> dict[str, str]:
    """The same of JavaRosa."""
    return {
        node["path"].removeprefix("/data/"): node["value"] or ""
        for node in oracle.dump()["nodes"]
        if node["kind"] == "leaf" and node["relevant"]
    }


@pytest.mark.java
@pytest.mark.parametrize("name", FORMS)
def test_a_form_begins_and_grows_as_in_javarosa(oracle: Oracle, name: str, tmp_path: Path) -> None:
    path = tmp_path / "form.xml"
    path.write_bytes(form(name))
    oracle.load(path)
    filled = interview(xform.parse(form(name)), now=MOMENT)
    assert values(filled) == of_javarosa(oracle)
    if "well" in {each.name for each in filled.questionnaire.root.items}:
        oracle.step({"new_repeat": "/data/well"})
        filled.add_instance("well")
        assert values(filled) == of_javarosa(oracle)


def test_a_form_begins_with_the_instances_that_stand_in_it() -> None:
    filled = interview(xform.parse(form("three instances")))
    assert filled.answers()["well"] == [{"depth": 1}, {"depth": 2}, {"depth": None}]
    filled.add_instance("well")
    assert filled.value("well[4]/depth") is None
    assert interview(xform.parse(form("only a template"))).instances("well") == 0


def test_a_new_instance_may_set_a_value_elsewhere() -> None:
    filled = interview(xform.parse(form("a count of new instances")))
    filled.add_instance("well")
    filled.add_instance("well")
    assert filled.value("n") == 2


def test_relative_references_lead_up_as_well() -> None:
    found = definition(
        '<instance><data id="f"><m/><g><n/></g></data></instance>',
        '<group ref="/data/g"><input ref="../m"><label>M</label></input>'
        '<input ref="current()/n"><label>N</label></input></group>',
    )
    assert isinstance(item(found, "m"), Question)
    assert isinstance(item(found, "g/n"), Question)


def test_a_question_without_a_place_is_refused() -> None:
    with pytest.raises(XFormError) as refusal:
        definition(*single('<input ref="/data/gone"><label>?</label></input>'))
    assert (refusal.value.code, refusal.value.params) == ("unbound", {"path": "gone"})


def test_a_select_without_choices_is_refused() -> None:
    with pytest.raises(XFormError) as refusal:
        definition(*single('<select1 ref="/data/n"><label>N</label></select1>'))
    assert (refusal.value.code, refusal.value.params["path"]) == ("choices", "n")


def test_an_old_form_is_known_by_its_namespace() -> None:
    found = definition('<instance><data xmlns="http://example.org/wells"><n/></data></instance>', N)
    assert found.id == "http://example.org/wells"
    assert isinstance(item(found, "n"), Question)


def test_several_instances_of_any_shape_are_read() -> None:
    found = definition(
        *single(
            N,
            "<instance id='a'><towns><town><name>x</name><mayor><name>Aia</name></mayor></town></towns>"
            "</instance><instance id='b'><root><item><name>1</name><value>one</value></item></root></instance>"
            "<instance id='c'/>"
            "<bind nodeset='/data/n' calculate=\"concat(instance('a')/towns/town[name = 'x']/mayor/name,"
            " instance('b')/root/item[name = 1]/value, count(instance('c')/root/item))\"/>",
        )
    )
    assert interview(found).value("n") == "Aiaone0"


def test_choices_may_stand_at_any_depth_of_an_instance() -> None:
    found = definition(
        *single(
            '<input ref="/data/r"><label>R</label></input><select1 ref="/data/n"><label>N</label><itemset '
            "nodeset=\"instance('a')/regions/region[id = /data/r]/towns/town[open = 'yes']\">"
            '<value ref="id"/><label ref="title"/></itemset></select1>',
            "<instance id='a'><regions>"
            "<region><id>north</id><towns>"
            "<town><id>t1</id><title>One</title><open>yes</open></town>"
            "<town><id>t2</id><title>Two</title><open>no</open></town></towns></region>"
            "<region><id>south</id><towns><town><id>t3</id><title>Three</title><open>yes</open></town>"
            "</towns></region></regions></instance>",
            "<r/><n/>",
        )
    )
    filled = interview(found, {"r": "north", "n": "t3"})
    assert [(each.name, plain(each.label)) for each in filled.choices("n")] == [
        ("t1", {"default": "One"})
    ]
    assert [each.code for each in filled.errors()] == ["choice"]


def test_two_questions_may_take_different_columns_of_a_list() -> None:
    select = (
        '<select1 ref="/data/{0}"><label>?</label><itemset nodeset="instance(\'l\')/root/item">'
        '<value ref="{1}"/><label ref="{2}"/></itemset></select1>'
    )
    found = definition(
        *single(
            select.format("n", "name", "label") + select.format("m", "code", "name"),
            "<instance id='l'><root><item><name>a</name><label>A</label><code>7</code></item></root></instance>"
            "<bind nodeset='/data/c' calculate=\"concat(instance('l')/root/item[code = 7]/name,"
            " jr:choice-name(/data/m, '/data/m'))\"/>",
            "<n/><m/><c/>",
        )
    )
    filled = interview(found, {"m": "7"})
    assert [(each.name, plain(each.label)) for each in filled.choices("n")] == [("a", {"default": "A"})]
    assert [(each.name, plain(each.label)) for each in filled.choices("m")] == [("7", {"default": "a"})]
    assert filled.value("c") == "aa"


def test_choices_may_be_instances_of_a_roster_around_the_question() -> None:
    found = definition(
        '<instance><data id="f"><home><p><name/></p><head/></home></data></instance>',
        '<group ref="/data/home"><label>H</label><repeat nodeset="/data/home">'
        '<group ref="/data/home/p"><label>P</label><repeat nodeset="/data/home/p">'
        '<input ref="/data/home/p/name"><label>Name</label></input></repeat></group>'
        '<select1 ref="/data/home/head"><label>Head</label><itemset nodeset="../p[name != \'\']">'
        '<value ref="name"/><label ref="name"/></itemset></select1></repeat></group>',
    )
    homes = [{"p": [{"name": "Aia"}, {"name": None}]}, {"p": [{"name": "Dana"}]}]
    filled = interview(found, {"home": homes})
    assert [each.name for each in filled.choices("home[1]/head")] == ["Aia"]
    assert [each.name for each in filled.choices("home[2]/head")] == ["Dana"]


def test_texts_have_pictures_sounds_and_films_by_language() -> None:
    found = definition(
        *single(
            '<input ref="/data/n"><label ref="jr:itext(\'q\')"/></input>',
            '<itext><translation lang="kk"><text id="q"><value>Су</value>'
            '<value form="image">jr://images/well-kk.png</value><value form="audio">jr://audio/a.mp3</value>'
            '</text></translation><translation lang="ru"><text id="q"><value>Вода</value>'
            '<value form="image">jr://images/well-ru.png</value>'
            '<value form="big-image">jr://images/big.png</value>'
            '<value form="video">jr://video/v.mp4</value></text></translation></itext>',
        )
    )
    label = item(found, "n").label
    assert plain(label) == {"kk": "Су", "ru": "Вода"}
    assert label.media == {
        "image": {"kk": "well-kk.png", "ru": "well-ru.png"},
        "big-image": {"ru": "big.png"},
        "audio": {"kk": "a.mp3"},
        "video": {"ru": "v.mp4"},
    }


@pytest.mark.parametrize(
    ("control", "bind", "type_"),
    [
        ("<input {}/>", "", DataType.TEXT),
        ("<input {}/>", "xsd:int", DataType.INTEGER),
        ("<input {}/>", "long", DataType.INTEGER),
        ("<input {}/>", "barcode", DataType.BARCODE),
        ("<secret {}/>", "string", DataType.TEXT),
        ("<trigger {}/>", "string", DataType.ACKNOWLEDGE),
        ('<range start="1" end="5" step="1" {}/>', "int", DataType.INTEGER),
        ('<upload mediatype="image/*" {}/>', "binary", DataType.IMAGE),
        ('<upload mediatype="application/pdf" {}/>', "binary", DataType.FILE),
    ],
)
def test_a_question_is_of_the_type_of_its_control_or_bind(
    control: str, bind: str, type_: DataType
) -> None:
    found = definition(
        *single(control.format('ref="/data/n"'), f'<bind nodeset="/data/n" type="{bind}"/>')
    )
    question = item(found, "n")
    assert isinstance(question, Question)
    assert question.type is type_


def test_old_metadata_and_nodes_without_a_control_are_kept() -> None:
    found = definition(
        *single(
            N,
            '<bind nodeset="/data/sim" javarosa:preload="property" javarosa:preloadParams="simserial"/>',
            "<n/><sim/><left>over</left><g><deep/></g>",
        )
    )
    sim = item(found, "sim")
    assert isinstance(sim, Metadata)
    assert (sim.preload, sim.preload_parameter) == ("property", "simserial")
    assert isinstance(item(found, "left"), Hidden)
    assert isinstance(item(found, "g"), Section)
    assert interview(found).answers()["left"] == "over"


def test_a_repeat_without_a_group_around_it_is_a_roster() -> None:
    found = definition(
        '<instance><data id="f"><well><depth/></well></data></instance>',
        '<repeat nodeset="/data/well"><input ref="depth"><label>Depth</label></input></repeat>',
    )
    assert isinstance(item(found, "well"), Roster)
    assert isinstance(item(found, "well/depth"), Question)


def test_the_answers_of_the_last_form_are_empty_here() -> None:
    found = definition(
        *single(
            N,
            "<instance id='__last-saved' src='jr://instance/last-saved'/>"
            "<setvalue event='odk-instance-first-load' ref='/data/n' "
            "value=\"concat('[', instance('__last-saved')/data/n, ']')\"/>",
        )
    )
    assert interview(found).value("n") == "[]"
