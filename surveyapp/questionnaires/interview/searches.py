"""`search()`: choices out of the rows of a file, as ODK Collect finds them.

Source: `ExternalDataHandlerSearch` and `ExternalDataUtil` of ODK Collect, which ask SQLite. So a match
takes no notice of the case of A to Z, columns go by a simplified name, and rows that name the same
choice count once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from surveyapp.questionnaires.definition import Choice, ChoiceSource, Search, Text
from surveyapp.questionnaires.expressions import compiled, to_number, to_string
from surveyapp.questionnaires.interview.lists import Row
from surveyapp.questionnaires.interview.nodes import Leaf
from surveyapp.questionnaires.interview.tables import RootNode, RowNode

if TYPE_CHECKING:  # which asks for a choice's name
    from surveyapp.questionnaires.interview.scope import Scope

#: kind of match → what SQLite's LIKE is asked for, `{}` the text; an unknown kind means `contains`
_PATTERNS = {"contains": "%{}%", "startswith": "{}%", "endswith": "%{}", "matches": "{}"}
_STATIC = re.compile(r"\s*[+-]?[0-9]{1,10}\s*")
_UNSAFE = re.compile("[^A-Za-z0-9_]")
#: column that rows are ordered by
_SORT = "sortby"


def found_by_search(scope: Scope, source: ChoiceSource, search: Search, leaf: Leaf) -> Iterator[Row]:
    """The question's own choices, those that stand for the file replaced by the rows found there."""
    rows: list[RowNode] | None = None
    for choice, node in scope.plan.list_nodes(source).rows():
        if _STATIC.fullmatch(choice.name):
            yield choice, node
        else:
            rows = _rows(scope, search, leaf) if rows is None else rows
            yield from _once_each(_made(scope, choice, row, leaf) for row in rows)


def _rows(scope: Scope, search: Search, leaf: Leaf) -> list[RowNode]:
    """The rows that the search finds, in order."""
    root = scope.plan.root_of(search.file)
    if root is None:
        return []
    texts = [scope.evaluate(compiled(each), leaf, "search") for each in search.arguments]
    kind, columns, text, *condition = (to_string(each or "") for each in texts) if texts else [""] * 3
    found: Iterable[RowNode] = root.rows
    if condition:
        found = root.matching(_column(root, condition[0]), condition[1]) or ()
    if queried := _names(columns):
        like = _like(_PATTERNS.get(kind.lower(), _PATTERNS["contains"]), text)
        exact = [_column(root, name) for name in queried]
        found = [row for row in found if any(like.fullmatch(row.text(c)) for c in exact)]
    return _sorted(root, list(found))


def _sorted(root: RootNode, rows: list[RowNode]) -> list[RowNode]:
    column = _column(root, _SORT)
    if column not in root.columns:
        return rows
    numbers = {id(row): to_number(row.text(column)) for row in rows}
    return sorted(rows, key=lambda row: (math.isnan(numbers[id(row)]), numbers[id(row)]))


def _like(pattern: str, text: str) -> re.Pattern[str]:
    """What SQLite's LIKE matches: `%` any text, `_` any character."""
    wild = {"%": ".*", "_": "."}
    parts = (wild.get(each) or _letter(each) for each in pattern.format(text))
    return re.compile("".join(parts), re.DOTALL)


def _letter(character: str) -> str:
    if character.isascii() and character.isalpha():
        return f"[{character.lower()}{character.upper()}]"
    return re.escape(character)


def _names(columns: str) -> list[str]:
    """Names separated by commas, or by blanks where there is no comma."""
    names = [name.strip() for name in columns.split(",")]
    return [name for name in (names if len(names) > 1 else columns.split()) if name]


def _column(root: RootNode, name: str) -> str:
    """The column that a simplified name means; the name itself if there is none."""
    if name in root.columns:
        return name
    wanted = _safe(name)
    return next((column for column in root.columns if _safe(column) == wanted), name)


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", name.strip()).lower()


def _made(scope: Scope, choice: Choice, row: RowNode, leaf: Leaf) -> Row:
    """The choice that a row makes: its name and labels are in the columns that `choice` names."""
    root = row.parent
    name = row.text(_column(root, choice.name))
    language = scope.plan.questionnaire.default_language
    wordings = {
        code: (_label(root, row, _names(scope.phrase(choice.label, leaf, code).text)) or name,)
        for code in choice.label.wordings or (language,)
    }
    return Choice(name, Text(wordings, _media(choice, row)), row.cells()), row


def _label(root: RootNode, row: RowNode, names: Sequence[str]) -> str:
    """`Almaty`, and further columns behind it: `Almaty (oblys: Zhetysu)`."""
    texts = [row.text(_column(root, name)) for name in names]
    if not any(texts):
        return ""
    further = zip(names[1:], texts[1:], strict=True)
    return " ".join([*texts[:1], *(f"({name}: {text})" for name, text in further)])


def _media(choice: Choice, row: RowNode) -> dict[str, dict[str, str]]:
    columns = choice.label.media.get("image", {})
    files = {code: row.text(_column(row.parent, column)) for code, column in columns.items()}
    given = {code: file for code, file in files.items() if file}
    return {"image": given} if given else {}


def _once_each(rows: Iterable[Row]) -> Iterator[Row]:
    seen: set[str] = set()
    for choice, node in rows:
        if choice.name not in seen:
            seen.add(choice.name)
            yield choice, node
