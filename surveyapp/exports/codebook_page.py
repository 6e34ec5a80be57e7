"""codebook.html of a package: every column explained on one page that needs nothing else.

The page has a part in each of the three languages; labels stand in every language that the questionnaire
has, logic as its author wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app
from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l
from jinja2 import Template
from markupsafe import Markup

from surveyapp.exports.logic_told import Logic, Told, logic_of
from surveyapp.exports.manifest import Origin
from surveyapp.exports.missing import worded_reasons
from surveyapp.exports.plan import Plan
from surveyapp.exports.profiles import withheld_because
from surveyapp.exports.request import ExportRequest, Profile
from surveyapp.exports.tables import Column, Table
from surveyapp.exports.wording import worded
from surveyapp.i18n import LANGUAGE_NAMES, LANGUAGES
from surveyapp.questionnaires.definition import Text

FILE = "codebook.html"
LOGIC: Mapping[Logic, LazyString] = {
    Logic.RELEVANT: _l("asked when"),
    Logic.REQUIRED: _l("must be answered when"),
    Logic.CONSTRAINT: _l("must hold (the answer is .)"),
    Logic.CALCULATION: _l("computed as"),
}
PROFILES: Mapping[Profile, LazyString] = {
    Profile.AGGREGATE: _l("counts only"),
    Profile.DE_IDENTIFIED: _l("de-identified"),
    Profile.FULL: _l("as answered"),
}
BECAUSE: Mapping[str, LazyString] = {
    "identity": _l("points at a person"),
    "sensitive": _l("sensitive"),
    "text": _l("free text"),
    "file": _l("a file"),
    "track": _l("a track or an area"),
    "device": _l("told by the device"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the page says of one column; labels by language, choices as code and labels."""

    name: str
    type: str
    path: str
    versions: str
    labels: Mapping[str, str]
    choices: Sequence[tuple[str, Mapping[str, str]]]
    logic: Sequence[Told]
    meaning: LazyString | None


def codebook_page(request: ExportRequest, plan: Plan, origin: Origin) -> bytes:
    """The page; needs an application context."""
    parts = []
    for language in LANGUAGES:
        with force_locale(language):
            # made by a template that escapes
            parts.append(Markup(_part(language, request, plan, origin)))  # noqa: S704
    page = _template("codebook.html").render(language_names=LANGUAGE_NAMES, parts=parts, origin=origin)
    return page.encode()


def _part(language: str, request: ExportRequest, plan: Plan, origin: Origin) -> str:
    newest = origin.newest
    title = worded(newest.title, language) or worded(newest.title, newest.default_language)
    return _template("codebook_part.html").render(
        language=language,
        title=title,
        profile=PROFILES[request.profile],
        origin=origin,
        tables=[(table.name, _entries(table)) for table in plan.tables],
        left_out=[(each.path, BECAUSE[withheld_because(each) or "sensitive"]) for each in plan.left_out],
        LOGIC=LOGIC,
    )


def _template(name: str) -> Template:
    return current_app.jinja_env.get_template(f"exports/{name}")


def _entries(table: Table) -> list[Entry]:
    return [_entry(column) for column in table.columns]


def _entry(column: Column) -> Entry:
    item = column.item
    if item is None:
        return Entry(column.name, column.type.value, "", "", {}, (), (), column.meaning)
    labels = _in_languages(item.label)
    choices = item.choices
    if column.choice is not None:
        label = _in_languages(column.choice.label)
        labels = {each: f"{text}: {label.get(each, '')}" for each, text in labels.items()}
        choices = ()
    return Entry(
        name=column.name,
        type=column.type.value,
        path=item.path,
        versions=" ".join(sorted(item.versions)),
        labels=labels,
        choices=[
            *((each.name, _in_languages(each.label)) for each in choices),
            *((code, worded_reasons(reason)) for code, reason in item.missing),
        ],
        logic=logic_of(item),
        meaning=None,
    )


def _in_languages(text: Text) -> dict[str, str]:
    """The wording in each language that has one, those of the program first."""
    languages = dict.fromkeys([*LANGUAGES, *text.wordings])
    return {each: told for each in languages if (told := worded(text, each))}
