"""The files that a questionnaire names, looked for and read in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from surveyapp.questionnaires.checking.xforms import problem_of_xform
from surveyapp.questionnaires.definition import Item, Questionnaire, Text
from surveyapp.questionnaires.problems import Problem, of_the_file
from surveyapp.questionnaires.xform import XFormError
from surveyapp.questionnaires.xform.choice_files import read_file

_TABLES = frozenset({".csv", ".xml", ".geojson"})
#: what a phone knows itself
_NO_FILE = "jr://instance"


def readable_files(folder: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """The files of a folder that choices can be read from, by name; what is wrong with the others."""
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _TABLES or not path.is_file():
            continue
        content = path.read_bytes()
        try:
            read_file(path.name, content)
        except XFormError as error:
            problems.append(problem_of_xform(error))
        else:
            files[path.name] = content
    return files, problems


def missing_files(questionnaire: Questionnaire, folder: Path) -> Iterator[Problem]:
    """The files that are named and not there; those of a text at the text's item."""
    for name, address in questionnaire.external_lists.items():
        file = PurePath(address).name
        if not address.startswith(_NO_FILE) and not (folder / file).is_file():
            yield of_the_file("missing_file", file=file, list=name)
    for item in questionnaire.walk():
        for file in sorted(set(_shown(item))):
            if not (folder / file).is_file():
                yield Problem(None, None, "label", "missing_media", {"file": file}, path=item.path)


def _shown(item: Item) -> Iterator[str]:
    for text in (item.label, item.hint, item.guidance):
        yield from _files_of(text)


def _files_of(text: Text) -> Iterator[str]:
    for by_language in text.media.values():
        yield from by_language.values()
