"""The act of filling a questionnaire: definition + answers → what is asked, required, valid, computed.

JavaRosa, the engine inside ODK Collect, is the reference for all of it. Known differences: a counted
roster of a new form has no instance before there is a count (JavaRosa has one from the start); an
expression that cannot be evaluated is a fault, where JavaRosa stops; nothing is left stale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from random import SystemRandom
from typing import Any, TypeVar

from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.definition import (
    Calculation,
    Choice,
    Question,
    Questionnaire,
    Roster,
    Text,
    Tree,
    Valued,
)
from surveyapp.questionnaires.expressions import Value
from surveyapp.questionnaires.interview import checks, probing
from surveyapp.questionnaires.interview.checks import FiredDisclosure
from surveyapp.questionnaires.interview.choices import chosen, offered, unoffered
from surveyapp.questionnaires.interview.nodes import Branch, Leaf, Node, below
from surveyapp.questionnaires.interview.plan import plan_of
from surveyapp.questionnaires.interview.scope import Fault, Phrase, Scope
from surveyapp.questionnaires.interview.state import State
from surveyapp.questionnaires.interview.transfer import (
    MisshapenAnswers,
    answers_of,
    miscalculated,
    restore,
    snapshot_of,
)
from surveyapp.questionnaires.values import MisshapenValue

__all__ = [
    "CountedRoster",
    "Fault",
    "FiredDisclosure",
    "Interview",
    "MisshapenAnswers",
    "MisshapenValue",
    "Phrase",
    "UnknownPath",
]

_RANDOM = SystemRandom().random
_Finding = TypeVar("_Finding")


class UnknownPath(LookupError):
    """No node of this interview has the path."""


class CountedRoster(Exception):
    """Instances follow the roster's count: nobody adds any, or takes away any but a surplus one."""


class Interview:
    """One questionnaire being filled. Node paths are those of `questionnaires.paths`.

    Methods that take a path raise `UnknownPath` for one that does not lead to a node of the right kind.
    """

    def __init__(
        self,
        questionnaire: Questionnaire,
        answers: Answers | None = None,
        *,
        language: str,
        now: datetime,
        random: Callable[[], float] = _RANDOM,
    ) -> None:
        """Begin a new form, or go on with answers as they were submitted or with a `snapshot()`.

        `now` is the moment, aware, in the device's own offset; `random` gives numbers in [0, 1).
        Raises `MisshapenAnswers`: check answers from outside with the questionnaire's schema first.
        """
        self.questionnaire = questionnaire
        self._state = State(plan_of(questionnaire), language=language, now=now, random=random)
        if answers is None:
            self._state.begin()
        else:
            restore(self._state, answers)

    def begin_as_in_collect(self, answers: Answers | None = None) -> None:
        """Begin anew, or with answers, and do as JavaRosa does from now on.

        A new form has an instance of each counted roster, whatever its count, and what JavaRosa leaves
        stale is left stale (`interview.triggers`). Raises `MisshapenAnswers`.
        """
        scope = self._scope
        self._state = State(scope.plan, language=scope.language, now=scope.now, random=scope.random)
        self._state.as_in_collect = True
        if answers is None:
            self._state.begin(counted_first=True)
        else:
            restore(self._state, answers)

    @property
    def language(self) -> str:
        """The language that labels in calculations, and texts by default, are in."""
        return self._scope.language

    def speak(self, language: str) -> None:
        """Go on in another language."""
        self._scope.language = language

    @property
    def _scope(self) -> Scope:
        return self._state.scope

    # ------------------------------------------------------------ answers as a whole

    def answers(self) -> Answers:
        """The answers as submitted, with calculations; what is irrelevant is absent.

        What was asked and left empty is None; rosters are arrays.
        """
        return answers_of(self._state.root)

    def snapshot(self) -> Answers:
        """Everything, also irrelevant answers that are kept; from it the same interview is made."""
        return snapshot_of(self._state.root)

    def finish(self) -> None:
        """Note the moment as that of finishing (the metadata `end`)."""
        self._state.finish()

    # ------------------------------------------------------------ one answer

    def value(self, path: str) -> Any:
        """The JSON value at a node; an irrelevant answer is still there, a calculation is not."""
        leaf = self._leaf(path)
        if isinstance(leaf.item, Calculation) and not leaf.relevant:
            return None
        return leaf.stored

    def set(self, path: str, value: Any) -> None:
        """Give a node its JSON value, None for no answer, and work out what follows.

        What the form computes is computed anew whatever is set. Raises `MisshapenValue`.
        """
        self._state.assign(self._leaf(path), value)

    def relevant(self, path: str) -> bool:
        """Whether a node is asked; of a roster as a whole (`child`), whether it may have instances."""
        return self._node(path).relevant

    def required(self, path: str) -> bool:
        """Whether a node is asked and must be answered."""
        return checks.is_required(self._scope, self._leaf(path))

    def required_when_asked(self, path: str) -> bool:
        """What a node's own `required` says, relevant or not."""
        return checks.must_be_answered(self._scope, self._leaf(path))

    def accepts(self, path: str, value: Any) -> bool | None:
        """Whether a value keeps the constraint of a node; None if that cannot be said.

        Raises `MisshapenValue`.
        """
        return probing.accepts(self._scope, self._leaf(path), value)

    def evaluate(self, path: str, tree: Tree, candidate: Any = None) -> Value:
        """The value of an expression at a node; a `candidate` stands for the node's own value.

        Raises `EvaluationError`, `MisshapenValue`.
        """
        return probing.evaluate(self._scope, self._node(path), tree, candidate)

    def marked_read_only(self, path: str) -> bool:
        """What a node's own `readonly` says; what the form computes need not be marked."""
        return checks.is_marked_read_only(self._scope, self._leaf(path))

    def kept(self, path: str) -> Any:
        """The JSON value at a node, relevant or not, that of a calculation too.

        It is `[]` where all chosen names were dropped, for JavaRosa tells that from no answer.
        """
        leaf = self._leaf(path)
        return [] if leaf.emptied else leaf.stored

    def late(self, path: str) -> tuple[str, ...]:
        """The rosters below a section or instance whose first instances came after all else.

        ODK Collect writes these behind the others.
        """
        node = self._node(path)
        return tuple(node.late) if isinstance(node, Branch) else ()

    def read_only(self, path: str) -> bool:
        """Whether a node only shows its value."""
        return checks.is_read_only(self._scope, self._leaf(path))

    def choices(self, path: str) -> tuple[Choice, ...]:
        """The choices that a question offers now, after the author's filter."""
        return offered(self._scope, self._leaf(path))

    def text(self, text: Text, path: str, language: str | None = None) -> Phrase:
        """A text of the item at a node, its values filled in, in a language that it has.

        If it lacks the language (default: the interview's), that is the questionnaire's default one.
        """
        return self._scope.phrase(text, self._node(path), language)

    # ------------------------------------------------------------ judgement

    def errors(self, under: str = "") -> list[AnswerError]:
        """What is wrong with the relevant answers below a node, in document order.

        Codes: `required`, `constraint`, `choice` (one that the filter does not offer any more).
        """
        return self._findings(checks.error, under)

    def warnings(self, under: str = "") -> list[AnswerError]:
        """The soft checks below a node that ask “is this right?”; code `warning`."""
        return self._findings(checks.warning, under)

    def disclosures(self) -> list[FiredDisclosure]:
        """The disclosure rules that fire."""
        if not self._scope.plan.discloses:
            return []
        return self._findings(checks.disclosure, "")

    def faults(self) -> tuple[Fault, ...]:
        """Expressions that had no value for the answers: the author's mistakes, for a report to them."""
        return tuple(self._scope.faults.values())

    def _findings(self, find: Callable[[Scope, Leaf], _Finding | None], under: str) -> list[_Finding]:
        scope = self._scope
        return [finding for leaf in self._leaves(under) if (finding := find(scope, leaf)) is not None]

    # ------------------------------------------------------------ rosters

    def instances(self, path: str) -> int:
        """How many instances a roster has: `child`, `child[2]/toy`."""
        container, roster = self._roster(path)
        return len(container.instances(roster.name))

    def add_instance(self, path: str) -> int:
        """Append an instance with its defaults; its position. Raises `CountedRoster`."""
        container, roster = self._roster(path)
        if roster.count is not None:
            raise CountedRoster(path)
        instance = self._state.add_instance(container, roster)
        self._state.settle_new(instance)
        self._state.recompute()
        return instance.position

    def remove_instance(self, path: str, *, counted: bool = False) -> None:
        """Take an instance (`child[2]`) away; those after it move up.

        Of a counted roster any instance, but only while it has a surplus, unless `counted` says that
        its count may ask for another one. Raises `CountedRoster`.
        """
        instance = self._node(path)
        container, roster = instance.parent, instance.item
        if container is None or not isinstance(roster, Roster) or not isinstance(instance, Branch):
            raise UnknownPath(path)
        if instance is container.whole[roster.name]:
            raise UnknownPath(path)
        is_counted = roster.count is not None and not counted
        if is_counted and not self._state.surplus(roster, container):
            raise CountedRoster(path)
        self._state.remove_instance(container, instance)
        self._state.settle_removed(container, instance)

    def surplus(self, path: str) -> int:
        """How many instances a counted roster has beyond its count: they are kept, and they count."""
        container, roster = self._roster(path)
        return self._state.surplus(roster, container)

    # ------------------------------------------------------------ what a client sent

    def irrelevant_answers(self) -> list[str]:
        """Node paths of questions that have an answer although they are irrelevant."""
        return [
            leaf.path
            for leaf in self._state.all_leaves()
            if leaf.stored is not None
            and not leaf.relevant
            and isinstance(leaf.item, Question)
            and leaf.item.calculation is None
        ]

    def miscalculated(self, sent: Answers) -> list[str]:
        """Node paths of calculations that were sent with another value than they have here.

        `sent` are the answers that this interview was made from. Volatile ones are not compared.
        """
        return [leaf.path for leaf in miscalculated(self._state, sent)]

    def drop(self, path: str, value: Any) -> None:
        """Leave less of an answer, because not all of it is offered any more; sets off no assignment."""
        self._state.drop(self._leaf(path), value)

    def drop_unoffered(self, under: str = "") -> list[str]:
        """Take away the choices that relevant questions do not offer any more; the paths it changed.

        ODK Collect does so whenever it shows a question, and when a form is finished.
        """
        dropped = []
        for leaf in list(self._leaves(under)):
            if leaf.relevant and (gone := unoffered(self._scope, leaf)):
                left = [name for name in chosen(leaf) if name not in gone]
                self._state.drop(leaf, left if isinstance(leaf.stored, list) else None)
                dropped.append(leaf.path)
        return dropped

    def end(self) -> None:
        """Nothing more will be asked: give the tree back at once."""
        self._state.root.take_apart()

    # ------------------------------------------------------------ nodes

    def _node(self, path: str) -> Node:
        node = self._state.find(path)
        if node is None:
            raise UnknownPath(path)
        return node

    def _leaf(self, path: str) -> Leaf:
        node = self._node(path)
        if not isinstance(node, Leaf) or not isinstance(node.item, Valued):
            raise UnknownPath(path)
        return node

    def _roster(self, path: str) -> tuple[Branch, Roster]:
        """The branch that a roster as a whole stands in, and the roster."""
        whole = self._node(path)
        if not isinstance(whole, Branch) or not isinstance(whole.item, Roster):
            raise UnknownPath(path)
        if whole.parent is None or whole.parent.whole[whole.name] is not whole:
            raise UnknownPath(path)
        return whole.parent, whole.item

    def _leaves(self, under: str) -> Iterable[Leaf]:
        """The leaves at or below a node; below a roster as a whole, those of its instances."""
        if not under:
            return self._state.all_leaves()
        node = self._node(under)
        nodes: list[Node] = [node]
        if node.parent and node.parent.whole.get(node.name) is node:
            nodes = list(node.parent.instances(node.name))
        return (leaf for each in nodes for leaf in below(each) if isinstance(leaf, Leaf))
