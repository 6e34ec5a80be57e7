"""What a replay has to say, in the author's language."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.expression_problems import excerpt, explain_expression
from surveyapp.catalogue.problems import explain
from surveyapp.questionnaires.replay.remarks import Remark

_STEPS = {
    "not_json": _l("The line is not JSON: %(detail)s"),
    "no_object": _l("A step must be a JSON object: %(line)s"),
    "must_be_text": _l("“%(key)s” must be a text"),
    "null_character": _l("“%(key)s” holds a null character"),
    "must_be_value": _l("“%(key)s” must be one value"),
    "must_be_texts": _l("“%(key)s” must be an object of texts"),
    "unknown_step": _l("There is no such step: %(step)s"),
}

_BEGINNINGS = {
    "nothing_loaded": _l("No form is loaded"),
    "no_file": _l("The form's file cannot be read: %(file)s"),
    "no_form": _l("This is no form that can be filled in: %(problems)s"),
    "no_instance": _l("The file of the old submission cannot be read: %(file)s"),
    "wrong_instance": _l("This is no submission of the form: %(why)s"),
    "no_moment": _l("This is no moment, such as 2024-03-15 10:00:00: %(text)s"),
    "no_translations": _l("The form has no translations, and so not the language “%(language)s”"),
    "unknown_language": _l("The form has no language “%(language)s”; it has: %(languages)s"),
}

_INSTANCES = {
    "too_large": _l("it is too large"),
    "too_deep": _l("it is nested too deeply"),
    "too_many": _l("it has too many elements"),
    "not_xml": _l("it is not XML, from line %(line)s, column %(column)s on"),
    "doctype": _l("it has a DOCTYPE"),
    "wrong_root": _l("it begins with <%(found)s> instead of <%(expected)s>"),
}

_PATHS = {
    "relative_path": _l("A path begins with /: %(path)s"),
    "other_root": _l("There is no %(path)s: every path of this form begins with %(root)s"),
    "no_child": _l("There is no %(path)s: %(above)s has no “%(name)s”, only: %(names)s"),
    "no_position": _l(
        "There is no %(path)s: position asked for: %(position)s, instances of %(roster)s: %(count)s"
    ),
    "bad_position": _l("“%(step)s” cannot be understood in the path %(path)s"),
    "unknown_path": _l("There is no %(path)s"),
    "no_roster": _l("This is no repeat: %(path)s"),
    "nothing_to_ask": _l("Nothing is asked in %(path)s, so it cannot be deleted"),
    "group": _l("This is a group, not a question: %(path)s"),
    "no_answer": _l("This takes no answer: %(path)s"),
}

_ANSWERS = {
    "misfit": _l("“%(text)s” is no answer to %(path)s, whose type is %(type)s"),
    "irrelevant": _l("This is not asked now, its condition is not met: %(path)s"),
    "read_only": _l("This can only be read: %(path)s"),
    "required": _l("An answer is required: %(path)s"),
    "constraint": _l("“%(text)s” does not keep the constraint of %(path)s"),
    "no_verdict": _l("Whether the constraint is kept cannot be worked out: %(path)s"),
    "counted": _l("The number of instances is counted, none is added or deleted by hand: %(path)s"),
    "irrelevant_roster": _l("This repeat is not asked now, its condition is not met: %(path)s"),
    "misshapen_answers": _l("The answers do not fit the form: %(path)s"),
    "expression": _l("%(sentence)s: %(excerpt)s"),
    "evaluation": _l("The expression has no value here: %(why)s"),
}

_EVALUATIONS = {
    "repeated": _l("one value is needed, but the path leads to several instances of a repeat"),
    "date": _l("this is no date"),
    "date_format": _l("format-date() does not know a letter of its format"),
    "geography": _l("this is no place, or no list of places"),
    "nodeset": _l("the function needs a path"),
    "instance": _l("there is no choice list or file of this name"),
    "above_root": _l(".. leads out of the form"),
    "indexed_repeat": _l("the path of indexed-repeat() is not within that repeat"),
    "pattern": _l("the pattern of regex() cannot be used"),
    "digest": _l("digest() or base64-decode() does not know this method"),
    "lengths": _l("weighted-checklist() needs two lists of the same length"),
}
_NO_VALUE = _l("it cannot be worked out")

_SCENARIOS = {
    "expect_object": _l("“expect” and its “nodes” must be JSON objects"),
    "node_object": _l("What is expected of %(path)s must be a JSON object or null"),
    "unknown_key": _l("“%(key)s” means nothing here; known are: %(known)s"),
    "two_steps": _l("A line holds one step, this one several: %(steps)s"),
    "key_twice": _l("“%(key)s” stands twice in the line"),
    "not_carried_out": _l("The step was refused: %(why)s"),
    "no_such_key": _l("Nothing is called “%(key)s” here; known are: %(known)s"),
    "differs": _l("%(key)s: expected %(expected)s, found %(found)s"),
    "node_differs": _l("%(path)s %(key)s: expected %(expected)s, found %(found)s"),
    "node_there": _l("%(path)s: expected nothing there, found a node"),
    "node_absent": _l("%(path)s: expected a node, found none"),
    "never_there": _l("%(path)s: the form has nothing at this path"),
    "nothing_compared": _l("Nothing was compared: no line says what is expected"),
}

SENTENCES: Mapping[str, LazyString] = {
    **_STEPS,
    **_BEGINNINGS,
    **_PATHS,
    **_ANSWERS,
    **_SCENARIOS,
}


def explain_remark(remark: Remark, language: str) -> str:
    """A remark as a sentence in a language; several are parted by semicolons."""
    if remark.code == "misshapen":
        return "; ".join(explain_remark(part, language) for part in remark.facts["parts"])
    with force_locale(language):
        return str(SENTENCES[remark.code] % _filled(remark, language))


def _filled(remark: Remark, language: str) -> Mapping[str, Any]:
    """The facts, with those that are sentences themselves."""
    fill = _SPOKEN.get(remark.code)
    return {**remark.facts, **(fill(remark.facts, language) if fill else {})}


_Facts = Mapping[str, Any]


def _expression(facts: _Facts, language: str) -> _Facts:
    return {
        "sentence": explain_expression(facts["reason"], facts["details"], language),
        "excerpt": excerpt(facts["source"], facts["position"]),
    }


def _evaluation(facts: _Facts, _language: str) -> _Facts:
    return {"why": _EVALUATIONS.get(facts["reason"], _NO_VALUE)}


def _instance(facts: _Facts, _language: str) -> _Facts:
    return {"why": _INSTANCES[facts["reason"]] % facts["details"]}


def _problems(facts: _Facts, language: str) -> _Facts:
    return {"problems": "; ".join(explain(each, language) for each in facts["problems"])}


def _step(facts: _Facts, _language: str) -> _Facts:
    return {"step": json.dumps(facts["step"], ensure_ascii=False)}


#: code → what of its facts is put into words first
_SPOKEN: Mapping[str, Callable[[_Facts, str], _Facts]] = {
    "expression": _expression,
    "evaluation": _evaluation,
    "wrong_instance": _instance,
    "no_form": _problems,
    "unknown_step": _step,
}
