"""The rules of a plain definition, asked of answers whose types were checked; without any nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.definition import (
    Calculation,
    ChoiceSource,
    Container,
    Expression,
    Item,
    Question,
    Questionnaire,
    Roster,
    Section,
    Text,
    Valued,
)
from surveyapp.questionnaires.dependencies import DependencyCycle
from surveyapp.questionnaires.expressions import EvaluationError, to_boolean
from surveyapp.questionnaires.interview import FiredDisclosure
from surveyapp.questionnaires.interview.plan import plan_of
from surveyapp.questionnaires.swift.conditions import Frame, NotPlain, Plain, Words

_KEPT = 64


class Findings(NamedTuple):
    """What an interview of the same answers finds; the errors of irrelevant answers come last."""

    errors: tuple[AnswerError, ...]
    disclosures: tuple[FiredDisclosure, ...]


@dataclass(frozen=True, slots=True)
class _Relevance:
    """Where a condition makes items irrelevant: `within` are the item's path and all below it."""

    condition: Plain
    within: frozenset[str]
    #: path of the roster whose instances it is asked in
    roster: str | None


@dataclass(frozen=True, slots=True)
class _Check:
    """What is asked of one answer; a check of nothing is not in the plan."""

    item: Item
    required: Plain | None
    required_message: Text
    constraint: Plain | None
    constraint_message: Text
    disclosure: Plain | None
    level: str


@dataclass(frozen=True, slots=True)
class _Level:
    """What is looked at in a container: a check, or a section or roster with something in it."""

    name: str
    check: _Check | None = None
    below: tuple[_Level, ...] = ()
    roster: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that may be irrelevant, or a section or roster with some in it."""

    name: str
    path: str
    below: tuple[_Asked, ...] = ()
    is_roster: bool = False


def _asked(container: Container, conditional: Collection[str]) -> tuple[_Asked, ...]:
    """The questions of a container whose paths are among those that have a condition, in their order."""
    found: list[_Asked] = []
    for item in container.items:
        if isinstance(item, Question) and item.path in conditional:
            found.append(_Asked(item.name, item.path))
        elif isinstance(item, Section | Roster) and (below := _asked(item, conditional)):
            found.append(_Asked(item.name, item.path, below, isinstance(item, Roster)))
    return tuple(found)


@lru_cache(maxsize=_KEPT)
def plain_rules(questionnaire: Questionnaire) -> PlainRules | None:
    """The rules of a definition that has only plain ones; None: ask an interview."""
    try:
        return PlainRules(questionnaire)
    except (NotPlain, DependencyCycle):
        return None


class PlainRules:
    """The rules of a questionnaire, compiled; threads may share it."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        """Raises `NotPlain`."""
        plan, words = plan_of(questionnaire), Words(questionnaire)
        if plan.counts or plan.compared:
            raise NotPlain("something is computed")
        self._words, self._plan = words, plan
        for item in words.items.values():
            self._refuse_unusual(item)
        self._relevance = tuple(self._relevances())
        self._checks = self._levels(questionnaire.root)
        self._rosters = {path: words.names_within(path) for path in filter(None, words.rosters.values())}
        conditional = frozenset(chain.from_iterable(each.within for each in self._relevance))
        self._asked = _asked(questionnaire.root, conditional)

    def judge(self, answers: Answers, now: datetime) -> Findings:
        """What is wrong and what alarms; answers are of their types, `now` is aware."""
        frames = self._frames(answers, now)
        for relevance in self._relevance:
            for frame in frames[relevance.roster]:
                if not _is_asked(relevance.condition, frame):
                    frame.irrelevant |= relevance.within
        rows = {id(frame.answers): frame for some in frames.values() for frame in some}
        [whole] = frames[None]
        hearing = _Hearing(rows)
        hearing.look(self._checks, whole, answers, "")
        if any(frame.irrelevant for frame in rows.values()):
            hearing.look_for_irrelevant(self._asked, whole, answers, "")
        return Findings(tuple(hearing.errors), tuple(hearing.disclosures))

    def _frames(self, answers: Answers, now: datetime) -> dict[str | None, list[Frame]]:
        zone = now.tzinfo
        if zone is None:
            raise ValueError("an interview's moment needs an offset")
        whole = Frame(answers, now, zone, None)
        frames: dict[str | None, list[Frame]] = {None: [whole]}
        for path, names in self._rosters.items():
            rows: Any = answers
            for name in names:
                rows = rows.get(name) or {}
            frames[path] = [Frame(row, now, zone, whole) for row in rows]
        return frames

    # ------------------------------------------------------------ compiling

    def _refuse_unusual(self, item: Item) -> None:
        is_computed = isinstance(item, Calculation) or (
            isinstance(item, Question) and item.calculation is not None
        )
        if is_computed or (isinstance(item, Question) and item.choices and self._filters(item.choices)):
            raise NotPlain(item.path)

    def _filters(self, source: ChoiceSource) -> bool:
        """Whether a choice of the list may not be offered."""
        form = self._plan.questionnaire
        if source.filter or source.roster or source.nodes or source.search:
            return True
        if source.instance in form.external_lists or source.list_name not in form.choice_lists:
            return True
        nodes = self._plan.list_nodes(source)
        return not all(nodes.named(choice.name) for choice in form.choice_lists[source.list_name])

    def _relevances(self) -> Iterator[_Relevance]:
        """In an order in which each sees what it depends on."""
        for rule in self._plan.rules:
            item = rule.item
            if item.relevant is not None:
                condition = self._words.compile(item.relevant.tree, item)
                within = self._plan.within[item.path]
                yield _Relevance(condition, within, self._words.rosters[item.path])

    def _levels(self, container: Container) -> tuple[_Level, ...]:
        found = (self._level(item) for item in container.items)
        return tuple(level for level in found if level)

    def _level(self, item: Item) -> _Level | None:
        if isinstance(item, Section | Roster):
            below = self._levels(item)
            path = item.path if isinstance(item, Roster) else None
            return _Level(item.name, None, below, path) if below else None
        check = self._check(item)
        return _Level(item.name, check) if check else None

    def _check(self, item: Item) -> _Check | None:
        if not isinstance(item, Valued):
            return None
        is_question = isinstance(item, Question)
        required = self._compiled(item.required, item) if is_question else None
        constraint = self._compiled(item.constraint, item) if is_question else None
        disclosure = self._compiled(item.disclosure.condition, item) if item.disclosure else None
        if not (required or constraint or disclosure):
            return None
        return _Check(
            item,
            required,
            item.required_message,
            constraint,
            item.constraint_message,
            disclosure,
            item.disclosure.level if item.disclosure else "",
        )

    def _compiled(self, expression: Expression | None, item: Item) -> Plain | None:
        return self._words.compile(expression.tree, item) if expression else None


# --- asking -----------------------------------------------------------------------------------------


def _is_asked(condition: Plain, frame: Frame) -> bool:
    """A question whose condition cannot be evaluated is rather asked than lost."""
    return _holds(condition, frame, otherwise=True)


def _holds(condition: Plain, frame: Frame, *, otherwise: bool) -> bool:
    try:
        value = condition(frame)
        return value if value is True or value is False else to_boolean(value)
    except EvaluationError:
        return otherwise


class _Hearing:
    """One round through the answers; `rows` are the frames by the identity of their answers.

    A node path that is handed on has a slash at its end.
    """

    def __init__(self, rows: Mapping[int, Frame]) -> None:
        self._rows = rows
        self.errors: list[AnswerError] = []
        self.disclosures: list[FiredDisclosure] = []

    def look(
        self, levels: Sequence[_Level], frame: Frame, answers: Mapping[str, Any], path: str
    ) -> None:
        """Look at the answers of one container."""
        for level in levels:
            name, check, value = level.name, level.check, answers.get(level.name)
            if check is not None:
                if not frame.is_irrelevant(check.item.path):
                    self._ask(check, frame, value, path + name)
            elif level.roster:
                for position, row in enumerate(value or (), 1):
                    self.look(level.below, self._rows[id(row)], row, f"{path}{name}[{position}]/")
            else:
                self.look(level.below, frame, value or {}, f"{path}{name}/")

    def _ask(self, check: _Check, frame: Frame, value: Any, path: str) -> None:
        if value is None:
            if check.required and _holds(check.required, frame, otherwise=False):
                self.errors.append(AnswerError(path, "required", message=check.required_message))
        elif check.constraint and not _holds(check.constraint, frame, otherwise=True):
            self.errors.append(AnswerError(path, "constraint", message=check.constraint_message))
        if check.disclosure and _holds(check.disclosure, frame, otherwise=False):
            self.disclosures.append(FiredDisclosure(path, check.level))

    def look_for_irrelevant(
        self, asked: Sequence[_Asked], frame: Frame, answers: Mapping[str, Any], path: str
    ) -> None:
        """Find the questions that have an answer although they are not asked."""
        irrelevant = frame.irrelevant | frame.whole.irrelevant
        for item in asked:
            value = answers.get(item.name)
            if value is None:
                continue
            if item.is_roster:
                for position, row in enumerate(value, 1):
                    here = f"{path}{item.name}[{position}]/"
                    self.look_for_irrelevant(item.below, self._rows[id(row)], row, here)
            elif item.below:
                self.look_for_irrelevant(item.below, frame, value, f"{path}{item.name}/")
            elif item.path in irrelevant:
                self.errors.append(AnswerError(path + item.name, "irrelevant"))
