"""The engine on the server: our own interview."""

from __future__ import annotations

from typing import Any

from surveyapp.questionnaires.definition import Note, Question, Text, Valued
from surveyapp.questionnaires.expressions import (
    to_boolean,
    to_number,
    to_string,
    unpack,
)
from surveyapp.questionnaires.interview import (
    Interview,
)
from surveyapp.questionnaires.paths import item_path
from surveyapp.questionnaires.replay.engine import Beginning, Evaluated, Look, first_wrong
from surveyapp.questionnaires.replay.form import Form
from surveyapp.questionnaires.replay.remarks import Refused, parsed, refusing

_KINDS = {str: "string", float: "number", int: "number", bool: "boolean"}


class PythonEngine:
    """An `Engine` over `questionnaires.interview`."""

    @refusing
    def __init__(self, form: Form, beginning: Beginning) -> None:
        self._items = {item.path: item for item in form.questionnaire.walk()}
        self._interview = Interview(
            form.questionnaire, {}, language=beginning.language, now=beginning.now
        )
        self._interview.begin_as_in_collect(beginning.answers)

    def use_language(self, code: str) -> None:
        """Show texts in another language."""
        self._interview.speak(code)

    @refusing
    def look(self, path: str, *, choices: bool) -> Look:
        """What a node shows."""
        item = self._items[item_path(path)]
        if isinstance(item, Question):
            return self._look_at_question(item, path, choices=choices)
        if isinstance(item, Valued):
            return Look(
                relevant=self._interview.relevant(path),
                required=self._interview.required_when_asked(path),
                read_only=self._interview.marked_read_only(path),
                value=self._interview.kept(path),
                constraint_valid=self._interview.accepts(path, self._interview.kept(path)),
            )
        if isinstance(item, Note):
            label = self._words(item.label, path)
            return Look(relevant=self._interview.relevant(path), label=label, read_only=True)
        return Look(relevant=self._interview.relevant(path))

    def _look_at_question(self, item: Question, path: str, *, choices: bool) -> Look:
        interview = self._interview
        value = interview.kept(path)
        return Look(
            relevant=interview.relevant(path),
            required=interview.required_when_asked(path),
            read_only=interview.marked_read_only(path),
            value=value,
            constraint_valid=interview.accepts(path, value),
            label=self._words(item.label, path),
            constraint_message=self._message(item, path),
            choices=self._choices(path) if choices and item.choices else None,
        )

    def _message(self, item: Question, path: str) -> str | None:
        return (self._words(item.constraint_message, path) or None) if item.constraint else None

    def _choices(self, path: str) -> tuple[tuple[str, str | None], ...]:
        return tuple(
            (choice.name, self._words(choice.label, path)) for choice in self._interview.choices(path)
        )

    def _words(self, text: Text, path: str) -> str | None:
        return self._interview.text(text, path).text if text.wordings else None

    @refusing
    def instances(self, path: str) -> int:
        """How many instances a roster has."""
        return self._interview.instances(path)

    @refusing
    def late(self, path: str) -> tuple[str, ...]:
        """The rosters that are written behind all else."""
        return self._interview.late(path)

    @refusing
    def accepts(self, path: str, value: Any) -> bool:
        """Whether a value keeps its constraint; one that cannot be said of refuses the step."""
        verdict = self._interview.accepts(path, value)
        if verdict is None:
            raise Refused("no_verdict", path=path)
        return verdict

    @refusing
    def set(self, path: str, value: Any) -> None:
        """Give an item its value."""
        self._interview.set(path, value)

    @refusing
    def add_instance(self, path: str) -> int:
        """Append an instance."""
        return self._interview.add_instance(path)

    @refusing
    def remove_instance(self, path: str) -> None:
        """Take an instance away."""
        self._interview.remove_instance(path, counted=True)

    @refusing
    def drop(self, path: str, value: Any) -> None:
        """Leave less of an answer."""
        self._interview.drop(path, value)

    def finish(self) -> None:
        """Note the moment of finishing."""
        self._interview.finish()

    def first_error(self) -> tuple[str, str] | None:
        """The first thing that is wrong."""
        return first_wrong(self._interview.errors())

    @refusing
    def evaluate(self, expression: str, path: str, candidate: Any | None) -> Evaluated:
        """A bare expression's value."""
        value = self._interview.evaluate(path, parsed(expression), candidate)
        plain = unpack(value)
        kind = _KINDS.get(type(plain), type(plain).__name__)
        return Evaluated(kind, to_string(plain), to_number(plain), to_boolean(plain))

    def close(self) -> None:
        """There is nothing to give back."""
