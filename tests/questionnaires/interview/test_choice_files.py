"""Choices and cells that come from files beside the form."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.expressions import compile_expression, parse
from surveyapp.questionnaires.expressions.lookups import lookup_of
from surveyapp.questionnaires.interview import Interview, lists, tables
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.questionnaires.forms import interview, plain, workbook, xform_of

VILLAGES = """name,label,region,sortby
v1,Aqbulaq,north,3
v2,Kokbulaq,north,1
v3,Sarysu,south,2
v1,Aqbulaq again,south,4
"""


def with_files(
    survey: str, files: Mapping[str, str], *, choices: str = "", settings: str = ""
) -> Questionnaire:
    """The definition of a workbook and the files that it reads."""
    contents = {name: content.encode() for name, content in files.items()}
    return xform.parse(xform_of(workbook(survey, choices=choices, settings=settings)), contents)


def offered(filled: Interview, path: str) -> list[tuple[str, str]]:
    """Names and labels of the choices that a question offers."""
    return [(each.name, filled.text(each.label, path).text) for each in filled.choices(path)]


CASCADE = with_files(
    """
    | type | name | label | choice_filter | calculation |
    | text | region | Region | | |
    | select_one_from_file villages.csv | village | Village | region = ${region} | |
    | calculate | label | | | instance('villages')/root/item[name = ${village}][region = ${region}]/label |
    | calculate | said | | | jr:choice-name(${village}, '${village}') |
    | calculate | pulled | | | pulldata('villages', 'label', 'name', ${village}) |
    """,
    {"villages.csv": VILLAGES},
)


def test_a_filter_offers_the_rows_of_a_file() -> None:
    filled = interview(CASCADE, {"region": "north"})
    assert offered(filled, "village") == [("v1", "Aqbulaq"), ("v2", "Kokbulaq")]
    filled.set("region", "nowhere")
    assert offered(filled, "village") == []


def test_a_cell_is_found_by_instance_and_by_pulldata() -> None:
    filled = interview(CASCADE, {"region": "north", "village": "v2"})
    assert (filled.value("label"), filled.value("pulled")) == ("Kokbulaq", "Kokbulaq")
    assert filled.value("said") == "Kokbulaq"


def test_a_choice_that_its_file_does_not_offer_is_an_error_once_the_file_is_there() -> None:
    filled = interview(CASCADE, {"region": "south", "village": "v2"})
    assert [(each.path, each.code) for each in filled.errors()] == [("village", "choice")]


def test_two_questions_may_read_a_file_by_different_columns() -> None:
    definition = with_files(
        """
        | type | name | label | parameters |
        | select_one_from_file villages.csv | by_name | By name | |
        | select_one_from_file villages.csv | by_label | By label | value=label, label=name |
        """,
        {"villages.csv": "name,label\nv1,One\n"},
    )
    filled = interview(definition)
    assert offered(filled, "by_name") == [("v1", "One")]
    assert offered(filled, "by_label") == [("One", "v1")]


def test_blanks_around_a_name_in_a_file_do_not_belong_to_it() -> None:
    definition = with_files(
        "| type | name | label |\n| select_one_from_file f.csv | q | Q |",
        {"f.csv": "name,label\n a ,A\n"},
    )
    filled = interview(definition, {"q": "a"})
    assert offered(filled, "q") == [("a", "A")]
    assert filled.errors() == []


def test_pulldata_reads_a_file_that_no_instance_is_declared_for() -> None:
    form = xform_of(
        workbook(
            "| type | name | label | calculation |\n| calculate | c | | pulldata('f', 'b', 'a', '2') |"
        )
    )
    start = form.index(b"<instance id=")
    form = form[:start] + form[form.index(b"/>", start) + 2 :]
    definition = xform.parse(form, {"f.csv": b"a,b\n1,one\n2,two\n"})
    assert definition.external_lists == {"f": "jr://file-csv/f.csv"}
    assert interview(definition).value("c") == "two"


def test_places_of_a_geojson_file_are_offered() -> None:
    definition = with_files(
        """
        | type | name | label | calculation |
        | select_one_from_file wells.geojson | well | Well | |
        | calculate | place | | instance('wells')/root/item[id = ${well}]/geometry |
        """,
        {
            "wells.geojson": '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "w",'
            ' "geometry": {"type": "Point", "coordinates": [71, 51]}, "properties": {"title": "Deep"}}]}'
        },
    )
    filled = interview(definition, {"well": "w"})
    assert offered(filled, "well") == [("w", "Deep")]
    assert filled.value("place") == "51 71 0 0"


# ---------------------------------------------------------------- external choices

EXTERNAL = """
| survey |
| | type | name | label | choice_filter |
| | text | region | Region | |
| | select_one_external village | village | Village | region=${region} |
| external_choices |
| | list_name | name | label | region |
| | village | v1 | One | north |
| | village | v2 | Two | south |
| | other | o1 | Other | north |
"""


def test_external_choices_travel_in_a_file_that_the_workbook_holds() -> None:
    compiled = compile_workbook(EXTERNAL.encode(), "f.md")
    assert list(compiled.files) == ["itemsets.csv"]
    filled = interview(xform.parse(compiled.xform, compiled.files), {"region": "north"})
    assert offered(filled, "village") == [("v1", "One")]


# ---------------------------------------------------------------- search()


def searched(appearance: str, answers: dict[str, Any], label: str = "label") -> list[tuple[str, str]]:
    """What a question with `search()` offers."""
    definition = with_files(
        f"""
        | type | name | label | appearance |
        | text | typed | Typed | |
        | text | region | Region | |
        | select_one l | q | Q | {appearance} |
        """,
        {"villages.csv": VILLAGES},
        choices=f"| list_name | name | label |\n| l | name | {label} |\n| l | -1 | Elsewhere |",
    )
    return offered(interview(definition, answers), "q")


def names(found: Sequence[tuple[str, str]]) -> str:
    """The names of choices, joined."""
    return " ".join(name for name, _ in found)


def test_search_offers_all_rows_in_their_order_and_what_is_in_the_list() -> None:
    assert searched("search('villages')", {}) == [
        ("v2", "Kokbulaq"),
        ("v3", "Sarysu"),
        ("v1", "Aqbulaq"),
        ("-1", "Elsewhere"),
    ]


def test_search_finds_by_part_beginning_end_or_the_whole() -> None:
    found = {
        kind: names(searched(f"search('villages', '{kind}', 'label', ${{typed}})", {"typed": typed}))
        for kind, typed in [
            ("contains", "BULAQ"),
            ("startswith", "aq"),
            ("endswith", "su"),
            ("matches", "Kokbulaq"),
            ("whatever", "arys"),
        ]
    }
    assert found == {
        "contains": "v2 v1 -1",
        "startswith": "v1 -1",
        "endswith": "v3 -1",
        "matches": "v2 -1",
        "whatever": "v3 -1",
    }


def test_search_looks_into_several_columns_and_takes_wildcards() -> None:
    assert names(searched("search('villages', 'matches', 'label, name', 'v_')", {})) == "v2 v3 v1 -1"
    assert names(searched("search('villages', 'matches', 'label name', 'S%')", {})) == "v3 -1"


def test_search_filters_by_a_column_whose_name_may_be_written_otherwise() -> None:
    appearance = "minimal search('villages.csv', 'contains', 'label', ${typed}, 'Region', ${region})"
    assert names(searched(appearance, {"region": "north"})) == "v2 v1 -1"
    assert names(searched(appearance, {"region": "north", "typed": "kok"})) == "v2 -1"
    assert names(searched(appearance, {"region": "nowhere"})) == "-1"


def test_a_label_may_join_several_columns() -> None:
    found = dict(searched("search('villages')", {}, label="label, region"))
    assert found["v3"] == "Sarysu (region: south)"


def test_the_arguments_of_a_search_are_no_words_of_the_appearance() -> None:
    definition = with_files(
        "| type | name | label | appearance |\n| select_one l | q | Q | minimal search('f') |",
        {},
        choices="| list_name | name | label |\n| l | name | label |",
    )
    assert definition.root.items[0].appearance == {"minimal"}
    assert definition.external_lists == {"f.csv": "jr://file-csv/f.csv"}
    filled = interview(definition, {"q": "any"})
    assert filled.choices("q") == ()
    assert filled.errors() == []


# ---------------------------------------------------------------- looked up or tried, the same

CELLS = st.sampled_from(["", "1", "1.0", "01", " 1", "2", "a", "A", "true", "2024-01-01", "1e3"])
VALUES = st.sampled_from(
    ["''", "'1'", "1", "1.0", "2", "'a'", "true()", "date('2024-01-01')", "/data/x"]
)
CONDITIONS = st.sampled_from(
    ["c = {}", "{} = c", "c = {} and d != '1'", "d = '1' and c = {}", "c = {} or d = '1'", "c != {}"]
)


@given(st.lists(st.tuples(CELLS, CELLS).filter(any), max_size=12), VALUES, CONDITIONS, CELLS)
def test_rows_that_are_looked_up_are_those_that_trying_each_would_find(
    rows: list[tuple[str, str]], value: str, condition: str, typed: str
) -> None:
    written = io.StringIO()
    csv.writer(written).writerows([("name", "c", "d"), *((f"r{n}", *row) for n, row in enumerate(rows))])
    filter_ = condition.format(value)
    form = xform_of(
        workbook(
            "| type | name | label | choice_filter | calculation |\n| text | x | X | | |\n"
            f"| select_one_from_file f.csv | q | Q | {filter_} | |\n"
            f"| calculate | n | | | count(instance('f')/root/item[{filter_}]) |"
        )
    )
    definition = xform.parse(form, {"f.csv": written.getvalue().encode()})
    filled = interview(definition, {"x": typed})
    found = [choice.name for choice in filled.choices("q")]
    looked_up = filled.value("n")
    with patch.object(tables.RootNode, "matching", lambda *_: None):  # each row is tried
        again = interview(definition, {"x": typed})
        assert [choice.name for choice in again.choices("q")] == found
        assert again.value("n") == looked_up


def test_only_an_equality_that_is_the_same_for_each_row_is_looked_up() -> None:
    def column(condition: str) -> str:
        found = lookup_of(parse(condition), compile_expression)
        return " ".join(column for column, _ in found.keys) if found else ""

    assert column("a = /data/x") == "a"
    assert column("current()/../x = a and b > 1") == "a"
    assert column("a = 'x' and (b = 'y' and c != 'z')") == "a b"
    assert column("a = b") == ""
    assert column("a = position()") == ""
    assert column("a = random()") == ""
    assert column(". = 'x'") == ""
    assert column("a != 'x'") == ""
    assert column("a = 'x' or b = 'y'") == ""


def test_a_table_of_many_rows_makes_few_nodes_for_a_lookup() -> None:
    rows = "".join(f"v{n},Village {n},r{n % 100}\n" for n in range(5000))
    definition = with_files(
        """
        | type | name | label | choice_filter |
        | text | region | Region | |
        | select_one_from_file f.csv | q | Q | region = ${region} |
        """,
        {"f.csv": "name,label,region\n" + rows},
    )
    filled = interview(definition, {"region": "r7"})
    cells = tables.RowNode.children
    with patch.object(tables.RowNode, "children", autospec=True, side_effect=cells) as read:
        assert len(filled.choices("q")) == 50
    assert read.call_count == 50


def test_a_list_of_the_form_keeps_its_labels_in_all_languages() -> None:
    definition = with_files(
        """
        | type | name | label::Қазақша (kk) | label::English (en) |
        | select_one l | q | С | Q |
        """,
        {},
        choices="| list_name | name | label::Қазақша (kk) | label::English (en) |\n| l | a | Бір | One |",
    )
    assert [plain(each.label) for each in interview(definition).choices("q")] == [
        {"kk": "Бір", "en": "One"}
    ]
    assert isinstance(lists.holder_of(definition.instances["l"]).children("root")[0], tables.RootNode)
