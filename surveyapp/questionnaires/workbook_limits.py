"""What a workbook's file must be before anything reads it: of its kind, and not too large.

The limits are far above real questionnaires and keep a damaged or hostile file from holding up the
program.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from io import BytesIO
from typing import Protocol
from zipfile import BadZipFile, ZipFile, ZipInfo

from surveyapp.questionnaires.problems import Problem, WorkbookError, of_the_file

#: bytes of a file
MAX_BYTES = 20 * 1024 * 1024
#: bytes that an Excel file may unpack to; larger ones are made to exhaust the reader
MAX_UNPACKED = 200 * 1024 * 1024
#: bytes at the beginning of an XML file in which a document type would stand, behind comments too
_BEGINNING = 64 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 1_000

_ZIP = b"PK\x03\x04"
#: OLE compound files: the old Excel, and everything that Office has encrypted
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: which of Excel's formats a file is, its first bytes say; old files are often named anew
_EXCEL = frozenset({".xlsx", ".xlsm", ".xls"})
_KINDS: Mapping[bytes, str] = {_ZIP: "Excel (.xlsx)", _OLE: "Excel (.xls)", b"%PDF": "PDF"}
#: packages that are zip files too: what stands near their beginning
_OTHER_PACKAGES: Mapping[bytes, str] = {
    b"opendocument.spreadsheet": "OpenDocument (.ods)",
    b"opendocument.text": "OpenDocument (.odt)",
    b"word/": "Word (.docx)",
    b"ppt/": "PowerPoint (.pptx)",
}
#: bytes at the beginning of a file that tell its kind
_START = 2_000
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Sized(Protocol):
    """A sheet: its name, its columns and its rows."""

    name: str
    columns: list[str]
    rows: list[dict[str, str]]


class Sheets(Protocol):
    """The sheets of a workbook."""

    @property
    def sheets(self) -> Mapping[str, Sized]: ...


def refuse_file(content: bytes, suffix: str) -> None:
    """Raise WorkbookError for a file that is empty, too large, encrypted or not of its suffix's kind."""
    if not content.strip(b"\0 \t\r\n"):
        raise WorkbookError([of_the_file("empty_file")])
    if len(content) > MAX_BYTES:
        raise WorkbookError([_too_large(MAX_BYTES)])
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise WorkbookError([of_the_file("encrypted")])
    _refuse_other_kind(content, suffix)
    if content.startswith(_ZIP):
        _refuse_bomb(content)


def _refuse_other_kind(content: bytes, suffix: str) -> None:
    found = _kind(content)
    excel = content.startswith((_ZIP, _OLE)) and found not in _OTHER_PACKAGES.values()
    if found and (not excel if suffix in _EXCEL else found != "HTML"):
        raise WorkbookError([of_the_file("other_kind", suffix=suffix, found=found)])
    if suffix in _EXCEL and not excel:
        raise WorkbookError([of_the_file("not_of_kind", suffix=suffix)])


def _kind(content: bytes) -> str:
    """What a file is by its first bytes, '' if that is not known."""
    marked = (kind for start, kind in _KINDS.items() if content.startswith(start))
    kind = next(marked, "")
    start = content[:_START].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<table")):
        return "HTML"
    if content.startswith(_ZIP):
        packages = (found for mark, found in _OTHER_PACKAGES.items() if mark in content[:_START])
        return next(packages, kind)
    return kind


def _refuse_bomb(content: bytes) -> None:
    try:
        with ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, OSError, UnicodeDecodeError) as error:
        raise WorkbookError([of_the_file("unreadable", detail=str(error))]) from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise WorkbookError([of_the_file("encrypted")])
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise WorkbookError([_too_large(MAX_UNPACKED)])
    _refuse_document_types(content)


def _refuse_document_types(content: bytes) -> None:
    """Refuse a package in which a part that Excel reads as XML has a document type (none ever has)."""
    try:
        with ZipFile(BytesIO(content)) as package:
            found = any(_has_doctype(package, part) for part in package.infolist())
    except Exception as error:  # zipfile raises whatever a damaged file leads it into
        raise WorkbookError([of_the_file("unreadable", detail=type(error).__name__)]) from error
    if found:
        raise WorkbookError([of_the_file("unreadable", detail="DOCTYPE")])


def _has_doctype(package: ZipFile, part: ZipInfo) -> bool:
    if not part.filename.endswith((".xml", ".rels")):
        return False
    with package.open(part) as file:
        beginning = file.read(_BEGINNING)
    return b"<!DOCTYPE" in beginning.replace(b"\0", b"")


def _too_large(limit: int) -> Problem:
    return of_the_file("file_too_large", megabytes=limit // (1024 * 1024))


def refuse_size(workbook: Sheets) -> None:
    """Raise WorkbookError for sheets with too many rows or columns."""
    problems = [
        Problem(sheet.name, None, None, "sheet_too_large", {"rows": MAX_ROWS, "columns": MAX_COLUMNS})
        for sheet in workbook.sheets.values()
        if len(sheet.rows) > MAX_ROWS or len(sheet.columns) > MAX_COLUMNS
    ]
    if problems:
        raise WorkbookError(problems)


def decoded(content: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark. Raises WorkbookError."""
    encoding = "utf-16" if content.startswith(_UTF16) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise WorkbookError([of_the_file("encoding", at_line=line)]) from error
