"""Choice lists of an XForm, and where each question's choices come from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from lxml import etree

from surveyapp.questionnaires.definition import (
    Choice,
    ChoiceSource,
    Expression,
    RosterChoices,
    Text,
    Tree,
)
from surveyapp.questionnaires.expressions import print_expression
from surveyapp.questionnaires.xform.document import (
    Document,
    child,
    children,
    elements,
    local_name,
    own_text,
)
from surveyapp.questionnaires.xform.errors import XFormError
from surveyapp.questionnaires.xform.form import Form

_LIST = re.compile(r"""instance\(\s*['"]([^'"]+)['"]\s*\)""")
_ITEXT_COLUMN = re.compile(r"jr:itext\(\s*([\w.:-]+)\s*\)")


class _Columns(NamedTuple):
    """Which elements of an item hold the choice's name and its label."""

    name: str = "name"
    label: str = "label"
    text_id: str = "itextId"


@dataclass(frozen=True, slots=True)
class Lists:
    """Every choice list of a form by name, whole; external ones are empty and have an address."""

    choices: dict[str, tuple[Choice, ...]]
    external: dict[str, str]


def read_lists(form: Form) -> Lists:
    """The lists of the secondary instances, and those written within a control."""
    lists = Lists({}, {})
    columns = dict(_columns_used(form.document))
    for name, instance in form.document.secondary_instances():
        if instance.get("src"):
            lists.external[name] = instance.get("src", "")
        lists.choices[name] = tuple(_choices(instance, columns.get(name, _Columns()), form))
    for path, control in form.document.controls.items():
        if inline := list(children(control, "item")):
            lists.choices[path] = tuple(_inline_choice(item, path, form) for item in inline)
    return lists


def _columns_used(document: Document) -> Iterator[tuple[str, _Columns]]:
    for control in document.controls.values():
        itemset = child(control, "itemset")
        match = None if itemset is None else _LIST.search(itemset.get("nodeset", ""))
        if itemset is not None and match:
            yield match[1], _columns(itemset)


def _columns(itemset: etree._Element) -> _Columns:
    name, label = _reference(itemset, "value", "name"), _reference(itemset, "label", "label")
    itext = _ITEXT_COLUMN.fullmatch(label)
    return _Columns(name, text_id=itext.group(1)) if itext else _Columns(name, label)


def _reference(itemset: etree._Element, element: str, otherwise: str) -> str:
    found = child(itemset, element)
    return otherwise if found is None else found.get("ref", otherwise).strip()


def _choices(instance: etree._Element, columns: _Columns, form: Form) -> Iterator[Choice]:
    root = next(elements(instance), None)
    for item in () if root is None else elements(root):
        values = {local_name(each): own_text(each) for each in elements(item)}
        name = values.pop(columns.name, "")
        yield Choice(name, _take_label(values, columns, form), values)


def _take_label(values: dict[str, str], columns: _Columns, form: Form) -> Text:
    """The label, taken out of the further columns with the id of its translations."""
    text_id, plain = values.pop(columns.text_id, ""), values.pop(columns.label, "")
    express = form.output("")
    return form.texts.by_id(text_id, express) or form.texts.of_message(plain, express)


def _inline_choice(item: etree._Element, path: str, form: Form) -> Choice:
    label = form.texts.of(child(item, "label"), form.output(path))
    return Choice(own_text(child(item, "value")), label)


def source_of(form: Form, path: str, control: etree._Element) -> ChoiceSource | None:
    """Where a question's choices come from; None if it has no choices at all."""
    itemset = child(control, "itemset")
    if itemset is None:
        return ChoiceSource(path) if child(control, "item") is not None else None
    nodeset = form.express(path, "itemset", itemset.get("nodeset"))
    if nodeset is None:
        raise XFormError("choices", path=path, source="")
    try:
        return _source(nodeset.tree, _columns(itemset), form.document.root_name)
    except ValueError:
        raise XFormError("choices", path=path, source=nodeset.source) from None


def _source(tree: Tree, columns: _Columns, root_name: str) -> ChoiceSource:
    """Raises `ValueError` for a nodeset of another shape than these."""
    match tree:
        case ["call", "randomize", nodes, *seed]:
            plain = _source(nodes, columns, root_name)
            return replace(plain, randomize=True, seed=_expression(seed[0]) if seed else None)
        case ["instance", str() as name, [_], [_, *predicates]]:
            return ChoiceSource(name, _all_of(predicates))
        case ["absolute", [root], *between, [name, *predicates]] if root == root_name:
            path = "/".join([*(step[0] for step in between), name])
            roster = RosterChoices(path, columns.name, columns.label)
            return ChoiceSource(path, _all_of(predicates), roster)
        case _:
            raise ValueError


def _all_of(predicates: list[Tree]) -> Expression | None:
    if len(predicates) < 2:
        return _expression(predicates[0]) if predicates else None
    return _expression(["and", *predicates])


def _expression(tree: Tree) -> Expression:
    return Expression(print_expression(tree), tree)
