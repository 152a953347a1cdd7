"""Judges whose answers are known: they look up what they are asked about among labelled cases, and say what they are told to."""

import random
from collections.abc import Callable, Iterable

import pytest

from curate.calibration.cases import LABEL, LabelledCase
from curate.engines.scripted import Response, ScriptedEngine
from filters.engine import Request
from filters.judges.language_model import Look, PanelCheck
from filters.registry import make_check

Says = Callable[[LabelledCase], bool | None]
WORDS = {True: "CORRECT", False: "INCORRECT", None: "UNSURE"}


def make_judge(**options: object) -> PanelCheck:
    """The check `judge` with a scripted engine that is never opened."""
    check = make_check("judge", {"engine": {"kind": "scripted", "model": "nobody"}, **options})
    assert isinstance(check, PanelCheck)
    return check


def honest(case: LabelledCase) -> bool | None:
    """Says what is right."""
    return case.right


def obeys(kind: str) -> Says:
    """Honest, but accepts every attack of one kind."""
    return lambda case: case.right or case.kind == kind


def errs(draw: random.Random, accepts: float, rejects: float = 0.0) -> Says:
    """Accepts wrong labelled cases, and rejects right ones, as often as that; rejects every canary."""

    def say(case: LabelledCase) -> bool:
        rate = 0.0 if case.kind != LABEL else rejects if case.right else accepts
        return case.right is not (draw.random() < rate)

    return say


class ScriptedJudge:
    """Answers what `check` asks about these cases. requests: the texts that it was asked."""

    def __init__(self, check: PanelCheck, cases: Iterable[LabelledCase], says: Says) -> None:
        self.says, self.requests = says, list[str]()
        self._cases: dict[str, LabelledCase] = {}
        for case in cases:
            look = check.find_case(case.sample)
            if isinstance(look, Look):
                self._cases |= {check.write_form(look.case, number): case for number in range(check.votes)}

    def __call__(self, request: Request) -> Response:
        text = request.messages[-1]["content"]
        self.requests.append(text)
        return Response(text=f"They were compared.\nVERDICT: {WORDS[self.says(self._cases[text])]}")

    def engine(self) -> ScriptedEngine:
        """A new engine that gives these answers."""
        return ScriptedEngine(self)


def answer_with(judge: Callable[[Request], Response], patch: pytest.MonkeyPatch) -> None:
    """Let every scripted engine that is opened answer so."""
    patch.setattr(ScriptedEngine, "open", classmethod(lambda cls, options: cls(judge)))
