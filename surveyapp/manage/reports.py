"""A questionnaire's report: how the answers to each question are spread, for who would rather look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.exports import reporting
from surveyapp.exports.counting import EMPTY, GIVEN, NO_ANSWER, NOT_ASKED, Counted, counted_items
from surveyapp.exports.distributions import (
    OTHERS,
    SEVERAL,
    Distribution,
    Row,
    Spread,
    breakdowns_of,
    spread,
)
from surveyapp.exports.missing import WORDS
from surveyapp.i18n import current_language
from surveyapp.messages import plain
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.wiring import settings_of

blueprint = Blueprint("reports", __name__, url_prefix="/manage/q/<questionnaire_id>/report")
BREAKDOWNS: Mapping[str, LazyString] = {
    "region": _l("Region"),
    "area": _l("Town or village"),
    "sex": _l("Sex"),
    "age": _l("Age"),
    "disability": _l("Disability"),
    "wealth": _l("Wealth"),
}
#: rows that say nothing but that their number is small
MOST_KEPT_BACK = 5
_BUCKETS: Mapping[str, LazyString] = {
    **{NO_ANSWER[reason]: words for reason, words in WORDS.items()},
    EMPTY: _l("left empty"),
    NOT_ASKED: _l("not asked"),
    GIVEN: _l("answered"),
    OTHERS: _l("others (small groups)"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One question on the page: its words, and how its answers are spread."""

    title: str
    path: str
    sensitive: bool
    found: Distribution
    labels: Mapping[str, str]

    #: how many submissions each group has
    sizes: Sequence[int] = ()

    @property
    def rows(self) -> Sequence[tuple[Row, Sequence[float | None]]]:
        """The rows that are shown, each with how long the bars beside its numbers are, 0 to 1.

        Everybody comes first, then the groups. A bar is made of numbers that are shown and of nothing
        else: a share of all submissions of its group. How many entries of a roster a group has is not
        shown, so there a group has bars only where none of its numbers is kept back.
        """
        rows = self.found.rows
        in_roster = bool(self.found.counted.item.rosters)
        lengths = [_shares([row.count for row in rows], self.found.total)]
        for number, size in enumerate(self.sizes):
            column = [row.by[number] for row in rows]
            lengths.append(_shares(column, self._whole(column) if in_roster else size))
        every = list(zip(rows, zip(*lengths, strict=True), strict=True))
        return every if not self.kept_back else [each for each in every if each[0].count is not None]

    @property
    def heights(self) -> list[float]:
        """How high each bar of the histogram is, 0 to 1: a wide one counts more numbers, not higher."""
        dense = [each.count / ((each.high - each.low) or 1) for each in self.found.bins]
        return [each / max(dense) for each in dense]

    def _whole(self, column: Sequence[int | None]) -> int:
        shown = [count for count in column if count is not None]
        whole = len(shown) == len(column) and self.found.counted.item.type not in SEVERAL
        return sum(shown) if whole else 0

    @property
    def kept_back(self) -> int:
        """How many rows are told by their number only, being all kept back: of a list of places most."""
        number = sum(row.count is None for row in self.found.rows)
        return number if number > MOST_KEPT_BACK else 0


def _shares(column: Sequence[int | None], whole: int) -> list[float | None]:
    return [count / whole if count is not None and whole else None for count in column]


@blueprint.get("")
@allow(needs(Right.READ))
def report(questionnaire_id: str) -> str:
    """The last count, by the breakdown asked for."""
    newest = _newest(questionnaire_id)
    definitions = [edition.definition for edition in catalogue.all_editions(questionnaire_id)]
    stands = reporting.standing(questionnaire_id)
    items = counted_items(definitions)
    by = _breakdown(breakdowns_of(stands.counts) if stands.counts else [])
    found = None
    if stands.counts is not None:
        regions = my_reach(Right.READ).regions(questionnaire_id)
        least = settings_of().smallest_group
        found = spread(stands.counts, items, k=least, regions=regions, breakdown=by)
    return render_template(
        "manage/report.html",
        entry=newest.entry,
        newest=newest.version,
        stands=stands,
        breakdowns=[
            (name, BREAKDOWNS.get(name, name))
            for name in (breakdowns_of(stands.counts) if stands.counts else [])
        ],
        by=by,
        groups=_groups(items, found, by),
        figures=_figures(questionnaire_id, found),
        submissions=found.submissions if found else 0,
        least=settings_of().smallest_group,
    )


@blueprint.post("")
@allow(needs(Right.READ))
def count_anew(questionnaire_id: str) -> ResponseReturnValue:
    """Have the worker count once more."""
    _newest(questionnaire_id)
    reporting.ask(questionnaire_id)
    flash(_("It is being counted; look again in a few minutes."))
    return redirect(url_for("reports.report", questionnaire_id=questionnaire_id), HTTPStatus.SEE_OTHER)


def _newest(questionnaire_id: str) -> Any:
    if not questionnaire_id.isprintable():
        abort(HTTPStatus.NOT_FOUND)
    return catalogue.current(questionnaire_id) or abort(HTTPStatus.NOT_FOUND)


def _breakdown(known: Sequence[str]) -> str:
    asked = request.args.get("by", "")
    return asked if asked in known else ""


def _figures(questionnaire_id: str, found: Spread | None) -> list[Figure]:
    """Sensitive questions only for those who may see sensitive answers wherever the report reaches."""
    if found is None:
        return []
    mine = my_reach(Right.READ).regions(questionnaire_id)
    sensitive = my_reach(Right.READ_SENSITIVE)
    theirs = sensitive.regions(questionnaire_id)
    may = sensitive.touches(questionnaire_id) and (
        theirs is None or (mine is not None and mine <= theirs)
    )
    shown = [each for each in found.items if may or not each.counted.item.sensitive]
    sizes = [size for _code, size in found.groups]
    return [_figure(each, sizes) for each in shown]


def _figure(found: Distribution, sizes: Sequence[int]) -> Figure:
    item = found.counted.item
    title = plain(item.label, current_language(), item.default_language) or item.path
    return Figure(title, item.path, item.sensitive, found, _labels(found.counted), sizes)


def _labels(counted: Counted) -> dict[str, str]:
    item, language = counted.item, current_language()
    labels = {
        each.name: plain(each.label, language, item.default_language) or each.name
        for each in item.choices
    }
    return labels | {name: str(words) for name, words in _BUCKETS.items()}


def _groups(items: Sequence[Counted], found: Spread | None, by: str) -> list[tuple[str, int]]:
    """The words of the groups, with how many submissions each has."""
    if found is None or not by:
        return []
    labels: dict[str, str] = {}
    for each in items:
        if each.item.editions[0].item.breakdown == by:
            labels = _labels(each) | labels
    labels |= {OTHERS: str(_BUCKETS[OTHERS])}
    return [(labels.get(code, code), size) for code, size in found.groups]


def register_reports(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
