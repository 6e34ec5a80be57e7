"""What the reader makes of the rows of a survey sheet."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.definition import (
    Calculation,
    DataType,
    Expression,
    Hidden,
    Metadata,
    Note,
    Question,
    Roster,
    Section,
    Valued,
)
from tests.questionnaires.forms import item, questionnaire

TYPES = {
    "text": DataType.TEXT,
    "integer": DataType.INTEGER,
    "decimal": DataType.DECIMAL,
    "date": DataType.DATE,
    "time": DataType.TIME,
    "dateTime": DataType.DATETIME,
    "select_one l": DataType.SELECT_ONE,
    "select_multiple l": DataType.SELECT_MULTIPLE,
    "rank l": DataType.RANK,
    "geopoint": DataType.GEOPOINT,
    "geotrace": DataType.GEOTRACE,
    "geoshape": DataType.GEOSHAPE,
    "image": DataType.IMAGE,
    "audio": DataType.AUDIO,
    "video": DataType.VIDEO,
    "file": DataType.FILE,
    "barcode": DataType.BARCODE,
    "acknowledge": DataType.ACKNOWLEDGE,
    "range": DataType.INTEGER,
}
LIST = """
    | list_name | name | label |
    | l | a | A |
"""


@pytest.mark.parametrize("written", TYPES)
def test_every_type_of_question_is_known(written: str) -> None:
    definition = questionnaire(f"| type | name | label |\n| {written} | q | Q |", choices=LIST)
    (question,) = definition.root.items
    assert isinstance(question, Question)
    assert question.type is TYPES[written]


def test_sections_and_rosters_nest_as_in_the_workbook() -> None:
    definition = questionnaire("""
        | type | name | label |
        | begin_group | home | Home |
        | begin_repeat | child | Child |
        | text | c_name | Name |
        | begin_repeat | toy | Toy |
        | text | t_name | Name |
        | end_repeat | | |
        | end_repeat | | |
        | end_group | | |
    """)
    found = [(type(each), each.path) for each in definition.walk()]
    assert found == [
        (Section, "home"),
        (Roster, "home/child"),
        (Question, "home/child/c_name"),
        (Roster, "home/child/toy"),
        (Question, "home/child/toy/t_name"),
    ]


def test_a_note_is_text_without_an_answer() -> None:
    definition = questionnaire("| type | name | label |\n| note | n | Read me |")
    assert isinstance(item(definition, "n"), Note)


def test_a_read_only_question_with_a_value_is_no_note() -> None:
    definition = questionnaire("""
        | type | name | label | read_only | default |
        | text | fixed | Always the same | yes | x |
    """)
    assert isinstance(item(definition, "fixed"), Question)


def test_conditions_are_kept_as_the_author_wrote_them() -> None:
    definition = questionnaire("""
        | type | name | label | relevant | required | constraint | constraint_message | read_only |
        | integer | a | A | | | | | |
        | integer | b | B | ${a} > 1 | ${a} > 2 | . < 9 | Too much | ${a} = 3 |
    """)
    question = item(definition, "b")
    assert isinstance(question, Question)
    sources = [
        expression.source
        for expression in (
            question.relevant,
            question.required,
            question.constraint,
            question.read_only,
        )
        if expression
    ]
    assert [source.replace("  ", " ") for source in sources] == [
        "/data/a > 1",
        "/data/a > 2",
        ". < 9",
        "/data/a = 3",
    ]
    assert question.constraint_message.wordings == {"default": ("Too much",)}


def test_a_calculation_says_whether_it_is_volatile() -> None:
    definition = questionnaire("""
        | type | name | calculation |
        | calculate | twice | 2 * 2 |
        | calculate | seed | once(random()) |
        | calculate | day | today() |
    """)
    found = {each.name: each.volatile for each in definition.walk() if isinstance(each, Calculation)}
    assert found == {"twice": False, "seed": True, "day": True}


def test_a_shown_calculation_is_a_question_that_computes() -> None:
    definition = questionnaire("""
        | type | name | label | calculation |
        | integer | a | A | |
        | integer | b | Twice | ${a} * 2 |
    """)
    question = item(definition, "b")
    assert isinstance(question, Question)
    assert question.calculation is not None
    assert question.type is DataType.INTEGER


def test_a_count_that_is_a_question_is_the_rosters_count() -> None:
    definition = questionnaire("""
        | type | name | label | repeat_count |
        | integer | n | N | |
        | begin_repeat | child | Child | ${n} |
        | text | c_name | Name | |
        | end_repeat | | | |
    """)
    roster = item(definition, "child")
    assert isinstance(roster, Roster)
    assert roster.count is not None
    assert roster.count.source == "/data/n"


def test_a_count_that_is_computed_has_a_calculation_beside_the_roster() -> None:
    definition = questionnaire("""
        | type | name | label | repeat_count |
        | integer | n | N | |
        | begin_repeat | child | Child | ${n} + 1 |
        | text | c_name | Name | |
        | end_repeat | | | |
    """)
    roster, helper = item(definition, "child"), item(definition, "child_count")
    assert isinstance(roster, Roster)
    assert roster.count is not None
    assert roster.count.source == "/data/child_count"
    assert isinstance(helper, Calculation)


def test_defaults_are_texts_or_expressions() -> None:
    definition = questionnaire("""
        | type | name | label | default |
        | integer | plain | P | 7 |
        | date | day | D | today() |
        | begin_repeat | r | R | |
        | text | in_roster | I | concat('a', 'b') |
        | end_repeat | | | |
    """)
    defaults = {each.name: each.default for each in definition.walk() if isinstance(each, Valued)}
    assert defaults["plain"] == "7"
    assert isinstance(defaults["day"], Expression)
    assert isinstance(defaults["in_roster"], Expression)
    assert defaults["in_roster"].source == "concat('a', 'b')"


def test_what_the_device_fills_in_is_metadata() -> None:
    definition = questionnaire("""
        | type | name | label |
        | start | start | |
        | end | end | |
        | today | today | |
        | deviceid | deviceid | |
        | start-geopoint | place | |
        | audit | audit | |
        | text | q | Q |
    """)
    found = {
        each.path: (each.preload, each.preload_parameter, each.type)
        for each in definition.walk()
        if isinstance(each, Metadata)
    }
    assert found == {
        "start": ("timestamp", "start", DataType.DATETIME),
        "end": ("timestamp", "end", DataType.DATETIME),
        "today": ("date", "today", DataType.DATE),
        "deviceid": ("property", "deviceid", DataType.TEXT),
        "place": ("start-geopoint", "", DataType.GEOPOINT),
        "meta/audit": ("audit", "", DataType.FILE),
    }


def test_the_submissions_own_id_is_no_item() -> None:
    definition = questionnaire("| type | name | label |\n| text | q | Q |")
    assert [each.path for each in definition.walk()] == ["q"]


def test_the_name_of_an_instance_is_a_calculation() -> None:
    definition = questionnaire(
        "| type | name | label |\n| text | q | Q |",
        settings="| form_id | instance_name |\n| f | concat('x ', ${q}) |",
    )
    assert isinstance(item(definition, "meta/instanceName"), Calculation)


def test_a_value_without_question_or_calculation_is_hidden() -> None:
    definition = questionnaire("""
        | type | name | label | default | trigger | calculation |
        | text | q | Q | | | |
        | hidden | h | | v | | |
        | calculate | stamp | | | ${q} | now() |
    """)
    hidden, stamp, q = (item(definition, name) for name in ("h", "stamp", "q"))
    assert isinstance(hidden, Hidden)
    assert hidden.default == "v"
    assert isinstance(stamp, Hidden)
    assert isinstance(q, Question)
    assert [(each.target, each.value.source) for each in q.assignments] == [("stamp", "now()")]


def test_appearances_and_parameters_are_kept() -> None:
    definition = questionnaire("""
        | type | name | label | appearance | parameters |
        | range | r | R | no-ticks | start=0 end=10 step=2 |
        | image | i | I | signature new | max-pixels=800 |
        | begin_group | g | G | field-list | |
        | text | t | T | multiline | |
        | end_group | | | | |
    """)
    r, i, g = (item(definition, name) for name in ("r", "i", "g"))
    assert isinstance(r, Question)
    assert isinstance(i, Question)
    assert r.parameters == {"start": "0", "end": "10", "step": "2"}
    assert i.parameters == {"max-pixels": "800"}
    assert i.appearance == {"signature", "new"}
    assert g.appearance == {"field-list"}


def test_id_version_and_root_are_the_forms() -> None:
    definition = questionnaire(
        "| type | name | label |\n| text | q | Q |",
        settings="| form_id | form_title | version | name |\n| f1 | The form | 2026.1 | root |",
    )
    assert (definition.id, definition.version, definition.root_name) == ("f1", "2026.1", "root")
    assert definition.title.wordings == {"default": ("The form",)}
    assert len(definition.hash) == 64
