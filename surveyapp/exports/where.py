"""A filter by an expression of the questionnaires' own language: `${age} > 17 and ${area} = 'rural'`.

`${name}` means a question by its name, or by its path where several have the name. An expression sees
what the export may show, and nothing else: of a question that is withheld it cannot tell whether it is
there, dates are as coarse as in the file, and who is of a small group has no breakdowns. Questions that
point at a person are never read, not even for a full export: a name in an expression would stand in
the request, and identity is sealed apart from everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from flask import has_request_context
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.expression_problems import excerpt, explain_expression
from surveyapp.exports.errors import WhereRefused
from surveyapp.exports.merging import MergedItem, merged_items, merged_rosters
from surveyapp.exports.profiles import is_withheld
from surveyapp.exports.records import Record
from surveyapp.exports.request import ExportRequest
from surveyapp.i18n import current_language
from surveyapp.questionnaires.definition import (
    Container,
    DataType,
    Questionnaire,
    Roster,
    Section,
    Tree,
    Valued,
)
from surveyapp.questionnaires.expressions import (
    Compiled,
    Context,
    EvaluationError,
    ExpressionError,
    Node,
    Scalar,
    attributes,
    compile_expression,
    functions,
    instances,
    parse,
    references,
    to_boolean,
)
from surveyapp.questionnaires.values import MisshapenValue, typed

#: characters
LONGEST: Final = 2000
#: what needs an interview, its lists, its language, or chance: each reading would give something else
_NOT_HERE: Final = frozenset(
    {"digest", "jr:choice-name", "jr:itext", "once", "position", "pulldata"}
    | {"random", "randomize", "uuid", "version"}
)
_REFERENCE: Final = re.compile(r"\$\{\s*([^{}\s]+)\s*\}")
#: name of the root while an expression is checked; each version has its own
_ROOT: Final = "data"


class Where:
    """The expression, ready for each version; asked of one record after the other."""

    def __init__(self, compiled: Compiled, readable: _Readable, now: datetime) -> None:
        self._compiled, self._now = compiled, now
        self._shapes = {each.version: readable.shape(each.root) for each in readable.definitions}

    def holds(self, record: Record) -> bool:
        """Whether it is true of a record, as its profile lets it through. Raises `WhereRefused`."""
        shape = self._shapes.get(record.version)
        # nothing is known of the answers of a version that is not there
        return shape is not None and self._is_true(shape, record.answers)

    def try_out(self) -> None:
        """Ask it of a record with two entries in each roster. Raises `WhereRefused`."""
        for shape in self._shapes.values():
            self._is_true(shape, _specimen(shape))

    def _is_true(self, shape: _Shape, answers: Any) -> bool:
        root = _Scope(shape, answers, self._now).root
        try:
            return to_boolean(self._compiled(Context(root.scope, root, root)))
        except EvaluationError as error:
            raise WhereRefused(_why(error)) from None


def where(request: ExportRequest, definitions: Sequence[Questionnaire], now: datetime) -> Where | None:
    """The expression of a request, checked; None if there is none. Raises `WhereRefused`.

    `now` is what `now()` and `today()` mean, in the zone of the settings.
    """
    text = request.selection.where
    if not text:
        return None
    if len(text) > LONGEST:
        raise WhereRefused(_l("At most %(max)s characters", max=LONGEST))
    readable = _Readable(request, definitions)
    tree = _parsed(text, readable)
    _check(tree, readable)
    made = Where(compile_expression(tree), readable, now)
    made.try_out()
    return made


# --- which questions it may read ----------------------------------------------------------------------


class _Readable:
    """The questions that an expression may read, and the rosters, by path."""

    def __init__(self, request: ExportRequest, definitions: Sequence[Questionnaire]) -> None:
        self.definitions = definitions
        items = merged_items(definitions)
        closed = {item.path for item in items if not _may_be_read(item, request)}
        self.questions = {item.path for item in items} - closed
        self.rosters = {chain[-1] for chain in merged_rosters(definitions)}
        self.paths = self.questions | self.rosters

    def path(self, name: str) -> str:
        """What `${name}` means. Raises `WhereRefused`."""
        if name in self.paths:
            return name
        found = sorted(path for path in self.paths if path.rpartition("/")[2] == name)
        if not found:
            raise WhereRefused(_l("There is no question “%(name)s” here", name=name[:80]))
        if len(found) > 1:
            some = ", ".join(f"${{{path}}}" for path in found[:4])
            raise WhereRefused(
                _l("Several questions are called “%(name)s”; say which: %(some)s", name=name, some=some)
            )
        return found[0]

    def shape(self, container: Container) -> _Shape:
        """The tree of what may be read of a version, from a container on."""
        shape: _Shape = {}
        for item in container.items:
            if isinstance(item, Section | Roster):
                shape[item.name] = (isinstance(item, Roster), self.shape(item))
            elif isinstance(item, Valued) and item.path in self.questions:
                shape[item.name] = item.type
        return shape


def _may_be_read(item: MergedItem, request: ExportRequest) -> bool:
    if item.identity or is_withheld(request.profile, item):
        return False
    return request.tables.include_sensitive or not item.sensitive


def _parsed(text: str, readable: _Readable) -> Tree:
    """Its tree, with the paths of questions. Raises `WhereRefused`."""
    written = _REFERENCE.sub(lambda found: f"/{_ROOT}/{readable.path(found[1])}", text)
    try:
        return parse(written)
    except ExpressionError as error:
        language = current_language() if has_request_context() else "en"
        said = explain_expression(error.code, error.params, language)
        place = excerpt(written, error.position).replace(f"/{_ROOT}/", "")
        raise WhereRefused(f"{said}: {place}") from None


def _check(tree: Tree, readable: _Readable) -> None:
    if strange := sorted(functions(tree) & _NOT_HERE):
        raise WhereRefused(_l("“%(name)s()” cannot be asked of an export", name=strange[0]))
    if attributes(tree) or instances(tree):
        raise WhereRefused(_l("Only questions of the questionnaire can be asked for here"))
    for place in references(tree, f"/{_ROOT}"):
        path = place.removeprefix(f"/{_ROOT}").strip("/")
        if path not in readable.paths:
            raise WhereRefused(_l("There is no question “%(name)s” here", name=path[:80]))


# --- answers as nodes ---------------------------------------------------------------------------------

#: name → type of a question, or whether a container is a roster and what is in it
_Shape: TypeAlias = "dict[str, DataType | tuple[bool, _Shape]]"


class _Answer:
    """One node of the answers, made when it is asked for; what is stored is relevant."""

    __slots__ = ("_answer", "_below", "name", "parent", "position", "scope")

    relevant: Final = True

    def __init__(
        self,
        name: str,
        below: DataType | _Shape,
        answer: Any,
        scope: _Scope,
        place: tuple[_Answer | None, int] = (None, 1),
    ) -> None:
        self.name = name
        self.scope = scope
        self.parent, self.position = place
        self._below = below
        self._answer = answer

    def children(self, name: str) -> Sequence[Node]:
        """The nodes of a name below it, where that may be read."""
        if isinstance(self._below, DataType) or name not in self._below:
            return ()
        answer = self._answer.get(name) if isinstance(self._answer, Mapping) else None
        shape = self._below[name]
        if isinstance(shape, DataType):
            return (_Answer(name, shape, answer, self.scope, (self, 1)),)
        is_roster, below = shape
        if not is_roster:
            return (_Answer(name, below, answer, self.scope, (self, 1)),)
        entries = enumerate(answer if isinstance(answer, list) else (), start=1)
        return [_Answer(name, below, entry, self.scope, (self, number)) for number, entry in entries]

    def value(self) -> Scalar:
        """The typed value; what is not of its type is as if it were not there."""
        if not isinstance(self._below, DataType):
            return ""
        try:
            return typed(self._below, self._answer, self.scope.zone)
        except MisshapenValue:
            return ""


class _Scope:
    """What an expression knows besides: the moment."""

    unique: Mapping[tuple[str, ...], Node] = MappingProxyType({})
    version = ""

    def __init__(self, shape: _Shape, answers: Any, now: datetime) -> None:
        self.now = now
        self.zone = now.tzinfo or UTC
        self.root = _Answer(_ROOT, shape, answers, self)

    def instance(self, name: str) -> Node | None:
        """There is none."""
        return None

    def choice_label(self, question: Node, value: str) -> str:
        """Nobody asks: `jr:choice-name` is refused."""
        return ""

    def itext(self, text_id: str) -> str:
        """Nor for these."""
        return ""

    def random(self) -> float:
        """Nor for chance."""
        return 0.0


def _specimen(shape: _Shape) -> dict[str, Any]:
    """Nobody's answers: two entries in each roster, and nothing answered."""
    made: dict[str, Any] = {}
    for name, below in shape.items():
        if not isinstance(below, DataType):
            is_roster, inner = below
            made[name] = [_specimen(inner), _specimen(inner)] if is_roster else _specimen(inner)
    return made


def _why(error: EvaluationError) -> LazyString:
    if error.code == "repeated":
        return _l(
            "“%(name)s” stands in a roster, which has several entries: ask for count(), sum(), min() or "
            "max() of it",
            name=str(error.params.get("name", "")),
        )
    return _l("It cannot be said of every submission whether this is true (%(code)s)", code=error.code)
