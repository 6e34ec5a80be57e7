"""What makes an XForm unusable, in the author's language."""

from __future__ import annotations

from surveyapp.catalogue.problems import explain
from surveyapp.questionnaires.checking.xforms import problem_of_xform
from surveyapp.questionnaires.xform import XFormError


def explain_xform(error: XFormError, language: str) -> str:
    """What is wrong with an XForm and where."""
    return explain(problem_of_xform(error), language)
