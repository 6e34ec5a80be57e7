"""What a phone keeps so that everything but the first visit works without a network.

Every address in it carries the mark of its content, so that two editions lie side by side on a phone and
a page that is open while an update comes finds all that it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from flask import url_for

from surveyapp.assets import joined_script
from surveyapp.catalogue.service import Edition
from surveyapp.channels.pages.whole import whole_address, whole_page
from surveyapp.i18n import LANGUAGES

#: of a page's own scripts, styles, icons, its logic and its manifest; of its media those with a mark
_ADDRESS = re.compile(
    r"""["'](/(?:[^"'<>\s?]*/)?(?:static|scripts|logic|lists|launcher|media(?=/[^/"'?]+/[^/"'?]+/))/[^"'<>\s]+)["']"""
)
_ON_DEMAND = re.compile(r'\bimport\("\./(\w+)\.js\?v=(\w+)"\)')


@dataclass(frozen=True, slots=True)
class Offline:
    """A version of a questionnaire without a network: its page by language, and what that loads."""

    pages: dict[str, str]
    files: list[str]


def offline(edition: Edition) -> Offline:
    """What a phone keeps of a version."""
    page = whole_page(edition)
    definition = edition.definition
    pages = {
        language: whole_address(language, definition.id, definition.version, page.mark)
        for language in LANGUAGES
    }
    return Offline(pages, files_of(page.texts.values()))


def files_of(pages: Iterable[str]) -> list[str]:
    """Addresses of all that pages load, now or on demand, each once."""
    found = {unescape(address) for page in pages for address in _ADDRESS.findall(page)}
    scripts = {name for address in found if (name := _script_name(address))}
    return sorted(found | set(_on_demand(scripts)))


def _script_name(address: str) -> str:
    match = re.search(r"/scripts/(\w+)\.js$", urlsplit(address).path)
    return match.group(1) if match else ""


def _on_demand(names: Iterable[str], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    for name in set(names) - seen:
        joined = joined_script(name)
        for part, mark in _ON_DEMAND.findall(joined.module) if joined else ():
            yield url_for("script", name=part, v=mark)
            yield from _on_demand({part}, seen | {name})
