"""What our pages do in a plainer way is told as a notice, and hinders nothing."""

from __future__ import annotations

from pathlib import Path

from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.problems import Severity

PLAINER = """
| survey |
| | type | name | label | appearance |
| | audit | audit | | |
| | deviceid | device | | |
| | start | begun | | |
| | geotrace | path | Path | |
| | geoshape | yard | Yard | |
| | select_one yn | part | Part | image-map minimal |
| | text | scan | Scan | ex:org.example.scan(kind='q') |
| | text | tag | Tag | printer:org.example.print(1) |
| | text | plain | Plain | multiline |
| choices |
| | list_name | name | label |
| | yn | y | Yes |
| settings |
| | form_id | version |
| | plainer | 1 |
"""


def test_each_plainer_way_is_told_where_it_stands() -> None:
    report = check(PLAINER.encode(), "plainer.md")
    told = [
        (each.row, each.code, *each.facts.values())
        for each in report.problems
        if each.severity is Severity.NOTICE
    ]
    assert report.errors == ()
    assert told == [
        (2, "not_recorded", "audit"),
        (3, "of_the_device", "deviceid"),
        (5, "points_by_hand"),
        (6, "points_by_hand"),
        (7, "shown_plainly", "image-map"),
        (8, "shown_plainly", "ex:org.example.scan(kind='q')"),
        (9, "shown_plainly", "printer:org.example.print(1)"),
    ]


def test_a_form_that_reads_the_last_saved_one_says_so() -> None:
    workbook = PLAINER.replace("| audit | audit | |", "| text | last | Last |").replace(
        "| appearance |\n", "| appearance | default |\n"
    )
    workbook = workbook.replace("| Last | |", "| Last | | ${last-saved#plain} |")
    codes = [each.code for each in check(workbook.encode(), "plainer.md").problems]
    assert "last_saved" in codes


def test_files_that_are_missing_or_broken_are_named(tmp_path: Path) -> None:
    workbook = """
| survey |
| | type | name | label | media::image |
| | select_one_from_file here.csv | a | A | gone.png |
| | select_one_from_file broken.csv | b | B | |
| | select_one_from_file gone.xml | c | C | |
"""
    (tmp_path / "here.csv").write_text("name,label,,\na,A\n")
    (tmp_path / "broken.csv").write_bytes(b"name\n\xff\n")
    report = check(workbook.encode(), "f.md", media=tmp_path)
    found = [(each.code, each.facts["file"]) for each in report.problems if "file" in each.facts]
    assert found == [
        ("missing_file", "gone.png"),
        ("missing_file", "gone.xml"),
        ("media_encoding", "broken.csv"),
        ("media_column_twice", "here.csv"),
    ]
