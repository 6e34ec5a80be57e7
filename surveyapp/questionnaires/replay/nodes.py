"""What each node of an interview shows, whatever part of the form it belongs to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, tzinfo
from typing import Any
from uuid import uuid4

from surveyapp.questionnaires.definition import Calculation, DataType, Note, Question, Valued
from surveyapp.questionnaires.expressions.moments import clock_in
from surveyapp.questionnaires.replay.engine import Engine, Look
from surveyapp.questionnaires.replay.remarks import Refused
from surveyapp.questionnaires.replay.skeleton import Part
from surveyapp.questionnaires.replay.tree import Place
from surveyapp.questionnaires.values import to_text, typed
from surveyapp.questionnaires.xform.document import JAVAROSA, own_text


class Nodes:
    """What nodes show: the engine's, and what only the envelope has (`meta/instanceID`)."""

    def __init__(self, engine: Engine, zone: tzinfo) -> None:
        self._engine = engine
        self._zone = zone
        self._first: dict[tuple[str, str], str] = {}
        self._instance_id = f"uuid:{uuid4()}"

    def look(self, place: Place, *, choices: bool = False) -> Look:
        """What a node shows."""
        part = place.part
        if part.item is None:
            return self._envelope(part)
        shown = self._engine.look(place.path, choices=choices)
        return self._note(shown, place) if isinstance(part.item, Note) else shown

    def _note(self, shown: Look, place: Place) -> Look:
        """A note with what its bind says of an answer, though it has none."""
        bind = place.part.bind
        message = bind.get(f"{{{JAVAROSA}}}constraintMsg")
        return replace(
            shown,
            required="required" in bind and self._is_true(bind["required"], place.path),
            constraint_message=None if message and message.startswith("jr:itext(") else message,
        )

    def _envelope(self, part: Part) -> Look:
        read_only = part.bind.get("readonly", "").strip() == "true()"
        return Look(relevant=True, read_only=read_only, value=self._envelope_value(part))

    def _envelope_value(self, part: Part) -> str | None:
        if part.kind != "leaf":
            return None
        if part.preload == "uid":
            return self._instance_id
        if calculation := part.bind.get("calculate"):
            return self._computed(calculation)
        return own_text(part.element) or None

    def _computed(self, calculation: str) -> str | None:
        """What an expression of the envelope gives, as it is stored."""
        try:
            found = self._engine.evaluate(calculation, "", None)
        except Refused:
            return None
        if found.kind == "boolean":
            return str(int(found.boolean))
        return None if found.string in {"", "NaN"} else found.string

    def attribute(self, part: Part, name: str, text: str) -> str:
        """The value of an attribute; the form may compute that of an entity."""
        binding = part.attributes.get(name)
        if binding is None:
            return text
        if binding.calculation:
            return self._computed(binding.calculation) or ""
        key = (part.path, name)
        if key not in self._first:
            self._first[key] = self._computed(binding.default or "''") or ""
        return self._first[key]

    def _is_true(self, condition: str, path: str) -> bool:
        try:
            return self._engine.evaluate(condition, path, None).boolean
        except Refused:
            return False

    def text(self, part: Part, look: Look) -> str | None:
        """A node's value as the instance's XML has it; None for no answer."""
        if look.value is None:
            return None
        if not isinstance(part.item, Valued):
            return str(look.value)
        text = _whole(part.item.type, to_text(part.item.type, self._in_zone(part.item, look.value)))
        is_computed = isinstance(part.item, Question | Calculation) and part.item.calculation
        # JavaRosa makes a whole number of what comes out whole, in a decimal too
        return text.removesuffix(".0") if part.item.type is DataType.DECIMAL and is_computed else text

    def _in_zone(self, item: Valued, value: Any) -> Any:
        """Moments and times are written in the device's own offset."""
        if item.type not in {DataType.TIME, DataType.DATETIME}:
            return value
        moment = typed(item.type, value, self._zone)
        if isinstance(moment, time):
            moment = clock_in(self._zone, moment)
        return moment.isoformat() if isinstance(moment, time | datetime) else value


def _whole(kind: DataType, text: str) -> str:
    """A place with all its four numbers, as JavaRosa writes it."""
    if kind not in {DataType.GEOPOINT, DataType.GEOTRACE, DataType.GEOSHAPE}:
        return text
    places = (place.split() for place in text.split(";"))
    return "; ".join(" ".join([*place, "0.0", "0.0"][:4]) for place in places)
