"""Numbers and days that a workbook declares to be no answer: in every format, codebook and count."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyreadstat
import pytest
from flask import Flask
from flask_babel import force_locale
from lxml import etree
from openpyxl import load_workbook

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.choosing import read_request
from surveyapp.exports.ddi import NAMESPACE
from surveyapp.exports.service import export
from surveyapp.manage.record_lines import Eyes, lines
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.wiring import settings_of
from tests.exports.visits import unzipped
from tests.factories import store_submission

ID = "coded"
FORM = """
| survey |
| | type | name | label::English (en) | bind::survey:missing |
| | integer | size | How many? | -99=refused -98=dont_know |
| | decimal | weight | Weight | -9.5=refused |
| | date | born | Born | 1900-01-15=dont_know |
| | integer | plain | A number | |
| | begin_repeat | child | Child | |
| | integer | c_age | Age | -99=dont_know |
| | end_repeat | | | |
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | coded | 1 | Coded | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""
CODES = {"size": -99, "weight": -9.5, "born": "1900-01-15", "plain": -99, "child": [{"c_age": -99}]}
DONT_KNOW = {"size": -98, "weight": 3.5, "born": "2020-05-17", "plain": -98, "child": [{"c_age": 4}]}
EMPTY: dict[str, Any] = {"size": None, "weight": None, "born": None, "plain": None, "child": []}


@pytest.fixture
def coded(app: Flask) -> None:
    """Three submissions, and an old version that declared nothing."""
    old = FORM.replace("-99=refused -98=dont_know", "").replace("coded | 1 |", "coded | 0 |")
    for form in (old, FORM):
        catalogue.publish(compile_workbook(form.encode(), f"{ID}.md"), demonstration=False)
    for answers in (CODES, DONT_KNOW, EMPTY):
        store_submission(ID, answers, version="1")
    store_submission(ID, {"size": -99, "child": []}, version="0")


def taken(**asked: str) -> bytes:
    return b"".join(export(read_request(ID, asked, settings_of().timezone)))


def columns(content: bytes, *names: str) -> list[list[str]]:
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    return [[row[name] for name in names] for row in rows]


ASKED = ("size", "weight", "born", "plain")


@pytest.mark.usefixtures("coded")
def test_csv_keeps_them_apart_where_missing_answers_are_marked() -> None:
    assert columns(taken(missing="marked"), *ASKED) == [
        [".r", ".r", ".d", "-99"],
        [".d", "3.5", "2020-05-01", "-98"],
        [".e", ".e", ".e", ".e"],
        # who declares a code tells what it meant before, too
        [".r", ".n", ".n", ".n"],
    ]
    children = unzipped(taken(missing="marked", package="yes"))["child.csv"]
    assert columns(children, "c_age") == [[".d"], ["4"]]
    flat = taken(missing="marked", rosters="flat")
    assert columns(flat, "child[1]/c_age") == [[".d"], ["4"], [".n"], [".n"]]


@pytest.mark.usefixtures("coded")
def test_csv_has_them_as_answered_where_nothing_is_marked() -> None:
    # the day stays itself, although other days become the first of their month
    assert columns(taken(), *ASKED)[:2] == [
        ["-99", "-9.5", "1900-01-15", "-99"],
        ["-98", "3.5", "2020-05-01", "-98"],
    ]


@pytest.mark.usefixtures("coded")
def test_a_workbook_of_excel_keeps_them_apart() -> None:
    sheet = load_workbook(io.BytesIO(taken(format="xlsx", missing="marked")), read_only=True).worksheets[
        0
    ]
    head, *rows = sheet.iter_rows(values_only=True)
    found = [[row[head.index(name)] for name in ASKED] for row in rows]
    assert found[0] == [".r", ".r", ".d", -99]
    assert found[1][:2] == [".d", 3.5]


@pytest.mark.usefixtures("coded")
@pytest.mark.parametrize("missing", ["blank", "marked"])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "answer refused"), ("kk", "жауаптан бас тартты")]
)
def test_spss_has_them_declared_missing_with_labels(
    tmp_path: Path, missing: str, language: str, words: str
) -> None:
    file = tmp_path / "x.sav"
    file.write_bytes(taken(format="sav", missing=missing, language=language))
    frame, told = pyreadstat.read_sav(file, user_missing=True, disable_datetime_conversion=True)
    assert frame["size"].tolist()[:2] == [-99, -98]
    assert frame["plain"].tolist()[:2] == [-99, -98]
    assert told.missing_ranges["size"] == [{"lo": -99, "hi": -99}, {"lo": -98, "hi": -98}]
    assert told.missing_ranges["born"] == [{"lo": frame["born"][0], "hi": frame["born"][0]}]
    assert "plain" not in told.missing_ranges
    assert told.variable_value_labels["size"][-99.0] == words
    assert told.variable_value_labels["weight"] == {-9.5: words}
    assert told.variable_measure["size"] == "scale"
    read, _told = pyreadstat.read_sav(file)
    assert read["size"].isna().all()
    assert read["weight"].tolist()[1] == 3.5
    assert str(read["born"][1]) == "2020-05-01"


@pytest.mark.usefixtures("coded")
@pytest.mark.parametrize("missing", ["blank", "marked"])
def test_stata_has_its_own_missing_values_for_them(tmp_path: Path, missing: str) -> None:
    file = tmp_path / "x.dta"
    file.write_bytes(taken(format="dta", missing=missing, language="ru"))
    frame, told = pyreadstat.read_dta(file, user_missing=True)
    assert frame["size"].tolist()[:2] == ["r", "d"]
    assert frame["weight"].tolist()[:2] == ["r", 3.5]
    assert frame["born"].tolist()[0] == "d"
    assert frame["plain"].tolist()[:2] == [-99, -98]
    labels: dict[Any, str] = dict(told.variable_value_labels["size"])
    assert labels == {"r": "отказ от ответа", "d": "не знает"}
    read, _told = pyreadstat.read_dta(file)
    assert read["size"].isna().all()


@pytest.mark.usefixtures("coded")
@pytest.mark.parametrize("format_", ["sav", "dta"])
def test_the_list_of_variables_tells_what_each_code_became(format_: str) -> None:
    content = unzipped(taken(format=format_, package="yes"))["variables.csv"].decode("utf-8-sig")
    told = {
        (row["column"], row["code"]): row["value"]
        for row in csv.DictReader(io.StringIO(content))
        if row["code"]
    }
    assert told[("size", "-99")] in {"-99", "-99.0", ".r"}
    assert told[("size", "-98")] in {"-98", "-98.0", ".d"}
    assert ("born", "1900-01-15") in told


@pytest.mark.usefixtures("coded")
def test_parquet_keeps_the_numbers_and_says_what_they_mean() -> None:
    table = pq.read_table(io.BytesIO(taken(format="parquet")))
    assert table.column("size").to_pylist()[:2] == [-99, -98]
    told = json.loads(table.schema.field("size").metadata[b"missing"])
    assert told["-98"] == {"kk": "білмейді", "ru": "не знает", "en": "don't know"}
    assert b"missing" not in table.schema.field("plain").metadata


@pytest.mark.usefixtures("coded")
def test_the_codebooks_name_them() -> None:
    files = unzipped(taken(package="yes"))
    rows = list(csv.DictReader(io.StringIO(files["codebook.csv"].decode("utf-8-sig"))))
    told = {(r["column"], r["choice"]): r["label_ru"] for r in rows if r["choice"]}
    assert told[("size", "-99")] == "отказ от ответа"
    assert told[("born", "1900-01-15")] == "не знает"
    page = files["codebook.html"].decode()
    assert "<dt>-99</dt>" in page and "жауаптан бас тартты" in page
    ddi: Any = etree.fromstring(files["codebook.xml"])
    told_of = {each.get("name"): each for each in ddi.iter(f"{{{NAMESPACE}}}var")}
    size = told_of["size"]
    assert [each.get("VALUE") for each in size.iter(f"{{{NAMESPACE}}}item")] == ["-99", "-98"]
    missing = [each for each in size.iter(f"{{{NAMESPACE}}}catgry") if each.get("missing") == "Y"]
    assert [each[0].text for each in missing] == ["-99", "-98"]
    order = [each.tag.rpartition("}")[2] for each in size]
    assert order.index("qstn") < order.index("invalrng") < order.index("catgry") < order.index("verStmt")
    assert not list(told_of["plain"].iter(f"{{{NAMESPACE}}}invalrng"))


@pytest.mark.usefixtures("coded")
def test_what_is_handed_on_as_it_was_answered_keeps_the_codes() -> None:
    first = json.loads(taken(format="jsonl").splitlines()[0])
    assert first["answers"]["size"] == -99
    assert first["answers"]["born"] == "1900-01-15"


@pytest.mark.usefixtures("coded")
def test_counts_leave_them_out_of_the_numbers() -> None:
    for number in range(30):
        store_submission(ID, {"size": number % 6 + 1, "plain": 1, "child": []}, version="1")
    for _number in range(7):
        store_submission(ID, {"size": -99, "plain": -99, "child": []}, version="1")
    rows = columns(taken(profile="aggregate"), "item", "answer", "count")
    size: dict[str, Any] = {answer: count for item, answer, count in rows if item == "size"}
    assert sum(int(count) for answer, count in size.items() if ".." in answer) == 30
    assert min(float(answer.split("..")[0]) for answer in size if ".." in answer) >= 1
    assert set(size) >= {"refused", "don't know"}
    plain = [answer for item, answer, _count in rows if item == "plain" and ".." in answer]
    assert any(answer.lstrip("'").startswith("-1") for answer in plain)


@pytest.mark.usefixtures("coded")
def test_the_page_of_a_record_says_it_in_words() -> None:
    edition = catalogue.current(ID)
    assert edition
    with force_locale("en"):
        told = {line.path: line for line in lines(edition.definition, CODES, Eyes("en"))}
    assert (told["size"].words, told["size"].code) == ("answer refused", "-99")
    assert told["born"].words == "don't know"
    assert told["plain"].words != "answer refused"


def publish(version: str, *rows: str) -> None:
    """A version of which each row is `type | name | codes`."""
    head, _, settings = FORM.partition("| settings |")
    head = "\n".join(head.splitlines()[:3])
    asked = (f"| | {type_} | {name} | A | {codes} |" for type_, name, codes in map(_parts, rows))
    form = "\n".join([head, *asked, f"| settings |{settings}"]).replace(
        "coded | 1 |", f"coded | {version} |"
    )
    catalogue.publish(compile_workbook(form.encode(), f"{ID}.md"), demonstration=False)


def _parts(row: str) -> list[str]:
    return [part.strip() for part in row.split("|")]


def spss(tmp_path: Path, **asked: str) -> tuple[Any, Any]:
    file = tmp_path / "x.sav"
    file.write_bytes(taken(format="sav", **asked))
    return pyreadstat.read_sav(file, user_missing=True)


@pytest.mark.parametrize("missing", ["blank", "marked"])
def test_spss_keeps_each_of_two_codes_of_one_reason(app: Flask, tmp_path: Path, missing: str) -> None:
    publish(
        "1",
        "integer | size | -99=refused -98=dont_know -97=refused",
        "date | born | 1900-01-01=dont_know 9999-12-31=dont_know",
    )
    for size, born in ((-99, "1900-01-01"), (-98, "9999-12-31"), (-97, "2020-05-17")):
        store_submission(ID, {"size": size, "born": born}, version="1")
    frame, told = spss(tmp_path, missing=missing)
    assert frame["size"].tolist() == [-99, -98, -97]
    assert [str(day) for day in frame["born"]] == ["1900-01-01", "9999-12-31", "2020-05-01"]
    assert len(told.missing_ranges["size"]) == 3


@pytest.mark.parametrize("missing", ["blank", "marked"])
def test_spss_takes_no_code_of_several_versions_for_a_number(
    app: Flask, tmp_path: Path, missing: str
) -> None:
    """SPSS can declare three; five would leave two refusals among the numbers."""
    publish("1", "integer | size | -99=refused -98=refused -97=refused")
    publish("2", "integer | size | -99=dont_know -96=dont_know -95=refused")
    for size in (-99, -98, -97, -96, -95, 3):
        store_submission(ID, {"size": size}, version="1")
    frame, told = spss(tmp_path, missing=missing)
    assert frame["size"].tolist() == [-99, -95, -95, -96, -95, 3]
    assert {each["lo"] for each in told.missing_ranges["size"]} == {-99, -96, -95}
    labels = told.variable_value_labels["size"]
    assert labels[-99] == labels[-96] != labels[-95]
    files = unzipped(taken(format="sav", package="yes"))
    rows = csv.DictReader(io.StringIO(files["variables.csv"].decode("utf-8-sig")))
    assert {r["code"]: float(r["value"]) for r in rows if r["code"]} == {
        **{"-99": -99, "-96": -96, "-95": -95},
        **{"-98": -95, "-97": -95},
    }
