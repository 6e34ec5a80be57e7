"""Answers in JSON ↔ the tree of an interview."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    DataType,
    Hidden,
    Metadata,
    Note,
    Roster,
    Valued,
)
from surveyapp.questionnaires.expressions import Scalar
from surveyapp.questionnaires.interview.changes import EVERYTHING
from surveyapp.questionnaires.interview.growth import add_instance, grow
from surveyapp.questionnaires.interview.nodes import Branch, Leaf
from surveyapp.questionnaires.interview.state import State
from surveyapp.questionnaires.paths import join
from surveyapp.questionnaires.values import MisshapenValue, retyped, typed

#: numbers that differ by less were computed alike (JavaScript and Java round their last digit elsewhere)
_TOLERANCE = 1e-9


class MisshapenAnswers(ValueError):
    """Answers whose shape or types are not the questionnaire's; `path` is where it was noticed."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"misshapen answers at {path or 'the root'}")


# ---------------------------------------------------------------- in


def restore(state: State, answers: Answers) -> None:
    """Put answers, or a snapshot, into a state that is still empty. Raises `MisshapenAnswers`.

    Names that the questionnaire has not got are left out.
    """
    grow(state.root, first=False)
    _fill(state, state.root, answers)
    state.recompute(EVERYTHING)


def _fill(state: State, branch: Branch, answers: Any) -> None:
    if not isinstance(answers, dict):
        raise MisshapenAnswers(branch.path)
    for item in branch.item.items:
        value = answers.get(item.name)
        if isinstance(item, Roster):
            _fill_roster(state, branch, item, [] if value is None else value)
        elif value is not None:
            _fill_child(state, branch.child(item.name), value)


def _fill_roster(state: State, branch: Branch, roster: Roster, rows: Any) -> None:
    if not isinstance(rows, list):
        raise MisshapenAnswers(join(branch.path, roster.name))
    # a further instance of a roster around it may have begun with some
    branch.add_roster(roster)
    for row in rows:
        _fill(state, add_instance(branch, roster, first=False), row)


def _fill_child(state: State, child: Branch | Leaf, value: Any) -> None:
    if isinstance(child, Branch):
        _fill(state, child, value)
    elif isinstance(child.item, Valued):
        try:
            state.keep(child, value)
        except MisshapenValue as error:
            raise MisshapenAnswers(child.path) from error


# ---------------------------------------------------------------- out


def answers_of(branch: Branch) -> Answers:
    """What is submitted: what is relevant; None where something was asked and left empty.

    What nobody is asked (metadata, hidden values) is left out while it has no value.
    """
    found: Answers = {}
    for item in branch.item.items:
        if isinstance(item, Roster):
            if branch.whole[item.name].relevant:
                rows = branch.instances(item.name)
                found[item.name] = [answers_of(row) for row in rows if row.relevant]
            continue
        child = branch.child(item.name)
        if isinstance(child, Branch):
            if child.relevant and (inner := answers_of(child)):
                found[item.name] = inner
        elif child.relevant and _is_submitted(child):
            found[item.name] = child.stored
    return found


def _is_submitted(leaf: Leaf) -> bool:
    if isinstance(leaf.item, Metadata | Hidden):
        return leaf.stored is not None
    return not isinstance(leaf.item, Note)


def snapshot_of(branch: Branch) -> Answers:
    """Everything that is kept, the irrelevant too; without what is empty, but with every instance."""
    found: Answers = {}
    for item in branch.item.items:
        if isinstance(item, Roster):
            found[item.name] = [snapshot_of(row) for row in branch.instances(item.name)]
            continue
        child = branch.child(item.name)
        kept = snapshot_of(child) if isinstance(child, Branch) else child.stored
        if kept is not None and kept != {}:
            found[item.name] = kept
    return found


# ---------------------------------------------------------------- what a client sent


def miscalculated(state: State, sent: Answers) -> Iterator[Leaf]:
    """The calculations that were sent with another value than they have; volatile ones left out."""
    if not state.plan.compared:
        return
    for leaf, value in _sent_values(state.root, sent):
        computed = leaf.stored if leaf.relevant else None
        is_compared = leaf.item.path in state.plan.compared
        if is_compared and not _agree(leaf.kind, value, computed, state.zone):
            yield leaf


def _agree(kind: DataType, sent: Any, computed: Any, zone: tzinfo) -> bool:
    """Whether two values of a calculation are the same, however it writes its numbers and moments."""
    try:
        ours, theirs = (typed(kind, value, zone) for value in (computed, sent))
    except MisshapenValue:
        return False
    if isinstance(ours, str) and isinstance(theirs, str):
        ours, theirs = retyped(ours, zone), retyped(theirs, zone)
    if isinstance(ours, float):
        return math.isclose(ours, _number(theirs), rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return ours == theirs


def _number(value: Scalar) -> float:
    """A number that may be written as JavaRosa writes large ones, `1.0E12`; NaN for anything else."""
    try:
        return float(value) if isinstance(value, str | float) else math.nan
    except ValueError:
        return math.nan


def _sent_values(branch: Branch, sent: Any) -> Iterator[tuple[Leaf, Any]]:
    """The leaves for which answers of the same shape have a value, with that value (also None)."""
    if not isinstance(sent, dict):
        return
    for item in branch.item.items:
        if item.name not in sent:
            continue
        value = sent[item.name]
        if isinstance(item, Roster):
            rows = value if isinstance(value, list) else []
            for instance, row in zip(branch.instances(item.name), rows, strict=False):
                yield from _sent_values(instance, row)
            continue
        child = branch.child(item.name)
        if isinstance(child, Branch):
            yield from _sent_values(child, value)
        else:
            yield child, value
