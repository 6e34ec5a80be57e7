"""The functions of the language: their names and how many arguments they take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signature:
    """How many arguments: from `least` to `most` (None: any number), in steps of `step`."""

    least: int
    most: int | None
    step: int = 1

    def accepts(self, count: int) -> bool:
        """Whether a call with this many arguments is right."""
        if count < self.least or (self.most is not None and count > self.most):
            return False
        return (count - self.least) % self.step == 0


_NONE = Signature(0, 0)
_ONE = Signature(1, 1)
_TWO = Signature(2, 2)
_THREE = Signature(3, 3)
_ANY = Signature(0, None)

#: Not JavaRosa's: ODK Collect stops at them when the form is filled. We compute them, and the author is
#: warned (`references.functions` finds them).
ONLY_OURS: dict[str, Signature] = {
    "ceiling": _ONE,
    "floor": _ONE,
    "lower-case": _ONE,
    "replace": _THREE,
    "substring": Signature(2, 3),
    "upper-case": _ONE,
}

SIGNATURES: dict[str, Signature] = {
    **ONLY_OURS,
    "abs": _ONE,
    "acos": _ONE,
    "area": _ONE,
    "asin": _ONE,
    "atan": _ONE,
    "atan2": _TWO,
    "base64-decode": _ONE,
    "boolean": _ONE,
    "boolean-from-string": _ONE,
    "checklist": Signature(2, None),
    "coalesce": _TWO,
    "concat": _ANY,
    "contains": _TWO,
    "cos": _ONE,
    "count": _ONE,
    "count-non-empty": _ONE,
    "count-selected": _ONE,
    "date": _ONE,
    "date-time": _ONE,
    "decimal-date-time": _ONE,
    "decimal-time": _ONE,
    "depend": Signature(1, None),
    "digest": Signature(2, 3),
    "distance": _ONE,
    "enclosed-area": _ONE,
    "ends-with": _TWO,
    "exp": _ONE,
    "exp10": _ONE,
    "false": _NONE,
    "format-date": _TWO,
    "format-date-time": _TWO,
    "geofence": _TWO,
    "if": _THREE,
    "indexed-repeat": Signature(3, 11, step=2),
    "int": _ONE,
    "is-selected": _TWO,
    "join": Signature(1, None),
    "jr:choice-name": _TWO,
    "jr:itext": _ONE,
    "log": _ONE,
    "log10": _ONE,
    "max": _ANY,
    "min": _ANY,
    "normalize-space": Signature(0, 1),
    "not": _ONE,
    "now": _NONE,
    "number": _ONE,
    "once": _ONE,
    "pi": _NONE,
    "position": Signature(0, 1),
    "pow": _TWO,
    "pulldata": Signature(4, 4),
    "random": _NONE,
    "randomize": Signature(1, 2),
    "regex": _TWO,
    "round": Signature(1, 2),
    "selected": _TWO,
    "selected-at": _TWO,
    "sin": _ONE,
    "sqrt": _ONE,
    "starts-with": _TWO,
    "string": _ONE,
    "string-length": Signature(0, 1),
    "substr": Signature(2, 3),
    "substring-after": _TWO,
    "substring-before": _TWO,
    "sum": _ONE,
    "tan": _ONE,
    "today": _NONE,
    "translate": _THREE,
    "true": _NONE,
    "uuid": Signature(0, 1),
    "version": _NONE,
    "weighted-checklist": Signature(4, None, step=2),
}
