"""The logic of a questionnaire as its whole page loads it: without the words that stand in its HTML.

A document for each language: one for all three would weigh less than the three, but most people read
one, and a first visit is what counts. A phone that keeps a questionnaire for the field keeps all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from surveyapp.i18n import DEFAULT_LANGUAGE
from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    ChoiceSource,
    DataType,
    Question,
    Questionnaire,
)
from surveyapp.questionnaires.logic import Document, document

#: choices beyond which a list is searched (`static/page/sheet.js`), “Choose” among them
LONG = 30
#: texts of items that the page's HTML has, unless an expression fills something in
_IN_THE_PAGE = ("label", "hint", "guidance")
_KEPT_DOCUMENTS = 96
#: rows beyond which a list is neither in the HTML nor in the document: the modules look them up
MOST_IN_THE_PAGE = 300
#: the same for a list that depends on other answers, so that no first question needs it
MOST_OF_A_CASCADE = 60


@dataclass(frozen=True, slots=True)
class PageLogic:
    """What the page's modules run, as compact JSON.

    `document` is that of `questionnaires.logic`, trimmed, without the long lists; these are in `lists`,
    `{"instances": …, "lists": …}`, empty where there are none; they come after the first question. Until
    then the document has `{}` for each, as for a file that is missing: no answer is held against it.
    """

    document: bytes
    lists: bytes


@lru_cache(maxsize=_KEPT_DOCUMENTS)
def page_logic(questionnaire: Questionnaire, language: str) -> PageLogic:
    """The logic of a questionnaire for its page in a language."""
    found = document(questionnaire, [language])
    for item in found["items"]:
        _trim(item)
    _leave_out_labels(found, questionnaire)
    long = _long_lists(found, questionnaire)
    return PageLogic(_compact(found), _compact(long) if long["instances"] else b"")


def _compact(content: Document) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _long_lists(found: Document, questionnaire: Questionnaire) -> Document:
    """Take the long lists out of a document."""
    made = _made_by_the_page_alone(questionnaire)
    tables = {name: each for name, each in found["instances"].items() if each.get("cells")}
    most = {name: MOST_OF_A_CASCADE if name in made else MOST_IN_THE_PAGE for name in tables}
    names = [name for name, each in tables.items() if len(each["cells"][0]) > most[name]]
    found["instances"] |= {name: {} for name in names}
    labels = {name: found["lists"].pop(name) for name in names if name in found["lists"]}
    return {"instances": {name: tables[name] for name in names}, "lists": labels}


def _made_by_the_page_alone(questionnaire: Questionnaire) -> set[str]:
    """The lists none of whose choices stand in the HTML."""
    by_page: dict[bool, set[str]] = {True: set(), False: set()}
    for source in _sources(questionnaire):
        by_page[is_made_by_the_page(source)].add(source.instance or source.list_name)
    return by_page[True] - by_page[False]


#: question type → the part of the page's modules that its control needs
_PARTS: Mapping[DataType, str] = {
    DataType.GEOPOINT: "places",
    DataType.GEOTRACE: "places",
    DataType.GEOSHAPE: "places",
    DataType.BARCODE: "barcodes",
    DataType.RANK: "ranking",
} | dict.fromkeys(ATTACHMENT_TYPES, "files")


def parts_of(questionnaire: Questionnaire) -> list[str]:
    """The modules beside the page's that a questionnaire may need: of its logic, and of its controls."""
    found = {"ending"} | set(json.loads(page_logic(questionnaire, DEFAULT_LANGUAGE).document)["parts"])
    for item in questionnaire.walk():
        if isinstance(item, Question):
            found |= {_PARTS[item.type]} if item.type in _PARTS else set()
            found |= {"searching"} if _is_searched(item, questionnaire) else set()
            found |= {"drawing"} if _is_drawn(item) else set()
    return sorted(found)


def _is_searched(item: Question, questionnaire: Questionnaire) -> bool:
    """Whether its list may be so long that it is searched: one out of a file or out of answers may."""
    source = item.choices
    if item.type is not DataType.SELECT_ONE or source is None:
        return False
    choices = questionnaire.choice_lists.get(source.list_name, ())
    is_known = choices and not (source.nodes or source.roster or source.search)
    return not is_known or len(choices) >= LONG


def _is_drawn(item: Question) -> bool:
    return item.type is DataType.IMAGE and bool(item.appearance & {"signature", "draw", "annotate"})


def mark_of(content: bytes) -> str:
    """The first ten hex digits of its SHA-256."""
    return hashlib.sha256(content).hexdigest()[:10]


def _trim(item: Document) -> None:
    texts = item.get("texts", {})
    for name in _IN_THE_PAGE:
        if name in texts and _is_literal(texts[name]):
            del texts[name]


def _is_literal(text: Document) -> bool:
    return all(isinstance(wording, str) for wording in text.values())


def _leave_out_labels(found: Document, questionnaire: Questionnaire) -> None:
    """Labels are in the HTML too, unless the page makes the choices itself or expressions read them."""
    if "jr:choice-name" in json.dumps(found["items"]):
        return
    lists = questionnaire.choice_lists
    needed = {
        source.list_name
        for source in _sources(questionnaire)
        if is_made_by_the_page(source) or len(lists.get(source.list_name, ())) > MOST_IN_THE_PAGE
    }
    found["lists"] = {
        name: labels
        for name, labels in found["lists"].items()
        if name in needed or not all(map(_is_literal, labels))
    }


def _sources(questionnaire: Questionnaire) -> Iterator[ChoiceSource]:
    for item in questionnaire.walk():
        if isinstance(item, Question) and item.choices is not None:
            yield item.choices


def is_made_by_the_page(source: ChoiceSource) -> bool:
    """Whether the choices depend on answers, so that the modules show them, not the HTML."""
    made: tuple[Any, ...] = (source.filter, source.nodes, source.roster, source.search, source.randomize)
    return any(made)
