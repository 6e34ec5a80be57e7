"""`surveyapp questionnaire replay` and `… test`: steps in, replies and differences out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from surveyapp.catalogue.replay_cli import compare_scenario, replay
from surveyapp.catalogue.replay_remarks import SENTENCES
from surveyapp.questionnaires import library
from surveyapp.questionnaires.replay.remarks import CODES
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
        (
            {"set": "/data/nope", "value": "1"},
            "There is no /data/nope: /data has no “nope”, only: age, smoker",
        ),
        ({"set": "/data/age[2]", "value": "1"}, "position asked for: 2, instances of /data/age: 1"),
        ({"set": "age", "value": "1"}, "A path begins with /: age"),
        ({"set": "/data/age", "value": "abc"}, "“abc” is no answer to /data/age, whose type is int"),
        ({"set": "/data/g1", "value": "1"}, "This is a group, not a question: /data/g1"),
        ({"answer": "/data/age", "value": "200"}, "“200” does not keep the constraint of /data/age"),
        ({"answer": "/data/age"}, "An answer is required: /data/age"),
        ({"answer": "/data/g1/g2/deep", "value": "1"}, "its condition is not met: /data/g1/g2/deep"),
        ({"new_repeat": "/data/age"}, "This is no repeat: /data/age"),
        ({"delete_repeat": "/data/age"}, "This is no repeat: /data/age"),
        ({"lang": "Klingon"}, "no language “Klingon”; it has: English (en), French (fr)"),
        ({"eval": "1 +"}, "Something is missing at the end: 1 +▸"),
        ({"eval": "1 + nope(2)"}, "There is no function “nope”: 1 + ▸nope(2)"),
        ({"eval": "date('x')"}, "The expression has no value here: this is no date"),
        ({"load": FORM, "now": "noon"}, "This is no moment, such as 2024-03-15 10:00:00: noon"),
        ({"load": FORM, "instance": "<x>"}, "no submission of the form: it is not XML, from line 1"),
        ({"load": FORM, "instance": "<x/>"}, "it begins with <x> instead of <data>"),
        ({"load": FORM, "instance": "/none.xml"}, "old submission cannot be read: /none.xml"),
        ({"bogus": 1}, 'There is no such step: {"bogus": 1}'),
        ("notjson", "not JSON"),
        ("[]", "A step must be a JSON object: []"),
        ("[" * 100_000, "not JSON"),
        ('{"set": "/data/age", "value": "\\ud800"}', "not JSON"),
        ("\udcff", "not JSON"),
        ({"set": 1}, "“set” must be a text"),
        ({"set": "/data/age", "value": [1]}, "“value” must be one value"),
        ({"eval": "1", "context": 5}, "“context” must be a text"),
        ({"load": FORM, "media": 5}, "“media” must be a text"),
        ({"load": FORM, "now": 5, "instance": {}}, "“now” must be a text; “instance” must be a text"),
        ({"load": "a\0"}, "“load” holds a null character"),
        ({"load": FORM, "media": "a\0"}, "“media” holds a null character"),
        ({"load": FORM, "properties": {"email": 1}}, "“properties” must be an object of texts"),
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
    for form, error in (
        (broken, "This is no form that can be filled in: There is no table in the file"),
        (tmp_path / "absent.xml", "file cannot be read"),
    ):
        result = run(form=str(form))
        assert [error in reply["error"] for reply in replies(result)] == [True]
        assert result.exit_code == 1


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Asia", "", "../../etc/passwd"])
def test_a_zone_that_is_none_is_refused(zone: str) -> None:
    result = run(options=("--tz", zone))
    assert (result.exit_code, f"no such time zone: {zone}\n" in result.output) == (1, True)


def test_a_time_is_shown_in_the_offset_of_its_zone(tmp_path: Path) -> None:
    form = tmp_path / "clock.md"
    form.write_text("| survey |\n| | type | name | label |\n| | time | at | At |\n", encoding="utf-8")
    step = {"set": "/data/at", "value": "06:30:00.000"}
    result = run(step, form=str(form), options=("--tz", "Europe/Berlin"))
    assert node(result, "/data/at")["value"] == "06:30:00.000+01:00"


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
    assert (result.exit_code, result.output) == (0, "steps: 7 · expectations: 14 · differences: 0\n")


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
        f"{text}:2 (an adult): /data/none: the form has nothing at this path",
        f"{text}:2 (an adult): /data/age: expected nothing there, found a node",
        f"{text}:3: The step was refused: There is no /data/nope: /data has no “nope”, only: "
        "age, smoker, crops, ncrops, cls, co, fullname, nick, o1, plus, plus2, isempty, "
        "cname, g1, usesdeep, dyn, n1, meta",
        f'{text}:4: There is no such step: {{"bogus": 1, "expect": {{"ok": false}}}}',
        "steps: 3 · expectations: 5 · differences: 7",
    ]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("line", "difference"),
    [
        ("not json", "The line is not JSON"),
        ("[1]", "A step must be a JSON object: [1]"),
        ('{"expect": null}', "“expect” and its “nodes” must be JSON objects"),
        ('{"set": "/data/age", "vale": "3"}', "“vale” means nothing here; known are: set, value"),
        ('{"set": "/data/age", "clear": "/data/nick"}', "A line holds one step, this one several"),
        ('{"clear": "/data/age", "note": "a", "note": "b"}', "“note” stands twice in the line"),
        ('{"expct": {}}', "There is no such step"),
        ('{"expect": 5}', "“expect” and its “nodes” must be JSON objects"),
        ('{"expect": {"nodes": []}}', "“expect” and its “nodes” must be JSON objects"),
        ('{"expect": {"nodes": {"/data/age": "20"}}}', "What is expected of /data/age must be"),
    ],
)
def test_a_line_that_says_nothing_is_a_difference(tmp_path: Path, line: str, difference: str) -> None:
    result = scenario(tmp_path, line)
    assert f"basics.jsonl:1: {difference}" in result.output
    assert result.output.endswith("steps: 1 · expectations: 0 · differences: 1\n")
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("expect", "difference"),
    [
        ({"relevnt": None}, "Nothing is called “relevnt” here; known are: ok, error, relevant"),
        ({"result": None}, "Nothing is called “result” here"),
        ({"nodes": {"/data/agee": None}}, "/data/agee: the form has nothing at this path"),
        ({"nodes": {"data/age": None}}, "data/age: the form has nothing at this path"),
        ({"nodes": {"/data/age": {"requird": None}}}, "Nothing is called “/data/age requird” here"),
        ({"nodes": {"/data/age": {"choices": []}}}, "/data/age choices: expected [], found null"),
    ],
)
def test_nothing_is_as_expected_because_it_is_misspelt(
    tmp_path: Path, expect: Any, difference: str
) -> None:
    result = scenario(tmp_path, json.dumps({"set": "/data/age", "value": "3", "expect": expect}))
    assert difference in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "lines", [(), ("",), ("# a remark",), ('{"load": true}',), ('{"set": "/data/age", "value": "3"}',)]
)
def test_a_scenario_that_expects_nothing_fails(tmp_path: Path, lines: tuple[str, ...]) -> None:
    result = scenario(tmp_path, *lines)
    assert "basics.jsonl: Nothing was compared: no line says what is expected\n" in result.output
    assert result.exit_code == 1


@pytest.mark.parametrize("line", ["", '{"load": true}', '{"validate": true, "expect": {"valid": true}}'])
def test_a_form_that_is_missing_fails_whatever_the_scenario_holds(tmp_path: Path, line: str) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text(f"{line}\n" * 2, encoding="utf-8")
    result = CliRunner().invoke(compare_scenario, [str(tmp_path / "none.xlsx"), str(file)])
    assert result.output.count("The form's file cannot be read") == 1
    assert result.exit_code == 1


def test_a_repeat_without_a_position_is_its_first_instance(tmp_path: Path) -> None:
    form = str(golden.FORMS / "repeats.md")
    dump = json.loads(CliRunner().invoke(replay, [form], input=b"").output.splitlines()[-1])
    path = next(n["path"] for n in dump["dump"]["nodes"] if n["path"].count("[1]") == 1)
    file = tmp_path / "s.jsonl"
    line = json.dumps({"expect": {"nodes": {path.replace("[1]", ""): None}}})
    file.write_text(line, encoding="utf-8")
    result = CliRunner().invoke(compare_scenario, [form, str(file)])
    assert "expected nothing there, found a node" in result.output


# ---------------------------------------------------------------- languages


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Something is missing at the end: 1 +▸"),
        ("ru", "В конце чего-то не хватает: 1 +▸"),
        ("kk", "Соңында бірдеңе жетіспейді: 1 +▸"),
    ],
)
def test_a_refusal_is_said_in_the_authors_language(language: str, sentence: str) -> None:
    result = run({"eval": "1 +"}, options=(*AT, "--language", language))
    assert replies(result)[1]["error"] == sentence


def test_every_remark_has_its_sentence() -> None:
    assert SENTENCES.keys() == CODES.keys() - {"misshapen"}


def test_a_load_that_is_refused_leaves_no_form_loaded_as_with_javarosas_driver() -> None:
    for wrong in ({"load": "/none.md"}, {"load": FORM, "now": 5}):
        result = run(wrong, {"set": "/data/age", "value": "1"})
        assert replies(result)[2]["error"] == "No form is loaded"
