"""A definition that is written as JSON and read again is the same definition."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.definition_json import FINGERPRINT, OtherEdition, read, write
from surveyapp.questionnaires.xform import parse
from tests.questionnaires.definitions import IDS, definition


def _everything_equal(one: Questionnaire, other: Questionnaire) -> bool:
    # a Questionnaire is compared by identity, so its fields are compared here
    names = [field.name for field in fields(Questionnaire)]
    return [getattr(one, name) for name in names] == [getattr(other, name) for name in names]


@pytest.mark.parametrize("questionnaire_id", IDS)
def test_what_is_read_equals_what_was_written(questionnaire_id: str) -> None:
    written = definition(questionnaire_id)
    assert _everything_equal(read(write(written)), written)


FOREIGN = """<html xmlns:jr="http://openrosa.org/javarosa"><head><title>f</title><model>
<itext><translation lang="kk"><text id="q"><value>Су</value>
<value form="image">jr://images/a.png</value></text></translation></itext>
<instance><data id="f" version="1"><n/><m/><well><depth>1</depth></well><well><depth>2</depth></well></data>
</instance><instance id="tree"><a><b><c>deep</c></b><d/></a></instance>
<instance id="file" src="jr://file-csv/f.csv"/>
<setvalue event="odk-instance-first-load" ref="/data/n" value="1"/></model></head><body>
<input ref="/data/n"><label ref="jr:itext('q')"/></input>
<select1 ref="/data/m" appearance="search('f', 'contains', 'a', /data/n)"><label>M</label>
<item><label>a</label><value>b</value></item></select1>
<repeat nodeset="/data/well"><setvalue event="odk-new-repeat" ref="/data/n" value="2"/>
<input ref="depth"><label>D</label></input></repeat></body></html>""".encode()


def test_what_other_tools_write_comes_back() -> None:
    written = parse(FOREIGN, {"f.csv": b"a,b\n1,2\n"})
    assert _everything_equal(read(write(written)), written)
    assert set(written.instances) == {"tree", "file", "f.csv"}


@pytest.mark.parametrize("questionnaire_id", IDS)
def test_the_trees_of_expressions_come_back(questionnaire_id: str) -> None:
    # expressions are compared by their source alone: their trees are seen in the JSON
    text = write(definition(questionnaire_id))
    assert write(read(text)) == text
    assert '["call",' in text


def test_the_json_of_another_edition_of_the_program_is_refused() -> None:
    content = json.loads(write(definition("site_safety")))
    with pytest.raises(OtherEdition):
        read(json.dumps(["0" * len(FINGERPRINT), content[1]]))


@pytest.mark.parametrize("cut", [0, 1, 10, 30, 500, -1])
def test_damaged_json_is_refused_as_that_of_another_edition(cut: int) -> None:
    with pytest.raises(OtherEdition):
        read(write(definition("site_safety"))[:cut])


def test_json_of_another_shape_is_refused_as_that_of_another_edition() -> None:
    contents: tuple[object, ...] = ({}, [], 5, None, {"root": 5}, {"root": {"items": [{"_": "No"}]}})
    for content in contents:
        with pytest.raises(OtherEdition):
            read(json.dumps([FINGERPRINT, content]))
