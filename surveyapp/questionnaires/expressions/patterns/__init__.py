"""Regular expressions in Java's dialect, matched in time linear in the text.

`regex()` is JavaRosa's `java.util.regex.Pattern.matches`. Python's `re` reads another dialect (`\\p{L}`,
`\\d`, `.`, `&&`), and a pattern as innocent as `^([A-Za-z]+\\s?)+$` may keep it busy for ever with an
answer that anybody can type. So a pattern is read here (`syntax`) and run as a set of states
(`matcher`). Matching a whole text needs no groups, hence no backtracking; what cannot be run this way
(backreferences, lookbehind, possessive quantifiers) is refused at publishing. The reasons are in
docs/decisions/0003.
"""

from __future__ import annotations

from surveyapp.questionnaires.expressions.patterns.matcher import Matcher, compile_pattern
from surveyapp.questionnaires.expressions.patterns.syntax import PatternError

__all__ = ["Matcher", "PatternError", "compile_pattern"]
