"""Scenarios: steps with what is expected after them, kept beside a questionnaire (docs/replay.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surveyapp.questionnaires.replay.engine import Refused
from surveyapp.questionnaires.replay.session import Reply, Session, Step, step_of

#: what a line of a scenario may hold beside its step
_BESIDE = ("expect", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one line's expectations came to; `differences` are sentences, none if all was as expected."""

    line: int
    note: str
    expectations: int
    differences: tuple[str, ...]


def run_scenario(session: Session, form: str, lines: Iterable[str]) -> Iterator[Finding]:
    """Take the steps of a scenario in an interview of a form; a finding for each line.

    A line `{"load": true, …}` begins anew; without one at its top the interview begins by itself.
    """
    begun = False
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            step = step_of(line)
            _refuse_misshapen(step)
        except Refused as refusal:
            yield Finding(number, "", 0, (str(refusal),))
            continue
        if not begun and "load" not in step:
            yield from _begin(session, form, number)
        begun = True
        yield _finding(session, form, number, step)


def _begin(session: Session, form: str, number: int) -> Iterator[Finding]:
    reply = session.take({"load": form})
    if not reply["ok"]:
        yield Finding(number, "", 0, (f"the form was refused: {reply['error']}",))


def _finding(session: Session, form: str, number: int, step: Step) -> Finding:
    expected = dict(step.get("expect") or {})
    nodes = expected.pop("nodes", {})
    taken = {key: value for key, value in step.items() if key not in _BESIDE}
    if "load" in taken:
        taken["load"] = form
    reply: Reply = session.take(taken) if taken else {"ok": True}
    differences = [*_of_reply({"ok": True, **expected}, reply), *_of_nodes(session, nodes)]
    count = len(expected) + sum(len(node or {"exists": False}) for node in nodes.values())
    return Finding(number, str(step.get("note", "")), count, tuple(differences))


def _refuse_misshapen(step: Step) -> None:
    expected = step.get("expect") or {}
    nodes = expected.get("nodes", {}) if isinstance(expected, dict) else None
    if not isinstance(nodes, dict):
        raise Refused("expect and its nodes must be JSON objects")
    for path, wanted in nodes.items():
        if not isinstance(wanted, dict | None):
            raise Refused(f"what is expected of {path} must be a JSON object or null")


def _of_reply(expected: Mapping[str, Any], reply: Reply) -> Iterator[str]:
    if expected["ok"] and not reply["ok"]:
        yield f"the step was refused: {reply['error']}"
        return
    for key, value in expected.items():
        if reply.get(key) != value:
            yield f"{key}: expected {_shown(value)}, found {_shown(reply.get(key))}"


def _of_nodes(session: Session, expected: Mapping[str, Any]) -> Iterator[str]:
    if not expected:
        return
    reply = session.take({"dump": True})
    found = {node["path"]: node for node in reply["dump"]["nodes"]} if reply["ok"] else {}
    for path, wanted in expected.items():
        node = found.get(path)
        if wanted is None or node is None:
            if (wanted is None) is not (node is None):
                yield f"{path}: expected {'no node' if wanted is None else 'a node, found none'}"
            continue
        for key, value in wanted.items():
            there = _value(node, key)
            if there != value:
                yield f"{path} {key}: expected {_shown(value)}, found {_shown(there)}"


def _value(node: Mapping[str, Any], key: str) -> Any:
    if key == "choices":
        return [choice["name"] for choice in node.get("choices", ())]
    return node.get(key)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
