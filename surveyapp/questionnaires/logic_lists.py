"""Choice lists and files in the logic's document (`logic`), as far as the questionnaire reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from surveyapp.questionnaires.definition import ChoiceSource, Element, Instance, Table, Tree
from surveyapp.questionnaires.expressions.trees import PATHS, steps

_Written = dict[str, Any]


def written_source(source: ChoiceSource) -> _Written:
    """Where a question's choices come from."""
    found: _Written = {"list": source.list_name}
    given = {
        "instance": source.instance if source.instance != source.list_name else None,
        "value": source.value if source.value != "name" else None,
        "label": source.label if source.label != "label" else None,
        "filter": source.filter and source.filter.tree,
        "nodes": source.nodes and source.nodes.tree,
        "seed": source.seed and source.seed.tree,
        "randomize": source.randomize or None,
        "roster": source.roster and [source.roster.path, source.roster.name, source.roster.label],
        "search": source.search and [source.search.file, *(e.tree for e in source.search.arguments)],
    }
    return found | {name: value for name, value in given.items() if value is not None}


class Reading:
    """What a questionnaire's expressions and choices can read of its instances."""

    def __init__(
        self, trees: Iterable[Tree], sources: Iterable[ChoiceSource], *, whole: bool = False
    ) -> None:
        self._names: set[str] = set()
        #: whether anything at all may be read, of any instance
        self._everything = whole
        self._whole: set[str] = set()
        for tree in trees:
            self._note(tree)
        for source in sources:
            self._names |= {source.value.removeprefix("./"), source.label.removeprefix("./")}
            if source.search:
                self._whole |= {source.search.file}

    def _note(self, tree: Tree) -> None:
        if tree[0] in PATHS:
            names = {step[0] for step in steps(tree)}
            self._names |= {part for name in names for part in name.split("/")}
            self._everything |= "*" in names
        match tree:
            case ["call", "pulldata", _, ["string", column], ["string", key], _]:
                self._names |= {column, key}
            case ["call", "pulldata", *_]:
                self._everything = True

    def written(self, name: str, instance: Instance) -> _Written:
        """An instance with the columns that may be read."""
        if isinstance(instance, Table) and self._everything and _has_attributes(instance):
            instance = _as_element(instance)  # a table on the phone has all its columns under `*`
        if isinstance(instance, Element):
            return {"element": _element(instance)}
        kept = self._columns(name, instance)
        return {
            "root": instance.root,
            "row": instance.row,
            "columns": [instance.columns[at] for at in kept],
            "cells": [[row[at] for row in instance.rows] for at in kept],
        }

    def _columns(self, name: str, table: Table) -> list[int]:
        whole = self._everything or name in self._whole
        return [at for at, column in enumerate(table.columns) if whole or column in self._names]


def _has_attributes(table: Table) -> bool:
    return any(column.startswith("@") for column in table.columns)


def _as_element(table: Table) -> Element:
    def cells(row: tuple[str | None, ...]) -> tuple[Element, ...]:
        named = zip(table.columns, row, strict=True)
        return tuple(Element(column, text) for column, text in named if text is not None)

    rows = tuple(Element(table.row, children=cells(row)) for row in table.rows)
    return Element(table.root, children=rows)


def _element(element: Element) -> list[Any]:
    return [element.name, element.text, [_element(each) for each in element.children]]
