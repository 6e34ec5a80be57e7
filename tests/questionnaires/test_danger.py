"""Which answers tell of danger to a child: the disclosure, what it follows from, what is asked then."""

from __future__ import annotations

from surveyapp.questionnaires.danger import about_danger
from tests.questionnaires.forms import questionnaire

SURVEY = """
| type | name | label | relevant | calculation | bind::survey:sensitive | bind::survey:disclosure | bind::survey:disclosure_level |
| integer | age | Age | | | | | |
| select_one fear | fears | Fears | | | yes | | |
| integer | nights | Nights | | | yes | | |
| calculate | alarm | | | if(${fears} = 'yes' and ${age} < 18, 1, 0) | yes | . = 1 | red |
| begin_group | then | Then | ${fears} = 'yes' | | | | |
| text | whom | Whom | | | | | |
| end_group | | | | | | | |
| text | later | Later | ${whom} != '' | | | | |
| text | other | Other | ${age} > 3 | | | | |
"""
CHOICES = "| list_name | name | label |\n| fear | yes | Yes |\n| fear | no | No |"
SETTINGS = (
    '| form_id | version | namespaces |\n| t | 1 | survey="https://surveyapp.example/xmlns/survey" |'
)


def test_a_disclosure_takes_along_what_it_follows_from_and_what_is_asked_because_of_it() -> None:
    definition = questionnaire(SURVEY, choices=CHOICES, settings=SETTINGS)
    assert about_danger(definition) == {"fears", "alarm", "then", "then/whom", "later"}


FOLLOWING = """
| type | name | label | relevant | calculation | repeat_count | bind::survey:sensitive | bind::survey:disclosure | bind::survey:disclosure_level |
| calculate | summary | | | concat('risk: ', ${risk}) | | | | |
| begin_group | home | Home | | | | | | |
| integer | blows | Blows | | | | yes | . > 0 | red |
| end_group | | | | | | | | |
| calculate | risk | | | if(${blows} > 0, 'high', 'low') | | | | |
| begin_repeat | blow | Blow | | | ${blows} | | | |
| text | when | When | | | | | | |
| end_repeat | | | | | | | | |
| integer | rooms | Rooms | | | | | | |
"""


def test_what_is_calculated_or_counted_of_it_is_taken_along_wherever_it_stands() -> None:
    definition = questionnaire(FOLLOWING, settings=SETTINGS)
    told = {"home/blows", "risk", "summary", "blow", "blow/when"}
    assert {path for path in about_danger(definition) if not path.endswith("_count")} == told


def test_without_a_disclosure_nothing_is_about_danger() -> None:
    assert about_danger(questionnaire("| type | name | label |\n| text | a | A |")) == set()
