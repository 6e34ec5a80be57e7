"""Answers in JSON ↔ the tree of an interview."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    Calculation,
    Hidden,
    Metadata,
    Note,
    Question,
    Roster,
    Section,
    Valued,
)
from surveyapp.questionnaires.interview.growth import grow
from surveyapp.questionnaires.interview.nodes import Branch, Leaf
from surveyapp.questionnaires.interview.state import State
from surveyapp.questionnaires.paths import join
from surveyapp.questionnaires.values import MisshapenValue, typed


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
    state.recompute(frozenset())


def _fill(state: State, branch: Branch, answers: Any) -> None:
    if not isinstance(answers, dict):
        raise MisshapenAnswers(branch.path)
    for item in _items(branch):
        if item.name in answers and answers[item.name] is not None:
            _fill_item(state, branch, item.name, answers[item.name])


def _fill_item(state: State, branch: Branch, name: str, value: Any) -> None:
    if name in branch.whole:
        _fill_roster(state, branch, name, value)
        return
    child = branch.children(name)[0]
    if isinstance(child, Branch):
        _fill(state, child, value)
    elif isinstance(child.item, Valued):
        try:
            state.keep(child, value)
        except MisshapenValue as error:
            raise MisshapenAnswers(child.path) from error


def _fill_roster(state: State, branch: Branch, name: str, rows: Any) -> None:
    if not isinstance(rows, list):
        raise MisshapenAnswers(join(branch.path, name))
    roster = branch.whole[name].item
    assert isinstance(roster, Roster)
    for row in rows:
        _fill(state, state.restore_instance(branch, roster), row)


def _items(branch: Branch) -> tuple[Any, ...]:
    assert isinstance(branch.item, Section | Roster)
    return branch.item.items


# ---------------------------------------------------------------- out


def answers_of(branch: Branch) -> Answers:
    """What is submitted: the relevant items; None where something was asked and left empty."""
    found: Answers = {}
    for item in _items(branch):
        if item.name in branch.whole:
            if branch.whole[item.name].relevant:
                instances = branch.children(item.name)
                found[item.name] = [answers_of(each) for each in instances if each.relevant]
            continue
        child = branch.children(item.name)[0]
        if child.relevant and not isinstance(item, Note):
            found |= _answer(child)
    return found


