"""What an evaluator sees of the world: nodes with values, and a scope with the clock and the choices.

The interview implements `Node` over the answers and over the choice lists; the evaluator knows nothing
of questionnaires. The same two roles exist on the phone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import NamedTuple, Protocol, TypeAlias

#: A node's or an expression's value. The empty string is “no answer” (also for an irrelevant node);
#: numbers are floats; select_multiple and rank are names joined by blanks; a geopoint is its text; a
#: datetime is aware and in the interview's offset, for its day and its clock are taken as they stand.
Scalar: TypeAlias = str | float | bool | date | datetime | time


class Node(Protocol):
    """A node of the answers' tree, or of a secondary instance (a choice list)."""

    @property
    def name(self) -> str:
        """Element name; a roster's instances share their name."""

    @property
    def parent(self) -> Node | None:
        """The node above; None for the root."""

    @property
    def position(self) -> int:
        """1-based position among the siblings of the same name."""

    @property
    def relevant(self) -> bool:
        """False if it or any node above it is irrelevant; always true in secondary instances."""

    def children(self, name: str) -> Sequence[Node]:
        """Child nodes of that name in order, irrelevant ones too; `*`: all, `@id`: an attribute's."""

    def value(self) -> Scalar:
        """The typed value; `''` when unanswered, irrelevant, or not a leaf."""


class Scope(Protocol):
    """What all expressions of one interview share."""

    @property
    def root(self) -> Node:
        """Root of the answers (`/data`)."""

    @property
    def now(self) -> datetime:
        """The interview's moment, aware, in the device's own offset; one evaluation sees one moment."""

    @property
    def unique(self) -> Mapping[tuple[str, ...], Node]:
        """Nodes of which there is one, whatever is answered, by the names from the root to them.

        A short cut for the most frequent paths: a node may be left out.
        """

    def instance(self, name: str) -> Node | None:
        """The `root` element's holder of a secondary instance: its child is `root`; None if unknown."""

    def choice_label(self, question: Node, value: str) -> str:
        """Label of a question's choice in the interview's language (`jr:choice-name`); `''` if none."""

    @property
    def version(self) -> str:
        """The form's version, as text."""

    def itext(self, text_id: str) -> str:
        """The translation of an id, which may name a form (`id;short`), in the interview's language.

        `${n}` stands where the form puts in a value; `[itext:…]` if there is no such text.
        """

    def random(self) -> float:
        """The next random number in [0, 1)."""


class Context(NamedTuple):  # one is made for each evaluation: a frozen dataclass takes twice as long
    """Where an expression is evaluated: `node` is `.`, `current` is what `current()` answers.

    `position` is what `position()` answers inside a predicate; outside it is the node's own.
    """

    scope: Scope
    node: Node
    current: Node
    position: int | None = None
