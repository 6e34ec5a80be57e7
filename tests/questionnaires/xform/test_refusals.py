"""XForms that are refused: by a code and its params, whatever the bytes are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.xform import XFormError
from surveyapp.questionnaires.xform.document import MAX_BYTES, MAX_DEPTH
from tests.questionnaires.forms import workbook, xform_of

FORM = xform_of(workbook("| type | name | label |\n| text | q | Q |\n| integer | n | N |"))
ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
BOMB = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{ENTITIES}]>'.encode()
FILE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'


def without_declaration(form: bytes) -> bytes:
    """A form that can follow a document type."""
    return form.removeprefix(b'<?xml version="1.0"?>')


def refused(form: bytes) -> XFormError:
    """The refusal of a form."""
    with pytest.raises(XFormError) as refusal:
        xform.parse(form)
    assert refusal.value.code in XFormError.CODES
    return refusal.value


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (b"", "not_xml"),
        (b"not xml", "not_xml"),
        (FORM[:-20], "not_xml"),
        (FORM.replace(b"<h:title>", b"<h:title>\xff\xfe"), "not_xml"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "not_xml"),
        (b"<a/>", "not_xform"),
        (b"<html><head/><body/></html>", "not_xform"),
        (b"<html><head><model><instance/></model></head><body/></html>", "not_xform"),
        (FORM.replace(b' id="data"', b""), "no_form_id"),
        (FORM.replace(b"<q/>", b"<q/><q/>"), "duplicate"),
        # libxml2 itself stops at what grows like this
        (FORM.replace(b"<q/>", b"<q>&e11;</q>").replace(b'<?xml version="1.0"?>', BOMB), "not_xml"),
        (FORM.replace(b"<q/>", b"<q>&f;</q>").replace(b'<?xml version="1.0"?>', FILE), "doctype"),
        (
            b'<!DOCTYPE html SYSTEM "http://127.0.0.1:9/x.dtd">' + without_declaration(FORM),
            "doctype",
        ),
        (FORM.replace(b"<q/>", b"<q>" * MAX_DEPTH + b"</q>" * MAX_DEPTH), "too_deep"),
        (FORM + b" " * MAX_BYTES, "too_large"),
    ],
)
def test_what_is_no_xform_is_refused_by_a_code(form: bytes, code: str) -> None:
    assert refused(form).code == code


def test_depth_that_the_parser_itself_refuses_is_said_as_depth() -> None:
    for levels in (MAX_DEPTH + 1, 300, 5000):
        assert refused(b"<a>" * levels + b"</a>" * levels).code == "too_deep"


def test_an_expression_that_cannot_be_parsed_is_shown() -> None:
    form = FORM.replace(b'nodeset="/data/n"', b'nodeset="/data/n" relevant="/data/q = \'"')
    error = refused(form)
    assert error.code == "expression"
    assert error.params["path"] == "n"
    assert error.params["attribute"] == "relevant"
    assert error.params["source"] == "/data/q = '"
    assert error.params["reason"] == "quote"


def test_a_text_with_an_empty_expression_in_it_is_refused() -> None:
    error = refused(FORM.replace(b"<label>Q</label>", b'<label>Q <output value=" "/></label>'))
    assert (error.code, error.params["attribute"], error.params["reason"]) == (
        "expression",
        "label",
        "empty",
    )


def test_choices_without_a_source_are_refused() -> None:
    control = b'<select1 ref="/data/q"><label>Q</label><itemset nodeset=""/></select1>'
    error = refused(FORM.replace(b'<input ref="/data/q"><label>Q</label></input>', control))
    assert (error.code, error.params["path"]) == ("choices", "q")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_form_is_parsed_or_refused_but_never_a_traceback(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(FORM)))
    end = data.draw(st.integers(start, min(len(FORM), start + 40)))
    damaged = FORM[:start] + data.draw(st.binary(max_size=20)) + FORM[end:]
    try:
        xform.parse(damaged)
    except XFormError as error:
        assert error.code in XFormError.CODES
