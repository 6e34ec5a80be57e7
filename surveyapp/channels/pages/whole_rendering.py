"""The whole page's HTML: of a published version, of a trial version, for the office's own forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from flask import render_template
from flask_babel import LazyString

from surveyapp.assets import script_url
from surveyapp.channels.pages.presenting import is_self_administered, neutral_frame
from surveyapp.channels.pages.whole_logic import parts_of
from surveyapp.channels.pages.whole_views import Blank, WholePresenter
from surveyapp.channels.pages.whole_words import words
from surveyapp.i18n import speaking
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.sealed_envelopes import public_key
from surveyapp.wiring import settings_of

NOTHING_ELSE: Mapping[str, LazyString] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Addresses: where the page's form leads without scripts, and all that the page loads.

    `documents` are `logic` and `lists` (empty: there are none), `files` the version's by name, `light`
    those that are kept with the page, `others` the page in each language. `keeper` names the modules
    that keep and send what is answered.
    """

    action: str
    documents: Mapping[str, str]
    files: Mapping[str, str]
    light: Sequence[str]
    others: Mapping[str, str]
    keeper: str = "keeper"


def render_whole(
    questionnaire: Questionnaire,
    language: str,
    places: Places,
    template: str = "pages/whole.html",
    said: Mapping[str, LazyString] = NOTHING_ELSE,
    **more: Any,
) -> str:
    """The page in a language; `said`: modules' words that are others here; `more` is the template's."""
    with speaking(language):
        blank = Blank(questionnaire, settings_of(), language)
        presenter = WholePresenter(blank, places.files)
        parts = presenter.parts()
        needed = parts_of(questionnaire)
        return render_template(
            template,
            parts=parts,
            words=words(language, needed) | {name: str(text) for name, text in said.items()},
            sealing_key=public_key(keys_of()),
            scripts={part: script_url(part) for part in needed},
            untranslated=presenter.untranslated_of(parts),
            frame=neutral_frame(questionnaire, language, at_the_end=is_self_administered(questionnaire)),
            questionnaire=questionnaire,
            places=places,
            **more,
        )
