"""A version's definition as JSON: what a client needs to ask its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import singledispatch
from types import MappingProxyType
from typing import Any

from surveyapp.questionnaires.definition import Expression, Item, Questionnaire, Text


def definition_json(definition: Questionnaire) -> dict[str, Any]:
    """The definition's own fields under their own names; what is empty is left out.

    An item's `kind` is its class (`section`, `question` …). A text is an object by language whose values
    are lists of literal pieces and expressions; an expression has its `source` and its parsed `tree`.
    """
    content = _fields(definition)
    content["items"] = content.pop("root", {}).get("items", [])
    content.pop("instances", None)  # the choice lists say the same; files are media of the version
    return content


def _fields(value: Any) -> dict[str, Any]:
    named = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return {name: plain for name, plain in named.items() if plain not in (None, False, "", [], {})}


@singledispatch
def _plain(value: Any) -> Any:
    return _fields(value) if is_dataclass(value) else value


@_plain.register
def _expression(value: Expression) -> Any:
    return {"source": value.source, "tree": value.tree}


@_plain.register
def _text(value: Text) -> Any:
    return _plain(value.wordings)


@_plain.register
def _item(value: Item) -> Any:
    return {"kind": type(value).__name__.lower()} | _fields(value)


@_plain.register(dict)
@_plain.register(MappingProxyType)
def _mapping(value: Mapping[str, Any]) -> Any:
    return {key: _plain(inner) for key, inner in value.items()}


@_plain.register(tuple)
@_plain.register(list)
def _sequence(value: Sequence[Any]) -> Any:
    return [_plain(inner) for inner in value]


@_plain.register
def _set(value: frozenset) -> Any:  # type: ignore[type-arg]  # `register` takes no parametrised class
    return sorted(value)


@_plain.register
def _word(value: Enum) -> Any:
    return value.value
