"""How fast the engine is: `python -m tests.performance.engine [--rounds 200]`.

Not a test. On a made-up questionnaire of 60 questions and 90 expressions, and on one of 500 and 900, it
times: workbook → XForm, XForm → definition with its plan, the kept JSON → definition, and one full pass
(every relevance, calculation, requirement and constraint). Beside the pass stands that of XPath
expressions compiled by lxml over the same answers in the same run. Prints minimum and median; before and
after them how long this machine takes for a fixed piece of work, since a shared machine is at times half
as fast as at others.
"""

from __future__ import annotations

import argparse
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any

from lxml import etree

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Expression, Questionnaire, Valued
from surveyapp.questionnaires.definition_json import read, write
from surveyapp.questionnaires.expressions import parser
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.interview.changes import EVERYTHING
from surveyapp.questionnaires.interview.plan import Plan, plan_of
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.performance.sized_forms import sized_workbook

SIZES = ((60, 90), (500, 900))
NOW = datetime(2026, 9, 1, 14, tzinfo=UTC)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=200)
    rounds = options.parse_args().rounds
    show("a fixed piece of Python (the machine's own speed)", fixed_work, rounds)
    for questions, expressions in SIZES:
        measure(questions, expressions, max(5, rounds * 60 // questions))
    show("the fixed piece of Python again", fixed_work, rounds)


def fixed_work() -> dict[str, int]:
    """Something that never changes: 20,000 small steps of the kinds that compiling is made of."""
    return {str(number): len(str(number)) for number in range(20_000)}


def measure(questions: int, expressions: int, rounds: int) -> None:
    """Print the figures of one size."""
    workbook = sized_workbook(questions, expressions).encode()
    form = compile_workbook(workbook, "sized.md").xform
    definition = xform.parse(form)
    kept = write(definition)
    print(
        f"{questions} questions, {len(expressions_of(definition))} expressions, {len(form) // 1000} kB of XForm"
    )
    show("workbook to XForm", lambda: compile_workbook(workbook, "sized.md"), max(3, rounds // 50))
    show("XForm to definition and plan", lambda: Plan(freshly_parsed(form)), max(3, rounds // 20))
    show("kept JSON to definition", lambda: read(kept), rounds)
    filled = filled_interview(definition)
    ours = show("one full pass", lambda: full_pass(filled), rounds)
    theirs = show("one full pass of lxml's XPath", lxml_pass(filled), rounds)
    print(f"  ratio of the two passes: {ours / theirs:.2f}")
    print(f"  memory of a definition with its plan: {memory(kept) / 1000:.0f} kB")


def show(what: str, work: Callable[[], object], rounds: int) -> float:
    """Print and return milliseconds: the minimum of some rounds."""
    work()
    times = []
    for _round in range(rounds):
        start = perf_counter()
        work()
        times.append((perf_counter() - start) * 1000)
    print(f"  {what}: {min(times):.3f} ms (median {median(times):.3f})")
    return min(times)


def freshly_parsed(form: bytes) -> Questionnaire:
    """A definition whose expressions are parsed anew, too."""
    parser.parse.cache_clear()
    definition: Questionnaire = xform.parse(form)
    return definition


def expressions_of(definition: Questionnaire) -> list[Expression]:
    """The expressions that one full pass evaluates."""
    names = ("relevant", "calculation", "required", "constraint")
    found = (getattr(item, name, None) for item in definition.walk() for name in names)
    return [each for each in found if each is not None]


def filled_interview(definition: Questionnaire) -> Interview:
    """An interview in which everything is answered that is asked."""
    interview = Interview(definition, language="kk", now=NOW)
    values: dict[str, Any] = {"integer": 30, "decimal": 2.5, "select_one": "often2", "text": "мәтін"}
    for item in definition.walk():
        if isinstance(item, Valued) and item.type in values and "sum" not in item.name:
            interview.set(item.path, values[item.type])
    return interview


def full_pass(interview: Interview) -> None:
    """Work out everything anew, and judge it."""
    interview._state.recompute(EVERYTHING)
    assert not interview.errors()


def lxml_pass(interview: Interview) -> Callable[[], object]:
    """The same expressions over the same answers by an engine in C without types."""
    definition = interview.questionnaire
    root = etree.Element(definition.root_name)
    nodes = {"": root}
    for item in definition.walk():
        node = nodes[item.path] = etree.SubElement(nodes[item.path.rpartition("/")[0]], item.name)
        if isinstance(item, Valued):
            node.text = str(interview.value(item.path) or "")
    evaluations = [
        (etree.XPath(expression.source), nodes[item.path])
        for item in definition.walk()
        for expression in expressions_of_item(item)
    ]
    return lambda: [evaluate(node) for evaluate, node in evaluations]


def expressions_of_item(item: Any) -> list[Expression]:
    """As `expressions_of`, of one item."""
    names = ("relevant", "calculation", "required", "constraint")
    return [each for name in names if (each := getattr(item, name, None)) is not None]


def memory(kept: str) -> int:
    """Bytes that one more definition with its plan takes."""
    plan_of(read(kept))  # what is imported and cached once
    tracemalloc.start()
    held = Plan(read(kept))
    size, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held.rules
    return size


if __name__ == "__main__":
    main()
