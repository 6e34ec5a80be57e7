"""Instances of rosters: added by people, or following a count."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.interview import CountedRoster, UnknownPath
from surveyapp.questionnaires.interview.state import MAX_COUNTED, MAX_COUNTED_IN_ALL
from tests.questionnaires.forms import interview, questionnaire

OPEN = questionnaire("""
    | type | name | label | calculation | relevant | default |
    | integer | a | A | | | |
    | begin_repeat | child | Child | | | |
    | text | c_name | Name | | | |
    | integer | c_age | Age | | | 5 |
    | calculate | c_place | | position(..) | | |
    | text | c_school | School | | ${c_age} >= 6 | |
    | begin_repeat | toy | Toy | | | |
    | text | t_name | Name | | | |
    | calculate | t_owner | | concat(${c_name}, '/', ${t_name}) | | |
    | end_repeat | | | | | |
    | calculate | c_toys | | count(${toy}) | | |
    | end_repeat | | | | | |
    | calculate | total | | sum(${c_age}) | | |
    | calculate | names | | join(', ', ${c_name}) | | |
""")
COUNTED = questionnaire("""
    | type | name | label | repeat_count | calculation | relevant | default |
    | integer | n | N | | | | |
    | text | consent | Consent | | | | yes |
    | begin_repeat | child | Child | ${n} | | ${consent} = 'yes' | |
    | text | c_name | Name | | | | |
    | integer | c_toys | Toys | | | | |
    | begin_repeat | toy | Toy | ${c_toys} | | | |
    | text | t_name | Name | | | | ball |
    | end_repeat | | | | | | |
    | begin_repeat | friend | Friend | | | | |
    | text | f_name | Name | | | | |
    | end_repeat | | | | | | |
    | end_repeat | | | | | | |
    | calculate | rows | | | count(${child}) | | |
""")


def test_a_new_form_has_an_instance_of_each_roster_that_people_extend() -> None:
    filled = interview(OPEN)
    assert filled.instances("child") == 1
    assert filled.instances("child[1]/toy") == 1
    assert filled.value("child[1]/c_age") == 5


def test_a_further_instance_has_no_instance_of_an_inner_roster() -> None:
    filled = interview(OPEN)
    assert filled.add_instance("child") == 2
    assert filled.instances("child[2]/toy") == 0
    assert filled.add_instance("child[2]/toy") == 1
    assert filled.value("child[2]/c_age") == 5


def test_an_instance_refers_to_itself_and_the_form_to_all() -> None:
    filled = interview(OPEN, {"child": [{"c_name": "A", "c_age": 3}, {"c_name": "B", "c_age": 7}]})
    assert [filled.value(f"child[{place}]/c_place") for place in (1, 2)] == ["1", "2"]
    assert [filled.relevant(f"child[{place}]/c_school") for place in (1, 2)] == [False, True]
    assert (filled.value("total"), filled.value("names")) == ("10", "A, B")


def test_an_inner_instance_sees_the_outer_one_it_is_in() -> None:
    rows = [{"c_name": name, "toy": [{"t_name": "x"}, {"t_name": "y"}]} for name in "AB"]
    filled = interview(OPEN, {"child": rows})
    assert filled.value("child[2]/toy[1]/t_owner") == "B/x"
    assert filled.value("child[1]/c_toys") == "2"


def test_after_an_instance_is_taken_away_those_behind_it_move_up() -> None:
    filled = interview(OPEN, {"child": [{"c_name": name} for name in "ABC"]})
    filled.remove_instance("child[2]")
    assert filled.value("child[2]/c_name") == "C"
    assert filled.value("child[2]/c_place") == "2"
    assert (filled.instances("child"), filled.value("names")) == (2, "A, C")


def test_all_instances_may_be_taken_away() -> None:
    filled = interview(OPEN)
    filled.remove_instance("child[1]")
    assert filled.answers() == {"a": None, "child": [], "total": "0", "names": None}
    assert filled.relevant("child")


@pytest.mark.parametrize("path", ["child[2]", "child", "child[1]/c_name", "a", "child[1]/toy[9]"])
def test_only_an_instance_that_is_there_is_taken_away(path: str) -> None:
    with pytest.raises(UnknownPath):
        interview(OPEN).remove_instance(path)


@pytest.mark.parametrize("path", ["a", "child[1]", "child[2]/toy", "", "nope"])
def test_only_a_roster_gets_an_instance(path: str) -> None:
    with pytest.raises(UnknownPath):
        interview(OPEN).add_instance(path)


def test_a_counted_roster_follows_its_count() -> None:
    filled = interview(COUNTED)
    assert filled.instances("child") == 0
    filled.set("n", 2)
    assert (filled.instances("child"), filled.value("rows")) == (2, "2")


def test_inner_counts_follow_in_the_same_step() -> None:
    filled = interview(COUNTED, {"n": 2, "consent": "yes", "child": [{"c_toys": 3}]})
    assert filled.instances("child") == 2
    assert filled.instances("child[1]/toy") == 3
    assert filled.value("child[1]/toy[3]/t_name") == "ball"


def test_only_the_first_counted_instance_has_one_of_an_inner_roster() -> None:
    filled = interview(COUNTED)
    filled.set("n", 2)
    assert [filled.instances(f"child[{place}]/friend") for place in (1, 2)] == [1, 0]


def test_a_lower_count_takes_nothing_away() -> None:
    filled = interview(COUNTED, {"n": 3, "consent": "yes"})
    filled.set("child[3]/c_name", "C")
    filled.set("n", 1)
    assert (filled.instances("child"), filled.surplus("child"), filled.value("rows")) == (3, 2, "3")
    assert filled.value("child[3]/c_name") == "C"
    filled.set("n", 4)
    assert (filled.instances("child"), filled.surplus("child")) == (4, 0)


def test_a_roster_that_people_extend_has_no_surplus() -> None:
    assert interview(OPEN).surplus("child") == 0


def test_of_a_surplus_any_instance_may_be_taken_away() -> None:
    filled = interview(COUNTED, {"n": 3, "consent": "yes"})
    for place, name in enumerate("ABC", start=1):
        filled.set(f"child[{place}]/c_name", name)
    filled.set("n", 2)
    filled.remove_instance("child[1]")
    assert [filled.value(f"child[{place}]/c_name") for place in (1, 2)] == ["B", "C"]
    with pytest.raises(CountedRoster):
        filled.remove_instance("child[1]")


def test_nobody_changes_a_counted_roster_by_hand() -> None:
    filled = interview(COUNTED, {"n": 1, "consent": "yes"})
    with pytest.raises(CountedRoster):
        filled.add_instance("child")
    with pytest.raises(CountedRoster):
        filled.remove_instance("child[1]")


@pytest.mark.parametrize("count", [None, 0, -3])
def test_without_a_positive_count_there_is_no_instance(count: int | None) -> None:
    assert interview(COUNTED, {"n": count, "consent": "yes"}).instances("child") == 0


def test_an_irrelevant_roster_does_not_grow_and_is_not_submitted() -> None:
    filled = interview(COUNTED, {"n": 2, "consent": "no"})
    assert not filled.relevant("child")
    assert filled.instances("child") == 0
    assert filled.answers() == {"n": 2, "consent": "no", "rows": "0"}
    filled.set("consent", "yes")
    assert filled.instances("child") == 2


def test_irrelevant_instances_are_not_counted_and_not_submitted() -> None:
    definition = questionnaire("""
        | type | name | label | relevant | calculation |
        | begin_repeat | child | Child | | |
        | integer | age | Age | | |
        | begin_repeat | book | Book | ${age} > 6 | |
        | integer | pages | Pages | | |
        | end_repeat | | | | |
        | end_repeat | | | | |
        | calculate | n | | | count(${book}) |
        | calculate | all | | | sum(${pages}) |
    """)
    books = [{"pages": 10}, {"pages": 20}]
    filled = interview(definition, {"child": [{"age": 5, "book": books}, {"age": 7, "book": books}]})
    assert filled.answers() == {
        "child": [{"age": 5}, {"age": 7, "book": books}],
        "n": "2",
        "all": "30",
    }


def test_a_count_of_millions_does_not_fill_the_memory() -> None:
    filled = interview(COUNTED, {"n": 500_000_000, "consent": "yes"})
    assert filled.instances("child") == MAX_COUNTED


def test_counts_within_counts_do_not_fill_the_memory_either() -> None:
    rows = [{"c_toys": 900}] * 900
    filled = interview(COUNTED, {"n": 900, "consent": "yes", "child": rows})
    toys = sum(filled.instances(f"child[{place}]/toy") for place in range(1, 901))
    assert toys == MAX_COUNTED_IN_ALL


def test_a_count_that_grows_with_its_own_roster_comes_to_an_end() -> None:
    definition = questionnaire("""
        | type | name | label | repeat_count |
        | begin_repeat | r | R | count(${r}) + 1 |
        | text | t | T | |
        | end_repeat | | | |
    """)
    assert 0 < interview(definition).instances("r") <= MAX_COUNTED


def test_one_more_as_long_as_the_last_one_says_so() -> None:
    definition = questionnaire("""
        | type | name | label | repeat_count | calculation |
        | calculate | again | | | indexed-repeat(${more}, ${r}, count(${r})) |
        | calculate | wanted | | | count(${r}) + if(count(${r}) = 0 or ${again} = 'yes', 1, 0) |
        | begin_repeat | r | R | ${wanted} | |
        | text | more | More? | | |
        | end_repeat | | | | |
    """)
    filled = interview(definition)
    assert filled.instances("r") == 1
    filled.set("r[1]/more", "yes")
    assert filled.instances("r") == 2
    filled.set("r[2]/more", "no")
    assert filled.instances("r") == 2
