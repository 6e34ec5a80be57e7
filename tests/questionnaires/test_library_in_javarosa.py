"""What the built-in questionnaires derive and disclose, in JavaRosa, the engine of ODK Collect."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from surveyapp.questionnaires import library
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.oracle import NOW, Oracle, require_java
from tests.questionnaires.compiled import PLACEHOLDERS, SURVEY, XForm, built_in

pytestmark = pytest.mark.java


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle(now=NOW) as running:
        yield running


def load(oracle: Oracle, xform: bytes) -> None:
    """Begin an interview in JavaRosa."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.xml"
        file.write_bytes(xform)
        oracle.load(file)


def adolescent(oracle: Oracle, answers: dict[str, str], *, sensitive: str) -> bytes:
    """An adolescent who agreed and gave these answers; the XForm that was answered."""
    content = library.workbook("adolescent_selfreport")
    placeholders = {**PLACEHOLDERS, "cfg_sensitive": sensitive}
    xform = compile_workbook(content, "adolescent.md", placeholders=placeholders).xform
    load(oracle, xform)
    oracle.set("/data/start/t_assent", "agree")
    for name, answer in answers.items():
        oracle.set(XForm(xform).bind(name)["nodeset"], answer)
    return xform


def household(oracle: Oracle, *children: tuple[str, int]) -> None:
    """A household whose children have these names and ages."""
    load(oracle, built_in("household_baseline").xform)
    for path, value in {
        "visit/a_visit": "done",
        "consent/a_consent": "agree",
        "consent/a_private": "yes",
        "household/h_size": "12",
        "household/h_children": str(len(children)),
    }.items():
        oracle.set(f"/data/{path}", value)
    for number, (name, age) in enumerate(children, start=1):
        oracle.set(f"/data/child[{number}]/c_name", name)
        oracle.set(f"/data/child[{number}]/c_age", str(age))


def value(oracle: Oracle, path: str) -> str | None:
    """What JavaRosa holds at a node."""
    found: str | None = oracle.node(f"/data/{path}")["value"]
    return found


def test_one_child_of_1_to_14_is_drawn_and_named(oracle: Oracle) -> None:
    household(oracle, ("Eldest", 17), ("A B", 3), ("Second", 14), ("Baby", 0))
    assert value(oracle, "x_n") == "2"
    drawn = {"1": "A B", "2": "Second"}
    pick = value(oracle, "x_pick")
    assert pick is not None
    assert value(oracle, "x_child") == drawn[pick]
    seed = value(oracle, "x_seed")
    oracle.set("/data/child[4]/c_age", "1")
    assert value(oracle, "x_seed") == seed
    assert value(oracle, "x_n") == "3"


def test_without_a_child_of_1_to_14_nobody_is_drawn(oracle: Oracle) -> None:
    household(oracle, ("Eldest", 15), ("Baby", 0))
    assert (value(oracle, "x_n"), value(oracle, "x_pick"), value(oracle, "x_child")) == ("0", None, None)
    assert oracle.node("/data/parenting/x_disc")["relevant"] is False


def test_withdrawn_consent_takes_the_children_along(oracle: Oracle) -> None:
    household(oracle, ("One", 5))
    oracle.set("/data/consent/a_consent", "decline")
    assert oracle.node("/data/child[1]/c_name")["relevant"] is False
    assert value(oracle, "x_n") == "0"


ALL_FINE = dict.fromkeys(
    ["f_see", "f_hear", "f_walk", "f_comm", "f_learn", "f_behav", "f_self"], "none"
) | {"f_emo": "rarely"}


@pytest.mark.parametrize(
    ("age", "answers", "difficulty"),
    [
        (7, ALL_FINE, "0"),
        (7, ALL_FINE | {"f_walk": "lot"}, "1"),
        (7, ALL_FINE | {"f_self": "cannot"}, "1"),
        (7, ALL_FINE | {"f_emo": "daily"}, "1"),
        (7, ALL_FINE | {"f_emo": "weekly"}, "0"),
        (7, ALL_FINE | {"f_see": "dk"}, None),
        (7, ALL_FINE | {"f_see": "dk", "f_hear": "lot"}, "1"),
        (7, ALL_FINE | {"f_emo": ""}, None),
        (3, ALL_FINE | {"f_self": "", "f_emo": ""}, "0"),
        (3, ALL_FINE | {"f_self": "cannot", "f_emo": "daily"}, "0"),
        (1, ALL_FINE | {"f_see": "lot"}, None),
    ],
)
def test_functional_difficulty_follows_the_answers(
    oracle: Oracle, age: int, answers: dict[str, str], difficulty: str | None
) -> None:
    household(oracle, ("One", age))
    for name, answer in answers.items():
        oracle.set(f"/data/child[1]/{name}", answer)
    assert value(oracle, "child[1]/c_fd") == difficulty
    assert oracle.node("/data/child[1]/c_support")["relevant"] is (difficulty == "1")


#: Answers of form C → the levels of the cases that they open.
DISCLOSURES = [
    ({"t_help": "contact", "t_contact": "@a"}, {"amber"}),
    ({"t_help": "contact", "t_contact": "@a", "t_safe_home": "never"}, {"red"}),
    ({"t_help": "contact", "t_contact": "@a", "t_hurt": "weekly"}, {"red"}),
    ({"t_help": "contact", "t_hurt": "weekly"}, {"red", "amber"}),
    ({"t_help": "no", "t_hurt": "several"}, {"amber"}),
    ({"t_help": "no", "t_hurt": "once"}, set()),
    ({"t_help": "show", "t_safe_home": "never"}, set()),
    ({}, set()),
]


@pytest.mark.parametrize(("answers", "levels"), DISCLOSURES)
def test_an_adolescents_answers_open_the_agreed_cases(
    oracle: Oracle, answers: dict[str, str], levels: set[str]
) -> None:
    xform = adolescent(oracle, answers, sensitive="1")
    assert opened(oracle, xform) == levels


@pytest.mark.parametrize(
    ("answer", "levels"), [("none", set()), ("concern", {"amber"}), ("danger", {"red"})]
)
def test_an_interviewers_concern_opens_a_case(oracle: Oracle, answer: str, levels: set[str]) -> None:
    household(oracle, ("One", 5))
    oracle.set("/data/close/z_concern", answer)
    assert opened(oracle, built_in("household_baseline").xform) == levels


@pytest.mark.parametrize(("answer", "levels"), [("no", set()), ("yes", {"red"})])
def test_an_urgent_danger_at_a_site_is_red(oracle: Oracle, answer: str, levels: set[str]) -> None:
    xform = built_in("site_safety").xform
    load(oracle, xform)
    oracle.set("/data/end/k_urgent", answer)
    assert opened(oracle, xform) == levels


def opened(oracle: Oracle, xform: bytes) -> set[str]:
    """Levels of the disclosure rules that are true of the interview under way, by JavaRosa."""
    rules = [bind for bind in XForm(xform).binds.values() if SURVEY + "disclosure" in bind]
    assert rules
    return {
        bind[SURVEY + "disclosure_level"]
        for bind in rules
        if oracle.eval(bind[SURVEY + "disclosure"], bind["nodeset"])["boolean"]
    }


@pytest.mark.parametrize(("sensitive", "asked"), [("0", False), ("1", True)])
def test_the_sensitive_question_is_asked_only_when_switched_on(
    oracle: Oracle, sensitive: str, asked: bool
) -> None:
    adolescent(oracle, {}, sensitive=sensitive)
    assert oracle.node("/data/safety/t_bully")["relevant"] is True
    assert oracle.node("/data/safety/t_hurt")["relevant"] is asked
