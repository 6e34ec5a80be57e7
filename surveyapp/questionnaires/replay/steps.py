"""The lines of a replay: which are steps, and whether what a step holds is of the right kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from surveyapp.questionnaires.replay.remarks import Refused, Remark

Step: TypeAlias = Mapping[str, Any]
Reply: TypeAlias = dict[str, Any]

#: what a step may hold, by the type that it must have if it is there
_TEXTS = ("set", "answer", "clear", "new_repeat", "delete_repeat", "eval", "context")
_BEGINNINGS = ("lang", "media", "now", "instance")
_FILES = ("load", "media", "instance")
_VALUES = ("value", "candidate")


def step_of(line: str) -> Step:
    """The step that a line holds. Raises `Refused`."""
    try:
        step = json.loads(line)
        # half a character can be spelled in JSON, but not written into a reply
        json.dumps(step, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused("not_json", detail=str(error)) from error
    if not isinstance(step, dict):
        raise Refused("no_object", line=line.strip())
    return step


def refuse_misshapen(step: Step) -> None:
    """Raise `Refused` for a step that holds something of a wrong kind."""
    if wrong := tuple(_misshapen(step)):
        raise Refused("misshapen", parts=wrong)


def _misshapen(step: Step) -> Iterator[Remark]:
    texts = [key for key in _TEXTS if not isinstance(step.get(key, ""), str)]
    texts += [key for key in _BEGINNINGS if not isinstance(step.get(key), str | None)]
    yield from (Remark("must_be_text", {"key": key}) for key in texts)
    nulls = (key for key in _FILES if "\0" in str(step.get(key)))
    yield from (Remark("null_character", {"key": key}) for key in nulls)
    lists = (key for key in _VALUES if isinstance(step.get(key), list | dict))
    yield from (Remark("must_be_value", {"key": key}) for key in lists)
    properties = step.get("properties") or {}
    if not isinstance(properties, dict) or not all(isinstance(one, str) for one in properties.values()):
        yield Remark("must_be_texts", {"key": "properties"})


def as_text(given: Any) -> str:
    """A step's value as it would be typed; '' for none."""
    if isinstance(given, bool):
        return "true" if given else "false"
    return str(given) if isinstance(given, str | int | float) else ""
