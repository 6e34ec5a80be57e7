"""The same interview in Python and in JavaScript, and what differs between them."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from datetime import datetime, time
from typing import Any

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Question, Questionnaire, Roster, Tree, Valued
from surveyapp.questionnaires.expressions import (
    EvaluationError,
    to_boolean,
    to_number,
    to_string,
    unpack,
)
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.javascript import Engine, Evaluated
from tests.questionnaires.forms import MOMENT
from tests.questionnaires.interview.test_laws import nodes

_NUMBER = re.compile(r"-?[0-9]+\.?[0-9]*")
_CLOCK = re.compile(r"[0-9]{2}:[0-9]{2}")
_KINDS = {str: "string", float: "number", bool: "boolean"}


class Pair:
    """One questionnaire being filled twice."""

    def __init__(
        self,
        engine: Engine,
        questionnaire: Questionnaire,
        answers: Answers | None = None,
        *,
        language: str | None = None,
        now: datetime = MOMENT,
    ) -> None:
        language = language or questionnaire.default_language
        self.questionnaire = questionnaire
        self.python = Interview(questionnaire, answers, language=language, now=now, random=lambda: 0.5)
        self.javascript = engine.interview(
            questionnaire, answers, language=language, now=now, random=0.5
        )

    def evaluated(self, tree: Tree, path: str = "") -> tuple[Any, Any]:
        """An expression's value here and there, or the code of what is wrong with it."""
        return _outcome(lambda: _evaluate(self.python, tree, path)), _outcome(
            lambda: self.javascript.evaluate(path, tree)
        )

    def differences(self) -> list[str]:
        """What can be seen in one of them and not in the other."""
        found = []
        for name in ("snapshot", "answers"):
            ours, theirs = getattr(self.python, name)(), getattr(self.javascript, name)()
            if not same(ours, theirs):
                found.append(f"{name}: {ours} ≠ {theirs}")
        for name in ("errors", "warnings"):
            ours, theirs = (
                [(each.path, each.code) for each in getattr(side, name)()]
                for side in (self.python, self.javascript)
            )
            if ours != theirs:
                found.append(f"{name}: {ours} ≠ {theirs}")
        for path, item in nodes(self.python, self.questionnaire.root.items):
            found += [f"{path}: {each}" for each in self._node_differences(path, item)]
        ours, theirs = set(self.python.faults()), set(self.javascript.faults())
        if ours != theirs:
            found.append(f"faults: {ours ^ theirs}")
        return found

    def _node_differences(self, path: str, item: Any) -> list[str]:
        python, javascript = self.python, self.javascript
        looks: dict[str, tuple[Any, Any]] = {
            "relevant": (python.relevant(path), javascript.relevant(path)),
            "label": (python.text(item.label, path).text, javascript.text("label", path)),
            "hint": (python.text(item.hint, path).text, javascript.text("hint", path)),
        }
        if isinstance(item, Valued):
            looks["value"] = (python.value(path), javascript.value(path))
            looks["required"] = (python.required(path), javascript.required(path))
            looks["read_only"] = (python.read_only(path), javascript.read_only(path))
        if isinstance(item, Roster):
            looks["instances"] = (python.instances(path), javascript.instances(path))
            looks["surplus"] = (python.surplus(path), javascript.surplus(path))
        if isinstance(item, Question) and item.choices is not None:
            looks["choices"] = (
                [(each.name, python.text(each.label, path).text) for each in python.choices(path)],
                [tuple(each) for each in javascript.choices(path)],
            )
        return [
            f"{name} is {ours!r} ≠ {theirs!r}"
            for name, (ours, theirs) in looks.items()
            if not same(ours, theirs)
        ]


def _evaluate(interview: Interview, tree: Tree, path: str) -> Evaluated:
    value = interview.evaluate(path, tree)
    plain = unpack(value)
    kind = _KINDS.get(type(plain), type(plain).__name__)
    return Evaluated(kind, to_string(value), to_number(value), to_boolean(value))


def _outcome(work: Any) -> Any:
    try:
        return work()
    except EvaluationError as error:
        return error.code


def same(ours: Any, theirs: Any) -> bool:
    """Whether two values are the same, but for the last digits of numbers and numbers in texts."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, str) and isinstance(theirs, str):
        return ours == theirs or _same_text(ours, theirs)
    if isinstance(ours, bool) or isinstance(theirs, bool) or ours is None or theirs is None:
        return ours is theirs
    return _same_number(ours, theirs)


def _same_number(ours: Any, theirs: Any) -> bool:
    if not isinstance(ours, int | float) or not isinstance(theirs, int | float):
        return False
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    return ours == theirs or math.isclose(ours, theirs, rel_tol=1e-11, abs_tol=1e-11)


def _same_text(ours: str, theirs: str) -> bool:
    if _CLOCK.search(ours):
        return _moment(ours) == _moment(theirs) is not None
    numbers, others = _NUMBER.findall(ours), _NUMBER.findall(theirs)
    return _NUMBER.sub("#", ours) == _NUMBER.sub("#", theirs) and all(
        map(_same_number, map(float, numbers), map(float, others))
    )


def _moment(text: str) -> datetime | time | None:
    """The moment or time that a text of JSON means, however it writes its seconds."""
    for kind in (datetime, time):
        with suppress(ValueError):
            return kind.fromisoformat(text)
    return None
