"""Files that nobody needs are removed, and no others."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.media_store import FolderStore, media_store, new_address
from surveyapp.people.service import known_user
from surveyapp.submissions import kept_files, orphans, uploads
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Attachment, KeptFile, Upload
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.submissions.verdicts import Sender
from surveyapp.wiring import settings_of
from tests.accounts import make_user
from tests.collecting import answers, bring, envelope, publish, send, untold

GRACE = timedelta(hours=168)


@pytest.fixture
def sender(app: Flask) -> Sender:
    publish()
    make_user("aigerim")
    found = known_user("aigerim").id
    db.session.commit()  # on SQLite an open look would be in the way
    return Sender(user_id=found)


def photo(sha256: str) -> dict[str, object]:
    return {"name": "a.jpg", "sha256": sha256, "size": 5, "type": "image/jpeg"}


def kept() -> list[str]:
    db.session.rollback()
    found = list(db.session.scalars(select(KeptFile.sha256)))
    db.session.rollback()
    return found


def test_a_file_that_nothing_names_is_kept_for_its_time(sender: Sender) -> None:
    before = untold()
    sha256 = bring(b"nobody's", sender)
    assert orphans.tend(utc_now() + GRACE - timedelta(minutes=1)).files == 0
    assert kept() == [sha256]
    assert orphans.tend(utc_now() + GRACE + timedelta(minutes=1)).files == 1
    assert kept() == []
    assert untold() == before


def test_a_file_that_is_needed_stays_for_ever(sender: Sender) -> None:
    one, waiting = bring(b"one", sender), bring(b"waiting", sender)
    named = answers(photo="a.jpg")
    send(envelope(answers=named, attachments=[photo(one)]), sender=sender)
    send(envelope(answers=named, attachments=[photo(waiting)], version="9"), sender=sender)
    orphans.collect(utc_now() + 100 * GRACE)
    assert kept() == [waiting]
    (row,) = db.session.scalars(select(Attachment))
    assert row.address in media_store()


def test_what_an_earlier_edition_kept_plain_for_quarantine_is_held(sender: Sender) -> None:
    store, content = media_store(), b"kept by an earlier edition"
    sha256 = store.keep(content)
    send(
        envelope(answers=answers(photo="a.jpg"), attachments=[photo(sha256)], version="9"), sender=sender
    )
    assert kept() == []
    orphans.collect(utc_now() + 100 * GRACE)
    assert kept() == [sha256]
    address = db.session.scalars(select(KeptFile.address)).one()
    with kept_files.open_at(keys_of(), address) as file:
        assert file.read() == content
    assert sha256 not in store


def test_uploads_whose_time_is_over_go_with_their_parts(sender: Sender) -> None:
    uploads.create("ab" * 32, 100, uploads.Owner(sender.user_id))
    assert orphans.tend(utc_now() + timedelta(hours=settings_of().upload_hours + 1)).uploads == 1
    assert db.session.scalars(select(Upload)).all() == []


def test_what_a_killed_process_left_is_removed_after_a_day(sender: Sender) -> None:
    store = media_store()
    assert isinstance(store, FolderStore)
    address = new_address("incoming")
    store.put(address, [b"stored, and nobody was told"])
    aside = store.folder / ".coming" / "torn"
    aside.parent.mkdir(exist_ok=True)
    aside.write_bytes(b"half of")
    orphans.collect(utc_now())
    assert address in store
    assert aside.exists()
    for path in (store.path(address), aside):
        age(path, utc_now() - timedelta(days=1, minutes=1))
    assert orphans.collect(utc_now()).strays == 2
    assert address not in store
    assert not aside.exists()


def test_what_a_clock_put_forward_makes_old_is_left_alone(sender: Sender) -> None:
    store, passed = media_store(), [0.0]
    address = new_address("incoming")
    store.put(address, [b"of a request that is still at work"])
    looks = orphans.Looks(lambda: passed[0])
    later = utc_now() + timedelta(days=3000)
    orphans.collect(later, looks)
    passed[0] += timedelta(hours=23).total_seconds()
    orphans.collect(later, looks)
    assert address in store
    passed[0] += timedelta(hours=1).total_seconds()
    orphans.collect(later, looks)
    assert address not in store


def test_what_was_named_between_two_looks_is_no_stray(sender: Sender) -> None:
    passed = [0.0]
    looks = orphans.Looks(lambda: passed[0])
    brought = kept_files.put([b"slow"])
    later = utc_now() + timedelta(days=2)
    orphans.collect(later, looks)
    owner = kept_files.owner_of(sender.user_id, None)
    in_one_transaction(partial(kept_files.keep, owner=owner, brought=[brought]))
    passed[0] += timedelta(days=1).total_seconds()
    orphans.collect(later, looks)
    assert brought.address in media_store()


def age(path: os.PathLike[str], to: datetime) -> None:
    os.utime(path, (to.timestamp(), to.timestamp()))


def test_the_command_tells_what_it_did(app: Flask, sender: Sender) -> None:
    bring(b"nobody's", sender)
    db.session.rollback()
    told = app.test_cli_runner().invoke(args=["media", "collect"], prog_name="surveyapp")
    assert told.exit_code == 0
    assert "0 files that nothing names removed" in told.stdout
