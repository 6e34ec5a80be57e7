"""Golden cases: what JavaRosa answered, kept so that our own engine can be compared without Java.

`python -m tests.oracle.golden` asks again and writes `golden.json`; `test_golden.py` holds it to
JavaRosa. A case is either a script over one of `forms/` (key `form/number`: the steps' replies and the
dump after them) or a bare expression (key `eval …`: its value, or the engine's error).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

from tests.oracle.engine import NOW, Oracle, Reply, Step

HERE = Path(__file__).parent
FORMS = HERE / "forms"
GOLDEN = HERE / "golden.json"

Cases: TypeAlias = dict[str, Any]


class Scripts(NamedTuple):
    """One form's language and the scripts that are run over it, each on a new interview."""

    language: str | None
    scripts: tuple[tuple[Step | str, ...], ...]


def _set(path: str, value: str) -> Step:
    return {"set": path, "value": value}


SCRIPTS: Mapping[str, Scripts] = {
    "basics": Scripts(
        "English (en)",
        (
            (),
            (
                _set("/data/age", "20"),
                _set("/data/smoker", "y"),
                _set("/data/crops", "maize rice"),
                _set("/data/fullname", "Ann"),
            ),
            (_set("/data/crops", "none"), _set("/data/age", "3"), _set("/data/age", "")),
            (
                _set("/data/nope", "1"),
                _set("/data/age", "abc"),
                {"answer": "/data/age", "value": "200"},
                {"bogus": 1},
                "notjson",
            ),
        ),
    ),
    "dates": Scripts(
        None,
        (
            (),
            (
                _set("/data/dob", "1990-06-30"),
                _set("/data/dt", "2024-01-31T23:30:15.000Z"),
                _set("/data/tm", "06:00:00.000Z"),
            ),
            (_set("/data/dob", "2030-01-01"),),
        ),
    ),
    "strings": Scripts(
        None,
        (
            (),
            (
                _set("/data/a", "Hello World"),
                _set("/data/d", "2.345"),
                _set("/data/i", "7"),
                _set("/data/m", "a c"),
            ),
            (_set("/data/m", "a b c"), _set("/data/i", "-7"), _set("/data/d", "2.5")),
        ),
    ),
    "repeats": Scripts(
        None,
        (
            (),
            (
                _set("/data/hh/child[1]/cname", "Ann"),
                _set("/data/hh/child[1]/cage", "16"),
                {"new_repeat": "/data/hh/child"},
                _set("/data/hh/child[2]/cname", "Bob"),
                _set("/data/hh/child[2]/cage", "4"),
                {"new_repeat": "/data/hh/child[2]/toy"},
                _set("/data/hh/child[2]/toy[2]/tname", "car"),
                {"new_repeat": "/data/hh/child"},
                _set("/data/nplots", "3"),
                _set("/data/plot[1]/area", "1.5"),
                _set("/data/plot[3]/area", "2"),
            ),
            (
                _set("/data/nplots", "3"),
                _set("/data/plot[2]/area", "9"),
                _set("/data/nplots", "1"),
                {"new_repeat": "/data/plot"},
                {"new_repeat": "/data/hh/child"},
                {"new_repeat": "/data/hh/child"},
                _set("/data/hh/child[2]/cage", "5"),
                _set("/data/hh/child[3]/cage", "6"),
                {"delete_repeat": "/data/hh/child[2]"},
                {"delete_repeat": "/data/hh/child[9]"},
                {"new_repeat": "/data/hh/zzz"},
            ),
        ),
    ),
    "cascade": Scripts(
        "fr",
        (
            (),
            (
                _set("/data/state", "s1"),
                _set("/data/county", "c1"),
                _set("/data/wards", "w1 w2"),
                _set("/data/p[1]/pname", "Ann"),
                _set("/data/p[1]/pstate", "s2"),
                {"new_repeat": "/data/p"},
                _set("/data/p[2]/pname", "Bob"),
                _set("/data/p[2]/pstate", "s1"),
                _set("/data/head", "Bob"),
            ),
            (
                _set("/data/state", "s1"),
                _set("/data/county", "c1"),
                _set("/data/wards", "w1 w2"),
                _set("/data/state", "s2"),
            ),
        ),
    ),
    "relevance": Scripts(
        None,
        (
            (),
            (_set("/data/a", "2"),),
            (
                _set("/data/a", "4"),
                _set("/data/outer/inner/y", "3"),
                {"new_repeat": "/data/outer/r"},
                {"validate": True},
            ),
            (
                _set("/data/a", "4"),
                _set("/data/outer/inner/y", "50"),
                {"new_repeat": "/data/outer/r"},
                {"validate": True},
                _set("/data/a", "1"),
            ),
            (_set("/data/a", "3"), {"validate": True}),
        ),
    ),
    "external": Scripts(None, ((), (_set("/data/place", "p2"),))),
    "triggers": Scripts(
        None,
        (
            (),
            (
                _set("/data/src", "A"),
                {"new_repeat": "/data/r"},
                _set("/data/r[2]/idx", "9"),
                {"finalize": True},
            ),
        ),
    ),
    "required": Scripts(
        None,
        (
            ({"validate": True},),
            (
                _set("/data/age", "20"),
                _set("/data/phone", "12345678"),
                _set("/data/w", "0.4"),
                _set("/data/visit", "2024-03-16"),
                {"validate": True},
            ),
            (
                _set("/data/age", "20"),
                _set("/data/phone", "x1234567890"),
                _set("/data/w", "70"),
                _set("/data/opts", "a none"),
                {"validate": True},
            ),
        ),
    ),
}

#: Bare expressions, evaluated in the form `basics` before anything is answered.
EXPRESSIONS = (
    "1 div 0",
    "-1 div 0",
    "0 div 0",
    "number('')",
    "number('abc')",
    "'' = 0",
    "'' < 5",
    "'' > -1",
    "'1' = 1",
    "'1.0' = 1",
    "'a' < 'b'",
    "'10' > '9'",
    "true() = 'true'",
    "boolean('0')",
    "boolean('false')",
    "string(1.0)",
    "string(0.1 + 0.2)",
    "string(1 div 3)",
    "string(1000000 * 1000000)",
    "string(0.0000001)",
    "round(2.5)",
    "round(-2.5)",
    "round(1.005, 2)",
    "int(-2.7)",
    "int('')",
    "5 mod -3",
    "-5 mod 3",
    "5.5 mod 2",
    "substr('hello', 1)",
    "substr('hello', -3)",
    "substring('hello', 2, 3)",
    "selected('a b', 'a')",
    "selected('', '')",
    "selected-at('a b', 1)",
    "count-selected('')",
    "count-selected(' a  b ')",
    "coalesce('', 'x')",
    "if('', 'y', 'n')",
    "if('false', 'y', 'n')",
    "if('0', 'y', 'n')",
    "if(0, 'y', 'n')",
    "concat(1, ' ', true())",
    "regex('abc', 'b')",
    "regex('abc', '.*b.*')",
    "string-length('é😀')",
    "translate('abc', 'ab', 'x')",
    "normalize-space('  a   b ')",
    "contains('abc', '')",
    "starts-with('abc', 'ab')",
    "ends-with('abc', 'bc')",
    "substring-before('a-b', '-')",
    "substring-after('a-b', '-')",
    "date('2024-02-30')",
    "date('2024-02-29')",
    "date('2024-02-29') + 1",
    "date('2024-02-29') > date('2024-02-28')",
    "'2024-02-29' > '2024-02-28'",
    "decimal-date-time('1970-01-02')",
    "decimal-date-time('2024-01-01T12:00:00.000Z')",
    "decimal-time('12:00')",
    "format-date('2024-01-05', '%e %b %y %a')",
    "format-date('', '%Y')",
    "format-date-time('2024-01-05T07:08:09.123Z', '%H %h %M %S %3')",
    "date-time('2024-01-05T07:08:09.123Z')",
    "date(0)",
    "date(19797)",
    "string(date(19797) - date(19796))",
    "today() - date('2024-03-14')",
    "now() - today()",
    "min(3, '', 1)",
    "max(3, 'a')",
    "sum(/data/none)",
    "pow(2, 0.5)",
    "abs(-3)",
    "sqrt(9)",
    "exp(0)",
    "log(1)",
    "log10(100)",
    "pi()",
    "sin(0)",
    "atan2(1, 1)",
    "exp10(2)",
    "checklist(1, 2, true(), false(), true())",
    "boolean-from-string('1')",
    "boolean-from-string('true')",
    "boolean-from-string('yes')",
    "not('')",
    "floor(-1.5)",
    "ceiling(1.2)",
    "uuid() = uuid()",
    "string-length(uuid())",
    "random() < 1",
    "base64-decode('aGk=')",
    "digest('a', 'SHA-256')",
    "area('')",
    "distance('')",
    "string(true())",
    "number(true())",
    "number(today())",
    "lower-case('A')",
    "upper-case('a')",
    "replace('aba', 'a', 'c')",
    "is-null('')",
    "once('x')",
    "position(..)",
    "depend(1)",
    "join(',', 'a', '', 'b')",
    "int(3.9)",
    "number('1e3')",
    "number(' 12 ')",
    "number('+5')",
    "number('.5')",
    "number('5.')",
    "'a' = 'A'",
    "0.1 + 0.2 = 0.3",
    "10 div 4",
    "7 * ''",
    "'a' + 1",
    "true() + true()",
    "1 = true()",
    "2 = true()",
    "'x' = true()",
    "not(1 = 2) and (3 > 2 or error)",
)


def load() -> Cases:
    """The kept cases."""
    return cast("Cases", json.loads(GOLDEN.read_text(encoding="utf-8")))


def evals() -> dict[str, Reply]:
    """The kept values of bare expressions, by expression."""
    prefix = "eval "
    return {key.removeprefix(prefix): v for key, v in load().items() if key.startswith(prefix)}


def is_volatile(key: str) -> bool:
    """Whether a case's answer differs from run to run."""
    return "random" in key or "uuid" in key


def ask(oracle: Oracle) -> Cases:
    """Every case's answer, as this engine gives it now (its clock must stand at `NOW`)."""
    cases = dict(_ask_scripts(oracle))
    oracle.load(FORMS / "basics.md")
    for expression in EXPRESSIONS:
        reply = oracle.raw({"eval": expression})
        cases[f"eval {expression}"] = reply["result"] if reply["ok"] else {"error": reply["error"]}
    return cast("Cases", json.loads(re.sub(r"uuid:[0-9a-f-]{36}", "uuid:X", json.dumps(cases))))


def _ask_scripts(oracle: Oracle) -> Iterator[tuple[str, Reply]]:
    for name, (language, scripts) in SCRIPTS.items():
        for number, script in enumerate(scripts):
            oracle.load(FORMS / f"{name}.md", lang=language)
            replies = [oracle.raw(step) for step in script]
            yield (
                f"{name}/{number}",
                {
                    "script": list(script),
                    "steps": [_without(reply, "step") for reply in replies],
                    "dump": _without_empty(oracle.dump()),
                },
            )


def _without(reply: Reply, *keys: str) -> Reply:
    return {key: value for key, value in reply.items() if key not in keys}


def _without_empty(dump: Reply) -> Reply:
    nodes = [{key: value for key, value in node.items() if value is not None} for node in dump["nodes"]]
    return {**_without(dump, "title"), "nodes": nodes}


def renew() -> None:
    """Ask JavaRosa again and write `golden.json`."""
    with Oracle(now=NOW) as oracle:
        text = json.dumps(ask(oracle), indent=1, ensure_ascii=False, sort_keys=True)
    GOLDEN.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    renew()
