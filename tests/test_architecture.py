"""Imports point one way, and what is asked stays pure (docs/architecture.md)."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "surveyapp"
#: package → packages it may import; what is missing here is the shared ground floor
MAY_IMPORT = {
    "questionnaires": set[str](),
    "files": set[str](),
    "people": set[str](),
    "catalogue": {"questionnaires", "people"},
    "submissions": {"catalogue", "questionnaires", "people", "files"},
    "channels": {"exports", "submissions", "catalogue", "questionnaires", "people", "files"},
    "exports": {"submissions", "catalogue", "questionnaires", "people"},
    "manage": {"channels", "exports", "submissions", "catalogue", "questionnaires", "people"},
}
#: only the ground floor may put the house together: these import every package by name
ROOFS = {"wiring", "preparing", "serving", "cli"}


def imported_modules(path: Path) -> set[str]:
    """Names of the `surveyapp` modules that a file imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.startswith("surveyapp")}


def imported_packages(path: Path) -> set[str]:
    """The packages of the house among them."""
    parts = {name.split(".")[1] for name in imported_modules(path) if "." in name}
    return parts & set(MAY_IMPORT)


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_packages_below_it(package: str) -> None:
    wrong = {
        f"{path.relative_to(PACKAGE)} imports {other}"
        for path in (PACKAGE / package).rglob("*.py")
        for other in imported_packages(path) - MAY_IMPORT[package] - {package}
    }
    assert wrong == set()


#: records are corrected on the stepwise pages, and phones set up as the command does it
OF_CHANNELS = ("surveyapp.channels.pages", "surveyapp.channels.enrolling")


def test_administrators_pages_take_little_of_channels() -> None:
    taken = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in (PACKAGE / "manage").rglob("*.py")
        for name in imported_modules(path)
        if name.startswith("surveyapp.channels.") and not name.startswith(OF_CHANNELS)
    }
    assert taken == set()


def test_the_ground_floor_imports_no_package_that_stands_on_it() -> None:
    wrong = {
        f"{path.name} imports {other}"
        for path in PACKAGE.glob("*.py")
        if path.stem not in ROOFS
        for other in imported_packages(path) - {"questionnaires", "people"}
    }
    assert wrong == set()


def test_a_view_never_reaches_into_another_channel() -> None:
    wrong = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for channel in ("api", "pages")
        for path in (PACKAGE / "channels" / channel).rglob("*.py")
        for name in imported_modules(path)
        if name.startswith("surveyapp.channels.") and name.split(".")[2] != channel
    }
    assert wrong == set()


def test_what_is_asked_loads_neither_flask_nor_a_database() -> None:
    modules = sorted(
        ".".join(("surveyapp", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in (PACKAGE / "questionnaires").rglob("*.py")
    )
    # `surveyapp/__init__.py` itself imports Flask for the factory: it is put aside for this look
    program = (
        "import sys, types, importlib\n"
        f"package = types.ModuleType('surveyapp'); package.__path__ = [{str(PACKAGE)!r}]\n"
        "sys.modules['surveyapp'] = package\n"
        f"for name in {modules!r}: importlib.import_module(name.removesuffix('.__init__'))\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('flask', 'sqlalchemy')])\n"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "[]"


def test_an_export_needs_no_more_than_it_must(tmp_path: Path) -> None:
    """A million submissions go through a process of 100 MB (docs/decisions/0041)."""
    program = (
        "import sys\n"
        "from surveyapp import cli\n"
        "cli.cli.make_context('surveyapp', ['export', '--help']).obj.load_app()\n"
        "large = ('pyxform', 'numpy', 'PIL', 'lxml', 'psycopg', 'tqdm', 'limits', 'flask_security', 'flask_wtf', 'pandas', 'pyarrow', 'pyreadstat', "
        "'surveyapp.manage.views', 'surveyapp.channels.api.registering', 'surveyapp.questionnaires.judge')\n"
        "print([name for name in large if name in sys.modules])\n"
    )
    environment = {"INSTANCE_PATH": str(tmp_path), "PATH": os.environ["PATH"]}
    outcome = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    assert outcome.stdout.strip() == "[]"


def test_a_server_starts_without_what_only_commands_need(tmp_path: Path) -> None:
    """What checks and compiles workbooks takes 40 MB in each process that has it, Alembic 12."""
    program = (
        "import sys, surveyapp\n"
        "from surveyapp.config import Settings\n"
        f"surveyapp.create_app(Settings.from_environment({{'INSTANCE_PATH': {str(tmp_path)!r}}}))\n"
        "large = ('pyxform', 'openpyxl', 'xlrd', 'numpy', 'surveyapp.questionnaires.xlsform', 'alembic', 'tqdm', "
        "'pandas', 'pyarrow', 'pyreadstat', 'webauthn', 'authlib', 'requests')\n"
        "print([name for name in large if name in sys.modules])\n"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "[]"
