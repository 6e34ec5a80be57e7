"""A form in which much depends on much: for random interviews and for what holds for all of them."""

from __future__ import annotations

from tests.questionnaires.forms import row, table

SURVEY = table(
    row("integer", "a", constraint=". < 9", default="2"),
    row("decimal", "b", relevant="${a} > 1", required="${a} > 3", default="${a} + 1"),
    row("date", "day", constraint=". <= today()", default="today()"),
    row("dateTime", "moment", relevant="${day} > date('2020-01-01')"),
    row("time", "clock"),
    row("select_one l", "one", default="x"),
    row("select_multiple m", "some", constraint="count-selected(.) < 3", choice_filter="l=${one}"),
    row("rank l", "ranked", relevant="selected(${some}, 'p')"),
    row("geopoint", "place"),
    row("geotrace", "line"),
    row("text", "words", constraint="string-length(.) < 10"),
    row("acknowledge", "ack"),
    row("image", "photo"),
    row("text", "echo", calculation="concat(${words}, '-', ${a})", trigger="${words}"),
    row("begin_repeat", "r", relevant="${a} != 5"),
    row("integer", "v", required="yes", constraint=". > ${a}", default="position(..)"),
    row("begin_repeat", "s", relevant="${v} > 0"),
    row("text", "w", relevant="position(..) < 3"),
    row("end_repeat"),
    row("calculate", "inner", calculation="count(${s})"),
    row("end_repeat"),
    row("begin_repeat", "c", relevant="${b} != 4", repeat_count="${a}"),
    row("integer", "u", default="1"),
    row("end_repeat"),
    row("calculate", "sums", calculation="sum(${v}) + sum(${u}) * 100"),
    row("calculate", "dates", calculation="format-date(${day}, '%d %b')"),
    row("calculate", "moments", calculation="decimal-date-time(${moment})"),
    row("calculate", "clocks", calculation="decimal-time(${clock})"),
    row("calculate", "area", relevant="${a} = 1", calculation="area(${line}) + distance(${line})"),
    row("calculate", "labels", calculation="jr:choice-name(${one}, '${one}')"),
    row("calculate", "drawn", calculation="once(random())"),
    row("calculate", "redrawn", calculation="random() + ${a}"),
    row("calculate", "first", calculation="once(${words})"),
    row("calculate", "truth", calculation="${a} > 4 or ${words} = 'x'"),
    row("text", "last", relevant="${truth}", label="Last ${drawn}"),
)
CHOICES = """
    | list_name | name | label | l |
    | l | x | X | |
    | l | y | Y | |
    | m | p | P | x |
    | m | q | Q | x |
    | m | p2 | P | y |
    | m | q2 | Q | y |
"""
