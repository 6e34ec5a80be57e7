"""A version's definition as JSON: what a client needs to ask its questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from surveyapp.questionnaires.definition import Expression, Item, Questionnaire, Text


def definition_json(definition: Questionnaire) -> dict[str, Any]:
    """The definition's own fields under their own names; what is empty is left out.

    An item's `kind` is its class (`section`, `question` …). A text is an object by language whose values
    are lists of literal pieces and expressions; an expression has its `source` and its parsed `tree`.
    """
    content = _fields(definition)
    content["items"] = content.pop("root", {}).get("items", [])
    return content


def _fields(value: Any) -> dict[str, Any]:
    named = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return {name: plain for name, plain in named.items() if plain not in (None, False, "", [], {})}


def _plain(value: Any) -> Any:
    if isinstance(value, Expression):
        return {"source": value.source, "tree": value.tree}
    if isinstance(value, Text):
        return _plain(value.wordings)
    if isinstance(value, Item):
        return {"kind": type(value).__name__.lower()} | _fields(value)
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value.value if isinstance(value, Enum) else value
