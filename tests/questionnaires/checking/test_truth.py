"""A condition is called false for ever only if it is: small forms are answered in all ways."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.definition import Questionnaire
from tests.questionnaires.forms import interview, questionnaire, row, table, workbook

CHOICES = "| list_name | name | label |\n| l | a | A |\n| l | b | B |\n| l | 3 | C |\n"
#: the answers that are tried for each question; between two constants of the conditions lies one of each
ANSWERS: dict[str, list[Any]] = {
    "n": [None, *range(-2, 7)],
    "d": [None, *(half / 2 for half in range(-4, 13))],
    "s": [None, "a", "b", "3"],
    "m": [None, [], ["a"], ["b"], ["a", "b"], ["a", "b", "3"], ["3"]],
    "t": [None, "x", "y", "3", "2.5", "-1", "zz"],
}
ASKED = [
    row("integer", "n"),
    row("decimal", "d"),
    row("select_one l", "s"),
    row("select_multiple l", "m"),
    row("text", "t"),
]

number = st.integers(-1, 4).map(str)
constant = st.one_of(number, st.sampled_from(["'x'", "'y'", "'a'", "'b'", "''", "'3'", "true()"]))
operator = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
name = st.sampled_from(list("ndst"))
atom = st.one_of(
    st.builds("${{{}}} {} {}".format, name, operator, constant),
    st.builds("{} {} ${{{}}}".format, constant, operator, name),
    st.builds("selected(${{{}}}, '{}')".format, st.sampled_from("sm"), st.sampled_from("ab3z")),
    st.builds("${{m}} {} ''".format, st.sampled_from(["=", "!="])),
    st.builds("string-length(${{t}}) {} {}".format, operator, number),
    st.builds("${{n}} {} ${{d}}".format, operator),
    st.builds("${{n}} + 1 {} {}".format, operator, number),
    st.builds("${{{}}}".format, st.sampled_from("ndst")),
    st.sampled_from(["true()", "false()", "1 = 2", "not(1 = 2)", "count-selected(${m}) > 3"]),
)
condition = st.recursive(
    atom,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not({})".format, inner),
    ),
    max_leaves=5,
)


def form(outer: str, inner: str) -> str:
    """A form with a question that has a condition within a group that has one."""
    return table(
        *ASKED,
        row("begin_group", "g", relevant=outer),
        row("text", "inner", relevant=inner),
        row("end_group"),
    )


def said_never(survey: str) -> set[str]:
    """The names that are said never to be shown."""
    problems = check(workbook(survey, choices=CHOICES).encode(), "form.md").problems
    return {
        str(each.facts["name"]) for each in problems if each.code in {"never_relevant", "never_within"}
    }


def asked_names(conditions: str) -> list[str]:
    return [name for name in ANSWERS if f"${{{name}}}" in conditions]


def ever_shown(definition: Questionnaire, names: list[str]) -> Iterator[str]:
    """What is shown under some answers, all combinations of them tried."""
    for answers in product(*(ANSWERS[name] for name in names)):
        given_answers = {n: a for n, a in zip(names, answers, strict=True) if a is not None}
        filled = interview(definition, given_answers)
        yield from (path.rpartition("/")[2] for path in ("g", "g/inner") if filled.relevant(path))


@settings(max_examples=120, deadline=None)
@given(condition, condition)
def test_what_is_said_never_to_be_shown_is_shown_under_no_answers(outer: str, inner: str) -> None:
    names = asked_names(outer + inner)[:3]  # what more is asked stays empty, which only shows less
    survey = form(outer, inner)
    never = said_never(survey)
    if never:
        shown = set(ever_shown(questionnaire(survey, choices=CHOICES), names))
        assert never & shown == set(), (outer, inner)


simple_atom = st.one_of(
    st.builds("${{n}} {} {}".format, operator, number),
    st.builds("{} {} ${{n}}".format, number, operator),
    st.builds("${{s}} {} '{}'".format, st.sampled_from(["=", "!="]), st.sampled_from("ab")),
    st.builds("selected(${{s}}, '{}')".format, st.sampled_from("ab3")),
)
simple = st.recursive(
    simple_atom,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner), st.builds("not({})".format, inner)
    ),
    max_leaves=4,
)


@settings(max_examples=80, deadline=None)
@given(simple, simple)
def test_of_comparisons_with_constants_each_contradiction_is_found(outer: str, inner: str) -> None:
    survey = form(outer, inner)
    definition = questionnaire(survey, choices=CHOICES)
    shown = set(ever_shown(definition, asked_names(outer + inner)))
    # within a group that is never shown nothing more is said
    expected = {"g"} if "g" not in shown else {"g", "inner"} - shown
    assert said_never(survey) == expected


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["integer n", "decimal d", "select_one l s", "text t"]), st.data())
def test_a_constraint_that_no_value_keeps_is_kept_by_none(kind: str, data: st.DataObject) -> None:
    type_, name = kind.rsplit(" ", 1)
    own = data.draw(condition).replace(f"${{{name}}}", ".")
    asked = [each for each in ASKED if each["name"] != name]
    survey = table(*asked, row(type_, name, constraint=own))
    problems = check(workbook(survey, choices=CHOICES).encode(), "form.md").problems
    if "never_kept" not in {problem.code for problem in problems}:
        return
    definition = questionnaire(survey, choices=CHOICES)
    others = asked_names(own)[:2]
    for answers in product(*(ANSWERS[other] for other in others), ANSWERS[name][1:]):
        given_answers = dict(zip([*others, name], answers, strict=True))
        filled = interview(definition, {n: a for n, a in given_answers.items() if a is not None})
        assert [error.code for error in filled.errors() if error.path == name] == ["constraint"], own
