"""Where the files that are not Python lie: inside the installed package, or beside it in the tree."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_folder(name: str) -> Path:
    """Folder `translations` or `migrations`: the wheel carries them within the package."""
    packaged = PACKAGE / name
    return packaged if packaged.is_dir() else PACKAGE.parent / name
