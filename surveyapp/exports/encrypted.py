"""An archive that opens only with a password: AES-256, as 7-Zip, WinZip and Keka read it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED

from surveyapp.exports.archive import COMPRESSION, ArchiveStream, Flow

#: characters; the format derives its keys with only 1,000 rounds, so the password itself must be strong
SHORTEST_PASSWORD = 14


class EncryptedArchiveStream(ArchiveStream):
    """An `ArchiveStream` whose files are encrypted one by one; their names and sizes can be seen."""

    def __init__(self, modified: datetime, password: str) -> None:
        self._password = password
        super().__init__(modified)

    def _begun(self, flow: Flow) -> tuple[Any, Any]:
        # only whoever asks for a full export needs it
        from pyzipper import WZ_AES, AESZipFile
        from pyzipper.zipfile_aes import AESZipInfo

        archive = AESZipFile(flow, "w", ZIP_DEFLATED, encryption=WZ_AES, compresslevel=COMPRESSION)
        archive.setpassword(self._password.encode())
        return archive, AESZipInfo
