"""What is wrong with an XForm, as a problem at a node's path."""

from __future__ import annotations

from collections.abc import Mapping

from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.xform import XFormError

#: code of an `XFormError` → code of a problem; the others are the same
_CODES: Mapping[str, str] = {
    "too_large": "xform_too_large",
    "too_deep": "xform_too_deep",
    "duplicate": "duplicate_path",
    "extension": "extension_attribute",
    "choices": "choices_not_found",
    "language": "language_code_twice",
    "search": "search_arguments",
    "file_type": "media_type",
    "file_large": "media_large",
    "file_rows": "media_rows",
    "file_columns": "media_columns",
    "file_encoding": "media_encoding",
    "file_broken": "media_broken",
}


def problem_of_xform(error: XFormError) -> Problem:
    """An `XFormError` as a problem."""
    facts = dict(error.params)
    path, attribute = facts.pop("path", None), facts.pop("attribute", None)
    code = _CODES.get(error.code, error.code)
    if code == "expression":
        facts = {"position": 0, "details": {}, **facts}
    return Problem(None, None, attribute, code, facts, path=path)
