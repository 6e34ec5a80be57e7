"""Whether a package is whole: every file that its manifest names, byte for byte, and nothing else.

The manifest is the last file and the archive's directory comes after it, so a download that was cut off
has neither. Needs no database: whoever gets a package can look.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surveyapp.exports.errors import ExportError
from surveyapp.exports.media_writer import LIST
from surveyapp.exports.package import MANIFEST

_PIECE = 1024 * 1024
#: bytes; a manifest is far smaller
_LARGEST_MANIFEST = 64 * _PIECE
_OTHER_FILES = "its files are not those of its manifest"


class NotWhole(ExportError):
    """A package that was cut off, changed, or is none."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is not whole: {why}")


@dataclass(frozen=True, slots=True)
class Whole:
    """What a whole package says of itself."""

    questionnaire: str
    profile: str
    submissions: int
    files: int


def verify(path: Path, password: str = "") -> Whole:
    """Look at a package. Raises `NotWhole` with the first thing that is wrong."""
    # its own class, not that of `zipfile`
    from pyzipper import AESZipFile, BadZipFile

    try:
        with AESZipFile(path) as archive:
            if password:
                archive.setpassword(password.encode())
            return _verified(path, archive)
    except (BadZipFile, EOFError, zlib.error):
        raise NotWhole(path, "it ends too early, or is no archive") from None
    except RuntimeError:
        raise NotWhole(path, "the password is missing or is another one") from None
    except OSError as error:
        raise NotWhole(path, error.strerror or "it cannot be read") from None


def _verified(path: Path, archive: Any) -> Whole:
    names: list[str] = archive.namelist()
    if not names or names[-1] != MANIFEST:
        raise NotWhole(path, "it has no manifest at its end")
    told = _manifest(path, archive)
    files = {each["name"]: (each["size"], each["sha256"]) for each in told["files"]}
    if len(set(names)) != len(names) or not set(files) <= set(names):
        raise NotWhole(path, _OTHER_FILES)
    _compare(path, archive, files)
    # now that its list can be believed
    media = _media(path, archive) if LIST in files else {}
    if set(names) - {MANIFEST} != set(files) | set(media):
        raise NotWhole(path, _OTHER_FILES)
    _compare(path, archive, media)
    return Whole(
        str(told["questionnaire"]),
        str(told.get("profile", "")),
        int(told["submissions"]),
        len(files) + len(media),
    )


def _compare(path: Path, archive: Any, files: Mapping[str, tuple[int, str]]) -> None:
    for name, expected in files.items():
        if _digest(archive, name) != expected:
            raise NotWhole(path, f"{name} was changed")


def _media(path: Path, archive: Any) -> dict[str, tuple[int, str]]:
    """The files of submissions, which have a list of their own: size and digest of each that came."""
    try:
        with archive.open(LIST) as file:
            lines = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
            rows = csv.DictReader(lines)
            return {row["file"]: (int(row["size"]), row["sha256"]) for row in rows if row["file"]}
    except (ValueError, KeyError, TypeError):
        raise NotWhole(path, f"{LIST} cannot be read") from None


def _manifest(path: Path, archive: Any) -> dict[str, Any]:
    try:
        if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
            raise ValueError
        told: dict[str, Any] = json.loads(archive.read(MANIFEST))
        for each in told["files"]:
            each["name"], each["size"], each["sha256"]
        told["questionnaire"], told["submissions"]
    except (ValueError, KeyError, TypeError):
        raise NotWhole(path, "its manifest cannot be read") from None
    return told


def _digest(archive: Any, name: str) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()
