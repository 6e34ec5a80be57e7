"""What random questionnaires found to be otherwise in JavaRosa; each answer here is JavaRosa's."""

from __future__ import annotations

from surveyapp.questionnaires.interview import Interview
from tests.questionnaires.forms import interview, questionnaire


def as_in_collect(filled: Interview) -> Interview:
    filled.begin_as_in_collect()
    return filled


def test_what_is_irrelevant_is_computed_all_the_same() -> None:
    definition = questionnaire("""
        | type | name | label | relevant | calculation |
        | integer | a | A | | |
        | begin_group | g | G | ${a} = 1 | |
        | calculate | sum | | | 2 + 3 |
        | end_group | | | | |
        | calculate | sees | | | concat('-', ${sum}) |
    """)
    filled = interview(definition)
    assert (filled.kept("g/sum"), filled.value("sees")) == ("5", "-")
    filled.set("a", 1)
    assert filled.value("sees") == "-5"


def test_a_count_is_read_as_it_is_stored() -> None:
    definition = questionnaire("""
        | type | name | label | relevant | repeat_count |
        | text | b | B | | |
        | integer | n | N | ${b} = '' | |
        | begin_repeat | r | R | | ${n} |
        | integer | v | V | | |
        | end_repeat | | | | |
    """)
    filled = interview(definition)
    filled.set("n", 2)
    filled.set("b", "x")
    assert filled.relevant("n") is False
    filled.remove_instance("r[1]", counted=True)
    assert filled.instances("r") == 2


def test_a_dropped_choice_sets_off_no_assignment() -> None:
    definition = questionnaire(
        """
        | type | name | label | choice_filter | calculation | trigger |
        | text | up | Up | | | |
        | select_one l | one | One | up=${up} | | |
        | text | echo | Echo | | concat('was ', ${one}) | ${one} |
    """,
        choices="""
        | list_name | name | label | up |
        | l | x | X | a |
    """,
    )
    filled = interview(definition)
    filled.set("up", "a")
    filled.set("one", "x")
    filled.set("up", "b")
    assert filled.drop_unoffered() == ["one"]
    assert (filled.value("one"), filled.value("echo")) == (None, "was x")


def test_a_multiple_choice_that_lost_its_last_name_is_told_from_no_answer() -> None:
    definition = questionnaire(
        """
        | type | name | label | choice_filter |
        | text | up | Up | |
        | select_multiple l | some | Some | up=${up} |
    """,
        choices="""
        | list_name | name | label | up |
        | l | x | X | a |
    """,
    )
    filled = interview(definition)
    filled.set("up", "a")
    filled.set("some", ["x"])
    filled.set("up", "b")
    filled.drop_unoffered()
    assert (filled.value("some"), filled.kept("some")) == (None, [])
    filled.set("some", None)
    assert filled.kept("some") is None


NESTED = """
    | type | name | label | repeat_count | calculation |
    | begin_repeat | out | Out | | |
    | begin_repeat | inn | Inn | 1 | |
    | integer | v | V | | |
    | end_repeat | | | | |
    | integer | last | Last | | |
    | end_repeat | | | | |
"""


def test_in_a_further_instance_an_inner_roster_is_written_last() -> None:
    filled = as_in_collect(interview(questionnaire(NESTED)))
    filled.add_instance("out")
    assert (filled.late("out[1]"), filled.late("out[2]")) == ((), ("inn",))


def test_a_roster_in_a_section_of_a_roster_begins_with_an_instance_in_further_ones_too() -> None:
    # so pyxform writes the template of the outer roster
    definition = questionnaire("""
        | type | name | label |
        | begin_repeat | out | Out |
        | begin_group | g | G |
        | begin_repeat | inn | Inn |
        | integer | v | V |
        | end_repeat | | |
        | end_group | | |
        | end_repeat | | |
    """)
    filled = interview(definition)
    filled.add_instance("out")
    assert (filled.instances("out[1]/g/inn"), filled.instances("out[2]/g/inn")) == (1, 1)


GROUPED = """
    | type | name | label | calculation |
    | begin_repeat | r | R | |
    | integer | direct | D | |
    | begin_group | g | G | |
    | integer | inner | I | |
    | end_group | | | |
    | end_repeat | | | |
    | calculate | directs | | sum(${direct}) |
    | calculate | inners | | sum(${inner}) |
"""


def test_javarosa_leaves_sums_over_sections_stale_when_an_instance_goes() -> None:
    filled, other = interview(questionnaire(GROUPED)), as_in_collect(interview(questionnaire(GROUPED)))
    for each in (filled, other):
        each.add_instance("r")
        each.set("r[2]/direct", 5)
        each.set("r[2]/g/inner", 7)
        each.remove_instance("r[2]")
    assert [filled.value(path) for path in ("directs", "inners")] == ["0", "0"]
    assert [other.value(path) for path in ("directs", "inners")] == ["0", "7"]


ROWS = """
    | type | name | label | calculation |
    | begin_repeat | r | R | |
    | integer | v | V | |
    | calculate | all | | sum(../../r/v) |
    | end_repeat | | | |
"""


def test_javarosa_computes_only_in_the_row_that_changed() -> None:
    filled, other = interview(questionnaire(ROWS)), as_in_collect(interview(questionnaire(ROWS)))
    for each in (filled, other):
        each.add_instance("r")
        each.set("r[2]/v", 5)
    assert [filled.value(path) for path in ("r[1]/all", "r[2]/all")] == ["5", "5"]
    assert [other.value(path) for path in ("r[1]/all", "r[2]/all")] == ["0", "5"]


def test_every_roster_of_a_new_form_has_an_instance() -> None:
    definition = questionnaire("""
        | type | name | label | repeat_count |
        | integer | n | N | |
        | begin_repeat | r | R | ${n} |
        | integer | v | V | |
        | end_repeat | | | |
    """)
    filled = interview(definition)
    assert filled.instances("r") == 0
    assert as_in_collect(filled).instances("r") == 1
