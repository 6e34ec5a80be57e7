"""codebook.xml of a package: the same in DDI-Codebook 2.5, which archives and catalogues read.

The order of elements within each is that of the schema (http://www.ddialliance.org/Specification/DDI-Codebook/2.5):
it is a sequence, and readers refuse another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as etree  # noqa: N813  # nothing is parsed; lxml takes 4 MB

from flask_babel import force_locale

from surveyapp.exports.logic_told import Logic, Told, logic_of
from surveyapp.exports.manifest import Origin
from surveyapp.exports.merging import MergedItem
from surveyapp.exports.missing import marks_of, worded_reasons
from surveyapp.exports.plan import Plan
from surveyapp.exports.tables import Column
from surveyapp.exports.wording import worded
from surveyapp.i18n import LANGUAGES
from surveyapp.questionnaires.definition import DataType, Text

FILE = "codebook.xml"
NAMESPACE = "ddi:codebook:2_5"
_SCHEMA = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: what XML 1.0 cannot hold
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: xs:language
_LANGUAGE = re.compile("[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")
_NUMBERS = frozenset({DataType.INTEGER, DataType.DECIMAL})
_CODED = frozenset({DataType.SELECT_ONE, DataType.SELECT_MULTIPLE, DataType.RANK})


def ddi(plan: Plan, origin: Origin, files: Sequence[str], submissions: int) -> bytes:
    """The document; `files` are the names of those that hold the tables, as far as there are any."""
    root = etree.Element("codeBook")
    # as attributes: prefixes are registered for the whole process, and pyxform takes the empty one
    root.set("xmlns", NAMESPACE)
    root.set("xmlns:xsi", _XSI)
    root.set("version", "2.5")
    root.set("xsi:schemaLocation", f"{NAMESPACE} {_SCHEMA}")
    study = _below(root, "stdyDscr")
    _citation(_below(study, "citation"), origin)
    _files(root, plan, files, submissions)
    _variables(_below(root, "dataDscr"), plan)
    etree.indent(root)
    content: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return content


def _citation(citation: etree.Element, origin: Origin) -> None:
    newest = origin.newest
    titles = {each: told for each in newest.title.wordings if (told := worded(newest.title, each))}
    own = newest.default_language if newest.default_language in titles else next(iter(titles), "")
    statement = _below(citation, "titlStmt")
    _below(statement, "titl", titles.get(own) or newest.id, own)
    for language, title in titles.items():
        if language != own:
            _below(statement, "parTitl", title, language)
    _below(statement, "IDNo", newest.id)
    production = _below(citation, "prodStmt")
    _below(production, "prodDate", f"{origin.made_at:%Y-%m-%d}").set(
        "date", f"{origin.made_at:%Y-%m-%d}"
    )
    version = _below(citation, "verStmt")
    for each in origin.versions:
        _below(version, "version", each["version"]).set("date", each["published_at"][:10])


def _files(root: etree.Element, plan: Plan, files: Sequence[str], submissions: int) -> None:
    for number, table in enumerate(plan.tables, 1):
        description = _below(root, "fileDscr")
        description.set("ID", f"F{number}")
        text = _below(description, "fileTxt")
        name = next((each for each in files if each.rpartition(".")[0] == table.name), table.name)
        _below(text, "fileName", name)
        size = _below(text, "dimensns")
        if number == 1:
            _below(size, "caseQnty", str(submissions))
        _below(size, "varQnty", str(len(table.columns)))


def _variables(data: etree.Element, plan: Plan) -> None:
    number = 0
    for place, table in enumerate(plan.tables, 1):
        for column in table.columns:
            number += 1
            variable = _below(data, "var")
            variable.set("ID", f"V{number}")
            variable.set("name", _spoken(column.name))
            variable.set("files", f"F{place}")
            variable.set("intrvl", "contin" if column.type in _NUMBERS else "discrete")
            _variable(variable, column)


def _variable(variable: etree.Element, column: Column) -> None:
    """Its parts in the schema's order: labl, qstn, invalrng, universe, catgry, codInstr, verStmt …"""
    for language, label in _labels(column):
        _below(variable, "labl", label, language)
    if column.item is not None:
        _of_item(variable, column, column.item)
    kind = "numeric" if column.type in _NUMBERS else "character"
    shape = _below(variable, "varFormat")
    shape.set("type", kind)
    shape.set("formatname", column.type.value)


def _of_item(variable: etree.Element, column: Column, item: MergedItem) -> None:
    told = logic_of(item)
    wordings = _wordings(item.label)
    if wordings:
        question = _below(variable, "qstn")
        for language, text in wordings.items():
            _below(question, "qstnLit", text, language)
    _invalid(variable, item)
    for each in _only(told, Logic.RELEVANT):
        _below(variable, "universe", _with_versions(each, item))
    _categories(variable, column, item)
    rules = [*_only(told, Logic.REQUIRED), *_only(told, Logic.CONSTRAINT)]
    if rules:
        _below(variable, "codInstr", "; ".join(f"{r.logic}: {_with_versions(r, item)}" for r in rules))
    version = _below(variable, "verStmt")
    for name in sorted(item.versions):
        _below(version, "version", name)
    calculations = _only(told, Logic.CALCULATION)
    if calculations:
        derivation = _below(variable, "derivation")
        for each in calculations:
            _below(derivation, "drvcmd", _with_versions(each, item)).set("syntax", "XPath")


def _invalid(variable: etree.Element, item: MergedItem) -> None:
    """Numbers and days that are no answer."""
    if item.missing:
        invalid = _below(variable, "invalrng")
        for code, _reason in item.missing:
            _below(invalid, "item").set("VALUE", code)


def _categories(variable: etree.Element, column: Column, item: MergedItem) -> None:
    if column.choice is None and column.type in _CODED:
        none = marks_of(item.choices)
        for choice in item.choices:
            _category(variable, choice.name, _wordings(choice.label), missing=choice.name in none)
    for code, reason in item.missing:
        _category(variable, code, worded_reasons(reason), missing=True)


def _category(variable: etree.Element, code: str, labels: Mapping[str, str], *, missing: bool) -> None:
    category = _below(variable, "catgry")
    if missing:
        category.set("missing", "Y")
    _below(category, "catValu", code)
    for language, label in labels.items():
        _below(category, "labl", label, language)


def _labels(column: Column) -> Iterator[tuple[str, str]]:
    if column.item is None:
        for language in LANGUAGES:
            with force_locale(language):
                yield language, str(column.meaning or "")
        return
    labels = _wordings(column.item.label)
    parts = _wordings(column.choice.label) if column.choice else {}
    for language, label in labels.items():
        yield language, f"{label}: {parts[language]}" if language in parts else label


def _wordings(text: Text) -> dict[str, str]:
    return {each: told for each in text.wordings if (told := worded(text, each))}


def _only(told: Sequence[Told], logic: Logic) -> list[Told]:
    return [each for each in told if each.logic is logic]


def _with_versions(told: Told, item: MergedItem) -> str:
    """The expression, and which versions have it where not all of them do."""
    if set(told.versions) == set(item.versions):
        return told.source
    return f"{told.source} ({', '.join(told.versions)})"


def _below(parent: etree.Element, name: str, text: str = "", language: str = "") -> etree.Element:
    element = etree.SubElement(parent, name)
    if text:
        element.text = _spoken(text)
    if language and _LANGUAGE.fullmatch(language):
        element.set(_LANG, language)
    return element


def _spoken(text: str) -> str:
    return _UNSPEAKABLE.sub("\ufffd", text)
