"""Short names for what only our own modules know, so that a phone loads less.

A property has one short name everywhere, a name at the top of a module too; variables within a function
have the shortest names that are free there. Texts, the language's own words and the words of a list
(what documents, pages and tests know) stay as they are. Tests run the very text that comes out.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from itertools import product

from surveyapp.scripts.compacting import compact
from surveyapp.scripts.sifting import sifted
from surveyapp.scripts.tokens import Role, Token, read

_KEYWORDS = frozenset(
    {"as", "async", "await", "break", "case", "catch", "class", "const", "constructor", "continue"}
    | {"default", "delete", "do", "else", "export", "extends", "false", "finally", "for", "function"}
    | {"get", "if", "import", "in", "instanceof", "let", "new", "null", "of", "return", "set", "static"}
    | {"super", "switch", "this", "throw", "true", "try", "typeof", "undefined", "var", "void", "while"}
    | {"with", "yield"}
)
_GLOBALS = frozenset(
    {"Array", "BigInt", "Boolean", "Date", "Error", "Infinity", "JSON", "Map", "Math", "NaN", "Number"}
    | {"Object", "RangeError", "RegExp", "Set", "String", "TypeError", "Uint32Array", "WeakMap"}
    | {"crypto", "decodeURIComponent", "globalThis", "parseInt"}
    # of pages, and of what a phone keeps
    | {"AbortController", "AbortSignal", "BarcodeDetector", "Blob", "BroadcastChannel", "CSS"}
    | {"CompressionStream", "CustomEvent", "DOMException", "DecompressionStream", "Event", "File"}
    | {
        "FileReader",
        "FormData",
        "Headers",
        "IDBKeyRange",
        "Image",
        "Intl",
        "MessageChannel",
        "MutationObserver",
    }
    | {"Option", "Promise", "Proxy", "Reflect", "Request", "ResizeObserver", "Response", "TextDecoder"}
    | {"TextEncoder", "TypeError", "URL", "URLSearchParams", "Uint8Array", "WeakSet", "Worker"}
    | {"addEventListener", "alert", "atob", "btoa", "caches", "clearInterval", "clearTimeout", "confirm"}
    | {"console", "createImageBitmap", "dispatchEvent", "document", "encodeURIComponent", "fetch"}
    | {"getComputedStyle", "history", "indexedDB", "isSecureContext", "localStorage", "location"}
    | {"matchMedia", "navigator", "performance", "queueMicrotask", "removeEventListener"}
    | {"requestAnimationFrame", "requestIdleCallback", "screen", "scrollTo", "self", "sessionStorage"}
    | {"setInterval", "setTimeout", "structuredClone", "visualViewport", "window"}
)
#: as a word of the list: every property keeps its name
ALL = "*"
#: words that no variable is
_STANDING = _KEYWORDS | _GLOBALS
_SHORTER = {"true": "!0", "false": "!1", "undefined": "void 0"}


def shortened(
    source: str, top: Collection[str], kept: Collection[str], wanted: Collection[str] | None = None
) -> tuple[str, Mapping[str, str]]:
    """The same script with short names, and the new names of those at its `top`.

    With `wanted` without what is neither used in it nor one of these names.
    """
    tokens = read(source)
    if wanted is not None:
        tokens = sifted(tokens, wanted)
    properties = _names_of_properties(tokens, kept)
    tops = _names_at_top(tokens, top)
    variables = {chunk: _names_in(words, tops) for chunk, words in _variables(tokens).items()}
    words = [_renamed(token, properties, variables[token.chunk]) for token in tokens]
    return compact(words), tops


def _names_of_properties(tokens: list[Token], kept: Collection[str]) -> dict[str, str]:
    counted = Counter(
        token.text
        for token in tokens
        if token.role in {Role.PROPERTY, Role.BOTH} and token.text not in _KEYWORDS
    )
    if ALL in kept:
        return {}
    found = [word for word, _ in counted.most_common() if word not in kept and len(word) > 1]
    free = (name for name in _short_names(string.ascii_letters) if name not in kept)
    return dict(zip(found, free, strict=False))


def _names_at_top(tokens: list[Token], top: Collection[str]) -> dict[str, str]:
    counted = Counter(token.text for token in tokens if token.role is not Role.PROPERTY)
    found = [word for word, _ in counted.most_common() if word in top]
    return dict(zip(found, _short_names(string.ascii_uppercase), strict=False))


def _variables(tokens: list[Token]) -> dict[int, Counter[str]]:
    """How often each variable stands in each chunk."""
    found: dict[int, Counter[str]] = {}
    for token in tokens:
        words = found.setdefault(token.chunk, Counter())
        if token.role in {Role.VARIABLE, Role.BOTH}:
            words[token.text] += 1
    return found


def _names_in(words: Counter[str], tops: Mapping[str, str]) -> dict[str, str]:
    """The names of one chunk's variables: those of the top, and the shortest that are left."""
    names = {word: tops[word] for word in words if word in tops}
    own = [word for word, _ in words.most_common() if word not in tops and word not in _STANDING]
    taken = set(names.values())
    free = (name for name in _short_names(string.ascii_lowercase) if name not in taken)
    return names | dict(zip(own, free, strict=False))


def _short_names(first: str) -> Iterator[str]:
    """`a`, `b` …, then those of two letters; never a word of the language."""
    yield from first
    pairs = product(first, string.ascii_lowercase + string.digits)
    yield from (name for name in map("".join, pairs) if name not in _KEYWORDS)


def _renamed(token: Token, properties: Mapping[str, str], variables: Mapping[str, str]) -> str:
    property_ = properties.get(token.text, token.text)
    variable = variables.get(token.text, token.text)
    match token.role:
        case Role.PROPERTY:
            return property_
        case Role.VARIABLE:
            return _SHORTER.get(variable, variable)
        case Role.BOTH:
            return property_ if property_ == variable else f"{property_}:{variable}"
    return token.text
