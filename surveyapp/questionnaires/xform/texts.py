"""Wordings of an XForm: inline labels, translations (itext), and values put into them (output)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from lxml import etree

from surveyapp.questionnaires.definition import MEDIA_KINDS, NO_TEXT, Expression, Text, Wording
from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.xform.document import (
    child,
    children,
    elements,
    file_name,
    local_name,
    own_text,
)
from surveyapp.questionnaires.xform.errors import XFormError

#: language of a form that names none; pyxform's word for it
UNNAMED = "default"
#: a text that is there and says nothing, which JavaRosa tells from none
EMPTY: Wording = ("",)
_LONG = "long"
#: what pyxform writes where an author left a translation out
_LEFT_OUT = ("-",)
_ITEXT = re.compile(r"""\s*jr:itext\(\s*(?P<quote>['"])(?P<id>[^'"]*)(?P=quote)\s*\)\s*""")
_VALUES = etree.XPath("*[local-name() = 'text']/*[local-name() = 'value']")

Express = Callable[[str], Expression]
#: what is said of one text: form (`long`, `image` …, mostly none) → language → element
_Forms = dict[str, dict[str, etree._Element]]


class Texts:
    """The translations of one XForm, and how its labels, hints and messages are read."""

    def __init__(self, model: etree._Element, *, as_written: bool = False) -> None:
        self._left_out = () if as_written else _LEFT_OUT
        self._as_written = as_written
        itext = child(model, "itext")
        translations = [] if itext is None else list(children(itext, "translation"))
        codes = [language_code(each.get("lang", UNNAMED)) for each in translations]
        _refuse_double(codes)
        self.languages = tuple(codes) or (UNNAMED,)
        self.default_language = _default(translations, codes)
        self._translations = dict(zip(codes, translations, strict=True))
        self._values = _values(self._translations)

    def of(self, element: etree._Element | None, express: Express, form: str = "") -> Text:
        """The text of a label or hint; `form` asks for another form of it, such as `guidance`."""
        if element is None:
            return NO_TEXT
        match = _ITEXT.fullmatch(element.get("ref", ""))
        if match:
            return self.by_id(match.group("id"), express, form)
        return NO_TEXT if form else self._plain(self._wording(element, express))

    def of_message(self, message: str | None, express: Express) -> Text:
        """The text of a bind's message: a reference to a translation, or the words themselves."""
        match = _ITEXT.fullmatch(message or "")
        if match:
            return self.by_id(match.group("id"), express)
        return self._plain((message.strip(),) if message and message.strip() else ())

    def by_id(self, text_id: str, express: Express, form: str = "") -> Text:
        """The text of an itext id, without the translations that the author left out.

        As written, none is left out, and one without a word is `EMPTY`.
        """
        # where a text has a long form, that is what JavaRosa shows
        forms = self._values.get(text_id, {})
        values = forms.get(form or _LONG) or forms.get(form, {})
        wordings = {code: self._wording(value, express) for code, value in values.items()}
        if self._as_written:
            wordings = {code: each or EMPTY for code, each in wordings.items()}
        given = {code: each for code, each in wordings.items() if each and each != self._left_out}
        return Text(
            given or {code: each for code, each in wordings.items() if each},
            {} if form else _media(forms),
        )

    def translations(self, express: Express) -> tuple[dict[str, dict[str, str]], tuple[Expression, ...]]:
        """Every translation as `jr:itext()` reads it: language → id (`id;short`) → text, `${n}` where a
        value is put in; and these values, each once, in the order of the form.
        """
        outputs: list[Expression] = []
        found: dict[str, dict[str, str]] = {}
        for language, translation in self._translations.items():
            texts = found[language] = {}
            for (text_id, form), value in _values_of(translation):
                pieces = (_numbered(each, outputs) for each in self._wording(value, express))
                texts[f"{text_id};{form}" if form else text_id] = "".join(pieces)
        return found, tuple(outputs)

    def of_cell(self, text: str, express: Express) -> Text:
        """The text of a row's column; as written, one without a word is `EMPTY`."""
        return self.of_message(text, express) or self._plain(EMPTY if self._as_written else ())

    def _wording(self, element: etree._Element, express: Express) -> Wording:
        wording = _wording(element, express)
        if not self._as_written:
            return wording
        # JavaRosa drops blanks between two outputs, with which a page would run words together
        return tuple(piece for piece in wording if not isinstance(piece, str) or piece.strip())

    def _plain(self, wording: Wording) -> Text:
        return Text({self.default_language: wording}) if wording else NO_TEXT


def _refuse_double(codes: list[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            raise XFormError("language", language=code)


def _default(translations: list[etree._Element], codes: list[str]) -> str:
    marked = (
        code
        for code, translation in zip(codes, translations, strict=True)
        if translation.get("default") is not None
    )
    return next(marked, codes[0] if codes else UNNAMED)


def _values(translations: Mapping[str, etree._Element]) -> dict[str, _Forms]:
    """The `value` elements by text id, then as `_Forms`."""
    found: dict[str, _Forms] = {}
    for code, translation in translations.items():
        for (text_id, form), value in _values_of(translation):
            found.setdefault(text_id, {}).setdefault(form, {})[code] = value
    return found


def _media(forms: _Forms) -> dict[str, dict[str, str]]:
    """The files that go with a text: kind → language → file name."""
    return {
        kind: {code: file_name(own_text(value)) for code, value in forms[kind].items()}
        for kind in MEDIA_KINDS
        if kind in forms
    }


def _values_of(translation: etree._Element) -> Iterator[tuple[tuple[str, str], etree._Element]]:
    """The `value` elements of one language with their text ids and forms."""
    for value in cast("list[etree._Element]", _VALUES(translation)):
        text = cast("etree._Element", value.getparent())
        yield (text.get("id", ""), value.get("form", "")), value


def _numbered(piece: str | Expression, outputs: list[Expression]) -> str:
    """A piece of a wording as text: of an expression its number among all of them."""
    if isinstance(piece, str):
        return piece
    trees = [each.tree for each in outputs]
    if piece.tree not in trees:
        outputs.append(piece)
        trees.append(piece.tree)
    return f"${{{trees.index(piece.tree)}}}"


def _wording(element: etree._Element, express: Express) -> Wording:
    """The pieces of a wording; pyxform puts blanks around one that has outputs."""
    if not len(element):  # most of them, and the same for less
        text = str(element.text or "").strip()
        return (text,) if text else ()
    pieces = [piece for piece in _pieces(element, express) if piece]
    if pieces and isinstance(pieces[0], str):
        pieces[0] = pieces[0].lstrip()
    if pieces and isinstance(pieces[-1], str):
        pieces[-1] = pieces[-1].rstrip()
    return tuple(piece for piece in pieces if piece)


def _pieces(element: etree._Element, express: Express) -> Iterator[str | Expression]:
    yield str(element.text or "")
    for inner in elements(element):
        if local_name(inner) == "output":
            yield express(inner.get("value") or inner.get("ref") or "''")
        else:
            yield from _pieces(inner, express)
        yield str(inner.tail or "")
