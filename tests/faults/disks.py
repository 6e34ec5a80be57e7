"""A small disk of our own, to be filled: a file system in memory, which only root may mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Disk:
    """A mounted file system of a few MiB."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leave: int) -> None:
        """Leave only so many bytes free."""
        room = os.statvfs(self.folder)
        with self._ballast.open("ab") as ballast, suppress(OSError):
            os.posix_fallocate(
                ballast.fileno(), ballast.tell(), max(1, room.f_bavail * room.f_frsize - leave)
            )

    def free(self) -> None:
        """Give back what `fill` took."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def disk(folder: Path, mebibytes: int) -> Iterator[Disk]:
    """Mount one in a folder. Raises PermissionError when that is not allowed."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True, check=False).returncode:
        raise PermissionError("no file system can be mounted")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
