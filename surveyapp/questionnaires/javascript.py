"""The phone's own logic, run here: the very text that a phone gets, in an embedded V8.

For comparing: tests and `questionnaire replay --engine javascript` take the same steps in it and in
`interview`. Needs the extra `javascript` (mini-racer), which no server needs.

    with Engine() as engine:
        interview = engine.interview(questionnaire, language="kk", now=now)
        interview.set("child[1]/c_age", 7)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.definition import Questionnaire, Tree
from surveyapp.questionnaires.expressions import EvaluationError
from surveyapp.questionnaires.interview import (
    CountedRoster,
    Fault,
    MisshapenAnswers,
    MisshapenValue,
    UnknownPath,
)
from surveyapp.questionnaires.logic import document, patterns_in, triggers
from surveyapp.scripts import STATIC, join_modules

if TYPE_CHECKING:
    from py_mini_racer import MiniRacer

LOGIC = STATIC / "logic" / "logic.js"
#: the same logic, and what replays need besides
REPLAY = STATIC / "logic" / "replay.js"
PARTS = STATIC / "logic" / "parts"

_DRIVER = """
{
const forms = [], plans = [], interviews = [];
let chance = null;
const random = () =>
  chance === null ? Math.random() : typeof chance === "number" ? chance : chance.shift();
const attempt = (work) => {
  try {
    return JSON.stringify({ value: work() ?? null });
  } catch (error) {
    const kind = error.code ? "EvaluationError" : error.constructor.name;
    return JSON.stringify({ error: kind, message: error.message, stack: error.stack });
  }
};
const moment = (value) =>
  value.day === null ? "time" : value.clock === null ? "date" : "datetime";
const kind = (value) => (typeof value === "object" ? moment(value) : typeof value);
const plain = (value) => (Array.isArray(value) ? value[0]?.value() ?? "" : value);
const describe = (interview, tree, path, candidate) => {
  const as = (name) => interview.evaluate(["call", name, tree], path, candidate);
  const number = String(as("number"));
  const value = plain(interview.evaluate(tree, path, candidate));
  return { kind: kind(value), string: as("string"), number, boolean: as("boolean") };
};
const engine = {
  chance: (value) => { chance = value; },
  plan: (form) => plans.push(new logic.Plan(forms[forms.push(form) - 1])) - 1,
  begin: (plan, options) => {
    const Begun = logic.ReplayedInterview ?? logic.Interview;
    return interviews.push(new Begun(plans[plan], { random, ...options })) - 1;
  },
  end: (number) => { interviews[number] = null; },
  evaluate: (plan, number, tree, path, candidate, patterns) => {
    Object.assign(forms[plan].patterns, patterns);
    return describe(interviews[number], tree, path, candidate ?? undefined);
  },
  call: (number, name, ...given) => interviews[number][name](...given),
};
globalThis.run = (name, given) => attempt(() => engine[name](...JSON.parse(given)));
}
"""


class JavaScriptError(Exception):
    """The phone's logic failed in a way that it should not: a mistake in it, not of an answer."""


class OfferedChoice(NamedTuple):
    """A choice that a question offers, and its label in the interview's language (REPLAY: or None)."""

    name: str
    label: str | None


class Evaluated(NamedTuple):
    """The value of an expression: its kind, and what it is as a text, a number and a truth."""

    kind: str
    string: str
    number: float
    boolean: bool


class Engine:
    """V8 with the logic in it; to be closed, or it keeps the interpreter from ending.

    `entry` is LOGIC, what a phone gets, or REPLAY.
    """

    def __init__(self, entry: Path = LOGIC) -> None:
        from py_mini_racer import MiniRacer  # an extra that servers go without

        self._v8: MiniRacer | None = MiniRacer()
        self._replays = entry == REPLAY
        self._plans: dict[Questionnaire, int] = {}
        self._v8.eval(join_modules(entry).script("logic"))
        for path in sorted(PARTS.glob("*.js")):
            self._v8.eval(join_modules(path).script("part"))
            self._v8.eval("part.install(logic)")
        self._v8.eval(_DRIVER)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End V8 and its threads."""
        if self._v8 is not None:
            self._v8.close()
            self._v8 = None

    def evaluate(self, source: str) -> Any:
        """The value of JavaScript, for tests and measurements."""
        if self._v8 is None:
            raise ValueError("the engine is closed")
        return self._v8.eval(source)

    def run(self, name: str, *given: Any) -> Any:
        """Call one of the driver's functions; values go there and back as JSON."""
        arguments = json.dumps(given, ensure_ascii=False)
        answer = json.loads(self.evaluate(f"run({json.dumps(name)}, {json.dumps(arguments)})"))
        if "error" in answer:
            raise _error(answer["error"], answer["message"], answer["stack"])
        return answer["value"]

    def interview(
        self,
        questionnaire: Questionnaire,
        answers: Answers | None = None,
        *,
        language: str,
        now: datetime,
        random: float | Sequence[float] | None = None,
    ) -> JavaScriptInterview:
        """Begin an interview as `interview.Interview` does; `random` are the numbers that are drawn,
        one for all or one after the other; None: by chance.

        With REPLAY a new form begins and goes on as in ODK Collect (`begin_as_in_collect`).
        Raises `MisshapenAnswers`.
        """
        self.run("chance", random)
        if questionnaire not in self._plans:
            extra = {"collect": triggers(questionnaire)} if self._replays else {}
            self._plans[questionnaire] = self.run(
                "plan", document(questionnaire, whole=self._replays) | extra
            )
        plan = self._plans[questionnaire]
        options: dict[str, Any] = {"language": language, "now": now.isoformat(timespec="microseconds")}
        options |= {} if answers is None else {"answers": answers}
        try:
            number = self.run("begin", plan, options)
        except MisshapenValue as error:
            raise MisshapenAnswers("") from error
        return JavaScriptInterview(self, plan, number, questionnaire, language)


class JavaScriptInterview:
    """An interview in the phone's logic, with the names of `interview.Interview`."""

    def __init__(
        self,
        engine: Engine,
        plan: int,
        number: int,
        questionnaire: Questionnaire,
        language: str,
    ) -> None:
        self.questionnaire = questionnaire
        self.language = language
        self._engine = engine
        self._plan = plan
        self._number = number

    def __del__(self) -> None:
        if self._engine._v8 is not None:  # what the engine held is gone with it
            self._engine.run("end", self._number)

    def _call(self, name: str, *given: Any) -> Any:
        return self._engine.run("call", self._number, name, *given)

    def answers(self) -> Answers:
        """The answers as submitted."""
        found: Answers = self._call("answers")
        return found

    def snapshot(self) -> Answers:
        """Everything, also irrelevant answers that are kept."""
        found: Answers = self._call("snapshot")
        return found

    def finish(self) -> dict[str, list[str]]:
        """Note the moment as that of finishing."""
        return dict(self._call("finish"))

    def value(self, path: str) -> Any:
        """The JSON value at a node."""
        return self._call("value", path)

    def set(self, path: str, value: Any) -> dict[str, list[str]]:
        """Give a node its value; what has changed, by path."""
        return dict(self._call("set", path, value))

    def relevant(self, path: str) -> bool:
        """Whether a node is asked."""
        return bool(self._call("relevant", path))

    def required(self, path: str) -> bool:
        """Whether a node is asked and must be answered."""
        return bool(self._call("required", path))

    def read_only(self, path: str) -> bool:
        """Whether a node only shows its value."""
        return bool(self._call("readOnly", path))

    def choices(self, path: str) -> tuple[OfferedChoice, ...]:
        """The choices that a question offers now."""
        return tuple(OfferedChoice(each["name"], each["label"]) for each in self._call("choices", path))

    def text(self, name: str, path: str) -> str:
        """One of the texts of the item at a node by its name in the document (`label`, `hint` …)."""
        return str(self._call("text", path, name))

    def errors(self, under: str = "") -> list[AnswerError]:
        """What is wrong with the relevant answers below a node."""
        return [AnswerError(each["path"], each["code"]) for each in self._call("errors", under)]

    def warnings(self, under: str = "") -> list[AnswerError]:
        """The soft checks below a node that ask."""
        return [AnswerError(each["path"], each["code"]) for each in self._call("warnings", under)]

    def faults(self) -> tuple[Fault, ...]:
        """Expressions that had no value for the answers."""
        return tuple(Fault(**each) for each in self._call("faults"))

    def drop_unoffered(self, under: str = "") -> list[str]:
        """Take away the choices that are not offered any more; the paths it changed."""
        return list(self._call("dropUnoffered", under))

    def speak(self, language: str) -> None:
        """Go on in another language."""
        self._call("speak", language)
        self.language = language

    def evaluate(self, path: str, tree: Tree, candidate: Any = None) -> Evaluated:
        """The value of an expression at a node; a `candidate` stands for the node's own value.

        Raises `EvaluationError`, `MisshapenValue`.
        """
        found = self._engine.run(
            "evaluate", self._plan, self._number, tree, path, candidate, dict(patterns_in(tree))
        )
        return Evaluated(found["kind"], found["string"], float(found["number"]), found["boolean"])

    def instances(self, path: str) -> int:
        """How many instances a roster has."""
        return int(self._call("instances", path))

    def add_instance(self, path: str) -> int:
        """Append an instance; its position."""
        self._call("addInstance", path)
        return self.instances(path)

    def kept(self, path: str) -> Any:
        """The JSON value at a node, relevant or not; `[]` where all names were dropped (REPLAY)."""
        return self._call("kept", path)

    def late(self, path: str) -> tuple[str, ...]:
        """The rosters whose first instances came after all else (REPLAY)."""
        return tuple(self._call("late", path))

    def drop(self, path: str, value: Any) -> None:
        """Leave less of an answer; sets off no assignment (REPLAY)."""
        self._call("drop", path, value)

    def remove_instance(self, path: str, *, counted: bool = False) -> None:
        """Take an instance away; with `counted` also one that a count asks for."""
        self._call("removeInstance", path, counted)

    def surplus(self, path: str) -> int:
        """How many instances a counted roster has beyond its count."""
        return int(self._call("surplus", path))


def _error(kind: str, message: str, stack: str) -> Exception:
    """The Python exception of a JavaScript one."""
    match kind:
        case "EvaluationError":
            return EvaluationError(message)
        case "RangeError" if message.startswith("counted "):
            return CountedRoster(message.removeprefix("counted "))
        case "RangeError" if " " not in message:
            return UnknownPath(message)
        case "TypeError" if message == "misshapen":
            return MisshapenValue(message)
    return JavaScriptError(stack)
