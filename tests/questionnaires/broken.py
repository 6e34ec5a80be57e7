"""Answers with one defect each, and what is to be said of it: made from valid ones."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from hypothesis import strategies as st

from surveyapp.questionnaires import paths
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    SELECT_TYPES,
    Container,
    DataType,
    Question,
    Questionnaire,
    Roster,
    Section,
    Valued,
)
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.invention import clues
from surveyapp.questionnaires.partition import leaves
from surveyapp.questionnaires.schema import Limits
from tests.questionnaires.strategies import NOW, typed_answer, valid_answers


class Verdict(StrEnum):
    """What must become of an answer with a defect."""

    MISFIT = "does not fit its version"
    RULE = "fits, breaks a rule"
    FOREIGN = "fits, with something nobody knows"


@dataclass(frozen=True)
class Broken:
    """Answers with one defect. `path` is where it is told; any of `codes` is right."""

    defect: str
    answers: Any
    verdict: Verdict
    path: str = ""
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sample:
    """Valid answers to be broken, and what is needed for it."""

    questionnaire: Questionnaire
    answers: Answers
    limits: Limits
    draw: Callable[[st.SearchStrategy[Any]], Any]
    language: str = "kk"
    now: datetime = field(default=NOW)

    def found(
        self, wanted: Callable[[Valued], bool] = lambda _item: True
    ) -> list[tuple[str, Valued, Any]]:
        """The answers whose items are wanted, empty ones left out."""
        return [
            leaf
            for leaf in leaves(self.questionnaire, self.answers)
            if leaf[2] is not None and wanted(leaf[1])
        ]

    def one_of(self, leaves_found: Sequence[tuple[str, Valued, Any]]) -> tuple[str, Valued, Any] | None:
        """One of them, or None if there is none."""
        return self.draw(st.sampled_from(leaves_found)) if leaves_found else None

    def interview(self) -> Interview:
        """The interview of the valid answers."""
        return Interview(self.questionnaire, self.answers, language=self.language, now=self.now)


Break: TypeAlias = Callable[[Sample], Broken | None]


def broken_answers(questionnaire: Questionnaire, limits: Limits) -> st.SearchStrategy[Broken]:
    """Valid answers with one of the defects that can be made in them."""

    @st.composite
    def broken(draw: st.DrawFn) -> Broken:
        sample = Sample(questionnaire, draw(valid_answers(questionnaire)), limits, draw)
        for make in draw(st.permutations(DEFECTS)):
            made = make(sample)
            if made is not None:
                return made
        raise AssertionError("every questionnaire can be sent an unknown field")

    return broken()


def put(answers: Answers, path: str, value: Any) -> Answers:
    """A copy of answers with another value at a node path."""
    changed = copy.deepcopy(answers)
    below: Any = changed
    *way, last = paths.parse_path(path)
    for step in way:
        below = below.setdefault(step.name, {})
        below = below if step.position is None else below[step.position - 1]
    if last.position is None:
        below[last.name] = value
    else:
        below[last.name][last.position - 1] = value
    return changed


def without(answers: Answers, path: str) -> Answers:
    """A copy of answers without the one at a node path."""
    changed = put(answers, path, None)
    below: Any = changed
    *way, last = paths.parse_path(path)
    for step in way:
        below = below[step.name] if step.position is None else below[step.name][step.position - 1]
    del below[last.name]
    return changed


def containers(questionnaire: Questionnaire, answers: Answers) -> list[tuple[str, Container]]:
    """The sections and roster instances there are, the whole included."""
    return [("", questionnaire.root), *_containers(questionnaire.root, answers, "")]


def _containers(container: Container, answers: Answers, path: str) -> Iterator[tuple[str, Container]]:
    for item in container.items:
        value, here = answers.get(item.name), paths.join(path, item.name)
        if isinstance(item, Section) and value is not None:
            yield here, item
            yield from _containers(item, value, here)
        elif isinstance(item, Roster):
            for position, instance in enumerate(value or [], 1):
                yield f"{here}[{position}]", item
                yield from _containers(item, instance, f"{here}[{position}]")


def rosters(sample: Sample) -> list[str]:
    """Paths of the rosters that are in the answers."""
    return [
        paths.join(path, item.name)
        for path, container in containers(sample.questionnaire, sample.answers)
        for item in container.items
        if isinstance(item, Roster) and item.name in at(sample.answers, path)
    ]


def at(answers: Answers, path: str) -> Any:
    """What stands at a node path."""
    below: Any = answers
    for step in paths.parse_path(path):
        below = below[step.name] if step.position is None else below[step.name][step.position - 1]
    return below


# --- types ----------------------------------------------------------------------------------------

#: values of no type at all
NOTHING_LIKE_IT: tuple[Any, ...] = ({"x": 1}, [[]], [{}], [5], [None])
#: what else a type does not take
ALSO_WRONG: dict[DataType, tuple[Any, ...]] = {
    DataType.INTEGER: ("5", True, 2.5, float("nan"), 10**400),
    DataType.DECIMAL: ("5", False, float("inf"), 10**400),
    DataType.DATE: ("2026-02-30", "tomorrow", 20260905, "2026-9-5"),
    DataType.TIME: ("14:30", "25:00:00+05:00", 14),
    DataType.DATETIME: ("2026-09-05", "2026-09-05T14:30:00", "2026-13-05T14:30:00+05:00", 0),
    DataType.SELECT_ONE: (1, True, ["yes"]),
    DataType.SELECT_MULTIPLE: ("yes", 1, True),
    DataType.RANK: ("yes", 1, True),
    DataType.GEOPOINT: ("43 76 0 0", {"lat": 43}, {"lat": 91, "lon": 0}, 43.5),
    DataType.GEOTRACE: ("43 76 0 0", [{"lat": 43, "lon": 76}]),
    DataType.GEOSHAPE: ("43 76 0 0", [{"lat": 43, "lon": 76}]),
    DataType.IMAGE: ("../../keys.json", "", 5),
    DataType.ACKNOWLEDGE: ("no", 1.5),
    DataType.BOOLEAN: ("no", 1),
}


def wrong_type(sample: Sample) -> Broken | None:
    leaf = sample.one_of(sample.found())
    if leaf is None:
        return None
    path, item, _value = leaf
    wrong = sample.draw(st.sampled_from(NOTHING_LIKE_IT + ALSO_WRONG.get(item.type, ())))
    return Broken("wrong type", put(sample.answers, path, wrong), Verdict.MISFIT, path)


def impossible_date(sample: Sample) -> Broken | None:
    leaf = sample.one_of(sample.found(lambda item: item.type is DataType.DATE))
    if leaf is None:
        return None
    answers = put(sample.answers, leaf[0], "2023-02-29")
    return Broken("impossible date", answers, Verdict.MISFIT, leaf[0], frozenset({"date"}))


def unknown_choice(sample: Sample) -> Broken | None:
    lists = sample.questionnaire.choice_lists
    leaf = sample.one_of(
        sample.found(
            lambda item: (
                isinstance(item, Question)
                and item.choices is not None
                and item.choices.list_name in lists
            )
        )
    )
    if leaf is None:
        return None
    path, item, _value = leaf
    pink = "pink-elephant" if item.type is DataType.SELECT_ONE else ["pink-elephant"]
    return Broken(
        "unknown choice", put(sample.answers, path, pink), Verdict.MISFIT, path, frozenset({"choice"})
    )


def repeated_choice(sample: Sample) -> Broken | None:
    leaf = sample.one_of(sample.found(lambda item: item.type in SELECT_TYPES - {DataType.SELECT_ONE}))
    if leaf is None:
        return None
    path, _item, value = leaf
    twice = put(sample.answers, path, [*value, value[0]])
    return Broken("repeated choice", twice, Verdict.MISFIT, path, frozenset({"repeated"}))


def unstorable_text(sample: Sample) -> Broken | None:
    leaf = sample.one_of(sample.found(lambda item: item.type is DataType.TEXT))
    bad = sample.draw(st.sampled_from(["\x00", "\ud800", "a\udfff", "o" + "\u0301" * 31]))
    if leaf is None:
        return Broken(
            "unstorable key", sample.answers | {bad: 1}, Verdict.MISFIT, "", frozenset({"unstorable"})
        )
    path = leaf[0]
    return Broken(
        "unstorable text",
        put(sample.answers, path, bad),
        Verdict.MISFIT,
        path,
        frozenset({"unstorable"}),
    )


def endless_text(sample: Sample) -> Broken | None:
    leaf = sample.one_of(sample.found(lambda item: item.type is DataType.TEXT))
    if leaf is None:
        return None
    answers = put(sample.answers, leaf[0], "ә" * (sample.limits.text_length + 1))
    return Broken("endless text", answers, Verdict.MISFIT, leaf[0], frozenset({"too_long"}))


def deep_nesting(sample: Sample) -> Broken | None:
    pit: Any = 1
    for _ in range(5000):
        pit = [pit]
    path, _container = sample.draw(st.sampled_from(containers(sample.questionnaire, sample.answers)))
    answers = put(sample.answers, paths.join(path, "pit"), pit)
    return Broken("deep nesting", answers, Verdict.MISFIT, path, frozenset({"too_deep"}))


def crowded_roster(sample: Sample) -> Broken | None:
    found = rosters(sample)
    if not found:
        return None
    path = sample.draw(st.sampled_from(found))
    instances: list[Any] = at(sample.answers, path)
    crowd = [instances[0] if instances else {}] * (sample.limits.roster_instances + 1)
    answers = put(sample.answers, path, crowd)
    return Broken("crowded roster", answers, Verdict.MISFIT, path, frozenset({"too_many"}))


def misshapen_container(sample: Sample) -> Broken | None:
    found = [path for path, _container in containers(sample.questionnaire, sample.answers)]
    path = sample.draw(st.sampled_from(found + rosters(sample)))
    shape = sample.draw(st.sampled_from([5, "text", True, None]))
    answers = put(sample.answers, path, shape) if path else shape
    return Broken("misshapen", answers, Verdict.MISFIT, path, frozenset({"object", "list"}))


def swapped_container(sample: Sample) -> Broken | None:
    """A roster as an object, a section or an instance as a list."""
    found = [path for path, _container in containers(sample.questionnaire, sample.answers) if path]
    all_rosters = rosters(sample)
    if not found + all_rosters:
        return None
    path = sample.draw(st.sampled_from(found + all_rosters))
    answers = put(sample.answers, path, {} if path in all_rosters else [])
    return Broken("swapped", answers, Verdict.MISFIT, path, frozenset({"object", "list"}))


# --- fields nobody knows --------------------------------------------------------------------------


def unknown_field(sample: Sample) -> Broken | None:
    path, _container = sample.draw(st.sampled_from(containers(sample.questionnaire, sample.answers)))
    here = paths.join(path, "of_a_newer_version")
    value = sample.draw(st.sampled_from([None, 1, "text", {"deep": [1, {"er": None}]}]))
    return Broken("unknown field", put(sample.answers, here, value), Verdict.FOREIGN, here)


# --- rules ----------------------------------------------------------------------------------------


def missing_answer(sample: Sample) -> Broken | None:
    interview = sample.interview()
    found = [leaf for leaf in sample.found() if _asks(leaf[1]) and interview.required(leaf[0])]
    leaf = sample.one_of(found)
    if leaf is None:
        return None
    emptied = sample.draw(st.booleans())
    answers = put(sample.answers, leaf[0], None) if emptied else without(sample.answers, leaf[0])
    return Broken("missing answer", answers, Verdict.RULE, leaf[0], frozenset({"required"}))


def out_of_range(sample: Sample) -> Broken | None:
    """A negative age, a visit of a thousand hours."""
    found = []
    for path, item, _value in sample.found(lambda item: item.type is DataType.INTEGER and _asks(item)):
        told = clues(item.constraint)
        if told.least > -math.inf:
            found.append((path, item, int(told.least) - 1))
        if told.most < math.inf:
            found.append((path, item, int(told.most) + 1))
    leaf = sample.one_of(found)
    if leaf is None:
        return None
    answers = put(sample.answers, leaf[0], leaf[2])
    return Broken("out of range", answers, Verdict.RULE, leaf[0], frozenset({"constraint"}))


def answer_to_nothing(sample: Sample) -> Broken | None:
    """An answer to a question that was not asked."""
    interview = sample.interview()
    found = [
        item
        for item in sample.questionnaire.walk()
        if isinstance(item, Question) and not _in_roster(sample.questionnaire, item.path)
        if not interview.relevant(item.path) and not item.calculation and not item.invitation
    ]
    if not found:
        return None
    item = sample.draw(st.sampled_from(found))
    value = sample.draw(typed_answer(sample.questionnaire, item).filter(bool))
    answers = put(sample.answers, item.path, value)
    return Broken("irrelevant answer", answers, Verdict.RULE, item.path, frozenset({"irrelevant"}))


def filtered_choice(sample: Sample) -> Broken | None:
    """A district of another region."""
    interview = sample.interview()
    found = []
    for path, item, _value in sample.found(lambda item: item.type is DataType.SELECT_ONE):
        if isinstance(item, Question) and item.choices and item.choices.filter:
            whole = {choice.name for choice in sample.questionnaire.choice_lists[item.choices.list_name]}
            left = whole - {choice.name for choice in interview.choices(path)}
            found += [(path, item, name) for name in sorted(left)]
    leaf = sample.one_of(found)
    if leaf is None:
        return None
    answers = put(sample.answers, leaf[0], leaf[2])
    return Broken("filtered choice", answers, Verdict.RULE, leaf[0], frozenset({"choice"}))


def _asks(item: Valued) -> bool:
    return isinstance(item, Question) and item.calculation is None and item.read_only is None


def _in_roster(questionnaire: Questionnaire, path: str) -> bool:
    return any(
        isinstance(item, Roster) and paths.is_below(path, item.path) for item in questionnaire.walk()
    )


DEFECTS: tuple[Break, ...] = (
    wrong_type,
    impossible_date,
    unknown_choice,
    repeated_choice,
    unstorable_text,
    endless_text,
    deep_nesting,
    crowded_roster,
    misshapen_container,
    swapped_container,
    unknown_field,
    missing_answer,
    out_of_range,
    answer_to_nothing,
    filtered_choice,
)
