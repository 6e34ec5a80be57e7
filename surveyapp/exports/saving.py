"""Writing an export to a file that appears only when it is whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from surveyapp import durable
from surveyapp.exports.errors import FileExists, FileRefused


def check_place(target: Path, *, replace: bool) -> None:
    """Look whether a file can be written there, before anything is read. Raises `ExportError`."""
    with _said_plainly(target):
        if target.is_dir():
            raise FileRefused(target, "that is a folder")
        if target.exists() and not replace:
            raise FileExists(target)
        if not target.parent.is_dir():
            raise FileRefused(target, f"there is no folder {target.parent}")
        if not os.access(target.parent, os.W_OK | os.X_OK):
            raise FileRefused(target, f"no right to write to the folder {target.parent}")


def save(chunks: Iterable[bytes], target: Path) -> None:
    """Write beside the target, sync, and only then give it its name; whatever fails leaves nothing.

    The file is for its owner's eyes only (mode 600): it holds answers. Raises `FileRefused`, and what
    iterating raises.
    """
    aside = target.with_name(f".{secrets.token_hex(8)}.part")
    with _said_plainly(target):
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _fill(descriptor, chunks)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
        durable.sync_folder(target.parent)


def _fill(descriptor: int, chunks: Iterable[bytes]) -> None:
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _said_plainly(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileRefused(target, error.strerror or type(error).__name__) from error
