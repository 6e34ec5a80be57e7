"""The files of versions: kept with a version when it is published, read when it is loaded."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from surveyapp.catalogue.models import PublishedVersion, VersionMedia
from surveyapp.media_store import media_store
from surveyapp.questionnaires import files
from surveyapp.questionnaires.definition import Questionnaire

logger = logging.getLogger(__name__)


def missing(version: PublishedVersion, definition: Questionnaire) -> list[str]:
    """Names of the files that a version refers to and has not got."""
    return sorted(files.names(definition) - {each.name for each in version.media})


def kept(definition: Questionnaire, given: Mapping[str, bytes]) -> list[VersionMedia]:
    """Rows for the files that a definition refers to, their bytes on disk; others are left out."""
    store = media_store()
    return [
        VersionMedia(name=name, sha256=store.keep(given[name]), size=len(given[name]))
        for name in sorted(files.names(definition) & given.keys())
    ]


def differs(version: PublishedVersion, new: list[VersionMedia]) -> bool:
    """Whether any of these files is not one that the version has."""
    held = {each.name: each.sha256 for each in version.media}
    return any(held.get(each.name) != each.sha256 for each in new)


def read(version: PublishedVersion, name: str) -> bytes | None:
    """A file of a version; None if it has none of that name."""
    found = next((each for each in version.media if each.name == name), None)
    return None if found is None else media_store().read(found.sha256)


def read_by_expressions(version: PublishedVersion) -> dict[str, bytes]:
    """The files of a version that choices and expressions read.

    One that the folder has lost is left out, as one that was never given, and said in the log.
    """
    read = (each for each in version.media if each.name.lower().endswith(files.READ_SUFFIXES))
    contents = ((each.name, _found(version, each)) for each in read)
    return {name: content for name, content in contents if content is not None}


def _found(version: PublishedVersion, file: VersionMedia) -> bytes | None:
    try:
        return media_store().read(file.sha256)
    except OSError as error:
        # a page that lists every questionnaire must not fail for one file of one of them
        names = (version.questionnaire_id, version.version, file.name)
        logger.error("%s %s: its file %s is lost (%s)", *names, error)
        return None
