"""Expressions that say something else than their author means: seen on the parsed definition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surveyapp.questionnaires.checking.codes import code_problems
from surveyapp.questionnaires.checking.domains import Domains
from surveyapp.questionnaires.checking.location import problem_at
from surveyapp.questionnaires.checking.nearest import nearest
from surveyapp.questionnaires.checking.reading import Items, Part, Stated, parts_of, stated
from surveyapp.questionnaires.checking.truth import Condition, Truths
from surveyapp.questionnaires.definition import (
    DataType,
    Item,
    Question,
    Questionnaire,
    Table,
    Tree,
    Valued,
)
from surveyapp.questionnaires.dependencies import Dependencies
from surveyapp.questionnaires.expressions import print_expression
from surveyapp.questionnaires.expressions.conversions import to_number
from surveyapp.questionnaires.expressions.moments import ESCAPES, escapes_of
from surveyapp.questionnaires.expressions.patterns import PatternError
from surveyapp.questionnaires.expressions.patterns.ambiguity import could_run_for_ever
from surveyapp.questionnaires.expressions.signatures import ONLY_OURS
from surveyapp.questionnaires.graphs import components, shortest_cycle
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.values import MisshapenValue, from_text

_ORDER = frozenset({"<", "<=", ">", ">="})
_EQUALITY = frozenset({"=", "!="})
_MOMENTS = frozenset({DataType.DATE, DataType.DATETIME, DataType.TIME})
_MOMENT_CALLS = frozenset({"today", "now", "date", "date-time"})
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?|[0-9]{2}:[0-9]{2}.*|")
#: what an item depends on is in these
_JUDGING = frozenset({"relevant", "required", "readonly", "calculate"})
#: steps that are no names
_STEPS = frozenset({".", "..", "*"})
_KNOWN_ESCAPES = " ".join(f"%{escape}" for escape in sorted(ESCAPES - {"%"}))
_SELECTS = frozenset({DataType.SELECT_ONE, DataType.SELECT_MULTIPLE, DataType.RANK})


class Meaning:
    """The checks of one questionnaire."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._items = Items.of(questionnaire)
        self._domains = Domains(questionnaire)
        self._truths = Truths(self._items, self._domains)

    def problems(self) -> Iterator[Problem]:
        """All that is wrong, each at its item and attribute."""
        for statement in stated(self._questionnaire):
            for part in parts_of(statement):
                for check in (
                    *(_only_ours, _for_ever, _unformatted, _bad_date),
                    *(self._as_text, self._not_listed),
                ):
                    yield from check(statement, part)
                yield from self._nowhere(statement, part)
        yield from self._bare_names()
        yield from self._columns()
        yield from self._cycles()
        yield from self._never()
        for item in self._items.by_path.values():
            if isinstance(item, Valued) and item.missing:
                yield from code_problems(item, self._questionnaire, self._items)

    # ---------------------------------------------------------------- comparisons

    def _as_text(self, statement: Stated, part: Part) -> Iterator[Problem]:
        """Order compares numbers, and a text that is none is smaller or larger than nothing."""
        match part.tree:
            case [str() as operator, left, right] if operator in _ORDER | _EQUALITY:
                for text, other in ((left, right), (right, left)):
                    code = self._text_fault(operator, text, other, part, statement.item)
                    if code:
                        facts = {"text": text[1], "compared": print_expression(part.tree)}
                        yield problem_at(statement.item, statement.attribute, code, **facts)

    def _text_fault(self, operator: str, text: Tree, other: Tree, part: Part, item: Item) -> str:
        if text[0] != "string" or to_number(text[1]) == to_number(text[1]):
            return ""
        moment = self._is_moment(other, part, item)
        if operator in _ORDER:
            return "date_as_text" if moment or (_ISO.fullmatch(text[1]) and text[1]) else "text_ordered"
        return "date_as_text" if moment and not _ISO.fullmatch(text[1]) else ""

    def _is_moment(self, tree: Tree, part: Part, item: Item) -> bool:
        if tree[0] == "call":
            return tree[1] in _MOMENT_CALLS
        target = self._items.single(Part(tree, part.own), item)
        return target is not None and target.type in _MOMENTS

    def _not_listed(self, statement: Stated, part: Part) -> Iterator[Problem]:
        """A select compared with the name of no choice."""
        match part.tree:
            case ["=" | "!=", left, right]:
                pairs = [(left, right), (right, left)]
            case ["call", "selected" | "is-selected", left, right]:
                pairs = [(left, right)]
            case _:
                return
        for path, name in pairs:
            target = self._items.single(Part(path, part.own), statement.item)
            if target is not None and target.type in _SELECTS and name[0] in {"string", "number"}:
                yield from self._listed(statement, target, str(name[1]))

    def _listed(self, statement: Stated, target: Valued, name: str) -> Iterator[Problem]:
        names = self._domains.choice_names(target)
        if names is None or not name.strip() or name in names:
            return
        if any(to_number(name) == to_number(each) for each in names):
            return
        facts = {"question": target.name, "choice": name, "meant": nearest(name, names)}
        yield problem_at(statement.item, statement.attribute, "unknown_choice", **facts)

    def _bare_names(self) -> Iterator[Problem]:
        """A word where an answer is meant: nothing stands below a question, so it is always empty."""
        for statement in stated(self._questionnaire):
            if not isinstance(statement.item, Valued) or statement.attribute == "itemset":
                continue
            for part in parts_of(statement):
                if name := _bare(part):
                    names = (item.name for item in self._items.by_path.values())
                    facts = {"name": name, "meant": nearest(name, names)}
                    yield problem_at(statement.item, statement.attribute, "bare_name", **facts)

    # ---------------------------------------------------------------- paths

    def _nowhere(self, statement: Stated, part: Part) -> Iterator[Problem]:
        """A path written by hand, of which pyxform says nothing: Collect finds no value there."""
        if _bare(part) and isinstance(statement.item, Valued):
            return  # `_bare_names` tells of it
        path = self._items.meant(part, statement.item)
        if self._items.leaves_answers(part, statement.item):
            path = print_expression(part.tree)
        elif not path or self._items.has(path):
            return
        yield problem_at(statement.item, statement.attribute, "unknown_path", path=path)

    # ---------------------------------------------------------------- choice filters

    def _columns(self) -> Iterator[Problem]:
        for item in self._items.by_path.values():
            if isinstance(item, Question) and item.choices and item.choices.filter:
                yield from self._columns_of(item)

    def _columns_of(self, item: Question) -> Iterator[Problem]:
        source = item.choices
        if source is None or source.filter is None:
            return
        table = self._questionnaire.instances.get(source.instance)
        if not isinstance(table, Table) or source.instance in self._questionnaire.external_lists:
            return
        known = {"name", "label", *table.columns}
        for column in dict.fromkeys(_columns_read(source.filter.tree)):
            if column not in known:
                facts = {"column": column, "list": source.list_name, "meant": nearest(column, known)}
                yield problem_at(item, "choice_filter", "unknown_column", **facts)

    # ---------------------------------------------------------------- cycles

    def _cycles(self) -> Iterator[Problem]:
        dependencies = Dependencies(self._questionnaire.root, self._questionnaire.root_name)
        before = {path: dependencies.directly_before(path) for path in self._items.by_path}
        order = {path: number for number, path in enumerate(before)}
        for found in components(before, before.__getitem__):
            first = min(found, key=order.__getitem__)
            if len(found) > 1:
                ordered = [first, *(each for each in found if each != first)]
                cycle = shortest_cycle(ordered, before.__getitem__)
                yield problem_at(self._items.by_path[first], "", "cycle", paths=tuple(cycle))
            elif first in before[first]:
                yield from self._own_references(self._items.by_path[first], dependencies)

    def _own_references(self, item: Item, dependencies: Dependencies) -> Iterator[Problem]:
        for statement in stated(self._questionnaire):
            if statement.item is not item or statement.attribute not in _JUDGING:
                continue
            if item.path in dependencies.read_by(statement.expression, item):
                yield problem_at(item, statement.attribute, "own_reference", name=item.name)

    # ---------------------------------------------------------------- never true

    def _never(self) -> Iterator[Problem]:
        never: set[str] = set()
        for item in self._items.by_path.values():
            around = self._items.around(item)
            if item.relevant and not never & {each.path for each in around}:
                problem = self._never_relevant(item, around)
                if problem:
                    never.add(item.path)
                    yield problem
            if isinstance(item, Valued) and item.constraint:
                condition = Condition(item.constraint.tree, item)
                if self._truths.never([condition], answered=item):
                    facts = {"name": item.name}
                    yield problem_at(item, "constraint", "never_kept", **facts)

    def _never_relevant(self, item: Item, around: list[Item]) -> Problem | None:
        own = [Condition(item.relevant.tree, item)] if item.relevant else []
        if self._truths.never(own):
            return problem_at(item, "relevant", "never_relevant", name=item.name)
        outer = [Condition(each.relevant.tree, each) for each in around if each.relevant]
        if outer and self._truths.never([*own, *outer]):
            names = [each.name for each in around if each.relevant]
            return problem_at(item, "relevant", "never_within", name=item.name, groups=", ".join(names))
        return None


def _bad_date(statement: Stated, part: Part) -> Iterator[Problem]:
    """`date('31.12.2024')`, which stops a form in ODK Collect."""
    match part.tree:
        case ["call", "date" | "date-time", ["string", str() as text]] if text and not _is_date(text):
            yield problem_at(statement.item, statement.attribute, "bad_date", text=text)


def _is_date(text: str) -> bool:
    try:
        from_text(DataType.DATETIME if "T" in text else DataType.DATE, text)
    except MisshapenValue:
        return False
    return True


def _bare(part: Part) -> str | None:
    """The word that a part of an expression is, if it is nothing else."""
    match part.tree:
        case ["relative", [str() as name]] if part.own and name not in _STEPS:
            return name
    return None


def _only_ours(statement: Stated, part: Part) -> Iterator[Problem]:
    match part.tree:
        case ["call", str() as name, *_] if name in ONLY_OURS:
            yield problem_at(statement.item, statement.attribute, "only_ours", name=name)


def _for_ever(statement: Stated, part: Part) -> Iterator[Problem]:
    match part.tree:
        case ["call", "regex", _, ["string", str() as pattern]] if _is_endless(pattern):
            facts = {"pattern": pattern}
            yield problem_at(statement.item, statement.attribute, "pattern_forever", **facts)


def _unformatted(statement: Stated, part: Part) -> Iterator[Problem]:
    match part.tree:
        case ["call", "format-date" | "format-date-time", _, ["string", str() as pattern]]:
            unknown = next((escape for escape in escapes_of(pattern) if escape not in ESCAPES), None)
            if unknown is not None:
                facts = {"escape": f"%{unknown}", "known": _KNOWN_ESCAPES}
                yield problem_at(statement.item, statement.attribute, "date_format", **facts)


def _is_endless(pattern: str) -> bool:
    try:
        return could_run_for_ever(pattern)
    except PatternError:
        return False


def _columns_read(tree: Tree) -> Iterator[str]:
    """Columns of the list that a filter reads; not those of other lists within its predicates."""
    match tree:
        case ["relative", [str() as name], *_] if name not in {".", ".."}:
            yield name
        case ["relative" | "absolute" | "current" | "instance", *_]:
            return
        case [_, *operands]:
            for operand in operands:
                if isinstance(operand, list):
                    yield from _columns_read(operand)
