"""What the expressions of a definition read: which item a path means, in which place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from surveyapp.questionnaires.definition import (
    Calculation,
    ChoiceSource,
    Expression,
    Item,
    Question,
    Questionnaire,
    Roster,
    Section,
    Text,
    Tree,
    Valued,
)
from surveyapp.questionnaires.expressions.trees import PATHS, parts, steps


class Stated(NamedTuple):
    """An expression, the item that it is an expression of, and which of its attributes it is."""

    item: Item
    attribute: str
    expression: Expression


#: Attributes whose relative paths mean columns of a choice list.
FILTERS = frozenset({"choice_filter"})


def stated(questionnaire: Questionnaire) -> Iterator[Stated]:
    """Every expression of a questionnaire."""
    for item in questionnaire.walk():
        for attribute, expression in _of_item(item):
            if isinstance(expression, Expression):
                yield Stated(item, attribute, expression)


def _of_item(item: Item) -> Iterator[tuple[str, object]]:
    yield "relevant", item.relevant
    yield from (("label", piece) for text in _texts(item) for piece in _pieces(text))
    if isinstance(item, Roster):
        yield "repeat_count", item.count
        yield from (("setvalue", assignment.value) for assignment in item.assignments)
    if isinstance(item, Valued):
        yield "required", item.required
        yield "constraint", item.constraint
        yield "readonly", item.read_only
        yield "default", item.default
        if item.disclosure:
            yield "survey:disclosure", item.disclosure.condition
    if isinstance(item, Question | Calculation):
        yield "calculate", item.calculation
    if isinstance(item, Question):
        yield from _of_question(item)


def _of_question(item: Question) -> Iterator[tuple[str, object]]:
    if item.choices:
        yield "choice_filter", item.choices.filter
        yield "itemset", item.choices.nodes
        yield from (("appearance", each) for each in _searched(item.choices))
    if item.warning:
        yield "survey:warning", item.warning.condition
    yield from (("setvalue", assignment.value) for assignment in item.assignments)


def _searched(choices: ChoiceSource) -> tuple[Expression, ...]:
    return choices.search.arguments if choices.search else ()


def _texts(item: Item) -> tuple[Text, ...]:
    return (item.label, item.hint, item.guidance)


def _pieces(text: Text) -> Iterator[object]:
    return (piece for wording in text.wordings.values() for piece in wording)


class Part(NamedTuple):
    """A tree within an expression; `own`: its relative paths start at the expression's own item."""

    tree: Tree
    own: bool


def parts_of(statement: Stated) -> Iterator[Part]:
    """All trees of an expression. Within predicates relative paths start elsewhere."""
    waiting = [Part(statement.expression.tree, statement.attribute not in FILTERS)]
    while waiting:
        part = waiting.pop()
        yield part
        inner = part.own and part.tree[0] not in PATHS
        waiting += [Part(each, inner) for each in parts(part.tree)]


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a questionnaire by path."""

    root_name: str
    by_path: Mapping[str, Item]

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> Items:
        """The items of a questionnaire."""
        return cls(questionnaire.root_name, {item.path: item for item in questionnaire.walk()})

    def around(self, item: Item) -> list[Item]:
        """The containers of an item, the outermost first."""
        names = item.path.split("/")[:-1]
        paths = ("/".join(names[:end]) for end in range(1, len(names) + 1))
        return [self.by_path[path] for path in paths if path in self.by_path]

    def single(self, part: Part, item: Item) -> Valued | None:
        """The item that a plain path means, if it is one value whatever the rosters hold."""
        names = self._names(part, item)
        target = self.by_path.get("/".join(names or ()))
        if not isinstance(target, Valued):
            return None
        rosters = {each.path for each in self.around(target) if isinstance(each, Roster)}
        own = {each.path for each in (*self.around(item), item) if isinstance(each, Section | Roster)}
        if not rosters <= own:
            return None
        # a relative path that climbs out of a roster and comes back means all of its instances
        return None if rosters & self._climbed(part, item) else target

    def meant(self, part: Part, item: Item) -> str | None:
        """The absolute path that a plain path means, whether anything is there or not."""
        if part.tree[0] == "absolute":
            names = [step[0] for step in steps(part.tree) if step[0] != "."]
            plain = not {"*", ".."} & set(names)
            return "/" + "/".join(names) if plain else None
        found = self._names(part, item)
        return None if found is None else "/".join(("", self.root_name, *found))

    def has(self, path: str) -> bool:
        """Whether an absolute path leads to an item, the root, or what belongs to the envelope."""
        _, root, *names = path.split("/")
        inner = "/".join(names)
        return root == self.root_name and (inner in self.by_path or names[:1] in ([], ["meta"]))

    def leaves_answers(self, part: Part, item: Item) -> bool:
        """Whether a path climbs higher than the root of the answers."""
        if part.tree[0] != "current" and not (part.tree[0] == "relative" and part.own):
            return False
        ups = [step[0] for step in steps(part.tree)].count("..")
        return ups > len(item.path.split("/"))

    def _names(self, part: Part, item: Item) -> list[str] | None:
        kind, path = part.tree[0], steps(part.tree) if part.tree[0] in PATHS else []
        plain = all(len(step) == 1 and step[0] != "*" for step in path)
        if kind not in PATHS - {"instance"} or not plain:
            return None
        names = [step[0] for step in path if step[0] != "."]
        if kind == "absolute":
            return names[1:] if names[:1] == [self.root_name] else None
        if kind == "relative" and not part.own:
            return None
        ups = names.count("..")
        start = item.path.split("/")
        return start[: len(start) - ups] + names[ups:] if ups <= len(start) else None

    def _climbed(self, part: Part, item: Item) -> set[str]:
        """The containers of an item that a relative path leaves."""
        if part.tree[0] == "absolute":
            return set()
        ups = sum(step[0] == ".." for step in steps(part.tree))
        names = item.path.split("/")
        return {"/".join(names[:end]) for end in range(len(names) - ups + 1, len(names) + 1)}
