"""A definition as JSON and back, so that a published version need not be parsed from its XForm again.

An object is the JSON object of those of its fields that differ from their defaults; an item names its
class under `_`. A text is its wordings, a wording that is one literal piece is that string, and an
expression is `[source, tree]`. Readers and writers are made from the classes' own annotations, so a new
field of the definition needs nothing here.

The JSON is only good for the program that wrote it: `FINGERPRINT` covers the modules that parse an
XForm into a definition, and `read` refuses what another edition of them wrote.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from surveyapp.questionnaires import definition
from surveyapp.questionnaires.definition import (
    Element,
    Expression,
    Instance,
    Item,
    Questionnaire,
    Table,
    Text,
)

Convert = Callable[[Any], Any]
#: How values of one annotation are written, and read again.
Codec = tuple[Convert, Convert]

_HERE = Path(__file__).parent
_MAKERS = ("definition.py", "definition_json.py", "dependencies.py", "xform/*.py", "expressions/**/*.py")


#: where a text has the files that go with it; no language is called so
_MEDIA = "_media"


class OtherEdition(ValueError):
    """The JSON was written by another edition of the program, or is damaged."""


def _fingerprint() -> str:
    sources = sorted(path for pattern in _MAKERS for path in _HERE.glob(pattern))
    return sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]


FINGERPRINT = _fingerprint()


def write(questionnaire: Questionnaire) -> str:
    """The JSON of a definition."""
    encode, _ = _of_object(Questionnaire)
    return json.dumps([FINGERPRINT, encode(questionnaire)], ensure_ascii=False, separators=(",", ":"))


def read(text: str) -> Questionnaire:
    """The definition that was written. Raises `OtherEdition`."""
    try:
        fingerprint, content = json.loads(text)
    except (ValueError, TypeError) as error:
        raise OtherEdition("damaged") from error
    if fingerprint != FINGERPRINT:
        raise OtherEdition(fingerprint)
    return _decoded(content)


def _decoded(content: Any) -> Questionnaire:
    _, decode = _of_object(Questionnaire)
    try:
        questionnaire: Questionnaire = decode(content)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise OtherEdition("damaged") from error
    return questionnaire


# ---------------------------------------------------------------- annotations


def _same(value: Any) -> Any:
    return value


@cache
def _of(hint: Any) -> Codec:
    """How values of an annotation are written and read."""
    if special := _SPECIAL.get(hint):
        return special()
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _of_optional(arguments)
    if make := _GENERIC.get(origin):
        return make(arguments)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return (lambda value: value.value), hint
    if isinstance(hint, type) and is_dataclass(hint):
        return _of_object(hint)
    return _same, _same


def _of_optional(arguments: tuple[Any, ...]) -> Codec:
    """`X | None`; of `str | Expression`, both of which may be meant, JSON tells which it is."""
    others = [each for each in arguments if each not in (type(None), str)]
    if not others:
        return _same, _same
    encode, decode = _of(others[0])
    plain = (type(None), str)
    return (
        lambda value: value if isinstance(value, plain) else encode(value),
        lambda value: value if isinstance(value, plain) else decode(value),
    )


def _of_tuple(arguments: tuple[Any, ...]) -> Codec:
    encode, decode = _of(arguments[0])
    return (
        lambda value: [encode(each) for each in value],
        lambda value: tuple([decode(each) for each in value]),
    )


def _of_mapping(arguments: tuple[Any, ...]) -> Codec:
    encode, decode = _of(arguments[1])
    if encode is _same:
        return dict, _same
    return (
        lambda value: {key: encode(each) for key, each in value.items()},
        lambda value: {key: decode(each) for key, each in value.items()},
    )


_GENERIC: dict[Any, Callable[[tuple[Any, ...]], Codec]] = {
    tuple: _of_tuple,
    Mapping: _of_mapping,
    frozenset: lambda arguments: (sorted, frozenset),
    list: lambda arguments: (_same, _same),  # an expression's tree is JSON as it is
}


# ---------------------------------------------------------------- objects


def _expression() -> Codec:
    return (
        lambda value: [value.source, value.tree],
        lambda value: Expression(value[0], value[1]),
    )


def _text() -> Codec:
    encode, decode = _of(str | Expression)

    def write_wording(wording: Any) -> Any:
        match wording:
            case (str() as literal,):
                return literal
        return [encode(piece) for piece in wording]

    def read_wording(wording: Any) -> Any:
        return (wording,) if isinstance(wording, str) else tuple([decode(piece) for piece in wording])

    def write_text(text: Text) -> Any:
        wordings = {language: write_wording(each) for language, each in text.wordings.items()}
        return {**wordings, _MEDIA: text.media} if text.media else wordings

    def read_text(value: Any) -> Text:
        media = value.pop(_MEDIA, {})
        return Text({language: read_wording(each) for language, each in value.items()}, media)

    return write_text, read_text


def _instance() -> Codec:
    """A table is an object, any other instance its root element."""
    write_element, read_element = _element()

    def write_instance(value: Any) -> Any:
        if not isinstance(value, Table):
            return write_element(value)
        return {"columns": value.columns, "rows": value.rows, "names": [value.root, value.row]}

    def read_instance(value: Any) -> Any:
        if not isinstance(value, dict):
            return read_element(value)
        return Table(tuple(value["columns"]), tuple(map(tuple, value["rows"])), *value["names"])

    return write_instance, read_instance


def _element() -> Codec:
    """An element is its name, its text and its children."""

    def write_element(element: Element) -> Any:
        return [element.name, element.text, *map(write_element, element.children)]

    def read_element(value: Any) -> Element:
        return Element(value[0], value[1], tuple(map(read_element, value[2:])))

    return write_element, read_element


def _any_item() -> Codec:
    """One of the classes of items, by its name."""

    @cache
    def of_named(name: str) -> Codec:
        return _of_object(getattr(definition, name))

    def encode(item: Any) -> Any:
        name = type(item).__name__
        return {"_": name, **of_named(name)[0](item)}

    return encode, lambda value: of_named(value["_"])[1](value)


_SPECIAL: dict[Any, Callable[[], Codec]] = {
    Expression: _expression,
    Text: _text,
    Item: _any_item,
    Instance: _instance,
    Element: _element,
}


@cache
def _of_object(kind: type) -> Codec:
    """A frozen dataclass as the JSON object of what differs from its defaults."""
    hints = get_type_hints(kind)
    codecs = {field.name: _of(hints[field.name]) for field in fields(kind)}
    defaults = {field.name: _default(field) for field in fields(kind)}
    decoders = {name: decode for name, (_, decode) in codecs.items() if decode is not _same}

    def encode(value: Any) -> dict[str, Any]:
        given = ((name, getattr(value, name)) for name in codecs)
        return {name: codecs[name][0](each) for name, each in given if each != defaults[name]}

    def decode(value: dict[str, Any]) -> Any:
        value.pop("_", None)
        for name in value.keys() & decoders.keys():
            value[name] = decoders[name](value[name])
        return kind(**value)

    return encode, decode


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()
