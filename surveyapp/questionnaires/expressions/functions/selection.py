"""Functions of chosen choices: names joined by blanks."""

from __future__ import annotations

from surveyapp.questionnaires.expressions.conversions import (
    JAVA_BLANKS,
    Function,
    Value,
    to_index,
    to_string,
)


def selected(choices: Value, choice: Value) -> bool:
    """Whether a choice is chosen. Of nothing, nothing is (`selected('', '')`), as in JavaRosa."""
    return f" {to_string(choice).strip(JAVA_BLANKS)} " in f" {to_string(choices)} "


def chosen(choices: Value) -> list[str]:
    """The names that are chosen."""
    return [name for name in to_string(choices).split(" ") if name]


def selected_at(choices: Value, index: Value) -> str:
    """The chosen name at a 0-based place; `''` beyond them."""
    names, place = chosen(choices), to_index(index)
    return names[place] if 0 <= place < len(names) else ""


SELECTION: dict[str, Function] = {
    "count-selected": lambda choices: float(len(chosen(choices))),
    "is-selected": selected,
    "selected": selected,
    "selected-at": selected_at,
}
