"""Builds the wheel from a copy without `.git`, installs it elsewhere, and answers a questionnaire there.

Run as `python -m tests.wheel_smoke`; ends with status 1 and a reason when something is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from tests.live import free_port, wait_until_ready

TREE = Path(__file__).resolve().parent.parent
IGNORED = shutil.ignore_patterns(
    ".git", ".venv", "instance", "__pycache__", "*.egg-info", "*.mo", "build", "dist", ".*_cache"
)
#: page → words that must stand on it
PAGES = {
    "/healthz": "alive",
    "/readyz": "ready",
    "/kk/": "сауалнама",
    "/ru/": "опрос",
    "/en/": "survey",
    "/ru/q/family_survey": "Опрос семьи",
    "/manage": "",
}


def main() -> None:
    """Build, install, start from another directory, and look at the pages."""
    with tempfile.TemporaryDirectory(prefix="surveyapp-wheel-") as name:
        folder = Path(name)
        wheel = build(folder)
        python = install(wheel, folder)
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        try_out(python, elsewhere)
    print("wheel smoke test: passed")


def build(folder: Path) -> Path:
    """Build sdist and wheel from a copy of the tree that git knows nothing of."""
    copy = folder / "tree"
    shutil.copytree(TREE, copy, ignore=IGNORED)
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--outdir",
        str(folder / "dist"),
        str(copy),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next((folder / "dist").glob("*.whl"))


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel with the locked dependencies in an empty environment; returns its Python."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = str(TREE / "requirements.txt")
    subprocess.run([*pip, "--require-hashes", "-r", lock], check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    return python


def try_out(python: Path, folder: Path) -> None:
    """Start the installed server as a demonstration in an empty folder and ask for each page."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "DEMONSTRATION": "yes",
        "INSTANCE_PATH": str(folder / "instance"),
    }
    command = [str(python.with_name("surveyapp")), "run", "--prepare"]
    with (folder / "log").open("w+") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", server)
            look_at_pages(port)
        except Exception:
            log.seek(0)
            print(log.read(), file=sys.stderr)
            raise
        finally:
            server.terminate()
            server.wait(60)


def look_at_pages(port: int) -> None:
    """Every page answers 200 with its words; the stylesheet it names is there too."""
    for path, words in PAGES.items():
        body = get(port, path)
        if words not in body:
            raise SystemExit(f"{path}: “{words}” is not on the page")
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', get(port, "/kk/"))
    if not styles or not all(get(port, style) for style in styles):
        raise SystemExit("the stylesheet is missing")


def get(port: int, path: str) -> str:
    """Body of a page of the server under test."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as response:
        return str(response.read().decode())


if __name__ == "__main__":
    main()
