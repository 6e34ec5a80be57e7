"""Uploaded files: what they really are, by their first bytes, whatever name or type came with them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from surveyapp.questionnaires.definition import DataType


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: media type, suffix, and the bytes it begins with (offset → bytes)."""

    type: str
    suffix: str
    marks: tuple[tuple[int, bytes], ...]

    def fits(self, content: bytes) -> bool:
        """Whether the content begins like one."""
        return all(content[at : at + len(mark)] == mark for at, mark in self.marks)


_JPEG = FileKind("image/jpeg", "jpg", ((0, b"\xff\xd8\xff"),))
_PNG = FileKind("image/png", "png", ((0, b"\x89PNG\r\n\x1a\n"),))
_WEBP = FileKind("image/webp", "webp", ((0, b"RIFF"), (8, b"WEBP")))
_MP4 = FileKind("video/mp4", "mp4", ((4, b"ftyp"),))
_WEBM = FileKind("video/webm", "webm", ((0, b"\x1a\x45\xdf\xa3"),))
_M4A = FileKind("audio/mp4", "m4a", ((4, b"ftyp"),))
_OGG = FileKind("audio/ogg", "ogg", ((0, b"OggS"),))
_MP3_TAGGED = FileKind("audio/mpeg", "mp3", ((0, b"ID3"),))
_MP3 = FileKind("audio/mpeg", "mp3", ((0, b"\xff\xfb"),))
_AMR = FileKind("audio/amr", "amr", ((0, b"#!AMR"),))
_WAV = FileKind("audio/wav", "wav", ((0, b"RIFF"), (8, b"WAVE")))
_PDF = FileKind("application/pdf", "pdf", ((0, b"%PDF-"),))
_OTHER = FileKind("application/octet-stream", "bin", ())

#: question type → kinds it takes; the first that fits is it
KINDS: Mapping[DataType, tuple[FileKind, ...]] = {
    DataType.IMAGE: (_JPEG, _PNG, _WEBP),
    DataType.AUDIO: (_M4A, _OGG, _MP3_TAGGED, _MP3, _AMR, _WAV, _WEBM),
    DataType.VIDEO: (_MP4, _WEBM),
    DataType.FILE: (_PDF, _JPEG, _PNG, _WEBP, _OTHER),
}


class WrongFile(Exception):
    """A file that cannot be taken; `code` and `params` as in `AnswerError`."""

    def __init__(self, code: str, **params: int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept: its bytes, what it is, and the name it is given."""

    content: bytes
    name: str
    type: str

    @property
    def sha256(self) -> str:
        """Digest of the content, in hex."""
        return hashlib.sha256(self.content).hexdigest()


def check(content: bytes, question_type: DataType, question: str, *, largest: int) -> CheckedFile:
    """Accept an upload for a question of that name. Raises `WrongFile`.

    The name it came under is not kept: phones put places and people's names into it.
    """
    if len(content) > largest:
        raise WrongFile("file_too_large", max=largest // (1024 * 1024))
    kind = next((kind for kind in KINDS[question_type] if kind.fits(content)), None)
    if kind is None:
        raise WrongFile(f"not_{question_type.value}")
    name = f"{question}-{secrets.token_hex(4)}.{kind.suffix}"
    return CheckedFile(content, name, kind.type)


def accepted(question_type: DataType) -> str:
    """The `accept` attribute of an upload field."""
    if question_type is DataType.FILE:
        return ""
    return ",".join(dict.fromkeys(kind.type for kind in KINDS[question_type]))
