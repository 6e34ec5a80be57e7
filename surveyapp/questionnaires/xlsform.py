"""Workbook → XForm: places, placeholders and version put in, then pyxform's conversion.

The same workbook with the same placeholders gives the same bytes: a version is known by them.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from lxml import etree
from pyxform.errors import PyXFormError  # type: ignore[import-untyped]  # it ships no types
from pyxform.validators.odk_validate import (  # type: ignore[import-untyped]  # it ships no types
    ODKValidateError,
    check_xform,
)
from pyxform.xls2xform import convert  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires import foreign
from surveyapp.questionnaires.columns import column_problems
from surveyapp.questionnaires.place_choices import generate_place_choices
from surveyapp.questionnaires.placeholders import Value, fill_placeholders, used_placeholders
from surveyapp.questionnaires.problems import Problem, WorkbookError
from surveyapp.questionnaires.pyxform_errors import doubts_of, escaped_problem, problems_of
from surveyapp.questionnaires.translations import missing_translations
from surveyapp.questionnaires.workbook import SHEETS, Sheet, Workbook
from surveyapp.questionnaires.workbook_files import read_workbook
from surveyapp.questionnaires.xform.choices import ITEMSETS

__all__ = [
    "CompiledWorkbook",
    "Problem",
    "WorkbookError",
    "compile_workbook",
    "convert_sheets",
    "form_id",
    "odk_validate",
    "prepare",
]

#: Hexadecimal digits of the content's hash in the version of a workbook whose texts were filled.
_HASH_DIGITS = 6


@dataclass(frozen=True, slots=True)
class CompiledWorkbook:
    """A workbook made into an XForm.

    `xform` is UTF-8 XML, `workbook` the author's file byte for byte; `id` and `version` are the
    XForm's. `warnings` are what did not stop it. `files` are choice files that the workbook itself
    holds (its external_choices sheet), by name.
    """

    id: str
    version: str
    xform: bytes
    workbook: bytes
    warnings: tuple[Problem, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)


def compile_workbook(
    workbook: bytes | Path,
    name: str | None = None,
    *,
    placeholders: Mapping[str, Value] | None = None,
    strict: bool = False,
) -> CompiledWorkbook:
    """Compile an XLSForm whose file is called `name` (default: the path's; see `workbook_files`).

    A file that ends in `.xml` is an XForm already and is taken as it is (`foreign`).

    `placeholders` are the values of `{operator}` and the like, see `placeholders.PLACEHOLDERS`;
    when one was used, six digits of the content's hash are added to the version. With `strict` a
    wording that lacks a declared language is an error, not a warning. Raises WorkbookError, and
    XFormError for an XForm.
    """
    content = workbook.read_bytes() if isinstance(workbook, Path) else workbook
    file = name or (workbook.name if isinstance(workbook, Path) else "")
    if PurePath(file).suffix.lower() == ".xml":
        form = foreign.adopt(content)
        return CompiledWorkbook(form.id, form.version, form.xform, content, ())
    sheets = read_workbook(content, file)
    doubts = prepare(sheets, placeholders or {})
    if strict:
        doubts = [problem.strictly() for problem in doubts]
    if errors := [problem for problem in doubts if problem.is_error]:
        raise WorkbookError(errors)
    stem = PurePath(file).stem
    converted = convert_sheets(sheets, stem)
    warnings = (*doubts, *converted.warnings)
    version = sheets.setting("version")
    return CompiledWorkbook(
        form_id(sheets, stem), version, converted.xform, content, warnings, converted.files
    )


def form_id(workbook: Workbook, stem: str) -> str:
    """The XForm's id: the one of the settings, else the file's name."""
    return workbook.setting("form_id") or workbook.setting("id_string") or stem


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


def prepare(workbook: Workbook, placeholders: Mapping[str, Value]) -> list[Problem]:
    """Make a workbook with our extensions a plain XLSForm, in place; return what is wrong with it."""
    used = used_placeholders(workbook)
    problems = [
        *column_problems(workbook),
        *missing_translations(workbook),
        *fill_placeholders(workbook, placeholders),
        *generate_place_choices(workbook),
    ]
    _set_version(workbook, hashed=bool(used))
    return problems


def _set_version(workbook: Workbook, *, hashed: bool) -> None:
    """Give a workbook its version; one without any gets the hash of its content alone."""
    settings = workbook.sheets.setdefault("settings", Sheet("settings"))
    settings.rows = settings.rows or [{}]
    column, version = settings.column("version"), workbook.setting("version")
    if hashed or not version:
        digits = _content_hash(workbook)[:_HASH_DIGITS]
        settings.rows[0][column] = f"{version}-{digits}" if version else digits
    if column not in settings.columns:
        settings.columns.append(column)


def _content_hash(workbook: Workbook) -> str:
    content = {name: workbook.sheet(name).rows for name in SHEETS}
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Converted:
    """What pyxform makes of a workbook: the XForm, the choice files in it, and what it doubts."""

    xform: bytes
    files: dict[str, bytes]
    warnings: list[Problem]


def convert_sheets(workbook: Workbook, stem: str) -> Converted:
    """The XForm of a plain workbook. Raises WorkbookError."""
    messages: list[str] = []
    try:
        result = convert(_as_pyxform(workbook, stem), warnings=messages)
        xform: bytes = result.xform.encode()
        etree.fromstring(xform)
    except PyXFormError as error:
        raise WorkbookError(problems_of(str(error), workbook)) from error
    except Exception as error:  # pyxform lets KeyError and the like escape from what it foresaw not
        problem = escaped_problem(f"{type(error).__name__}: {error}", workbook)
        raise WorkbookError([problem]) from error
    files = {ITEMSETS: result.itemsets.encode()} if result.itemsets else {}
    warnings = [each for message in messages for each in doubts_of(message, workbook)]
    return Converted(xform, files, warnings)


def _as_pyxform(workbook: Workbook, stem: str) -> dict[str, Any]:
    """The sheets as pyxform's own readers give them; copied, because it changes what it gets."""
    found: dict[str, Any] = {"sheet_names": workbook.sheet_names, "fallback_form_name": stem}
    for name in SHEETS:
        if name in workbook.sheets:
            sheet = workbook.sheets[name]
            found[name] = deepcopy(sheet.rows)
            found[f"{name}_header"] = [dict.fromkeys(column for column in sheet.columns if column)]
    return found
