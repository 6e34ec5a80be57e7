"""Breakdowns that lists are cut by: one filter for each, and only what records are told apart by."""

from __future__ import annotations

from surveyapp.manage.groups import group_choices
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.xlsform import compile_workbook

WORKBOOK = """
| survey | | | | |
| | type | name | label::English (en) | bind::survey:breakdown |
| | select_multiple things | assets | What is in the house? | wealth |
| | select_one money | money | What does the money do for? | wealth |
| | select_one more | money_too | And in winter? | wealth |
| choices | | | |
| | list_name | name | label::English (en) |
| | things | tv | A television |
| | money | food | Food |
| | money | all | All |
| | more | all | All of it |
| | more | heat | Heating |
| settings | | | | |
| | form_id | version | default_language | namespaces |
| | groups | 1 | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""


def test_questions_that_feed_one_breakdown_make_one_filter() -> None:
    definition = xform.parse(compile_workbook(WORKBOOK.encode(), "groups.md").xform)
    (wealth,) = group_choices(definition, "en")
    assert (wealth.name, wealth.label) == ("wealth", "What does the money do for?")
    assert wealth.choices == {"food": "Food", "all": "All", "heat": "Heating"}
