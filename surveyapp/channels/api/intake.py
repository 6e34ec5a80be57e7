"""From a request's body to its answer: read the batch, have it received, tell of each item."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Request
from marshmallow import ValidationError

from surveyapp.channels.api.body import Batch, SentItem, UnreadableBody, read_batch, read_body, read_item
from surveyapp.channels.api.callers import sender_of
from surveyapp.channels.api.presenting import sentences
from surveyapp.database import utc_now
from surveyapp.people.ceiling import is_past_ceiling
from surveyapp.people.tokens import TokenHolder
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.envelope import BadEnvelope, Envelope, load_envelope
from surveyapp.submissions.envelope_schema import LONGEST_ID, Moment
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.sealed_envelopes import open_envelope
from surveyapp.submissions.verdicts import Result, Status
from surveyapp.wiring import settings_of

_device_time = Moment(allow_none=True)


def take(request: Request, holder: TokenHolder) -> dict[str, Any]:
    """Receive a batch and answer for it, in the shape of `schemas.BatchResultSchema`.

    Raises `UnreadableBody`, `receive.NotStored`.
    """
    settings = settings_of()
    batch = read_batch(  # the body itself is not held any longer than it takes to read it
        read_body(request, settings.max_request_bytes),
        most_items=settings.max_batch,
        most_depth=settings.max_json_depth,
    )
    now = utc_now()
    sender = sender_of(holder, _device_time_of(batch))
    if holder.is_anybody and is_past_ceiling(len(batch.items)):
        sender = replace(sender, past_ceiling=True)
    channel = _channel_of(holder)
    read = [envelope_of(item, channel) for item in batch.items]
    envelopes = [found for found in read if isinstance(found, Envelope)]
    received = iter(receive(envelopes, sender, now=now))
    results = [next(received) if isinstance(found, Envelope) else found for found in read]
    items = zip(batch.items, results, strict=True)
    return {"server_time": now.isoformat(), "results": [_answer(item, result) for item, result in items]}


def _channel_of(holder: TokenHolder) -> Channel:
    if holder.start:
        return Channel.WEB
    return Channel.FIELD if holder.device else Channel.API


def _device_time_of(batch: Batch) -> datetime | None:
    try:
        moment: datetime | None = _device_time.deserialize(batch.others.get("device_time"))
    except ValidationError:
        raise UnreadableBody("device_time") from None
    return moment


def envelope_of(item: SentItem, channel: Channel) -> Envelope | Result:
    """The envelope of an item; or the verdict on one that cannot be read."""
    if item.errors:
        return _malformed(item.errors)
    try:
        envelope = load_envelope(item.value, channel, item.raw)
    except BadEnvelope as bad:
        return _malformed(bad.errors)
    return envelope if envelope.sealed is None else _inside(envelope, envelope.sealed, channel)


def _inside(outer: Envelope, sealed: str, channel: Channel) -> Envelope:
    """The envelope in a sealed one; this itself, to wait, if it cannot be opened or read."""
    settings = settings_of()
    content = open_envelope(keys_of(), outer.id, sealed)
    if content is None:
        return outer
    try:
        item = read_item(
            content, most_bytes=settings.max_request_bytes, most_depth=settings.max_json_depth
        )
        inner = load_envelope(item.value, channel, item.raw)
    except (UnreadableBody, BadEnvelope):
        return outer
    return inner if inner.id == outer.id and inner.sealed is None and not item.errors else outer


def _malformed(errors: tuple[AnswerError, ...]) -> Result:
    return Result(id=None, status=Status.MALFORMED, errors=errors)


def _answer(item: SentItem, result: Result) -> dict[str, Any]:
    return {
        "id": str(result.id) if result.id else _word(item, "id"),
        "status": result.status.value,
        "revision": result.revision,
        "receipt": result.receipt,
        "receipt_code": result.receipt_code,
        "missing_attachments": list(result.missing_attachments),
        "complete": result.complete,
        "errors": sentences(result.errors, _word(item, "language"), result.default_language),
    }


def _word(item: SentItem, name: str) -> str | None:
    """A short text among an item's members, to be said back; None if it has none."""
    word = item.value.get(name) if isinstance(item.value, dict) else None
    if isinstance(word, str) and len(word) <= LONGEST_ID and is_storable(word):
        return word
    return None
