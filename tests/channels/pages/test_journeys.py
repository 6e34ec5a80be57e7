"""Each built-in questionnaire, filled in on the pages from start to receipt, in each language."""

from __future__ import annotations

import re

import pytest

from surveyapp.submissions.models import Channel
from tests.channels.pages.conftest import answers_by_name, stored
from tests.channels.pages.visitor import Visitor, Wishes
from tests.files import pictures

RECEIPT = re.compile(r"[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}")
JPEG = pictures.saved("JPEG")
LANGUAGES = ("kk", "ru", "en")
SEND = {"kk": "Жіберу", "ru": "Отправить", "en": "Send"}

FAMILY: Wishes = {
    "b_consent": "agree",
    "b_region": "750000000",
    "b_area": "urban",
    "b_age": " 7 ",
    "b_sex": "girl",
    "b_role": "mother",
    "b_limit": "no",
    "b_life": "8",
    "b_health": "good",
    "b_place": "full",
    "b_safe": "always",
    "b_talk": "often",
    "b_time": "5",
    "b_stress": "rarely",
    "b_disc": ["explain", "switch"],
    "b_money": "basic",
    "b_bully": "never",
    "b_online": "well",
    "b_netrisk": "no",
    "b_need": "part",
    "b_barrier": ["cost", "queue"],
    "b_friend": "yes",
    "b_111": "no",
    "b_wish": "Аула\r\nмен үйірме",
}
MET = [
    *(f"p_{name}" for name in ("fence", "cctv", "alarm", "exit", "drill", "road")),
    *(f"p_{name}" for name in ("toilet", "wash", "water", "heat", "access")),
    *(f"q_{name}" for name in ("psych", "focal", "check", "111", "rules")),
    *(f"q_{name}" for name in ("complain", "log", "train", "aid", "filter")),
]
SITE: Wishes = {
    "k_region": "100000000",
    "k_district": "101000000",
    "k_area": "rural",
    "k_type": "school",
    "k_code": "AB-12",
    "k_date@day": "5",
    "k_date@month": "9",
    "k_date@year": "2026",
    "k_children": "1 250",
    "k_urgent": "yes",
    "k_action": "Қоршау құлаған",
    "k_photo": JPEG,
} | dict.fromkeys(MET, "met")
YOUNG: Wishes = {
    "t_assent": "agree",
    "t_age": "14",
    "t_sex": "ref",
    "t_region": "100000000",
    "t_area": "rural",
    "t_study": "school",
    "t_life": "0",
    "t_s_family": "10",
    "t_f_sleep": "often",
    "t_safe_home": "mostly",
    "t_bully": "several",
    "t_told": ["friend"],
    "t_hours": "none",
    "t_help": "contact",
    "t_contact": "+7 700 000 00 00",
}
HOUSEHOLD: Wishes = {
    "a_region": "750000000",
    "a_district": "751110000",
    "a_area": "urban",
    "a_hhcode": "012-007",
    "a_gps@lat": "43,2389",
    "a_gps@lon": "76.8897",
    "a_visit": "done",
    "a_consent": "agree",
    "a_private": "yes",
    "h_size": "5",
    "h_children": "2",
    "h_assets": ["none"],
    "child[1]/c_name": "Айша",
    "child[2]/c_name": "Т.",
    "child[1]/c_sex": "girl",
    "child[2]/c_sex": "boy",
    "child[1]/c_age": "8",
    "child[2]/c_age": "3",
    "child[1]/f_see": "lot",
    "c_school": "school",
    "c_support": "no",
    "x_disc": ["none"],
    "x_belief": "ref",
    "z_concern": "none",
}


def begin(visitor: Visitor, language: str, questionnaire: str) -> Visitor:
    visitor.open(f"/{language}/q/{questionnaire}")
    assert visitor.response.status_code == 200
    return visitor.send(visitor.fields())


def send(visitor: Visitor, language: str) -> str:
    """Send from the review page; the receipt's code."""
    assert visitor.text("//button[@value='next']") == SEND[language]
    visitor.next()
    assert visitor.address.endswith("/thanks"), visitor.boxes("wrong")
    match = RECEIPT.search(visitor.text())
    assert match
    return match.group()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("built_in")
def test_a_family_answers(visitor: Visitor, language: str) -> None:
    begin(visitor, language, "family_survey").walk(FAMILY)
    code = send(visitor, language)
    [submission] = stored("family_survey")
    assert submission.receipt_code == code
    assert (submission.channel, submission.language, submission.flags) == (Channel.WEB, language, [])
    answers = {name: values[0] for name, values in answers_by_name(submission.answers).items()}
    open_answers = {name: wish for name, wish in FAMILY.items() if name != "b_wish"}
    assert answers | open_answers | {"b_age": 7, "b_life": 8, "b_time": 5} == answers
    assert "Аула" not in repr(answers)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("built_in")
def test_an_inspector_fills_the_checklist_with_a_photograph(visitor: Visitor, language: str) -> None:
    begin(visitor, language, "site_safety").walk(SITE)
    send(visitor, language)
    [submission] = stored("site_safety")
    answers = {name: values[0] for name, values in answers_by_name(submission.answers).items()}
    assert submission.flags == []
    assert answers["k_date"] == "2026-09-05"
    assert answers["k_children"] == 1250
    assert re.fullmatch(r"k_photo-[0-9a-f]{8}\.jpg", answers["k_photo"])
    assert "Aigerim" not in repr(submission.answers)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("built_in")
def test_an_adolescent_answers_with_the_code_of_the_start_page(visitor: Visitor, language: str) -> None:
    visitor.open(f"/{language}/q/adolescent_selfreport")
    code = visitor.text("//*[@class='code']")
    assert re.fullmatch("[A-HJ-NP-Z2-9]{8}", code)
    visitor.send(visitor.fields())
    visitor.walk(dict(YOUNG) | {"t_code": f"{code[:4].lower()} {code[4:]}"})
    send(visitor, language)
    [submission] = stored("adolescent_selfreport")
    answers = {name: values[0] for name, values in answers_by_name(submission.answers).items()}
    assert submission.flags == []
    assert (answers["t_life"], answers["t_s_family"], answers["t_told"]) == (0, 10, ["friend"])
    assert "t_netrisk" not in answers
    assert "t_code" not in answers
    assert code not in repr(vars(submission))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.usefixtures("built_in")
def test_an_interviewer_asks_about_each_child(visitor: Visitor, language: str) -> None:
    begin(visitor, language, "household_baseline").walk(HOUSEHOLD)
    assert "Айша" in visitor.text()
    send(visitor, language)
    [submission] = stored("household_baseline")
    assert submission.flags == []
    first, second = submission.answers["child"]
    assert (first["c_age"], first["c_school"], first["c_fd"]) == (8, "school", "1")
    assert "c_school" not in second
    assert "Айша" not in repr(submission.answers)
    assert "43.2389" not in repr(submission.answers)


@pytest.mark.parametrize(
    ("questionnaire", "question"), [("family_survey", "b_consent"), ("household_baseline", "a_consent")]
)
@pytest.mark.usefixtures("built_in")
def test_whoever_declines_is_asked_nothing_more(
    visitor: Visitor, questionnaire: str, question: str
) -> None:
    begin(visitor, "ru", questionnaire)
    visitor.walk(dict(HOUSEHOLD) | {question: "decline"})
    send(visitor, "ru")
    [submission] = stored(questionnaire)
    asked = answers_by_name(submission.answers)
    assert asked[question] == ["decline"]
    assert not {"b_age", "h_size", "c_age"} & set(asked)
    assert submission.consent is None


@pytest.mark.usefixtures("built_in")
def test_consent_is_recorded_with_its_text_s_version_language_time_and_way(visitor: Visitor) -> None:
    begin(visitor, "kk", "family_survey").walk(FAMILY)
    send(visitor, "kk")
    [submission] = stored("family_survey")
    assert submission.consent is not None
    assert submission.consent["text_version"] == submission.version
    assert (submission.consent["language"], submission.consent["how"]) == ("kk", "web page")
    assert submission.consent["at"]
