"""The whole of an XForm, read part by part: what `xform.parse` does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from itertools import chain

from surveyapp.questionnaires.definition import Expression, Questionnaire, Text, Tree
from surveyapp.questionnaires.dependencies import DependencyCycle, dependencies_of
from surveyapp.questionnaires.expressions import ExpressionError, attributes, files_pulled, functions
from surveyapp.questionnaires.expressions import parse as parse_expression
from surveyapp.questionnaires.xform.choices import Lists, read_lists
from surveyapp.questionnaires.xform.document import (
    Document,
    child,
    elements,
    form_id,
    local_name,
    own_text,
)
from surveyapp.questionnaires.xform.errors import XFormError
from surveyapp.questionnaires.xform.extensions import AUDIENCES, Extensions
from surveyapp.questionnaires.xform.form import ExpressAt, Form
from surveyapp.questionnaires.xform.instances import CSV_ADDRESS, read_external
from surveyapp.questionnaires.xform.items import read_first_load, read_items
from surveyapp.questionnaires.xform.texts import Texts

#: what stands for an expression that cannot be understood where one must stand: nothing
_INSTEAD: Mapping[str, Expression] = {
    "label": Expression("''", ["string", ""]),
    "itemset": Expression("instance('')/root/item", ["instance", "", ["root"], ["item"]]),
}


def read(xform: bytes, files: Mapping[str, bytes], *, as_written: bool) -> Questionnaire:
    """As `xform.parse` says."""
    definition = _definition(xform, files, _express, as_written=as_written)
    _refuse_cycles(definition)
    return definition


def read_with_faults(xform: bytes, files: Mapping[str, bytes]) -> tuple[Questionnaire, list[XFormError]]:
    """As `xform.parse_with_faults` says."""
    faults: list[XFormError] = []

    def express(path: str, attribute: str, source: str | None) -> Expression | None:
        try:
            return _express(path, attribute, source)
        except XFormError as fault:
            faults.append(fault)
            return _INSTEAD.get(attribute)

    return _definition(xform, files, express), faults


def _definition(
    xform: bytes, files: Mapping[str, bytes], express: ExpressAt, *, as_written: bool = False
) -> Questionnaire:
    document = Document(xform, whole=as_written)
    trees: list[Tree] = []
    form = Form(
        document,
        Texts(document.model, as_written=as_written),
        _noting(_without_computed(express, document), trees),
    )
    lists = read_lists(form, files)
    root = read_items(form)
    _add_pulled(lists, frozenset(chain.from_iterable(map(files_pulled, trees))), files)
    translations, outputs = _translations(form, trees, as_written=as_written)
    whole = _said_of_the_whole(document)
    return Questionnaire(
        id=form_id(document),
        version=document.data.get("version", ""),
        title=_title(form, whole),
        languages=form.texts.languages,
        default_language=form.texts.default_language,
        root=root,
        choice_lists=lists.choices,
        hash=hashlib.sha256(xform).hexdigest(),
        audience=whole.word("audience", AUDIENCES),
        minutes=whole.plain("minutes"),
        root_name=document.root_name,
        external_lists=lists.external,
        instances=lists.instances,
        attributes_read=tuple(sorted(document.attributes_read)),
        translations=translations,
        outputs=outputs,
        first_load=read_first_load(form, root),
        permission=whole.text("permission"),
        style=frozenset(document.body.get("class", "").split()),
    )


def _express(path: str, attribute: str, source: str | None) -> Expression | None:
    text = (source or "").strip()
    if not text:
        return None
    try:
        return Expression(text, parse_expression(text))
    except ExpressionError as error:
        raise XFormError(
            "expression",
            path=path,
            attribute=attribute,
            source=text,
            reason=error.code,
            position=error.position,
            details=error.params,
        ) from error


def _without_computed(express: ExpressAt, document: Document) -> ExpressAt:
    """The same, which refuses to read attributes that the form computes."""

    def refusing(path: str, attribute: str, source: str | None) -> Expression | None:
        expression = express(path, attribute, source)
        # hardly a form computes any: that is looked at first
        computed = document.attributes_computed
        if expression and computed and computed & attributes(expression.tree):
            raise XFormError(
                "expression",
                path=path,
                attribute=attribute,
                source=expression.source,
                reason="unsupported",
                position=max(0, expression.source.find("@")),
                details={"feature": "attribute"},
            )
        return expression

    return refusing


#: functions that read more of the form than its nodes
_FAR_READING = ("jr:itext", "pulldata")


def _noting(express: ExpressAt, trees: list[Tree]) -> ExpressAt:
    """The same, which puts the trees of expressions that may call one of `_FAR_READING` into `trees`."""

    def noting(path: str, attribute: str, source: str | None) -> Expression | None:
        expression = express(path, attribute, source)
        if expression and any(name in expression.source for name in _FAR_READING):
            trees.append(expression.tree)
        return expression

    return noting


def _translations(
    form: Form, trees: Iterable[Tree], *, as_written: bool
) -> tuple[Mapping[str, Mapping[str, str]], tuple[Expression, ...]]:
    """What `jr:itext()` reads, with the values put into it; nothing if no expression calls it."""
    if any("jr:itext" in functions(tree) for tree in trees):
        return form.texts.translations(form.output(""))
    return form.texts.translations(_leniently(form.output(""))) if as_written else ({}, ())


def _leniently(express: Callable[[str], Expression]) -> Callable[[str], Expression]:
    """The same; what cannot be understood, in texts that nothing shows, is nothing."""

    def lenient(source: str) -> Expression:
        try:
            return express(source)
        except XFormError:
            return _INSTEAD["label"]

    return lenient


def _add_pulled(lists: Lists, pulled: frozenset[str], files: Mapping[str, bytes]) -> None:
    """`pulldata` may name a file that no instance is declared for."""
    undeclared = pulled - lists.instances.keys() - lists.external.keys()
    addresses = {name: f"{CSV_ADDRESS}{name}.csv" for name in sorted(undeclared)}
    lists.external.update(addresses)
    lists.instances.update(read_external(addresses, files))  # a CSV file has no attributes


def _refuse_cycles(definition: Questionnaire) -> None:
    try:
        dependencies_of(definition).order()
    except DependencyCycle as cycle:
        raise XFormError("cycle", paths=cycle.paths) from cycle


def _said_of_the_whole(document: Document) -> Extensions:
    """What a workbook says of the whole questionnaire stands on its first row."""
    first = next(elements(document.data), None)
    path = "" if first is None else local_name(first)
    return Extensions(document.bind(path), path)


def _title(form: Form, whole: Extensions) -> Text:
    """The titles by language; the form's own title stands for the default language."""
    plain = own_text(child(form.document.head, "title"))
    wordings = {form.texts.default_language: (plain,)} if plain else {}
    return Text({**wordings, **whole.text("title").wordings})
