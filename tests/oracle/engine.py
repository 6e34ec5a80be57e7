"""The JavaRosa process: compiled once, then fed JSON steps, one line each, one JSON reply a step.

`with Oracle(now=NOW) as oracle: oracle.load("form.md"); oracle.set("/data/age", "12"); oracle.dump()`
"""

from __future__ import annotations

import hashlib
import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeAlias, cast

import pyxform  # type: ignore[import-untyped]  # it ships no types
from pyxform.xls2xform import convert  # type: ignore[import-untyped]  # it ships no types

#: One instruction to the engine, see README.md.
Step: TypeAlias = dict[str, Any]
#: The engine's answer to a step; `ok` says whether it was carried out.
Reply: TypeAlias = dict[str, Any]

#: The moment at which the tests' clock stands still (UTC).
NOW = "2024-03-15 10:00:00"
SOURCES = Path(__file__).parent
JVM_FLAGS = (
    "-Xss8m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
    "-Duser.language=en",
    "-Duser.country=US",
)


class OracleError(RuntimeError):
    """A step that the engine refused; `reply` is its whole reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.get("error"))
        self.reply = reply


def jar_path() -> Path:
    """The engine's jar: `ODK_VALIDATE_JAR`, else the one inside the installed pyxform."""
    if given := os.environ.get("ODK_VALIDATE_JAR"):
        return Path(given)
    package = Path(pyxform.__file__).parent
    return package / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"


def compiled_driver(jar: Path) -> Path:
    """Folder with the driver's classes, compiled once for these sources and this jar."""
    sources = sorted(SOURCES.glob("*.java"))
    content = b"".join(source.read_bytes() for source in sources)
    tag = hashlib.sha256(content + str(jar.stat().st_size).encode()).hexdigest()[:16]
    compiled = Path(tempfile.gettempdir()) / f"javarosa-oracle-{os.getuid()}-{tag}"
    if not compiled.exists():
        _compile(sources, jar, compiled)
    if compiled.stat().st_uid != os.getuid():  # a shared /tmp: run nobody else's classes
        raise RuntimeError(f"{compiled} belongs to another user")
    return compiled


def _compile(sources: list[Path], jar: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="javarosa-oracle-build-") as build:
        classes = Path(build) / "classes"
        command = ["javac", "-nowarn", "-encoding", "UTF-8", "-cp", str(jar), "-d", str(classes)]
        subprocess.run([*command, *map(str, sources)], check=True)
        try:
            classes.rename(target)
        except OSError:  # another process was first, and its classes are the same
            if not target.exists():
                raise


class Oracle:
    """One running engine. It may load any number of forms, one after the other.

    `now` is a moment in `tz` (like `NOW`) at which the engine's clock stands still; without it the clock
    runs. `timeout` is in seconds, for one step; an engine that overruns it is ended.
    """

    def __init__(self, now: str | None = None, tz: str = "UTC", timeout: float = 60) -> None:
        jar = jar_path()
        classpath = f"{compiled_driver(jar)}{os.pathsep}{jar}"
        self.now = now
        self.timeout = timeout
        self._converted = tempfile.TemporaryDirectory(prefix="oracle-form-")
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as the engine runs
        self._process = subprocess.Popen(
            ["java", *JVM_FLAGS, f"-Duser.timezone={tz}", "-cp", classpath, "Oracle"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, "TZ": tz},
        )
        self._input = cast("IO[bytes]", self._process.stdin)
        self._output = cast("IO[bytes]", self._process.stdout)

    @property
    def alive(self) -> bool:
        """Whether the engine still runs; one that hung on a form has been ended."""
        return self._process.poll() is None

    def raw(self, step: Step | str) -> Reply:
        """One step's reply, whether it went well or not; a text is sent as it is."""
        line = step if isinstance(step, str) else json.dumps(step)
        self._input.write(line.encode() + b"\n")
        self._input.flush()
        if not self._replied_in_time():
            self._process.kill()
            self._process.wait()
            return self._dead(f"no reply in {self.timeout} s; the engine was ended")
        reply = self._output.readline()
        if not reply:
            self._log.seek(0)
            return self._dead("the engine ended: " + self._log.read().decode(errors="replace"))
        return cast("Reply", json.loads(reply))

    def _replied_in_time(self) -> bool:
        end = time.monotonic() + self.timeout
        while not select.select([self._output], [], [], 1)[0]:
            if time.monotonic() > end:
                return False
        return True

    @staticmethod
    def _dead(error: str) -> Reply:
        return {"ok": False, "error": error, "engine_error": True, "dead": True}

    def step(self, step: Step) -> Reply:
        """One step's reply.

        Raises:
            OracleError: the engine refused it.
        """
        reply = self.raw(step)
        if not reply["ok"]:
            raise OracleError(reply)
        return reply

    def load(self, form: Path | str, *, media: Path | str | None = None, **options: Any) -> Reply:
        """A new interview of an XForm (`.xml`) or XLSForm (`.md`, `.xlsx`, `.csv`).

        `media` is the folder of external files (default: the form's); `options` are the other keys of
        the `load` step: `lang`, `instance`, `properties`, `walk`.
        """
        form = Path(form)
        now = {"now": self.now} if self.now else {}
        given = {key: value for key, value in options.items() if value is not None}
        folder = str(media or form.resolve().parent)
        return self.step({"load": str(self._xform(form)), "media": folder, **now, **given})

    def _xform(self, form: Path) -> Path:
        if form.suffix.lower() == ".xml":
            return form
        target = Path(self._converted.name) / f"{form.stem}.xml"
        target.write_text(convert(form, validate=False).xform, encoding="utf-8")
        return target

    def set(self, path: str, value: str) -> Reply:
        """Set a node, whatever its constraint says."""
        return self.step({"set": path, "value": value})

    def answer(self, path: str, value: str) -> Reply:
        """Answer as on Collect's screen: refused if irrelevant, read-only or against its rules."""
        return self.step({"answer": path, "value": value})

    def clear(self, path: str) -> Reply:
        """Empty a node."""
        return self.step({"clear": path})

    def new_repeat(self, path: str) -> str:
        """Add an instance of the repeat; its path."""
        return cast("str", self.step({"new_repeat": path})["created"])

    def delete_repeat(self, path: str) -> Reply:
        """Take away one instance of a repeat."""
        return self.step({"delete_repeat": path})

    def eval(self, expression: str, context: str | None = None) -> Reply:
        """What a bare expression gives: `type`, `string`, `number`, `boolean`."""
        where = {"context": context} if context else {}
        return cast("Reply", self.step({"eval": expression, **where})["result"])

    def dump(self, **options: bool) -> Reply:
        """Every node as it stands, the languages and the submission's XML."""
        return cast("Reply", self.step({"dump": True, **options})["dump"])

    def node(self, path: str) -> Reply:
        """One node of the dump.

        Raises:
            KeyError: there is none of this path.
        """
        for node in self.dump()["nodes"]:
            if node["path"] == path:
                return cast("Reply", node)
        raise KeyError(path)

    def finalize(self) -> str:
        """Finish as on “send”; the submission's XML."""
        return cast("str", self.step({"finalize": True})["submission"])

    def validate(self) -> Reply:
        """JavaRosa's own check of the whole form: `valid`, else the first failing `path` and `why`."""
        return self.step({"validate": True})

    def close(self) -> None:
        """End the engine and remove what was written for it."""
        if self.alive:
            self._input.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        self._output.close()
        self._log.close()
        self._converted.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
