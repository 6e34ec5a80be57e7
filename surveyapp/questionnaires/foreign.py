"""XForms that another tool made: taken as they are, but for a version where they name none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from lxml import etree

from surveyapp.questionnaires.xform.document import Document, form_id

_HASH_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ForeignForm:
    """An XForm with its id and version."""

    id: str
    version: str
    xform: bytes


def adopt(content: bytes) -> ForeignForm:
    """An XForm as it came; one without a version gets the hash of its content for one.

    Raises `XFormError`.
    """
    document = Document(content)
    version = document.data.get("version", "").strip()
    if version:
        return ForeignForm(form_id(document), version, content)
    version = hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]
    document.data.set("version", version)
    xform = etree.tostring(document.root, encoding="UTF-8", xml_declaration=True)
    return ForeignForm(form_id(document), version, xform)
