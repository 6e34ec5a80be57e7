"""Finished sentences for the problems of a workbook, in the author's language."""

from __future__ import annotations

from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.questionnaires.workbook import WorkbookProblem

#: code → sentence; `%(name)s` are the problem's params
SENTENCES: dict[str, LazyString] = {
    "file_type": _l("A workbook is a file that ends in .xlsx or .md"),
    "unreadable": _l("The file cannot be read as a workbook: %(detail)s"),
    "too_many_cells": _l("The row has more cells than the header; write | within a cell as \\|"),
    "bad_character": _l("The cell holds a character that cannot be stored: %(character)s"),
    "misspelt_column": _l("This column is not known and is ignored; is “%(meant)s” meant?"),
    "namespace": _l("To use survey: columns, put this into the namespaces setting: %(declaration)s"),
    "unknown_extension": _l("There is no such survey: column; these are known: %(known)s"),
    "extension_value": _l("“%(value)s” cannot stand here; allowed: %(allowed)s"),
    "extension_half": _l("This column has to be filled in too: %(missing)s"),
    "untranslated": _l("The text is missing in this language: %(language)s"),
    "placeholder_unset": _l("Nothing is set for {%(placeholder)s}"),
    "placeholder_unknown": _l("{%(placeholder)s} is not a placeholder and stays as it stands"),
    "places_unnamed": _l("Regions and districts have no names in this language: %(language)s"),
    "missing_sheet": _l("This sheet is missing"),
    "missing_column": _l("This column is missing: %(missing)s"),
    "missing_type": _l("The question has no type"),
    "missing_name": _l("The name is missing"),
    "missing_calculation": _l("The calculation is missing"),
    "missing_list": _l("The choices sheet has no list “%(list)s”"),
    "unknown_type": _l("There is no question type “%(type)s”"),
    "bad_name": _l(
        "A name begins with a letter or _ and holds only letters, digits, hyphens, full stops and _"
    ),
    "duplicate_name": _l("The name “%(name)s” is used twice"),
    "duplicate_choice": _l("The choice's name is used twice in its list"),
    "unknown_reference": _l("There is no question “%(name)s”"),
    "ambiguous_reference": _l("More than one question is called “%(name)s”"),
    "malformed_reference": _l("A reference is written ${name}"),
    "unmatched_begin": _l("This group or repeat is not closed"),
    "unmatched_end": _l("Nothing is open here that could be closed"),
    "pyxform": _l("The converter says: %(message)s"),
}


def explain(problem: WorkbookProblem, language: str) -> str:
    """Where something is wrong and what, in a language: `survey, row 4, label::English (en): …`."""
    with force_locale(language):
        what = str(SENTENCES[problem.code] % dict(problem.params))
        place = ", ".join(_places(problem))
    return f"{place}: {what}" if place else what


def _places(problem: WorkbookProblem) -> list[str]:
    places = [problem.sheet] if problem.sheet else []
    if problem.line is not None:
        places.append(_("line %(number)s", number=problem.line))
    elif problem.row is not None:
        places.append(_("row %(number)s", number=problem.row))
    return [*places, problem.column] if problem.column else places
