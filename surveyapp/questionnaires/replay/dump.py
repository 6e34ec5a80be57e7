"""Everything that an interview shows, as a dump has it, and its submission."""

from __future__ import annotations

from surveyapp.questionnaires.replay.choices import ShownChoices
from surveyapp.questionnaires.replay.form import Form
from surveyapp.questionnaires.replay.nodes import Nodes
from surveyapp.questionnaires.replay.steps import Reply
from surveyapp.questionnaires.replay.submission import prefixes_of, submission
from surveyapp.questionnaires.replay.tree import Place, Tree

_LISTED = frozenset({"select_one", "select_multi", "rank"})
#: what a dump may say of a node
NODE_KEYS = (
    *("kind", "type", "relevant", "required", "readonly", "value", "constraint_valid"),
    *("control", "label", "constraint_message", "choices"),
)


class Dump:
    """Writes the dumps of one interview."""

    def __init__(self, form: Form, tree: Tree, nodes: Nodes, shown: ShownChoices) -> None:
        self._form, self._tree, self._nodes, self._shown = form, tree, nodes, shown

    def whole(self, language: str | None, *, choices: bool) -> Reply:
        """Every node, the languages, the submission."""
        return {
            "title": self._form.title,
            "language": language,
            "languages": list(self._form.languages),
            "nodes": [self._node(place, choices=choices) for place in self._tree.all()],
            "submission": self.submission(),
            "missing_media": list(self._form.missing_media),
        }

    def submission(self) -> str:
        """The submission's XML."""
        return submission(self._tree, self._nodes, prefixes_of(self._form.document.root))

    def _node(self, place: Place, *, choices: bool) -> Reply:
        part, look = place.part, self._nodes.look(place)
        shown: Reply = {
            "path": self._tree.shown(place),
            "kind": part.kind,
            "relevant": look.relevant,
        }
        if part.kind != "leaf" and not self._is_bare(place):
            return shown
        shown |= {
            "type": part.type,
            "required": look.required,
            "readonly": look.read_only,
            "value": self._nodes.text(part, look),
            "constraint_valid": look.constraint_valid,
        }
        if part.control is not None:
            shown |= {
                "control": part.control,
                "label": look.label,
                "constraint_message": look.constraint_message,
            }
            if choices and part.control in _LISTED:
                offered = self._shown.of(place)
                shown["choices"] = [{"name": name, "label": label} for name, label in offered]
        return shown

    def _is_bare(self, place: Place) -> bool:
        """Whether a roster's instance holds nothing at all: JavaRosa shows it as a leaf."""
        return place.path.endswith("]") and next(self._tree.below(place), None) is None
