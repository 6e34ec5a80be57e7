"""What all expressions of one interview share: the answers, the clock, the lists and the language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from surveyapp.questionnaires.definition import ChoiceSource, Expression, Question, Roster, Text
from surveyapp.questionnaires.expressions import (
    Compiled,
    EvaluationError,
    Nodeset,
    compiled,
    functions,
    to_boolean,
    to_string,
    unpack,
)
from surveyapp.questionnaires.expressions.context import Context, Node, Scalar
from surveyapp.questionnaires.interview.choices import offered_row
from surveyapp.questionnaires.interview.lists import Row
from surveyapp.questionnaires.interview.nodes import Branch, Leaf
from surveyapp.questionnaires.interview.plan import Plan

#: where a translation that `jr:itext()` gave has a value
_OUTPUT = re.compile(r"\$\{([0-9]{1,6})\}")
#: values within values; JavaRosa goes as deep
_MOST_OUTPUTS = 10


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text with its values filled in, and the language that it is really in."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Fault:
    """An expression that had no value for these answers: the author's mistake, not the answerer's.

    `attribute` is the XForm's word (`relevant`, `calculate` …), `code` that of the `EvaluationError`.
    """

    path: str
    attribute: str
    code: str


class Scope:
    """Evaluates the expressions of one interview, and is the scope that they see."""

    def __init__(
        self,
        plan: Plan,
        root: Branch,
        *,
        language: str,
        now: datetime,
        random: Callable[[], float],
    ) -> None:
        self.plan = plan
        self.root = root
        self.language = language
        self.now = now
        self.random = random
        self._being_named: set[Leaf] = set()
        self.faults: dict[tuple[str, str], Fault] = {}

    @cached_property
    def unique(self) -> Mapping[tuple[str, ...], Node]:
        """The nodes outside all rosters, by the names from the root to them: there is one of each."""
        found: dict[tuple[str, ...], Node] = {(self.root.name,): self.root}
        waiting: list[tuple[tuple[str, ...], Branch]] = [((self.root.name,), self.root)]
        while waiting:
            names, branch = waiting.pop()
            for item in branch.item.items:
                if not isinstance(item, Roster):
                    node = found[(*names, item.name)] = branch.child(item.name)
                    waiting += [((*names, item.name), node)] if isinstance(node, Branch) else []
        return found

    def instance(self, name: str) -> Node | None:
        """The holder of a secondary instance's nodes, or None."""
        return self.plan.instance(name)

    def choice_label(self, question: Node, value: str) -> str:
        """A choice's label in the interview's language; empty if the question does not offer it."""
        if not isinstance(question, Leaf) or not isinstance(question.item, Question):
            return ""
        row = self._row_named(question, question.item.choices, value)
        return self.phrase(row[0].label, question).text if row else ""

    def _row_named(self, leaf: Leaf, source: ChoiceSource | None, value: str) -> Row | None:
        # a filter may ask for the name of what it filters
        if source is None or leaf in self._being_named:
            return None
        self._being_named.add(leaf)
        try:
            return offered_row(self, source, leaf, value)
        finally:
            self._being_named.discard(leaf)

    @property
    def version(self) -> str:
        """The questionnaire's version."""
        return self.plan.questionnaire.version

    def itext(self, text_id: str) -> str:
        """A translation by its id; without the form that the id names if there is none of that form."""
        found = self._translation(text_id)
        if found is None:
            found = self._translation(text_id.partition(";")[0])
        return f"[itext:{text_id}]" if found is None else found

    def _translation(self, text_id: str) -> str | None:
        form = self.plan.questionnaire
        own = form.translations.get(self.language, {})
        return own.get(text_id, form.translations.get(form.default_language, {}).get(text_id))

    def evaluate(
        self, run: Compiled, node: Node, attribute: str, current: Node | None = None
    ) -> Scalar | None:
        """The value of an expression at a node; None, and a fault, if it has none."""
        try:
            return unpack(run(Context(self, node, current or node)))
        except EvaluationError as error:
            self.note(current or node, attribute, error)
            return None

    def note(self, place: Node, attribute: str, error: EvaluationError) -> None:
        """Note that an expression had no value at a node."""
        path = place.path if isinstance(place, Leaf | Branch) else ""
        self.faults[path, attribute] = Fault(path, attribute, error.code)

    def nodes(self, run: Compiled, node: Node, attribute: str) -> Nodeset:
        """The nodes that a path leads to from a node; none, and a fault, if it leads nowhere."""
        try:
            found = run(Context(self, node, node))
        except EvaluationError as error:
            self.note(node, attribute, error)
            return ()
        return found if isinstance(found, tuple) else ()

    def holds(
        self,
        condition: Expression | None,
        node: Node,
        attribute: str,
        *,
        otherwise: bool,
    ) -> bool:
        """Whether a condition is true at a node; `otherwise` if there is none or it has no value."""
        if condition is None:
            return otherwise
        value = self.evaluate(compiled(condition), node, attribute)
        return otherwise if value is None else to_boolean(value)

    def phrase(self, text: Text, node: Node, language: str | None = None) -> Phrase:
        """A text filled in, in the language asked for or the nearest that it has.

        That is the questionnaire's default language, else the first that the text has.
        """
        default = self.plan.questionnaire.default_language
        wanted = language or self.language
        available = (wanted, default, *text.wordings)
        chosen = next((each for each in available if text.wordings.get(each)), wanted)
        pieces = (self._piece(piece, node) for piece in text.wordings.get(chosen, ()))
        return Phrase("".join(pieces), chosen)

    def _piece(self, piece: str | Expression, node: Node) -> str:
        if isinstance(piece, str):
            return piece
        value = self.evaluate(compiled(piece), node, "label")
        text = "" if value is None else to_string(value)
        if self.plan.questionnaire.outputs and "jr:itext" in functions(piece.tree):
            return self._filled(text, node)
        return text

    def _filled(self, text: str, node: Node) -> str:
        """A translation with its values put in, as JavaRosa does wherever a text is shown."""
        for _ in range(_MOST_OUTPUTS):
            before, text = text, _OUTPUT.sub(lambda match: self._output(match, node), text)
            if text == before:
                break
        return text

    def _output(self, match: re.Match[str], node: Node) -> str:
        outputs, number = self.plan.questionnaire.outputs, int(match[1])
        if number >= len(outputs):
            return match[0]
        value = self.evaluate(compiled(outputs[number]), node, "label")
        return "" if value is None else to_string(value)
