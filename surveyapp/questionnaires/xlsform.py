"""Workbook → XForm: generated choices, placeholders and version put in, then pyxform's work.

The same workbook with the same placeholders gives the same bytes: a version is known by them.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from lxml import etree
from pyxform.errors import PyXFormError
from pyxform.validators.odk_validate import ODKValidateError, check_xform
from pyxform.xls2xform import convert

from surveyapp.questionnaires import geography
from surveyapp.questionnaires.extensions import extension_problems
from surveyapp.questionnaires.placeholders import Value, fill_placeholders, used_placeholders
from surveyapp.questionnaires.pyxform_errors import problems_of
from surveyapp.questionnaires.translations import missing_translations
from surveyapp.questionnaires.workbook import (
    SHEETS,
    Header,
    Sheet,
    Workbook,
    WorkbookError,
    WorkbookProblem,
    read_workbook,
)

#: A row of the choices sheet with one of these names stands for a generated list of places.
GENERATED_CHOICES = {
    "@geography:regions": geography.regions,
    "@geography:districts": geography.districts,
}

#: Length of the hash in the version of a workbook whose placeholders were filled.
_HASH_DIGITS = 6


@dataclass(frozen=True, slots=True)
class CompiledWorkbook:
    """A workbook made into an XForm.

    `xform` is UTF-8 XML, `workbook` the author's file byte for byte; `id` and `version` are the
    XForm's. `warnings` did not stop the publishing.
    """

    id: str
    version: str
    xform: bytes
    workbook: bytes
    warnings: tuple[WorkbookProblem, ...]


def compile_workbook(
    workbook: bytes | Path,
    name: str | None = None,
    *,
    placeholders: Mapping[str, Value] | None = None,
    strict: bool = False,
) -> CompiledWorkbook:
    """Compile an XLSForm whose file is called `name` (default: the path's; `.md` or `.xlsx`).

    `placeholders` are the values of `{operator}` and the like, see `placeholders.PLACEHOLDERS`;
    when one was used, six digits of the content's hash are added to the version. With `strict` a
    wording that lacks a declared language is an error, not a warning. Raises WorkbookError.
    """
    content = workbook.read_bytes() if isinstance(workbook, Path) else workbook
    file = name or (workbook.name if isinstance(workbook, Path) else "")
    sheets = read_workbook(content, file)
    warnings = _prepare(sheets, placeholders or {}, strict)
    xform = _convert(sheets, PurePath(file).stem, warnings)
    form_id = sheets.setting("form_id") or sheets.setting("id_string") or PurePath(file).stem
    return CompiledWorkbook(form_id, sheets.setting("version"), xform, content, tuple(warnings))


def odk_validate(xform: bytes) -> list[str]:
    """What ODK Validate, and so ODK Collect, has against an XForm; empty if it is accepted.

    Raises OSError where there is no Java.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.xml"
        file.write_bytes(xform)
        try:
            return list(check_xform(str(file)))
        except ODKValidateError as error:
            return str(error).splitlines()


def _prepare(
    workbook: Workbook, placeholders: Mapping[str, Value], strict: bool
) -> list[WorkbookProblem]:
    """Make a workbook of ours a plain one, in place; return the warnings."""
    untranslated = missing_translations(workbook)
    used = used_placeholders(workbook)
    filled = fill_placeholders(workbook, placeholders)
    errors = [*extension_problems(workbook), *_generate_choices(workbook)]
    errors += [problem for problem in filled if problem.code == "placeholder_unset"]
    errors += untranslated if strict else []
    if errors:
        raise WorkbookError(errors)
    _set_version(workbook, hashed=bool(used))
    doubtful = [problem for problem in filled if problem.code != "placeholder_unset"]
    return doubtful + ([] if strict else untranslated)


def _generate_choices(workbook: Workbook) -> Iterator[WorkbookProblem]:
    """Put places where the workbook names them.

    The naming row is emptied and the places are added at the end, so that no other row's number
    changes: order matters only within a list.
    """
    choices = workbook.sheet("choices")
    columns = {Header.parse(column).base: column for column in choices.columns}
    for number, row in list(choices.numbered()):
        places = GENERATED_CHOICES.get(row.get(columns.get("name", "name"), ""))
        if places is None:
            continue
        labels = _label_columns(choices)
        for column, language in labels.items():
            if language not in geography.LANGUAGES:
                yield workbook.problem(
                    "choices", number, column, "geography_language", language=language
                )
        list_name = {c: v for c, v in row.items() if Header.parse(c).base == "list_name"}
        row.clear()
        if any(place.parent for place in places()) and "parent" not in choices.columns:
            choices.columns.append("parent")
        choices.rows += [list_name | _choice(place, labels) for place in places()]


def _label_columns(choices: Sheet) -> dict[str, str]:
    headers = {column: Header.parse(column) for column in choices.columns}
    return {c: h.language_code or "" for c, h in headers.items() if h.base == "label"}


def _choice(place: geography.Place, labels: Mapping[str, str]) -> dict[str, str]:
    choice = {column: place.names.get(language, "") for column, language in labels.items()}
    parent = {"parent": place.parent} if place.parent else {}
    return {"name": place.code} | choice | parent


def _set_version(workbook: Workbook, *, hashed: bool) -> None:
    """Give a workbook its version; one without any gets the hash of its content alone."""
    settings = workbook.sheets.setdefault("settings", Sheet("settings"))
    if not settings.rows:
        settings.rows.append({})
    version = settings.rows[0].get("version", "")
    if hashed or not version:
        digits = _content_hash(workbook)[:_HASH_DIGITS]
        settings.rows[0]["version"] = f"{version}-{digits}" if version else digits
    if "version" not in settings.columns:
        settings.columns.append("version")


def _content_hash(workbook: Workbook) -> str:
    content = {name: workbook.sheet(name).rows for name in SHEETS}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _convert(workbook: Workbook, stem: str, warnings: list[WorkbookProblem]) -> bytes:
    messages: list[str] = []
    try:
        xform: bytes = convert(_as_pyxform(workbook, stem), warnings=messages).xform.encode()
        etree.fromstring(xform)
    except PyXFormError as error:
        raise WorkbookError(problems_of(str(error), workbook)) from error
    except Exception as error:  # pyxform lets KeyError and the like escape for what it did not foresee
        detail = f"{type(error).__name__}: {error}"
        raise WorkbookError([workbook.problem(None, None, None, "pyxform", message=detail)]) from error
    warnings += [problem for message in messages for problem in problems_of(message, workbook)]
    return xform


def _as_pyxform(workbook: Workbook, stem: str) -> dict[str, Any]:
    """The sheets as pyxform's readers give them; copied, because pyxform changes what it gets."""
    found: dict[str, Any] = {
        "sheet_names": workbook.sheet_names,
        "fallback_form_name": stem or None,
    }
    for name, sheet in workbook.sheets.items():
        if name in SHEETS:
            found[name] = deepcopy(sheet.rows)
            found[f"{name}_header"] = [dict.fromkeys(column for column in sheet.columns if column)]
    return found
