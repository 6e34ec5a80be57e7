"""JavaRosa's steps taken in our own interview, and the two compared node by node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    Calculation,
    Expression,
    Item,
    Question,
    Questionnaire,
    Roster,
    Section,
    Text,
    Valued,
)
from surveyapp.questionnaires.dependencies import Dependencies
from surveyapp.questionnaires.expressions import functions, references
from surveyapp.questionnaires.interview import CountedRoster, Interview
from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.paths import item_path
from surveyapp.questionnaires.values import from_text, typed
from tests.oracle import NOW, Reply, Step

MOMENT = datetime.fromisoformat(NOW).replace(tzinfo=UTC)
#: the envelope's part of a form is not in the definition
_ENVELOPE = ("/meta", "/meta/instanceID")

_Node = dict[str, Any]


class Replay:
    """One interview that goes along with JavaRosa's."""

    def __init__(
        self, questionnaire: Questionnaire, language: str | None, moment: datetime = MOMENT
    ) -> None:
        self.questionnaire = questionnaire
        self.moment = moment
        self.language = language_code(language) if language else questionnaire.default_language
        self.items = {item.path: item for item in questionnaire.walk()}
        self.drawn = _drawn(questionnaire)
        self.start = len(questionnaire.root_name) + 2
        begun = self._interview(None).snapshot()
        # JavaRosa's new form has an instance of every counted roster, whatever the count
        self.interview = self._interview(_with_first_instances(questionnaire.root.items, begun))

    def _interview(self, answers: Answers | None) -> Interview:
        return Interview(self.questionnaire, answers, language=self.language, now=self.moment)

    # ------------------------------------------------------------ steps

    def take(self, step: Step | str, reply: Reply) -> None:
        """Take a step that JavaRosa took; refused ones changed nothing."""
        if not reply["ok"] or isinstance(step, str):
            return
        kind = next(name for name in _STEPS if name in step)
        _STEPS[kind](self, step, reply)

    def _set(self, step: Step, reply: Reply) -> None:
        path = self._path(step.get("set") or step["answer"])
        item = self.items[item_path(path)]
        assert isinstance(item, Valued)
        self.interview.set(path, from_text(item.type, step["value"]))

    def _clear(self, step: Step, reply: Reply) -> None:
        self.interview.set(self._path(step["clear"]), None)

    def _new_repeat(self, step: Step, reply: Reply) -> None:
        path = self._path(step["new_repeat"])
        position = self.interview.add_instance(path)
        assert f"{path}[{position}]" == self._path(reply["created"])

    def _delete_repeat(self, step: Step, reply: Reply) -> None:
        path = self._path(step["delete_repeat"])
        try:
            self.interview.remove_instance(path)
        except CountedRoster:  # nobody can do this in ODK Collect, but the engine lets the driver
            kept = self.interview.snapshot()
            _take_away(kept, path)
            self.interview = self._interview(kept)

    def _validate(self, step: Step, reply: Reply) -> None:
        self.drop_unoffered()
        errors = self.interview.errors()
        assert reply["valid"] == (not errors), errors
        if errors:
            first = errors[0]
            assert (first.path.replace("[1]", ""), first.code) == (
                self._path(reply["path"]),
                reply["why"],
            )

    def _finalize(self, step: Step, reply: Reply) -> None:
        self.drop_unoffered()
        self.interview.finish()

    def drop_unoffered(self) -> None:
        """What the driver does before it dumps: choices that are gone are dropped until all is quiet."""
        while self.interview.drop_unoffered():
            pass

    def _path(self, path: str) -> str:
        return path[self.start :]

    # ------------------------------------------------------------ comparison

    def compare(self, dump: Reply, *, apart: frozenset[str] = frozenset()) -> list[str]:
        """The differences from JavaRosa's dump, but for the values of the items in `apart`.

        What chance decides is left out: both sides draw their own numbers.
        """
        self.drop_unoffered()
        nodes = {
            self._path(node["path"]): node
            for node in dump["nodes"]
            if not node["path"].endswith(_ENVELOPE)
        }
        ours = set(_node_paths(self.interview, self.questionnaire.root.items, ""))
        found = [f"only one side has {path}" for path in ours ^ nodes.keys()]
        for path, node in nodes.items():
            if path in ours:
                found += self._differences(path, node, apart | self.drawn)
        return found

    def _differences(self, path: str, node: _Node, apart: frozenset[str]) -> Iterator[str]:
        item = self.items[item_path(path)]
        compare_value = item.path not in apart
        expected: dict[str, Any] = {"relevant": node["relevant"]}
        given: dict[str, Any] = {"relevant": self.interview.relevant(path)}
        if isinstance(item, Valued) and compare_value and _has_a_value_to_compare(item, node):
            kept = from_text(item.type, node.get("value") or "")
            expected["value"] = typed(item.type, kept, UTC)
            given["value"] = typed(item.type, self.interview.value(path), UTC)
        if isinstance(item, Question) and node["relevant"]:
            expected |= _expected_of_question(node)
            given |= self._given_of_question(item, path, node)
        for key, value in expected.items():
            if given[key] != value:
                yield f"{path}: {key} is {given[key]!r}, in JavaRosa {value!r}"

    def _given_of_question(self, item: Question, path: str, node: _Node) -> dict[str, Any]:
        interview = self.interview
        codes = {error.code for error in interview.errors(path)}
        given: dict[str, Any] = {
            "required": interview.required(path),
            "readonly": item.calculation is None and interview.read_only(path),
            "constraint_valid": "constraint" not in codes,
            "label": _words(interview.text(item.label, path).text),
        }
        if self._shows_drawn(item.label, item.path):
            given["label"] = _words(node.get("label") or "")
        if item.calculation is not None:
            given["readonly"] = node["readonly"]
        if "choices" in node:
            given["choices"] = [
                (choice.name, _words(interview.text(choice.label, path).text))
                for choice in interview.choices(path)
            ]
        return given

    def _shows_drawn(self, text: Text, path: str) -> bool:
        root = self.questionnaire.root_name
        return any(
            reference.removeprefix(f"/{root}/") in self.drawn
            for wording in text.wordings.values()
            for piece in wording
            if isinstance(piece, Expression)
            for reference in references(piece.tree, f"/{root}/{path}")
        )


def _drawn(questionnaire: Questionnaire) -> frozenset[str]:
    """The calculations that chance decides, and those that depend on them."""
    dependencies = Dependencies(questionnaire.root, questionnaire.root_name)
    calculated = [item for item in questionnaire.walk() if isinstance(item, Calculation)]
    by_chance = {
        item.path
        for item in calculated
        if functions(item.calculation.tree) & {"random", "uuid", "randomize"}
    }
    return frozenset(
        item.path
        for item in calculated
        if item.path in by_chance or dependencies.all_before(item.path) & by_chance
    )


_STEPS = {
    "set": Replay._set,
    "answer": Replay._set,
    "clear": Replay._clear,
    "new_repeat": Replay._new_repeat,
    "delete_repeat": Replay._delete_repeat,
    "validate": Replay._validate,
    "finalize": Replay._finalize,
}


def _has_a_value_to_compare(item: Valued, node: _Node) -> bool:
    # JavaRosa computes irrelevant calculations too, but nobody can see them
    computed = isinstance(item, Calculation) or (
        isinstance(item, Question) and item.calculation is not None
    )
    return bool(node["relevant"]) or not computed


def _expected_of_question(node: _Node) -> dict[str, Any]:
    expected = {
        "required": node["required"],
        "readonly": node["readonly"],
        "constraint_valid": node["constraint_valid"],
        "label": _words(node.get("label") or ""),
    }
    if "choices" in node:
        expected["choices"] = [
            (choice["name"], _words(choice.get("label") or "")) for choice in node["choices"]
        ]
    return expected


def _words(text: str) -> str:
    """A text without the blanks that JavaRosa and we keep differently around outputs."""
    return " ".join(text.split())


# ---------------------------------------------------------------- trees of answers


def _with_first_instances(items: Sequence[Item], answers: Answers) -> Answers:
    """The answers, with an instance of default values in every roster that has none."""
    found = dict(answers)
    for item in items:
        if isinstance(item, Section):
            found[item.name] = _with_first_instances(item.items, found.get(item.name, {}))
        elif isinstance(item, Roster):
            rows = found.get(item.name) or [_defaults(item.items)]
            found[item.name] = [_with_first_instances(item.items, row) for row in rows]
    return found


def _defaults(items: Sequence[Item]) -> Answers:
    found: Answers = {}
    for item in items:
        if isinstance(item, Section):
            found[item.name] = _defaults(item.items)
        elif isinstance(item, Valued) and item.default is not None:
            assert not isinstance(item.default, Expression), "no test form has one there"
            found[item.name] = from_text(item.type, item.default)
    return found


def _take_away(answers: Answers, path: str) -> None:
    *steps, last = path.split("/")
    for step in steps:
        name, _, position = step.removesuffix("]").partition("[")
        answers = answers[name][int(position) - 1] if position else answers[name]
    name, _, position = last.removesuffix("]").partition("[")
    del answers[name][int(position) - 1]


def _node_paths(interview: Interview, items: Sequence[Item], container: str) -> Iterator[str]:
    for item in items:
        path = f"{container}/{item.name}" if container else item.name
        if isinstance(item, Roster):
            for position in range(1, interview.instances(path) + 1):
                yield f"{path}[{position}]"
                yield from _node_paths(interview, item.items, f"{path}[{position}]")
        else:
            yield path
            if isinstance(item, Section):
                yield from _node_paths(interview, item.items, path)
