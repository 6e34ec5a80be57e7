"""ES modules joined into one text, as a phone gets them: one request instead of one for each file.

The modules stay small files for the reader, and work unjoined too. Joining leaves out what only the
reader needs (comments, indentation, imports), so names at the top of a module must be unique among all
that are joined. Where a file `kept.txt` lies beside the entry or above it, names become short
(`shortening`), but for the words that it lists.

A module that is imported on demand (`await import("./part.js")`) stays a file of its own, joined
likewise; its address carries the mark of its content. What is shortened is also sifted (`sifting`): what
the entry does not use of the modules that it imports is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from surveyapp.scripts.shortening import shortened

STATIC = Path(__file__).resolve().parent.parent / "static"

_IMPORT = re.compile(r'^import\s+(?:\{[^}]*\}\s+from\s+)?"(\.[^"]+)";\n', re.MULTILINE)
_ON_DEMAND = re.compile(r'\bimport\("(\.[^"]+)"\)')
_REEXPORT = re.compile(r'^export \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_BLOCK_COMMENT = re.compile(r"^[ \t]*/\*\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_LINE_COMMENT = re.compile(r"^[ \t]*//.*\n|[ \t]+// .*$", re.MULTILINE)
_BLANK = re.compile(r"^[ \t]+|^\n", re.MULTILINE)
_TOP_NAME = re.compile(r"^(?:export )?(?:const|let|class|function) (\w+)", re.MULTILINE)


class ClashingNames(ValueError):
    """Two of the modules have the same name at their top."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Modules in one text. `body` declares everything; `exports` are what others may use, by name."""

    body: str
    exports: Mapping[str, str]

    @property
    def module(self) -> str:
        """The text of one ES module."""
        names = ",".join(f"{inside} as {name}" for name, inside in self.exports.items())
        return f"{self.body}export{{{names}}};"

    def script(self, name: str) -> str:
        """The text of a script that leaves the exports in a global variable."""
        names = ",".join(f"{name}:{inside}" for name, inside in self.exports.items())
        return f"{{{self.body}globalThis.{name}={{{names}}};}}"

    @property
    def mark(self) -> str:
        """The first ten hex digits of the module's SHA-256."""
        return sha256(self.module.encode()).hexdigest()[:10]


@cache
def join_modules(entry: Path) -> Joined:
    """The module and all that it imports, each once, after those that it imports itself.

    Raises:
        ClashingNames: two modules have the same name at their top.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in modules_of(entry)}
    top = [name for text in texts.values() for name in _TOP_NAME.findall(text)]
    if twice := sorted({name for name in top if top.count(name) > 1}):
        raise ClashingNames(", ".join(twice))
    body = "".join(_with_marks(stripped(text), path.parent) for path, text in texts.items())
    names: Mapping[str, str] = {}
    exported = list(_exported(texts[entry]))
    if kept := kept_words(entry):
        body, names = shortened(body, top, kept, exported)
    return Joined(body, {name: names.get(name, name) for name in exported})


def _with_marks(text: str, folder: Path) -> str:
    """A module's text whose imports on demand name joined modules by their marks."""

    def marked(found: re.Match[str]) -> str:
        part = (folder / found.group(1)).resolve()
        return f'import("./{part.name}?v={join_modules(part).mark}")'

    return _ON_DEMAND.sub(marked, text)


def kept_words(entry: Path) -> frozenset[str]:
    """The properties that keep their names when a module is joined; none: all do."""
    found = (folder / "kept.txt" for folder in (entry.parent, entry.parent.parent))
    path = next((each for each in found if each.exists()), None)
    lines = path.read_text(encoding="utf-8").splitlines() if path else ()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def modules_of(entry: Path) -> tuple[Path, ...]:
    """The module and all that it imports, in the order in which they are joined."""
    return tuple(_in_order(entry, set()))


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


def stripped(text: str) -> str:
    """The code of a module, without what joining makes needless."""
    for pattern in (_BLOCK_COMMENT, _IMPORT, _REEXPORT, _LINE_COMMENT, _BLANK):
        text = pattern.sub("", text)
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)
