"""Where attachments, and the files of versions, lie: in a folder, each under the SHA-256 of its bytes.

So none is kept twice.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from surveyapp import durable
from surveyapp.wiring import settings_of


class MediaStore:
    """A folder of files named by their content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where a file of this digest (in hex) lies, held or not."""
        return self.folder / sha256[:2] / sha256

    def __contains__(self, sha256: object) -> bool:
        """Whether the bytes of this digest are here, whole."""
        return isinstance(sha256, str) and self.path(sha256).is_file()

    def read(self, sha256: str) -> bytes:
        """The bytes of a digest. Raises OSError if they are not here."""
        return self.path(sha256).read_bytes()

    def keep(self, content: bytes) -> str:
        """Keep bytes for good and return their SHA-256 in hex; on disk before this returns."""
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 in self:
            return sha256
        durable.make_folder(self.path(sha256).parent)
        durable.write(self.path(sha256), content)
        return sha256

    def take(self, file: Path, sha256: str) -> None:
        """Keep a file that lies in the store's folder, whole and synced; it is moved, or thrown away."""
        if sha256 in self:
            file.unlink()
            return
        target = self.path(sha256)
        durable.make_folder(target.parent)
        file.replace(target)
        durable.sync_folder(target.parent)

    def discard(self, sha256: str) -> None:
        """Remove the bytes of a digest, if they are here."""
        self.path(sha256).unlink(missing_ok=True)


def media_store() -> MediaStore:
    """The store of the current application."""
    return MediaStore(settings_of().media_path)
