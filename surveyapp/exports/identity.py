"""Putting identity back into answers, for exports that were granted it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Row

from surveyapp.exports.errors import CannotOpenIdentity
from surveyapp.exports.reader import Unseal
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.partition import join_identity
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.sealing import CannotOpen, DataKey
from surveyapp.submissions.sealing import Row as SealedRow


def unsealer(definitions: Sequence[Questionnaire]) -> Unseal:
    """Opens identity with the installation's keys; needs an application context to find them.

    What was erased has no data key any more and stays without identity. The function given back raises
    `CannotOpenIdentity`.
    """
    keys = keys_of()
    versions = {definition.version: definition for definition in definitions}

    def unseal(row: Row[Any]) -> Answers:
        if row.identity_sealed is None or row.data_key is None:
            return dict(row.answers)
        try:
            key = DataKey.unwrap(keys, SealedRow.of_submission(row.id), row.data_key, row.key_id)
            identity = key.open_json("identity_sealed", row.identity_sealed)
        except (CannotOpen, KeyMissing) as error:
            raise CannotOpenIdentity(row.id, str(error)) from None
        try:
            return join_identity(versions[row.version], row.answers, identity)
        except LookupError:
            raise CannotOpenIdentity(row.id, "they do not fit its other answers") from None

    return unseal
