"""Which wordings of a workbook lack a language that the workbook declares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.workbook import Header, Sheet, Workbook

#: Columns of wordings: what people read. Media are left out: a picture often serves all languages.
_WORDINGS = frozenset(
    {
        "label",
        "caption",
        "hint",
        "guidance_hint",
        "constraint_message",
        "constraining_message",
        "bind::jr:constraintMsg",
        "required_message",
        "requiredmsg",
        "bind::jr:requiredMsg",
    }
)

#: Our own wordings; their columns end in the language's code (`bind::survey:warning_kk`).
OWN_WORDINGS = frozenset({"bind::survey:title", "bind::survey:warning", "bind::survey:permission"})

#: Column → language code (None: the workbook's default language) → header, of one sheet.
_Columns = Mapping[str, Mapping[str | None, str]]


def declared_languages(workbook: Workbook) -> tuple[str, ...]:
    """Languages of the workbook's wordings, as the author names them, in the order they appear.

    A workbook in a single, unnamed language declares none.
    """
    headers = [Header.parse(c) for s in _sheets(workbook) for c in s.columns]
    named = [header.language for header in headers if header.base in _WORDINGS and header.language]
    default = workbook.setting("default_language")
    return tuple(dict.fromkeys([*named, default] if default else named)) if named else ()


def missing_translations(workbook: Workbook) -> list[Problem]:
    """Each label, hint, choice or message that is worded, but not in every declared language."""
    codes = {language_code(language): language for language in declared_languages(workbook)}
    default = language_code(workbook.setting("default_language")) or next(iter(codes), None)
    return [
        problem
        for sheet in _sheets(workbook)
        for problem in _missing_in_sheet(workbook, sheet, codes, default)
    ]


def _sheets(workbook: Workbook) -> tuple[Sheet, Sheet]:
    return workbook.sheet("survey"), workbook.sheet("choices")


def _missing_in_sheet(
    workbook: Workbook, sheet: Sheet, codes: Mapping[str, str], default: str | None
) -> Iterator[Problem]:
    columns = _wording_columns(sheet, default)
    for number, row in sheet.numbered():
        for base, headers in columns.items():
            present = {code for code, header in headers.items() if header in row}
            for code in [code for code in codes if present and code not in present]:
                column = headers.get(code) or _header(base, code, codes[code])
                missing = {"language": codes[code]}
                yield workbook.problem(sheet.name, number, column, "untranslated", **missing)


def _wording_columns(sheet: Sheet, default: str | None) -> _Columns:
    columns: dict[str, dict[str | None, str]] = {}
    for text in sheet.columns:
        header = Header.parse(text)
        if header.base in _WORDINGS or (header.base in OWN_WORDINGS and header.language):
            columns.setdefault(header.base, {})[header.language_code or default] = text
    return columns


def _header(base: str, code: str, language: str) -> str:
    return f"{base}_{code}" if base in OWN_WORDINGS else f"{base}::{language}"
