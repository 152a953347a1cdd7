"""What checks that ask a language model have in common: cases, votes, strictly read last lines, robust forms.

What surrounds the question is there because judges are easily fooled: bare cues ("Thought process:") pass for
answers up to 80% of the time (arXiv 2507.08794), and responses can hold orders to the judge.
"""

from __future__ import annotations

import asyncio
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from pydantic import Field

from filters.check import EngineCheck
from filters.digest import digest
from filters.engine import Completion, Engine, EngineError, EngineOptions, Request, SamplingOptions
from filters.judges.bounds import ErrorBounds
from filters.judges.preference import Part, find_preferred_span
from filters.think import split_response
from filters.types import Message, Prompt, Sample, Verdict, make_storable

PANEL_RULES: Final[Mapping[str, str]] = {
    "unparsable": "undecided: the judge's last line is not of the form that was asked for, or was cut off",
}
"""The rules that all checks with a panel share; a check adds those of its votes."""

DETAIL = 200
"""Characters of the analysis' end kept in the reason."""
SEVERAL_VOTES_TEMPERATURE = 0.7
"""One vote is greedy; several must be able to differ."""
LONGEST_CUE = 60
_LONGEST_LINE = 100
_PART = "[{mark}] {title}\n{text}\n[{mark}] end of {title}"
_NO_WORD = " \t\r\n\u3000:.,;!?*#_`'\"…—–-：。，；！？"
_CUE = re.compile(
    r"((the|my)\s+)?(final\s+)?(answer|solution|result|analysis|reasoning|conclusion)(\s+is)?"
    r"|thought\s+process|let'?s\s+(think|solve)(\s+(this|it))?(\s+step\s+by\s+step)?|step\s+\d+"
    r"|解|答案?|解答|解析|思考过程|最终答案",
    re.IGNORECASE,
)


class Case(NamedTuple):
    """What one judgement is about; samples of a prompt with the same text share it."""

    prompt: Prompt
    text: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes two cases one."""
        return self.prompt.id, self.text


class Look(NamedTuple):
    """A sample's case and its half-open range in the response."""

    case: Case
    span: tuple[int, int] | None


class PanelCheck(EngineCheck, ErrorBounds):
    """A check whose verdicts are one or several votes of a language model on each case."""

    votes: int = Field(default=1, ge=1, le=9)
    """Judgements of each case; one is greedy, several are sampled at temperature 0.7."""
    max_tokens: int = Field(default=2048, gt=0)
    """Longest judgement in tokens; a judge that reasons first needs more."""

    @property
    def output(self) -> str | None:
        """The form of the model's answers, as a regular expression, for engines that can enforce one."""
        return None

    @abstractmethod
    def find_case(self, sample: Sample) -> Look | Verdict:
        """What there is to judge; a verdict at once where there is nothing, so that no bare cue reaches the judge."""

    @abstractmethod
    def write_form(self, case: Case, number: int) -> str:
        """What the judge is asked in a vote, counted from 0."""

    @abstractmethod
    def read_vote(self, made: Completion) -> Verdict:
        """One vote, from the judge's words."""

    @abstractmethod
    def decide(self, votes: Sequence[Verdict]) -> Verdict:
        """The verdict of decided votes, at least one."""

    @property
    def digest(self) -> str:
        """The content key; of the engine only what says which model answers, not how it is reached."""
        model = describe_model(self.engine)
        options = self.drop_bounds(self.model_dump(mode="json", exclude={"engine"}))
        return self.digest_of(model, *options.values())

    async def ask(self, batch: Sequence[Sample], engine: Engine) -> list[Verdict]:
        """One verdict per sample, in order; one judgement per distinct case."""
        looked = [self.find_case(sample) for sample in batch]
        cases = {look.case.key: look.case for look in looked if isinstance(look, Look)}
        slots = asyncio.Semaphore(engine.concurrency)
        judged = await asyncio.gather(*(self._judge(case, engine, slots) for case in cases.values()))
        verdicts = dict(zip(cases, judged, strict=True))
        return [
            replace(verdicts[look.case.key], span=look.span) if isinstance(look, Look) else look
            for look in looked
        ]

    async def _judge(self, case: Case, engine: Engine, slots: asyncio.Semaphore) -> Verdict:
        voting = (self._vote(case, number, engine, slots) for number in range(self.votes))
        votes = await asyncio.gather(*voting)
        return next((vote for vote in votes if vote.ok is None), None) or self.decide(votes)

    async def _vote(self, case: Case, number: int, engine: Engine, slots: asyncio.Semaphore) -> Verdict:
        sampling = SamplingOptions(
            temperature=SEVERAL_VOTES_TEMPERATURE if self.votes > 1 else 0.0, max_tokens=self.max_tokens
        )
        seed = int(digest(*case.key, number)[:8], 16) & 0x7FFFFFFF
        message = Message(role="user", content=self.write_form(case, number))
        request = Request([message], sampling, seed, form=self.output)
        try:
            async with slots:
                return self.read_vote(await engine.complete(request))
        except EngineError as error:
            return Verdict(None, f"engine_failed: {error}"[:300])


def describe_model(engine: EngineOptions) -> dict[str, Any]:
    """Of an engine's options only what says which model answers, not how it is reached."""
    return engine.model_dump(mode="json", include={"kind", "model", "revision", "template", "dtype"})


def make_mark(case: Case) -> str:
    """The mark around a form's parts: a digest of what it encloses, which no text can contain of itself."""
    return digest(*case.key)[:16]


def enclose_part(mark: str, title: str, text: str) -> str:
    """A part of the form between lines with the mark."""
    return _PART.format(mark=mark, title=title, text=text)


def says_nothing(text: str) -> bool:
    """Whether a text is marks alone or a bare cue such as "Solution:"."""
    words = text.strip(_NO_WORD)
    return not words or (len(words) <= LONGEST_CUE and _CUE.fullmatch(words) is not None)


def find_said_span(text: str, part: Part) -> tuple[int, int] | Verdict:
    """The half-open range of a response that a preference reads; a verdict at once where the response says nothing."""
    seen = find_preferred_span(text, "response")
    if seen is None:
        return Verdict(False, "no_response: think is not closed", 0.0)
    if says_nothing(text[slice(*seen)]):
        return Verdict(False, "no_response", 0.0)
    span = find_preferred_span(text, part)
    assert span is not None, "it is closed, as seen above"
    return span


def read_last_line(made: Completion, pattern: re.Pattern[str]) -> tuple[str, str] | Verdict:
    """What the last line holds, strictly, and the end of the analysis before it; undecided where it does not.

    pattern: must fit the whole line; its first group is what is wanted. An earlier line of that form that holds something
    else contradicts it: then nobody can tell which of the two the judge means.
    """
    said = (split_response(made.text).answer or "").strip()
    analysis, _, last = said.rpartition("\n")
    found = _match_line(pattern, last)
    earlier = (_match_line(pattern, line) for line in analysis.split("\n"))
    if made.finish != "stop" or found is None or any(one and one[1] != found[1] for one in earlier):
        return Verdict(None, f"unparsable: {describe_end(said)}")
    return found[1], describe_end(analysis)


def make_last_line(label: str, words: str) -> re.Pattern[str]:
    """What the last line must be, for `read_last_line`: a label and one of some words, written as an alternation."""
    return re.compile(rf"[\s*_`>#]*{label}:[ \t*_]*({words})[\s*_`.]*", re.ASCII)


def make_output(label: str, words: str) -> str:
    """The form of the whole completion for engines that enforce one: reasons, or a chain and reasons, and that last line."""
    return rf"[\s\S]*\n\*{{0,2}}{label}: ({words})\*{{0,2}}\.?"


def _match_line(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    line = line.strip()
    return pattern.fullmatch(line) if len(line) <= _LONGEST_LINE else None


def describe_end(text: str) -> str:
    """The end of a judge's words, in one line, as a reason keeps it."""
    return make_storable(" ".join(text[-2 * DETAIL :].split())[-DETAIL:])
