"""A form as a replay loads it: the XForm, what was read of it, and the nodes that its instance has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.placeholders import PLACEHOLDERS
from surveyapp.questionnaires.replay.skeleton import Part, skeleton
from surveyapp.questionnaires.workbook_files import read_workbook
from surveyapp.questionnaires.xform.document import Document, file_name
from surveyapp.questionnaires.xlsform import compile_workbook

#: JavaRosa tells `<label></label>`, an empty text, from `<label/>`, none; lxml does not
_EMPTY_LABEL = re.compile(rb"(?P<begin><(?:[\w.-]+:)?label\s*>)(?=</)")
_NOTHING_SAID = rb"""\g<begin><output value="''"/>"""


@dataclass(frozen=True)
class Form:
    """An XForm, its definition, and the choice files that it refers to, by name."""

    xform: bytes
    questionnaire: Questionnaire
    files: Mapping[str, bytes]

    @cached_property
    def root(self) -> Part:
        """The root of the instance's nodes."""
        return skeleton(self.document, self.questionnaire)

    @cached_property
    def document(self) -> Document:
        """The XForm's parts."""
        return Document(self.xform)

    @cached_property
    def title(self) -> str:
        """The form's own title."""
        return next((str(each.text or "") for each in self.document.head.iter("{*}title")), "")

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages as the author names them; none where nothing is translated."""
        found = self.document.model.iter("{*}translation")
        return tuple(each.get("lang", "") for each in found)

    @cached_property
    def default_language(self) -> str | None:
        """The author's name of the language that a form begins in."""
        marked = (
            each.get("lang", "")
            for each in self.document.model.iter("{*}translation")
            if each.get("default") is not None
        )
        return next(marked, self.languages[0] if self.languages else None)

    @cached_property
    def missing_media(self) -> tuple[str, ...]:
        """Names of the choice files that it refers to and that were not found."""
        names = map(file_name, self.questionnaire.external_lists.values())
        return tuple(dict.fromkeys(name for name in names if name not in self.files))


def load_form(file: Path, media: Path | None = None) -> Form:
    """A form's file: an XForm (`.xml`) or a workbook; its choice files are in `media` or beside it.

    Raises:
        OSError: it cannot be read.
        WorkbookError, XFormError: it is no form.
    """
    content = file.read_bytes()
    folder = media or file.resolve().parent
    if file.suffix.lower() == ".xml":
        return _form(content, folder, {})
    # an installation's own words are not known here: they stand as the author wrote them
    unfilled = {name: f"{{{name}}}" for name, word in PLACEHOLDERS.items() if word is None}
    compiled = compile_workbook(content, file.name, placeholders=unfilled)
    has_version = read_workbook(content, file.name).setting("version")
    xform_ = compiled.xform if has_version else _without_version(compiled.xform)
    return _form(xform_, folder, compiled.files)


def _without_version(content: bytes) -> bytes:
    """What the author gave no version is compared with what was converted without one."""
    document = Document(content)
    del document.data.attrib["version"]
    return etree.tostring(document.root, encoding="UTF-8", xml_declaration=True)


def _form(content: bytes, folder: Path, own: Mapping[str, bytes]) -> Form:
    addresses = xform.parse(content).external_lists.values()
    found = {name: folder / name for name in map(file_name, addresses)}
    files = {name: path.read_bytes() for name, path in found.items() if path.is_file()}
    files |= own
    told = _EMPTY_LABEL.sub(_NOTHING_SAID, content)
    return Form(content, xform.parse(told, files, as_written=True), files)
