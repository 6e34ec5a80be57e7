"""Random expressions over `forms/world.md`, each of a kind: a number, a text, a truth, a date.

Kinds are mixed where both engines must agree (comparisons, `if`, conversions from text) and kept apart
where a listed difference would show: no text is made of a number that JavaRosa writes with an exponent.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions import parse

#: Where expressions stand.
CONTEXTS = (
    "/data",
    "/data/whole",
    "/data/visit/rooms",
    "/data/child[1]/age",
    "/data/child[2]",
    "/data/child[2]/age",
    "/data/child[2]/school/grade",
    "/data/child[2]/toy[2]/price",
    "/data/child[3]/name",
)
TEXTS = (
    "",
    "a",
    "b",
    " a ",
    "red",
    "red blue",
    "Ann",
    "12",
    "-3.5",
    "1,5",
    "1e3",
    "әb",
    "2024-02-29",
)
PATTERNS = (
    ".*",
    "a*",
    "[a-z]+",
    "[0-9]{1,3}",
    r"-?\d+(\.\d+)?",
    r"\p{L}+",
    "(a|b)*",
    "[^a]*",
    r".+\s.+",
)
PLACES = ("43.25 76.95", "43.2 76.9 0 0", "43.3 77.0", "43.2001 77", "44 76.95", "43.25", "", "x")
DATES = (
    "2024-02-29",
    "1970-01-01",
    "2024-3-5",
    "2024-03-15T10:20:30.123Z",
    "2023-12-31T23:30:00.000+05:00",
)
DATE_FORMATS = ("%Y-%m-%d", "%e.%n.%y", "%d %b %a", "%H:%M:%S.%3", "%h", "%%")

_NUMBER_PATHS = (
    "/data/whole",
    "/data/decimal",
    "/data/visit/rooms",
    "/data/never/hidden",
    "/data/child/age",
    "../age",
    "../../age",
    "../whole",
    "current()/../age",
    "/data/child[position() = 2]/age",
    "/data/child/toy/price",
    "/data/child[name = 'Bob']/age",
    "/data/child/school/grade",
    "../../../child[name = 'Ann']/age",
    "/data/whole/@unit",
    "/data/child/toy/price/@unit",
    "../toy/price/@unit",
    "version()",
)
_TEXT_PATHS = (
    "/data/text",
    "/data/empty",
    "/data/one",
    "/data/many",
    "/data/child/name",
    "../name",
    ".",
    "instance('colour')/root/item[name = 'blue']/warm",
    "/data/child[age > 3][position() = 1]/name",
    "instance('colour')/root/item[warm = 'no']/name",
    "/data/child[2]/name",
    "/data/nothing",
    "/data/text/@unit",
    "/data/child/age/@unit",
    "/data/child/school/@unit",
    "/data/@version",
    "../@unit",
    "@unit",
    "current()/@unit",
    "/data/never/hidden/@unit",
    "/data/child[age/@unit = 'years'][position() = 2]/name",
    "/data/whole/@nothing",
    "instance('colour')/root/item[name = 'red']/itextId",
)
_TEXT_IDS = (
    "/data/text:label",
    "/data/child/age:label",
    "/data/one:label;short",
    "colour-1",
    "yes_no-0",
    "colour-99",
    "a",
    "",
)
_NODESETS = (
    "/data/child",
    "/data/child/age",
    "/data/child/toy",
    "/data/child/toy/price",
    "../../child",
    "../toy/price",
    "/data/child[age > 3]",
    "/data/child[age > 3]/toy/price",
    "/data/child/name",
    "/data/never/hidden",
    "/data/child[toy/price > 2]/age",
    "/data/child[count(toy) = 2]/age",
    "/data/child[name = current()/../name]",
    "instance('colour')/root/item",
    "instance('colour')/root/item[warm = 'yes']/name",
    "/data/child/school/grade",
    "/data/child[position() < 3]/age",
    "/data/child[true()][position() = 2]/toy/price",
    "/data/nothing",
    "/data/child/name/@unit",
    "/data/child/toy/price/@unit",
    "/data/child[age/@unit = 'years']/age",
    "/data/child/school/@unit",
    "*",
)


def parsed(sources: tuple[str, ...]) -> SearchStrategy[Tree]:
    """Any of these sources, as a tree."""
    return st.sampled_from(sources).map(parse)


def literal_text(texts: tuple[str, ...]) -> SearchStrategy[Tree]:
    """Any of these texts, quoted."""
    return st.sampled_from(texts).map(lambda text: ["string", text])


def call(name: str, *arguments: SearchStrategy[Tree]) -> SearchStrategy[Tree]:
    """A call of a function."""
    return st.tuples(*arguments).map(lambda given: ["call", name, *given])


def any_call(names: tuple[str, ...], *arguments: SearchStrategy[Tree]) -> SearchStrategy[Tree]:
    """A call of one of these functions."""
    return st.one_of(*(call(name, *arguments) for name in names))


def operation(operators: tuple[str, ...], operands: SearchStrategy[Tree]) -> SearchStrategy[Tree]:
    """Two or three operands and an operator."""
    chains = st.lists(operands, min_size=2, max_size=3)
    return st.tuples(st.sampled_from(operators), chains).map(lambda both: [both[0], *both[1]])


def expressions() -> SearchStrategy[Tree]:
    """An expression of any kind."""
    return _deepened(_deepened(_leaves()))["any"]


Kinds = dict[str, SearchStrategy[Tree]]


def _leaves() -> Kinds:
    zero = st.integers(-3, 40).map(lambda number: _number(float(number)))
    fractions = st.sampled_from((0.5, 2.5, 1.005, 0.1, 0.3)).map(_number)
    nodesets = parsed(_NODESETS)
    small = st.one_of(zero.filter(lambda tree: tree[0] == "number"), call("count", nodesets))
    kinds = {
        "small": small,
        "number": st.one_of(zero, fractions, parsed(_NUMBER_PATHS), call("sum", nodesets)),
        "text": st.one_of(literal_text(TEXTS), parsed(_TEXT_PATHS)),
        "truth": st.sampled_from((["call", "true"], ["call", "false"])),
        "date": st.one_of(
            parsed(("/data/day", "/data/moment", "today()", "now()")),
            call("date", literal_text(DATES)),
            call("date-time", literal_text(DATES)),
        ),
        "nodeset": nodesets,
    }
    return kinds | {"any": _any(kinds)}


def _any(kinds: Kinds) -> SearchStrategy[Tree]:
    return st.one_of(*(kinds[kind] for kind in ("small", "number", "text", "truth", "date")))


def _number(value: float) -> Tree:
    size = abs(value)
    tree = ["number", int(size) if size.is_integer() else size]
    return ["negative", tree] if value < 0 else tree


def _deepened(of: Kinds) -> Kinds:
    kinds = {
        "small": st.one_of(
            of["small"], call("string-length", of["text"]), call("count-selected", of["text"])
        ),
        "number": _numbers(of),
        "text": _texts(of),
        "truth": _truths(of),
        "date": st.one_of(of["date"], call("date", of["small"]), call("date", of["date"])),
        "nodeset": of["nodeset"],
    }
    return kinds | {"any": _any(kinds)}


def _numbers(of: Kinds) -> SearchStrategy[Tree]:
    number = of["number"]
    return st.one_of(
        operation(("+", "-", "*", "div", "mod"), st.one_of(number, of["truth"], of["text"])),
        number.map(lambda tree: ["negative", tree]),
        call("round", number),
        call("round", number, st.integers(-3, 4).map(lambda places: _number(float(places)))),
        any_call(("int", "abs", "number", "sqrt"), number),
        call("number", of["any"]),
        call("min", number, number),
        call("max", number, st.just(["number", 1])),
        any_call(("min", "sum", "count", "count-non-empty"), of["nodeset"]),
        any_call(("decimal-date-time", "decimal-time"), of["date"]),
        call("coalesce", number, number),
        call("position", parsed(("..", "../..", "/data/child", "/data/nothing"))),
        call("position"),
    )


def _texts(of: Kinds) -> SearchStrategy[Tree]:
    text, small = of["text"], of["small"]
    roster = parsed(("/data/child",))
    return st.one_of(
        call("concat", text, st.one_of(small, of["date"], of["truth"]), text),
        call("join", text, parsed(("/data/child/name", "/data/child/toy/label"))),
        call("join", text, text, text),
        call("substr", text, small),
        call("substr", text, small, small),
        any_call(("substring-before", "substring-after", "coalesce"), text, text),
        call("translate", text, text, text),
        call("normalize-space", text),
        call("selected-at", text, small),
        call("if", of["any"], text, text),
        call("format-date", of["date"], literal_text(DATE_FORMATS)),
        call("format-date-time", of["number"], literal_text(("%Y", "%d/%m"))),
        call("indexed-repeat", parsed(("/data/child/name", "/data/child/school/grade")), roster, small),
        call("once", text),
        call("digest", text, literal_text(("MD5", "SHA-1", "sha256"))),
        call("jr:itext", st.one_of(literal_text(_TEXT_IDS), text)),
        call("string", st.one_of(small, of["truth"], of["date"], text)),
    )


def _truths(of: Kinds) -> SearchStrategy[Tree]:
    anything, text = of["any"], of["text"]
    return st.one_of(
        operation(("=", "!=", "<", "<=", ">", ">="), anything),
        operation(("and", "or"), anything),
        any_call(("not", "boolean"), anything),
        call("boolean-from-string", st.one_of(text, of["small"], of["truth"])),
        any_call(("selected", "contains", "starts-with", "ends-with"), text, text),
        call("regex", text, literal_text(PATTERNS)),
        call("geofence", literal_text(PLACES), parsed(("/data/field", "/data/text", "/data/nothing"))),
        call("checklist", of["small"], of["small"], anything, anything),
        call("weighted-checklist", of["number"], of["number"], anything, of["number"]),
        call("if", anything, of["truth"], of["truth"]),
    )
