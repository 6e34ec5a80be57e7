"""What a version changes against the one before it."""

from __future__ import annotations

from functools import cache

import pytest

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.differences import Change, Difference, changed_types, differences
from surveyapp.questionnaires.xlsform import compile_workbook

BEFORE = """
| survey |
| | type | name | label::Қазақша (kk) | label::English (en) |
| | begin_group | home | Үй | Home |
| | integer | rooms | Неше бөлме? | How many rooms? |
| | select_one fuel | heating | Немен жылытасыз? | What do you heat with? |
| | note | thanks | Рақмет | Thank you |
| | end_group | | | |
| | text | remark | Ескерту | Remark |
| choices |
| | list_name | name | label::Қазақша (kk) | label::English (en) |
| | fuel | coal | Көмір | Coal |
| | fuel | gas | Газ | Gas |
| settings |
| | form_id | version | default_language |
| | home | 1 | Қазақша (kk) |
"""


@cache
def made(text: str) -> Questionnaire:
    return xform.parse(compile_workbook(text.encode(), "home.md").xform)


def against(*changes: tuple[str, str]) -> list[Difference]:
    after = BEFORE
    for old, new in changes:
        assert old in after
        after = after.replace(old, new)
    return differences(made(BEFORE), made(after))


def test_the_same_differs_in_nothing() -> None:
    assert against() == []


def test_another_wording_is_told_in_its_language() -> None:
    assert against(("Неше бөлме?", "Қанша бөлме?")) == [
        Difference(Change.WORDING, "home/rooms", "Неше бөлме?", "Қанша бөлме?", "kk")
    ]


def test_what_came_and_what_went_are_told_with_their_kind() -> None:
    assert against(("| | text | remark | Ескерту | Remark |", "| | date | day | Күні | Day |")) == [
        Difference(Change.ADDED, "day", after="date"),
        Difference(Change.REMOVED, "remark", "text"),
    ]


def test_another_type_under_the_same_name_is_told_apart() -> None:
    (only,) = against(("| | integer | rooms |", "| | text | rooms |"))
    assert only == Difference(Change.TYPE, "home/rooms", "integer", "text")
    after = made(BEFORE.replace("| | integer | rooms |", "| | text | rooms |"))
    assert changed_types(made(BEFORE), after) == [only]


def test_choices_that_came_and_went_are_named() -> None:
    assert against(("| | fuel | gas | Газ | Gas |", "| | fuel | wood | Отын | Wood |")) == [
        Difference(Change.CHOICES, "home/heating", "gas", "wood")
    ]


@pytest.mark.parametrize("kind", ["note", "text"])
def test_a_note_that_becomes_a_question_has_another_type(kind: str) -> None:
    found = against(("| | note | thanks |", f"| | {kind} | thanks |"))
    assert [each.change for each in found] == ([] if kind == "note" else [Change.TYPE])
