"""The engine of the phone: the files of `static/logic/` themselves, in an embedded V8."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from surveyapp.questionnaires.definition import Expression, Note, Question, Text, Valued
from surveyapp.questionnaires.expressions import EvaluationError
from surveyapp.questionnaires.javascript import REPLAY, Engine, JavaScriptInterview
from surveyapp.questionnaires.paths import item_path
from surveyapp.questionnaires.replay.engine import Beginning, Evaluated, Look, first_wrong
from surveyapp.questionnaires.replay.form import Form
from surveyapp.questionnaires.replay.remarks import Refused, parsed, refusing


class JavaScriptEngine:
    """An `Engine` (of replays) over the phone's logic; each has its own V8."""

    def __init__(self, form: Form, beginning: Beginning) -> None:
        self._items = {item.path: item for item in form.questionnaire.walk()}
        self._v8 = Engine(REPLAY)
        try:
            self._interview = self._begun(form, beginning)
        except BaseException:
            self.close()
            raise

    @refusing
    def _begun(self, form: Form, beginning: Beginning) -> JavaScriptInterview:
        return self._v8.interview(
            form.questionnaire,
            beginning.answers,
            language=beginning.language,
            now=beginning.now,
        )

    def use_language(self, code: str) -> None:
        """Show texts in another language."""
        self._interview.speak(code)

    @refusing
    def look(self, path: str, *, choices: bool) -> Look:
        """What a node shows."""
        item = self._items[item_path(path)]
        relevant = self._interview.relevant(path)
        if isinstance(item, Note):
            return Look(relevant=relevant, label=self._words(item.label, "label", path), read_only=True)
        if not isinstance(item, Valued):
            return Look(relevant=relevant)
        value = self._interview.kept(path)
        shown = Look(
            relevant=relevant,
            required=self._says(item.required, path),
            read_only=self._says(item.read_only, path),
            value=value,
            constraint_valid=self._verdict(path, value),
        )
        return self._question(shown, item, path, choices) if isinstance(item, Question) else shown

    def _question(self, shown: Look, item: Question, path: str, choices: bool) -> Look:
        offered = self._interview.choices(path) if choices and item.choices else None
        return replace(
            shown,
            label=self._words(item.label, "label", path),
            constraint_message=self._message(item, path),
            choices=None if offered is None else tuple((each.name, each.label) for each in offered),
        )

    def _message(self, item: Question, path: str) -> str | None:
        if item.constraint is None:
            return None
        return self._words(item.constraint_message, "constraint", path) or None

    def _says(self, condition: Expression | None, path: str) -> bool:
        """What a condition says at a node, relevant or not."""
        if condition is None:
            return False
        try:
            return self._interview.evaluate(path, condition.tree).boolean
        except EvaluationError:
            return False

    def _verdict(self, path: str, value: Any) -> bool | None:
        """Whether a value keeps the constraint of its question; None if that cannot be said."""
        item = self._items[item_path(path)]
        constraint = item.constraint if isinstance(item, Valued) else None
        if constraint is None or value in (None, "", []):
            return True
        try:
            return self._interview.evaluate(path, constraint.tree, value).boolean
        except EvaluationError:
            return None

    def _words(self, text: Text, name: str, path: str) -> str | None:
        return self._interview.text(name, path) if text.wordings else None

    @refusing
    def instances(self, path: str) -> int:
        """How many instances a roster has."""
        return self._interview.instances(path)

    @refusing
    def accepts(self, path: str, value: Any) -> bool:
        """Whether a value keeps its constraint; one that cannot be said of refuses the step."""
        verdict = self._verdict(path, value)
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

    @refusing
    def late(self, path: str) -> tuple[str, ...]:
        """The rosters that are written behind all else."""
        return self._interview.late(path)

    def finish(self) -> None:
        """Note the moment of finishing."""
        self._interview.finish()

    def first_error(self) -> tuple[str, str] | None:
        """The first thing that is wrong."""
        return first_wrong(self._interview.errors())

    @refusing
    def evaluate(self, expression: str, path: str, candidate: Any | None) -> Evaluated:
        """A bare expression's value."""
        return Evaluated(*self._interview.evaluate(path, parsed(expression), candidate))

    def close(self) -> None:
        """End V8."""
        self._v8.close()
