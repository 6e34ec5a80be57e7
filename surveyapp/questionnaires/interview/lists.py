"""Secondary instances as expressions see them: `instance('district')/root/item`.

Nodes of a table are made when they are asked for, so that a file of many thousand rows takes little
room. They never change, so all interviews share them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from surveyapp.questionnaires.definition import (
    Choice,
    ChoiceSource,
    Element,
    Instance,
    Table,
    Text,
)
from surveyapp.questionnaires.expressions import to_string
from surveyapp.questionnaires.expressions.context import Context, Node, Scalar
from surveyapp.questionnaires.expressions.lookups import Lookup
from surveyapp.questionnaires.interview.tables import RootNode, RowNode

_NOTHING: Final = ()

#: a choice, and the node that stands for it in expressions
Row: TypeAlias = tuple[Choice, Node]


class Record:
    """A node of a secondary instance that is no table, or the holder of one."""

    __slots__ = ("_by_name", "_text", "name", "parent", "position")

    relevant: Final = True

    def __init__(
        self, name: str, parent: Record | None = None, position: int = 1, text: str = ""
    ) -> None:
        self.name = name
        self.parent = parent
        self.position = position
        self._text = text
        self._by_name: dict[str, list[Node]] = {}

    def children(self, name: str) -> Sequence[Node]:
        """Child nodes of a name in order, `*` for all of them."""
        if name == "*":
            named = self._by_name.items()
            return [child for each, some in named if each[:1] != "@" for child in some]
        return self._by_name.get(name, _NOTHING)

    def value(self) -> Scalar:
        """The text of a column; empty for the others."""
        return self._text

    def add(self, child: Node) -> None:
        """Put a node below this one, after its siblings."""
        self._by_name.setdefault(child.name, []).append(child)

    def add_element(self, element: Element) -> None:
        """Put a node for an element below this one, and for all that it holds."""
        position = len(self.children(element.name)) + 1
        record = Record(element.name, self, position, element.text)
        self.add(record)
        for child in element.children:
            record.add_element(child)


def holder_of(instance: Instance) -> Record:
    """The node above an instance's root element."""
    holder = Record("instance")
    if isinstance(instance, Table):
        holder.add(RootNode(instance, holder))
    else:
        holder.add_element(instance)
    return holder


class ListNodes:
    """The choices of one list: those of the form itself, or made of the rows of a file."""

    def __init__(
        self, instance: Node, source: ChoiceSource, choices: Sequence[Choice], language: str
    ) -> None:
        """`instance` is the root element's node; `choices` are its children's, if they are known."""
        self._root = instance
        self._source = source
        self._choices = dict(zip(map(id, instance.children("*")), choices, strict=False))
        self._language = language
        #: name → its rows; those that were asked for
        self._named: dict[str, Sequence[Row]] = {}

    def rows(self) -> Sequence[Row]:
        """All choices in order, each with the node that stands for it in expressions."""
        return self._with_choices(self._root.children("*"))

    def named(self, name: str) -> Sequence[Row]:
        """The rows of a name; a list may have it twice, under different parents of a cascade."""
        known = self._named.get(name)
        if known is None:
            found = self._with_choices(self._matching(self._source.value, name))
            known = [row for row in found if row[0].name == name]
            if known:  # of names that are not there are any number
                self._named[name] = known
        return known

    def looked_up(self, lookup: Lookup, context: Context) -> Sequence[Row]:
        """The rows for which a filter may be true. Raises `EvaluationError`."""
        children = self._root.children("*")
        if not children:
            return ()
        return self._with_choices(lookup.find(self._root, children[0].name, context))

    def _matching(self, column: str, value: str) -> Sequence[Node]:
        if isinstance(self._root, RootNode):
            # a name with blanks around it in its file is found only by looking at each row
            return self._root.matching(column, value) or self._root.rows
        return self._root.children("*")

    def _with_choices(self, nodes: Sequence[Node]) -> list[Row]:
        return [(self._choice(node), node) for node in nodes]

    def _choice(self, node: Node) -> Choice:
        known = self._choices.get(id(node))
        if known:
            return known
        return choice_at(node, self._source.value, self._source.label, self._language)


def choice_at(node: Node, value: str, label: str, language: str) -> Choice:
    """The choice that a node stands for, its name and label at paths below it."""
    if isinstance(node, RowNode):
        cells = node.cells()
        name, wording = cells.pop(value, "").strip(), cells.pop(label, "")
        return Choice(name, Text({language: (wording,)}), cells)
    return Choice(text_at(node, value).strip(), Text({language: (text_at(node, label),)}))


def text_at(node: Node, path: str) -> str:
    """The text at a path of names below a node; empty if it leads nowhere."""
    found: Node | None = node
    for step in path.removeprefix("./").split("/"):
        found = next(iter(found.children(step)), None) if found else None
    return to_string(found.value()) if found else ""


#: the content of a file that is missing
NO_ROWS = Table((), ())


def table_of(choices: Sequence[Choice]) -> Table:
    """The table of a list that is written within its control."""
    return Table(("name",), tuple((choice.name,) for choice in choices))
