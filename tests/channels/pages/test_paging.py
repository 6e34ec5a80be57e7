"""How questionnaires are cut into pages, and how one walks them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from surveyapp.channels.pages.instances import move_up
from surveyapp.channels.pages.paging import Page, Paging, paging_of
from surveyapp.channels.pages.questions import ends_of, in_order
from surveyapp.channels.pages.walk import Walk
from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.definition import (
    NO_TEXT,
    Choice,
    DataType,
    Note,
    Question,
    Questionnaire,
)
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.channels.pages.workbooks import ONE_BY_ONE, TABLES, TOYS, workbook

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def parsed(text: str) -> Questionnaire:
    return xform.parse(compile_workbook(text.encode(), name="test.md").xform)


def cut(survey: str, audience: str = "") -> list[list[str]]:
    """Names of the items on each page."""
    header = "| | type | name | label | relevant | calculation | appearance |\n"
    settings = ""
    if audience:
        header = (
            "| | type | name | label | relevant | calculation | appearance | bind::survey:audience |\n"
        )
        survey = f"| | start | begun | | | | | {audience} |\n" + survey
        settings = (
            "\n| settings |\n| | form_id | version | form_title | namespaces |\n"
            '| | t | 1 | T | survey="https://surveyapp.example/xmlns/survey" |\n'
        )
    pages = Paging(parsed(workbook("t", header + survey, settings=settings))).pages
    return [[item.name for item in page.items] for page in pages]


def group(name: str, *rows: str) -> str:
    return f"| | begin_group | {name} | {name} |\n" + "".join(rows) + f"| | end_group | {name} |\n"


def texts(*names: str) -> str:
    return "".join(f"| | text | {name} | {name} |\n" for name in names)


def test_a_section_is_a_page() -> None:
    assert cut(group("one", texts("a", "b")) + group("two", texts("c"))) == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    ("audience", "lengths"),
    [("", [8, 8]), ("field", [8, 8]), ("family", [4] * 4), ("adolescent", [4] * 4)],
)
def test_a_long_section_is_cut_evenly(audience: str, lengths: list[int]) -> None:
    survey = group("one", texts(*(f"q{n}" for n in range(16))))
    assert [len(page) for page in cut(survey, audience)] == lengths


def named(text: str) -> list[list[str]]:
    return [[item.name for item in page.items] for page in Paging(parsed(text)).pages]


def test_the_style_pages_asks_one_question_at_a_time_and_keeps_an_authors_own_page() -> None:
    assert named(ONE_BY_ONE) == [
        ["first_name"],
        ["soon", "age"],
        ["school"],
        ["street", "house", "number"],
        ["toy_name"],
        ["toy_age"],
        [],
    ]


def test_other_styles_change_nothing() -> None:
    assert named(ONE_BY_ONE.replace("| en | pages |", "| en | theme-grid |"))[0] == [
        *("first_name", "soon", "age")
    ]


def test_the_head_of_a_table_is_no_question() -> None:
    by_hand = Page(Paging(parsed(TABLES)).pages[1])
    assert [path for path, _item in by_hand.shown()] == ["hand/head", "hand/one", "hand/two"]
    assert [path for path, _item in by_hand.nodes()] == ["hand/one", "hand/two"]


def test_six_questions_for_a_family_are_three_and_three() -> None:
    assert [len(page) for page in cut(group("one", texts(*"abcdef")), "family")] == [3, 3]


def test_a_note_stays_with_the_question_that_it_introduces() -> None:
    survey = group("one", texts("a", "b", "c", "d", "e"), "| | note | n | Note |\n", texts("f"))
    assert cut(survey, "family") == [["a", "b", "c"], ["d", "e", "n", "f"]]


def test_a_question_does_not_stand_with_one_that_it_depends_on() -> None:
    survey = group("one", texts("a"), "| | text | b | B | ${a} = 'x' |\n", texts("c"))
    assert cut(survey) == [["a"], ["b", "c"]]


def test_nor_when_it_depends_on_it_by_way_of_a_calculation() -> None:
    survey = group(
        "one",
        texts("a"),
        "| | calculate | twice | | | ${a} * 2 |\n",
        "| | text | b | B | ${twice} > 4 |\n",
    )
    assert cut(survey) == [["a"], ["b"]]


def test_nor_when_its_words_quote_it() -> None:
    assert cut(group("one", texts("a"), "| | text | b | You said ${a} |\n")) == [["a"], ["b"]]


def test_a_field_list_is_never_cut() -> None:
    rows = texts(*(f"q{n}" for n in range(12))) + "| | text | last | Last | ${q1} = 'x' |\n"
    survey = f"| | begin_group | one | One | | | field-list |\n{rows}| | end_group | one |\n"
    assert [len(page) for page in cut(survey)] == [13]


def test_sections_in_sections_and_loose_questions_have_pages_of_their_own() -> None:
    survey = texts("a") + group("one", texts("b"), group("two", texts("c")), texts("d")) + texts("e")
    assert cut(survey) == [["a"], ["b"], ["c"], ["d"], ["e"]]


def test_every_question_is_on_exactly_one_page() -> None:
    texts_of = dict.fromkeys(("operator", "bin", "retention", "contact"), "x")
    for built_in in library.BUILT_IN:
        compiled = compile_workbook(library.workbook(built_in.id), name="x.md", placeholders=texts_of)
        questionnaire = xform.parse(compiled.xform)
        on_pages = [item.path for page in Paging(questionnaire).pages for item in page.items]
        wanted = [item.path for item in questionnaire.walk() if isinstance(item, Question | Note)]
        assert on_pages == wanted


def test_a_roster_s_pages_repeat_for_each_instance_and_end_with_its_list() -> None:
    questionnaire = parsed(TOYS)
    interview = Interview(questionnaire, language="en", now=NOW)
    interview.add_instance("toy")
    walk = Walk(interview)
    assert [page.key for page in walk.pages] == ["1-1", "1-2", "2", "3"]
    second = walk.pages[1]
    assert second.instance == "toy[2]"
    assert walk.asked(second) == ["toy[2]/toy_name", "toy[2]/toy_age", "toy[2]/toy_photo"]
    assert walk.page_of("toy[2]/toy_age") == second
    assert (walk.after(second), walk.before(second)) == (walk.pages[2], walk.pages[0])


def test_rosters_in_rosters_are_walked_instance_by_instance() -> None:
    survey = """| | type | name | label |
| | begin_repeat | house | House |
| | text | street | Street |
| | begin_repeat | room | Room |
| | text | use | Use |
| | end_repeat | room |
| | end_repeat | house |
"""
    interview = Interview(parsed(workbook("t", survey)), language="en", now=NOW)
    interview.add_instance("house[1]/room")
    interview.add_instance("house")
    walk = Walk(interview)
    assert [page.key for page in walk.pages] == ["1-1", "2-1-1", "2-1-2", "3-1", "1-2", "3-2", "4"]
    assert walk.pages[2].node_path("house/room/use") == "house[1]/room[2]/use"
    assert walk.pages[3].listed == "house[1]/room"


def test_the_plan_of_a_questionnaire_is_made_once() -> None:
    questionnaire = parsed(TOYS)
    assert paging_of(questionnaire) is paging_of(questionnaire)
    assert Page(paging_of(questionnaire).pages[0], (1,)) == Page(paging_of(questionnaire).pages[0], (1,))


def test_what_is_kept_by_path_moves_up_with_the_instances() -> None:
    kept = {"toy[1]/a": 1, "toy[2]/a": 2, "toy[3]/b[2]/a": 3, "toys[3]/a": 4, "other": 5}
    move_up(kept, "toy[2]")
    assert kept == {"toy[1]/a": 1, "toy[2]/b[2]/a": 3, "toys[3]/a": 4, "other": 5}


# --- the order of choices ------------------------------------------------------------------------


def shown(kind: DataType, *names: str) -> tuple[list[str], list[str]]:
    question = Question(name="q", path="q", type=kind)
    answers, apart = in_order(question, tuple(Choice(name, NO_TEXT) for name in names))
    return [choice.name for choice in answers], [choice.name for choice in apart]


def test_answers_that_are_none_come_last() -> None:
    assert shown(DataType.SELECT_ONE, "dk", "yes", "ref", "no") == (["yes", "no"], ["dk", "ref"])


def test_none_of_these_comes_last_among_things_to_tick() -> None:
    assert shown(DataType.SELECT_MULTIPLE, "none", "a", "dk") == (["a"], ["none", "dk"])


def test_none_at_the_end_of_a_list_stands_apart() -> None:
    assert shown(DataType.SELECT_ONE, "flush", "yard", "none") == (["flush", "yard"], ["none"])


def test_none_that_begins_a_scale_keeps_its_place() -> None:
    assert shown(DataType.SELECT_ONE, "none", "some", "lot", "dk") == (["none", "some", "lot"], ["dk"])


# --- the ends of a scale ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "ends"),
    [
        ("How was it? 0 = very bad, 10 = very good", ("0 – very bad", "10 – very good")),
        ("Қалай? 0 — өте нашар, 10 — өте жақсы", ("0 – өте нашар", "10 – өте жақсы")),
        ("How many of 10?", None),
        ("From 10 to 0", None),
    ],
)
def test_the_words_for_the_ends_come_from_the_label(label: str, ends: tuple[str, str] | None) -> None:
    assert ends_of(label) == ends
