"""Replays beside JavaRosa: the same steps, and every key of every node compared.

`python -m tests.questionnaires.conformance FORM… [--seeds 3]` does so with random interviews through any
XForms or workbooks and prints what differs; exit code 1 if anything does.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from surveyapp.questionnaires.replay.engine import EngineOf
from surveyapp.questionnaires.replay.python import PythonEngine
from surveyapp.questionnaires.replay.session import Options, Session
from tests.oracle import NOW, Oracle, OracleError, Reply, Step
from tests.oracle.trace import interview

_UUID = re.compile(r"(uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OF_STEPS = ("ok", "relevant", "readonly", "constraint_valid", "created")
_LAST_STEPS = ({"validate": True}, {"finalize": True})


def differences(
    oracle: Oracle,
    form: Path,
    *,
    seed: int,
    engine_of: EngineOf = PythonEngine,
    zone: tzinfo = UTC,
    **size: int,
) -> Iterator[str]:
    """What is otherwise here than in JavaRosa, in one random interview; nothing follows a difference.

    Raises `OracleError` where JavaRosa cannot load the form.
    """
    session = Session(engine_of, Options(now=NOW, zone=zone))
    loaded = session.take({"load": str(form)})
    try:
        found: list[str] = []
        for round_ in interview(oracle, form, seed=seed, **size):
            if not loaded["ok"]:
                yield str(loaded["error"])
                return
            for step, reply in zip(round_.steps, round_.replies, strict=True):
                found += _of_reply(session.take(step), reply, _OF_STEPS)
            found += _of_dump(session.take({"dump": True})["dump"], round_.expected)
            if found:
                yield from found
                return
        for step in _LAST_STEPS:
            reply = oracle.raw(step)
            yield from _of_reply(session.take(step), reply, tuple(reply.keys() - {"step"}))
    finally:
        session.close()


def step_differences(
    oracle: Oracle, form: Path, steps: Iterable[Step], *, engine_of: EngineOf = PythonEngine
) -> list[str]:
    """What is otherwise here than in JavaRosa after each of these steps, the form's end included."""
    session = Session(engine_of, Options(now=NOW))
    found = []
    try:
        for step in ({"load": str(form)}, *steps, {"dump": True}, *_LAST_STEPS):
            theirs, ours = oracle.raw(step), session.take(step)
            if "dump" in theirs and "dump" in ours:
                found += _of_dump(ours["dump"], theirs["dump"])
            else:
                keys = {"ok"} if not theirs["ok"] else theirs.keys() - {"step"}
                found += [f"{step}: {each}" for each in _of_reply(ours, theirs, tuple(keys))]
    finally:
        session.close()
    return found


def _of_reply(ours: Reply, theirs: Reply, keys: tuple[str, ...]) -> list[str]:
    return [
        f"reply: {key} is {_shown(ours.get(key))}, in JavaRosa {_shown(theirs.get(key))}"
        for key in keys
        if _plain(ours.get(key)) != _plain(theirs.get(key))
    ]


def _of_dump(ours: Reply, theirs: Reply) -> list[str]:
    """What differs between two dumps; the XML is only looked at if no node differs."""
    ours, theirs = _plain(ours), _plain(theirs)
    here, there = ({node["path"]: node for node in dump["nodes"]} for dump in (ours, theirs))
    found = [f"only one side has {path}" for path in here.keys() ^ there.keys()]
    for path in here.keys() & there.keys():
        for key in sorted(here[path].keys() | there[path].keys()):
            values = here[path].get(key, "absent"), there[path].get(key, "absent")
            if values[0] != values[1]:
                found.append(f"{path}: {key} is {_shown(values[0])}, in JavaRosa {_shown(values[1])}")
    rest = () if found else ("title", "language", "languages", "missing_media", "submission")
    return found + _of_reply(ours, theirs, rest)


def _plain(value: Any) -> Any:
    """The value without what is drawn anew each time."""
    return json.loads(_UUID.sub("UUID", json.dumps(value)))


def _shown(value: Any) -> str:
    return repr(value)[:300]


def main(arguments: list[str] | None = None) -> int:
    """Compare the interviews that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args(arguments)
    different = 0
    with Oracle(now=NOW) as oracle:
        for form in given.forms:
            for seed in range(given.seeds):
                try:
                    found = list(differences(oracle, form, seed=seed))
                except OracleError as error:
                    found = [f"JavaRosa: {error}"]
                different += bool(found)
                print(f"{form.name} {seed}:", "the same" if not found else "\n  ".join(found))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
