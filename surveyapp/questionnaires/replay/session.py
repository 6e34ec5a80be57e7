"""Steps taken one after the other, in the language of docs/replay.md, each with its reply."""

from __future__ import annotations

from collections.abc import Callable

from surveyapp.questionnaires.replay.beginning import Options, begin
from surveyapp.questionnaires.replay.engine import EngineOf
from surveyapp.questionnaires.replay.interview import ReplayedInterview
from surveyapp.questionnaires.replay.remarks import Refused, Remark
from surveyapp.questionnaires.replay.steps import Reply, Step, refuse_misshapen, step_of

__all__ = ["Options", "Session"]


class Session:
    """Carries out steps, one after the other, on interviews of an engine."""

    def __init__(
        self, engine_of: EngineOf, options: Options, say: Callable[[Remark], str] = str
    ) -> None:
        """`say` words what a reply has to say of a step that is refused."""
        self._engine_of = engine_of
        self._options = options
        self._say = say
        self._interview: ReplayedInterview | None = None
        self._taken = 0

    def take(self, step: Step) -> Reply:
        """One step's reply; `ok` says whether it was carried out."""
        reply: Reply = {}
        try:
            self._carry_out(step, reply)
            reply["ok"] = True
        except Refused as refusal:
            reply |= {"ok": False, "error": self._say(refusal.remark)}
        self._taken += 1
        reply["step"] = self._taken
        return reply

    def take_line(self, line: str) -> Reply:
        """The reply to a step as a line of text."""
        try:
            step = step_of(line)
        except Refused as refusal:
            self._taken += 1
            return {"ok": False, "error": self._say(refusal.remark), "step": self._taken}
        return self.take(step)

    def _carry_out(self, step: Step, reply: Reply) -> None:
        if "load" in step:
            self.close()  # as JavaRosa's driver does: a form that is refused leaves none loaded
        refuse_misshapen(step)
        if "load" in step:
            self._interview = begin(step, self._engine_of, self._options)
            reply["loaded"] = step["load"]
        elif self._interview is None:
            raise Refused("nothing_loaded")
        else:
            self._interview.take(step, reply)

    def is_loaded(self) -> bool:
        """Whether an interview is under way."""
        return self._interview is not None

    def whole_path(self, path: str) -> str | None:
        """A node's path with all its positions; None if the form never has such a node."""
        return self._interview.tree.whole_path(path) if self._interview else None

    def close(self) -> None:
        """Give back what the engine holds."""
        if self._interview is not None:
            self._interview.engine.close()
            self._interview = None
