"""`surveyapp questionnaire replay` and `… test`: steps in, replies and differences out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from surveyapp.questionnaires import library
from surveyapp.questionnaires.replay.commands import compare_scenario, replay
from tests.oracle import golden

FORM = str(golden.FORMS / "basics.md")
AT = ("--now", "2024-03-15 10:00:00")


def run(*steps: dict[str, Any] | str, form: str = FORM, options: tuple[str, ...] = AT) -> Result:
    lines = (step if isinstance(step, str) else json.dumps(step) for step in steps)
    given = "\n".join(lines).encode(errors="surrogateescape")
    return CliRunner().invoke(replay, [form, *options], input=given)


def replies(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.output.splitlines()]


def node(result: Result, path: str) -> dict[str, Any]:
    nodes: list[dict[str, Any]] = replies(result)[-1]["dump"]["nodes"]
    return next(each for each in nodes if each["path"] == path)


def test_each_step_gets_a_reply_and_a_dump_is_added() -> None:
    result = run({"set": "/data/age", "value": "20"}, "# a remark", "", {"validate": True})
    loaded, set_, validated, dump = replies(result)
    assert loaded == {"loaded": FORM, "ok": True, "step": 1}
    assert set_ == {
        "relevant": True, "readonly": False, "constraint_valid": True, "ok": True, "step": 2,
    }  # fmt: skip
    assert validated == {
        "valid": False, "path": "/data/smoker", "why": "required", "ok": True, "step": 3,
    }  # fmt: skip
    assert (dump["dump"]["title"], dump["dump"]["language"]) == ("Basics", "English (en)")
    assert node(result, "/data/plus")["value"] == "21"
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ({"set": "/data/nope", "value": "1"}, "unknown path /data/nope: 'nope' is not a child of /data"),
        ({"set": "/data/age[2]", "value": "1"}, "has 1 instance(s), position 2 asked"),
        ({"set": "age", "value": "1"}, "path must be absolute: age"),
        ({"set": "/data/age", "value": "abc"}, "value 'abc' is not valid for /data/age"),
        ({"set": "/data/g1", "value": "1"}, "/data/g1 is a group, not a question"),
        ({"answer": "/data/age", "value": "200"}, "/data/age: constraint violated by '200'"),
        ({"answer": "/data/age"}, "/data/age is required"),
        ({"answer": "/data/g1/g2/deep", "value": "1"}, "/data/g1/g2/deep is not relevant"),
        ({"new_repeat": "/data/age"}, "not an addable repeat: /data/age"),
        ({"delete_repeat": "/data/age"}, "not a repeat: /data/age"),
        ({"lang": "Klingon"}, "unknown language 'Klingon'; available: [English (en), French (fr)]"),
        ({"eval": "1 +"}, ""),
        ({"bogus": 1}, 'unknown step: {"bogus": 1}'),
        ("notjson", "not JSON"),
        ("[]", "a step must be a JSON object: []"),
        ("[" * 100_000, "not JSON"),
        ('{"set": "/data/age", "value": "\\ud800"}', "not JSON"),
        ("\udcff", "not JSON"),
        ({"set": 1}, "set must be a text"),
        ({"set": "/data/age", "value": [1]}, "value must be one value"),
        ({"eval": "1", "context": 5}, "context must be a text"),
        ({"load": FORM, "media": 5}, "media must be a text"),
        ({"load": FORM, "now": 5, "instance": {}}, "now must be a text; instance must be a text"),
        ({"load": "a\0"}, "load holds a null character"),
        ({"load": FORM, "media": "a\0"}, "media holds a null character"),
        ({"load": FORM, "properties": {"email": 1}}, "properties must be an object of texts"),
    ],
)
def test_a_step_that_cannot_be_taken_is_refused_with_the_reason(step: Any, error: str) -> None:
    result = run(step)
    reply = replies(result)[1]
    assert reply["ok"] is False
    assert error in reply["error"]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1 div 3", {"type": "double", "string": "0.3333333333333333", "boolean": True}),
        ("today()", {"type": "date", "string": "2024-03-15", "number": 19797.0}),
        ("true()", {"type": "boolean", "string": "true", "number": 1.0}),
        ("number('x')", {"type": "double", "string": "NaN", "number": "NaN", "boolean": False}),
    ],
)
def test_a_bare_expression_is_evaluated(expression: str, result: dict[str, Any]) -> None:
    found = replies(run({"eval": expression}))[1]["result"]
    assert result.items() <= found.items()


def test_a_candidate_stands_for_the_value_as_in_a_constraint() -> None:
    found = run({"eval": ". > 5", "context": "/data/age", "candidate": "7"})
    assert replies(found)[1]["result"]["boolean"] is True


def test_a_language_is_switched() -> None:
    result = run({"lang": "French (fr)"})
    assert node(result, "/data/nick")["label"] == "Surnom"
    assert node(run(options=(*AT, "--lang", "French (fr)")), "/data/nick")["label"] == "Surnom"


def test_an_old_submission_is_loaded() -> None:
    xml = "<data id='basics'><age>30</age><fullname>Ann</fullname></data>"
    result = run({"load": FORM, "instance": xml})
    assert node(result, "/data/age")["value"] == "30"


def test_a_form_that_is_none_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.md"
    broken.write_text("nothing", encoding="utf-8")
    for form, error in ((broken, "not a form"), (tmp_path / "absent.xml", "no such form file")):
        result = run(form=str(form))
        assert [error in reply["error"] for reply in replies(result)] == [True]
        assert result.exit_code == 1


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Asia", "", "../../etc/passwd"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    result = run(options=("--tz", zone))
    assert (result.exit_code, f"no such time zone: {zone}\n" in result.output) == (1, True)


def test_a_folder_that_is_not_there_is_refused() -> None:
    result = run(options=("--media", "/nowhere"))
    assert (result.exit_code, "'/nowhere' does not exist" in result.output) == (2, True)


def test_it_needs_neither_settings_nor_a_database(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "surveyapp", "questionnaire", "replay", FORM]
    outcome = subprocess.run(
        command, input="", capture_output=True, text=True, cwd=tmp_path, env={}, check=True
    )
    assert [json.loads(line)["ok"] for line in outcome.stdout.splitlines()] == [True, True]
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- scenarios


def scenario(tmp_path: Path, *lines: str) -> Result:
    file = tmp_path / "basics.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return CliRunner().invoke(compare_scenario, [FORM, str(file)])


def test_the_scenario_beside_the_family_survey_is_kept() -> None:
    folder = Path(library.__file__).parent
    files = [str(folder / f"family_survey{end}") for end in (".md", ".scenario.jsonl")]
    result = CliRunner().invoke(compare_scenario, files)
    assert (result.exit_code, result.output) == (0, "7 steps, 14 expectations, 0 differences\n")


def test_what_is_not_as_expected_is_said_with_its_line(tmp_path: Path) -> None:
    result = scenario(
        tmp_path,
        "# a remark",
        '{"note": "an adult", "set": "/data/age", "value": "20", "expect": {"constraint_valid": false,'
        ' "nodes": {"/data/cls": {"value": "child"}, "/data/crops": {"choices": ["maize"]},'
        ' "/data/none": {}, "/data/age": null}}}',
        '{"set": "/data/nope", "value": "1"}',
        '{"bogus": 1, "expect": {"ok": false}}',
    )
    text = str(tmp_path / "basics.jsonl")
    assert result.output.splitlines() == [
        f"{text}:2 (an adult): constraint_valid: expected false, found true",
        f'{text}:2 (an adult): /data/cls value: expected "child", found "adult"',
        f'{text}:2 (an adult): /data/crops choices: expected ["maize"], found ["maize", "rice", "none"]',
        f"{text}:2 (an adult): /data/none: expected a node, found none",
        f"{text}:2 (an adult): /data/age: expected no node",
        f"{text}:3: the step was refused: unknown path /data/nope: 'nope' is not a child of /data; "
        "children: [age, smoker, crops, ncrops, cls, co, fullname, nick, o1, plus, plus2, isempty, "
        "cname, g1, usesdeep, dyn, n1, meta]",
        "3 steps, 6 expectations, 6 differences",
    ]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("line", "difference"),
    [
        ("not json", "not JSON"),
        ("[1]", "a step must be a JSON object: [1]"),
        ('{"expect": 5}', "expect and its nodes must be JSON objects"),
        ('{"expect": {"nodes": []}}', "expect and its nodes must be JSON objects"),
        ('{"expect": {"nodes": {"/data/age": "20"}}}', "what is expected of /data/age must be"),
    ],
)
def test_a_line_that_says_nothing_is_a_difference(tmp_path: Path, line: str, difference: str) -> None:
    result = scenario(tmp_path, line)
    assert f"basics.jsonl:1: {difference}" in result.output
    assert result.output.endswith("1 steps, 0 expectations, 1 differences\n")
    assert result.exit_code == 1
