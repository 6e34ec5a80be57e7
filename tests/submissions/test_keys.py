"""The key file: made once, read by its owner, replaced whole, never made anew over sealed data."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from surveyapp.submissions.keys import KeyFile, KeyFileError, KeyMissing, Keys


def nothing_sealed() -> bool:
    return False


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "keys.json"


def test_a_missing_file_is_made_on_first_use_for_its_owner_only(path: Path) -> None:
    made = KeyFile(path, nothing_sealed).keys()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyFile(path, nothing_sealed).keys() == made
    assert list(path.parent.iterdir()) == [path], "nothing is left lying about"


def test_of_many_that_find_no_file_at_once_all_get_the_same_keys(path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _n: KeyFile(path, nothing_sealed).keys(), range(16)))
    assert all(found == keys[0] for found in keys)


def test_a_lost_file_is_never_made_anew_over_sealed_data(path: Path) -> None:
    with pytest.raises(KeyFileError, match="put the file back from its backup"):
        KeyFile(path, lambda: True).keys()
    assert not path.exists()


def test_a_file_that_everybody_can_read_is_refused(path: Path) -> None:
    file = KeyFile(path, nothing_sealed)
    file.keys()
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="chmod 600"):
        file.keys()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"format": 2}', json.dumps(json.loads(Keys.new().to_json()) | {"current": "?"})],
)
def test_a_damaged_file_is_told_of_by_its_path(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.touch(0o600)
    path.write_text(content)
    with pytest.raises(KeyFileError, match=r"keys\.json cannot be used"):
        KeyFile(path, nothing_sealed).keys()


def test_a_key_of_the_wrong_length_is_refused(path: Path) -> None:
    content = json.loads(Keys.new().to_json()) | {"commitment_key": "c2hvcnQ="}
    with pytest.raises(ValueError, match="5 bytes instead of 32"):
        Keys.from_json(json.dumps(content))


def test_keys_survive_the_file(path: Path) -> None:
    keys = Keys.new().with_new_wrapping_key()
    assert Keys.from_json(keys.to_json()) == keys


def test_a_replaced_file_is_read_again_by_a_running_server(path: Path) -> None:
    server, command = KeyFile(path, nothing_sealed), KeyFile(path, nothing_sealed)
    before = server.keys()
    with command.changing():
        command.replace(command.keys().with_new_wrapping_key())
    after = server.keys()
    assert after.current != before.current
    assert after.wrapping_key(before.current) == before.wrapping_key(before.current)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_retired_keys_can_be_dropped() -> None:
    first = Keys.new()
    second = first.with_new_wrapping_key()
    left = second.without({first.current, second.current})
    assert list(left.wrapping) == [second.current]
    with pytest.raises(KeyMissing, match=first.current):
        left.wrapping_key(first.current)


def test_each_purpose_has_a_secret_of_its_own_that_rotation_leaves_alone() -> None:
    keys = Keys.new()
    assert keys.derived("session") == keys.with_new_wrapping_key().derived("session")
    assert len({keys.derived("session"), keys.derived("invitation"), keys.derivation}) == 3
    assert keys.derived("session") != Keys.new().derived("session")


def test_no_key_shows_when_keys_are_printed() -> None:
    keys = Keys.new()
    assert repr(keys.commitment)[2:-1] not in repr(keys)
    assert "wrapping=" not in repr(keys)


def test_a_server_whose_key_file_vanished_does_not_seal_with_what_it_remembers(path: Path) -> None:
    sealed = False
    file = KeyFile(path, lambda: sealed)
    file.keys()
    sealed = True
    path.unlink()
    with pytest.raises(KeyFileError, match="is missing"):
        file.keys()
