"""Writing an export to a file that appears only when it is whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from surveyapp import durable
from surveyapp.exports.errors import FileExists, FileRefused


def check_place(target: Path, *, replace: bool) -> None:
    """Look whether a file can be written there, before anything is read. Raises `ExportError`."""
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
    aside = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
        durable.sync_folder(target.parent)
    except OSError as error:
        raise FileRefused(target, error.strerror or type(error).__name__) from error
    finally:
        aside.unlink(missing_ok=True)
