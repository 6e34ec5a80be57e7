"""Putting single answers into the answers of a record, where its parts may not be there yet. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from surveyapp.questionnaires.paths import NodePath


class Answer(NamedTuple):
    """An answer and, if it names a file, the file's SHA-256 in hex."""

    value: Any
    sha256: str | None = None


def put(answers: dict[str, Any], way: NodePath, answer: Answer | None) -> None:
    """Put an answer at the end of a way, or take away what is there."""
    *steps, last = way
    for step in steps:
        below = answers.setdefault(step.name, {} if step.position is None else [])
        if step.position is not None:
            below.extend({} for _row in range(step.position - len(below)))
            below = below[step.position - 1]
        answers = below
    if answer is None:
        answers.pop(last.name, None)
    else:
        answers[last.name] = answer.value


def without_hollow_rows(answers: Any, waiting: Any) -> Any:
    """Without the last rows of rosters that the other side has not, and that hold nothing any more."""
    if isinstance(answers, dict):
        theirs = waiting if isinstance(waiting, dict) else {}
        return {name: without_hollow_rows(below, theirs.get(name)) for name, below in answers.items()}
    if not isinstance(answers, list) or not all(isinstance(row, dict) for row in answers):
        return answers
    others = waiting if isinstance(waiting, list) else []
    padded = [*others, *([None] * (len(answers) - len(others)))]
    rows = [without_hollow_rows(row, other) for row, other in zip(answers, padded, strict=False)]
    while len(rows) > len(others) and _is_hollow(rows[-1]):
        rows.pop()
    return rows


def _is_hollow(answers: Any) -> bool:
    """Whether a section or row holds no answer, however deep."""
    if isinstance(answers, dict):
        return all(isinstance(below, dict | list) and _is_hollow(below) for below in answers.values())
    return isinstance(answers, list) and all(isinstance(b, dict) and _is_hollow(b) for b in answers)
