"""What of a questionnaire our pages do in a plainer way than ODK Collect, so that an author knows."""

from __future__ import annotations

from collections.abc import Iterator

from surveyapp.questionnaires.definition import DataType, Item, Metadata, Question, Questionnaire
from surveyapp.questionnaires.problems import Problem, of_the_file
from surveyapp.questionnaires.xform.instances import LAST_SAVED

#: beginnings of appearances that need another program or device
_ELSEWHERE = ("ex:", "printer:", "intent:")
_PLAIN = frozenset({"image-map", "bearing", "counter", "map", "placement-map"})
#: what a phone knows of itself and a web page does not
_OF_THE_DEVICE = frozenset({"deviceid", "simserial", "subscriberid", "phonenumber", "email", "username"})
_LOGS = frozenset({"audit", "background-audio"})


def degrading_problems(questionnaire: Questionnaire) -> Iterator[Problem]:
    """A notice for each item, and for the whole."""
    for item in questionnaire.walk():
        yield from _of_item(item)
    if LAST_SAVED in questionnaire.external_lists.values():
        yield of_the_file("last_saved")


def _of_item(item: Item) -> Iterator[Problem]:
    for word in sorted(item.appearance):
        if word in _PLAIN or word.startswith(_ELSEWHERE):
            yield _notice(item, "shown_plainly", appearance=word)
    if isinstance(item, Question) and item.type in {DataType.GEOTRACE, DataType.GEOSHAPE}:
        yield _notice(item, "points_by_hand")
    if isinstance(item, Metadata):
        if item.preload in _LOGS:
            yield _notice(item, "not_recorded", kind=item.preload)
        elif item.preload == "property" and item.preload_parameter in _OF_THE_DEVICE:
            yield _notice(item, "of_the_device", kind=item.preload_parameter)


def _notice(item: Item, code: str, **facts: str) -> Problem:
    return Problem(None, None, None, code, facts, path=item.path)
