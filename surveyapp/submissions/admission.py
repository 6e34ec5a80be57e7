"""Who may send what: what an envelope must find before its answers are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.definitions import Published, find_published
from surveyapp.catalogue.models import Access, CatalogueEntry
from surveyapp.catalogue.windows import Window
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.codes import code_question
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.models import Reason
from surveyapp.submissions.verdicts import Sender


@dataclass(frozen=True, slots=True)
class Offer:
    """An edition as receiving needs it: plain values, for which no transaction must stay open."""

    definition: Questionnaire
    access: Access
    closed_at: datetime | None
    window: Window
    #: nobody needs an account for it
    for_anyone: bool
    #: an invitation's code lets in
    by_invitation: bool


#: (questionnaire, version) → the edition, or why there is none
Offers: TypeAlias = Mapping[tuple[str, str], Offer | Reason]


def offers_for(envelopes: Iterable[Envelope]) -> dict[tuple[str, str], Offer | Reason]:
    """Look up each version that the envelopes name, once; reads only.

    Not those that a channel has looked up to read the answers.
    """
    offers: dict[tuple[str, str], Offer | Reason] = {}
    for envelope in envelopes:
        key = (envelope.questionnaire, envelope.version)
        if key not in offers:
            offers[key] = offer_of(envelope.published) if envelope.published else _find(*key)
    return offers


def _find(questionnaire: str, version: str) -> Offer | Reason:
    # no version is named so, and PostgreSQL refuses to be asked for it
    found = find_published(questionnaire, version) if is_storable(version) else None
    if found is None:
        known = db.session.get(CatalogueEntry, questionnaire) is not None
        return Reason.UNKNOWN_VERSION if known else Reason.UNKNOWN_QUESTIONNAIRE
    return offer_of(found)


def offer_of(found: Published) -> Offer:
    """A version as receiving needs it."""
    access, definition = found.access, found.definition
    return Offer(
        definition=definition,
        access=access,
        closed_at=found.closed_at,
        window=found.window,
        for_anyone=catalogue.is_for_anyone(access, definition),
        by_invitation=access is Access.INVITATION
        or (access is Access.CLOSED and code_question(definition) is not None),
    )


def obstacle(
    offer: Offer, envelope: Envelope, code: str | None, sender: Sender, received_at: datetime
) -> Reason | None:
    """Why the envelope may not be stored as it is, whatever its answers; None: nothing in the way.

    `code` is its invitation's; whether it is good is for the transaction to find out.
    """
    if sender.revoked:
        return Reason.REVOKED
    if not _within_scope(offer, envelope, sender):
        return Reason.SCOPE
    if _was_closed(offer, envelope.begun_at or received_at):
        return Reason.CLOSED
    if offer.by_invitation and code is None and envelope.base_revision is None:
        return Reason.INVITATION
    # nobody has many good codes
    return Reason.CEILING if sender.past_ceiling and not offer.by_invitation else None


def _was_closed(offer: Offer, begun_at: datetime) -> bool:
    if offer.closed_at is not None and offer.closed_at <= begun_at:
        return True
    return not offer.window.has(begun_at)


def _within_scope(offer: Offer, envelope: Envelope, sender: Sender) -> bool:
    if sender.questionnaires is not None and envelope.questionnaire not in sender.questionnaires:
        return False
    if sender.is_known or offer.for_anyone or offer.by_invitation:
        return True
    # what was open to everybody is closed now; what was begun before that is still taken
    return offer.access is Access.CLOSED
