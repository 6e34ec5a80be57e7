"""Adding and removing the instances of rosters, with everything that a draft keeps about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from surveyapp.channels.pages.paging import Page
from surveyapp.channels.pages.sitting import Sitting
from surveyapp.channels.pages.taking import drop_file


def room_for_more(sitting: Sitting, page: Page) -> bool:
    """Whether the roster that a page lists may get one more instance."""
    most = sitting.settings.max_roster_instances
    return sitting.interview.instances(page.listed) < most


def add(sitting: Sitting, page: Page) -> Page:
    """Append an instance to the roster that a page lists; returns its first page."""
    position = sitting.interview.add_instance(page.listed)
    sitting.note_change(page)
    return first_page(sitting, page, position)


def first_page(sitting: Sitting, page: Page, position: int) -> Page:
    """The first page of an instance of the roster that a page lists; the page itself if it has none."""
    wanted = (*page.positions, position)
    rosters = (*page.planned.rosters, page.planned.lists)
    for each in sitting.walk.pages:
        around = each.planned.rosters[: len(rosters)]
        if around == rosters and each.positions[: len(wanted)] == wanted:
            return each
    return page


def is_surplus(sitting: Sitting, page: Page) -> bool:
    """Whether a page belongs to a counted roster of which there are more than the answers ask for."""
    if page.instance is None or page.planned.rosters[-1].count is None:
        return False
    return sitting.interview.surplus(page.instance.rpartition("[")[0]) > 0


def is_removable(sitting: Sitting, page: Page) -> bool:
    """Whether the innermost roster instance of a page may be removed by hand.

    Of a counted roster any instance, but only while there are too many: which child was one too many
    only the person who answers can say.
    """
    if page.instance is None:
        return False
    return page.planned.rosters[-1].count is None or is_surplus(sitting, page)


def remove(sitting: Sitting, page: Page, instance: str) -> None:
    """Take an instance (`child[2]`) away; what is kept about those after it moves up with them.

    Raises `interview.CountedRoster`, `interview.UnknownPath`.
    """
    sitting.interview.remove_instance(instance)
    for path in [path for path in sitting.state.files if path.startswith(instance + "/")]:
        drop_file(sitting, path)
    state = sitting.state
    for kept in (state.raw, state.asked, state.languages, state.files, state.refused):
        move_up(kept, instance)
    state.conflicts.clear()
    sitting.note_change(page)


def move_up(kept: dict[str, Any], removed: str) -> None:
    """Rename the node paths of a mapping after an instance was removed, in place."""
    moved = dict(_moved(kept, removed))
    kept.clear()
    kept.update(moved)


def _moved(kept: dict[str, Any], removed: str) -> Iterator[tuple[str, Any]]:
    whole, _, position = removed.removesuffix("]").rpartition("[")
    for path, value in kept.items():
        if not path.startswith(whole + "["):
            yield path, value
            continue
        there, _, rest = path.removeprefix(whole + "[").partition("]")
        if int(there) != int(position):
            place = int(there) - 1 if int(there) > int(position) else int(there)
            yield f"{whole}[{place}]{rest}", value
