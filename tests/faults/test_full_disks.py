"""The short forms of full disks; only root may mount one."""

from __future__ import annotations

import pytest

from tests.faults import full_disks
from tests.faults.counting import count
from tests.faults.databases import SQLITE
from tests.faults.disks import Disk


@pytest.mark.parametrize("full", full_disks.DISKS)
def test_what_a_full_disk_cannot_hold_is_not_acknowledged(full: str) -> None:
    disks: list[Disk] = []
    try:
        staged = full_disks.stage(SQLITE, full=full, told=disks)
        with staged as set_up:
            full_disks.act(disks[0], set_up, rounds=1, seed=1)
            counted = count(set_up)
    except PermissionError:
        pytest.skip("needs root: no file system can be mounted here")
    assert counted.is_good, counted
    assert counted.acknowledged == counted.sent > 0
