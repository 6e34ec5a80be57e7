"""The definitions of published versions: kept in memory, else read from their kept JSON, else parsed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import undefer

from surveyapp.catalogue import media
from surveyapp.catalogue.models import Access, CatalogueEntry, PublishedVersion
from surveyapp.catalogue.windows import ALWAYS, Window
from surveyapp.driver import DriverStatement, read
from surveyapp.extensions import db
from surveyapp.questionnaires import definition_json, xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.files import with_files

logger = logging.getLogger(__name__)

#: definitions kept in memory, about 0.3 MB each at 60 questions; more versions in use at once are rare
CACHED_DEFINITIONS = 64
#: what is asked of a version with every submission, for `published_of_row`
PUBLISHED_COLUMNS = (
    PublishedVersion.serial,
    PublishedVersion.hash,
    CatalogueEntry.access,
    CatalogueEntry.closed_at,
    CatalogueEntry.opens_at,
    CatalogueEntry.closes_at,
)
IS_PUBLISHED = (
    CatalogueEntry.id == PublishedVersion.questionnaire_id,
    PublishedVersion.questionnaire_id == bindparam("wanted_questionnaire"),
    PublishedVersion.version == bindparam("wanted_version"),
)
_FIND = DriverStatement(select(*PUBLISHED_COLUMNS).where(*IS_PUBLISHED))


@dataclass(frozen=True, slots=True)
class Published:
    """A version, and who may answer its questionnaire now; plain values, asked for anew each time."""

    definition: Questionnaire
    access: Access
    closed_at: datetime | None
    window: Window = ALWAYS


def definition_of(version: PublishedVersion) -> Questionnaire:
    """The definition of a version (cached)."""
    return _loaded(version.hash, version.serial)


def find_published(questionnaire: str, version: str) -> Published | None:
    """Any published version; on a connection of its own, without a lock. Its definition is cached."""
    rows = read(_FIND, wanted_version(questionnaire, version))
    return published_of_row(rows[0]) if rows else None


def wanted_version(questionnaire: str, version: str) -> dict[str, str]:
    """The values that `IS_PUBLISHED` asks for."""
    return {"wanted_questionnaire": questionnaire, "wanted_version": version}


def published_of_row(row: Sequence[Any]) -> Published:
    """The version of `PUBLISHED_COLUMNS`; its definition is cached."""
    serial, content_hash, access, closed_at, *window = row
    return Published(_loaded(content_hash, serial), Access(access), closed_at, Window(*window))


@lru_cache(maxsize=CACHED_DEFINITIONS)
def _loaded(content_hash: str, serial: int) -> Questionnaire:
    """The definition of a stored XForm; keyed by its content, so that nothing is loaded twice."""
    published = db.session.get_one(
        PublishedVersion, serial, options=[undefer(PublishedVersion.definition)], populate_existing=True
    )
    definition = _kept(published) or _parsed(published)
    if not definition.external_lists:
        return definition
    return with_files(definition, media.read_by_expressions(published))


def _kept(version: PublishedVersion) -> Questionnaire | None:
    if version.definition is None:
        return None
    try:
        return definition_json.read(version.definition)
    except definition_json.OtherEdition:
        return None


def _parsed(version: PublishedVersion) -> Questionnaire:
    definition: Questionnaire = xform.parse(version.xform)
    return definition


def renew_kept_definitions() -> None:
    """Write anew what another edition of the program kept; commits.

    Until then such a version is parsed from its XForm, once in each process.
    """
    versions = select(PublishedVersion).options(undefer(PublishedVersion.definition))
    for version in db.session.scalars(versions):
        if _kept(version) is None:
            _renew(version)
    db.session.commit()


def _renew(version: PublishedVersion) -> None:
    try:
        version.definition = definition_json.write(_parsed(version))
    except xform.XFormError as error:
        # one old version must not keep the server with all the others from starting
        name = f"{version.questionnaire_id} {version.version}"
        logger.error("%s cannot be read by this edition of the program: %s", name, error.code)
