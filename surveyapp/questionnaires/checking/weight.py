"""How heavy a questionnaire is for a cheap phone on a slow network, and what it may weigh.

The page's bytes are an estimate: the texts in the language that weighs most, in markup as our pages have
it, and the logic as JSON, compressed like a response; style and scripts are the same for all.
"""

from __future__ import annotations

import gzip
import html
import json
from collections.abc import Iterator
from dataclasses import dataclass

from surveyapp.questionnaires.checking.reading import stated
from surveyapp.questionnaires.definition import Item, Note, Question, Questionnaire, Text
from surveyapp.questionnaires.problems import Problem, of_the_file

_KIB = 1024
#: design: 40 KiB for up to 60 questions, 0.3 KiB for each further one
_BUDGET, _FREE_QUESTIONS, _EACH_FURTHER = 40 * _KIB, 60, 0.3 * _KIB
#: style (3 KiB) and scripts (at most 12 KiB for the logic), compressed
_SHELL = 16 * _KIB
#: lists with more rows are loaded when they are needed, so that the page does not hold them
LARGE_LIST = 300
#: rows of a list that is loaded when it is needed; a choice file of a country's settlements has 15,000
LARGEST_LIST = 15_000


@dataclass(frozen=True, slots=True)
class Weight:
    """What a questionnaire weighs: compressed bytes (and how many it may), questions, rows of lists."""

    page: int
    page_budget: int
    questions: int
    largest_list: int
    largest_list_name: str


def weigh(questionnaire: Questionnaire) -> Weight:
    """The weight of a questionnaire."""
    questions = sum(isinstance(item, Question) for item in questionnaire.walk())
    lists = questionnaire.choice_lists
    largest = max(lists, key=lambda name: len(lists[name]), default="")
    return Weight(
        page=_SHELL + max(_document(questionnaire, each) for each in questionnaire.languages),
        page_budget=int(_BUDGET + max(0, questions - _FREE_QUESTIONS) * _EACH_FURTHER),
        questions=questions,
        largest_list=len(lists.get(largest, ())),
        largest_list_name=largest,
    )


def weight_problems(weight: Weight) -> Iterator[Problem]:
    """What is too heavy."""
    if weight.page > weight.page_budget:
        kib = {"page": round(weight.page / _KIB, 1), "budget": round(weight.page_budget / _KIB, 1)}
        yield of_the_file("heavy_page", **kib)
    if weight.largest_list > LARGE_LIST:
        facts = {"list": weight.largest_list_name, "rows": weight.largest_list, "limit": LARGE_LIST}
        yield of_the_file("large_list", **facts)


def _document(questionnaire: Questionnaire, language: str) -> int:
    pieces = [_item(questionnaire, item, language) for item in questionnaire.walk()]
    logic = [[each.item.path, each.attribute, each.expression.tree] for each in stated(questionnaire)]
    pieces.append(json.dumps(logic, ensure_ascii=False, separators=(",", ":")))
    return len(gzip.compress("\n".join(pieces).encode(), compresslevel=6, mtime=0))


def _item(questionnaire: Questionnaire, item: Item, language: str) -> str:
    shown = [_said(text, language, questionnaire.default_language) for text in _texts(item)]
    if isinstance(item, Note):
        return f'<div class="note"><p>{"</p><p>".join(shown)}</p></div>'
    controls = "\n".join(_controls(questionnaire, item, language))
    ask = f'<legend>{shown[0]}</legend><p class="hint" id="{item.path}-hint">{"".join(shown[1:])}</p>'
    return f'<fieldset class="q" aria-describedby="{item.path}-hint">{ask}\n{controls}</fieldset>'


def _controls(questionnaire: Questionnaire, item: Item, language: str) -> Iterator[str]:
    if not isinstance(item, Question):
        return
    if item.choices is None:
        yield f'<input class="field" type="text" name="{item.path}" id="{item.path}">'
        return
    choices = questionnaire.choice_lists.get(item.choices.list_name, ())
    for choice in choices if len(choices) <= LARGE_LIST else ():
        label = _said(choice.label, language, questionnaire.default_language)
        name = html.escape(choice.name)
        given = f'<input type="radio" name="{item.path}" value="{name}">'
        yield f"<label>{given}<span>{label}</span></label>"


def _texts(item: Item) -> tuple[Text, ...]:
    return (item.label, item.hint, item.guidance)


def _said(text: Text, language: str, otherwise: str) -> str:
    wording = text.wordings.get(language) or text.wordings.get(otherwise) or ()
    return html.escape("".join(str(getattr(piece, "source", piece)) for piece in wording))
