"""The answers' tree as expressions see it: a leaf for each value, a branch for each container."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from surveyapp.questionnaires.definition import Container, DataType, Item, Roster, Valued
from surveyapp.questionnaires.expressions.context import Scalar
from surveyapp.questionnaires.paths import join

_NO_NODES: Final = ()


class AttributeNode:
    """An attribute of an element of the answers, with the text that the form gives it."""

    __slots__ = ("_text", "name", "parent")

    position: Final = 1

    def __init__(self, name: str, parent: Leaf | Branch, text: str) -> None:
        self.name = name
        self.parent = parent
        self._text = text

    @property
    def relevant(self) -> bool:
        """Whether its element is."""
        return self.parent.relevant

    def children(self, name: str) -> Sequence[Node]:
        """It has none."""
        return _NO_NODES

    def value(self) -> Scalar:
        """The text; empty while irrelevant."""
        return self._text if self.relevant else ""


def _attribute(node: Leaf | Branch, name: str) -> tuple[AttributeNode, ...]:
    """The node of an attribute, `@id`; nothing if the element has none of this name."""
    text = node.item.attributes.get(name[1:]) if name[:1] == "@" else None
    return _NO_NODES if text is None else (AttributeNode(name, node, text),)


class Leaf:
    """The node of an item without items of its own.

    `stored` is the JSON value and `typed` what expressions reckon with; an irrelevant leaf keeps both.
    `own_relevance` is what the item's own condition said last. `evaluated` tells a calculation that
    came out empty from one that was never evaluated, `emptied` a multiple choice whose last names were
    dropped from one without an answer.
    """

    __slots__ = (
        "emptied",
        "evaluated",
        "item",
        "kind",
        "name",
        "own_relevance",
        "parent",
        "stored",
        "typed",
    )

    position: Final = 1

    def __init__(self, item: Item, parent: Branch) -> None:
        self.item = item
        self.kind = item.type if isinstance(item, Valued) else DataType.TEXT
        self.name = item.name
        self.parent = parent
        self.own_relevance = True
        self.evaluated = False
        self.emptied = False
        self.stored: Any = None
        self.typed: Scalar = ""

    @property
    def relevant(self) -> bool:
        """Whether it and every branch above it is relevant."""
        return self.own_relevance and self.parent.relevant

    @property
    def path(self) -> str:
        """The node path."""
        return join(self.parent.path, self.name)

    def children(self, name: str) -> Sequence[Node | AttributeNode]:
        """A leaf has none but attributes."""
        return _attribute(self, name)

    def judge(self, own_relevance: bool) -> None:
        """Note what its own condition says."""
        self.own_relevance = own_relevance

    def value(self) -> Scalar:
        """The typed value; empty while irrelevant."""
        return self.typed if self.own_relevance and self.parent.relevant else ""


class Branch:
    """The node of a section, of one instance of a roster, or the root.

    `whole` has, for each roster directly below, a branch that is in no list of children: it stands
    for the roster as a whole, also when it has no instance. `relevant` is whether it and every branch
    above it is relevant. `late` are the rosters whose instances JavaRosa writes behind all else.
    """

    __slots__ = (
        "_children",
        "item",
        "late",
        "name",
        "own_relevance",
        "parent",
        "position",
        "relevant",
        "whole",
    )

    def __init__(
        self, item: Container, parent: Branch | None, position: int = 1, name: str | None = None
    ) -> None:
        self.item = item
        self.name = name or item.name
        self.parent = parent
        self.position = position
        self.own_relevance = True
        self.relevant: bool = parent is None or parent.relevant
        self.whole: dict[str, Branch] = {}
        self.late: dict[str, None] = {}
        self._children: dict[str, list[Node]] = {}

    def judge(self, own_relevance: bool) -> None:
        """Note what its own condition says, and what follows for all branches below it."""
        self.own_relevance = own_relevance
        self._pass_on(self.parent is None or self.parent.relevant)

    def _pass_on(self, above: bool) -> None:
        relevant = above and self.own_relevance
        if relevant is self.relevant:
            return
        self.relevant = relevant
        for below in (*self.children("*"), *self.whole.values()):
            if isinstance(below, Branch):
                below._pass_on(relevant)

    def expect_late(self, name: str) -> None:
        """Note that a roster without instances gets its first one only now.

        JavaRosa appends it, for a roster's instance holds no template to put it behind.
        """
        if not self._children[name] and self._is_within_roster:
            self.late.pop(name, None)
            self.late[name] = None

    @property
    def _is_within_roster(self) -> bool:
        branch: Branch | None = self
        while branch is not None:
            if isinstance(branch.item, Roster):
                return True
            branch = branch.parent
        return False

    @property
    def is_first(self) -> bool:
        """Whether neither it nor a branch above it is a further instance of a roster."""
        branch: Branch | None = self
        while branch is not None:
            if branch.position > 1:
                return False
            branch = branch.parent
        return True

    @property
    def path(self) -> str:
        """The node path; a roster's instance with its position."""
        if self.parent is None:
            return ""
        return join(
            self.parent.path, self.name, self.position if isinstance(self.item, Roster) else None
        )

    def children(self, name: str) -> Sequence[Any]:
        """Child nodes of a name in order, `*` for all of them; of `@id` an attribute's."""
        found = self._children.get(name)
        if found is not None:
            return found
        if name == "*":
            return [child for some in self._children.values() for child in some]
        return _attribute(self, name)

    def child(self, name: str) -> Node:
        """The node of an item that is no roster."""
        return self._children[name][0]

    def instances(self, name: str) -> list[Branch]:
        """The instances of a roster directly below."""
        return [child for child in self._children[name] if isinstance(child, Branch)]

    def value(self) -> Scalar:
        """A branch has no value."""
        return ""

    def add(self, child: Node) -> None:
        """Append a node below this one."""
        self._children.setdefault(child.name, []).append(child)

    def add_roster(self, roster: Roster) -> None:
        """Make room for a roster's instances; those that are there are forgotten."""
        self._children[roster.name] = []
        self.whole[roster.name] = Branch(roster, self)

    def leaves(self) -> Iterator[Leaf]:
        """Every leaf below it, in document order."""
        for some in self._children.values():
            for child in some:
                if isinstance(child, Leaf):
                    yield child
                else:
                    yield from child.leaves()

    def take_apart(self) -> None:
        """Let go of all that is below: what refers to each other waits for the garbage collector."""
        for below in (*self.children("*"), *self.whole.values()):
            if isinstance(below, Branch):
                below.take_apart()
        self._children, self.whole = {}, {}

    def remove(self, child: Node) -> None:
        """Take an instance of a roster away; those after it move up."""
        siblings = self._children[child.name]
        siblings.remove(child)
        for position, sibling in enumerate(siblings, start=1):
            if isinstance(sibling, Branch):
                sibling.position = position


Node: TypeAlias = Leaf | Branch


def below(node: Node) -> Iterator[Node]:
    """The node itself and all below it, in document order."""
    waiting = [node]
    while waiting:
        yield (next_ := waiting.pop())
        if isinstance(next_, Branch):
            waiting.extend(reversed(next_.children("*")))
