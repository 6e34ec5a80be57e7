"""What a tree of processes costs, read from `/proc`: seconds of CPU, and megabytes.

CPU is the figure that survives a machine that others use too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> float:
    """What a process and all below it have used so far, those that ended included."""
    ticks = 0
    for pid in tree(root):
        found = _stat(pid)
        ticks += sum(int(each) for each in found[11:15]) if found else 0
    return ticks / _TICK


def megabytes(root: int) -> float:
    """What they hold in memory; pages that several share are shared out among them (PSS)."""
    return sum(map(_proportional_kilobytes, tree(root))) / 1000


def resident_megabytes(root: int) -> float:
    """What they hold in memory, pages that several share counted for each (RSS)."""
    return sum(_kilobytes(Path(f"/proc/{pid}/status"), "VmRSS:") for pid in tree(root)) / 1000


def tree(root: int) -> list[int]:
    """The process and all below it."""
    parents = {pid: int(stat[1]) for pid in _all_pids() if (stat := _stat(pid))}
    found, level = [root], {root}
    while level:
        level = {pid for pid, parent in parents.items() if parent in level}
        found += level
    return found


def busy_seconds() -> float:
    """What the whole machine has used so far."""
    fields = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle = fields[3] + fields[4]
    return (sum(fields) - idle) / _TICK


def _all_pids() -> Iterator[int]:
    return (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())


def _stat(pid: int) -> list[str]:
    """The fields after the name, from the state on; none of a process that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _proportional_kilobytes(pid: int) -> int:
    return _kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:")


def _kilobytes(file: Path, name: str) -> int:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
