"""manifest.json of a package: what was asked for, what came of it, and digests to check it by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from surveyapp.catalogue.models import PublishedVersion
from surveyapp.exports.archive import Packed
from surveyapp.exports.choosing import written_request
from surveyapp.exports.entry_groups import Groups
from surveyapp.exports.merging import MergedItem
from surveyapp.exports.plan import Plan
from surveyapp.exports.profiles import is_withheld, withheld_because
from surveyapp.exports.request import ExportRequest, Profile, Selection
from surveyapp.questionnaires.definition import Questionnaire


@dataclass(slots=True)
class Tally:
    """What really went out, counted on the way."""

    submissions: int = 0
    synthetic: int = 0
    #: the groups that people can be told apart by, and which of them were too small
    groups: Groups | None = None
    #: of small groups, and so not in a file that is cut by what they lost
    left_out: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What an export was made of, as plain values: no transaction must stay open for it."""

    newest: Questionnaire
    versions: Sequence[Mapping[str, Any]]
    made_at: datetime


def told_of(version: PublishedVersion) -> dict[str, Any]:
    """What the manifest says of a published version."""
    return {
        "version": version.version,
        "published_at": version.published_at.isoformat(timespec="seconds"),
        "sha256": version.hash,
        "demonstration": version.demonstration,
    }


@dataclass(frozen=True, slots=True)
class Made:
    """A package as it was made; `rows` are those of the files that hold answers, by name."""

    request: ExportRequest
    origin: Origin
    plan: Plan
    tally: Tally
    rows: Mapping[str, int]
    #: grid of coarse places
    metres: int | None = None
    breakdowns: Sequence[str] = ()


def manifest(made: Made, packed: Sequence[Packed]) -> dict[str, Any]:
    """The manifest of a package with these files."""
    options = made.plan.options
    return {
        "questionnaire": made.origin.newest.id,
        "versions": made.origin.versions,
        "exported_at": made.origin.made_at.isoformat(timespec="seconds"),
        "time_zone": str(made.plan.zone),
        "format": made.request.format,
        "selection": _selection(made.request.selection),
        "choices": _choices(made),
        "options": _options(made.request),
        "profile": made.request.profile,
        "identity": _treated(options.include_identity),
        "sensitive": _treated(options.include_sensitive),
        "left_out": [_left_out(item, made.request) for item in made.plan.left_out],
        "coarsened": _coarsened(made),
        "k_anonymity": _k_anonymity(made),
        **_agreed(made.request),
        "submissions": made.tally.submissions,
        "synthetic": made.tally.synthetic,
        "files": [asdict(file) | _counted(file.name, made.rows) for file in packed],
    }


def _choices(made: Made) -> dict[str, str]:
    """What was chosen besides the defaults, in the words of page, API and presets."""
    chosen = written_request(made.request, ZoneInfo(str(made.plan.home)))
    chosen.pop("reason", None)
    return chosen


def _selection(selection: Selection) -> dict[str, Any]:
    return {
        "since": selection.since.isoformat() if selection.since else None,
        "before": selection.before.isoformat() if selection.before else None,
        "language": selection.language,
        "synthetic": selection.synthetic,
        "rejected": selection.rejected,
    }


def _options(request: ExportRequest) -> dict[str, Any]:
    return {
        "labels": request.tables.labels or "codes",
        "select_multiple": "split" if request.tables.split_multiple else "joined",
        **asdict(request.csv),
    }


def _treated(included: bool) -> str:
    return "included" if included else "left out"


def _left_out(item: MergedItem, request: ExportRequest) -> dict[str, Any]:
    reasons = {
        "identity": item.identity and not request.tables.include_identity,
        "sensitive": item.sensitive and not request.tables.include_sensitive,
    }
    because = [reason for reason, holds in reasons.items() if holds]
    withheld = withheld_because(item) if is_withheld(request.profile, item) else None
    return {"path": item.path, "because": because or ([withheld] if withheld else [])}


def _coarsened(made: Made) -> dict[str, Any] | None:
    """How coarse times and places are; None: they are as answered."""
    if made.request.profile is not Profile.DE_IDENTIFIED:
        return None
    return {
        "times": "the Monday of their week",
        "dates": "the first day of their month",
        "times_of_day": "their hour",
        "places_metres": made.metres,
        "not": [i.path for i in made.plan.items if all(each.item.releasable for each in i.editions)],
    }


def _k_anonymity(made: Made) -> dict[str, Any] | None:
    if made.tally.groups is None:
        return None
    told = {"breakdowns": list(made.breakdowns), **made.tally.groups.told()}
    left_out = made.tally.left_out
    return told if left_out is None else told | {"submissions_left_out": left_out}


def _agreed(request: ExportRequest) -> dict[str, str]:
    if request.profile is not Profile.FULL:
        return {}
    return {"reason": request.reason.strip(), "approved_by": request.approved_by.strip()}


def _counted(name: str, rows: Mapping[str, int]) -> dict[str, int]:
    return {"rows": rows[name]} if name in rows else {}
