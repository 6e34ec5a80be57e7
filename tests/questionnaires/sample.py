"""A questionnaire with one question of each type, for tests of what every type takes and refuses."""

from __future__ import annotations

from surveyapp.questionnaires.definition import (
    NO_TEXT,
    Calculation,
    Choice,
    ChoiceSource,
    DataType,
    Expression,
    Item,
    Note,
    Question,
    Questionnaire,
    Roster,
    Section,
)

COLOURS = tuple(Choice(name, NO_TEXT) for name in ("red", "green", "blue"))
CHOSEN = {DataType.SELECT_ONE, DataType.SELECT_MULTIPLE, DataType.RANK}


def question(data_type: DataType, folder: str = "all") -> Question:
    """A question named by its type."""
    name = f"q_{data_type.value}"
    source = ChoiceSource("colour") if data_type in CHOSEN else None
    return Question(name=name, path=f"{folder}/{name}", type=data_type, choices=source)


def questionnaire(*items: Item) -> Questionnaire:
    """A definition of these items, with the list of colours."""
    return Questionnaire(
        id="sample",
        version="1",
        title=NO_TEXT,
        languages=("en",),
        default_language="en",
        root=Section(name="data", path="", items=items),
        choice_lists={"colour": COLOURS},
        hash="sample",
    )


EVERY_TYPE = questionnaire(
    Section(
        name="all",
        path="all",
        items=(
            *(question(data_type) for data_type in DataType),
            Note(name="remark", path="all/remark"),
            Calculation(
                name="sum", path="all/sum", type=DataType.TEXT, calculation=Expression("1 + 1", [])
            ),
            Question(
                name="file",
                path="all/file",
                type=DataType.SELECT_ONE,
                choices=ChoiceSource("rows_of_a_file"),
            ),
        ),
    ),
    Roster(
        name="child",
        path="child",
        items=(
            question(DataType.INTEGER, "child"),
            Roster(name="toy", path="child/toy", items=(question(DataType.TEXT, "child/toy"),)),
        ),
    ),
    # names that Marshmallow would trip over
    *(
        Question(name=name, path=name, type=DataType.INTEGER)
        for name in ("load", "fields", "Meta", "a.b", "item_0")
    ),
)
