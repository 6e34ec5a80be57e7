"""README.txt of a package: what it is and how to handle it, in the three languages one below the other.

A package is mailed on and opened years later by somebody else, so it explains itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import gettext as _

from surveyapp.exports.plan import Plan
from surveyapp.exports.request import Missing, Profile
from surveyapp.exports.wording import worded
from surveyapp.i18n import LANGUAGE_NAMES, LANGUAGES
from surveyapp.questionnaires.definition import Questionnaire

FILE = "README.txt"
#: windows editors of every age know it
_LINE_END = "\r\n"


@dataclass(frozen=True, slots=True)
class Told:
    """What a README tells of its package."""

    plan: Plan
    newest: Questionnaire
    #: the day it was made, `YYYY-MM-DD`
    day: str
    format: str
    submissions: int
    synthetic: int
    profile: Profile
    metres: int
    smallest_group: int
    #: whether entries of rosters have breakdowns
    rosters_grouped: bool = False
    #: whether ages are among them
    in_fives: bool = False
    #: by what small groups lose, so that they are not in it
    is_cut: bool = False


def readme(told: Told) -> bytes:
    """The whole text; needs an application context."""
    return _LINE_END.join(line for language in LANGUAGES for line in _in(language, told)).encode()


def _in(language: str, told: Told) -> Iterator[str]:
    yield LANGUAGE_NAMES[language].upper()
    yield ""
    with force_locale(language):
        for sentence in (*_about(told, language), *_handling(told)):
            yield f"* {sentence}"
    yield ""


def _about(told: Told, language: str) -> Iterator[str]:
    newest = told.newest
    title = worded(newest.title, language) or worded(newest.title, newest.default_language)
    yield _(
        "Questionnaire: %(title)s (%(id)s). Exported: %(day)s. Submissions: %(count)s.",
        title=title,
        id=newest.id,
        day=told.day,
        count=told.submissions,
    )
    if told.profile is Profile.AGGREGATE:
        yield _(
            "counts.csv has counts by breakdown, no submission. Counts below %(least)s, and others that "
            "would give them away, are kept back: there kept_back is 1.",
            least=told.smallest_group,
        )
        yield _("manifest.json says what was exported and has a checksum (SHA-256) of every file.")
        return
    yield from _files(told)
    yield _(
        "codebook.html explains every column and every code; codebook.csv and codebook.xml are the same "
        "for programs."
    )
    yield _(
        "surveyapp export-verify FILE says whether this package is whole: one that was cut off has no "
        "manifest."
    )
    yield _("manifest.json says what was exported and has a checksum (SHA-256) of every file.")
    yield from _no_answer(told)
    if told.format != "media":
        yield _("Photographs and other files are not included; only their names are.")


def _no_answer(told: Told) -> Iterator[str]:
    """What stands where there is no answer, in this format and as it was chosen."""
    is_marked = told.plan.options.missing is Missing.MARKED
    if told.format == "sav" and is_marked:
        yield _(
            "What was not asked is a missing number, or .n in a text; what was left empty is -77 in "
            "questions with choices, .e in a text, and else a missing number."
        )
    elif is_marked:
        yield _("No answer: .n was not asked, .e was left empty, .r refused, .d don't know.")
    elif told.format in {"sav", "dta"}:
        yield _("Empty means not asked or left empty.")
    else:
        yield _("Empty means not asked or left empty. Codes such as dk and ref are answers.")


def _files(told: Told) -> Iterator[str]:
    """What the files of the format are."""
    if told.format == "jsonl":
        yield _("submissions.jsonl has one line for each submission, rosters included.")
    elif told.format == "geojson":
        yield _(
            "submissions.geojson has a point, line or area for each submission whose place is known."
        )
    elif told.format == "media":
        yield _(
            "Each file lies in the folder of its submission and, in that, of its question. media.csv "
            "lists them all with checksums (SHA-256), also those that have not come yet."
        )
    else:
        yield _(
            "submissions.%(suffix)s has one row for each submission. Every other table has one row for "
            "each entry of a roster; its column parent_id holds the id of the row it belongs to.",
            suffix=told.format,
        )
        yield from _tables(told)


def _tables(told: Told) -> Iterator[str]:
    if told.format == "csv":
        yield _("A text that a spreadsheet could take for a formula has an apostrophe before it.")
    if told.format in {"sav", "dta"}:
        yield _(
            "What does not fit into one file is in numbered ones, each with all columns: add their rows "
            "together. variables.csv tells each variable's column, and the number that each code became."
        )
        yield _("Refused and don't know are declared missing values, with their labels.")
    if told.format == "sav":
        yield _("A text of more than 32767 bytes is cut, and then ends in […].")
        yield _("SPSS keeps no spaces at the end of a text.")
    if told.format == "xlsx":
        yield _(
            "A text of more than 32767 characters is cut, and then ends in […]; a sheet at the end "
            "lists such cells. A number of more than 15 digits, and a date before March 1900, is a text."
        )
    if told.format in {"csv", "xlsx"}:
        yield _("Times are told to the second.")


def _handling(told: Told) -> Iterator[str]:
    if told.synthetic:
        yield _(
            "Synthetic submissions, made up by the program: %(count)s. "
            "In the column synthetic they have 1. They say nothing about real children.",
            count=told.synthetic,
        )
    if told.profile is Profile.DE_IDENTIFIED:
        yield _(
            "De-identified: free texts, files and what devices tell were left out, a time is the Monday "
            "of its week, a date the first day of its month, a place a point of a grid of "
            "%(metres)s metres. "
            "Groups of fewer than %(least)s lost their breakdowns; manifest.json says how many.",
            metres=told.metres,
            least=told.smallest_group,
        )
        if told.rosters_grouped:
            yield _(
                "Rows of rosters, such as children, have groups of their own: in those of fewer than "
                "%(least)s the breakdowns, and answers that would tell them, were left out.",
                least=told.smallest_group,
            )
        if told.in_fives:
            yield _("Ages in such rows are told in fives: 5 means 5 to 9 years.")
    if told.profile is Profile.AGGREGATE:
        yield _(
            "Counts of fewer than %(least)s submissions are told as none. Submissions of groups that "
            "are small in the whole questionnaire are left out of counts of a part of it, where they "
            "are fewer than %(least)s.",
            least=told.smallest_group,
        )
    if told.is_cut:
        yield _(
            "It was cut by a region, a group or who sent it: submissions of groups that are small in "
            "the whole questionnaire are not in it."
        )
    if told.plan.options.include_identity:
        yield _(
            "ANSWERS THAT POINT AT A PERSON ARE INCLUDED. Keep this file locked away, give it to nobody "
            "who has no right to it, and destroy it when it is no longer needed."
        )
    else:
        yield _("Answers that point at a person were left out.")
    if told.plan.options.include_sensitive:
        yield _("Sensitive answers are included.")
    else:
        yield _("Sensitive answers were left out.")
    yield _("These are answers of families and children: never try to find out who gave them.")
