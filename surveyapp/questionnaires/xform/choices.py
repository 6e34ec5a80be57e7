"""Choice lists of an XForm, and where each question's choices come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from surveyapp.questionnaires.definition import (
    Choice,
    ChoiceSource,
    Expression,
    Instance,
    RosterChoices,
    Search,
    Table,
    Text,
    Tree,
)
from surveyapp.questionnaires.expressions import print_expression
from surveyapp.questionnaires.xform.document import (
    CHOICE_CONTROLS,
    Document,
    child,
    children,
    local_name,
    named_children,
    own_text,
)
from surveyapp.questionnaires.xform.errors import XFormError
from surveyapp.questionnaires.xform.form import Form
from surveyapp.questionnaires.xform.instances import (
    CSV_ADDRESS,
    external_addresses,
    read_external,
    read_instances,
)

#: the file that the external_choices sheet becomes; its rows name their list
ITEMSETS = "itemsets.csv"
_ITEMSETS_LIST = "list_name"

_LIST = re.compile(r"""instance\(\s*['"]([^'"]+)['"]\s*\)""")
_ITEXT_COLUMN = re.compile(r"jr:itext\(\s*([\w.:-]+)\s*\)")
_SEARCH = re.compile(r"\bsearch\s*\(.*\)", re.DOTALL)
_SEARCH_WORD = re.compile("search")
#: how many arguments `search()` may have
_SEARCHES = frozenset({1, 4, 6})


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
    instances: dict[str, Instance]


def read_lists(form: Form, files: Mapping[str, bytes]) -> Lists:
    """The lists of the secondary instances, of `files` beside the form, and those within a control."""
    external = external_addresses(form.document) | dict(_files_asked(form))
    instances = read_instances(form.document)
    instances |= read_external(external, files, form.document.attributes_read)
    within = {name: each for name, each in instances.items() if name not in external}
    choices: dict[str, tuple[Choice, ...]] = dict.fromkeys(external, ())
    return Lists(choices | _views(form, within) | _inline(form), external, instances)


def _files_asked(form: Form) -> Iterator[tuple[str, str]]:
    """The files that controls ask for by a query or a search, and their addresses."""
    for path, control in form.document.controls.items():
        if control.get("query"):
            yield ITEMSETS, f"{CSV_ADDRESS}{ITEMSETS}"
        if search := _search(form, path, control):
            yield search.file, f"{CSV_ADDRESS}{search.file}"


def _views(form: Form, instances: Mapping[str, Instance]) -> dict[str, tuple[Choice, ...]]:
    """The lists that the form's own instances hold, once for each choice of columns."""
    first = _first_columns(form.document)
    views = {name: (name, first.get(name, _Columns())) for name in instances}
    for name, columns in _columns_used(form.document):
        if name in instances and columns != first[name]:
            views[_view(name, columns)] = name, columns
    return {view: _choices(instances[name], columns, form) for view, (name, columns) in views.items()}


def _inline(form: Form) -> dict[str, tuple[Choice, ...]]:
    """The lists written within a control, by its path."""
    return {
        path: tuple(_inline_choice(item, path, form) for item in children(control, "item"))
        for path, control in form.document.controls.items()
        if child(control, "item") is not None
    }


@lru_cache(maxsize=1)  # asked for by every select of one form
def _first_columns(document: Document) -> dict[str, _Columns]:
    columns: dict[str, _Columns] = {}
    for name, used in _columns_used(document):
        columns.setdefault(name, used)
    return columns


def _columns_used(document: Document) -> Iterator[tuple[str, _Columns]]:
    for nodeset, columns in _itemsets(document).values():
        if match := _LIST.search(nodeset):
            yield match[1], columns


@lru_cache(maxsize=1)  # as above
def _itemsets(document: Document) -> dict[str, tuple[str, _Columns]]:
    """The nodeset and the columns of each itemset, by the path of its question."""
    found = ((path, child(control, "itemset")) for path, control in document.controls.items())
    return {path: (each.get("nodeset", ""), _columns(each)) for path, each in found if each is not None}


def _view(name: str, columns: _Columns) -> str:
    return f"{name}?value={columns.name}&label={columns.label}"


def _columns(itemset: etree._Element) -> _Columns:
    parts = named_children(itemset)
    name, label = _reference(parts.get("value"), "name"), _reference(parts.get("label"), "label")
    itext = _ITEXT_COLUMN.fullmatch(label)
    return _Columns(name, text_id=itext.group(1)) if itext else _Columns(name, label)


def _reference(found: etree._Element | None, otherwise: str) -> str:
    return otherwise if found is None else found.get("ref", otherwise).strip()


def _choices(instance: Instance, columns: _Columns, form: Form) -> tuple[Choice, ...]:
    return tuple(_choice(row, columns, form) for row in _rows(instance))


def _rows(instance: Instance) -> Iterator[dict[str, str]]:
    """Each row as a mapping from column to text, without the cells that it has not got."""
    if isinstance(instance, Table):
        for row in instance.rows:
            cells = zip(instance.columns, row, strict=True)
            yield {column: cell for column, cell in cells if cell is not None and column[:1] != "@"}
    else:
        for element in instance.children:
            if element.name[:1] != "@":
                yield {cell.name: cell.text for cell in element.children if cell.name[:1] != "@"}


def _choice(values: dict[str, str], columns: _Columns, form: Form) -> Choice:
    name = values.pop(columns.name, "")
    return Choice(name, _take_label(values, columns, form), values)


def _take_label(values: dict[str, str], columns: _Columns, form: Form) -> Text:
    """The label, taken out of the further columns with the id of its translations."""
    text_id, plain = values.pop(columns.text_id, ""), values.pop(columns.label, "")
    express = form.output("")
    found = form.texts.by_id(text_id, express)
    return found if text_id and not plain else found or form.texts.of_cell(plain, express)


def _inline_choice(item: etree._Element, path: str, form: Form) -> Choice:
    label = form.texts.of(child(item, "label"), form.output(path))
    return Choice(own_text(child(item, "value")), label)


def offered_within(control: etree._Element | None) -> frozenset[str]:
    """The names of the choices written within a control, unless they stand for the rows of a file."""
    if control is None or _SEARCH.search(control.get("appearance", "")):
        return frozenset()
    return frozenset(own_text(child(item, "value")) for item in children(control, "item"))


# ---------------------------------------------------------------- one question's choices


def without_search(appearance: str) -> str:
    """An appearance without `search()`, whose arguments are no words of it."""
    return _SEARCH.sub("", appearance)


def source_of(form: Form, path: str, control: etree._Element) -> ChoiceSource | None:
    """Where a question's choices come from; None if it has no choices at all.

    Raises `XFormError` for a select without any, and for choices that are nowhere.
    """
    if query := control.get("query"):
        return _queried(form, path, query)
    itemset = _itemsets(form.document).get(path)
    search = _search(form, path, control)
    if itemset is not None:
        source = _of_itemset(form, path, *itemset)
    elif child(control, "item") is not None:
        source = ChoiceSource(path)
    elif local_name(control) in CHOICE_CONTROLS:
        raise XFormError("choices", path=path, source="")
    else:
        return None
    return replace(source, search=search) if search else source


def _of_itemset(form: Form, path: str, nodeset: str, columns: _Columns) -> ChoiceSource:
    nodes = form.express(path, "itemset", nodeset)
    if nodes is None:
        raise XFormError("choices", path=path, source="")
    try:
        source = _source(nodes.tree, columns, form)
    except ValueError:
        raise XFormError("choices", path=path, source=nodes.source) from None
    return source


def _queried(form: Form, path: str, query: str) -> ChoiceSource:
    """`select_one_external`: the choices of a list in the file of external choices."""
    nodeset = form.express(path, "query", query)
    match nodeset.tree if nodeset else None:
        case ["instance", str() as name, [_], [_, *predicates]]:
            own: Tree = ["=", ["relative", [_ITEMSETS_LIST]], ["string", name]]
            return ChoiceSource(ITEMSETS, _all_of([own, *predicates]))
    raise XFormError("choices", path=path, source=query)


def _search(form: Form, path: str, control: etree._Element) -> Search | None:
    """What ODK Collect's `search()` in an appearance says."""
    match = _SEARCH.search(control.get("appearance", ""))
    if match is None:
        return None
    match _arguments(form, path, match[0]):
        case [["string", str() as file], *arguments] if len(arguments) + 1 in _SEARCHES:
            return Search(_csv(file), tuple(map(_expression, arguments)))
    raise XFormError("search_arguments", path=path, source=match[0])


def _csv(file: str) -> str:
    """A file's name, which authors may write without its suffix."""
    return file if file.endswith(".csv") else f"{file}.csv"


def _arguments(form: Form, path: str, search: str) -> list[Tree]:
    """What stands between the parentheses of `search()`, which is no function of the language."""
    try:
        call = form.express(path, "appearance", _SEARCH_WORD.sub("concat", search, 1))
    except XFormError:
        return []
    return call.tree[2:] if call else []


def _source(tree: Tree, columns: _Columns, form: Form) -> ChoiceSource:
    """Raises `ValueError` for a nodeset that leads to no choices."""
    match tree:
        case ["call", "randomize", nodes, *seed]:
            plain = _source(nodes, columns, form)
            return replace(plain, randomize=True, seed=_expression(seed[0]) if seed else None)
        case ["instance", str() as name, [_], [_, *predicates]]:
            return _of_list(name, columns, predicates, form)
        case ["instance", str() as name, *_]:
            return replace(_of_list(name, columns, [], form), nodes=_expression(tree))
        case ["absolute", [root], *steps] if root == form.document.root_name and _is_plain(steps):
            path = "/".join(step[0] for step in steps)
            roster = RosterChoices(path, columns.name, columns.label)
            return _in_answers(path, columns, _all_of(steps[-1][1:]), roster)
        case ["absolute" | "relative" | "current", *steps]:
            named = _in_answers(steps[-1][0], columns, None, None)
            return replace(named, nodes=_expression(tree))
        case _:
            raise ValueError


def _is_plain(steps: list[Tree]) -> bool:
    """Whether only the last step has predicates."""
    return bool(steps) and all(len(step) == 1 for step in steps[:-1])


def _of_list(name: str, columns: _Columns, predicates: list[Tree], form: Form) -> ChoiceSource:
    first = _first_columns(form.document).get(name, columns)
    list_name = name if columns == first else _view(name, columns)
    return ChoiceSource(list_name, _all_of(predicates), value=columns.name, label=columns.label)


def _in_answers(
    path: str, columns: _Columns, condition: Expression | None, roster: RosterChoices | None
) -> ChoiceSource:
    return ChoiceSource(path, condition, roster, value=columns.name, label=columns.label)


def _all_of(predicates: list[Tree]) -> Expression | None:
    if len(predicates) < 2:
        return _expression(predicates[0]) if predicates else None
    return _expression(["and", *predicates])


def _expression(tree: Tree) -> Expression:
    return Expression(print_expression(tree), tree)
