"""What can be wrong with an expression: a code and its parameters, rendered in words at the edge."""

from __future__ import annotations

from typing import Any


class ExpressionError(Exception):
    """An expression that cannot be understood, or that this language leaves out on purpose.

    `code` is one of `CODES`, `position` the 0-based offset in the source at which it was noticed.
    """

    CODES = frozenset(
        {
            "empty",  # nothing was written
            "character",  # character: one that no expression can contain at this place
            "quote",  # a quoted text is never closed
            "number",  # number: too large to be computed with
            "end",  # the expression stops where something must follow
            "unexpected",  # found: something that cannot stand here
            "parenthesis",  # never closed
            "bracket",  # never closed
            "function",  # name: no function has it
            "arguments",  # name, given, least, most: too few or too many; most None: no limit
            "choice_name",  # the second argument of jr:choice-name is no question's path in quotes
            "instance",  # the argument of instance is no name in quotes
            "pattern",  # reason: regex cannot use the pattern, see PatternError.REASONS
            "unsupported",  # feature: one of FEATURES
            "deep",  # limit: levels of nesting
        }
    )
    #: XPath that ODK Collect has not got either, or computes wrongly
    FEATURES = frozenset(
        {
            "attribute",
            "axis",
            "descendant",
            "filter",
            "node test",
            "parent",
            "root",
            "union",
            "variable",
        }
    )

    def __init__(self, code: str, position: int, **params: Any) -> None:
        super().__init__(code, position, params)
        self.code = code
        self.position = position
        self.params = params

    def __str__(self) -> str:
        details = "".join(f", {name} {value!r}" for name, value in self.params.items())
        return f"{self.code} at {self.position}{details}"


class EvaluationError(Exception):
    """An expression that was understood but has no value for these answers.

    The codes and their parameters:

    * `repeated` (`name`): one value was asked for, but the path leads to several roster instances
    * `date` (`value`): not a date
    * `date_format` (`escape`): an escape that `format-date` does not know
    * `geography` (`function`): not a place, or not a list of places
    * `nodeset` (`function`): the function needs a path
    * `instance` (`name`): no choice list or file of this name
    * `above_root`: `..` leads out of the answers
    * `indexed_repeat`: the path is not inside the roster that is to be indexed
    * `pattern` (`reason`): a regular expression put together while answering cannot be used
    * `digest` (`name`): no digest or encoding of this name
    * `cast`: an assignment gave what its item cannot hold
    * `lengths`: `weighted-checklist` got two lists of different lengths
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params
