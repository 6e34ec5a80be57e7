"""What stands on paper: numbers, boxes, room for a roster, conditions that a reader can follow."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.definition import Text
from surveyapp.questionnaires.paper import Compared, Condition, Joined, Paper, Piece, Room, Unsaid
from surveyapp.questionnaires.xlsform import compile_workbook

WORKBOOK = """
| survey |
| | type | name | label::English (en) | relevant | calculation |
| | select_one yn | work | Do you work? | | |
| | integer | hours | How many hours? | ${work} = 'yes' | |
| | calculate | much | | | ${hours} > 40 |
| | text | why | Why so much? | ${much} = true() | |
| | select_multiple yn | more | More? | ${hours} >= 10 and (${work} != 'no' or selected(${work}, 'yes')) | |
| | begin_repeat | child | Child | ${work} = 'yes' | |
| | integer | age | Age? | | |
| | text | school | School of the child aged ${age}? | ${age} > 6 | |
| | end_repeat | | | | |
| | image | photo | A photo | not(selected(${more}, 'no')) | |
| | date | day | Which day? | | |
| choices |
| | list_name | name | label::English (en) |
| | yn | yes | Yes |
| | yn | no | No |
| settings |
| | form_id | version | default_language |
| | paper | 1 | English (en) |
"""


def pieces(blocks: int = 2) -> list[Piece]:
    return Paper(xform.parse(compile_workbook(WORKBOOK.encode(), "paper.md").xform), blocks).pieces()


def piece(path: str) -> Piece:
    return next(each for each in pieces() if each.item.path == path)


def said(condition: Condition | None) -> str:
    match condition:
        case Compared(number, sign, value):
            words = value.wordings["en"][0] if isinstance(value, Text) else value
            return f"{number} {sign} {words}"
        case Joined(word, parts):
            return f"({f' {word} '.join(map(said, parts))})"
        case Unsaid(source):
            return f"? {source}"
    return ""


def test_questions_are_numbered_and_what_the_program_computes_is_not() -> None:
    numbers = {each.item.path: each.number for each in pieces() if each.number}
    assert list(numbers) == ["work", "hours", "why", "more", "child/age", "child/school", "photo", "day"]
    assert list(numbers.values()) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("path", "condition"),
    [
        ("work", ""),
        ("hours", "1 = Yes"),
        ("more", "(2 ≥ 10 and (1 ≠ No or 1 = Yes))"),
        ("child/school", "5 > 6"),
        ("photo", "4 ≠ No"),
    ],
)
def test_a_condition_is_said_in_numbers_and_labels(path: str, condition: str) -> None:
    assert said(piece(path).condition) == condition


def test_what_cannot_be_said_simply_is_not_guessed() -> None:
    assert isinstance(piece("why").condition, Unsaid)


def test_each_kind_of_answer_has_its_room() -> None:
    rooms = {each.item.path: each.room for each in pieces()}
    assert rooms["work"] is Room.ONE
    assert rooms["more"] is Room.SEVERAL
    assert rooms["hours"] is Room.NUMBER
    assert rooms["photo"] is Room.DEVICE
    assert rooms["day"] is Room.DATE


def test_a_roster_has_room_for_several() -> None:
    blocks = [each.block for each in pieces(3) if each.item.path == "child/age"]
    assert blocks == [1, 2, 3]


def test_the_built_in_questionnaires_are_said_for_the_most_part() -> None:
    for built_in in library.BUILT_IN:
        texts = dict.fromkeys(("operator", "bin", "contact", "retention"), "x")
        compiled = compile_workbook(library.workbook(built_in.id), built_in.file, placeholders=texts)
        found = Paper(xform.parse(compiled.xform), 1).pieces()
        conditions = [each.condition for each in found if each.condition]
        unsaid = [each.source for each in conditions if isinstance(each, Unsaid)]
        assert len(unsaid) <= len(conditions) / 4, (built_in.id, unsaid)
