"""Leaving out what stands at the top of a joined script and is never used there.

Only what does nothing while the script loads can go: functions, classes without fields of their own, and
constants that are functions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from surveyapp.scripts.tokens import Role, Token

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_NAMES = frozenset({Role.VARIABLE, Role.BOTH})


def sifted(tokens: list[Token], wanted: Collection[str]) -> list[Token]:
    """The tokens without the statements whose names nobody uses; `wanted` are used from outside."""
    statements = list(_statements(tokens))
    while True:
        left = [each for each in statements if not _is_needless(each, statements, wanted)]
        if len(left) == len(statements):
            return [token for statement in left for token in statement]
        statements = left


def _statements(tokens: list[Token]) -> Iterator[list[Token]]:
    """The statements of the top; some may stand together."""
    found: list[Token] = []
    depth = 0
    for token in tokens:
        found.append(token)
        # a piece of a template may end one substitution and begin another
        depth -= token.text[:1] in _CLOSING
        depth += token.text[-1:] in _OPENING
        is_end = token.text == ";" or (token.text == "}" and found[0].text in {"class", "function"})
        if depth == 0 and is_end:
            yield found
            found = []
    yield found


def _is_needless(statement: list[Token], statements: list[list[Token]], wanted: Collection[str]) -> bool:
    name = _name_of(statement)
    if not name or name in wanted:
        return False
    others = (each for each in statements if each is not statement)
    return all(t.text != name or t.role not in _NAMES for each in others for t in each)


def _name_of(statement: list[Token]) -> str:
    """What a statement declares, if it does nothing else."""
    words = [token.text for token in statement]
    match words[:4]:
        case ["function", name, *_]:
            return name
        case ["class", name, *_] if "#" not in "".join(words):
            return name
        case ["const", name, "=", "(" | "async"] if "=>" in words:
            return name if _is_function(words[3:]) else ""
    return ""


def _is_function(words: list[str]) -> bool:
    """Whether an expression is an arrow function as a whole."""
    words = words[1:] if words[0] == "async" else words
    depth = 0
    for index, word in enumerate(words):
        depth += (word in _OPENING) - (word in _CLOSING)
        if depth == 0:
            return words[index + 1 : index + 2] == ["=>"]
    return False
