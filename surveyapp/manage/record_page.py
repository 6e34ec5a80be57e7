"""What a record's page says with the questionnaire's own words: its languages, values put into texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from flask import request

from surveyapp.i18n import LANGUAGE_NAMES, LANGUAGES, current_language
from surveyapp.manage.sight import Sight, Speaker
from surveyapp.manage.tiles import Tile, tiles
from surveyapp.messages import plain
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Question, Questionnaire, Section
from surveyapp.questionnaires.interview import Interview, MisshapenAnswers

#: of a value in paradata that nobody has words for
_LONGEST = 200


class Spent(NamedTuple):
    """Seconds that the page counted for a section, as they were sent."""

    label: str
    seconds: int


def languages_of(questionnaire: Questionnaire) -> dict[str, str]:
    """The questionnaire's own languages with their names."""
    return {code: LANGUAGE_NAMES.get(code, code) for code in questionnaire.languages}


def asked_language(questionnaire: Questionnaire | None) -> str:
    """The language that questions are to be shown in: one of theirs, else the reader's."""
    wanted = request.values.get("in", "")
    known = questionnaire.languages if questionnaire else ()
    return wanted if wanted in known else current_language()


def speaker_of(
    questionnaire: Questionnaire,
    answers: Answers,
    identity: Mapping[str, Any] | None,
    ended: datetime,
    sight: Sight,
) -> Speaker | None:
    """What puts answers into texts; None where no text wants any, or the answers do not fit.

    `identity`: answers that point at a person, once they were opened.
    """
    if not _has_outputs(questionnaire):
        return None
    try:
        whole = partition.join_identity(questionnaire, answers, identity) if identity else answers
        interview = Interview(questionnaire, whole, language=questionnaire.default_language, now=ended)
    except (MisshapenAnswers, LookupError, TypeError):
        return None  # taken in by a decision although it does not fit: its words go without values
    return Speaker(interview, sight)


@lru_cache(maxsize=64)
def _has_outputs(questionnaire: Questionnaire) -> bool:
    texts = [item.label for item in questionnaire.walk()]
    texts += [each.label for choices in questionnaire.choice_lists.values() for each in choices]
    return any(
        not isinstance(piece, str)
        for text in texts
        for wording in text.wordings.values()
        for piece in wording
    )


def spent(questionnaire: Questionnaire, paradata: Mapping[str, Any], language: str) -> list[Spent]:
    """How long each section took, by the page's own count."""
    told = paradata.get("seconds")
    if not isinstance(told, Mapping):
        return []
    labels = dict(_labels(questionnaire, language))
    return [
        Spent(labels.get(str(path)) or str(path)[:_LONGEST], count)
        for path, count in told.items()
        if isinstance(count, int) and not isinstance(count, bool)
    ]


def _labels(questionnaire: Questionnaire, language: str) -> Iterator[tuple[str, str]]:
    for item in questionnaire.walk():
        if isinstance(item, Section):
            yield item.path, plain(item.label, language, questionnaire.default_language)


def also_told(paradata: Mapping[str, Any]) -> list[str]:
    """Names of what else was sent with it."""
    return sorted(str(name)[:_LONGEST] for name in paradata if name != "seconds")


def names_of_regions(questionnaire: Questionnaire | None, language: str) -> dict[str, str]:
    """Code → name of each region, as the questionnaire's own list has them."""
    for item in questionnaire.walk() if questionnaire else ():
        if isinstance(item, Question) and item.breakdown == "region" and item.choices and questionnaire:
            choices = questionnaire.choice_lists.get(item.choices.list_name, ())
            default = questionnaire.default_language
            return {each.name: plain(each.label, language, default) or each.name for each in choices}
    return {}


def region_tiles(region: str | None) -> list[Tile]:
    """The map of the regions with the record's one marked; none, if it is not on it."""
    language = current_language()
    drawn = tiles({region: 1} if region else {}, {}, language if language in LANGUAGES else "en")
    return drawn if any(tile.count for tile in drawn) else []
