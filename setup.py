"""Build steps that setup.cfg cannot say: the data folders beside the package go into the wheel."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

TREE = Path(__file__).resolve().parent


class BuildWithData(build_py):
    """Put `translations/` (compiled) and `migrations/` inside the built package."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            compile_catalogues(TREE / "translations")
            return
        target = Path(self.build_lib) / "surveyapp"
        for name in ("translations", "migrations"):
            shutil.rmtree(target / name, ignore_errors=True)
            shutil.copytree(TREE / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        compile_catalogues(target / "translations")


def compile_catalogues(folder: Path) -> None:
    """Compile every `.po` of a translations folder to the `.mo` beside it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as stream:
            catalogue = read_po(stream, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as stream:
            write_mo(stream, catalogue)


setup(cmdclass={"build_py": BuildWithData})
