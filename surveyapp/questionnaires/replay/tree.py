"""The nodes of one interview as the form's instance has them: where a path leads, and all in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from surveyapp.questionnaires.paths import join
from surveyapp.questionnaires.replay.engine import Engine
from surveyapp.questionnaires.replay.remarks import Refused
from surveyapp.questionnaires.replay.skeleton import Part

_STEP = re.compile(r"([^\[\]]+)(?:\[\s*([0-9]+)\s*\])?")


@dataclass(frozen=True, slots=True)
class Place:
    """One node: its part of the instance, and its path for the engine (without the root)."""

    part: Part
    path: str


class Tree:
    """The instance's nodes, for as many roster instances as the engine has."""

    def __init__(self, root: Part, engine: Engine) -> None:
        self.root = root
        self._engine = engine

    def shown(self, place: Place) -> str:
        """A node's path with the root in front, as the steps have it."""
        return f"/{self.root.name}/{place.path}" if place.path else f"/{self.root.name}"

    def all(self) -> Iterator[Place]:
        """Every node, each before what is below it."""
        yield from self._all(Place(self.root, ""))

    def _all(self, place: Place) -> Iterator[Place]:
        for below in self.below(place):
            yield below
            yield from self._all(below)

    def below(self, place: Place, *, as_asked: bool = False) -> Iterator[Place]:
        """The nodes directly below one, in the order of the instance, or that of the questions."""
        for part in place.part.parts if as_asked else self._in_order(place):
            if part.kind != "repeat":
                yield Place(part, join(place.path, part.name))
                continue
            for position in range(1, self._count(part, place.path) + 1):
                yield Place(part, join(place.path, part.name, position))

    def _in_order(self, place: Place) -> list[Part]:
        late = self._engine.late(place.path) if place.part.item else ()
        order = {name: number for number, name in enumerate(late, 1)}
        return sorted(place.part.parts, key=lambda part: order.get(part.name, 0))

    def _count(self, part: Part, above: str) -> int:
        return self._engine.instances(join(above, part.name)) if part.item else 0

    def find(self, path: str) -> Place:
        """The node of a step's path; a step without a position means the first. Raises `Refused`."""
        if not path.startswith("/"):
            raise Refused("relative_path", path=path)
        root, *names = path[1:].split("/")
        if _name_and_position(root, path)[0] != self.root.name:
            raise Refused("other_root", path=path, root=f"/{self.root.name}")
        place = Place(self.root, "")
        for step in names:
            place = self._child(place, step, path)
        return place

    def _child(self, place: Place, step: str, path: str) -> Place:
        name, position = _name_and_position(step, path)
        part = next((each for each in place.part.parts if each.name == name), None)
        if part is None:
            names = ", ".join(dict.fromkeys(each.part.name for each in self.below(place)))
            raise Refused("no_child", path=path, name=name, above=self.shown(place), names=names)
        count = self._count(part, place.path) if part.kind == "repeat" else 1
        if not 1 <= position <= count:
            roster = f"{self.shown(place)}/{name}"
            raise Refused("no_position", path=path, roster=roster, count=count, position=position)
        return Place(part, join(place.path, name, position if part.kind == "repeat" else None))

    def whole_path(self, path: str) -> str | None:
        """A path with a position for each repeat; None if the form never has a node there."""
        if not path.startswith(f"/{self.root.name}/"):
            return None
        part, whole = self.root, f"/{self.root.name}"
        for step in path.split("/")[2:]:
            match = _STEP.fullmatch(step)
            found = [each for each in part.parts if match and each.name == match[1]]
            if not match or not found:
                return None
            part = found[0]
            position = int(match[2] or 1) if part.kind == "repeat" else None
            whole = join(whole, part.name, position)
        return whole

    def roster(self, path: str) -> Place:
        """A repeat as a whole, whose path has no position. Raises `Refused`."""
        above, _, name = path.rpartition("/")
        if not above:
            raise Refused("no_roster", path=path)
        place = self.find(above)
        name = name.partition("[")[0]
        part = next((each for each in place.part.parts if each.name == name), None)
        if part is None:
            raise Refused("unknown_path", path=path)
        if part.kind != "repeat":
            raise Refused("no_roster", path=path)
        return Place(part, join(place.path, name))


def _name_and_position(step: str, path: str) -> tuple[str, int]:
    match = _STEP.fullmatch(step)
    if match is None:
        raise Refused("bad_position", path=path, step=step)
    return match[1], int(match[2] or 1)
