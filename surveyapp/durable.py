"""Files that survive a power cut: written aside, synced, and only then given their name."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_aside(target: Path, content: bytes) -> Path:
    """Write bytes to a new file beside the target, readable by this user only, and sync them."""
    aside = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return aside


def write(target: Path, content: bytes) -> None:
    """Write a file whole or not at all; one that is there already is replaced."""
    write_aside(target, content).replace(target)
    sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; done again, it changes nothing."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make what was renamed, linked or made in a folder survive."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
