"""Synthetic respondents answer as people do, and always the same for the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import DataType, Expression, Question
from surveyapp.questionnaires.expressions import parse
from surveyapp.questionnaires.expressions.patterns import compile_pattern
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.invention import FIRST_NAMES, REMARKS, Clues, clues
from surveyapp.questionnaires.matching import random_match
from surveyapp.questionnaires.partition import leaves
from surveyapp.questionnaires.synthetic import synthesise
from tests.questionnaires.definitions import IDS, definition
from tests.questionnaires.strategies import NOW, SEEDS


def answers_of(questionnaire_id: str, seed: int, language: str = "kk") -> Answers:
    random = Random(seed)  # noqa: S311  # no secret
    return synthesise(
        definition(questionnaire_id), random, language=language, finished_at=NOW, minutes=30
    )


@cache
def crowd(questionnaire_id: str) -> list[Answers]:
    """Enough respondents to see what is usual among them."""
    return [answers_of(questionnaire_id, seed) for seed in range(150)]


@pytest.mark.parametrize("questionnaire_id", IDS)
def test_the_same_seed_gives_the_same_answers(questionnaire_id: str) -> None:
    assert answers_of(questionnaire_id, 7) == answers_of(questionnaire_id, 7)
    assert answers_of(questionnaire_id, 7) != answers_of(questionnaire_id, 8)


@pytest.mark.parametrize("questionnaire_id", IDS)
@given(SEEDS)
def test_an_interview_goes_on_from_the_answers_as_it_stood(questionnaire_id: str, seed: int) -> None:
    """What follows from each answer when it is given, and from all of them at once, is the same."""
    answers = answers_of(questionnaire_id, seed)
    again = Interview(definition(questionnaire_id), answers, language="kk", now=NOW)
    assert again.answers() == answers


def test_most_agree_and_most_visits_are_done() -> None:
    visits = Counter(answers["visit"]["a_visit"] for answers in crowd("household_baseline"))
    assert 0.7 < visits["done"] / visits.total() < 0.95
    consents = Counter(answers["start"]["b_consent"] for answers in crowd("family_survey"))
    assert 0.8 < consents["agree"] / consents.total() < 1


def test_every_roster_has_the_children_that_were_counted() -> None:
    families = [answers for answers in crowd("household_baseline") if answers.get("child")]
    assert len(families) > 80
    for answers in families:
        assert (
            len(answers["child"]) == answers["household"]["h_children"] < answers["household"]["h_size"]
        )


def test_names_are_first_names_and_remarks_are_in_the_language_of_the_interview() -> None:
    names = {
        child["c_name"] for answers in crowd("household_baseline") for child in answers.get("child", [])
    }
    assert names <= set(FIRST_NAMES)
    assert len(names) > 10
    wishes = {
        answers_of("family_survey", seed, "ru").get("help", {}).get("b_wish") for seed in range(40)
    }
    assert wishes - {None} <= set(REMARKS["ru"])


def test_regions_and_ages_are_spread() -> None:
    about = [answers["about"] for answers in crowd("family_survey") if "about" in answers]
    assert len({each["b_region"] for each in about}) == 20
    assert len({each["b_age"] for each in about}) > 14


def test_danger_is_rare() -> None:
    alarms = Counter(answers["end"]["k_urgent"] for answers in crowd("site_safety"))
    assert alarms["yes"] < 0.1 * alarms.total()


def test_files_are_not_made_up() -> None:
    assert all(answers["end"]["k_photo"] is None for answers in crowd("site_safety"))


def test_some_answers_are_left_out_where_that_is_allowed() -> None:
    empty = sum(
        value is None
        for a in crowd("family_survey")
        for *_, value in leaves(definition("family_survey"), a)
    )
    assert empty > 10


def test_the_interview_began_before_it_ended() -> None:
    answers = answers_of("family_survey", 1)
    assert answers["finished_at"] == NOW.isoformat(timespec="milliseconds")
    assert answers["started_at"] == (NOW - timedelta(minutes=30)).isoformat(timespec="milliseconds")


# --- what a constraint gives away -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (". >= 2 and . <= 30", Clues(least=2, most=30)),
        (". > -3 and . < 7", Clues(least=-2, most=6)),
        (". >= 1 and . <= 15 and . < /data/size", Clues(least=1, most=15)),
        ("string-length(.) <= 20", Clues(longest=20)),
        ("string-length(.) < 20", Clues(longest=19)),
        ("regex(., '[0-9]{3}')", Clues(pattern="[0-9]{3}")),
        (". <= today()", Clues()),
        ("/data/size >= 4", Clues()),
        ("not(selected(., 'none') and count-selected(.) > 1)", Clues()),
    ],
)
def test_bounds_patterns_and_lengths_are_read_from_a_constraint(source: str, told: Clues) -> None:
    assert clues(Expression(source, parse(source))) == told


def test_without_a_constraint_there_are_no_clues() -> None:
    assert clues(None) == Clues()


def test_a_bound_may_be_another_answer() -> None:
    trips = [answers["trip"] for answers in crowd("everything")]
    assert all(trip["seats"] >= trip["people"] for trip in trips)
    assert any(trip["people"] > 0 for trip in trips)


@pytest.mark.parametrize(
    "pattern",
    [
        "^[0-9]{3}-[0-9]{3}$",
        "^[A-HJ-NP-Z2-9]{8}$",
        "[A-Z0-9-]{3,20}",
        "(ab|c)+d?",
        "\\d+\\.\\d{2}",
        "[ә-ө]*",
    ],
)
@given(random=st.randoms(use_true_random=False))
def test_a_drawn_text_matches_its_pattern(pattern: str, random: Random) -> None:
    assert compile_pattern(pattern).matches(random_match(pattern, random))


def test_every_type_is_answered_by_somebody() -> None:
    answered = {
        item.type
        for answers in crowd("everything")
        for _path, item, value in leaves(definition("everything"), answers)
        if value is not None and isinstance(item, Question)
    }
    files = {DataType.IMAGE, DataType.AUDIO, DataType.VIDEO, DataType.FILE}
    # booleans come from other tools only: no type of a workbook asks for one
    assert answered == set(DataType) - files - {DataType.BOOLEAN}
