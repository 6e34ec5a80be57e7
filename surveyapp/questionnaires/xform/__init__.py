"""XForm → definition: the XML that pyxform makes of a workbook, parsed into frozen classes.

Understood is what pyxform 4.5 writes of XLSForms, and what is near to it: ODK's XForms specification
(https://getodk.github.io/xforms-spec/). Left out on purpose: `meta/instanceID` and entities, which
belong to a submission's envelope; the label of a group that refers to nothing.

What reads XML is loaded when something is read: published versions are kept parsed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.xform.errors import XFormError

__all__ = ["XFormError", "parse", "parse_with_faults"]

_NO_FILES: Mapping[str, bytes] = MappingProxyType({})


def parse(
    xform: bytes, files: Mapping[str, bytes] = _NO_FILES, *, as_written: bool = False
) -> Questionnaire:
    """The definition of a questionnaire. Raises `XFormError`, whatever the bytes are.

    `files` are the choice files that it refers to, by name; what is missing is left empty. With
    `as_written` the dash that stands for a translation left out is kept as its text, and so are all
    translations and attributes, whether an expression reads them or not: a replay's own ones may.
    """
    from surveyapp.questionnaires.xform import reading

    return reading.read(xform, files, as_written=as_written)


def parse_with_faults(
    xform: bytes, files: Mapping[str, bytes] = _NO_FILES
) -> tuple[Questionnaire, list[XFormError]]:
    """The definition without the expressions that cannot be understood, and what is wrong with those.

    Cycles stay in it. For authors, who want to hear everything at once; an interview of it would be
    another than the author meant. Raises `XFormError` for what is wrong with the form as a whole.
    """
    from surveyapp.questionnaires.xform import reading

    return reading.read_with_faults(xform, files)
