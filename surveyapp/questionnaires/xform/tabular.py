"""The content of a secondary instance, as a table where its rows are alike."""

from __future__ import annotations

from collections.abc import Collection

from lxml import etree

from surveyapp.questionnaires.definition import Element, Instance, Table
from surveyapp.questionnaires.xform.document import elements, local_name, own_text

#: among the names of attributes that are read: all are
EVERY = "*"


def instance_of(root: etree._Element, attributes: Collection[str] = ()) -> Instance:
    """The content below an instance's root element, as a table if it is one.

    `attributes` are the names of those that are read; the others are left out.
    """
    rows = list(elements(root))
    names = {local_name(row) for row in rows}
    is_plain = not attributes_of(root, attributes)
    if is_plain and len(names) == 1 and all(_is_flat(row, attributes) for row in rows):
        return _table(local_name(root), names.pop(), rows, attributes)
    return element_of(root, attributes)


def attributes_of(element: etree._Element, names: Collection[str]) -> dict[str, str]:
    """The attributes of an element by their names without namespaces, as JavaRosa finds them."""
    if not names:
        return {}
    named = ((str(name).rpartition("}")[2], str(text)) for name, text in element.attrib.items())
    return {name: text for name, text in named if name in names or EVERY in names}


def _is_flat(row: etree._Element, attributes: Collection[str]) -> bool:
    cells = list(elements(row))
    names = {local_name(cell) for cell in cells}
    return len(cells) == len(names) > 0 and not any(
        len(cell) or attributes_of(cell, attributes) for cell in cells
    )


def _table(root: str, row: str, rows: list[etree._Element], attributes: Collection[str]) -> Table:
    cells = [
        {local_name(cell): own_text(cell) for cell in elements(each)}
        | {f"@{name}": text for name, text in attributes_of(each, attributes).items()}
        for each in rows
    ]
    columns = tuple(dict.fromkeys(name for each in cells for name in each))
    return Table(columns, tuple(tuple(map(each.get, columns)) for each in cells), root, row)


def element_of(element: etree._Element, attributes: Collection[str] = ()) -> Element:
    """An element with all that it holds."""
    own = [Element(f"@{name}", text) for name, text in attributes_of(element, attributes).items()]
    children = [element_of(each, attributes) for each in elements(element)]
    return Element(local_name(element), "" if children else own_text(element), (*own, *children))
