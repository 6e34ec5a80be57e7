"""XForms that pyxform did not write: what the specification allows beside."""

from __future__ import annotations

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Calculation, Question, Roster, Section
from tests.questionnaires.forms import interview, item, plain

FORM = b"""<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
        xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms">
  <h:head>
    <h:title>By hand</h:title>
    <!-- a comment, and a <?processing instruction?> -->
    <model>
      <itext>
        <translation lang="en">
          <text id="size"><value>How <h:b>big</h:b>?</value></text>
        </translation>
      </itext>
      <instance>
        <house id="by-hand">
          <rooms><room><size>7</size><kind/></room></rooms>
          <owner/>
          <stamp/>
          <orx:meta><orx:instanceID/><orx:instanceName/></orx:meta>
        </house>
      </instance>
      <bind id="the-owner" nodeset="/house/owner" type="string"/>
      <bind nodeset="/house/rooms/room/size" type="int"/>
      <bind nodeset="/house/orx:meta/orx:instanceName" calculate="concat('House of ', /house/owner)"/>
    </model>
  </h:head>
  <h:body>
    <group>
      <label>Only for show</label>
      <input bind="the-owner">
        <label>Owner</label>
        <setvalue event="xforms-value-changed" ref="/house/stamp">it's new</setvalue>
      </input>
    </group>
    <group ref="/house/rooms">
      <repeat nodeset="/house/rooms/room">
        <input ref="size"><label ref="jr:itext('size')"/></input>
        <select1 ref="kind">
          <label>Kind</label>
          <item><label>Kitchen</label><value>kitchen</value></item>
        </select1>
      </repeat>
    </group>
  </h:body>
</h:html>
"""
DEFINITION = xform.parse(FORM)


def test_controls_are_found_by_bind_and_by_relative_reference() -> None:
    found = {each.path: type(each) for each in DEFINITION.walk()}
    assert found["owner"] is Question
    assert found["rooms"] is Section
    assert found["rooms/room"] is Roster
    assert found["rooms/room/size"] is Question
    assert plain(item(DEFINITION, "owner").label) == {"en": "Owner"}


def test_markup_in_a_label_is_left_out() -> None:
    assert plain(item(DEFINITION, "rooms/room/size").label) == {"en": "How big?"}


def test_the_only_language_is_the_default_one() -> None:
    assert (DEFINITION.languages, DEFINITION.default_language) == (("en",), "en")


def test_prefixed_names_are_known_without_their_prefix() -> None:
    assert isinstance(item(DEFINITION, "meta/instanceName"), Calculation)
    filled = interview(DEFINITION, {"owner": "Дана"})
    assert filled.value("meta/instanceName") == "House of Дана"


def test_without_a_template_a_new_instance_of_a_roster_is_empty() -> None:
    filled = interview(DEFINITION)
    filled.add_instance("rooms/room")
    rooms = [{"size": 7, "kind": None}, {"size": None, "kind": None}]
    assert filled.answers()["rooms"] == {"room": rooms}


def test_an_assignment_may_give_its_text_as_it_stands() -> None:
    filled = interview(DEFINITION)
    filled.set("owner", "Дана")
    assert filled.value("stamp") == "it's new"


def test_choices_within_a_control_are_offered() -> None:
    filled = interview(DEFINITION)
    assert [choice.name for choice in filled.choices("rooms/room[1]/kind")] == ["kitchen"]
