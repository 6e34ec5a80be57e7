"""The answers of one interview and what follows from them: relevance, calculations, counted rosters.

After a change everything that it may touch is evaluated anew, as in JavaRosa, each item after those
that it depends on. Volatile calculations are kept as they are for as long as nothing that they depend
on has changed.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Any

from surveyapp.questionnaires.definition import (
    Assignment,
    Calculation,
    DataType,
    Expression,
    Item,
    Metadata,
    Question,
    Roster,
    Valued,
)
from surveyapp.questionnaires.expressions import Compiled, compiled, to_boolean, to_number
from surveyapp.questionnaires.interview.changes import EVERYTHING, Change
from surveyapp.questionnaires.interview.growth import add_instance, grow
from surveyapp.questionnaires.interview.nodes import Branch, Leaf, Node, below
from surveyapp.questionnaires.interview.plan import Count, Plan, Rule
from surveyapp.questionnaires.interview.prefilled import prefilled
from surveyapp.questionnaires.interview.scope import Scope
from surveyapp.questionnaires.paths import BadPath, Step, is_below, parse_path
from surveyapp.questionnaires.values import (
    MisshapenValue,
    from_result,
    from_text,
    retyped,
    typed,
)

#: a count may look into the roster that it counts, and so grow as its instances appear; real forms
#: settle in two rounds
MAX_GROWTHS = 50
#: instances that a count may ask for: a mistyped 500000000 must not fill the memory
MAX_COUNTED = 1000
#: instances that all counts of one interview may ask for, those of rosters within rosters included
MAX_COUNTED_IN_ALL = 5000
#: assignments that one change may set off, those that set off each other without end included
MAX_ASSIGNMENTS = 200


class State:
    """The tree of answers of one interview, kept consistent."""

    def __init__(self, plan: Plan, *, language: str, now: datetime, random: Callable[[], float]) -> None:
        if now.tzinfo is None:
            raise ValueError("an interview's moment needs an offset")
        self.plan = plan
        self.zone: tzinfo = now.tzinfo
        self.root = Branch(plan.questionnaire.root, None, name=plan.questionnaire.root_name)
        self.scope = Scope(plan, self.root, language=language, now=now, random=random)
        self._room = MAX_COUNTED_IN_ALL
        self._branches: dict[str, list[Branch]] = {}
        self._waiting_defaults: dict[str, tuple[Expression, list[Leaf]]] = {}
        self._waiting_assignments: deque[tuple[Node, Assignment]] = deque()

    def leaves(self, branch: Branch | None = None) -> Iterator[Leaf]:
        """Every leaf below a branch, or of all, in document order."""
        return (node for node in below(branch or self.root) if isinstance(node, Leaf))

    def branches(self, path: str) -> list[Branch]:
        """All branches of a container's item path."""
        found = self._branches.get(path)
        if found is None:
            found = self._branches[path] = self._find_branches(path)
        return found

    def _find_branches(self, path: str) -> list[Branch]:
        if not path:
            return [self.root]
        container, _, name = path.rpartition("/")
        return [
            child
            for branch in self.branches(container)
            for child in branch.children(name)
            if isinstance(child, Branch)
        ]

    def find(self, path: str) -> Node | None:
        """The node of a path; a roster without a position is the roster as a whole."""
        try:
            steps = parse_path(path)
        except BadPath:
            return None
        node: Node | None = self.root
        for step in steps:
            node = _step_down(node, step) if isinstance(node, Branch) else None
        return node

    # ------------------------------------------------------------ beginning and finishing

    def begin(self, *, counted_first: bool = False) -> None:
        """Begin a new form: defaults, what the device fills in, an instance of uncounted rosters."""
        grow(self.root, first=True, counted=counted_first)
        self._preload("timestamp", "start", self.scope.now.isoformat(timespec="milliseconds"))
        self._preload("date", "today", self.scope.now.date().isoformat())
        self._put_defaults(self.root, first=True)
        for leaf, text in prefilled(self.root):
            self.keep(leaf, _static_default(leaf.kind, text))
        self.recompute(EVERYTHING)

    def finish(self) -> None:
        """Fill in when the form was finished."""
        self._preload("timestamp", "end", self.scope.now.isoformat(timespec="milliseconds"))
        self.recompute(EVERYTHING)

    def _preload(self, preload: str, parameter: str, value: str) -> None:
        for leaf in self.leaves():
            item = leaf.item
            if (
                isinstance(item, Metadata)
                and item.preload == preload
                and item.preload_parameter == parameter
            ):
                self.keep(leaf, value)

    # ------------------------------------------------------------ values

    def keep(self, leaf: Leaf, value: Any) -> None:
        """Give a leaf its JSON value; nothing follows yet. Raises `MisshapenValue`."""
        leaf.typed = typed(leaf.kind, value, self.zone)
        if isinstance(leaf.item, Calculation) and isinstance(leaf.typed, str):
            leaf.typed = retyped(leaf.typed, self.zone)
        leaf.stored = None if leaf.typed == "" else value
        leaf.evaluated = leaf.stored is not None

    def assign(self, leaf: Leaf, value: Any) -> None:
        """Change an answer, and work out what follows. Raises `MisshapenValue`."""
        if self._change(leaf, value):
            self.recompute(Change.of([leaf]))

    def _change(self, leaf: Leaf, value: Any) -> bool:
        before = leaf.stored
        self.keep(leaf, value)
        if leaf.stored == before:
            return False
        if isinstance(leaf.item, Question):
            self._waiting_assignments += ((leaf, each) for each in leaf.item.assignments)
        return True

    def _change_to_result(self, leaf: Leaf, expression: Expression, attribute: str) -> bool:
        result = self.scope.evaluate(compiled(expression), leaf, attribute)
        if result is None:
            return False
        return self._change(leaf, from_result(leaf.kind, result, self.scope))

    # ------------------------------------------------------------ roster instances

    def add_instance(self, container: Branch, roster: Roster, *, first: bool = False) -> Branch:
        """Append an instance with its defaults; nothing else follows yet."""
        instance = add_instance(container, roster, first=first)
        self._branches.clear()
        self._put_defaults(instance, first=first)
        if not first:
            self._waiting_assignments += ((instance, each) for each in roster.assignments)
        return instance

    def remove_instance(self, container: Branch, instance: Node) -> None:
        """Take an instance away; nothing else follows yet."""
        container.remove(instance)
        self._branches.clear()

    def resizing(self, *rosters: Roster) -> Change:
        """The change that instances of these rosters came or went."""
        paths = frozenset(roster.path for roster in rosters)
        within = (self.plan.within[path] for path in paths)
        return Change(frozenset[str]().union(*within), resized=paths)

    def surplus(self, roster: Roster, container: Branch) -> int:
        """How many instances a roster has beyond its count; none if it has no count."""
        count = next((each for each in self.plan.counts if each.roster is roster), None)
        if count is None:
            return 0
        return max(0, len(container.instances(roster.name)) - self._wanted(count, container))

    def _wanted(self, count: Count, container: Branch) -> int:
        """How many instances a roster's count asks for."""
        whole = container.whole[count.roster.name]
        result = self.scope.evaluate(count.evaluate, whole, "repeat_count")
        number = to_number(result or 0)
        return max(0, int(number)) if math.isfinite(number) else 0

    # ------------------------------------------------------------ what follows

    def recompute(self, change: Change) -> None:
        """Evaluate what follows from a change, and what follows from that."""
        growths = assignments = 0
        following: Change | None = change
        while following:
            for rule in self.plan.rules:
                self._follow(rule, following)
            if growths < MAX_GROWTHS and (following := self._extend_counted()):
                growths += 1
            elif following := self._put_waiting_defaults():
                continue
            elif assignments < MAX_ASSIGNMENTS and (following := self._carry_out_waiting()):
                assignments += 1
        self._waiting_assignments.clear()

    def _follow(self, rule: Rule, change: Change) -> None:
        if not change.concerns(rule):
            return
        for branch in self.branches(rule.container):
            if branch.relevant:
                for node in _nodes(rule.item, branch):
                    self._follow_at(node, rule, change)

    def _follow_at(self, node: Node, rule: Rule, change: Change) -> None:
        if rule.relevant is not None:
            result = self.scope.evaluate(rule.relevant, node, "relevant")
            # a question whose condition cannot be evaluated is rather asked than lost
            node.judge(result is None or to_boolean(result))
        if rule.calculation is not None and node.own_relevance and isinstance(node, Leaf):
            if rule.volatile and node.evaluated and not change.redraws(rule, node):
                return
            self._calculate(node, rule, rule.calculation)

    def _calculate(self, leaf: Leaf, rule: Rule, calculation: Compiled) -> None:
        result = self.scope.evaluate(calculation, leaf, "calculate")
        value = from_result(leaf.kind, "" if result is None else result, self.scope)
        if leaf.kind is DataType.TEXT and not rule.volatile and value is not None and result is not None:
            # until it is stored and read again, JavaRosa reckons with what came out
            leaf.stored, leaf.typed = value, result
        else:
            self.keep(leaf, value)
        leaf.evaluated = True

    def _extend_counted(self) -> Change | None:
        """Add the instances that counts ask for. They never take any away, as in JavaRosa."""
        grown = [
            count.roster
            for count in self.plan.counts
            for container in list(self.branches(count.container))
            if container.whole[count.roster.name].relevant and self._extend(count, container)
        ]
        return self.resizing(*grown) if grown else None

    def _extend(self, count: Count, container: Branch) -> bool:
        there = len(container.children(count.roster.name))
        missing = min(self._wanted(count, container), MAX_COUNTED) - there
        missing = max(0, min(missing, self._room))
        self._room -= missing
        for position in range(there + 1, there + missing + 1):
            # the very first instance is the one that a new form has in JavaRosa from the start
            self.add_instance(container, count.roster, first=position == 1 and container.is_first)
        return missing > 0

    def _put_defaults(self, branch: Branch, *, first: bool) -> None:
        """Give new leaves their defaults; expressions wait until all else is worked out.

        `first` tells the leaves of a new form from those of an instance that came later.
        """
        for leaf in self.leaves(branch):
            default = _default(leaf.item, first=first)
            if isinstance(default, Expression):
                self._waiting_defaults.setdefault(leaf.item.path, (default, []))[1].append(leaf)
            elif default is not None:
                self.keep(leaf, _static_default(leaf.kind, default))

    def _put_waiting_defaults(self) -> Change | None:
        """Evaluate the defaults of one item, at all its new leaves."""
        while self._waiting_defaults:
            path = next(iter(self._waiting_defaults))
            expression, leaves = self._waiting_defaults.pop(path)
            changed = [leaf for leaf in leaves if self._change_to_result(leaf, expression, "default")]
            if changed:
                return Change.of(changed)
        return None

    def _carry_out_waiting(self) -> Change | None:
        """Carry out waiting assignments until one changes something."""
        while self._waiting_assignments:
            node, assignment = self._waiting_assignments.popleft()
            target = _counterpart(node, assignment.target)
            if target and self._change_to_result(target, assignment.value, "setvalue"):
                return Change.of([target])
        return None


def _step_down(branch: Branch, step: Step) -> Node | None:
    if step.name in branch.whole and step.position is None:
        return branch.whole[step.name]
    if step.name not in branch.whole and step.position is not None:
        return None
    position = step.position or 1
    children = branch.children(step.name)
    return children[position - 1] if position <= len(children) else None


def _nodes(item: Item, branch: Branch) -> Sequence[Node]:
    """The nodes of an item below one branch; of a roster also the one for it as a whole."""
    nodes = branch.children(item.name)
    return [branch.whole[item.name], *nodes] if isinstance(item, Roster) else nodes


def _default(item: Item, *, first: bool) -> str | Expression | None:
    if not isinstance(item, Valued):
        return None
    held, held_later = item.default_held
    return item.default if (held if first else held_later) else item.text_default


def _counterpart(node: Node, path: str) -> Leaf | None:
    """The leaf of another item in the same roster instances; None if there is not exactly one."""
    branch = node if isinstance(node, Branch) else node.parent
    while branch.parent is not None and not is_below(path, branch.item.path):
        branch = branch.parent
    found: list[Node] = [branch]
    for name in path.removeprefix(branch.item.path).strip("/").split("/"):
        found = [child for node in found for child in node.children(name)]
    return found[0] if len(found) == 1 and isinstance(found[0], Leaf) else None


def _static_default(kind: DataType, text: str) -> Any:
    """The value of a default that the workbook gives as text; none if its type has no such value."""
    try:
        return from_text(kind, text)
    except MisshapenValue:
        return None
