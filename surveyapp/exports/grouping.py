"""Which breakdowns an export can be cut by: those that it may show.

Whoever may not see an answer must not find out either who gave it, by asking for them alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.choices import GROUP
from surveyapp.exports.choosing import ChoicesRefused
from surveyapp.exports.merging import MergedItem, merged_items
from surveyapp.exports.profiles import is_withheld
from surveyapp.exports.request import ExportRequest
from surveyapp.questionnaires.definition import Questionnaire, Valued


def check_groups(request: ExportRequest) -> None:
    """Look whether the breakdowns it is cut by may be asked for. Raises `ChoicesRefused`.

    One that is withheld is refused in the words of one that is not there.
    """
    if not request.selection.groups and request.selection.chosen_regions is None:
        return
    editions = catalogue.all_editions(request.questionnaire)
    definitions = [edition.definition for edition in editions]
    known = breakdowns(request, definitions)
    strange = [f"{GROUP}{name}" for name, _code in request.selection.groups if name not in known]
    if request.selection.chosen_regions is not None and "region" in _declared(definitions) - known:
        strange.append("region")
    if strange:
        raise ChoicesRefused({name: _l("There is no such choice") for name in strange})


def breakdowns(request: ExportRequest, definitions: Sequence[Questionnaire]) -> set[str]:
    """The names of the breakdowns that an export may show, in every version and wherever they stand."""
    shown, withheld = set[str](), set[str]()
    for item in merged_items(definitions):
        names = {each.item.breakdown for each in item.editions if each.item.breakdown}
        (shown if _may_be_shown(item, request) else withheld).update(names)
    return shown - withheld


def _declared(definitions: Sequence[Questionnaire]) -> set[str]:
    return {str(i.breakdown) for each in definitions for i in each.walk() if isinstance(i, Valued)}


def _may_be_shown(item: MergedItem, request: ExportRequest) -> bool:
    if item.identity or is_withheld(request.profile, item):
        return False
    return request.tables.include_sensitive or not item.sensitive
