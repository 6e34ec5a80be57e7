"""Functions of numbers; where Python raises an error, Java's NaN or infinity."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from surveyapp.questionnaires.expressions.conversions import (
    Function,
    Value,
    fraction_of_day,
    to_index,
    to_number,
)
from surveyapp.questionnaires.expressions.functions.strings import spread

#: JavaRosa rounds to no more places than this.
MOST_PLACES = 30
_SMALLEST = 5e-324


def added(numbers: Iterable[float]) -> float:
    """The sum, one addition after the other.

    Java and JavaScript add so; Python's own `sum` makes up for what is rounded off, from 3.12 on.
    """
    result = 0.0
    for number in numbers:
        result += number
    return result


def divide(dividend: float, divisor: float) -> float:
    """IEEE 754 division."""
    if divisor:
        return dividend / divisor
    if not dividend or math.isnan(dividend) or math.isnan(divisor):
        return math.nan
    return math.copysign(math.inf, dividend) * math.copysign(1, divisor)


def modulo(dividend: float, divisor: float) -> float:
    """The remainder with the dividend's sign."""
    return total(math.fmod)(dividend, divisor)


def power(base: float, exponent: float) -> float:
    """Java's `Math.pow`."""
    if math.isnan(exponent) or (abs(base) == 1 and math.isinf(exponent)):
        return math.nan  # Python has 1 here
    if not base and exponent < 0:
        odd = exponent.is_integer() and exponent % 2 == 1
        return math.copysign(math.inf, base) if odd else math.inf
    try:
        return math.pow(base, exponent)
    except ValueError:
        return math.nan
    except OverflowError:
        odd = exponent.is_integer() and exponent % 2 == 1
        return -math.inf if base < 0 and odd else math.inf


def total(function: Callable[..., float]) -> Callable[..., float]:
    """The function with NaN outside its domain and infinity beyond the largest number."""

    def evaluate(*numbers: float) -> float:
        try:
            return float(function(*numbers))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return evaluate


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: -math.inf if number == 0 else total(function)(number)


def _of_numbers(function: Callable[..., float]) -> Callable[..., float]:
    """A function of numbers as one of values; a moment given directly keeps its clock."""
    return lambda *values: function(*map(_fractional, values))


def _fractional(value: Value) -> float:
    if isinstance(value, datetime):
        return to_number(value) + fraction_of_day(value)
    return to_number(value)


def truncate(value: Value) -> float:
    """Without its fraction."""
    number = to_number(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


def round_to(value: Value, places: Value = 0.0) -> float:
    """Rounded in decimal, as written: `1.005` to two places is `1.01`; halves go up (-2.5 to -2)."""
    number, count = to_number(value), to_index(places)
    if not math.isfinite(number):
        return number
    if abs(count) > MOST_PLACES:
        return math.nan
    if count < 0:
        return _round_left(number, count)
    rounding = ROUND_HALF_DOWN if number < 0 else ROUND_HALF_UP
    written = Decimal(repr(number))
    if -int(written.as_tuple().exponent) <= count:
        return number
    return float(written.quantize(Decimal(1).scaleb(-count), rounding))


def _round_left(number: float, count: int) -> float:
    """To tens, hundreds …: like JavaRosa add a half and cut, also below zero."""
    scaled = float(Decimal(repr(number)).scaleb(count))
    return float(Decimal(math.trunc(scaled + 0.5)).scaleb(-count))


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    def evaluate(*values: Value) -> float:
        numbers = [number for number in map(to_number, spread(values)) if not math.isnan(number)]
        return choose(numbers) if numbers else math.nan

    return evaluate


def _largest(numbers: list[float]) -> float:
    """JavaRosa begins with the smallest number above 0, and so ends there if all are below."""
    return max(_SMALLEST, *numbers)


NUMBERS: dict[str, Function] = {
    "abs": _of_numbers(abs),
    "acos": _of_numbers(total(math.acos)),
    "asin": _of_numbers(total(math.asin)),
    "atan": _of_numbers(math.atan),
    "atan2": _of_numbers(math.atan2),
    "ceiling": _of_numbers(lambda number: float(math.ceil(number)) if math.isfinite(number) else number),
    "cos": _of_numbers(total(math.cos)),
    "exp": _of_numbers(total(math.exp)),
    "exp10": _of_numbers(lambda number: power(10.0, number)),
    "floor": _of_numbers(lambda number: float(math.floor(number)) if math.isfinite(number) else number),
    "int": truncate,
    "log": _of_numbers(_logarithm(math.log)),
    "log10": _of_numbers(_logarithm(math.log10)),
    "max": _extreme(_largest),
    "min": _extreme(min),
    "number": to_number,
    "pi": lambda: math.pi,
    "pow": _of_numbers(power),
    "round": round_to,
    "sin": _of_numbers(total(math.sin)),
    "sqrt": _of_numbers(total(math.sqrt)),
    "tan": _of_numbers(total(math.tan)),
}
