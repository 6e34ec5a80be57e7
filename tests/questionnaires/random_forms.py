"""Random questionnaires, as authors write them: every kind of question, expressions of all sorts.

    workbook = random_workbook(seed)   # Markdown for pyxform; the same seed gives the same workbook

Names are visible as authors may use them: a value by `${name}` within its own roster instance, of other
rosters only in sums, counts and lookups. Nothing depends on itself: an item refers to earlier ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_LISTS = {
    "yn": (("yes", "Yes", "1", ""), ("no", "No", "2", ""), ("dk", "Don't know", "3", "")),
    "region": (("north", "North", "1", ""), ("south", "South", "2", ""), ("east", "East", "3", "")),
    "town": (
        ("n1", "Town n1", "5", "north"),
        ("n2", "Town n2", "8", "north"),
        ("s1", "Town s1", "13", "south"),
        ("s2", "Town s2", "21", "south"),
        ("e1", "Town e1", "34", "east"),
    ),
    "crop": (
        ("maize", "Maize", "1", ""),
        ("rice", "Rice", "2", ""),
        ("bean", "Beans", "3", ""),
        ("none", "None", "0", ""),
    ),
}
_QUESTIONS = (
    *("integer", "integer", "integer", "integer", "text", "text", "text", "decimal", "date"),
    *("select_one", "select_one", "select_one", "select_one", "select_multiple", "select_multiple"),
    *("note", "calculate", "calculate", "calculate", "calculate", "calculate"),
    *("time", "dateTime", "geopoint", "acknowledge", "range", "rank", "barcode", "image", "hidden"),
    *("triggered", "town", "randomized", "of_roster", "geotrace"),
)
_COLUMNS = (
    *("type", "name", "label::English (en)", "label::French (fr)", "relevant", "required"),
    *("constraint", "constraint_message", "calculation", "choice_filter", "default", "repeat_count"),
    *("read_only", "appearance", "trigger", "parameters"),
)


@dataclass(frozen=True)
class _Known:
    """An item that later ones may refer to; `rosters` are the names of those it stands in."""

    name: str
    kind: str
    rosters: tuple[str, ...]
    list_name: str = ""


@dataclass
class _Author:
    """Writes one workbook."""

    draw: random.Random
    rows: list[dict[str, str]] = field(default_factory=list)
    known: list[_Known] = field(default_factory=list)
    rosters: tuple[str, ...] = ()
    closed: list[_Known] = field(default_factory=list)
    number: int = 0

    # ------------------------------------------------------------ rows

    def write(self, size: int, depth: int = 0) -> None:
        """Some items; with luck sections and rosters among them."""
        for _ in range(size):
            chance = self.draw.random()
            if depth < 3 and chance < 0.10:
                self._section(size, depth)
            elif depth < 3 and chance < 0.17:
                self._roster(size, depth)
            else:
                self._question(self.draw.choice(_QUESTIONS))

    def _name(self, kind: str) -> str:
        self.number += 1
        return f"{kind[:3]}{self.number}"

    def _section(self, size: int, depth: int) -> None:
        name = self._name("grp")
        row = {"type": "begin_group", "name": name, "label::English (en)": name}
        if self._luck(0.5):
            row["relevant"] = self.boolean()
        if self._luck(0.1):
            row["appearance"] = "field-list"
        self.rows.append(row)
        self.write(self.draw.randint(1, max(2, size // 3)), depth + 1)
        self.rows.append({"type": "end_group"})

    def _roster(self, size: int, depth: int) -> None:
        name = self._name("rep")
        row = {"type": "begin_repeat", "name": name, "label::English (en)": name}
        if self._luck(0.3):
            row["relevant"] = self.boolean()
        if self._luck(0.4):
            row["repeat_count"] = self._count()
        self.rows.append(row)
        outside, self.rosters = self.rosters, (*self.rosters, name)
        self.write(self.draw.randint(1, max(2, size // 3)), depth + 1)
        if not any(each.rosters == self.rosters for each in self.known):
            self._question("integer")
        self.rosters = outside
        self.rows.append({"type": "end_repeat"})
        self.closed.append(_Known(name, "roster", outside))

    def _count(self) -> str:
        integers = self._visible("integer")
        if integers and self._luck(0.7):
            return f"${{{self.draw.choice(integers).name}}}"
        return self.draw.choice(("1", "2", self.numeric(1)))

    def _question(self, kind: str) -> None:
        write = getattr(self, f"_write_{kind}", None)
        if write:
            write()
        else:
            self._plain(kind, kind)

    def _plain(self, type_: str, kind: str, list_name: str = "", **columns: str) -> None:
        name = self._name(kind)
        row = {"type": type_, "name": name, "label::English (en)": self._label(name)} | columns
        if self._luck(0.3):
            row["label::French (fr)"] = f"Q {name}"
        self._rules(row, kind)
        self.rows.append(row)
        self.known.append(_Known(name, kind, self.rosters, list_name))

    def _rules(self, row: dict[str, str], kind: str) -> None:
        if self._luck(0.35):
            row["relevant"] = self.boolean()
        if self._luck(0.2):
            row["required"] = self.draw.choice(("yes", "yes", self.boolean(1)))
        if self._luck(0.25) and kind in _CONSTRAINTS:
            row["constraint"] = self.draw.choice(_CONSTRAINTS[kind])
            if self._luck(0.3):
                row["constraint"] += f" and {self.boolean(1)}"
            row["constraint_message"] = "Not so"
        if self._luck(0.1) and kind in _DEFAULTS:
            row["default"] = self.draw.choice(_DEFAULTS[kind])
        elif self._luck(0.06) and kind in {"integer", "text", "decimal"}:
            row["default"] = self.textual() if kind == "text" else f"{self.numeric()} + 0"
        if self._luck(0.05):
            row["read_only"] = self.draw.choice(("yes", self.boolean(1)))

    def _label(self, name: str) -> str:
        if not self._luck(0.2):
            return f"Question {name}"
        shown = self.scalar()
        return f"About {shown} and more" if shown else f"Question {name}"

    def _write_select_one(self) -> None:
        list_name = self.draw.choice(("yn", "yn", "region", "crop"))
        other = " or_other" if list_name == "crop" and self._luck(0.1) else ""
        self._plain(f"select_one {list_name}{other}", "select_one", list_name)

    def _write_select_multiple(self) -> None:
        columns = {}
        if self._luck(0.2):
            columns["choice_filter"] = self.draw.choice(("weight > 0", f"weight < {self.numeric(1)}"))
        self._plain("select_multiple crop", "select_multiple", "crop", **columns)

    def _write_rank(self) -> None:
        self._plain("rank region", "rank", "region")

    def _write_town(self) -> None:
        regions = [each for each in self._visible("select_one") if each.list_name == "region"]
        if not regions:
            self._plain("select_one region", "select_one", "region")
            return
        parent = self.draw.choice(regions).name
        self._plain("select_one town", "select_one", "town", choice_filter=f"up = ${{{parent}}}")

    def _write_randomized(self) -> None:
        integers = self._visible("integer")
        seed = f"${{{self.draw.choice(integers).name}}}" if integers else "42"
        parameters = f"randomize=true, seed={seed}"
        self._plain("select_one crop", "select_one", "crop", parameters=parameters)

    def _write_of_roster(self) -> None:
        texts = [
            each
            for each in self.known
            if each.kind == "text"
            and each.rosters[:1]
            and each.rosters[0] in {roster.name for roster in self.closed}
            and len(each.rosters) == 1
        ]
        if texts and not self.rosters:
            self._plain(f"select_one ${{{self.draw.choice(texts).name}}}", "select_one", "?")

    def _write_range(self) -> None:
        self._plain("range", "integer", parameters="start=0 end=10 step=1")

    def _write_note(self) -> None:
        name = self._name("note")
        row = {"type": "note", "name": name, "label::English (en)": self._label(name)}
        if self._luck(0.5):
            row["relevant"] = self.boolean()
        self.rows.append(row)

    def _write_hidden(self) -> None:
        self._plain("hidden", "text")

    def _write_calculate(self) -> None:
        kind = self.draw.choice(("number", "number", "string", "boolean", "date"))
        make: dict[str, Callable[[], str]] = {
            "number": self.numeric,
            "string": self.textual,
            "boolean": self.boolean,
            "date": self.dated,
        }
        name = self._name("calc")
        row = {"type": "calculate", "name": name, "calculation": make[kind]()}
        if self._luck(0.15):
            row["relevant"] = self.boolean()
        self.rows.append(row)
        self.known.append(_Known(name, f"calculated {kind}", self.rosters))

    def _write_triggered(self) -> None:
        triggers = [
            each
            for each in self.known
            if each.rosters == self.rosters and each.kind in {"integer", "text", "select_one", "decimal"}
        ]
        if not triggers:
            return
        name = self._name("trig")
        trigger = f"${{{self.draw.choice(triggers).name}}}"
        calculation = self.draw.choice((self.textual, self.numeric))()
        type_ = self.draw.choice(("text", "calculate"))
        self.rows.append(
            {
                "type": type_,
                "name": name,
                "label::English (en)": name if type_ == "text" else "",
                "calculation": calculation,
                "trigger": trigger,
            }
        )
        self.known.append(_Known(name, "text", self.rosters))

    # ------------------------------------------------------------ expressions

    def _luck(self, chance: float) -> bool:
        return self.draw.random() < chance

    def _visible(self, *kinds: str) -> list[_Known]:
        """What may stand for one value here."""
        return [
            each
            for each in self.known
            if each.kind in kinds and self.rosters[: len(each.rosters)] == each.rosters
        ]

    def _repeated(self, *kinds: str) -> list[_Known]:
        """What stands in rosters beside or below this place."""
        return [
            each
            for each in self.known
            if each.kind in kinds and each.rosters and self.rosters[: len(each.rosters)] != each.rosters
        ]

    def _one(self, *kinds: str) -> str | None:
        found = self._visible(*kinds)
        return f"${{{self.draw.choice(found).name}}}" if found else None

    def scalar(self) -> str | None:
        """Any one value."""
        return self._one(
            "integer", "decimal", "text", "select_one", "calculated number", "calculated string", "date"
        )

    def boolean(self, depth: int = 2) -> str:
        """A condition."""
        makes: Sequence[Callable[[int], str | None]] = (
            self._is_selected,
            self._is_selected,
            self._equals_choice,
            self._equals_choice,
            self._compares,
            self._compares,
            self._is_answered,
            self._about_text,
            self._about_date,
            self._of_several,
            self._about_choices,
            self._about_rosters,
            self._truth,
            self._combined,
            self._combined,
        )
        for _ in range(6):
            found = self.draw.choice(makes)(depth)
            if found:
                return found
        return "true()"

    def _combined(self, depth: int) -> str | None:
        if depth < 1:
            return None
        left, right = self.boolean(depth - 1), self.boolean(depth - 1)
        return self.draw.choice(
            (
                f"{left} and {right}",
                f"{left} or {right}",
                f"not({left})",
                f"({left} or {right}) and {left}",
                f"if({left}, {right}, false())",
                f"{left} = {right}",
                f"boolean({left}) != true()",
            )
        )

    def _is_selected(self, depth: int) -> str | None:
        known = self._visible("select_multiple", "select_one")
        if not known:
            return None
        chosen = self.draw.choice(known)
        name = self._choice(chosen.list_name)
        negated = self._luck(0.2)
        found = f"selected(${{{chosen.name}}}, '{name}')"
        return f"not({found})" if negated else found

    def _choice(self, list_name: str) -> str:
        return self.draw.choice(_LISTS.get(list_name, _LISTS["yn"]))[0]

    def _equals_choice(self, depth: int) -> str | None:
        known = self._visible("select_one")
        if not known:
            return None
        chosen = self.draw.choice(known)
        operator = self.draw.choice(("=", "=", "!="))
        return f"${{{chosen.name}}} {operator} '{self._choice(chosen.list_name)}'"

    def _compares(self, depth: int) -> str | None:
        operator = self.draw.choice(("<", "<=", ">", ">=", "=", "!="))
        return f"{self.numeric(depth - 1)} {operator} {self.numeric(0)}"

    def _is_answered(self, depth: int) -> str | None:
        value = self.scalar()
        return value and f"{value} {self.draw.choice(('=', '!='))} ''"

    def _about_text(self, depth: int) -> str | None:
        text = self._one("text", "barcode", "calculated string")
        return text and self.draw.choice(
            (
                f"string-length({text}) > 3",
                f"regex({text}, '^[A-Za-z ]+$')",
                f"contains({text}, 'n')",
                f"starts-with({text}, 'A')",
                f"{text} = 'Ann'",
                f"{text} > 3",
                f"{text}",
            )
        )

    def _about_date(self, depth: int) -> str | None:
        day = self._one("date", "dateTime", "calculated date")
        return day and self.draw.choice(
            (
                f"{day} <= today()",
                f"{day} > date('2020-01-01')",
                f"{day} < today() - 30",
                f"format-date({day}, '%Y') = '2024'",
                f"{day} = date('2024-03-15')",
            )
        )

    def _of_several(self, depth: int) -> str | None:
        several = self._one("select_multiple")
        return several and self.draw.choice(
            (
                f"count-selected({several}) >= 2",
                f"selected-at({several}, 0) = 'maize'",
                f"{several} = 'rice'",
            )
        )

    def _about_choices(self, depth: int) -> str | None:
        one = self._one("select_one")
        return one and self.draw.choice(
            (
                f"instance('town')/root/item[name = {one}]/weight > 6",
                f"count(instance('town')/root/item[up = {one}]) > 1",
            )
        )

    def _about_rosters(self, depth: int) -> str | None:
        rosters = [each for each in self.closed if self.rosters[: len(each.rosters)] == each.rosters]
        if self.rosters and self._luck(0.4):
            return f"position(..) {self.draw.choice(('=', '>', '<'))} {self.draw.randint(1, 3)}"
        return f"count(${{{self.draw.choice(rosters).name}}}) > 1" if rosters else None

    def _truth(self, depth: int) -> str | None:
        known = self._one("calculated boolean", "acknowledge")
        return known and self.draw.choice((known, f"{known} = 1", f"not({known})", f"{known} = 'OK'"))

    def numeric(self, depth: int = 2) -> str:
        """A number."""
        makes: Sequence[Callable[[int], str | None]] = (
            lambda depth: self._one("integer", "decimal"),
            lambda depth: self._one("integer"),
            lambda depth: self._one("calculated number"),
            lambda depth: str(self.draw.randint(0, 20)),
            self._sum,
            self._sum,
            self._age,
            self._arithmetic,
            self._arithmetic,
            self._lengths,
        )
        for _ in range(6):
            found = self.draw.choice(makes)(depth)
            if found:
                return found
        return str(self.draw.randint(0, 9))

    def _arithmetic(self, depth: int) -> str | None:
        if depth < 1:
            return None
        left, right = self.numeric(depth - 1), self.numeric(depth - 1)
        return self.draw.choice(
            (
                f"({left} + {right})",
                f"({left} - {right})",
                f"{left} * {right}",
                f"({left}) div ({right})",
                f"({left}) mod 3",
                f"round({left} div 3, 1)",
                f"int({left} div 2)",
                f"coalesce({left}, 0)",
                f"if({self.boolean(0)}, {left}, {right})",
                f"number({left})",
                f"round({left}, 0)",
                f"abs({left})",
                f"pow({left}, 2)",
                f"-{left}",
                f"min({left}, {right}, 7)",
                f"max({left}, {right}, 1)",
                f"int({left} * 100) div 100",
            )
        )

    def _sum(self, depth: int) -> str | None:
        known = self._repeated("integer", "decimal", "calculated number")
        if not known:
            return None
        name = self.draw.choice(known).name
        return self.draw.choice(
            (
                f"sum(${{{name}}})",
                f"sum(${{{name}}})",
                f"count(${{{name}}})",
                f"max(0, max(${{{name}}}))",
                f"min(${{{name}}})",
                f"count-non-empty(${{{name}}})",
            )
        )

    def _age(self, depth: int) -> str | None:
        day = self._one("date")
        return day and self.draw.choice(
            (
                f"int((today() - {day}) div 365.25)",
                f"decimal-date-time({day})",
                f"today() - {day}",
                f"number(format-date({day}, '%m'))",
            )
        )

    def _lengths(self, depth: int) -> str | None:
        text = self._one("text")
        several = self._one("select_multiple")
        options = [
            f"string-length({text})" if text else None,
            f"count-selected({several})" if several else None,
            "position(..)" if self.rosters else None,
            "count(../../" + self.rosters[-1] + ")" if self.rosters and self._luck(0.3) else None,
        ]
        return self.draw.choice(options)

    def textual(self) -> str:
        """A text."""
        makes: Sequence[Callable[[], str | None]] = (
            lambda: self._one("text"),
            self._label_of,
            self._joined,
            self._looked_up,
            self._cut,
            self._written_date,
            self._concatenated,
            self._concatenated,
            self._chosen,
            self._indexed,
        )
        for _ in range(6):
            found = self.draw.choice(makes)()
            if found:
                return found
        return "'fixed'"

    def _concatenated(self) -> str | None:
        parts = [each for each in (self.scalar(), "'-'", self.scalar()) if each]
        return self.draw.choice(
            (
                f"concat({', '.join(parts)})",
                f"concat({self.numeric(1)}, ' x')",
                f"if({self.boolean(0)}, 'a', {self.scalar() or 1})",
            )
        )

    def _label_of(self) -> str | None:
        one = self._one("select_one")
        return one and f"jr:choice-name({one}, '{one}')"

    def _joined(self) -> str | None:
        known = self._repeated("text", "integer", "select_one", "calculated string")
        return f"join(', ', ${{{self.draw.choice(known).name}}})" if known else None

    def _looked_up(self) -> str | None:
        one = self._one("select_one")
        return (
            one
            and f"instance('town')/root/item[name = {one}]/{self.draw.choice(('label', 'weight', 'up'))}"
        )

    def _cut(self) -> str | None:
        text = self._one("text", "barcode", "calculated string")
        return text and self.draw.choice(
            (
                f"substr({text}, 0, 2)",
                f"substring-before({text}, ' ')",
                f"normalize-space({text})",
                f"translate({text}, 'abc', 'xyz')",
                f"coalesce({text}, 'none')",
                f"once({text})",
                f"string({text})",
                f"substr({text}, string-length({text}) - 2)",
            )
        )

    def _written_date(self) -> str | None:
        day = self._one("date", "dateTime")
        return day and self.draw.choice(
            (
                f"format-date({day}, '%d/%m/%Y')",
                f"format-date-time({day}, '%H:%M')",
                f"string({day})",
                f"concat({day}, '')",
                f"format-date({day}, '%b %e')",
            )
        )

    def _chosen(self) -> str | None:
        several = self._one("select_multiple", "rank")
        return several and self.draw.choice((f"selected-at({several}, 1)", several))

    def _indexed(self) -> str | None:
        known = [
            each
            for each in self._repeated("integer", "text", "select_one")
            if self.rosters[: len(each.rosters) - 1] == each.rosters[:-1]
        ]
        if not known:
            return None
        each = self.draw.choice(known)
        index = self.draw.choice(("1", "2", self.numeric(0)))
        return f"indexed-repeat(${{{each.name}}}, ${{{each.rosters[-1]}}}, {index})"

    def dated(self) -> str:
        """A date."""
        day = self._one("date") or "today()"
        return self.draw.choice(
            (
                day,
                "today()",
                f"date({day} + 7)",
                "date('2024-02-29')",
                f"if({self.boolean(0)}, {day}, today())",
                f"coalesce({day}, today())",
            )
        )


_CONSTRAINTS: dict[str, Sequence[str]] = {
    "integer": (
        ". >= 0 and . <= 120",
        ". > 2",
        ". != 5",
        "regex(., '^[0-9]{1,2}$')",
        ". < 10 or . = 18",
    ),
    "decimal": (". >= 0 and . < 100", ". > 0.5"),
    "text": ("string-length(.) < 10", "regex(., '^[A-Z][a-z]+$')", "not(contains(., '5'))", ". != 'a'"),
    "date": (". <= today()", ". > date('2000-01-01')"),
    "select_multiple": ("not(selected(., 'none') and count-selected(.) > 1)", "count-selected(.) <= 2"),
    "select_one": (". != 'dk'", "selected(., 'yes')"),
    "dateTime": (". < now()", ". > date('2020-01-01')"),
    "geopoint": (". != ''",),
}
_DEFAULTS: dict[str, Sequence[str]] = {
    "integer": ("3", "0", "18"),
    "decimal": ("0.5", "7"),
    "text": ("Ann", "x y"),
    "select_one": ("yes", "no"),
    "select_multiple": ("maize rice", "none"),
    "date": ("2024-01-05", "today()"),
}


def random_workbook(seed: int, size: int = 14) -> str:
    """A workbook in Markdown, with languages, lists and settings."""
    author = _Author(random.Random(f"form-{seed}"))  # noqa: S311  # reproducible, not secret
    author.rows.append({"type": "start", "name": "start"})
    author.rows.append({"type": "today", "name": "today"})
    author.write(size)
    return markdown(author.rows)


def markdown(rows: Sequence[dict[str, str]]) -> str:
    """A survey sheet of rows, with the choices and settings beside it."""
    survey = [list(_COLUMNS), *([row.get(column, "") for column in _COLUMNS] for row in rows)]
    choices = [["list_name", "name", "label::English (en)", "label::French (fr)", "weight", "up"]]
    choices += [
        [list_name, name, label, f"{label} fr" if index % 2 else "", weight, up]
        for list_name, items in _LISTS.items()
        for index, (name, label, weight, up) in enumerate(items)
    ]
    settings = [["form_title", "form_id", "version"], ["Random", "random", "1"]]
    return "\n".join(
        line
        for name, table in (("survey", survey), ("choices", choices), ("settings", settings))
        for line in (f"| {name} |", *(f"| | {' | '.join(cells)} |" for cells in table))
    )
