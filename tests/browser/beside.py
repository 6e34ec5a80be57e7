"""JavaRosa beside the page: it is given every answer that the page keeps, and asked what it makes of them."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

from surveyapp.questionnaires import partition
from surveyapp.questionnaires.definition import Calculation, Question, Questionnaire, Valued
from surveyapp.questionnaires.paths import item_path
from surveyapp.questionnaires.values import from_text, to_text, typed
from tests.oracle import Oracle, Reply


class Beside:
    """One interview in JavaRosa that follows one filling of the whole page."""

    def __init__(
        self, oracle: Oracle, content: bytes, definition: Questionnaire, language: str, folder: Path
    ) -> None:
        self.oracle = oracle
        self.definition = definition
        self.language = language
        self.items = {item.path: item for item in definition.walk()}
        self.root = f"/{definition.root_name}/"
        self.given: dict[str, str] = {}
        self.nodes: dict[str, Reply] = {}
        form = folder / "form.xml"
        form.write_bytes(content)
        oracle.load(form)
        spoken = oracle.dump()["languages"]
        oracle.step({"lang": next(each for each in spoken if f"({language})" in each)})

    def follow(self, snapshot: dict[str, Any]) -> None:
        """Give it what has changed since it was last asked, in the order of the form."""
        now = {
            path: to_text(item.type, value)
            for path, item, value in partition.leaves(self.definition, snapshot, is_told)
        }
        for path in {**self.given, **now}:
            if now.get(path, "") != self.given.get(path, ""):
                self._give(path, now.get(path, ""))
        self.given = now
        dump = self.oracle.dump()
        self.nodes = {node["path"].removeprefix(self.root): node for node in dump["nodes"]}

    def _give(self, path: str, text: str) -> None:
        if text:
            self.oracle.set(self.root + path, text)
        else:
            self.oracle.clear(self.root + path)

    def shown(self, paths: list[str]) -> list[Any]:
        """Those of these nodes that it shows: path, words, names of the choices."""
        nodes = [(path, self.nodes[path]) for path in paths if self.nodes[path]["relevant"]]
        return [
            [path, " ".join((node["label"] or "").split()), sorted(_names(node))] for path, node in nodes
        ]

    def broken(self, paths: list[str]) -> set[str]:
        """Those of these nodes that it would not let pass."""
        return {
            path
            for path in paths
            if isinstance(self.items[item_path(path)], Question) and _is_broken(self.nodes[path])
        }

    def differing(self, answers: dict[str, Any]) -> list[str]:
        """Where these values are not its own: answers and calculations, as far as they are relevant."""
        found = []
        for path, item, value in partition.leaves(self.definition, answers, is_computed_or_answered):
            node = self.nodes[path]
            theirs = from_text(item.type, node["value"] or "")
            if node["relevant"] and typed(item.type, value, UTC) != typed(item.type, theirs, UTC):
                found.append(f"{path} is {value!r}, in JavaRosa {theirs!r}")
        return found

    def relevant(self) -> set[str]:
        """All questions and calculations that it asks or computes and that hold something."""
        return {
            path
            for path, node in self.nodes.items()
            if node["relevant"] and node.get("value") and self._is_answer(path)
        }

    def _is_answer(self, path: str) -> bool:
        item = self.items.get(item_path(path))
        return isinstance(item, Valued) and is_computed_or_answered(item)


def is_told(item: Valued) -> bool:
    """JavaRosa is told what people answer and what chance draws; the rest it works out."""
    if isinstance(item, Calculation):
        return item.volatile
    return isinstance(item, Question) and item.calculation is None


def is_computed_or_answered(item: Valued) -> bool:
    """Is there for both to agree upon: no time or name of a device."""
    return isinstance(item, Calculation | Question)


def _is_broken(node: Reply) -> bool:
    is_missing = node["required"] and not node["value"]
    return bool(
        node["relevant"] and not node["readonly"] and (is_missing or not node["constraint_valid"])
    )


def _names(node: Reply) -> list[str]:
    return [choice["name"] for choice in node.get("choices") or []]
