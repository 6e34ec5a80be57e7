"""Opens encrypted full exports in 7-Zip; by hand, not by pytest.

    apt-get install --no-install-recommends 7zip
    python -m tests.exports.seven_zip

With the right password every file comes out as the program opens it itself, with a wrong one or none nothing
does, and the directory tells no file's own name. Without 7-Zip it says so, and ends well.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from pathlib import Path

import pyzipper

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.exports.request import ExportRequest
from surveyapp.exports.service import export
from surveyapp.migrating import upgrade_database
from tests.exports import odd, visits

#: of plain letters, and of those that people here type
PASSWORDS = (visits.PASSWORD, "ешкім білмейтін құпия сөз")


def main() -> None:
    """Encrypt, list, open, and say what came out."""
    program = shutil.which("7z") or shutil.which("7zz")
    if program is None:
        print("skipped: 7-Zip is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = {"INSTANCE_PATH": str(folder / "instance"), "DEMONSTRATION": "yes"}
        with create_app(Settings.from_environment(settings)).app_context():
            upgrade_database()
            odd.publish("1", "2", "3")
            odd.store()
            for password in PASSWORDS:
                for format_, package in (("csv", True), ("xlsx", True), ("sav", False)):
                    asked = visits.FULL | {"password": password, "format": format_, "package": package}
                    request = ExportRequest(questionnaire=odd.ID, **asked)
                    content = b"".join(export(request))
                    print(f"{format_}, “{password}”:", _opened(program, folder, content, password))


def _opened(program: str, folder: Path, content: bytes, password: str) -> str:
    archive, out = folder / "full.zip", folder / "out"
    archive.write_bytes(content)
    listed = _run(program, "l", "-slt", archive).stdout
    names = [line.split(" = ")[1] for line in listed.splitlines() if line.startswith("Path = ")][1:]
    methods = {line for line in listed.splitlines() if line.startswith("Method = ")}
    wrong = [_run(program, "t", f"-p{each}", archive).returncode for each in ("another password", "")]
    shutil.rmtree(out, ignore_errors=True)
    right = _run(program, "x", f"-p{password}", f"-o{out}", archive)
    found = {file.name: file.read_bytes() for file in out.iterdir()} if out.exists() else {}
    with pyzipper.AESZipFile(io.BytesIO(content)) as own:
        own.setpassword(password.encode())
        wanted = {name: own.read(name) for name in own.namelist()}
    return (
        f"{names}, {methods}; without its password: {wrong}; with it: {right.returncode}, "
        f"{len(wanted)} files {'alike' if found == wanted else 'NOT alike'}"
    )


def _run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [program, *map(str, arguments)]
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False
    )


if __name__ == "__main__":
    main()
