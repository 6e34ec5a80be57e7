"""Scenarios: steps with what is expected after them, kept beside a questionnaire (docs/replay.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surveyapp.questionnaires.replay.dump import NODE_KEYS
from surveyapp.questionnaires.replay.interview import STEPS
from surveyapp.questionnaires.replay.remarks import Refused, Remark
from surveyapp.questionnaires.replay.session import Session
from surveyapp.questionnaires.replay.steps import Reply, Step, step_of

#: what a line of a scenario may hold beside its step
_BESIDE = ("expect", "note")
#: what may stand beside a step's own key; anything else is a slip of the pen that would go unseen
_VALUED = ("value",)
_KEYS: Mapping[str, tuple[str, ...]] = {
    "load": ("lang", "media", "now", "instance", "properties", "walk"),
    **dict.fromkeys(("set", "answer"), _VALUED),
    "eval": ("context", "candidate"),
    "dump": ("choices", "refresh_selects"),
}
_OF_ANSWERS = ("relevant", "readonly", "constraint_valid")
#: what a reply may hold beside `ok`, `step` and `error`, by the step
_REPLIES: Mapping[str, tuple[str, ...]] = {
    "load": ("loaded",),
    **dict.fromkeys(("set", "answer", "clear"), _OF_ANSWERS),
    "new_repeat": ("created",),
    "eval": ("result",),
    "validate": ("valid", "path", "why"),
    "finalize": ("submission",),
    "dump": ("dump",),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one line's expectations came to; no differences if all was as expected.

    `line` is None for what is to be said of the form or the scenario as a whole.
    """

    line: int | None
    note: str
    expectations: int
    differences: tuple[Remark, ...]


def run_scenario(session: Session, form: str, lines: Iterable[str]) -> Iterator[Finding]:
    """Take the steps of a scenario in an interview of a form; a finding for each line.

    A line `{"load": true, …}` begins anew; without one at its top the interview begins by itself.
    Nothing follows a form that is refused. A scenario that expects nothing is itself a finding.
    """
    says_something, begun = False, False
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            step = _read(line)
        except Refused as refusal:
            says_something = True
            yield Finding(number, "", 0, (refusal.remark,))
            continue
        if not begun and "load" not in step and (why := _refused(session, form)):
            yield Finding(None, "", 0, (why,))
            return
        begun = True
        finding = _finding(session, form, number, step)
        says_something |= bool(finding.expectations or finding.differences)
        yield finding
        if finding.differences and not session.is_loaded():
            return
    why = None if begun else _refused(session, form)
    if why or not says_something:
        yield Finding(None, "", 0, (why or Remark("nothing_compared"),))


def _refused(session: Session, form: str) -> Remark | None:
    """Begin an interview of the form; why that was refused."""
    reply = session.take({"load": form})
    return None if reply["ok"] else Remark("not_carried_out", {"why": reply["error"]})


# ---------------------------------------------------------------- reading


def _read(line: str) -> Step:
    """The step of a line. Raises `Refused` for what could only be a slip of the pen."""
    step = step_of(line)
    _refuse_doubles(line)
    beside = _KEYS["load"] if "load" in step else ()
    kinds = [key for key in ("load", *STEPS) if key in step and key not in beside]
    if len(kinds) > 1:
        raise Refused("two_steps", steps=", ".join(kinds))
    known = (*kinds, *_KEYS.get(kinds[0] if kinds else "", ()), *_BESIDE)
    unknown = [key for key in step if key not in known]
    if unknown and not kinds:
        raise Refused("unknown_step", step=dict(step))
    if unknown:
        raise Refused("unknown_key", key=unknown[0], known=", ".join(known))
    _refuse_misshapen(step)
    return step


def _refuse_doubles(line: str) -> None:
    """Of a key that stands twice, JSON keeps the last without a word."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _value in pairs]
        for key in keys:
            if keys.count(key) > 1:
                raise Refused("key_twice", key=key)
        return dict(pairs)

    json.loads(line, object_pairs_hook=once)


def _refuse_misshapen(step: Step) -> None:
    expected = step.get("expect", {})
    nodes = expected.get("nodes", {}) if isinstance(expected, dict) else None
    if not isinstance(nodes, dict):
        raise Refused("expect_object")
    for path, wanted in nodes.items():
        if not isinstance(wanted, dict | None):
            raise Refused("node_object", path=path)


# ---------------------------------------------------------------- comparing


def _finding(session: Session, form: str, number: int, step: Step) -> Finding:
    expected = dict(step.get("expect", {}))
    nodes = expected.pop("nodes", {})
    taken = {key: value for key, value in step.items() if key not in _BESIDE}
    if "load" in taken:
        taken["load"] = form
    reply: Reply = session.take(taken) if taken else {"ok": True}
    kind = next(iter(taken), "")
    differences = [*_of_reply(kind, {"ok": True, **expected}, reply), *_of_nodes(session, nodes)]
    count = len(expected) + sum(len(node or {"exists": False}) for node in nodes.values())
    return Finding(number, str(step.get("note", "")), count, tuple(differences))


def _of_reply(kind: str, expected: Mapping[str, Any], reply: Reply) -> Iterator[Remark]:
    if expected["ok"] and not reply["ok"]:
        yield Remark("not_carried_out", {"why": reply["error"]})
        return
    known = ("ok", "error", *_REPLIES.get(kind, ()), "nodes")
    for key, value in expected.items():
        if key not in known:
            yield Remark("no_such_key", {"key": key, "known": ", ".join(known)})
        elif reply.get(key) != value:
            facts = {"key": key, "expected": _shown(value), "found": _shown(reply.get(key))}
            yield Remark("differs", facts)


def _of_nodes(session: Session, expected: Mapping[str, Any]) -> Iterator[Remark]:
    reply: Reply = session.take({"dump": True}) if expected else {"ok": False}
    found = {node["path"]: node for node in reply["dump"]["nodes"]} if reply["ok"] else {}
    for path, wanted in expected.items():
        whole = session.whole_path(path)
        if whole is None:
            yield Remark("never_there", {"path": path})
        else:
            yield from _of_node(path, wanted, found.get(whole))


def _of_node(
    path: str, wanted: Mapping[str, Any] | None, node: Mapping[str, Any] | None
) -> Iterator[Remark]:
    if wanted is None or node is None:
        if (wanted is None) is not (node is None):
            yield Remark("node_there" if wanted is None else "node_absent", {"path": path})
        return
    for key, value in wanted.items():
        if key not in NODE_KEYS:
            yield Remark("no_such_key", {"key": f"{path} {key}", "known": ", ".join(NODE_KEYS)})
        elif (there := _value(node, key)) != value:
            facts = {"path": path, "key": key, "expected": _shown(value), "found": _shown(there)}
            yield Remark("node_differs", facts)


def _value(node: Mapping[str, Any], key: str) -> Any:
    if key == "choices" and "choices" in node:
        return [choice["name"] for choice in node["choices"]]
    return node.get(key)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
