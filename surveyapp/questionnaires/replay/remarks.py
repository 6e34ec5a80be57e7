"""What a replay has to say, as a code and its facts; the sentences are in `surveyapp.catalogue`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions import EvaluationError, ExpressionError, parse
from surveyapp.questionnaires.interview import (
    CountedRoster,
    MisshapenAnswers,
    MisshapenValue,
    UnknownPath,
)

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to be said: a code of `CODES`, and the facts that its sentence names."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({facts})" if facts else self.code


#: codes of remarks with the facts that they have
CODES: Mapping[str, tuple[str, ...]] = {
    # a line that is no step
    "not_json": ("detail",),
    "no_object": ("line",),
    "misshapen": ("parts",),  # remarks
    "must_be_text": ("key",),
    "null_character": ("key",),
    "must_be_value": ("key",),
    "must_be_texts": ("key",),
    "unknown_step": ("step",),
    # the beginning
    "nothing_loaded": (),
    "no_file": ("file",),
    "no_form": ("problems",),  # `Problem`s
    "no_instance": ("file",),
    "wrong_instance": ("reason", "details"),  # those of an `InstanceError`
    "no_moment": ("text",),
    "no_translations": ("language",),
    "unknown_language": ("language", "languages"),
    # paths
    "relative_path": ("path",),
    "other_root": ("path", "root"),
    "no_child": ("path", "name", "above", "names"),
    "no_position": ("path", "roster", "count", "position"),
    "bad_position": ("path", "step"),
    "unknown_path": ("path",),
    "no_roster": ("path",),
    "nothing_to_ask": ("path",),
    "group": ("path",),
    "no_answer": ("path",),
    # answers
    "misfit": ("path", "text", "type"),
    "irrelevant": ("path",),
    "read_only": ("path",),
    "required": ("path",),
    "constraint": ("path", "text"),
    "no_verdict": ("path",),
    "counted": ("path",),
    "irrelevant_roster": ("path",),
    "misshapen_answers": ("path",),
    # expressions
    "expression": ("reason", "position", "source", "details"),
    "evaluation": ("reason", "details"),
    # scenarios
    "expect_object": (),
    "node_object": ("path",),
    "unknown_key": ("key", "known"),
    "two_steps": ("steps",),
    "key_twice": ("key",),
    "not_carried_out": ("why",),  # a remark
    "no_such_key": ("key", "known"),
    "differs": ("key", "expected", "found"),
    "node_differs": ("path", "key", "expected", "found"),
    "node_there": ("path",),
    "node_absent": ("path",),
    "never_there": ("path",),
    "nothing_compared": (),
}


class Refused(Exception):
    """A step that cannot be carried out; the remark says why."""

    def __init__(self, code: str, /, **facts: Any) -> None:
        self.remark = Remark(code, facts)
        super().__init__(str(self.remark))


def refusing(method: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """What an interview cannot do is a refusal of the step."""

    @wraps(method)
    def guarded(*args: _Given.args, **named: _Given.kwargs) -> _Made:
        with _refusals():
            return method(*args, **named)

    return guarded


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except UnknownPath as error:
        raise Refused("unknown_path", path=str(error)) from error
    except CountedRoster as error:
        raise Refused("counted", path=str(error)) from error
    except MisshapenAnswers as error:
        raise Refused("misshapen_answers", path=error.path) from error
    except MisshapenValue as error:
        raise Refused("misshapen_answers", path="") from error
    except EvaluationError as error:
        raise Refused("evaluation", reason=error.code, details=dict(error.params)) from error


def parsed(source: str) -> Tree:
    """The tree of a bare expression. Raises `Refused`."""
    try:
        return parse(source)
    except ExpressionError as error:
        place = {"position": error.position, "source": source}
        raise Refused("expression", reason=error.code, details=dict(error.params), **place) from error
