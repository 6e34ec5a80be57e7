"""What is wrong with an XForm, as a problem at a node's path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from surveyapp.questionnaires.paths import join
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.xform import XFormError
from surveyapp.questionnaires.xform.document import Document, child, children, elements, local_name

#: code of an `XFormError` → code of a problem; the others are the same
_CODES: Mapping[str, str] = {
    "too_large": "xform_too_large",
    "too_deep": "xform_too_deep",
    "duplicate": "duplicate_path",
    "extension": "extension_attribute",
    "choices": "choices_not_found",
    "language": "language_code_twice",
}


def problem_of_xform(error: XFormError) -> Problem:
    """An `XFormError` as a problem."""
    facts = dict(error.params)
    path, attribute = facts.pop("path", None), facts.pop("attribute", None)
    code = _CODES.get(error.code, error.code)
    if code == "extension_attribute" and attribute == "survey:missing":
        code = "missing_codes"
    if code == "expression":
        facts = {"position": 0, "details": {}, **facts}
    return Problem(None, None, attribute, code, facts, path=path)


_TEXT = re.compile(r"\s*jr:itext\(\s*'([^']*)'\s*\)\s*")


def form_problems(xform: bytes) -> Iterator[Problem]:
    """What makes ODK Collect refuse an XForm although it can be read here."""
    document = Document(xform)
    yield from _missing_texts(document)
    yield from _lost_values(document)


def _lost_values(document: Document) -> Iterator[Problem]:
    """Values that a `setvalue` sets where the instance has no place for them."""
    there = set(_paths(document.data, ""))
    for action in document.actions:
        if action.target and action.target not in there:
            yield Problem(None, None, "setvalue", "setvalue_target", path=action.target)


def _paths(element: etree._Element, path: str) -> Iterator[str]:
    for each in elements(element):
        own = join(path, local_name(each))
        yield own
        yield from _paths(each, own)


def _missing_texts(document: Document) -> Iterator[Problem]:
    """Labels and hints that the form's default language has no text for."""
    itext = child(document.model, "itext")
    translations = [] if itext is None else list(children(itext, "translation"))
    if not translations:
        return
    marked = (each for each in translations if each.get("default") is not None)
    default = next(marked, translations[0])
    known = {each.get("id") for each in children(default, "text")}
    for element in document.body.iter(etree.Element):
        match = _TEXT.fullmatch(element.get("ref", ""))
        if match and match[1] not in known:
            facts = {"text": match[1], "language": default.get("lang", "")}
            owner = element.getparent()
            path = "" if owner is None else owner.get("ref") or owner.get("nodeset") or ""
            yield Problem(
                None, None, local_name(element), "missing_text", facts, path=document.path_of(path)
            )
