"""The content of a secondary instance, as a table where its rows are alike."""

from __future__ import annotations

from lxml import etree

from surveyapp.questionnaires.definition import Element, Instance, Table
from surveyapp.questionnaires.xform.document import elements, local_name, own_text


def instance_of(root: etree._Element) -> Instance:
    """The content below an instance's root element, as a table if it is one."""
    rows = list(elements(root))
    names = {local_name(row) for row in rows}
    if len(names) == 1 and all(map(_is_flat, rows)):
        return _table(local_name(root), names.pop(), rows)
    return element_of(root)


def _is_flat(row: etree._Element) -> bool:
    names = [local_name(cell) for cell in elements(row)]
    return len(names) == len(set(names)) > 0 and not any(len(cell) for cell in elements(row))


def _table(root: str, row: str, rows: list[etree._Element]) -> Table:
    cells = [{local_name(cell): own_text(cell) for cell in elements(each)} for each in rows]
    columns = tuple(dict.fromkeys(name for each in cells for name in each))
    return Table(columns, tuple(tuple(map(each.get, columns)) for each in cells), root, row)


def element_of(element: etree._Element) -> Element:
    """An element with all that it holds."""
    children = tuple(map(element_of, elements(element)))
    return Element(local_name(element), "" if children else own_text(element), children)
