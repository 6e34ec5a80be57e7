"""The built-in questionnaires compiled once for all tests, and their XForms read without our parser."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from lxml import etree

from surveyapp.questionnaires import library
from surveyapp.questionnaires.xform.extensions import NAMESPACE
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook

#: What the consent texts are filled with in tests.
PLACEHOLDERS: Mapping[str, str | Mapping[str, str]] = {
    "operator": {"kk": "Сынақ ұйымы", "ru": "Пробная организация", "en": "Test organisation"},
    "bin": "000000000000",
    "contact": "+7 700 000 00 00",
    "retention": {"kk": "2030 жылғы 31 желтоқсан", "ru": "31 декабря 2030 г.", "en": "31 December 2030"},
}

SURVEY = f"{{{NAMESPACE}}}"
_XFORMS = "{http://www.w3.org/2002/xforms}"
_JAVAROSA = "{http://openrosa.org/javarosa}"


@cache
def built_in(questionnaire_id: str) -> CompiledWorkbook:
    """A built-in questionnaire, compiled strictly."""
    content = library.workbook(questionnaire_id)
    name = f"{questionnaire_id}.md"
    return compile_workbook(content, name, placeholders=PLACEHOLDERS, strict=True)


def _attributes(element: etree._Element) -> Mapping[str, str]:
    return MappingProxyType({str(name): str(value) for name, value in element.attrib.items()})


class XForm:
    """An XForm's binds and texts; paths are without the root: `visit/a_region`."""

    def __init__(self, xform: bytes) -> None:
        self.root = etree.fromstring(xform)
        self.binds: dict[str, Mapping[str, str]] = {}
        for bind in self.root.iter(f"{_XFORMS}bind"):
            attributes = _attributes(bind)
            self.binds[attributes["nodeset"].removeprefix("/data/")] = attributes
        self.texts: dict[str, dict[str, str]] = {}
        for translation in self.root.iter(f"{_XFORMS}translation"):
            language = _attributes(translation)["lang"][-3:-1]
            for text in translation.iter(f"{_XFORMS}text"):
                wording = "".join(str(piece) for piece in text.itertext())
                self.texts.setdefault(_attributes(text)["id"], {})[language] = wording

    def with_appearance(self, word: str) -> set[str]:
        """Names of the questions that ask for this appearance."""
        controls = (_attributes(element) for element in self.root.iter(f"{_XFORMS}input"))
        return {c["ref"].rpartition("/")[2] for c in controls if word in c.get("appearance", "").split()}

    def with_attribute(self, name: str, value: str | None = None) -> set[str]:
        """Names (without their sections) of the nodes that have an attribute of ours."""
        found = ((path, bind.get(SURVEY + name)) for path, bind in self.binds.items())
        return {path.rpartition("/")[2] for path, given in found if given and value in {None, given}}

    def required(self) -> set[str]:
        """Names of the questions that must be answered."""
        return {path.rpartition("/")[2] for path, bind in self.binds.items() if "required" in bind}

    def bind(self, name: str) -> Mapping[str, str]:
        """The bind of the only node of this name."""
        (path,) = (path for path in self.binds if path.rpartition("/")[2] == name)
        return self.binds[path]

    def message(self, name: str, kind: str) -> dict[str, str]:
        """The wordings of a node's `constraintMsg` or `requiredMsg`."""
        reference = self.bind(name)[_JAVAROSA + kind]
        return self.texts[reference.removeprefix("jr:itext('").removesuffix("')")]


@cache
def xform_of(questionnaire_id: str) -> XForm:
    """A built-in questionnaire's XForm."""
    return XForm(built_in(questionnaire_id).xform)
