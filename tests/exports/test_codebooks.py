"""The codebooks of a package: one page that needs nothing else, and DDI-Codebook 2.5."""

from __future__ import annotations

import re
from typing import cast

import pytest
from lxml import etree

from surveyapp.exports.ddi import NAMESPACE
from tests.exports import visits
from tests.exports.visits import exported, unzipped

#: what the schema allows within `var`, in its order (codebook.xsd of 2012-01-17, `varType`)
ORDER = [
    "location",
    "labl",
    "imputation",
    "security",
    "embargo",
    "respUnit",
    "anlysUnit",
    "qstn",
    "valrng",
    "invalrng",
    "undocCod",
    "universe",
    "TotlResp",
    "sumStat",
    "txt",
    "stdCatgry",
    "catgryGrp",
    "catgry",
    "codInstr",
    "verStmt",
    "concept",
    "derivation",
    "varFormat",
    "geoMap",
    "catLevel",
    "notes",
]
NAMES = {"d": NAMESPACE}
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@pytest.fixture
def files(stored: None) -> dict[str, bytes]:
    """A package of two versions."""
    visits.publish("2")
    return unzipped(exported(package=True))


@pytest.fixture
def ddi(files: dict[str, bytes]) -> etree._Element:
    """Its DDI codebook."""
    return etree.fromstring(files["codebook.xml"])


def nodes(ddi: etree._Element, path: str) -> list[etree._Element]:
    return cast(list[etree._Element], ddi.xpath(path, namespaces=NAMES))


def variable(ddi: etree._Element, name: str) -> etree._Element:
    (found,) = [each for each in nodes(ddi, "//d:var") if each.get("name") == name]
    return found


def test_the_ddi_codebook_has_no_prefixes_whatever_else_the_process_did(
    files: dict[str, bytes],
) -> None:
    """Simple readers look for `<codeBook` and `<var`; publishing took the empty prefix away."""
    assert b'<codeBook xmlns="ddi:codebook:2_5" ' in files["codebook.xml"]
    assert b"<var " in files["codebook.xml"]
    assert b"ns0:" not in files["codebook.xml"]


def test_every_column_is_a_variable_with_its_parts_in_the_order_of_the_schema(
    files: dict[str, bytes], ddi: etree._Element
) -> None:
    columns = [
        name
        for table in ("submissions", "child", "toy")
        for name in files[f"{table}.csv"].decode().split("\r\n", 1)[0].split(",")
    ]
    variables = nodes(ddi, "//d:var")
    assert [each.get("name") for each in variables] == columns
    for each in variables:
        places = [ORDER.index(etree.QName(part).localname) for part in each]
        assert places == sorted(places)
    ids = [each.get("ID") for each in ddi.iter() if each.get("ID")]
    assert len(set(ids)) == len(ids)
    assert {each.get("files") for each in variables} == {"F1", "F2", "F3"} <= set(ids)


def test_labels_questions_and_categories_come_in_every_language(ddi: etree._Element) -> None:
    agreed = variable(ddi, "agreed")
    labels = {each.get(LANG): each.text for each in agreed.findall("d:labl", NAMES)}
    assert labels == {"kk": "Келісесіз бе?", "ru": "Вы согласны?", "en": "Do you agree?"}
    first = agreed.findall("d:catgry", NAMES)[0]
    assert first.findtext("d:catValu", namespaces=NAMES) == "yes"
    assert [each.text for each in first.findall("d:labl", NAMES)] == ["Иә", "Да", "Yes"]


def test_logic_stands_with_the_versions_that_have_it(ddi: etree._Element) -> None:
    commands = [each.text for each in variable(ddi, "double").findall("d:derivation/d:drvcmd", NAMES)]
    assert len(commands) == 2
    assert all(re.search(r"\([12]\)$", str(each)) for each in commands)
    study = nodes(ddi, "//d:stdyDscr//d:verStmt/d:version")
    assert [each.text for each in study] == ["1", "2"]


def test_the_page_needs_nothing_else_and_speaks_three_languages(files: dict[str, bytes]) -> None:
    page = files["codebook.html"].decode()
    assert not re.search(r'(src|href)="(?!#)|@import|url\(|<script', page)
    for word in (
        "Келісесіз бе?",
        "Вы согласны?",
        "Do you agree?",
        'lang="kk"',
        'lang="ru"',
        'lang="en"',
    ):
        assert word in page
    assert "string-length" in page
    assert page.count("<section") == page.count("</section>") == 3
