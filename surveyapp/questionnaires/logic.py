"""A questionnaire's logic as one JSON document: what the phone's evaluator runs.

`document()` makes it of a definition; the modules under `static/logic/` run it and never look at the
XForm. Everything that needs a parser or a search is done here: trees of expressions, the order of items,
what depends on what, patterns.

The document (`LOGIC_VERSION` counts the versions of this list; trees are those of `expressions`, texts
`{language: wording}`, a wording a string or a list of strings and trees; indices count `items`):

* `logic`, `trees`: the versions; `id`, `version`, `hash`: which questionnaire it is
* `root`: name of the answers' root element; `default_language`
* `items`, in document order, each with what it has of
  `name`; `kind` (`section`, `roster`, `question`, `note`, `calculation`, `metadata`, `hidden`); `in`: index
  of its container, absent at the top; `type`; trees `relevant`, `required`, `read_only`, `constraint`,
  `calculation`, `count`, `warning`; `default`: a text or a tree; `volatile` and `redrawn_by`: indices whose
  change draws it anew; `choices`; `assignments`: `[index, tree]`; `preload`: `[preload, parameter]`;
  `texts`: by name `label`, `hint`, `guidance`, `required`, `constraint`, `warning`;
  `before`: indices that it depends on directly; `watches`: indices that its constraint, warning, choices,
  count or texts read besides
* `choices`: `list`; `filter` and `seed`: trees; `randomize`; `roster`: `[path, name, label]`
* `order`: indices, each after those it depends on
* `lists`: by name `names`; `columns`: a list of texts (null: has not got it) by column; `labels`: texts;
  `external` if the choices are in a file of their own
* `patterns`: those that `regex()` names as a literal, by source, as trees (`static/logic/expressions/
  patterns.js` lists them)
* `parts`: names of the modules beside the logic that its expressions need (`static/logic/parts/`)

Disclosure rules are left out on purpose: what alarms us is nothing to read on somebody's phone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from surveyapp.questionnaires.definition import (
    Calculation,
    Choice,
    ChoiceSource,
    Expression,
    Hidden,
    Item,
    Metadata,
    Note,
    Question,
    Questionnaire,
    Roster,
    Section,
    Text,
    Tree,
    Valued,
)
from surveyapp.questionnaires.dependencies import Dependencies
from surveyapp.questionnaires.expressions import TREE_VERSION
from surveyapp.questionnaires.expressions.patterns import PatternError
from surveyapp.questionnaires.expressions.patterns.portable import portable_pattern
from surveyapp.questionnaires.expressions.references import references
from surveyapp.questionnaires.expressions.trees import walk as walk_tree
from surveyapp.questionnaires.interview.plan import plan_of

LOGIC_VERSION = 1

Document = dict[str, Any]

_KINDS: Mapping[type[Item], str] = {
    Section: "section",
    Roster: "roster",
    Question: "question",
    Note: "note",
    Calculation: "calculation",
    Metadata: "metadata",
    Hidden: "hidden",
}
_TREES = ("relevant", "required", "read_only", "constraint", "calculation", "count")
#: name in the document → attribute of an item
_TEXTS = {
    "label": "label",
    "hint": "hint",
    "guidance": "guidance",
    "required": "required_message",
    "constraint": "constraint_message",
}


def document(questionnaire: Questionnaire, languages: Collection[str] | None = None) -> Document:
    """The logic of a questionnaire, with texts in all languages or in these."""
    return _Writer(questionnaire, languages).document()


class _Writer:
    """Makes the document of one questionnaire."""

    def __init__(self, questionnaire: Questionnaire, languages: Collection[str] | None) -> None:
        self._questionnaire = questionnaire
        self._languages = languages
        self._items = list(questionnaire.walk())
        self._indices = {item.path: index for index, item in enumerate(self._items)}
        self._dependencies = Dependencies(questionnaire.root, questionnaire.root_name)
        self._redrawn_by = {
            rule.item.path: rule.redrawn_by for rule in plan_of(questionnaire).rules if rule.volatile
        }

    def document(self) -> Document:
        form = self._questionnaire
        items = [self._item(item) for item in self._items]
        trees = list(_expressions_in(form, items))
        return {
            "logic": LOGIC_VERSION,
            "trees": TREE_VERSION,
            "id": form.id,
            "version": form.version,
            "hash": form.hash,
            "root": form.root_name,
            "default_language": form.default_language,
            "items": items,
            "order": [self._indices[path] for path in self._dependencies.order()],
            "lists": {name: self._list(name, rows) for name, rows in form.choice_lists.items()},
            "patterns": dict(_patterns(trees)),
            "parts": sorted(_parts(trees)),
        }

    # ------------------------------------------------------------ items

    def _item(self, item: Item) -> Document:
        found: Document = {"name": item.name, "kind": _KINDS[type(item)]}
        container = item.path.rpartition("/")[0]
        if container:
            found["in"] = self._indices[container]
        for name in _TREES:
            if (expression := getattr(item, name, None)) is not None:
                found[name] = expression.tree
        if isinstance(item, Valued):
            found |= self._valued(item)
        found["texts"] = self._texts(item)
        found["before"] = self._sorted(self._dependencies.directly_before(item.path))
        found["watches"] = self._sorted(self._watched(item))
        return {name: value for name, value in found.items() if value not in ([], {})}

    def _valued(self, item: Valued) -> Document:
        found: Document = {"type": item.type.value}
        if item.default is not None:
            found["default"] = item.default if isinstance(item.default, str) else item.default.tree
        if isinstance(item, Question | Calculation) and item.volatile:
            found |= {"volatile": True, "redrawn_by": self._sorted(self._redrawn_by.get(item.path, ()))}
        if isinstance(item, Metadata):
            found["preload"] = [item.preload, item.preload_parameter]
        if isinstance(item, Question):
            found |= self._question(item)
        return found

    def _question(self, item: Question) -> Document:
        found: Document = {}
        if item.choices is not None:
            found["choices"] = _choices(item.choices)
        if item.warning is not None:
            found["warning"] = item.warning.condition.tree
        found["assignments"] = [
            [self._indices[each.target], each.value.tree]
            for each in item.assignments
            if each.target in self._indices
        ]
        return found

    def _texts(self, item: Item) -> Document:
        texts = {name: getattr(item, attribute, None) for name, attribute in _TEXTS.items()}
        if isinstance(item, Question) and item.warning is not None:
            texts["warning"] = item.warning.message
        return {name: self._text(text) for name, text in texts.items() if text}

    def _text(self, text: Text) -> Document:
        wordings = text.wordings
        if self._languages is not None:
            default = self._questionnaire.default_language
            shown = {self._nearest(text, language, default) for language in self._languages}
            wordings = {language: wordings[language] for language in wordings if language in shown}
        return {language: _wording(pieces) for language, pieces in wordings.items() if pieces}

    @staticmethod
    def _nearest(text: Text, language: str, default: str) -> str | None:
        candidates = (language, default, *text.wordings)
        return next((each for each in candidates if text.wordings.get(each)), None)

    # ------------------------------------------------------------ what depends on what

    def _sorted(self, paths: Iterable[str]) -> list[int]:
        return sorted(self._indices[path] for path in paths)

    def _watched(self, item: Item) -> set[str]:
        """What is read by the expressions of an item that are not in the graph of dependencies."""
        read = set()
        for expression in _beside_the_graph(item):
            read |= self._dependencies.read_by(expression, item)
        source = item.choices if isinstance(item, Question) else None
        if source is not None:
            read |= self._read_by_choices(source, item)
        return read - {item.path}

    def _read_by_choices(self, source: ChoiceSource, item: Item) -> set[str]:
        root = f"/{self._questionnaire.root_name}/"
        found: set[str] = set()
        if source.filter is not None:
            paths = references(source.filter.tree, current=root + item.path)
            found |= {path.removeprefix(root) for path in paths} & self._indices.keys()
        if source.roster is not None:
            found |= {path for path in self._indices if f"{path}/".startswith(f"{source.roster.path}/")}
        return found

    # ------------------------------------------------------------ lists

    def _list(self, name: str, rows: tuple[Choice, ...]) -> Document:
        form = self._questionnaire
        columns = list(dict.fromkeys(column for row in rows for column in row.extra))
        found: Document = {
            "names": [row.name for row in rows],
            "labels": [self._text(row.label) for row in rows],
            "columns": {column: [row.extra.get(column) for row in rows] for column in columns},
        }
        if name in form.external_lists:
            found["external"] = True
        return found


def _choices(source: ChoiceSource) -> Document:
    found: Document = {"list": source.list_name}
    if source.filter is not None:
        found["filter"] = source.filter.tree
    if source.roster is not None:
        found["roster"] = [source.roster.path, source.roster.name, source.roster.label]
    if source.randomize:
        found["randomize"] = True
    if source.seed is not None:
        found["seed"] = source.seed.tree
    return found


def _wording(pieces: Iterable[str | Expression]) -> str | list[str | Tree]:
    written = [piece if isinstance(piece, str) else piece.tree for piece in pieces]
    return written[0] if len(written) == 1 and isinstance(written[0], str) else written


def _beside_the_graph(item: Item) -> Iterator[Expression]:
    found: list[Any] = [getattr(item, "constraint", None), getattr(item, "count", None)]
    texts = [getattr(item, attribute, None) for attribute in _TEXTS.values()]
    if isinstance(item, Question) and item.warning is not None:
        found.append(item.warning.condition)
        texts.append(item.warning.message)
    if isinstance(item, Question) and item.choices is not None:
        found.append(item.choices.seed)
    for text in filter(None, texts):
        found += chain.from_iterable(text.wordings.values())
    return (each for each in found if isinstance(each, Expression))


# ---------------------------------------------------------------- what all expressions need


def patterns_in(tree: Tree) -> Iterator[tuple[str, Any]]:
    """The patterns that an expression names as literals, by source, with their trees."""
    return _patterns(walk_tree(tree))


def _expressions_in(form: Questionnaire, items: Iterable[Document]) -> Iterator[Tree]:
    """Every tree of the document."""
    yield from _trees_in(list(items))
    for rows in form.choice_lists.values():
        for row in rows:
            for piece in chain.from_iterable(row.label.wordings.values()):
                if isinstance(piece, Expression):
                    yield from walk_tree(piece.tree)


def _trees_in(value: Any) -> Iterator[Tree]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _trees_in(inner)
    elif isinstance(value, list):
        if value and isinstance(value[0], str):
            yield value
        for inner in value:
            yield from _trees_in(inner)


def _patterns(trees: Iterable[Tree]) -> Iterator[tuple[str, Any]]:
    for tree in trees:
        match tree:
            case ["call", "regex", _, ["string", str() as source]]:
                try:
                    yield source, portable_pattern(source)
                except PatternError:  # the author has heard of it; the phone finds it faulty as well
                    continue


def _parts(trees: Iterable[Tree]) -> set[str]:
    found = set()
    for tree in trees:
        match tree:
            case ["call", "digest" | "base64-decode", *_]:
                found.add("encodings")
            case ["call", "randomize", _, seed] if seed[0] != "number":
                found.add("encodings")
            case ["call", "regex", _, [kind, *_]] if kind != "string":
                found.add("patterns")
    return found
