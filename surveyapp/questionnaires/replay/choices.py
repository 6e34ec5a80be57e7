"""The choices that ODK Collect shows: a list is kept until an answer changes that its filter refers to.

JavaRosa (`ItemsetBinding`) remembers for each question the list that it made last. It looks at what is
stored, so a list stays the same when an answer that its filter refers to only becomes irrelevant.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from surveyapp.questionnaires.definition import (
    ChoiceSource,
    Expression,
    Item,
    Question,
    Roster,
    Valued,
)
from surveyapp.questionnaires.expressions import references
from surveyapp.questionnaires.paths import join, parse_path
from surveyapp.questionnaires.replay.engine import Engine
from surveyapp.questionnaires.replay.form import Form
from surveyapp.questionnaires.replay.tree import Place

_Choices: TypeAlias = Sequence[tuple[str, str | None]]
_Key: TypeAlias = tuple[Any, ...]


class ShownChoices:
    """The list of each question as it was shown last."""

    def __init__(self, form: Form, engine: Engine) -> None:
        self._engine = engine
        self._root = form.questionnaire.root_name
        self._items: dict[str, Item] = {item.path: item for item in form.questionnaire.walk()}
        self._kept: dict[str, tuple[_Key | None, _Choices]] = {}

    def of(self, place: Place) -> _Choices:
        """The choices at a node."""
        item = place.part.item
        if not isinstance(item, Question) or item.choices is None:
            return ()
        key = self._key(item, item.choices, place.path)
        kept = self._kept.get(item.path)
        choices = self._engine.look(place.path, choices=True).choices or ()
        if key is not None and kept is not None and kept[0] == key:
            return _worded_anew(kept[1], choices)
        self._kept[item.path] = (key, choices)
        return choices

    def drop(self, place: Place) -> bool:
        """Drop the chosen names that the list does not have; whether there were any."""
        if not place.part.listed:
            return False
        look = self._engine.look(place.path, choices=False)
        if not look.relevant:
            return False
        offered = {name for name, _ in self.of(place)}
        chosen = _chosen(look.value)
        left = [name for name in chosen if name in offered]
        if len(left) < len(chosen):
            self._engine.drop(place.path, left if isinstance(look.value, list) else None)
        return len(left) < len(chosen)

    def _key(self, item: Question, source: ChoiceSource, path: str) -> _Key | None:
        """What the list depends on as it is stored; None if that is more than some values."""
        if source.roster or source.nodes or source.search or source.randomize:
            return None
        values: list[Any] = [path]
        for read in sorted(self._read_by(source.filter, item)):
            node = self._node_seen(read, path)
            if node is None:
                return None
            values.append(self._engine.look(node, choices=False).value)
        return tuple(map(repr, values))

    def _read_by(self, expression: Expression | None, item: Item) -> Iterator[str]:
        if expression is None:
            return
        start = f"/{self._root}/"
        # in a filter, relative paths are columns of the list
        for reference in references(expression.tree, None, start + item.path):
            yield reference.removeprefix(start)

    def _node_seen(self, read: str, path: str) -> str | None:
        """The path of the one node of an item that a node at `path` sees; None if that is not one."""
        if not isinstance(self._items.get(read), Valued):
            return None
        own = parse_path(path)
        node, names = "", read.split("/")
        together = True
        for level, name in enumerate(names):
            together = together and level < len(own) and own[level].name == name
            is_roster = isinstance(self._items["/".join(names[: level + 1])], Roster)
            if is_roster and not together:
                return None
            node = join(node, name, own[level].position if together else None)
        return node


def _worded_anew(kept: _Choices, fresh: _Choices) -> _Choices:
    """A list that was kept; its labels are told anew, for an answer or the language may be another."""
    if [name for name, _ in kept] == [name for name, _ in fresh]:
        return fresh
    labels = dict(fresh)
    return [(name, labels.get(name, label)) for name, label in kept]


def _chosen(value: Any) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [str(value)]
