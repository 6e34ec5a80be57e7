"""What is wrong with the answers of an interview, what is doubtful, and what is alarming."""

from __future__ import annotations

from dataclasses import dataclass

from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.definition import Question, Valued
from surveyapp.questionnaires.interview.choices import unoffered
from surveyapp.questionnaires.interview.nodes import Leaf
from surveyapp.questionnaires.interview.scope import Scope


@dataclass(frozen=True, slots=True)
class FiredDisclosure:
    """An answer that opens a safeguarding case of a level (`amber`, `red`)."""

    path: str
    level: str


def error(scope: Scope, leaf: Leaf) -> AnswerError | None:
    """What is wrong with one answer; of an empty one only that it is required."""
    question = leaf.item
    if not isinstance(question, Question) or not leaf.relevant:
        return None
    if leaf.stored is None:
        if question.required is not None and must_be_answered(scope, leaf):
            return AnswerError(leaf.path, "required", message=question.required_message)
    elif question.choices is not None and unoffered(scope, leaf):
        return AnswerError(leaf.path, "choice")
    elif question.constraint is not None and not scope.holds(
        question.constraint, leaf, "constraint", otherwise=True
    ):
        return AnswerError(leaf.path, "constraint", message=question.constraint_message)
    return None


def warning(scope: Scope, leaf: Leaf) -> AnswerError | None:
    """The soft check of one answer, if it asks; of an empty answer too."""
    question = leaf.item
    if not isinstance(question, Question) or question.warning is None or not leaf.relevant:
        return None
    if scope.holds(question.warning.condition, leaf, "survey:warning", otherwise=False):
        return AnswerError(leaf.path, "warning", message=question.warning.message)
    return None


def disclosure(scope: Scope, leaf: Leaf) -> FiredDisclosure | None:
    """The disclosure rule of one value, if it fires."""
    item = leaf.item
    if not isinstance(item, Valued) or item.disclosure is None or not leaf.relevant:
        return None
    if scope.holds(item.disclosure.condition, leaf, "survey:disclosure", otherwise=False):
        return FiredDisclosure(leaf.path, item.disclosure.level)
    return None


def is_required(scope: Scope, leaf: Leaf) -> bool:
    """Whether a relevant question must be answered."""
    return leaf.relevant and must_be_answered(scope, leaf)


def must_be_answered(scope: Scope, leaf: Leaf) -> bool:
    """What its own `required` says, relevant or not."""
    required = leaf.item.required if isinstance(leaf.item, Valued) else None
    return scope.holds(required, leaf, "required", otherwise=False)


def is_read_only(scope: Scope, leaf: Leaf) -> bool:
    """Whether a question only shows its value."""
    if isinstance(leaf.item, Question) and leaf.item.calculation is not None:
        return True
    return is_marked_read_only(scope, leaf)


def is_marked_read_only(scope: Scope, leaf: Leaf) -> bool:
    """What its own `readonly` says."""
    read_only = leaf.item.read_only if isinstance(leaf.item, Valued) else None
    return scope.holds(read_only, leaf, "readonly", otherwise=False)
