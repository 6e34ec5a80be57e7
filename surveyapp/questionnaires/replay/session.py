"""Steps and replies: one JSON object each, in the language of docs/replay.md."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, TypeAlias

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Metadata, Roster, Valued
from surveyapp.questionnaires.instance_xml import InstanceError, read_instance
from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.replay.choices import ShownChoices
from surveyapp.questionnaires.replay.engine import Beginning, Engine, EngineOf, Refused
from surveyapp.questionnaires.replay.form import Form, load_form
from surveyapp.questionnaires.replay.nodes import Nodes
from surveyapp.questionnaires.replay.skeleton import Part
from surveyapp.questionnaires.replay.submission import prefixes_of, submission
from surveyapp.questionnaires.replay.tree import Place, Tree
from surveyapp.questionnaires.values import MisshapenValue, from_text
from surveyapp.questionnaires.xform import XFormError
from surveyapp.questionnaires.xlsform import WorkbookError

Step: TypeAlias = Mapping[str, Any]
Reply: TypeAlias = dict[str, Any]

#: what the device says of itself, as long as a step does not say otherwise
PROPERTIES: Mapping[str, str] = {
    "deviceid": "oracle-device",
    "username": "oracle",
    "email": "oracle@example.invalid",
    "phonenumber": "000",
    "subscriberid": "sub",
    "simserial": "sim",
}
#: how often JavaRosa's driver looks for choices that are gone
_MOST_PASSES = 5
#: what a step may hold, by the type that it must have if it is there
_TEXTS = ("set", "answer", "clear", "new_repeat", "delete_repeat", "eval", "context")
_BEGINNINGS = ("lang", "media", "now", "instance")
_FILES = ("load", "media", "instance")
_VALUES = ("value", "candidate")
_EVALUATED_TYPES = {"number": "double", "datetime": "date", "time": "date"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a load step may leave out: a moment without an offset is in `zone`."""

    now: str | None = None
    zone: tzinfo = UTC
    media: Path | None = None
    language: str | None = None

    def moment(self) -> datetime:
        """The interview's moment, aware. Raises `Refused`."""
        if self.now is None:
            return datetime.now(self.zone)
        try:
            moment = datetime.fromisoformat(self.now.strip())
        except ValueError as error:
            raise Refused(f"not a moment: {self.now}") from error
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)


def step_of(line: str) -> Step:
    """The step that a line holds. Raises `Refused`."""
    try:
        step = json.loads(line)
        # half a character can be spelled in JSON, but not written into a reply
        json.dumps(step, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused(f"not JSON: {error}") from error
    if not isinstance(step, dict):
        raise Refused(f"a step must be a JSON object: {line.strip()}")
    return step


class Session:
    """Carries out steps, one after the other, on interviews of an engine."""

    def __init__(self, engine_of: EngineOf, options: Options) -> None:
        self._engine_of = engine_of
        self._options = options
        self._interview: _Interview | None = None
        self._taken = 0

    def take(self, step: Step) -> Reply:
        """One step's reply; `ok` says whether it was carried out."""
        reply: Reply = {}
        try:
            self._carry_out(step, reply)
            reply["ok"] = True
        except Refused as refusal:
            reply |= {"ok": False, "error": str(refusal)}
        self._taken += 1
        reply["step"] = self._taken
        return reply

    def take_line(self, line: str) -> Reply:
        """The reply to a step as a line of text."""
        try:
            step = step_of(line)
        except Refused as refusal:
            return self._not_a_step(str(refusal))
        return self.take(step)

    def _not_a_step(self, error: str) -> Reply:
        self._taken += 1
        return {"ok": False, "error": error, "step": self._taken}

    def _carry_out(self, step: Step, reply: Reply) -> None:
        _refuse_misshapen(step)
        if "load" in step:
            self.close()
            self._interview = _begin(step, self._engine_of, self._options)
            reply["loaded"] = step["load"]
            return
        if self._interview is None:
            raise Refused("no form loaded")
        kind = next((name for name in _STEPS if name in step), None)
        if kind is None:
            raise Refused(f"unknown step: {json.dumps(step, ensure_ascii=False)}")
        _STEPS[kind](self._interview, step, reply)

    def close(self) -> None:
        """Give back what the engine holds."""
        if self._interview is not None:
            self._interview.engine.close()
            self._interview = None


def _refuse_misshapen(step: Step) -> None:
    wrong = [
        *(f"{key} must be a text" for key in _TEXTS if not isinstance(step.get(key, ""), str)),
        *(f"{key} must be a text" for key in _BEGINNINGS if not isinstance(step.get(key), str | None)),
        *(f"{key} holds a null character" for key in _FILES if "\0" in str(step.get(key))),
        *(f"{key} must be one value" for key in _VALUES if isinstance(step.get(key), list | dict)),
    ]
    properties = step.get("properties") or {}
    if not isinstance(properties, dict) or not all(isinstance(one, str) for one in properties.values()):
        wrong.append("properties must be an object of texts")
    if wrong:
        raise Refused("; ".join(wrong))


def _begin(step: Step, engine_of: EngineOf, options: Options) -> _Interview:
    media = Path(step["media"]) if step.get("media") else options.media
    form = _loaded(Path(str(step["load"])), media)
    options = replace(
        options, now=step.get("now", options.now), language=step.get("lang", options.language)
    )
    language = options.language or form.default_language
    _refuse_language(form, options.language)
    code = language_code(language) if language else form.questionnaire.default_language
    moment = options.moment()
    answers = _old_answers(form, step["instance"]) if step.get("instance") else None
    engine = engine_of(form, Beginning(now=moment, language=code, answers=answers))
    interview = _Interview(form, engine, language, moment.tzinfo or UTC)
    if answers is None:
        interview.fill_properties({**PROPERTIES, **(step.get("properties") or {})})
    return interview


def _old_answers(form: Form, given: str) -> Answers:
    """The answers of an old submission: its XML, or the path of a file with it."""
    try:
        xml = given.encode() if given.lstrip().startswith("<") else Path(given).read_bytes()
        return read_instance(form.questionnaire, xml).answers
    except (OSError, InstanceError) as error:
        raise Refused(f"not an instance of the form: {error}") from error


def _loaded(file: Path, media: Path | None) -> Form:
    try:
        return load_form(file, media)
    except OSError as error:
        raise Refused(f"no such form file: {file}") from error
    except (WorkbookError, XFormError) as error:
        raise Refused(f"not a form: {error}") from error


def _refuse_language(form: Form, language: str | None) -> None:
    if language is None:
        return
    if not form.languages:
        raise Refused(f"form has no translations (no itext); cannot set language {language}")
    if language not in form.languages:
        known = ", ".join(form.languages)
        raise Refused(f"unknown language '{language}'; available: [{known}]")


class _Interview:
    """One interview of a form, and what it shows."""

    def __init__(self, form: Form, engine: Engine, language: str | None, zone: tzinfo) -> None:
        self.form = form
        self.engine = engine
        self.language = language
        self.tree = Tree(form.root, engine)
        self.nodes = Nodes(engine, zone)
        self.shown = ShownChoices(form, engine)

    def fill_properties(self, properties: Mapping[str, str]) -> None:
        """Fill in what the device says of itself."""
        for place in self._all(Place(self.tree.root, "")):
            item = place.part.item
            if not isinstance(item, Metadata) or item.preload != "property":
                continue
            if value := properties.get(item.preload_parameter):
                self.engine.set(place.path, value)

    def _all(self, place: Place) -> Iterator[Place]:
        for below in self.tree.below(place):
            yield below
            yield from self._all(below)

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
            raise Refused(f"{path} is a group, not a question")
        if not isinstance(place.part.item, Valued):
            raise Refused(f"{path} holds no answer")
        text = _as_text(given)
        value = _chosen(place.part, path, _value(place.part.item, path, text))
        look = self.nodes.look(place)
        reply |= {"relevant": look.relevant, "readonly": look.read_only}
        accepted = reply["constraint_valid"] = self.engine.accepts(place.path, value)
        if strict:
            refusals = {
                f"{path} is not relevant": not look.relevant,
                f"{path} is read only": look.read_only,
                f"{path} is required": value is None and look.required,
                f"{path}: constraint violated by '{text}'": not accepted,
            }
            for reason, holds in refusals.items():
                if holds:
                    raise Refused(reason)
        self.engine.set(place.path, value)

    def new_repeat(self, step: Step, reply: Reply) -> None:
        """Add an instance as a person can."""
        path = str(step["new_repeat"])
        place = self.tree.roster(path)
        is_counted = isinstance(place.part.item, Roster) and place.part.item.count is not None
        if not is_counted and not self.engine.look(place.path, choices=False).relevant:
            raise Refused(f"{path}: the repeat is not relevant")
        position = self.engine.add_instance(place.path)
        reply["created"] = f"{self.tree.shown(place)}[{position}]"

    def delete_repeat(self, step: Step, reply: Reply) -> None:
        """Take away the innermost instance around the first question in the one that is named."""
        path = str(step["delete_repeat"])
        place = self.tree.find(path)
        if place.part.kind != "repeat":
            raise Refused(f"not a repeat: {path}")
        innermost = self._around_first_question(place, place)
        if innermost is None:
            raise Refused(f"no question with a control inside {path}, so it cannot be deleted")
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
        _refuse_language(self.form, language)
        self.language = language
        self.engine.use_language(language_code(language))

    def eval(self, step: Step, reply: Reply) -> None:
        """A bare expression's value."""
        place = self.tree.find(step["context"]) if step.get("context") else Place(self.tree.root, "")
        candidate = step.get("candidate")
        if candidate is not None and isinstance(place.part.item, Valued):
            candidate = _value(place.part.item, step["context"], _as_text(candidate))
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
        reply["submission"] = self._submission()

    def _submission(self) -> str:
        return submission(self.tree, self.nodes, prefixes_of(self.form.document.root))

    def dump(self, step: Step, reply: Reply) -> None:
        """Everything that the interview shows."""
        if step.get("refresh_selects", True):
            self._drop_unoffered()
        choices = bool(step.get("choices", True))
        places = self._all(Place(self.tree.root, ""))
        reply["dump"] = {
            "title": self.form.title,
            "language": self.language,
            "languages": list(self.form.languages),
            "nodes": [self._node(place, choices=choices) for place in places],
            "submission": self._submission(),
            "missing_media": list(self.form.missing_media),
        }

    def _node(self, place: Place, *, choices: bool) -> Reply:
        part, look = place.part, self.nodes.look(place)
        shown: Reply = {
            "path": self.tree.shown(place),
            "kind": part.kind,
            "relevant": look.relevant,
        }
        if part.kind != "leaf" and not self._is_bare(place):
            return shown
        shown |= {
            "type": part.type,
            "required": look.required,
            "readonly": look.read_only,
            "value": self.nodes.text(part, look),
            "constraint_valid": look.constraint_valid,
        }
        if part.control is not None:
            shown |= {
                "control": part.control,
                "label": look.label,
                "constraint_message": look.constraint_message,
            }
            if choices and part.control in {"select_one", "select_multi", "rank"}:
                offered = self.shown.of(place)
                shown["choices"] = [{"name": name, "label": label} for name, label in offered]
        return shown

    def _is_bare(self, place: Place) -> bool:
        """Whether a roster's instance holds nothing at all: JavaRosa shows it as a leaf."""
        return place.path.endswith("]") and next(self.tree.below(place), None) is None

    def _drop_unoffered(self) -> None:
        """Drop what is not offered any more; what follows from that may take more with it."""
        for _ in range(_MOST_PASSES):
            places = list(self._all(Place(self.tree.root, "")))
            if True not in list(map(self.shown.drop, places)):
                return


_STEPS: Mapping[str, Callable[[_Interview, Step, Reply], None]] = {
    "set": _Interview.set,
    "answer": _Interview.answer,
    "clear": _Interview.clear,
    "new_repeat": _Interview.new_repeat,
    "delete_repeat": _Interview.delete_repeat,
    "lang": _Interview.lang,
    "eval": _Interview.eval,
    "dump": _Interview.dump,
    "finalize": _Interview.finalize,
    "validate": _Interview.validate,
}


def _as_text(given: Any) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    return str(given) if isinstance(given, str | int | float) else ""


def _value(item: Valued, path: str, text: str) -> Any:
    try:
        return from_text(item.type, text)
    except MisshapenValue as error:
        raise Refused(f"value '{text}' is not valid for {path} of type {item.type}") from error


def _chosen(part: Part, path: str, value: Any) -> Any:
    """An answer without the names that are not among the choices written within the control."""
    if value is None or not part.names:
        return value
    if isinstance(value, list):
        return [name for name in value if name in part.names]
    if part.type == "choice" and value not in part.names:
        raise Refused(f"value '{value}' is not valid for {path} of type CHOICE")
    return value


def _java_number(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    return "Infinity" if number > 0 else "-Infinity"
