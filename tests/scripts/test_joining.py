"""Modules joined and shortened do what they did apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

from surveyapp.scripts import ClashingNames, join_modules
from surveyapp.scripts.shortening import shortened
from surveyapp.scripts.tokens import Role, read

HELPER = """
/** Comments go. */
export const add = (left, right) => left + right; // this one too
const hidden = 1;
export const one = () => hidden;
"""
ENTRY = """
import { add, one } from "./helper.js";
export { one } from "./helper.js";

/**
 * A class.
 */
export class Sum {
  constructor(values) {
    this.values = values;
    this.total = 0;
  }

  get size() {
    return this.values.length;
  }

  run({ step = one(), ...options } = {}) {
    for (const value of this.values) this.total = add(this.total, value * step);
    const text = `total ${this.total} of ${options.unit ?? "it"}`;
    return /^total \\d+ of [a-z"]+$/.test(text) ? text : undefined;
  }
}
"""


@pytest.fixture(scope="module")
def v8() -> Iterator[MiniRacer]:
    context = MiniRacer()
    yield context
    context.close()


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    (tmp_path / "helper.js").write_text(HELPER, encoding="utf-8")
    (tmp_path / "entry.js").write_text(ENTRY, encoding="utf-8")
    return tmp_path / "entry.js"


def result(v8: MiniRacer, script: str) -> object:
    v8.eval(script)
    call = "(() => { const sum = new made.Sum([1, 2, 3]); return [sum.run({ unit: 'eggs' }), sum.size]; })()"
    return json.loads(str(v8.eval(f"JSON.stringify([{call}, made.one()])")))


def test_joined_modules_do_what_they_did_apart(v8: MiniRacer, entry: Path) -> None:
    joined = join_modules(entry)
    assert "Comments" not in joined.body
    assert "import" not in joined.body
    assert result(v8, joined.script("made")) == [["total 6 of eggs", 3], 1]


def test_shortened_modules_do_so_too(v8: MiniRacer, entry: Path) -> None:
    entry.with_name("kept.txt").write_text("# kept\nlength test run unit size", encoding="utf-8")
    joined = join_modules(entry)
    assert "total " in joined.body
    assert "hidden" not in joined.body
    assert "values" not in joined.body
    assert result(v8, joined.script("made")) == [["total 6 of eggs", 3], 1]


def test_the_mark_changes_with_the_content(entry: Path) -> None:
    before = join_modules(entry).mark
    join_modules.cache_clear()
    entry.write_text(ENTRY.replace("total ", "sum "), encoding="utf-8")
    assert join_modules(entry).mark != before


def test_a_module_on_demand_is_named_by_its_mark(entry: Path) -> None:
    part = entry.with_name("part.js")
    part.write_text("export const part = 1;\n", encoding="utf-8")
    entry.write_text('export const load = () => import("./part.js");\n', encoding="utf-8")
    assert f'import("./part.js?v={join_modules(part).mark}")' in join_modules(entry).module


def test_two_names_at_the_top_of_modules_clash(entry: Path) -> None:
    entry.write_text(ENTRY + "const hidden = 2;\n", encoding="utf-8")
    with pytest.raises(ClashingNames, match="hidden"):
        join_modules(entry)


def test_a_module_names_what_it_exports(entry: Path) -> None:
    assert join_modules(entry).module.endswith("export{one as one,Sum as Sum};")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a.b?.c", {"a": Role.VARIABLE, "b": Role.PROPERTY, "c": Role.PROPERTY}),
        ("f({ a, b: c })", {"f": Role.VARIABLE, "a": Role.BOTH, "b": Role.PROPERTY, "c": Role.VARIABLE}),
        ("(x) => ({ y: x ? z : w })", dict.fromkeys("xzw", Role.VARIABLE) | {"y": Role.PROPERTY}),
        ("const { a = d, ...e } = f;", {"a": Role.BOTH, "d": Role.VARIABLE, "e": Role.VARIABLE}),
        ("class C { m(a) { return a; } }", {"C": Role.VARIABLE, "m": Role.PROPERTY, "a": Role.VARIABLE}),
        ("if (a) { b(c); }", dict.fromkeys("abc", Role.VARIABLE)),
        ("`${a.b} c`", {"a": Role.VARIABLE, "b": Role.PROPERTY}),
        ("class C { #a = b + 1; c() { return this.#a; } }", {"b": Role.VARIABLE, "c": Role.PROPERTY}),
        ("f({ async a(b) {} })", {"a": Role.PROPERTY, "b": Role.VARIABLE}),
        ("x = /a'b/g.test(c)", {"x": Role.VARIABLE, "test": Role.PROPERTY, "c": Role.VARIABLE}),
        ("a / b / c", dict.fromkeys("abc", Role.VARIABLE)),
    ],
)
def test_a_word_is_a_variable_or_a_property(source: str, words: dict[str, Role]) -> None:
    found = {token.text: token.role for token in read(source) if token.role is not Role.NONE}
    assert {name: found.get(name) for name in words} == words


def test_variables_of_functions_share_the_shortest_names() -> None:
    source = "const first = (value) => value;\nconst second = (other, more) => other + more;\n"
    short, tops = shortened(source, ("first", "second"), ())
    assert short == "const A=a=>a,B=(a,b)=>a+b;".replace("A", tops["first"]).replace("B", tops["second"])


@pytest.mark.parametrize(
    ("source", "short"),
    [
        ("one = two + +three;", "a=b+ +c;"),
        ("one = two - -three;", "a=b- -c;"),
        ("return one;", "return a;"),
        ("typeof one;", "typeof a;"),
        ("x = one ? true : undefined;", "a=b?!0:void 0;"),
        # each statement of the top has names of its own; those at the top are given by name
        ("const one = 1; let two = 2; const three = 3;", "const a=1;let a=2;const a=3;"),
        (
            "f((one) => { const two = [1,]; const three = 4; g(two,); });",
            "b(c=>{const a=[1],d=4;e(a)});",
        ),
        ("for (; one; ) two();", "for(;a;)b();"),
    ],
)
def test_only_what_means_nothing_is_left_out(source: str, short: str) -> None:
    assert shortened(source, (), ())[0] == short


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("const one = () => two();const two = (a) => a;f();", "a();"),
        ("const one = () => 1;const two = one();", "const A=()=>1,B=A();"),
        ("class One { a() {} }class Two extends One {}", ""),
        # what may do something while it loads stays
        ("const one = f(() => 1);", "const A=a(()=>1);"),
        ("const one = (() => g())();", "const A=(()=>a())();"),
        ("class One { #a = 1; }", "class A{#a=1}"),
        ("const one = { a: `${b} ${c}` };const two = () => 1;", "const A={a:`${a} ${b}`};"),
    ],
)
def test_what_nobody_uses_is_left_out(source: str, left: str) -> None:
    assert shortened(source, ("one", "two", "One", "Two"), ("*",), ())[0] == left


def test_what_is_exported_is_used() -> None:
    source = "const one = () => 1;const two = () => 2;"
    assert shortened(source, ("one", "two"), ("*",), ("two",))[0] == "const A=()=>2;"


@pytest.mark.parametrize("source", ["x = `a ${`b ${c}`}`;", "x = `${"])
def test_what_is_not_understood_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match=r"template|`"):
        read(source)
