"""Workbooks with one mistake each, by the code of the problem that it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SURVEY = "| survey |\n| | type | name | label |\n"
CHOICES = "| choices |\n| | list_name | name | label |\n"
SETTINGS = """| settings |
| | form_id | version | default_language | namespaces |
| | f | 1 | | survey="https://surveyapp.example/xmlns/survey" |
"""


def extended(column: str, cell: str) -> str:
    """A workbook with one question and one of our columns."""
    survey = (
        f"| survey |\n| | type | name | label | bind::survey:{column} |\n| | text | a | A | {cell} |\n"
    )
    return survey + SETTINGS


@dataclass(frozen=True, slots=True)
class Bad:
    """A mistake: its code, the place (sheet, row, column) that is to be named, and the params."""

    code: str
    text: str
    place: tuple[str | None, int | None, str | None]
    facts: dict[str, Any] = field(default_factory=dict)


BAD_WORKBOOKS = (
    Bad("no_table", "no table here", (None, None, None)),
    Bad("too_many_cells", SURVEY + "| | text | a | either | or |\n", ("survey", 2, None)),
    Bad(
        "bad_character",
        SURVEY + "| | text | a | no\x0b! |\n| | text | b | \x01 |\n",
        ("survey", 2, "label"),
        {"character": "U+000B"},
    ),
    Bad("missing_sheet", CHOICES + "| | l | a | A |\n", ("survey", None, None)),
    Bad("missing_sheet", SURVEY + "| | select_one l | a | A |\n", ("choices", None, None)),
    Bad(
        "missing_column",
        "| survey |\n| | name | label |\n| | a | A |\n",
        ("survey", None, None),
        {"missing": "type"},
    ),
    Bad("missing_type", SURVEY + "| | text | a | A |\n| | | b | B |\n", ("survey", 3, "type")),
    Bad("missing_name", SURVEY + "| | text | | A |\n", ("survey", 2, "name")),
    Bad(
        "missing_name",
        SURVEY + "| | select_one l | a | A |\n" + CHOICES + "| | l | | A |\n",
        ("choices", 2, "name"),
    ),
    Bad("missing_calculation", SURVEY + "| | calculate | a | |\n", ("survey", 2, "calculation")),
    Bad(
        "missing_list",
        SURVEY + "| | select_one nope | a | A |\n" + CHOICES + "| | l | a | A |\n",
        ("survey", 2, "type"),
        {"list": "nope"},
    ),
    Bad(
        "unknown_type",
        SURVEY + "| | note | n | N |\n| | nope | a | A |\n",
        ("survey", 3, "type"),
        {"type": "nope"},
    ),
    Bad("bad_name", SURVEY + "| | text | 1st question | A |\n", ("survey", 2, "name")),
    Bad(
        "duplicate_name",
        SURVEY + "| | text | a | A |\n| | text | a | B |\n",
        ("survey", 3, "name"),
        {"name": "a"},
    ),
    Bad(
        "duplicate_choice",
        SURVEY + "| | select_one l | a | A |\n" + CHOICES + "| | l | a | A |\n| | l | a | B |\n",
        ("choices", 3, "name"),
    ),
    Bad(
        "unknown_reference",
        SURVEY + "| | note | n | N |\n| | text | a | A ${nope} |\n",
        ("survey", 3, "label"),
        {"name": "nope"},
    ),
    Bad(
        "ambiguous_reference",
        SURVEY
        + "| | begin_group | g | G |\n| | text | a | A |\n| | end_group | | |\n| | text | a | A |\n"
        + "| | note | n | ${a} |\n",
        ("survey", 6, "label"),
        {"name": "a"},
    ),
    Bad("malformed_reference", SURVEY + "| | text | a | A ${no pe} |\n", ("survey", 2, "label")),
    Bad(
        "unmatched_begin",
        SURVEY + "| | begin_group | g | G |\n",
        ("survey", 2, "type"),
        {"kind": "group"},
    ),
    Bad("unmatched_end", SURVEY + "| | end_repeat | | |\n", ("survey", 2, "type"), {"kind": "repeat"}),
    Bad(
        "namespace",
        extended("identity", "yes").replace("survey=", "other="),
        ("settings", 2, "namespaces"),
        {"declaration": 'survey="https://surveyapp.example/xmlns/survey"'},
    ),
    Bad(
        "extension_value",
        extended("identity", "maybe"),
        ("survey", 2, "bind::survey:identity"),
        {"value": "maybe", "allowed": "yes, no"},
    ),
    Bad(
        "extension_value",
        extended("coarsen", "0"),
        ("survey", 2, "bind::survey:coarsen"),
        {"value": "0", "allowed": "1, 2, 3 …"},
    ),
    Bad(
        "extension_half",
        extended("disclosure", ". = 1"),
        ("survey", 2, "bind::survey:disclosure_level"),
        {"missing": "bind::survey:disclosure_level"},
    ),
    Bad(
        "placeholder_unset",
        SURVEY + "| | note | n | {operator} |\n",
        ("survey", 2, "label"),
        {"placeholder": "operator"},
    ),
    Bad(
        "places_unnamed",
        "| survey |\n| | type | name | label::Deutsch (de) |\n| | select_one l | a | A |\n"
        "| choices |\n| | list_name | name | label::Deutsch (de) |\n| | l | @geography:regions |\n",
        ("choices", 2, "label::Deutsch (de)"),
        {"language": "de"},
    ),
    Bad("audit_name", SURVEY + "| | audit | trail | A |\n", ("survey", 2, "name")),
)
