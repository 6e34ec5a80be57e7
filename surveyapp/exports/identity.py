"""Putting identity back into answers, for exports that were granted it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy.engine import Row

from surveyapp.exports.errors import CannotGiveIdentity
from surveyapp.exports.reader import Unseal
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.partition import join_identity
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.opening import Erased, SealedSubmission, identity_of
from surveyapp.submissions.sealing import CannotOpen


def unsealer(definitions: Sequence[Questionnaire]) -> Unseal:
    """Opens identity with the installation's keys; needs an application context to find them.

    What was erased stays without identity. The function given back raises `CannotGiveIdentity`.
    """
    keys = keys_of()
    versions = {definition.version: definition for definition in definitions}

    def unseal(row: Row[Any]) -> Answers:
        try:
            identity = identity_of(keys, cast(SealedSubmission, row))
        except Erased:
            identity = {}
        except (CannotOpen, KeyMissing) as error:
            raise CannotGiveIdentity(row.id, str(error)) from None
        try:
            return join_identity(versions[row.version], row.answers, identity)
        except LookupError:
            raise CannotGiveIdentity(row.id, "they do not fit its other answers") from None

    return unseal
