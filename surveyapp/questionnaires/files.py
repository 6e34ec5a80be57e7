"""The files that a questionnaire refers to by name, beside its XForm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from surveyapp.questionnaires.definition import Questionnaire, Text, Valued

#: suffixes of the files that expressions and choices read
READ_SUFFIXES = (".csv", ".geojson", ".json", ".xml")


def names(questionnaire: Questionnaire) -> frozenset[str]:
    """Names of all files that it refers to: choices and data, pictures, sounds and films."""
    return frozenset(_read(questionnaire)) | frozenset(_shown(questionnaire))


def with_files(questionnaire: Questionnaire, files: Mapping[str, bytes]) -> Questionnaire:
    """The same with the content of its external instances. Raises `XFormError`."""
    from surveyapp.questionnaires.xform.instances import read_external

    found = read_external(questionnaire.external_lists, files, questionnaire.attributes_read)
    return replace(questionnaire, instances={**questionnaire.instances, **found})


def without_files(questionnaire: Questionnaire) -> Questionnaire:
    """The same without what stands in files."""
    own = {
        name: instance
        for name, instance in questionnaire.instances.items()
        if name not in questionnaire.external_lists
    }
    return replace(questionnaire, instances=own)


def _read(questionnaire: Questionnaire) -> Iterator[str]:
    from surveyapp.questionnaires.xform.document import file_name
    from surveyapp.questionnaires.xform.instances import LAST_SAVED

    for address in questionnaire.external_lists.values():
        if address != LAST_SAVED:
            yield file_name(address)


def _shown(questionnaire: Questionnaire) -> Iterator[str]:
    """Pictures, sounds and films; of a choice that stands for rows of a file it is a column's name."""
    for text in _texts(questionnaire):
        for files in text.media.values():
            yield from (name for name in files.values() if "." in name)


def _texts(questionnaire: Questionnaire) -> Iterator[Text]:
    for item in questionnaire.walk():
        yield from (item.label, item.hint, item.guidance)
        if isinstance(item, Valued):
            yield from (item.required_message, item.constraint_message)
    for choices in questionnaire.choice_lists.values():
        yield from (choice.label for choice in choices)
