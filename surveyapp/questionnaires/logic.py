"""A questionnaire's logic as one JSON document: what the phone's evaluator runs.

`document()` makes it of a definition; the modules under `static/logic/` run it and never look at the
XForm. Everything that needs a parser or a search is done here: trees of expressions, the order of items,
what depends on what, patterns.

The document (`LOGIC_VERSION` counts the versions of this list; trees are those of `expressions`, texts
`{language: wording}`, a wording a string or a list of strings and trees, which is `[""]` where one is
there and says nothing; indices count `items`):

* `logic`, `trees`: the versions; `id`, `version`, `hash`: which questionnaire it is
* `root`: name of the answers' root element, and `attributes` of it; `default_language`
* `items`, in document order, each with what it has of

  * `name`; `kind` (`section`, `roster`, `question`, `note`, `calculation`, `metadata`, `hidden`);
    `type`; `in`: index of its container, absent at the top
  * trees `relevant`, `required`, `read_only`, `constraint`, `calculation`, `count`, `warning`
  * `attributes`: name → text, those of its element that expressions read
  * `default`: a text or a tree, and `default_later`, null for none, if it is another one in instances
    that are added later; `preload`: `[preload, parameter]`; `assignments`: `[index, tree]`
  * `volatile`, and `redrawn_by`: indices whose change draws it anew
  * `initial`: how many instances a new form has, if not one; `initial_later`: how many each further
    instance of a roster around it has; `counted_by`: index of the item whose value is the count
  * `choices`; `texts`: by name `label`, `hint`, `guidance`, `required`, `constraint`, `warning`
  * `before`: indices that it depends on directly; `watches`: indices that its constraint, warning,
    choices, count or texts read besides

* `choices`: `list`; `instance` that it is a view of, by its columns `value` and `label` (`name` and
  `label` if absent); `filter`, `nodes` and `seed`: trees; `randomize`; `roster`: `[path, name, label]`;
  `search`: `[file, tree, …]`
* `prefilled`: `[node path, text]` of leaves whose text in a new form is not their item's default
* `load`: `[node path, tree]` of what a new form sets, in this order, where that is not each item's
  default in the order of the items
* `order`: indices, each after those it depends on
* `lists`: by name the choices' labels in order, texts; a list of a file has none here
* `instances`: by name `{root, row, columns, cells}`, `cells` a list of texts (null: has not got it) for
  each column; `{element: [name, text, [element, …]]}` for another shape; `{}` if its file is missing.
  Columns that nothing can read are left out.
* `itexts`: language → id → text, and `outputs`: the trees that its `${0}`, `${1}` … stand for, if
  `jr:itext()` is called; in a text its call stands within one of `outputs filled`
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
    DataType,
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
from surveyapp.questionnaires.dependencies import dependencies_of
from surveyapp.questionnaires.expressions import TREE_VERSION, functions
from surveyapp.questionnaires.expressions.patterns import PatternError
from surveyapp.questionnaires.expressions.patterns.portable import portable_pattern
from surveyapp.questionnaires.expressions.references import references
from surveyapp.questionnaires.expressions.trees import walk as walk_tree
from surveyapp.questionnaires.interview.growth import grow
from surveyapp.questionnaires.interview.lists import table_of
from surveyapp.questionnaires.interview.nodes import Branch, Leaf, below
from surveyapp.questionnaires.interview.plan import plan_of
from surveyapp.questionnaires.interview.prefilled import prefilled
from surveyapp.questionnaires.logic_lists import Reading, written_source

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


def document(
    questionnaire: Questionnaire, languages: Collection[str] | None = None, *, whole: bool = False
) -> Document:
    """The logic of a questionnaire, with texts in all languages or in these.

    With `whole` also with the columns of instances that nothing in it can read.
    """
    return _Writer(questionnaire, languages, whole).document()


def triggers(questionnaire: Questionnaire) -> Document:
    """What `static/logic/interview/collect.js` needs besides, to leave stale what Collect leaves stale.

    `relevance` and `calculation` are the indices that set each item's off; `computed`, by a roster's
    index, what may come out otherwise when all expressions in it are evaluated.
    """
    plan = plan_of(questionnaire)
    items = list(questionnaire.walk())
    indices = {item.path: index for index, item in enumerate(items)}

    def known(paths: Iterable[str]) -> list[int]:
        return sorted(indices[path] for path in paths)

    return {
        "relevance": [known(plan.triggers.of_relevance(item.path)) for item in items],
        "calculation": [known(plan.triggers.of_calculation(item.path)) for item in items],
        "computed": {
            index: known(plan.triggers.computed_within(item.path))
            for index, item in enumerate(items)
            if isinstance(item, Roster)
        },
    }


class _Writer:
    """Makes the document of one questionnaire."""

    def __init__(
        self, questionnaire: Questionnaire, languages: Collection[str] | None, whole: bool
    ) -> None:
        self._questionnaire = questionnaire
        self._whole = whole
        self._languages = languages
        self._items = list(questionnaire.walk())
        self._indices = {item.path: index for index, item in enumerate(self._items)}
        self._dependencies = dependencies_of(questionnaire)
        self._plan = plan_of(questionnaire)
        self._redrawn_by = {
            rule.item.path: rule.redrawn_by for rule in self._plan.rules if rule.volatile
        }

    def document(self) -> Document:
        form = self._questionnaire
        items = [self._item(item) for item in self._items]
        trees = list(_expressions_in(form, items))
        instances = self._instances(trees)
        return {
            "logic": LOGIC_VERSION,
            "trees": TREE_VERSION,
            "id": form.id,
            "version": form.version,
            "hash": form.hash,
            "root": form.root_name,
            **({"attributes": dict(form.root.attributes)} if form.root.attributes else {}),
            "default_language": form.default_language,
            "items": items,
            "prefilled": _prefilled(form),
            "load": _first_load(form),
            "order": [self._indices[path] for path in self._dependencies.order()],
            "lists": {name: self._labels(rows) for name, rows in form.choice_lists.items() if rows},
            "instances": instances,
            **self._translations(),
            "patterns": dict(_patterns(trees)),
            "parts": sorted({*_parts(trees), *self._parts_of_form(), *_parts_of_instances(instances)}),
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
        found["attributes"] = dict(item.attributes)
        if isinstance(item, Valued):
            found |= self._valued(item)
        if isinstance(item, Question | Roster):
            found["assignments"] = self._assignments(item)
        if isinstance(item, Roster):
            found |= self._roster(item)
        found["texts"] = self._texts(item)
        found["before"] = self._sorted(self._dependencies.directly_before(item.path))
        found["watches"] = self._sorted(self._watched(item))
        return {name: value for name, value in found.items() if value not in ([], {})}

    def _roster(self, item: Roster) -> Document:
        found: Document = {}
        if item.initial is not None:
            found["initial"] = len(item.initial)
        if item.initial_later:
            found["initial_later"] = item.initial_later
        counted_by = next((each.path for each in self._plan.counts if each.roster is item), None)
        if counted_by is not None:
            found["counted_by"] = self._indices[counted_by]
        return found

    def _valued(self, item: Valued) -> Document:
        found: Document = {"type": item.type.value}
        first, later = (_default(item, held=held) for held in item.default_held)
        if first is not None:
            found["default"] = first
        if later != first:
            found["default_later"] = later
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
            found["choices"] = written_source(item.choices)
        if item.warning is not None:
            found["warning"] = item.warning.condition.tree
        return found

    def _assignments(self, item: Question | Roster) -> list[Any]:
        return [
            [self._indices[each.target], each.value.tree]
            for each in item.assignments
            if each.target in self._indices
        ]

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
        read: set[str] = set()
        beside = list(_beside_the_graph(item))
        if any("jr:itext" in functions(expression.tree) for expression in beside):
            beside += self._questionnaire.outputs
        for expression in beside:
            read |= self._dependencies.read_by(expression, item)
        source = item.choices if isinstance(item, Question) else None
        if source is not None:
            read |= self._read_by_choices(source, item)
        return read - {item.path}

    def _read_by_choices(self, source: ChoiceSource, item: Item) -> set[str]:
        root = f"/{self._questionnaire.root_name}/"
        found: set[str] = set()
        for each in (source.nodes, *(source.search.arguments if source.search else ())):
            found |= self._dependencies.read_by(each, item) if each else set()
        if source.filter is not None:
            paths = references(source.filter.tree, current=root + item.path)
            found |= {path.removeprefix(root) for path in paths} & self._indices.keys()
        if source.roster is not None:
            found |= {path for path in self._indices if f"{path}/".startswith(f"{source.roster.path}/")}
        return found

    # ------------------------------------------------------------ lists and files

    def _labels(self, rows: tuple[Choice, ...]) -> list[Document]:
        return [self._text(row.label) for row in rows]

    def _translations(self) -> Document:
        form = self._questionnaire
        if not form.translations:
            return {}
        shown = [*(self._languages or form.translations), form.default_language]
        return {
            "itexts": {each: texts for each, texts in form.translations.items() if each in shown},
            "outputs": [each.tree for each in form.outputs],
        }

    def _sources(self) -> Iterator[ChoiceSource]:
        for item in self._items:
            if isinstance(item, Question) and item.choices is not None:
                yield item.choices

    def _parts_of_form(self) -> Iterator[str]:
        yield from self._parts_of_lists()
        if any(isinstance(each, Valued) and each.type is DataType.BOOLEAN for each in self._items):
            yield "booleans"
        if any(item.attributes for item in (self._questionnaire.root, *self._items)):
            yield "attributes"

    def _parts_of_lists(self) -> Iterator[str]:
        for source in self._sources():
            if source.search:
                yield "search"
            if source.randomize:
                yield "shuffling"
                yield from _parts_of_seed(source.seed.tree if source.seed else None)

    def _instances(self, trees: Iterable[Tree]) -> Document:
        form = self._questionnaire
        read = Reading(trees, self._sources(), whole=self._whole)
        within = {
            source.list_name: table_of(form.choice_lists.get(source.list_name, ()))
            for source in self._sources()
            if not source.roster and not source.nodes and source.instance not in form.instances
        }
        missing: Document = {name: {} for name in form.external_lists}
        known = {**within, **form.instances}
        return missing | {name: read.written(name, each) for name, each in known.items()}


def _default(item: Valued, *, held: bool) -> str | Tree | None:
    default = item.default if held else item.text_default
    return default.tree if isinstance(default, Expression) else default


def _prefilled(form: Questionnaire) -> list[list[str]]:
    """The texts of leaves of a new form whose roster instances are not all alike, by node path."""
    root = Branch(form.root, None, name=form.root_name)
    grow(root, first=True, counted=True)
    return [[leaf.path, text] for leaf, text in prefilled(root)]


def _first_load(form: Questionnaire) -> list[Any]:
    """What a new form sets, by node path."""
    root = Branch(form.root, None, name=form.root_name)
    grow(root, first=True, counted=True)
    leaves = [node for node in below(root) if isinstance(node, Leaf)] if form.first_load else []
    return [
        [leaf.path, each.value.tree]
        for each in form.first_load
        for leaf in leaves
        if leaf.item.path == each.target
    ]


def _wording(pieces: Iterable[str | Expression]) -> str | list[str | Tree]:
    written = [piece if isinstance(piece, str) else _shown(piece.tree) for piece in pieces]
    match written:
        case [str() as word] if word:
            return word
    return written  # also of one that is there and says nothing


def _shown(tree: Tree) -> Tree:
    """An expression within a text: the values of a translation that it calls for are put in."""
    return ["call", "outputs filled", tree] if "jr:itext" in functions(tree) else tree


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


def _parts(trees: Iterable[Tree]) -> Iterator[str]:
    """The modules beside the logic that some expressions need."""
    for tree in trees:
        match tree:
            case ["call", "area" | "distance" | "enclosed-area" | "geofence", *_]:
                yield "geography"
            case ["call", "checklist" | "weighted-checklist", *_]:
                yield "checklists"
            case ["call", "digest" | "base64-decode", *_]:
                yield "encodings"
            case ["call", "jr:itext" | "version" | "outputs filled", *_]:
                yield "form"
            case ["call", "indexed-repeat", *_]:
                yield "indexed"
            case ["call", "pulldata", *_]:
                yield "pulling"
            case ["call", "randomize", _, *seed]:
                yield "shuffling"
                yield from _parts_of_seed(*seed)
            case ["call", "regex", _, [kind, *_]] if kind != "string":
                yield "patterns"


def _parts_of_instances(instances: Document) -> Iterator[str]:
    if any("element" in each for each in instances.values()):
        yield "elements"


def _parts_of_seed(seed: Tree | None = None) -> Iterator[str]:
    """A seed that may be a text is made a number by its digest."""
    if seed is not None and seed[0] != "number":
        yield "encodings"
