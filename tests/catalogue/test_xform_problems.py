"""What makes an XForm unusable is said in the author's language."""

from __future__ import annotations

import pytest
from flask import Flask

from surveyapp.catalogue.expression_problems import excerpt
from surveyapp.catalogue.sentences import SENTENCES
from surveyapp.catalogue.xform_problems import explain_xform
from surveyapp.questionnaires.checking.xforms import problem_of_xform
from surveyapp.questionnaires.xform import XFormError


def test_every_error_is_a_problem_with_sentences() -> None:
    codes = {problem_of_xform(XFormError(code)).code for code in XFormError.CODES}
    assert codes <= SENTENCES.keys()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (XFormError("doctype"), "An XForm must not have a DOCTYPE"),
        (
            XFormError("not_xml", line=3, column=7),
            "The XForm is no XML: line 3, column 7",
        ),
        (
            XFormError("cycle", paths=("a", "b", "a")),
            "These depend on each other: a → b → a",
        ),
        (
            XFormError(
                "expression",
                path="child/c_age",
                attribute="relevant",
                source="/data/a > foo(1)",
                reason="function",
                position=10,
                details={"name": "foo"},
            ),
            "child/c_age, relevant: There is no function “foo”: /data/a > ▸foo(1)",
        ),
        (
            XFormError("expression", path="a", attribute="label", source="", reason="empty"),
            "a, label: The expression is empty: ▸",
        ),
    ],
)
def test_an_error_is_explained_with_its_place(words: Flask, error: XFormError, sentence: str) -> None:
    assert explain_xform(error, "en") == sentence


def test_of_a_long_expression_only_the_surroundings_are_shown() -> None:
    source = "/data/a = 1 and $x = 2 and /data/bcdefghijklmnop = 3"
    assert excerpt(source, 16) == "/data/a = 1 and ▸$x = 2 and /data/bcd…"
    assert excerpt(source, 41) == "…2 and /data/bcdefghi▸jklmnop = 3"
