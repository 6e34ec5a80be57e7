"""ES modules joined into one text, as a phone gets them: one request instead of one for each file.

The modules stay small files for the reader, and work unjoined too. Joining leaves out what only the
reader needs (comments, indentation, imports), so names at the top of a module must be unique among all
that are joined. Where a file `kept.txt` lies beside the entry, every word that it does not list gets a
short name, the same everywhere, properties included: so no scopes need to be understood. What it must
list is what others know: the language, the format of documents, what pages call. Tests hold it to that,
and run the very text that is served.

The modules keep to what is understood here: no template literal within another, no comment behind code
but `// …` after a blank, no regular expression but behind an operator, a bracket or a comma.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import product
from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"

_IMPORT = re.compile(r'^import\s+(?:\{[^}]*\}\s+from\s+)?"(\.[^"]+)";\n', re.MULTILINE)
_REEXPORT = re.compile(r'^export \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_BLOCK_COMMENT = re.compile(r"^[ \t]*/\*\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_LINE_COMMENT = re.compile(r"^[ \t]*//.*\n|[ \t]+// .*$", re.MULTILINE)
_BLANK = re.compile(r"^[ \t]+|^\n", re.MULTILINE)
_TOKEN = re.compile(
    r"""
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<template>`(?:[^`\\]|\\.)*`)
    | (?P<pattern>(?<=[(,=:?!&|\n])[ ]?/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*)
    | (?P<number>\b[0-9][\w.]*)
    | (?P<word>[A-Za-z_$][\w$]*)
    """,
    re.VERBOSE,
)
_SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")
_TOP_NAME = re.compile(r"^(?:export )?(?:const|let|class|function) (\w+)", re.MULTILINE)


class ClashingNames(ValueError):
    """Two of the modules have the same name at their top."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Modules in one text. `body` declares everything, `exports` are the names that others may use."""

    body: str
    exports: tuple[str, ...]

    @property
    def module(self) -> str:
        """The text of one ES module."""
        return f"{self.body}export {{ {', '.join(self.exports)} }};\n"

    def script(self, name: str) -> str:
        """The text of a script that leaves the exports in a global variable."""
        return f"{{{self.body}globalThis.{name} = {{ {', '.join(self.exports)} }};}}"

    @property
    def mark(self) -> str:
        """The first ten hex digits of the module's SHA-256."""
        return sha256(self.module.encode()).hexdigest()[:10]


@cache
def join_modules(entry: Path) -> Joined:
    """The module and all that it imports, each once, after those that it imports itself.

    Raises:
        ClashingNames: …
    """
    texts = {path: path.read_text(encoding="utf-8") for path in _in_order(entry, set())}
    names = [name for text in texts.values() for name in _TOP_NAME.findall(text)]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ClashingNames(", ".join(twice))
    body = "".join(map(_stripped, texts.values()))
    kept = entry.with_name("kept.txt")
    if kept.exists():
        body = _shortened(body, _listed(kept))
    return Joined(body, tuple(_exported(texts[entry])))


def _in_order(path: Path, seen: set[Path]) -> Iterator[Path]:
    seen.add(path)
    text = path.read_text(encoding="utf-8")
    for other in (*_IMPORT.findall(text), *(module for _, module in _REEXPORT.findall(text))):
        imported = (path.parent / other).resolve()
        if imported not in seen:
            yield from _in_order(imported, seen)
    yield path


def _exported(text: str) -> Iterator[str]:
    for names, _ in _REEXPORT.findall(text):
        yield from (name.strip() for name in names.split(",") if name.strip())
    yield from re.findall(r"^export (?:const|let|class|function) (\w+)", text, re.MULTILINE)


def _stripped(text: str) -> str:
    """The code of a module, without what joining makes needless."""
    for pattern in (_BLOCK_COMMENT, _IMPORT, _REEXPORT, _LINE_COMMENT, _BLANK):
        text = pattern.sub("", text)
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)


# ---------------------------------------------------------------- short names


def _listed(path: Path) -> frozenset[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _shortened(body: str, kept: frozenset[str]) -> str:
    """The same code with a short name for every word that is not kept."""
    counted: Counter[str] = Counter()
    _each_word(body, lambda word: counted.update([word]) or word)
    taken = kept | {word for word in counted if len(word) < 3}
    free = (name for name in _short_names() if name not in taken)
    names = [word for word, _ in counted.most_common() if word not in taken]
    short = dict(zip(names, free, strict=False))
    return _each_word(body, lambda word: short.get(word, word))


def _short_names() -> Iterator[str]:
    yield from string.ascii_letters
    yield from map("".join, product(string.ascii_letters, string.ascii_letters + string.digits))


def _each_word(body: str, replace: Callable[[str], str]) -> str:
    """The code with each of its words replaced; what stands in quotes and patterns is left alone."""

    def in_template(match: re.Match[str]) -> str:
        return "${" + _each_word(match.group(1), replace) + "}"

    def token(match: re.Match[str]) -> str:
        if match["word"]:
            return replace(match["word"])
        return _SUBSTITUTION.sub(in_template, match.group()) if match["template"] else match.group()

    return _TOKEN.sub(token, body)
