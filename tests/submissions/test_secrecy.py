"""A dump of the database alone reveals no name, place or code, and cannot be used to guess one."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.logs import WithoutValues
from surveyapp.people import invitations
from surveyapp.questionnaires.canonical import canonical
from surveyapp.submissions import assessing
from surveyapp.submissions.digests import Commitments
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Quarantined, Reason, Submission
from surveyapp.submissions.quarantine import open_sealed
from surveyapp.submissions.verdicts import Status
from tests.collecting import CANARY, INVITED, answers, envelope, item, publish, send

EXACT = {"lat": 43.238949, "lon": 76.889709, "alt": None, "accuracy": 4.5}
NAMES = ("Айгерім", "Нұрлан", "Дана", CANARY, "Әсел")


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()
    publish(INVITED, access=Access.INVITATION)


def dumped() -> Iterator[Any]:
    """Every value of every row of every table."""
    with db.engine.connect().execution_options(reads=True) as connection:
        for table in db.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                yield from row


def dump() -> bytes:
    """All of the database, as text and as bytes; on SQLite also the files themselves."""
    values = [
        v if isinstance(v, bytes) else json.dumps(v, default=str, ensure_ascii=False).encode()
        for v in dumped()
    ]
    database = db.engine.url.database or ""
    if db.engine.dialect.name == "sqlite":
        for suffix in ("", "-wal"):
            values.append(Path(database + suffix).read_bytes())
    return b"\n".join(values)


def spellings(text: str) -> list[bytes]:
    """The ways in which a text may stand in a dump."""
    escaped = json.dumps(text)[1:-1]
    return [text.encode(), text.encode("utf-16-le"), escaped.encode(), escaped.lower().encode()]


def send_everything_secret() -> str:
    """Let secrets come in by every way there is; returns an invitation's code that was among them."""
    used, unused = invitations.create(INVITED, 2, None)
    first = item(answers=answers(place={"region": "75", "gps": EXACT}, nick=CANARY))
    sent = [
        first,
        first | {"answers": answers(child=[{"name": CANARY + "2"}])},
        item(answers=answers(child=[{"name": CANARY, "age": "seven"}])),
        item(version="9", answers={"name": CANARY}),
        item(answers=answers(note=f"{CANARY}\x00")),
        item(questionnaire=INVITED, answers={"start": {"code": used}, "day": "x"}),
        item(questionnaire=INVITED, answers={"start": {"code": used}, "day": "y"}),
        item(questionnaire=INVITED, answers={"start": {"code": unused}, "day": 5}),
        item(questionnaire=INVITED, answers={"start": {"code": [used]}, "day": 5}),
    ]
    statuses = [result.status for result in send(*(envelope(**each) for each in sent))]
    assert statuses.count(Status.STORED) == 2
    assert statuses.count(Status.QUARANTINED) == 7
    return used


def test_no_name_place_or_code_is_in_a_dump(app: Flask) -> None:
    code = send_everything_secret()
    everything = dump()
    for secret in (CANARY, code, str(EXACT["lat"]), str(EXACT["lon"])):
        assert not [s for s in spellings(secret) if s in everything], secret
    assert spellings("Алматы")[0] in everything, "the dump is one: it has the questionnaire's words"


def test_a_code_is_not_even_in_what_an_administrator_opens(app: Flask) -> None:
    code = send_everything_secret()
    serials = db.session.scalars(
        select(Quarantined.serial).where(Quarantined.questionnaire == INVITED)
    ).all()
    assert len(serials) == 3
    for serial in serials:
        assert code.encode() not in open_sealed(serial)


def test_a_code_is_not_kept_when_the_program_fails_over_its_record(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code,) = invitations.create(INVITED, 1, None)
    sent = envelope(questionnaire=INVITED, answers={"start": {"code": code}, "day": "x"})
    with monkeypatch.context() as patched:
        patched.setattr(assessing, "content_of", lambda *_a: int("x"))
        send(sent)
    row = db.session.scalars(select(Quarantined)).one()
    assert row.reason == Reason.FAILURE
    kept = open_sealed(row.serial)
    assert b'"day": "x"' in kept
    assert code.encode() not in kept


def guesses(row: Submission, name: str) -> Iterator[bytes]:
    """What somebody with the program's source, but without the keys, can compute for a name."""
    identity = {"place/gps": None, "child[1]/name": name, "child[2]/name": None}
    plain = [name.encode(), canonical(identity), canonical({"child[1]/name": name}), canonical(name)]
    plain += [row.id.bytes + text for text in plain]
    for text in plain:
        yield from (
            hashlib.new(kind, text).digest() for kind in ("md5", "sha1", "sha256", "sha512", "blake2b")
        )
        for key in (b"", b"\0" * 32, row.id.bytes, row.data_key or b"", str(row.key_id).encode()):
            yield hmac.new(key, text, hashlib.sha256).digest()
    for key in (b"\0" * 32, (row.data_key or b"")[13:45]):
        guessed = keys_with(key)
        yield Commitments.to(guessed, row.id, row.answers, identity, {}).identity or b""


def keys_with(commitment: bytes) -> Any:
    """The installation's keys with another commitment key, as an attacker would try them."""
    return replace(keys_of(), commitment=commitment)


def test_names_cannot_be_tried_out_against_a_dump(app: Flask) -> None:
    send(envelope())
    row = db.session.scalars(select(Submission)).one()
    everything = dump()
    for name in NAMES:
        assert not [guess for guess in guesses(row, name) if guess in everything], name


def test_with_the_keys_the_right_name_is_found_so_the_attack_would_have_worked(app: Flask) -> None:
    send(envelope())
    row = db.session.scalars(select(Submission)).one()
    identity = {"place/gps": None, "child[1]/name": CANARY, "child[2]/name": None}
    with_keys = Commitments.to(keys_of(), row.id, row.answers, identity, {}).identity
    assert with_keys is not None
    assert with_keys in dump()


def test_two_children_of_one_name_have_nothing_in_common(app: Flask) -> None:
    send(envelope(), envelope())
    rows: list[Mapping[str, Any]] = [
        {c.name: getattr(row, c.name) for c in Submission.__table__.columns}
        for row in db.session.scalars(select(Submission))
    ]
    shared = [
        name for name, value in rows[0].items() if isinstance(value, bytes) and value == rows[1][name]
    ]
    assert shared == []
    assert len(rows[0]["identity_sealed"]) == len(rows[1]["identity_sealed"])


def test_nothing_of_it_reaches_a_log_also_when_the_program_fails(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutValues("%(name)s %(message)s"))
    root = logging.getLogger()
    monkeypatch.setattr(root, "level", logging.DEBUG)
    root.addHandler(handler)
    try:
        send_everything_secret()
        monkeypatch.setattr(assessing, "content_of", lambda *_a: int(CANARY))
        send(envelope(id=str(uuid4())))
    finally:
        root.removeHandler(handler)
    assert "could not be judged" in stream.getvalue()
    assert CANARY not in stream.getvalue()
