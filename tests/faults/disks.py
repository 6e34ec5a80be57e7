"""A small disk of our own, to be filled: a file system in memory, which only root may mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Disk:
    """A mounted file system of a few MiB."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, leave: int) -> None:
        """Leave only so many bytes free; somebody who writes meanwhile is left less."""
        with self._ballast.open("ab") as ballast:
            # nothing at all is taken when the room has become smaller between the look and the taking
            while not self._take(ballast.fileno(), leave):
                pass

    def _take(self, ballast: int, leave: int) -> bool:
        room = os.statvfs(self.folder)
        wanted = room.f_bavail * room.f_frsize - leave
        if wanted <= 0:
            return True
        try:
            os.posix_fallocate(ballast, os.fstat(ballast).st_size, wanted)
        except OSError:
            return False
        return True

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
