"""Choice lists of places, generated where a workbook's choices sheet names them.

    | choices | list_name | name                 |
    |         | region    | @geography:regions   |
    |         | district  | @geography:districts |

A choice's name is the KATO code. Districts have a column `parent`, the region's code, for a
`choice_filter`. The labels are filled in for Kazakh, Russian and English.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from surveyapp.questionnaires import geography
from surveyapp.questionnaires.geography import Place
from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.workbook import Header, Sheet, Workbook

#: What the name of a choice stands for.
GENERATED: Mapping[str, Callable[[], tuple[Place, ...]]] = {
    "@geography:regions": geography.regions,
    "@geography:districts": geography.districts,
}


def generate_place_choices(workbook: Workbook) -> list[Problem]:
    """Put the places in, in place; return what hinders it (a language that places are not named in).

    The naming row is emptied and its choices are added at the end of the sheet, so that no other
    row changes its number; order matters only within a list.
    """
    choices = workbook.sheet("choices")
    labels = _label_columns(choices, language_code(workbook.setting("default_language")))
    problems: list[Problem] = []
    for number, row in list(choices.numbered()):
        places = GENERATED.get(row.get(choices.column("name"), ""))
        if places:
            problems += _unnamed(workbook, number, labels)
            _replace(choices, row, places(), labels)
    return problems


def _label_columns(choices: Sheet, default: str) -> dict[str, str]:
    headers = {column: Header.parse(column) for column in choices.columns}
    return {c: h.language_code or default for c, h in headers.items() if h.base == "label"}


def _unnamed(workbook: Workbook, number: int, labels: Mapping[str, str]) -> Iterator[Problem]:
    for column, language in labels.items():
        if language not in geography.LANGUAGES:
            yield workbook.problem("choices", number, column, "places_unnamed", language=language)


def _replace(
    choices: Sheet, row: dict[str, str], places: tuple[Place, ...], labels: Mapping[str, str]
) -> None:
    column = choices.column("list_name")
    same = {column: row.get(column, "")}
    row.clear()
    choices.rows += [same | _choice(choices, place, labels) for place in places]
    if any(place.parent for place in places) and "parent" not in choices.columns:
        choices.columns.append("parent")


def _choice(choices: Sheet, place: Place, labels: Mapping[str, str]) -> dict[str, str]:
    choice = {choices.column("name"): place.code}
    choice |= {column: place.names.get(language, "") for column, language in labels.items()}
    return choice | ({"parent": place.parent} if place.parent else {})
