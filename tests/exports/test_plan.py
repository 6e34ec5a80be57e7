"""Which tables and columns an export has, for one version and for several."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from surveyapp.exports.facts import FACTS
from surveyapp.exports.merging import in_one_order
from surveyapp.exports.naming import names_of
from surveyapp.exports.plan import Plan, make_plan
from surveyapp.exports.request import TableOptions
from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.definition import DataType, Item, Question, Roster, Section
from tests.exports.visits import definition
from tests.questionnaires.compiled import built_in
from tests.questionnaires.sample import questionnaire

ALMATY = ZoneInfo("Asia/Almaty")
FACT_NAMES = [fact.name for fact in FACTS]


def plan_of(*versions: str, **options: bool | str) -> Plan:
    return make_plan([definition(v) for v in versions], TableOptions(**options), ALMATY)  # type: ignore[arg-type]  # tests know their types


def columns(plan: Plan, table: str = "submissions") -> list[str]:
    """Names of a table's columns, without those that every submission has."""
    (found,) = (each for each in plan.tables if each.name == table)
    return [column.name for column in found.columns if column.item is not None]


def test_a_table_for_submissions_and_one_for_each_roster() -> None:
    assert [table.name for table in plan_of("1").tables] == ["submissions", "child", "toy"]


def test_the_columns_follow_the_document_without_notes_identity_and_sensitive_answers() -> None:
    assert columns(plan_of("1")) == [
        "agreed",
        "size",
        "weight",
        "born",
        "called",
        "hour",
        "remark",
        "helps",
        "place/lat",
        "place/lon",
        "place/alt",
        "place/accuracy",
        "double",
    ]
    assert columns(plan_of("1"), "child") == ["c_age"]
    assert columns(plan_of("1"), "toy") == ["t_name"]


def test_identity_and_sensitive_answers_have_columns_when_asked_for() -> None:
    assert "family" in columns(plan_of("1", include_identity=True))
    assert "worry" not in columns(plan_of("1", include_identity=True))
    assert "worry" in columns(plan_of("1", include_sensitive=True))
    assert columns(plan_of("1", include_identity=True), "child") == ["c_name", "c_age"]


def test_an_item_that_is_both_needs_both() -> None:
    both = Question(name="q", path="q", type=DataType.TEXT, identity=True, sensitive=True)
    for options in (TableOptions(include_identity=True), TableOptions(include_sensitive=True)):
        assert columns(make_plan([questionnaire(both)], options, ALMATY)) == []
    everything = TableOptions(include_identity=True, include_sensitive=True)
    assert columns(make_plan([questionnaire(both)], everything, ALMATY)) == ["q"]


def test_an_item_that_became_identity_is_left_out_of_older_versions_too() -> None:
    open_, closed = (
        questionnaire(Question(name="q", path="q", type=DataType.TEXT, identity=identity))
        for identity in (False, True)
    )
    assert columns(make_plan([open_, closed], TableOptions(), ALMATY)) == []
    assert columns(make_plan([closed, open_], TableOptions(), ALMATY)) == []


def test_so_is_an_item_that_became_identity_and_another_type_at_once() -> None:
    versions = [
        questionnaire(Question(name="q", path="q", type=kind, identity=identity))
        for kind, identity in ((DataType.TEXT, False), (DataType.INTEGER, True))
    ]
    assert columns(make_plan(versions, TableOptions(), ALMATY)) == []


def test_every_table_says_which_rows_are_synthetic() -> None:
    for table in plan_of("1").tables:
        assert "synthetic" in [column.name for column in table.columns], table.name


def test_several_choices_split_into_a_column_each() -> None:
    names = columns(plan_of("1", split_multiple=True))
    assert names[names.index("remark") + 1 :][:2] == ["helps/food", "helps/none"]
    assert "helps" not in names


def test_the_clock_of_a_form_has_no_column_beside_that_of_every_submission() -> None:
    assert FACT_NAMES.count("started_at") == 1
    assert not [name for name in columns(plan_of("1")) if "started_at" in name]


def test_versions_are_merged_in_the_newest_one_s_order() -> None:
    names = columns(plan_of("1", "2"))
    assert names[:3] == ["agreed", "phoned", "size~text"]
    assert names.index("hour") == names.index("called") + 1


def test_an_answer_whose_type_changed_has_a_column_for_each_type() -> None:
    names = columns(plan_of("1", "2"))
    assert {"size~integer", "size~text"} < set(names)
    assert "size" not in names


def test_whole_and_decimal_numbers_are_one_column() -> None:
    versions = [
        questionnaire(Question(name="q", path="q", type=kind))
        for kind in (DataType.INTEGER, DataType.DECIMAL)
    ]
    plan = make_plan(versions, TableOptions(), ALMATY)
    assert columns(plan) == ["q"]
    assert plan.items[0].type is DataType.DECIMAL


def test_every_choice_that_was_ever_offered_has_a_column() -> None:
    names = columns(plan_of("1", "2", split_multiple=True))
    assert [n for n in names if n.startswith("helps")] == ["helps/food", "helps/none", "helps/money"]
    names = columns(plan_of("2", "1", split_multiple=True))
    assert [n for n in names if n.startswith("helps")] == ["helps/food", "helps/none", "helps/money"]


def question(path: str) -> Question:
    return Question(name=path.rpartition("/")[2], path=path, type=DataType.TEXT)


def section(path: str, *items: Item) -> Section:
    return Section(name=path.rpartition("/")[2], path=path, items=items)


def roster(path: str, *items: Item) -> Roster:
    return Roster(name=path.rpartition("/")[2], path=path, items=items)


def test_a_section_that_became_a_roster_gives_its_items_to_the_roster_s_table() -> None:
    before = questionnaire(section("a", question("a/x"), roster("a/b", question("a/b/y"))))
    after = questionnaire(roster("a", question("a/x"), roster("a/b", question("a/b/y"))))
    plan = make_plan([before, after], TableOptions(), ALMATY)
    assert [table.name for table in plan.tables] == ["submissions", "a", "b", "b~2"]
    assert columns(plan) == ["x"]
    assert columns(plan, "a") == ["x"]


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a/x", "b/y"], ["x", "y"]),
        (["a/x", "b/x"], ["a-x", "b-x"]),
        (["a/x", "b/X"], ["a-x", "b-X"]),
        (["status", "a/id"], ["answers-status", "a-id"]),
        (["a/x", "b/x", "a-x"], ["answers-a-x", "b-x", "a-x"]),
        (["status", "answers-status"], ["answers-status-2", "answers-status"]),
    ],
)
def test_a_name_is_the_items_own_where_that_is_clear(paths: list[str], names: list[str]) -> None:
    assert list(names_of(paths, ["id", "status"]).values()) == names


def test_a_roster_may_be_called_like_the_table_of_submissions() -> None:
    plan = make_plan(
        [questionnaire(roster("submissions", question("submissions/x")))], TableOptions(), ALMATY
    )
    assert [table.name for table in plan.tables] == ["submissions", "answers-submissions"]


@pytest.mark.parametrize(
    ("sequences", "merged"),
    [
        (["abc", "abc"], "abc"),
        (["ac", "abc"], "abc"),
        (["bc", "abc"], "abc"),
        (["abd", "abcd", "abce"], "abced"),
        (["cba", "abc"], "cba"),
        (["", "ab"], "ab"),
    ],
)
def test_what_only_an_older_version_has_follows_its_predecessor(
    sequences: Sequence[str], merged: str
) -> None:
    assert "".join(in_one_order(sequences)) == merged


def test_the_names_do_not_depend_on_what_is_left_out() -> None:
    items = [
        section("a", Question(name="x", path="a/x", type=DataType.TEXT, identity=True)),
        section("b", question("b/x")),
    ]
    assert columns(make_plan([questionnaire(*items)], TableOptions(), ALMATY)) == ["b-x"]


@pytest.mark.parametrize("form", library.BUILT_IN, ids=lambda form: str(form.id))
def test_no_two_columns_of_a_built_in_questionnaire_have_the_same_name(form: library.BuiltIn) -> None:
    everything = TableOptions(split_multiple=True, include_identity=True, include_sensitive=True)
    plan = make_plan([xform.parse(built_in(form.id).xform)], everything, ALMATY)
    for table in plan.tables:
        names = [column.name for column in table.columns]
        assert len(names) == len(set(names))


def test_the_built_in_household_survey_leaves_out_what_its_authors_flagged() -> None:
    plan = make_plan([xform.parse(built_in("household_baseline").xform)], TableOptions(), ALMATY)
    assert {"a_gps", "c_name", "x_child"} <= {item.path.rpartition("/")[2] for item in plan.left_out}
    assert not [c for table in plan.tables for c in table.columns if c.name.startswith("a_gps")]


def test_labels_are_given_in_a_language_of_the_program_only() -> None:
    with pytest.raises(ValueError, match="labels"):
        TableOptions(labels="de")
