"""An archive that opens only with a password: AES-256, as 7-Zip, WinZip and Keka read it."""

from __future__ import annotations

from datetime import datetime
from zipfile import ZIP_DEFLATED

from surveyapp.exports.archive import COMPRESSION, ArchiveStream

#: characters; the format derives its keys with only 1,000 rounds, so the password itself must be strong
SHORTEST_PASSWORD = 14


class EncryptedArchiveStream(ArchiveStream):
    """An `ArchiveStream` whose files are encrypted one by one; their names and sizes can be seen."""

    def __init__(self, modified: datetime, password: str) -> None:
        super().__init__(modified)
        # only whoever asks for a full export needs it
        from pyzipper import WZ_AES, AESZipFile
        from pyzipper.zipfile_aes import AESZipInfo

        self._info = AESZipInfo
        self._zip = AESZipFile(
            self._flow, "w", ZIP_DEFLATED, encryption=WZ_AES, compresslevel=COMPRESSION
        )
        self._zip.setpassword(password.encode())
