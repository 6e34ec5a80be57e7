"""Lists of interviewers: read as spreadsheets write them; every mistake of every row told at once."""

from __future__ import annotations

import pytest

from surveyapp.channels.enrolling.interviewers import BadList, Interviewer, Known, read_list

KNOWN = Known(
    users=frozenset({"erlan"}),
    questionnaires=frozenset({"site_safety", "household_baseline"}),
    devices={"Kostanay 7": 7},
)
LIST = "name,user,language,questionnaires\nАйгерім,,kk,\nЕрлан,Erlan,ru,site_safety household_baseline\n"
READ = [
    Interviewer("Айгерім", None, "kk", ()),
    Interviewer("Ерлан", "erlan", "ru", ("site_safety", "household_baseline")),
]


@pytest.mark.parametrize(
    "content",
    [
        LIST.encode(),
        LIST.encode("utf-8-sig"),
        LIST.replace(",", ";").replace("\n", "\r\n").encode(),
        LIST.replace(",", "\t").encode("utf-16"),
        LIST.replace("name,user", " Name , USER").encode(),
        (LIST + "\n , ,,\n").encode(),
    ],
)
def test_a_list_is_read_as_a_spreadsheet_writes_it(content: bytes) -> None:
    assert read_list(content, KNOWN) == READ


def test_a_column_of_names_is_enough() -> None:
    assert read_list("name\nАйгерім\n".encode(), KNOWN) == [Interviewer("Айгерім", None, "kk", ())]


def mistakes(text: str) -> list[str]:
    with pytest.raises(BadList) as refused:
        read_list(text.encode(), KNOWN)
    return [str(mistake) for mistake in refused.value.mistakes]


def test_all_mistakes_of_all_rows_are_told_at_once() -> None:
    told = mistakes(
        "name,user,language,questionnaires\n"
        ",nobody,kz,nowhere\n"
        "Айгерім,,,\n"
        "Kostanay 7,,,\n"
        "Айгерім,,,site_safety elsewhere,\n"
    )
    assert told == [
        "row 2, name: “” cannot be a phone’s name: one to 100 letters, digits and signs",
        "row 2, user: there is no user “nobody”",
        "row 2, language: “kz” is none of kk, ru, en",
        "row 2, questionnaires: there is no questionnaire “nowhere”",
        "row 4, name: is phone 7 already; make another code for it",
        "row 5: has 5 cells, the header 4",
        "row 5, questionnaires: there is no questionnaire “elsewhere”",
        "row 5, name: this name is in row 3 already",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a column “name” is missing"),
        ("name\n", "there must be 1 to 1000 rows"),
        ("name\n" + "x\n" * 1001, "there must be 1 to 1000 rows"),
        ("имя,user\nx,\n", "a column “name” is missing"),
        ("name,phone\nx,1\n", "row 1, phone: no such column"),
        ("name,name\nx,y\n", "row 1, name: this column is there twice"),
        ('name\n"x\n', "this is no CSV file"),
    ],
)
def test_what_is_no_list_is_said_so(text: str, said: str) -> None:
    assert any(said in mistake for mistake in mistakes(text))


def test_a_file_in_another_encoding_is_refused_before_it_loses_letters() -> None:
    with pytest.raises(BadList, match="CSV UTF-8"):
        read_list("name\nЕрлан\n".encode("cp1251"), KNOWN)
