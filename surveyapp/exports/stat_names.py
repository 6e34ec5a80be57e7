"""Names of variables that SPSS and Stata take: no two the same, none reserved."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

#: of what a long name is cut by, and told from others
_MARK = 6
_NOT_A_WORD = re.compile(r"[^0-9A-Za-z_]+")


@dataclass(frozen=True, slots=True)
class NameRules:
    """How long a name may be (ASCII: letters are bytes), and which names mean something else."""

    longest: int
    reserved: frozenset[str]
    #: how long that of a variable with labelled values may be
    labelled: int


#: IBM SPSS Statistics, “Variable names”: 64 bytes
_SPSS_RESERVED = "all and by eq ge gt le lt ne not or to with"
SPSS = NameRules(64, frozenset(_SPSS_RESERVED.split()), labelled=64)
#: Stata 18, [U] 11.3: 32 characters; `str1` … are types, too. A list of labels has a name of its own, as
#: long at most, for which pyreadstat puts a number behind that of the variable
_STATA_RESERVED = (
    "_all _b byte _coef _cons double e float if in int long _n _pi _pred _rc _skip strl using with"
)
STATA = NameRules(32, frozenset(_STATA_RESERVED.split()), labelled=32 - len("16384"))
_STRING_TYPE = re.compile(r"str[0-9]+")


def stat_names(
    names: Sequence[str], rules: NameRules, labelled: Collection[str] = frozenset()
) -> list[str]:
    """A name for each column, in their order; `labelled` are those whose values have labels.

    Letters of other alphabets and signs become `_`: a syntax file must run on every machine. A name that
    is changed so that it is no longer alone, or cut, ends in six digits of its digest, so that the same
    column has the same name next month whatever other columns there are.
    """
    plain = [_plain(name, rules) for name in names]
    alone = Counter(name.casefold() for name in plain)
    longest = [rules.labelled if name in labelled else rules.longest for name in names]
    return [
        short
        if len(short) <= most and (short == name or alone[short.casefold()] == 1)
        else _marked(short, name, most)
        for short, name, most in zip(plain, names, longest, strict=True)
    ]


def _plain(name: str, rules: NameRules) -> str:
    short = _NOT_A_WORD.sub("_", name)
    if not short[:1].isalpha():
        short = f"v{short}" if short[:1] == "_" else f"v_{short}"
    if short.casefold() in rules.reserved or _STRING_TYPE.fullmatch(short.casefold()):
        short = f"{short}_"
    return short


def _marked(short: str, name: str, most: int) -> str:
    mark = hashlib.sha256(name.encode()).hexdigest()[:_MARK]
    return f"{short[: most - _MARK - 1]}_{mark}"
