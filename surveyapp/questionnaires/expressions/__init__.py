"""One expression language: XForms XPath as ODK Collect evaluates it.

Text is parsed once into JSON trees, at publishing; evaluators compile the same trees to closures, one
here and one on the phone. JavaRosa, the engine inside ODK Collect, is the reference; the few differences
are listed with their reasons in docs/expressions.md.

    tree = parse("/data/age > 5")
    value = compile_expression(tree)(Context(scope, node, current=node))
    to_boolean(value)

A tree is a list whose first element says what it is (`TREE_VERSION` counts the versions of this list):

* `["number", 1.5]`, whole numbers as integers · `["string", "text"]`
* `["or", a, b, …]`, `["and", a, b, …]` · `["=", a, b, …]`, `["!=", …]` · `["<", …]`, `["<=", …]`,
  `[">", …]`, `[">=", …]` · `["+", …]`, `["-", …]` · `["*", …]`, `["div", …]`, `["mod", …]`: two operands
  or more, from left to right (`a - b - c` is `["-", a, b, c]`)
* `["negative", a]`
* `["call", name, argument, …]`; the second argument of `jr:choice-name`, which authors write in quotes,
  is the parsed path
* paths: `["absolute", step, …]` from the root, `["relative", step, …]` from the context node,
  `["current", step, …]` from the node the whole expression stands in,
  `["instance", name, step, …]` from the holder of a secondary instance
* a step is `[name, predicate, …]`, its name an element's, `@` and an attribute's, `*`, `.` or `..`; `..`
  only at the start of relative and current paths; neither `.` nor `..` has predicates
"""

from __future__ import annotations

from surveyapp.questionnaires.expressions.context import Context, Node, Scalar, Scope
from surveyapp.questionnaires.expressions.conversions import (
    Nodeset,
    Value,
    is_empty,
    to_boolean,
    to_number,
    to_string,
    unpack,
)
from surveyapp.questionnaires.expressions.errors import EvaluationError, ExpressionError
from surveyapp.questionnaires.expressions.evaluator import compile_expression, compiled
from surveyapp.questionnaires.expressions.moments import parse_moment
from surveyapp.questionnaires.expressions.parser import parse
from surveyapp.questionnaires.expressions.paths import Compiled
from surveyapp.questionnaires.expressions.printer import print_expression
from surveyapp.questionnaires.expressions.references import (
    attributes,
    files_pulled,
    functions,
    instances,
    is_volatile,
    references,
    unknown_to_collect,
)
from surveyapp.questionnaires.expressions.storage import storage_text

TREE_VERSION = 2

__all__ = [
    "TREE_VERSION",
    "Compiled",
    "Context",
    "EvaluationError",
    "ExpressionError",
    "Node",
    "Nodeset",
    "Scalar",
    "Scope",
    "Value",
    "attributes",
    "compile_expression",
    "compiled",
    "files_pulled",
    "functions",
    "instances",
    "is_empty",
    "is_volatile",
    "parse",
    "parse_moment",
    "print_expression",
    "references",
    "storage_text",
    "to_boolean",
    "to_number",
    "to_string",
    "unknown_to_collect",
    "unpack",
]
