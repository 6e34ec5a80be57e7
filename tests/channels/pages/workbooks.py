"""Tiny questionnaires, one for each thing that a page can do."""

from __future__ import annotations

_HEADER = "| survey |\n"
_SETTINGS = "\n| settings |\n| | form_id | version | form_title | default_language |\n| | {id} | 1 | {id} | en |\n"


def workbook(identifier: str, survey: str, choices: str = "", settings: str = "") -> str:
    """A workbook in Markdown from its sheets' rows."""
    lists = f"\n| choices |\n{choices}" if choices else ""
    return _HEADER + survey + lists + (settings or _SETTINGS.format(id=identifier))


#: numbers and dates whose fields do not show how much may be typed
BOUNDS = workbook(
    "bounds",
    """| | type | name | label | parameters | appearance |
| | range | share | Share | start=0 end=100 step=5 | |
| | date | moved | Moved | | month-year |
| | date | born | Born | | year |
""",
)

#: relevance between neighbours, a constraint, a calculation, a quoted answer, a value that is only shown
RULES = workbook(
    "rules",
    """| | type | name | label | required | relevant | constraint | constraint_message | calculation | read_only |
| | begin_group | one | Section one |
| | integer | age | Age | yes | | . < 120 | Not so old | |
| | text | school | School | yes | ${age} > 5 |
| | integer | pens | Pens |
| | calculate | twice | | | | | | ${pens} * 2 | |
| | end_group | one |
| | begin_group | two | Section two |
| | note | echo | Twice as many pens is ${twice} |
| | text | shown | Age again | | | | | ${age} | yes |
| | text | word | A word |
| | end_group | two |
""",
)

#: a roster that people add to and remove from
TOYS = workbook(
    "toys",
    """| | type | name | label | required |
| | begin_repeat | toy | Toys |
| | text | toy_name | Name of the toy | yes |
| | integer | toy_age | Age of the toy |
| | image | toy_photo | Photo of the toy |
| | end_repeat | toy |
| | text | last | Last words |
""",
)

#: the author's own page, on which one question depends on another
ONE_PAGE = workbook(
    "one_page",
    """| | type | name | label | required | relevant | appearance |
| | begin_group | all | All of it | | | field-list |
| | select_one yn | pet | A pet? | yes |
| | text | kind | Which? | yes | ${pet} = 'yes' |
| | end_group | all |
""",
    """| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
""",
)

#: every kind of control
KINDS = workbook(
    "kinds",
    """| | type | name | label | hint | appearance | parameters |
| | begin_group | first | First |
| | text | a_text | A text | With a hint |
| | text | a_story | A story | | multiline |
| | integer | a_whole | A whole number |
| | decimal | a_decimal | A number |
| | date | a_date | A date |
| | time | a_time | A time |
| | dateTime | a_moment | A moment |
| | end_group | first |
| | begin_group | second | Second |
| | select_one colours | a_choice | One colour |
| | select_multiple colours | some | Some colours |
| | rank colours | order | Order of colours |
| | integer | ten | Zero to ten | | scale |
| | range | stars | Stars | | | start=1 end=5 step=1 |
| | acknowledge | sure | Sure? |
| | end_group | second |
| | begin_group | third | Third |
| | geopoint | spot | A place |
| | geotrace | way | A way |
| | geoshape | field | A field |
| | barcode | bars | A barcode |
| | audio | sound | A sound |
| | video | film | A film |
| | file | paper | A file |
| | image | picture | A picture |
| | end_group | third |
""",
    """| | list_name | name | label |
| | colours | red | Red |
| | colours | blue | Blue |
| | colours | none | None of them |
| | colours | dk | I do not know |
""",
)

#: two languages, of which the interface has only one
UNTRANSLATED = """| survey |
| | type | name | label::English (en) | label::Qaraqalpaq (kaa) |
| | begin_group | one | Section one | Bólim |
| | text | word | A word | Sóz |
| | end_group | one |

| settings |
| | form_id | version | form_title | default_language |
| | untranslated | 1 | A form | English (en) |
"""

#: one question a screen; the author's own page, with a group in it, stays one
ONE_BY_ONE = workbook(
    "one_by_one",
    """| | type | name | label | appearance | relevant |
| | begin_group | me | About me |
| | text | first_name | First name |
| | note | soon | Nearly done |
| | integer | age | Age |
| | text | school | School | | ${age} > 5 |
| | end_group | me |
| | begin_group | together | Together | field-list |
| | text | street | Street |
| | begin_group | house | The house |
| | text | number | Number |
| | end_group | house |
| | end_group | together |
| | begin_repeat | toy | Toys |
| | text | toy_name | Name of the toy |
| | integer | toy_age | Age of the toy |
| | end_repeat | toy |
""",
    settings="""
| settings |
| | form_id | version | form_title | default_language | style |
| | one_by_one | 1 | One by one | en | pages |
""",
)

#: tables: by `table-list`, by hand, and of questions with `likert`
TABLES = workbook(
    "tables",
    """| | type | name | label | appearance | required | relevant |
| | begin_group | feel | How do you feel? | table-list |
| | select_one often | sad | Sad | | yes |
| | select_one often | glad | Glad |
| | end_group | feel |
| | begin_group | hand | By hand | field-list |
| | select_multiple often | head | Mark what fits | label |
| | select_multiple often | one | First week | list-nolabel |
| | select_multiple often | two | Second week | list-nolabel | | selected(${one}, 'no') |
| | end_group | hand |
| | begin_group | rated | Rated |
| | select_one often | school | School | likert |
| | select_one often | street | Street | likert |
| | select_one often | plain | Without a table |
| | end_group | rated |
""",
    """| | list_name | name | label |
| | often | no | Never |
| | often | some | Sometimes |
| | often | yes | Often |
| | often | dk | I do not know |
""",
)

#: nothing is asked on its first page; the first that asks is in a roster
LATE = workbook(
    "late",
    """| | type | name | label | relevant |
| | begin_group | never | Never | false() |
| | text | unseen | Unseen |
| | end_group | never |
| | begin_repeat | toy | Toys |
| | text | toy_name | Name of the toy |
| | text | toy_whose | Whose? | ${toy_name} = 'bear' |
| | end_repeat | toy |
| | text | last | Last words |
""",
)
