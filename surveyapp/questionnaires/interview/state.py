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
from uuid import uuid4

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
from surveyapp.questionnaires.expressions import (
    Compiled,
    Context,
    EvaluationError,
    compiled,
    to_boolean,
    to_number,
    unpack,
)
from surveyapp.questionnaires.interview.changes import EVERYTHING, Change
from surveyapp.questionnaires.interview.growth import add_instance, grow
from surveyapp.questionnaires.interview.nodes import Branch, Leaf, Node, below
from surveyapp.questionnaires.interview.plan import Count, Plan, Rule
from surveyapp.questionnaires.interview.prefilled import prefilled
from surveyapp.questionnaires.interview.scope import Scope
from surveyapp.questionnaires.paths import BadPath, Step, is_below, parse_path
from surveyapp.questionnaires.values import (
    MisshapenValue,
    cast,
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
        #: whether only that is evaluated that JavaRosa evaluates, the rest left stale
        self.as_in_collect = False
        self._room = MAX_COUNTED_IN_ALL
        self._branches: dict[str, list[Branch]] = {}
        self._leaves: list[Leaf] = []
        self._waiting_defaults: deque[tuple[Leaf, Expression]] = deque()
        self._waiting_assignments: deque[tuple[Node, Assignment]] = deque()

    def leaves(self, branch: Branch | None = None) -> Iterator[Leaf]:
        """Every leaf below a branch, or of all, in document order."""
        return (node for node in below(branch or self.root) if isinstance(node, Leaf))

    def all_leaves(self) -> Sequence[Leaf]:
        """Every leaf in document order; found anew only after instances came or went."""
        if not self._leaves:
            self._leaves = list(self.root.leaves())
        return self._leaves

    def _reshape(self) -> None:
        """Forget what was found in a tree of another shape."""
        self._branches.clear()
        self._leaves = []

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
        self._preload("uid", None, lambda: f"uuid:{uuid4()}")
        self._put_defaults(self.root, first=True)
        for leaf, text in prefilled(self.root):
            self.keep(leaf, _static_default(leaf.kind, text))
        if self.plan.questionnaire.first_load:
            self._waiting_defaults = deque(self._first_load())
        self._put_waiting_defaults()
        self.recompute(EVERYTHING)

    def _first_load(self) -> Iterator[tuple[Leaf, Expression]]:
        """What a new form sets, in the form's own order."""
        for assignment in self.plan.questionnaire.first_load:
            container, _, name = assignment.target.rpartition("/")
            for branch in self.branches(container):
                for node in branch.children(name):
                    if isinstance(node, Leaf):
                        yield node, assignment.value

    def finish(self) -> None:
        """Fill in when the form was finished."""
        self._preload("timestamp", "end", self.scope.now.isoformat(timespec="milliseconds"))
        self.recompute(EVERYTHING)

    def _preload(self, preload: str, parameter: str | None, value: str | Callable[[], str]) -> None:
        """Fill in what the device knows; a `parameter` of None means any."""
        for leaf in self.leaves():
            item = leaf.item
            if not isinstance(item, Metadata) or item.preload != preload:
                continue
            if parameter is None or item.preload_parameter == parameter:
                self.keep(leaf, value if isinstance(value, str) else value())

    # ------------------------------------------------------------ values

    def keep(self, leaf: Leaf, value: Any) -> None:
        """Give a leaf its JSON value; nothing follows yet. Raises `MisshapenValue`."""
        leaf.typed = typed(leaf.kind, value, self.zone)
        if isinstance(leaf.item, Calculation) and isinstance(leaf.typed, str):
            leaf.typed = retyped(leaf.typed, self.zone)
        leaf.stored = None if leaf.typed == "" else value
        leaf.evaluated = leaf.stored is not None
        leaf.emptied = value == []

    def assign(self, leaf: Leaf, value: Any) -> None:
        """Change an answer, and work out what follows. Raises `MisshapenValue`."""
        # JavaRosa evaluates what was left stale when the same answer is given again
        again = self.as_in_collect and leaf.stored is not None
        if self._change(leaf, value) or again:
            self.recompute(Change.of([leaf]))

    def drop(self, leaf: Leaf, value: Any) -> None:
        """Leave less of an answer and work out what follows; as in JavaRosa no assignment does."""
        self.keep(leaf, value)
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
        try:
            result = unpack(compiled(expression)(Context(self.scope, leaf, leaf)))
            return self._change(leaf, cast(leaf.kind, result, self.scope))
        except EvaluationError as error:
            if self.as_in_collect:  # JavaRosa stops here, and nothing follows
                raise
            self.scope.note(leaf, attribute, error)
            return False

    # ------------------------------------------------------------ roster instances

    def add_instance(self, container: Branch, roster: Roster, *, first: bool = False) -> Branch:
        """Append an instance with its defaults; nothing else follows yet."""
        container.expect_late(roster.name)
        instance = add_instance(container, roster, first=first)
        self._reshape()
        self._put_defaults(instance, first=first)
        self._put_waiting_defaults()
        if not first:
            self._waiting_assignments += ((instance, each) for each in roster.assignments)
        return instance

    def remove_instance(self, container: Branch, instance: Node) -> None:
        """Take an instance away; nothing else follows yet."""
        container.remove(instance)
        self._reshape()

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
        if count.path is None:
            whole = container.whole[count.roster.name]
            result = self.scope.evaluate(count.evaluate, whole, "repeat_count")
        else:  # JavaRosa looks at what is stored, relevant or not
            leaf = _only_leaf(_counterparts(container, count.path))
            result = leaf.typed if leaf else None
        number = to_number(result or 0)
        return max(0, math.floor(number)) if math.isfinite(number) else 0

    # ------------------------------------------------------------ what follows

    def recompute(self, *changes: Change) -> None:
        """Evaluate what follows from changes, and what follows from that."""
        for change in changes:
            self._settle(change)
        for _ in range(MAX_GROWTHS):
            if not self._extend_counted():
                return

    def _settle(self, change: Change) -> None:
        """Evaluate what follows from a change, and carry out the assignments that it sets off."""
        self._follow_all(change)
        try:
            for _ in range(MAX_ASSIGNMENTS):
                following = self._carry_out_waiting()
                if following is None:
                    return
                self._follow_all(following)
        finally:
            self._waiting_assignments.clear()

    def _follow_all(self, change: Change) -> None:
        follow = self._follow_as_in_collect if self.as_in_collect else self._follow
        for rule in self.plan.rules:
            follow(rule, change)

    def _follow(self, rule: Rule, change: Change) -> None:
        if not change.concerns(rule):
            return
        for branch in self.branches(rule.container):
            for node in _nodes(rule.item, branch):
                if rule.relevant is not None:
                    self._judge(node, rule.relevant)
                if rule.calculation is not None:
                    self._compute(node, rule, rule.calculation, change)

    def _follow_as_in_collect(self, rule: Rule, change: Change) -> None:
        triggers, path = self.plan.triggers, rule.item.path
        relevance = rule.relevant if change.sets_off(triggers.of_relevance(path), path) else None
        calculation = rule.calculation if change.sets_off(triggers.of_calculation(path), path) else None
        if not relevance and not calculation:
            return
        for branch in filter(change.is_near, self.branches(rule.container)):
            for node in _nodes(rule.item, branch):
                if relevance:
                    self._judge(node, relevance)
                if calculation:
                    self._compute(node, rule, calculation, change)

    def _judge(self, node: Node, relevant: Compiled) -> None:
        result = self.scope.evaluate(relevant, node, "relevant")
        # a question whose condition cannot be evaluated is rather asked than lost
        node.judge(result is None or to_boolean(result))

    def _compute(self, node: Node, rule: Rule, calculation: Compiled, change: Change) -> None:
        if isinstance(node, Leaf) and not (
            rule.volatile and node.evaluated and not change.redraws(rule, node)
        ):
            self._calculate(node, rule, calculation)

    def _calculate(self, leaf: Leaf, rule: Rule, calculation: Compiled) -> None:
        result = self.scope.evaluate(calculation, leaf, "calculate")
        value = from_result(leaf.kind, "" if result is None else result, self.scope)
        if leaf.kind is DataType.TEXT and not rule.volatile and value is not None and result is not None:
            # until it is stored and read again, JavaRosa reckons with what came out
            leaf.stored, leaf.typed = value, result
        else:
            self.keep(leaf, value)
        leaf.evaluated = True

    def _extend_counted(self) -> bool:
        """Add the instances that counts ask for. They never take any away, as in JavaRosa."""
        grown = [
            count
            for count in self.plan.counts
            for container in list(self.branches(count.container))
            if container.whole[count.roster.name].relevant and self._extend(count, container)
        ]
        return bool(grown)

    def _extend(self, count: Count, container: Branch) -> bool:
        there = len(container.children(count.roster.name))
        missing = min(self._wanted(count, container), MAX_COUNTED) - there
        missing = max(0, min(missing, self._room))
        self._room -= missing
        for position in range(there + 1, there + missing + 1):
            # the very first instance is the one that a new form has in JavaRosa from the start
            first = position == 1 and container.is_first and not self.as_in_collect
            instance = self.add_instance(container, count.roster, first=first)
            if self.as_in_collect:
                self.settle_new(instance)
        if missing and not self.as_in_collect:
            self._settle(self.resizing(count.roster))
        return missing > 0

    def settle_new(self, instance: Branch) -> None:
        """Evaluate what follows from a new instance."""
        for change in self._begun(instance):
            self._settle(change)

    def settle_removed(self, container: Branch, removed: Branch) -> None:
        """Evaluate what follows from an instance that was taken away."""
        for change in self._removed(container, removed):
            self._settle(change)
        self.recompute()

    def _begun(self, instance: Branch) -> Iterator[Change]:
        roster, container = instance.item, instance.parent
        if not isinstance(roster, Roster) or container is None:
            return
        if not self.as_in_collect:
            yield self.resizing(roster)
            return
        resized = frozenset({roster.path})
        yield (counted := Change.around(container, resized, resized=resized))
        inside = self.plan.triggers.computed_within(roster.path)
        yield (begun := Change.around(instance, inside, begun=roster.path))
        children = frozenset(item.path for item in roster.items)
        yield Change.around(instance, children, after=(counted, begun))

    def _removed(self, container: Branch, removed: Branch) -> Iterator[Change]:
        roster = removed.item
        if not isinstance(roster, Roster):
            return
        if not self.as_in_collect:
            yield self.resizing(roster)
            return
        resized = frozenset({roster.path})
        yield Change.around(container, resized, resized=resized)
        rows = container.instances(roster.name)
        # JavaRosa goes on with the place where it was, and so with the instance that moved up
        place = rows[removed.position - 1] if removed.position <= len(rows) else removed
        yield Change.around(place, frozenset(item.path for item in roster.items))

    def _put_defaults(self, branch: Branch, *, first: bool) -> None:
        """Give new leaves their defaults; expressions wait until all texts are there.

        `first` tells the leaves of a new form from those of an instance that came later.
        """
        for leaf in self.leaves(branch):
            default = _default(leaf.item, first=first)
            if isinstance(default, Expression):
                self._waiting_defaults.append((leaf, default))
            elif default is not None:
                self.keep(leaf, _static_default(leaf.kind, default))

    def _put_waiting_defaults(self) -> None:
        """Evaluate the defaults of new leaves, before their relevance is known, as in JavaRosa.

        What depends on one follows at once, so that the next one sees it.
        """
        while self._waiting_defaults:
            leaf, expression = self._waiting_defaults.popleft()
            if self._change_to_result(leaf, expression, "default"):
                self._settle(Change.of([leaf]))

    def _carry_out_waiting(self) -> Change | None:
        """Carry out waiting assignments until one changes something."""
        while self._waiting_assignments:
            node, assignment = self._waiting_assignments.popleft()
            targets = _counterparts(node, assignment.target)
            if len(targets) > 1 and self.as_in_collect:
                raise EvaluationError("repeated", name=targets[0].name)
            target = _only_leaf(targets)
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


def _counterparts(node: Node, path: str) -> list[Node]:
    """The nodes of another item in the same roster instances."""
    branch = node if isinstance(node, Branch) else node.parent
    while branch.parent is not None and not is_below(path, branch.item.path):
        branch = branch.parent
    found: list[Any] = [branch]
    for name in path.removeprefix(branch.item.path).strip("/").split("/"):
        found = [child for node in found for child in node.children(name)]
    return found


def _only_leaf(nodes: list[Node]) -> Leaf | None:
    """The leaf, if it is the only node."""
    return nodes[0] if len(nodes) == 1 and isinstance(nodes[0], Leaf) else None


def _static_default(kind: DataType, text: str) -> Any:
    """The value of a default that the workbook gives as text; none if its type has no such value."""
    try:
        return from_text(kind, text)
    except MisshapenValue:
        return None
