"""The breakdowns that a list and an export are cut by."""

from __future__ import annotations

from surveyapp.manage.groups import group_choices
from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.xlsform import compile_workbook

TWO = """
| survey |
| | type | name | label | bind::survey:breakdown |
| | select_multiple things | things | Which of these? | wealth |
| | select_one money | money | What is it enough for? | wealth |
| | select_one more | more | And this? | wealth |
| | text | town | Which town? | area |
| choices |
| | list_name | name | label |
| | things | car | A car |
| | money | food | For food |
| | money | all | For all |
| | more | all | Really all |
| | more | debts | There are debts |
| settings |
| | form_id | version | namespaces |
| | two | 1 | survey="https://surveyapp.example/xmlns/survey" |
"""


def test_questions_that_feed_one_breakdown_are_one_filter() -> None:
    """They were two fields with one name; the first had no label for a screen reader."""
    definition = xform.parse(compile_workbook(TWO.encode(), "two.md").xform)
    [wealth] = group_choices(definition, "en")
    assert (wealth.name, wealth.label) == ("wealth", "What is it enough for?")
    assert wealth.choices == {"food": "For food", "all": "For all", "debts": "There are debts"}


def test_no_built_in_questionnaire_has_a_filter_twice() -> None:
    for built_in in library.BUILT_IN:
        content = library.workbook(built_in.id)
        texts = {
            name: dict.fromkeys(("kk", "ru", "en"), "x")
            for name in ("operator", "bin", "contact", "retention")
        }
        definition = xform.parse(compile_workbook(content, built_in.file, placeholders=texts).xform)
        names = [group.name for group in group_choices(definition, "kk")]
        assert len(names) == len(set(names)), built_in.id
