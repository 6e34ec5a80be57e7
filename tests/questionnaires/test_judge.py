"""Valid answers are found valid, broken ones get the right verdict, and nothing ends in an exception."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp.messages import SENTENCES
from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.judge import Judgement, judge
from surveyapp.questionnaires.partition import join_identity, leaves, split_identity
from surveyapp.questionnaires.schema import Limits, check_types
from tests.questionnaires.broken import Verdict, broken_answers, put, without
from tests.questionnaires.definitions import IDS, definition
from tests.questionnaires.strategies import NOW, typed_answers, valid_answers

LIMITS = Limits(text_length=2000, roster_instances=40)
FEW = settings(max_examples=25)


def verdict(questionnaire_id: str, answers: Any) -> Judgement:
    return judge(definition(questionnaire_id), answers, now=NOW, language="kk", limits=LIMITS)


@pytest.mark.parametrize("questionnaire_id", IDS)
@FEW
@given(st.data())
def test_valid_answers_are_found_valid(questionnaire_id: str, data: st.DataObject) -> None:
    answers = data.draw(valid_answers(definition(questionnaire_id)))
    found = verdict(questionnaire_id, answers)
    assert found.type_errors == ()
    assert found.rule_errors == ()
    assert found.miscalculated == ()
    assert found.foreign == {}
    assert found.answers == answers


@pytest.mark.parametrize("questionnaire_id", IDS)
@FEW
@given(st.data())
def test_a_defect_gets_the_verdict_of_its_class(questionnaire_id: str, data: st.DataObject) -> None:
    broken = data.draw(broken_answers(definition(questionnaire_id), LIMITS))
    found = verdict(questionnaire_id, broken.answers)
    if broken.verdict is Verdict.MISFIT:
        assert_told(found.type_errors, broken.path, broken.codes)
        assert found.answers == {}
    elif broken.verdict is Verdict.RULE:
        assert found.fits
        assert_told(found.rule_errors, broken.path, broken.codes)
    else:
        assert found.fits
        assert list(found.foreign) == [broken.path]
        assert found.rule_errors == ()


def assert_told(errors: tuple[AnswerError, ...], path: str, codes: frozenset[str]) -> None:
    told = [error.code for error in errors if error.path == path]
    assert told, f"nothing told at {path}"
    assert not codes or codes & set(told)
    assert {error.code for error in errors} <= SENTENCES.keys()


@pytest.mark.parametrize("questionnaire_id", IDS)
@FEW
@given(st.data())
def test_answers_of_the_right_types_are_judged_whatever_they_say(
    questionnaire_id: str, data: st.DataObject
) -> None:
    questionnaire = definition(questionnaire_id)
    found = verdict(questionnaire_id, data.draw(typed_answers(questionnaire, instances=2)))
    assert found.type_errors == ()
    open_answers, identity = split_identity(questionnaire, found.answers)
    assert join_identity(questionnaire, open_answers, identity) == found.answers
    again = verdict(questionnaire_id, json.loads(json.dumps(found.answers)))
    assert again.answers == found.answers
    assert again.rule_errors == found.rule_errors


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@FEW
@given(st.data())
def test_whatever_json_holds_is_judged(data: st.DataObject) -> None:
    questionnaire = definition("household_baseline")
    answers = data.draw(valid_answers(questionnaire))
    spots = [path for path, _item, _value in leaves(questionnaire, answers)] + [*answers]
    anything = data.draw(JSON)
    verdict("household_baseline", put(answers, data.draw(st.sampled_from(spots)), anything))
    verdict("household_baseline", anything)


# --- one thing at a time --------------------------------------------------------------------------

DECLINED: Answers = {"start": {"b_consent": "decline"}}
FAMILY: Answers = {
    "start": {"b_consent": "agree"},
    "about": {"b_region": "100000000", "b_area": "rural", "b_age": 1, "b_sex": "girl"},
}


def told(found: Judgement) -> list[tuple[str, str]]:
    return [(error.path, error.code) for error in found.rule_errors]


def test_a_refusal_is_a_whole_submission() -> None:
    found = verdict("family_survey", DECLINED)
    assert found.fits
    assert found.rule_errors == ()


def test_an_error_carries_the_authors_own_message() -> None:
    (error,) = verdict("family_survey", without(FAMILY, "about/b_sex")).rule_errors
    assert (error.path, error.code) == ("about/b_sex", "required")
    assert error.message.wordings["kk"] == ("Бұл сұраққа жауап беріңіз",)


def test_a_region_that_is_not_in_the_list_does_not_fit_and_one_that_was_filtered_out_does() -> None:
    site = {"site": {"k_region": "100000000", "k_district": "000000000"}}
    assert verdict("site_safety", site).type_errors == (AnswerError("site/k_district", "choice"),)
    site["site"]["k_district"] = "111000000"  # in another region
    assert ("site/k_district", "choice") in told(verdict("site_safety", site))


def test_an_answer_behind_a_refusal_is_irrelevant() -> None:
    found = verdict("family_survey", FAMILY | DECLINED)
    assert told(found) == [(f"about/{name}", "irrelevant") for name in FAMILY["about"]]


def test_what_depends_on_the_day_is_judged_by_the_day_it_was_answered() -> None:
    site = {"site": {"k_date": "2026-09-01"}}
    assert ("site/k_date", "constraint") not in told(verdict("site_safety", site))
    site["site"]["k_date"] = "2026-09-02"
    assert ("site/k_date", "constraint") in told(verdict("site_safety", site))


def test_a_calculation_that_comes_out_differently_is_told_and_kept() -> None:
    answers: Answers = {"child": [{"c_age": 7, "f_see": "cannot", "c_fd": "0"}], "x_n": 1, "x_seed": "7"}
    agreed = {"visit": {"a_visit": "done"}, "consent": {"a_consent": "agree"}}
    found = verdict("household_baseline", answers | agreed)
    assert found.miscalculated == ("child[1]/c_fd",)
    assert found.answers["child"][0]["c_fd"] == "0"
    assert found.answers["x_n"] == "1"


def test_a_disclosure_is_told_with_its_level() -> None:
    found = verdict("site_safety", {"end": {"k_urgent": "yes"}})
    assert [(fired.path, fired.level) for fired in found.disclosures] == [("end/k_urgent", "red")]


def test_what_is_over_a_limit_is_told_apart_from_what_does_not_fit() -> None:
    assert verdict("household_baseline", {"child": [{}] * 41}).over_limit
    assert verdict("family_survey", {"help": {"b_wish": "x" * 2001}}).over_limit
    assert not verdict("household_baseline", {"child": {}}).over_limit


def test_no_more_errors_are_told_than_the_limit() -> None:
    few = Limits(errors=3)
    empty = judge(definition("site_safety"), {}, now=NOW, language="kk", limits=few)
    assert len(empty.rule_errors) == 3
    assert (
        len(check_types(definition("site_safety"), {"site": 1, "end": 1}, Limits(errors=1)).errors) == 1
    )
