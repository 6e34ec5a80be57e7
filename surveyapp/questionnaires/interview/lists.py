"""Choice lists as expressions see them: secondary instances, `instance('district')/root/item`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from surveyapp.questionnaires.definition import Choice
from surveyapp.questionnaires.expressions.context import Scalar


class Record:
    """A node of a secondary instance; it never changes, so all interviews share it."""

    __slots__ = ("_by_name", "_text", "name", "parent", "position")

    relevant: Final = True

    def __init__(
        self, name: str, parent: Record | None = None, position: int = 1, text: str = ""
    ) -> None:
        self.name = name
        self.parent = parent
        self.position = position
        self._text = text
        self._by_name: dict[str, list[Record]] = {}

    def children(self, name: str) -> Sequence[Record]:
        """Child nodes of a name in order, `*` for all of them."""
        if name == "*":
            return [child for some in self._by_name.values() for child in some]
        return self._by_name.get(name, ())

    def value(self) -> Scalar:
        """The text of a column; empty for the others."""
        return self._text

    def add(self, name: str, text: str = "") -> Record:
        """A new node below this one, after its siblings."""
        siblings = self._by_name.setdefault(name, [])
        child = Record(name, self, len(siblings) + 1, text)
        siblings.append(child)
        return child


class ListNodes:
    """One choice list: its choices, and a node for each."""

    def __init__(self, choices: Sequence[Choice], default_language: str) -> None:
        self.holder = Record("instance")
        root = self.holder.add("root")
        self.rows = [(choice, _record(root, choice, default_language)) for choice in choices]
        self._by_name: dict[str, list[tuple[Choice, Record]]] = {}
        for row in self.rows:
            self._by_name.setdefault(row[0].name, []).append(row)

    def named(self, name: str) -> Sequence[tuple[Choice, Record]]:
        """The rows of a name; a list may have it twice, under different parents of a cascade."""
        return self._by_name.get(name, ())


def _record(root: Record, choice: Choice, default_language: str) -> Record:
    record = root.add("item")
    wording = choice.label.wordings.get(default_language, ())
    label = "".join(piece for piece in wording if isinstance(piece, str))
    for name, text in {"name": choice.name, "label": label, **choice.extra}.items():
        record.add(name, text)
    return record
