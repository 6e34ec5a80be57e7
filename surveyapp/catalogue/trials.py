"""Trial versions: kept, tried out, published as they were tried, or thrown away.

A questionnaire has one at a time. It belongs to whoever may publish the questionnaire. Whoever holds its
key may fill it in, with or without an account; what is answered is kept by `submissions.trials`.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from flask import abort, g, request
from sqlalchemy import select
from sqlalchemy.orm import undefer

from surveyapp.catalogue import media
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.definitions import CACHED_DEFINITIONS
from surveyapp.catalogue.errors import CatalogueError
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.service import Edition
from surveyapp.catalogue.trial_models import Trial, TrialFile
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people import audit
from surveyapp.people.access import AccessRule
from surveyapp.people.audit import Action
from surveyapp.people.keys import keyed_hash
from surveyapp.questionnaires import definition_json, files, xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.differences import changed_types
from surveyapp.wiring import settings_of

if TYPE_CHECKING:  # what compiles workbooks is large
    from surveyapp.questionnaires.xlsform import CompiledWorkbook

#: bytes of a key's signature; with the door's 122 random bits before it
_SIGNATURE = 12


class TriedInDemonstration(CatalogueError):
    """The consent texts of a demonstration name nobody real: the workbook is to be checked anew."""

    def __init__(self, questionnaire_id: str) -> None:
        super().__init__(f"the trial version of “{questionnaire_id}” is that of a demonstration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What was said of a workbook that is to be tried out: its file's name, its files, and by whom.

    `access` is for a questionnaire that is new; `demonstration`: its texts name nobody real.
    """

    name: str
    access: Access
    demonstration: bool
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    made_by: int | None = None


def keep(compiled: CompiledWorkbook, said: Upload) -> Trial:
    """Keep a compiled workbook as its questionnaire's trial version, in the place of the one before.

    What was answered to that one is gone; its testing address leads to this one. Commits. Raises
    `TypesChanged`, `xform.XFormError` as publishing would.
    """
    contents = {**compiled.files, **said.files}
    definition = xform.parse(compiled.xform, contents)
    catalogue.refuse_changed_types(definition)
    kept = media.kept(definition, contents)
    before = find(definition.id)
    made = _row(compiled, definition, said)
    made.files = [TrialFile(name=each.name, sha256=each.sha256, size=each.size) for each in kept]
    if before is not None:
        made.door = before.door
        db.session.delete(before)
        db.session.flush()
    db.session.add(made)
    audit.record(Action.TRIAL_KEPT, definition.id, {"version": definition.version})
    db.session.commit()
    return made


def find(questionnaire_id: str) -> Trial | None:
    """The trial version of a questionnaire."""
    query = select(Trial).filter_by(questionnaire_id=questionnaire_id)
    return db.session.scalars(query).one_or_none()


def every() -> list[Trial]:
    """All of them, the newest first."""
    return list(db.session.scalars(select(Trial).order_by(Trial.serial.desc())))


def discard(trial: Trial) -> None:
    """Throw it away, with all that was answered to it; commits."""
    details: dict[str, audit.Detail] = {"version": trial.version}
    audit.record(Action.TRIAL_DISCARDED, trial.questionnaire_id, details)
    db.session.delete(trial)
    db.session.commit()


def publish(trial: Trial) -> Edition:
    """Publish exactly what was tried, in the place of the trial version; commits.

    Raises `TriedInDemonstration`, and what `service.publish` raises: then it stays.
    """
    from surveyapp.questionnaires.xlsform import CompiledWorkbook

    if trial.demonstration and not settings_of().demonstration:
        raise TriedInDemonstration(trial.questionnaire_id)
    compiled = CompiledWorkbook(
        id=trial.questionnaire_id,
        version=trial.version,
        xform=trial.xform,
        workbook=trial.workbook,
        warnings=(),
        files={each.name: media_store().read(each.sha256) for each in trial.files},
    )
    made = catalogue.publish(
        compiled,
        name=trial.workbook_name,
        access=Access(trial.access),
        demonstration=trial.demonstration,
    )
    # that it was published stands in the log: it was not thrown away
    db.session.delete(trial)
    db.session.commit()
    return made


def changed_since(trial: Trial) -> list[str]:
    """Questions whose type of answer is another one than in the version published meanwhile."""
    newest = catalogue.current(trial.questionnaire_id)
    if newest is None:
        return []
    return [each.path for each in changed_types(newest.definition, definition_of(trial))]


# --- what it says -----------------------------------------------------------------------------------


def definition_of(trial: Trial) -> Questionnaire:
    """Its definition (cached)."""
    return _loaded(trial.serial, trial.hash)


@lru_cache(maxsize=CACHED_DEFINITIONS)
def _loaded(serial: int, _hash: str) -> Questionnaire:
    options = [undefer(Trial.definition)]
    trial = db.session.get_one(Trial, serial, options=options, populate_existing=True)
    try:
        definition = definition_json.read(trial.definition)
    except definition_json.OtherEdition:
        definition = xform.parse(trial.xform)
    if not definition.external_lists:
        return definition
    read = (each for each in trial.files if each.name.lower().endswith(files.READ_SUFFIXES))
    return files.with_files(definition, {each.name: media_store().read(each.sha256) for each in read})


def file_of(trial: Trial, name: str) -> bytes | None:
    """One of its files; None if it has none of that name."""
    found = next((each for each in trial.files if each.name == name), None)
    return None if found is None else media_store().read(found.sha256)


def _row(compiled: CompiledWorkbook, definition: Questionnaire, said: Upload) -> Trial:
    return Trial(
        workbook_name=said.name,
        access=said.access,
        demonstration=said.demonstration,
        made_by=said.made_by,
        questionnaire_id=definition.id,
        version=definition.version,
        xform=compiled.xform,
        workbook=compiled.workbook,
        hash=definition.hash,
        definition=definition_json.write(files.without_files(definition)),
        title=catalogue.titles_of(definition),
        languages=list(definition.languages),
        default_language=definition.default_language,
    )


# --- who may fill it in -----------------------------------------------------------------------------


def key_of(trial: Trial) -> str:
    """What its testing addresses carry. It is in no database: a copy of one opens nothing."""
    return _written(trial.door.bytes) + _written(_signature(trial.door))


def by_key(key: str) -> Trial | None:
    """The trial version that a key opens."""
    try:
        content = base64.urlsafe_b64decode(key[:22] + "==")
        door = UUID(bytes=content)
    except ValueError:
        return None
    if not key.isascii() or not hmac.compare_digest(_written(_signature(door)), key[22:]):
        return None
    return db.session.scalars(select(Trial).filter_by(door=door)).one_or_none()


def trial_of_request() -> Trial:
    """The trial version that this request's address opens; the rule has looked."""
    found: Trial = g.trial
    return found


def _check_key() -> None:
    found = by_key(str((request.view_args or {}).get("key", "")))
    if found is None:
        abort(404)
    g.trial = found


#: whoever was given the testing address
KEYED = AccessRule("a trial version's key in the address", _check_key)


def _signature(door: UUID) -> bytes:
    return keyed_hash("trial version", str(door))[:_SIGNATURE]


def _written(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
