"""Assignments as they are read by people: their states, and what is wrong with a list of them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.i18n import current_language
from surveyapp.messages import sentence
from surveyapp.submissions.assignment_models import Task
from surveyapp.submissions.assignment_rows import Mistake

TASKS: Mapping[str, LazyString] = {
    Task.OPEN: _l("to do"),
    Task.DONE: _l("done"),
    Task.CANCELLED: _l("withdrawn"),
}
#: code of a `Mistake` → sentence; `%(name)s` are its params
MISTAKES: Mapping[str, LazyString] = {
    "too_large": _l("The file is too large: at most %(max)s MB"),
    "encoding": _l("This is no text file. Save it as “CSV UTF-8”"),
    "not_csv": _l("This is no CSV file. Save it as “CSV UTF-8”"),
    "no_rows": _l("There are no rows below the headings"),
    "too_many_rows": _l("Too many rows: at most %(max)s in one file"),
    "too_many_columns": _l("Too many columns: at most %(max)s"),
    "cells": _l("This row has more cells than there are headings: %(count)s"),
    "column_missing": _l("This column is missing"),
    "column_twice": _l("This column is there twice"),
    "column_unknown": _l("No question of this questionnaire has this name"),
    "column_ambiguous": _l(
        "Several questions have this name. Write where it stands, such as household/name"
    ),
    "column_not_fillable": _l(
        "This cannot be filled in beforehand: it is a file, or the form works it out"
    ),
    "column_consent": _l("Nobody can consent beforehand: this question is asked there"),
    "column_position": _l("Write which one of the list is meant, such as child[1]/age"),
    "required": _l("This must be filled in"),
    "too_long": _l("Too long: at most %(max)s characters"),
    "text": _l("This text has characters that cannot be stored"),
    "interviewer_unknown": _l(
        "Nobody who may fill in this questionnaire here is called so. Write the name of the account, "
        "or of a phone without one"
    ),
    "interviewer_ambiguous": _l("Several are called so. Write which one: %(keys)s"),
    "interviewer_elsewhere": _l("This person works in other regions"),
    "interviewer_full": _l("This person would have more than %(max)s visits to do"),
    "region_unknown": _l("This is none of the questionnaire’s regions: write its code or its name"),
    "region_outside": _l("This region is not among yours"),
    "region_differs": _l("The answer about the region says another one"),
    "due_unreadable": _l("This must be a date, such as 2026-09-05"),
    "due_past": _l("This day is over"),
    "key_twice": _l("This key is in row %(row)s already"),
}


def message(mistake: Mistake) -> str:
    """What is wrong, in the reader's language."""
    if mistake.answer is not None:
        return sentence(mistake.answer, current_language())
    return str(MISTAKES[mistake.code] % dict(mistake.params))
