"""The file itself, and what is true of it as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.sentences.said import Said

FILES: Mapping[str, Said] = {
    "file_type": Said(
        _l("A file that ends in “%(suffix)s” is no workbook"),
        _l("Save the workbook as .xlsx, or write it as .md"),
    ),
    "empty_file": Said(_l("The file is empty"), _l("Save the workbook again and send that file")),
    "file_too_large": Said(
        _l("The file is too large: more than %(megabytes)s MB"),
        _l("Take pictures out of the workbook, and long lists into a file of their own"),
    ),
    "sheet_too_large": Said(
        _l("The sheet is too large: more than %(rows)s rows or %(columns)s columns"),
        _l("Delete what is not needed, or put a long list into a file (select_one_from_file)"),
    ),
    "encrypted": Said(
        _l("The file is protected by a password"), _l("Save the workbook without a password")
    ),
    "other_kind": Said(
        _l("The file's name ends in %(suffix)s, but it is something else: %(found)s"),
        _l("Open the file in Excel or LibreOffice and save it as .xlsx"),
    ),
    "encoding": Said(
        _l("The text of the file is not in UTF-8, from line %(at_line)s on"),
        _l("Save the file with the encoding UTF-8"),
    ),
    "unreadable": Said(
        _l("The file cannot be read as a workbook: %(detail)s"),
        _l("The file may be damaged: open it in Excel or LibreOffice and save it anew"),
    ),
    "too_many_cells": Said(
        _l("The row has more cells than the header"), _l("Write | within a cell as \\|")
    ),
    "bad_character": Said(
        _l("The cell holds a character that cannot be stored: %(character)s"),
        _l("Type the text of this cell anew"),
    ),
    "not_of_kind": Said(
        _l("The file's name ends in %(suffix)s, but it is no Excel workbook"),
        _l("Open the file in Excel or LibreOffice and save it as .xlsx"),
    ),
    "no_table": Said(
        _l("There is no table in the file"),
        _l("Write a line | survey |, and below it the table: | | type | name | label |"),
    ),
    "flat_table": Said(
        _l("It is not said which sheet the table is"),
        _l("Put a line above it that begins with survey, and begin every other line with an empty cell"),
    ),
    "formula_unsaved": Said(
        _l("The cell holds a formula without a saved result: %(formula)s"),
        _l("Open the file in Excel or LibreOffice and save it, or write the text itself into the cell"),
    ),
    "duplicate_header": Said(
        _l("Two columns have the same header: %(header)s"), _l("Rename or delete one of them")
    ),
    "error_value": Said(
        _l("A formula of the spreadsheet failed here: %(value)s"),
        _l("Mend the formula, or write the text itself into the cell"),
    ),
}

WHOLE: Mapping[str, Said] = {
    "heavy_page": Said(
        _l("The page is heavy for a cheap phone: %(page)s KiB, at most %(budget)s KiB are meant"),
        _l("Shorten texts, or part the questionnaire in two"),
    ),
    "large_list": Said(
        _l("The list “%(list)s” has %(rows)s choices; above %(limit)s they are loaded on demand"),
        _l("Filter it by choice_filter, so that nobody looks through it"),
    ),
    "pyxform": Said(
        _l("The converter says: %(message)s"), _l("Mend what it names; the sentence is pyxform's own")
    ),
    "pyxform_doubt": Said(
        _l("The converter remarks: %(message)s"), _l("Look whether that is meant; it hinders nothing")
    ),
}
