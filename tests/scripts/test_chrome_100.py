"""The phone's modules and styles use nothing that Chrome 100 (March 2022) has not got.

There is no such browser here to try it. What can be held by reading is held: newer syntax stops a module
from being read at all, and newer names of the language and the browser are listed with the version that
brought them. A name of an API can be one of our own too: then the list is made narrower, never the name
let through. What an old browser ignores without harm (`text-wrap`) is not listed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from surveyapp.scripts.joining import STATIC, stripped
from surveyapp.scripts.tokens import read

TEMPLATES = STATIC.parent / "templates"
MODULES = sorted(STATIC.rglob("*.js"))
STYLES = sorted(STATIC.glob("*.css"))

#: flags of regular expressions that Chrome 100 reads; `v` came with 112
FLAGS = frozenset("dgimsuy")

#: Chrome's version → what it brought, as regular expressions over a module without its comments
JAVASCRIPT = {
    101: [r"\bpriority: \"(high|low)\""],
    102: [r"\.inert\b", r"\bnavigation\.", r"\blaunchQueue\b", r"\bcreateSyncAccessHandle\b"],
    103: [r"\bAbortSignal\.timeout\b", r"\"deflate-raw\""],
    105: [
        r"\bResponse\.json\b",
        r"\bcheckVisibility\b",
        r"\bimport\.meta\.resolve\b",
        r"\.highlights\b",
    ],
    106: [r"\bformatRange\b", r"\bselectRange\b", r"\btrailingZeroDisplay\b"],
    110: [r"\.toSorted\(", r"\.toReversed\(", r"\.toSpliced\(", r"\]\.with\("],
    111: [r"\bisWellFormed\b", r"\btoWellFormed\b", r"\bstartViewTransition\b", r"\bmaxByteLength\b"],
    112: [r"new RegExp\([^;]*, *\"[a-z]*v[a-z]*\"\)"],
    114: [r"\b(show|hide|toggle)Popover\b", r"\"scrollend\"", r"\brawJSON\b", r"\.transfer\("],
    116: [r"\bAbortSignal\.any\b"],
    117: [r"\b(Object|Map)\.groupBy\b"],
    119: [r"\bwithResolvers\b"],
    120: [r"\bURL\.canParse\b"],
    121: [r"\bfromAsync\b"],
    122: [
        r"\.(symmetricDifference|intersection|isSubsetOf|isSupersetOf|isDisjointFrom)\(",
        r"\bIterator\b",
    ],
    123: [r"\bimport[^;]*\bwith *\{", r"\bassert *\{ *type"],
    124: [r"\bsetHTML(Unsafe)?\b", r"\bgetHTML\b"],
    125: [r"\(\?[ims-]+:", r"\bwaitAsync\b"],
    126: [r"\bURL\.parse\b", r"\bCloseWatcher\b"],
    128: [r"\bPromise\.try\b"],
    129: [r"\bDurationFormat\b", r"\bscheduler\.yield\b"],
    132: [r"\.bytes\(\)"],
    133: [r"\bX25519\b", r"\bmoveBefore\b"],
    134: [r"\bawait using\b", r"(?m)^ *using \w", r"\brequestClose\b"],
    135: [r"\bFloat16Array\b", r"\bf16round\b"],
    136: [r"\bRegExp\.escape\b"],
    137: [r"\bEd25519\b"],
    140: [r"\b(toBase64|toHex|fromHex|setFromBase64)\b", r"\bUint8Array\.fromBase64\b"],
    144: [r"\bTemporal\b"],
    145: [r"\bgetOrInsert(Computed)?\b"],
}
CSS = {
    104: [r"@media[^{]*[<>]=?", r"(?m)[;{]\s*(rotate|scale|translate):"],
    105: [r":has\(", r"@container\b", r":modal\b", r"\bcontainer-type\b"],
    108: [r"\d(d|s|l)v[hwib]\b"],
    109: [r"\dlh\b"],
    111: [r"\bcolor-mix\(", r"\bok(lch|lab)\(", r"(?<![\w-])lab\(", r":nth-child\([^)]* of "],
    113: [r"\blinear\("],
    117: [r"\bsubgrid\b", r"@starting-style\b"],
    118: [r"@scope\b"],
    119: [r":user-(in)?valid\b"],
    120: [r":dir\(", r"(?<![\w-])mask:"],
    123: [r"\blight-dark\(", r"\bfield-sizing\b"],
    125: [r"(?<![\w-])round\(", r"\banchor\("],
    129: [r"\binterpolate-size\b"],
}
HTML = {
    102: [r"<[^>]* inert\b"],
    114: [r"<[^>]* popover(target)?\b"],
    118: [r"<search\b"],
    125: [r"shadowrootmode="],
    134: [r"closedby="],
    135: [r"\bcommandfor="],
}


def newer(text: str, listed: dict[int, list[str]]) -> list[tuple[int, str]]:
    """The version and the words of each thing in a text that came after Chrome 100."""
    return [
        (version, found.group())
        for version, patterns in listed.items()
        for pattern in patterns
        for found in re.finditer(pattern, text)
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_module_needs_a_newer_browser(path: Path) -> None:
    code = stripped(path.read_text(encoding="utf-8"))
    assert newer(code, JAVASCRIPT) == []
    patterns = [word.text for word in read(code) if re.match(r"/.+/[a-z]*$", word.text)]
    assert [each for each in patterns if set(each.rpartition("/")[2]) - FLAGS] == []


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_no_style_needs_a_newer_browser(path: Path) -> None:
    style = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert newer(style, CSS) == []
    assert nested_rules(style) == []


def nested_rules(style: str) -> list[str]:
    """Selectors of rules within rules (112); an at-rule may hold some."""
    found, around = [], list[str]()
    for selector, mark in re.findall(r"([^{};]*)([{};])", style):
        if mark == "{":
            found += [selector.strip()] if any(not each.startswith("@") for each in around) else []
            around.append(selector.strip())
        elif mark == "}":
            around.pop()
    return found


def test_no_template_needs_a_newer_browser() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}
    assert {name: found for name, text in texts.items() if (found := newer(text, HTML))} == {}


@pytest.mark.parametrize(
    ("text", "listed", "version"),
    [
        ("items.toSorted((a, b) => a - b);", JAVASCRIPT, 110),
        ('new RegExp(source, "v");', JAVASCRIPT, 112),
        ("const { promise } = Promise.withResolvers();", JAVASCRIPT, 119),
        ('import words from "./words.json" with { type: "json" };', JAVASCRIPT, 123),
        ("form:has(input) { color: red; }", CSS, 105),
        ("@media (width >= 30rem) { a { color: red; } }", CSS, 104),
        (".a { height: 100dvh; }", CSS, 108),
        ("<div popover>", HTML, 114),
    ],
)
def test_what_is_newer_is_found(text: str, listed: dict[int, list[str]], version: int) -> None:
    assert [found for found, _words in newer(text, listed)] == [version]


def test_rules_within_rules_are_found() -> None:
    assert nested_rules("a { color: red; & b { color: blue; } }") == ["& b"]
    assert nested_rules("@media print { a { color: red; } }") == []
