"""`surveyapp questionnaire replay --engine javascript` answers as the Python engine does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from surveyapp.catalogue import replay_cli
from surveyapp.catalogue.replay_cli import replay
from tests.oracle import NOW, Oracle, Step, golden

CASES = [key for key, kept in sorted(golden.load().items()) if "script" in kept]


def replies(engine: str, name: str, steps: list[Any]) -> list[dict[str, Any]]:
    """What a replay writes, without what chance and the envelope decide."""
    form = golden.FORMS / f"{name}.md"
    lines = "\n".join(json.dumps(step) for step in steps)
    given = [str(form), "--engine", engine, "--now", NOW]
    result = CliRunner().invoke(replay, given, input=lines, catch_exceptions=False)
    found: list[dict[str, Any]] = [json.loads(line) for line in result.output.splitlines()]
    for dump in (reply["dump"] for reply in found if "dump" in reply):
        del dump["submission"]
        dump["nodes"] = [node for node in dump["nodes"] if "/meta" not in node["path"]]
    return found


@pytest.mark.parametrize("case", CASES)
def test_a_kept_case_gives_the_same_replies(case: str) -> None:
    steps = [step for step in golden.load()[case]["script"] if isinstance(step, dict)]
    name = case.partition("/")[0]
    drawn = {"uu", "rnd", "u", "r"}
    ours, theirs = (replies(engine, name, steps) for engine in ("python", "javascript"))
    for reply in (*ours, *theirs):
        for node in reply.get("dump", {}).get("nodes", []):
            if node["path"].rpartition("/")[2] in drawn:
                node.pop("value", None)
        reply.pop("submission", None)
    assert theirs == ours


def test_a_path_is_evaluated_to_the_value_that_is_there_as_in_javarosa() -> None:
    oracle = Oracle(now=NOW)
    steps: list[Step] = [
        {"set": "/data/age", "value": "7"},
        *({"eval": f"/data/{name}"} for name in ("age", "nick", "cls", "plus", "o1")),
        {"eval": "/data/age + 1"},
    ]
    with oracle:
        oracle.load(golden.FORMS / "basics.md")
        expected = [oracle.raw(step).get("result") for step in steps]
    for engine in ("python", "javascript"):
        assert [reply.get("result") for reply in replies(engine, "basics", steps)[1:8]] == expected


def test_a_step_that_cannot_be_taken_is_refused_alike() -> None:
    steps = [
        {"set": "/data/nothing", "value": "1"},
        {"eval": "1 +"},
        {"eval": "sum(1)"},
        {"eval": "concat('a', 1 + 1)"},
        {"new_repeat": "/data/age"},
    ]
    ours, theirs = (replies(engine, "basics", steps) for engine in ("python", "javascript"))
    assert [reply["ok"] for reply in theirs] == [reply["ok"] for reply in ours]
    assert theirs[4] == ours[4]


def test_without_v8_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_cli, "find_spec", lambda name: None)
    form = str(golden.FORMS / "basics.md")
    result = CliRunner().invoke(replay, [form, "--engine", "javascript"], input="")
    assert result.exit_code == 1
    assert "surveyapp[javascript]" in result.output
