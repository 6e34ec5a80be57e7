"""From page to page: what is asked when, what is said of mistakes, and that nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from surveyapp import database
from surveyapp.channels.pages import drafts
from tests.channels.pages.conftest import Publish, stored
from tests.channels.pages.test_journeys import FAMILY
from tests.channels.pages.visitor import Visitor, words
from tests.channels.pages.workbooks import BOUNDS, KINDS, ONE_PAGE, RULES, TOYS, UNTRANSLATED, workbook
from tests.files import pictures

JPEG = pictures.saved("JPEG")


def begun(visitor: Visitor, questionnaire: str, language: str = "en") -> Visitor:
    visitor.open(f"/{language}/q/{questionnaire}")
    return visitor.send(visitor.fields())


#: names that our own fields have, or had, in the forms that questions stand in
OWN_NAMES = ("go", "revision", "whole", "phone", "replace", "csrf_token")


def test_questions_may_be_called_like_our_own_fields(visitor: Visitor, publish: Publish) -> None:
    questions = "".join(f"| | text | {name} | About {name} |\n" for name in OWN_NAMES)
    questionnaire = publish(workbook("own_names", f"| | type | name | label |\n{questions}"))
    given = {name: f"my {name}" for name in OWN_NAMES}
    begun(visitor, questionnaire).walk(given).next()
    [submission] = stored(questionnaire)
    assert submission.answers == given


def test_the_first_section_of_a_whole_page_without_modules_may_use_these_names_too(
    visitor: Visitor, publish: Publish
) -> None:
    questions = "".join(f"| | text | {name} | About {name} |\n" for name in OWN_NAMES)
    questionnaire = publish(workbook("own_names", f"| | type | name | label |\n{questions}"))
    visitor.open(f"/en/q/{questionnaire}")
    visitor.open(visitor.form.get("data-whole") or "")
    given = {name: f"my {name}" for name in OWN_NAMES}
    visitor.next(given).next()
    [submission] = stored(questionnaire)
    assert submission.answers == given


def test_a_field_says_what_may_be_typed_and_takes_nothing_else(
    visitor: Visitor, publish: Publish
) -> None:
    questionnaire = publish(BOUNDS)
    begun(visitor, questionnaire, "ru")
    advice = [words(each) for each in visitor.all("//*[@class='hint']")]
    assert advice == ["От 0 до 100", "Цифрами, например 9 2026", "Цифрами, например 2026"]
    visitor.next(share="700")
    assert "Нужно число от 0 до 100" in visitor.boxes("wrong")[0]
    visitor.walk({"share": "45"}).next()
    [submission] = stored(questionnaire)
    assert submission.answers["share"] == 45


# --- what is asked when -------------------------------------------------------------------------


def test_a_question_never_stands_on_the_page_of_one_that_it_depends_on(
    visitor: Visitor, publish: Publish
) -> None:
    begun(visitor, publish(RULES))
    assert visitor.questions() == {"age"}
    assert visitor.next(age="9").questions() == {"school", "pens"}


def test_a_question_that_is_not_asked_is_passed_over(visitor: Visitor, publish: Publish) -> None:
    begun(visitor, publish(RULES)).next(age="3")
    assert visitor.questions() == {"pens"}


def test_answers_are_quoted_and_computed_on_later_pages(visitor: Visitor, publish: Publish) -> None:
    begun(visitor, publish(RULES)).next(age="3").next(pens="21")
    assert "Twice as many pens is 42" in visitor.text()
    assert visitor.text("//*[@class='given']") == "3"
    assert visitor.questions() == {"word"}


def test_the_author_s_own_page_is_shown_again_when_more_is_to_be_asked_on_it(
    visitor: Visitor, publish: Publish
) -> None:
    begun(visitor, publish(ONE_PAGE))
    page = visitor.address
    visitor.next(pet="yes")
    assert visitor.address == page
    assert visitor.questions() == {"pet", "kind"}
    assert "more to ask" in visitor.boxes("look")[0]
    assert visitor.boxes("wrong") == []
    assert visitor.next(kind="a cat").address.endswith("/review")


@pytest.mark.usefixtures("built_in")
def test_the_districts_are_those_of_the_region(visitor: Visitor) -> None:
    begun(visitor, "site_safety").next(k_region="750000000")
    offered = visitor.all("//input[contains(@name, 'k_district')]/@value")
    assert len(offered) == 8
    assert all(code.startswith("75") for code in offered)


@pytest.mark.usefixtures("built_in")
def test_a_district_of_another_region_is_forgotten_when_the_region_changes(visitor: Visitor) -> None:
    begun(visitor, "site_safety").next(k_region="750000000").press("back", k_district="751110000")
    visitor.next(k_region="100000000")
    assert visitor.fields().get("site/k_district") is None


# --- mistakes -----------------------------------------------------------------------------------


def test_a_mistake_is_listed_with_a_link_to_its_field(visitor: Visitor, publish: Publish) -> None:
    begun(visitor, publish(RULES)).next(age="150")
    assert visitor.fragment == "problems"
    assert visitor.title.startswith("Error")
    assert "Not so old" in visitor.boxes("wrong")[0]
    [link] = visitor.all("//*[@id='problems']//a/@href")
    [field] = visitor.all(f"//*[@id='{link.removeprefix('#')}']")
    assert field.get("name") == "one/age"
    assert field.get("aria-invalid") == "true"
    [message] = visitor.all(f"//*[@id='{field.get('aria-describedby')}']")
    assert message.text_content() == "Not so old"


def test_what_cannot_be_understood_is_shown_again_as_it_was_typed(
    visitor: Visitor, publish: Publish
) -> None:
    begun(visitor, publish(RULES)).next(age="<b>twelve</b>")
    assert "whole number" in visitor.boxes("wrong")[0]
    assert visitor.fields()["one/age"] == ["<b>twelve</b>"]
    assert "<b>twelve" not in visitor.response.get_data(as_text=True)


def test_a_page_that_was_only_left_backwards_complains_of_nothing(
    visitor: Visitor, publish: Publish
) -> None:
    begun(visitor, publish(RULES)).next(age="9").press("back", pens="many").next()
    assert visitor.boxes("wrong") == []
    assert visitor.fields()["one/pens"] == ["many"]


@pytest.mark.usefixtures("built_in")
def test_a_soft_check_asks_once_and_lets_go_on(visitor: Visitor) -> None:
    begun(visitor, "family_survey").next(FAMILY).next(FAMILY)
    page = visitor.address
    visitor.next(b_sex="boy", b_limit="no")
    assert (visitor.address, visitor.fragment) == (page, "problems")
    assert visitor.boxes("wrong") == []
    assert "Is this right?" in visitor.boxes("look")[0]
    assert not visitor.title.startswith("Error")
    assert visitor.next().address != page


@pytest.mark.usefixtures("built_in")
def test_a_soft_check_asks_anew_when_the_answer_has_changed(visitor: Visitor) -> None:
    begun(visitor, "family_survey").next(FAMILY).next(FAMILY).next(b_sex="boy", b_limit="no").next()
    visitor.press("back").next(b_role="mother").press("back")
    visitor.send(visitor.fields() | {"about/b_role": [], "@go": ["next"]})
    assert "Is this right?" in visitor.boxes("look")[0]


@pytest.mark.usefixtures("built_in")
def test_the_answer_none_of_these_cannot_be_combined(visitor: Visitor) -> None:
    begun(visitor, "family_survey", "ru").walk(FAMILY)
    visitor.open(visitor.all("//a[contains(@href, 'b_disc')]/@href")[0])
    visitor.next(b_disc=["none", "shout"])
    assert "нельзя выбрать вместе с другими" in visitor.boxes("wrong")[0]


# --- back and forth -----------------------------------------------------------------------------


def test_back_and_forth_keeps_what_was_typed(visitor: Visitor, publish: Publish) -> None:
    begun(visitor, publish(RULES)).next(age="9")
    visitor.press("back", school="No. 5", pens="x")
    assert visitor.fields()["one/age"] == ["9"]
    visitor.next()
    assert visitor.fields() | {"one/school": ["No. 5"], "one/pens": ["x"]} == visitor.fields()


def test_back_from_the_first_page_leads_to_the_start_and_from_there_on_again(
    visitor: Visitor, publish: Publish
) -> None:
    identifier = publish(RULES)
    begun(visitor, identifier).press("back", age="9")
    assert visitor.address == f"/en/q/{identifier}"
    assert "answers under way" in visitor.text()
    visitor.open(visitor.all("//a[text()='Continue']/@href")[0])
    assert visitor.fields()["one/age"] == ["9"]


def test_beginning_again_asks_before_it_deletes(visitor: Visitor, publish: Publish) -> None:
    identifier = publish(RULES)
    begun(visitor, identifier).next(age="9")
    begun(visitor, identifier)
    assert visitor.questions() == {"school", "pens"}, "the draft goes on"
    visitor.open(f"/en/q/{identifier}")
    visitor.send(visitor.fields() | {"replace": ["yes"]})
    assert visitor.fields()["one/age"] == [""]


@pytest.mark.usefixtures("built_in")
def test_the_language_changes_in_the_middle_of_a_page_and_nothing_else_does(visitor: Visitor) -> None:
    begun(visitor, "family_survey", "kk").next(FAMILY)
    before = visitor.address
    visitor.press("language-ru", b_region="750000000", b_age="abc")
    assert visitor.address == before.replace("/kk/", "/ru/")
    assert visitor.all("/html/@lang") == ["ru"]
    assert visitor.fields()["about/b_region"] == ["750000000"]
    assert visitor.fields()["about/b_age"] == ["abc"]
    assert visitor.boxes("wrong") == []
    assert visitor.press("language-en").heading == "You and the child"


@pytest.mark.usefixtures("built_in")
def test_answers_given_in_another_language_are_marked_so(visitor: Visitor) -> None:
    begun(visitor, "family_survey", "kk").next(FAMILY).press("language-ru").walk(FAMILY).next()
    [submission] = stored("family_survey")
    assert submission.language == "ru"
    assert submission.answer_languages == {"start/b_consent": "kk"}


def test_a_page_of_another_language_than_the_questionnaire_s_says_so(
    visitor: Visitor, publish: Publish
) -> None:
    begun(visitor, publish(UNTRANSLATED), "ru")
    assert visitor.all("/html/@lang") == ["ru"]
    assert visitor.all("//label/span/@lang") == ["en"]
    assert visitor.all("//h1/span/@lang") == ["en"]
    assert "English" in visitor.text("//main")


# --- several windows ----------------------------------------------------------------------------


def test_a_second_window_does_not_overwrite_the_first(visitor: Visitor, publish: Publish) -> None:
    begun(visitor, publish(RULES)).next(age="9")
    second = Visitor(visitor.client).open(visitor.address)
    visitor.press("back", school="No. 5", pens="7").next()
    second.next(school="No. 6")
    assert "another window" in second.boxes("look")[0]
    assert "No. 5" in second.text("//*[@id='one.school-conflict']")
    assert second.fields()["one/school"] == ["No. 6"], "what was typed here is not lost"
    assert second.fields()["one/pens"] == ["7"]

    second.next()
    assert second.address != visitor.address, "the person has decided"


def test_what_a_second_window_adds_is_kept(visitor: Visitor, publish: Publish) -> None:
    begun(visitor, publish(RULES)).next(age="9")
    second = Visitor(visitor.client).open(visitor.address)
    visitor.press("back", school="No. 5").next()
    second.press("back", pens="7").next()
    assert second.fields() | {"one/school": ["No. 5"], "one/pens": ["7"]} == second.fields()


def test_the_same_form_sent_twice_leads_to_the_same_page(visitor: Visitor, publish: Publish) -> None:
    begun(visitor, publish(RULES))
    form = visitor.filled({"age": "9"}) | {"@go": ["next"]}
    page = visitor.address
    answers = [visitor.client.post(page, data=form).headers["Location"] for _click in range(3)]
    assert len(set(answers)) == 1


# --- the end ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("built_in")
def test_sending_twice_is_one_submission_with_one_receipt(visitor: Visitor) -> None:
    begun(visitor, "family_survey").walk(FAMILY)
    form = visitor.fields() | {"@go": ["next"]}
    pages = [Visitor(visitor.client) for _click in range(3)]
    for page in pages:
        page._arrive(page.request("POST", visitor.address, data=form), visitor.address)
    codes = {page.text("//*[@class='code']") for page in pages}
    [submission] = stored("family_survey")
    assert codes == {submission.receipt_code}


@pytest.mark.usefixtures("built_in")
def test_answers_changed_in_a_second_window_are_shown_before_they_are_sent(visitor: Visitor) -> None:
    begun(visitor, "family_survey").walk(FAMILY)
    second = Visitor(visitor.client)
    second.open(visitor.all("//a[contains(@href, 'b_stress')]/@href")[0]).next(b_stress="ref")
    visitor.next()
    assert visitor.address.endswith("/review")
    assert "changed in another window" in visitor.boxes("look")[0]
    assert "Prefer not to answer" in visitor.text()
    assert stored("family_survey") == []
    visitor.next()
    assert visitor.address.endswith("/thanks")


@pytest.mark.usefixtures("built_in")
def test_when_the_server_dies_between_storing_and_emptying_the_receipt_is_the_same(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(visitor, "family_survey").walk(FAMILY)
    form = visitor.fields() | {"@go": ["next"]}
    monkeypatch.setattr(drafts, "empty", lambda _draft, _sent: None)
    visitor.client.post(visitor.address, data=form)
    monkeypatch.undo()
    later = database.utc_now() + timedelta(hours=1)
    monkeypatch.setattr("surveyapp.channels.pages.sitting.utc_now", lambda: later)
    visitor.open(visitor.address).next()
    [submission] = stored("family_survey")
    assert visitor.text("//*[@class='code']") == submission.receipt_code


@pytest.mark.usefixtures("built_in")
def test_after_sending_every_page_leads_to_the_thanks_which_have_no_form(visitor: Visitor) -> None:
    begun(visitor, "family_survey").walk(FAMILY).next()
    thanks = visitor.address
    assert visitor.page.forms == []
    assert visitor.open("/en/q/family_survey/page/2").address == thanks
    assert visitor.open("/en/q/family_survey/review").address == thanks
    assert visitor.open("/ru/q/family_survey/thanks").text("//h1").startswith("Спасибо")


def test_the_review_shows_what_is_missing_and_leads_there(visitor: Visitor, publish: Publish) -> None:
    identifier = publish(RULES)
    begun(visitor, identifier).open(f"/en/q/{identifier}/review")
    visitor.next()
    assert visitor.address.endswith("/review")
    [link] = visitor.all("//*[@id='problems']//a/@href")
    assert visitor.open(link).questions() == {"age"}
    assert stored(identifier) == []


@pytest.mark.usefixtures("built_in")
def test_an_answer_is_changed_from_the_review(visitor: Visitor) -> None:
    begun(visitor, "family_survey").walk(FAMILY)
    assert "Prefer not to answer" not in visitor.text()
    visitor.open(visitor.all("//a[contains(@href, 'b_stress')]/@href")[0])
    visitor.walk(dict(FAMILY) | {"b_stress": "ref"})
    assert "Prefer not to answer" in visitor.text()


# --- rosters ------------------------------------------------------------------------------------


def test_instances_are_added_changed_and_removed(visitor: Visitor, publish: Publish) -> None:
    identifier = publish(TOYS)
    begun(visitor, identifier).next(toy_name="bear")
    assert visitor.questions() == set()
    visitor.press("add").next(toy_name="car", toy_photo=JPEG).press("add").next(toy_name="doll")
    assert visitor.all("//li//b/text()") == [
        "1 of 3 · bear",
        "2 of 3 · car",
        "3 of 3 · doll",
    ]
    visitor.press("remove-1")
    assert visitor.all("//li//b/text()") == ["1 of 2 · car", "2 of 2 · doll"]
    visitor.open(visitor.all("//li//a/@href")[0])
    assert "Added" in visitor.text("//main"), "the photograph has moved up with its toy"
    visitor.next(toy_name="lorry").walk({}).next()
    [submission] = stored(identifier)
    assert [toy["toy_name"] for toy in submission.answers["toy"]] == ["lorry", "doll"]
    assert submission.flags == []


def test_the_last_instance_can_be_removed_and_none_is_sent(visitor: Visitor, publish: Publish) -> None:
    identifier = publish(TOYS)
    begun(visitor, identifier).press("remove")
    visitor.open(f"/en/q/{identifier}/page/2").walk({"last": "bye"}).next()
    [submission] = stored(identifier)
    assert submission.answers == {"toy": [], "last": "bye"}


@pytest.mark.usefixtures("built_in")
def test_a_child_too_many_is_pointed_out_and_can_be_removed(visitor: Visitor) -> None:
    from tests.channels.pages.test_journeys import HOUSEHOLD

    begun(visitor, "household_baseline").walk(
        dict(HOUSEHOLD) | {"child[1]/c_age": "3", "c_school": None}
    )
    visitor.open(visitor.all("//a[contains(@href, 'h_children')]/@href")[0])
    visitor.next(h_children="1")
    while "Child 1 of 2" not in visitor.text():
        visitor.next(HOUSEHOLD)
    assert "fewer" in visitor.boxes("look")[0]
    visitor.press("remove")
    while "Child 1 of 1" not in visitor.text():
        visitor.next(HOUSEHOLD)
    assert visitor.fields()["child[1]/c_name"] == ["Т."]
    assert visitor.boxes("look") == []


# --- photographs --------------------------------------------------------------------------------


def test_a_file_that_is_no_photograph_is_refused_with_a_reason(
    visitor: Visitor, publish: Publish
) -> None:
    begun(visitor, publish(TOYS)).next(toy_name="bear", toy_photo=b"%PDF-1.7")
    assert "JPEG" in visitor.boxes("wrong")[0]
    assert visitor.fields()["toy[1]/toy_name"] == ["bear"]
    assert visitor.next().questions() == set(), "without a file one may go on"


def test_a_photograph_can_be_taken_away_again(visitor: Visitor, publish: Publish) -> None:
    begun(visitor, publish(TOYS)).press("language-en", toy_name="bear", toy_photo=JPEG)
    assert "Added" in visitor.text("//main")
    visitor.press("language-en", {"toy[1]/toy_photo@remove": "yes"})
    assert "Added" not in visitor.text("//main")


# --- every kind of control ----------------------------------------------------------------------


def test_every_kind_of_question_can_be_answered(visitor: Visitor, publish: Publish) -> None:
    identifier = publish(KINDS)
    begun(visitor, identifier).walk(
        {
            "a_text": "сәлем",
            "a_story": "one\r\ntwo",
            "a_whole": "1 000",
            "a_decimal": "2,5",
            "a_date@day": "29",
            "a_date@month": "2",
            "a_date@year": "2024",
            "a_time": "7.30",
            "a_moment@day": "1",
            "a_moment@month": "9",
            "a_moment@year": "2026",
            "a_moment@time": "23:59",
            "a_choice": "dk",
            "some": ["blue", "red"],
            "order@red": "3",
            "order@blue": "1",
            "order@none": "4",
            "order@dk": "2",
            "ten": "10",
            "stars": "4",
            "sure": "OK",
            "spot@lat": "43,25",
            "spot@lon": "76.95",
            "way": "43.25 76.95\r\n43.3 77",
            "field": "43 76\r\n43 77\r\n44 77\r\n43 76",
            "bars": "4870001",
            "sound": b"OggS....",
            "film": pictures.film(),
            "paper": b"plain",
            "picture": JPEG,
        }
    ).next()
    [submission] = stored(identifier)
    assert submission.flags == []
    first, second, third = (submission.answers[name] for name in ("first", "second", "third"))
    assert first == {
        "a_text": "сәлем",
        "a_story": "one\ntwo",
        "a_whole": 1000,
        "a_decimal": 2.5,
        "a_date": "2024-02-29",
        "a_time": "07:30:00+05:00",
        "a_moment": "2026-09-01T23:59:00+05:00",
    }
    assert second == {
        "a_choice": "dk",
        "some": ["red", "blue"],
        "order": ["blue", "dk", "red", "none"],
        "ten": 10,
        "stars": 4,
        "sure": "OK",
    }
    assert third["spot"] == {"lat": 43.25, "lon": 76.95, "alt": None, "accuracy": None}
    assert (len(third["way"]), len(third["field"]), third["bars"]) == (2, 4, "4870001")


def test_answers_that_are_none_stand_last_and_apart(visitor: Visitor, publish: Publish) -> None:
    begun(visitor, publish(KINDS)).next()
    while "some" not in visitor.questions():
        visitor.next()
    apart = visitor.all("//*[@class='apart']//input[@type='checkbox']/@value")
    assert apart == ["none", "dk"]


@pytest.mark.usefixtures("built_in")
def test_a_scale_has_eleven_buttons_and_says_what_its_ends_mean(visitor: Visitor) -> None:
    begun(visitor, "family_survey", "ru").next(FAMILY).next(FAMILY).next(FAMILY)
    assert visitor.all("//*[@class='scale']//input/@value") == [str(n) for n in range(11)]
    assert visitor.all("//*[@class='scale']//input/@checked") == []
    assert visitor.text("//*[@class='ends']") == "0 – очень плохой 10 – очень хорошей"


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"@go": "fly"},
        {"@go": "remove-1"},
        {"@go": "add"},
        {"@go": "language-xx"},
        {"@revision": "-1"},
        {"@revision": "9" * 5000},
        {"@revision": "²"},
        {"one/age": "\x00"},
        {"one/age": "1" * 100_000},
        {"one/age@day": "3", "one/nothing": "x"},
    ],
)
def test_a_form_that_no_browser_sends_is_no_server_error(
    visitor: Visitor, publish: Publish, client: FlaskClient, form: dict[str, str]
) -> None:
    begun(visitor, publish(RULES))
    assert client.post(visitor.address, data=form).status_code == 303
    assert visitor.open(visitor.address).response.status_code == 200


@pytest.mark.parametrize("key", ["0", "99", "x", "1-1", "-1", "1-", "١"])
def test_a_page_that_there_is_not_leads_to_one_that_there_is(
    visitor: Visitor, publish: Publish, key: str
) -> None:
    identifier = publish(RULES)
    page = begun(visitor, identifier).address
    assert visitor.open(f"/en/q/{identifier}/page/{key}").address == page


def test_too_large_a_request_is_answered_in_the_reader_s_language(
    visitor: Visitor, publish: Publish, client: FlaskClient
) -> None:
    begun(visitor, publish(RULES), "ru")
    response = client.post(visitor.address, data={"one/age": "x" * 17 * 1024 * 1024})
    assert response.status_code == 413
    assert '<html lang="ru">' in response.get_data(as_text=True)
