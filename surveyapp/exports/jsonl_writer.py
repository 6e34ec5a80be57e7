"""Submissions as JSON Lines: one object a line, the answers nested as in the JSON API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, TypeAlias

from surveyapp.exports.cells import LABEL, labels_of
from surveyapp.exports.facts import FACTS
from surveyapp.exports.incremental import Change, change_of
from surveyapp.exports.plan import Plan
from surveyapp.exports.records import Record
from surveyapp.exports.tables import SUBMISSIONS

#: Makes of a stored answer, or of a container's answers, what comes along of it.
Keep: TypeAlias = Callable[[Any], Any]
_Told: TypeAlias = Sequence[tuple[str, Keep]]


class JsonLinesFile:
    """All submissions, rosters inside them, one line each."""

    def __init__(self, plan: Plan) -> None:
        self.name = f"{SUBMISSIONS}.jsonl"
        self.rows = 0
        self._plan = plan
        #: version → what comes along of its answers
        self._keep: dict[str, Keep] = {}

    def begin(self) -> bytes:
        """Nothing: the first line is the first submission."""
        return b""

    def add(self, record: Record) -> bytes:
        """The line of one submission."""
        self.rows += 1
        change = change_of(record)
        if change == Change.DELETED:
            gone = {"change": change, "id": str(record.id), "revision": record.revision}
            return json.dumps(gone, separators=(",", ":")).encode() + b"\n"
        if record.version not in self._keep:
            self._keep[record.version] = _keep_of(self._plan, record.version)
        line = {} if change is None else {"change": change}
        line |= {fact.name: _json(fact.value(record, self._plan.zone_of(fact))) for fact in FACTS}
        line["answers"] = self._keep[record.version](record.answers)
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _keep_of(plan: Plan, version: str) -> Keep:
    """Keeps the plan's items of one version, in document order whatever order the database gives."""
    tree: dict[str, Any] = {}
    for item in plan.items:
        if version in item.versions:
            *containers, name = item.path.split("/")
            branch = tree
            for container in containers:
                branch = branch.setdefault(container, {})
            branch[name] = _told(labels_of(item, plan.options), codes=plan.options.codes)
    return _container(tree)


def _told(labels: Mapping[str, str], *, codes: bool) -> _Told:
    """What is told of an answer, and after its name what each is called."""
    labelled = partial(_labelled, labels)
    if labels and codes:
        return (("", partial(_labelled, {})), (LABEL, labelled))
    return (("", labelled),)


def _container(tree: Mapping[str, Any]) -> Keep:
    """Keeps the known part of a section, or of each instance of a roster."""
    keeps = [
        (name, f"{name}{told}", keep)
        for name, below in tree.items()
        for told, keep in ((("", _container(below)),) if isinstance(below, Mapping) else below)
    ]
    return partial(_known, keeps)


def _known(keeps: Sequence[tuple[str, str, Keep]], answers: Any) -> Any:
    if isinstance(answers, list):
        return [_known(keeps, instance) for instance in answers]
    if not isinstance(answers, Mapping):
        return None
    return {told: keep(answers[name]) for name, told, keep in keeps if name in answers}


def _labelled(labels: Mapping[str, str], answer: Any) -> Any:
    if not labels:
        return answer
    if isinstance(answer, list):
        return [labels.get(code, code) for code in answer]
    return labels.get(answer, answer) if isinstance(answer, str) else answer


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
