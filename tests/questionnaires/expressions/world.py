"""A small world for expressions: a tree of answers, choice lists, a clock that stands still."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from surveyapp.questionnaires.expressions import (
    Context,
    Node,
    Scalar,
    Value,
    compile_expression,
    parse,
)

#: `{"age": 5.0, "child": [{"name": "Ann"}, …]}`: answers by name, a roster's instances as a list.
Answers: TypeAlias = Mapping[str, "Scalar | Answers | Sequence[Answers | Scalar]"]

NOW = datetime(2024, 3, 15, 10, tzinfo=UTC)


@dataclass(eq=False, repr=False)
class Element:
    """A node of the tree; `hidden` makes it and all below it irrelevant."""

    name: str
    own: Scalar = ""
    parent: Element | None = None
    position: int = 1
    hidden: bool = False
    below: list[Element] = field(default_factory=list)

    @property
    def relevant(self) -> bool:
        return not self.hidden and (self.parent is None or self.parent.relevant)

    def children(self, name: str) -> Sequence[Element]:
        return [
            child for child in self.below if name == child.name or (name == "*" and child.is_element)
        ]

    def value(self) -> Scalar:
        return self.own if self.relevant else ""

    def add(self, name: str, own: Scalar = "") -> Element:
        child = Element(name, own, self, len(self.children(name)) + 1)
        self.below.append(child)
        return child

    def fill(self, answers: Answers) -> Element:
        for name, content in answers.items():
            for one in [content] if isinstance(content, Mapping | str) else _several(content):
                self.add(name).fill(one) if isinstance(one, Mapping) else self.add(name, one)
        return self

    def find(self, path: str) -> Element:
        """The node at `child[2]/name`."""
        element = self
        for step in path.split("/"):
            name, _, position = step.rstrip("]").partition("[")
            element = element.children(name)[int(position or 1) - 1]
        return element

    @property
    def is_element(self) -> bool:
        """Whether it is no attribute."""
        return not self.name.startswith("@")

    @property
    def path(self) -> str:
        """The names from below the root."""
        if self.parent is None:
            return ""
        return f"{self.parent.path}/{self.name}".lstrip("/")

    def walk(self) -> Iterator[Element]:
        yield self
        for child in self.children("*"):
            yield from child.walk()


def _several(content: object) -> Sequence[Answers | Scalar]:
    return content if isinstance(content, list) else [content]  # type: ignore[list-item]  # a Scalar


@dataclass(repr=False)
class World:
    """A scope over `/data`, with choice lists as secondary instances."""

    root: Element = field(default_factory=lambda: Element("data"))
    now: datetime = NOW
    instances: dict[str, Element] = field(default_factory=dict)
    version: str = "2.1"
    translations: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unique: Mapping[tuple[str, ...], Node] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311  # no secret

    @classmethod
    def of(cls, answers: Answers | None = None) -> World:
        return cls(Element("data").fill(answers or {}))

    def instance(self, name: str) -> Node | None:
        return self.instances.get(name)

    def add_instance(self, name: str, items: Sequence[Answers]) -> None:
        self.instances[name] = Element(name).fill({"root": {"item": items}})

    def choice_label(self, question: Node, value: str) -> str:
        return self.labels.get((question.name, value), "")

    def itext(self, text_id: str) -> str:
        plain = text_id.partition(";")[0]
        return self.translations.get(text_id, self.translations.get(plain, f"[itext:{text_id}]"))

    def random(self) -> float:
        return self.chance.random()

    def evaluate(self, source: str, at: str = "") -> Value:
        """The value of an expression that stands in the node `at` (`child[2]/name`; none: the root)."""
        node = self.root.find(at) if at else self.root
        return compile_expression(parse(source))(Context(self, node, current=node))


def evaluate(source: str, answers: Answers | None = None, at: str = "") -> Value:
    """The value of an expression over these answers."""
    return World.of(answers).evaluate(source, at)
