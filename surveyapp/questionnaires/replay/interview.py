"""One interview of a replay: what each step does to it, and what it replies."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from surveyapp.questionnaires.definition import Metadata, Roster, Valued
from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.replay.choices import ShownChoices
from surveyapp.questionnaires.replay.dump import Dump
from surveyapp.questionnaires.replay.engine import Engine, Look
from surveyapp.questionnaires.replay.form import Form
from surveyapp.questionnaires.replay.nodes import Nodes
from surveyapp.questionnaires.replay.remarks import Refused
from surveyapp.questionnaires.replay.skeleton import Part
from surveyapp.questionnaires.replay.steps import Reply, Step, as_text
from surveyapp.questionnaires.replay.tree import Place, Tree
from surveyapp.questionnaires.values import MisshapenValue, from_text

#: how often JavaRosa's driver looks for choices that are gone
_MOST_PASSES = 5
_EVALUATED_TYPES = {"number": "double", "datetime": "date", "time": "date"}


class ReplayedInterview:
    """One interview of a form."""

    def __init__(self, form: Form, engine: Engine, language: str | None, zone: tzinfo) -> None:
        self.form = form
        self.engine = engine
        self.language = language
        self.tree = Tree(form.root, engine)
        self._shown = ShownChoices(form, engine)
        self._nodes = Nodes(engine, zone)
        self._dump = Dump(form, self.tree, self._nodes, self._shown)

    def take(self, step: Step, reply: Reply) -> None:
        """Take a step, and write into the reply what it comes to. Raises `Refused`."""
        kind = next((name for name in STEPS if name in step), None)
        if kind is None:
            raise Refused("unknown_step", step=dict(step))
        STEPS[kind](self, step, reply)

    def fill_properties(self, properties: Mapping[str, str]) -> None:
        """Fill in what the device says of itself."""
        for place in self.tree.all():
            item = place.part.item
            if not isinstance(item, Metadata) or item.preload != "property":
                continue
            if value := properties.get(item.preload_parameter):
                self.engine.set(place.path, value)

    # ------------------------------------------------------------ steps

    def set(self, step: Step, reply: Reply) -> None:
        """Set a node, whatever its constraint says."""
        self._set(step["set"], step.get("value"), reply)

    def answer(self, step: Step, reply: Reply) -> None:
        """Set a node as a person can: if it is asked and its rules are kept."""
        self._set(step["answer"], step.get("value"), reply, strict=True)

    def clear(self, step: Step, reply: Reply) -> None:
        """Empty a node."""
        self._set(step["clear"], None, reply)

    def _set(self, path: str, given: Any, reply: Reply, *, strict: bool = False) -> None:
        place = self.tree.find(str(path))
        if place.part.kind != "leaf":
            raise Refused("group", path=path)
        if not isinstance(place.part.item, Valued):
            raise Refused("no_answer", path=path)
        text = as_text(given)
        value = _chosen(place.part, path, _value(place.part.item, path, text))
        look = self._nodes.look(place)
        reply |= {"relevant": look.relevant, "readonly": look.read_only}
        accepted = reply["constraint_valid"] = self.engine.accepts(place.path, value)
        if strict:
            _refuse_unkept(path, text, look, value, accepted)
        self.engine.set(place.path, value)

    def new_repeat(self, step: Step, reply: Reply) -> None:
        """Add an instance as a person can."""
        path = str(step["new_repeat"])
        place = self.tree.roster(path)
        is_counted = isinstance(place.part.item, Roster) and place.part.item.count is not None
        if not is_counted and not self.engine.look(place.path, choices=False).relevant:
            raise Refused("irrelevant_roster", path=path)
        position = self.engine.add_instance(place.path)
        reply["created"] = f"{self.tree.shown(place)}[{position}]"

    def delete_repeat(self, step: Step, reply: Reply) -> None:
        """Take away the innermost instance around the first question in the one that is named."""
        path = str(step["delete_repeat"])
        place = self.tree.find(path)
        if place.part.kind != "repeat":
            raise Refused("no_roster", path=path)
        innermost = self._around_first_question(place, place)
        if innermost is None:
            raise Refused("nothing_to_ask", path=path)
        self.engine.remove_instance(innermost.path)

    def _around_first_question(self, place: Place, instance: Place) -> Place | None:
        for below in self.tree.below(place, as_asked=True):
            if below.part.control is not None:
                return instance
            inner = below if below.part.kind == "repeat" else instance
            if found := self._around_first_question(below, inner):
                return found
        return None

    def lang(self, step: Step, reply: Reply) -> None:
        """Go on in another language."""
        language = str(step["lang"])
        refuse_language(self.form, language)
        self.language = language
        self.engine.use_language(language_code(language))

    def eval(self, step: Step, reply: Reply) -> None:
        """A bare expression's value."""
        place = self.tree.find(step["context"]) if step.get("context") else Place(self.tree.root, "")
        candidate = step.get("candidate")
        if candidate is not None and isinstance(place.part.item, Valued):
            candidate = _value(place.part.item, step["context"], as_text(candidate))
        found = self.engine.evaluate(str(step["eval"]), place.path, candidate)
        number = found.number if math.isfinite(found.number) else _java_number(found.number)
        reply["result"] = {
            "type": _EVALUATED_TYPES.get(found.kind, found.kind),
            "string": found.string,
            "number": number,
            "boolean": found.boolean,
        }

    def validate(self, step: Step, reply: Reply) -> None:
        """The first thing that is wrong in the whole form."""
        self._drop_unoffered()
        error = self.engine.first_error()
        reply["valid"] = error is None
        if error is not None:
            path, why = error
            reply |= {"path": f"/{self.tree.root.name}/{path.replace('[1]', '')}", "why": why}

    def finalize(self, step: Step, reply: Reply) -> None:
        """Finish, as on “send”."""
        self._drop_unoffered()
        self.engine.finish()
        reply["submission"] = self._dump.submission()

    def dump(self, step: Step, reply: Reply) -> None:
        """Everything that the interview shows."""
        if step.get("refresh_selects", True):
            self._drop_unoffered()
        reply["dump"] = self._dump.whole(self.language, choices=bool(step.get("choices", True)))

    def _drop_unoffered(self) -> None:
        """Drop what is not offered any more; what follows from that may take more with it."""
        for _ in range(_MOST_PASSES):
            places = list(self.tree.all())
            if True not in list(map(self._shown.drop, places)):
                return


#: step → what it does
STEPS: Mapping[str, Callable[[ReplayedInterview, Step, Reply], None]] = {
    "set": ReplayedInterview.set,
    "answer": ReplayedInterview.answer,
    "clear": ReplayedInterview.clear,
    "new_repeat": ReplayedInterview.new_repeat,
    "delete_repeat": ReplayedInterview.delete_repeat,
    "lang": ReplayedInterview.lang,
    "eval": ReplayedInterview.eval,
    "dump": ReplayedInterview.dump,
    "finalize": ReplayedInterview.finalize,
    "validate": ReplayedInterview.validate,
}


def refuse_language(form: Form, language: str | None) -> None:
    """Raise `Refused` for a language that the form has not got."""
    if language is None:
        return
    if not form.languages:
        raise Refused("no_translations", language=language)
    if language not in form.languages:
        raise Refused("unknown_language", language=language, languages=", ".join(form.languages))


def _value(item: Valued, path: str, text: str) -> Any:
    try:
        return from_text(item.type, text)
    except MisshapenValue as error:
        raise Refused("misfit", path=path, text=text, type=str(item.type)) from error


def _chosen(part: Part, path: str, value: Any) -> Any:
    """An answer without the names that are not among the choices written within the control."""
    if value is None or not part.names:
        return value
    if isinstance(value, list):
        return [name for name in value if name in part.names]
    if part.type == "choice" and value not in part.names:
        raise Refused("misfit", path=path, text=value, type="CHOICE")
    return value


def _refuse_unkept(path: str, text: str, look: Look, value: Any, accepted: bool) -> None:
    """Raise `Refused` for an answer that a person could not give."""
    if not look.relevant:
        raise Refused("irrelevant", path=path)
    if look.read_only:
        raise Refused("read_only", path=path)
    if value is None and look.required:
        raise Refused("required", path=path)
    if not accepted:
        raise Refused("constraint", path=path, text=text)


def _java_number(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"
