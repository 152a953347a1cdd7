"""Whether a prompt, or a chain, holds a problem of a benchmark: what a model learns by heart it is not measured by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import ClassVar, Final, Literal, NamedTuple

from pydantic import Field, model_validator

from curate.benchmarks.against import BenchmarkCheck
from curate.benchmarks.benchmark_index import BenchmarkIndex, Problem
from curate.benchmarks.index_files import open_index
from filters.check import Role
from filters.overlap.find_matches import Match, find_matches
from filters.overlap.match_rules import PAPER_WORDS, MatchRules, Rule
from filters.types import Sample, Verdict

_CLEAN: Final = Verdict(True)
LOAD_S: Final = 120.0
"""Seconds that the index of very large benchmarks may take to be made."""
QUOTE_LENGTH: Final = 80
"""Characters of a match that a reason quotes."""


class ComparedText(NamedTuple):
    """A text of a sample. part: prompt, chain or response. begin: where it begins in the response."""

    part: str
    text: str
    begin: int = 0


class HeldProblem(NamedTuple):
    """A text and the benchmark's problem that stands in it."""

    compared: ComparedText
    problem: Problem
    match: Match


class Contamination(BenchmarkCheck):
    """The prompt (or chain) holds no problem of the benchmarks that it is compared with.

    Compared are runs of words: case, spaces, punctuation, LaTeX's layout and forms of one character make no difference.
    A problem of fewer words than a run must stand there whole, with its signs. The score is the share of the problem's runs.
    """

    name: ClassVar[str] = "contamination"
    version: ClassVar[int] = 2
    role: ClassVar[Role] = "data"
    rules: ClassVar[Mapping[str, str]] = {
        "exact": "all of a benchmark's problem stands in it, word for word",
        "overlap": "many runs of words of a benchmark's problem stand in it",
        "paper": "a run of 10 words of a benchmark's problem stands in it",
        "reworded": "with numbers and names masked, many runs of words of a benchmark's problem stand in it",
        "no_text": "undecided: there are no words to compare",
    }
    needs_reference: ClassVar[bool] = False

    of: Literal["prompt", "chain", "both"] = "prompt"
    """What is compared: the prompt; the chain, or the response where there is none; or both."""
    ngram: int = Field(default=8, ge=2, le=64)
    """Words of a run. Characters, in scripts without spaces."""
    coverage: float = Field(default=0.5, gt=0, le=1)
    """The share of a problem's runs that must stand in a text to make it contaminated."""
    rule: Rule = "coverage"
    """coverage: by the share of a problem's runs. paper: by any one run of 10 words, DeepSeek-R1's rule, which finds no shorter problem and many innocent texts."""
    rewordings: Literal["none", "masked"] = "none"
    """masked: a problem also counts where it is told with other numbers and names."""
    masked_coverage: float = Field(default=0.6, gt=0, le=1)
    """The share of a problem's runs that must stand there once numbers and names are masked."""

    @model_validator(mode="after")
    def _refuse_idle_options(self) -> Contamination:
        paper_sets = {"ngram", "coverage", "rewordings", "masked_coverage"} & self.model_fields_set
        if self.rule == "paper" and paper_sets:
            raise ValueError(
                f"rule=paper compares runs of {PAPER_WORDS} words as they are; leave out {min(paper_sets)}"
            )
        if self.rewordings == "none" and "masked_coverage" in self.model_fields_set:
            raise ValueError("masked_coverage is for rewordings=masked; give that, too")
        return self

    @property
    def reads_response(self) -> bool:
        """See Check."""
        return self.of != "prompt"

    @property
    def longest_s(self) -> float:
        """See Check. The first sample waits for the index, which a machine may not be able to keep."""
        return LOAD_S

    @property
    def digest(self) -> str:
        """The content key of options and benchmarks: with another content verdicts are stale, at another place they are not."""
        options = self.model_dump(mode="json", exclude={"against"})
        return self.digest_of(options, self.benchmark_keys)

    @property
    def match_rules(self) -> MatchRules:
        """When a text and a problem count as one."""
        masked = self.masked_coverage if self.rewordings == "masked" else None
        return MatchRules(self.rule, self.ngram, self.coverage, masked)

    @cached_property
    def index(self) -> BenchmarkIndex:
        """The index of the benchmarks, which is kept for other processes."""
        return open_index(self.benchmarks, self.match_rules, self.column)

    def prepare(self) -> None:
        """Refuse benchmarks that cannot be read, and make their index before many processes need it."""
        assert self.index

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge a batch, each of its different texts once."""
        if self.of == "prompt":
            prompts = [sample.prompt.whole_text for sample in batch]
            matches = self._find_all(set(prompts))
            return [
                _CLEAN
                if matches[text] is None and _has_words(text)
                else self._judge(self._list_texts(sample), matches)
                for text, sample in zip(prompts, batch, strict=True)
            ]
        texts = [self._list_texts(sample) for sample in batch]
        found = self._find_all({one.text for some in texts for one in some})
        return [self._judge(some, found) for some in texts]

    def find_held(self, batch: Sequence[Sample]) -> list[HeldProblem | None]:
        """Of each sample the problem that its verdict names, with both texts; None of one that holds none."""
        texts = [self._list_texts(sample) for sample in batch]
        found = self._find_all({one.text for some in texts for one in some})
        return [self._hold(some, found) for some in texts]

    def _list_texts(self, sample: Sample) -> list[ComparedText]:
        """The texts of a sample that are compared, those with words."""
        texts = [ComparedText("prompt", sample.prompt.whole_text)] if self.of != "chain" else []
        if self.of != "prompt":
            begin, end = sample.parts.chain_span or (0, len(sample.response))
            part = "response" if sample.parts.chain_span is None else "chain"
            texts.append(ComparedText(part, sample.response[begin:end], begin))
        return [one for one in texts if _has_words(one.text)]

    def _find_all(self, texts: Collection[str]) -> Mapping[str, Match | None]:
        listed = list(texts)
        return dict(zip(listed, find_matches(self.index.index, listed), strict=True)) if listed else {}

    def _hold(self, texts: Sequence[ComparedText], found: Mapping[str, Match | None]) -> HeldProblem | None:
        for one in texts:
            if (match := found[one.text]) is not None:
                return HeldProblem(one, self.index.problems[match.problem], match)
        return None

    def _judge(self, texts: Sequence[ComparedText], found: Mapping[str, Match | None]) -> Verdict:
        if not texts:
            return Verdict(None, "no_text: there are no words to compare")
        held = self._hold(texts, found)
        if held is None:
            return _CLEAN
        (part, text, before), problem, match = held
        begin, end = match.span
        said = f"{problem}, {say_share(match)}, characters {begin} to {end} of the {part}: {_quote(text[begin:end])}"
        span = None if part == "prompt" else (begin + before, end + before)
        return Verdict(False, f"{match.kind}: {said}", match.coverage, span)


def _has_words(text: str) -> bool:
    return text[:1].isalnum() or any(map(str.isalnum, text))


def say_share(match: Match) -> str:
    """How much of a problem stands in a text, as `92% of its 8-grams`."""
    masked = " with numbers and names masked" if match.kind == "reworded" else ""
    return (
        "word for word"
        if match.kind == "exact"
        else f"{_percent(match.coverage)} of its {match.words}-grams{masked}"
    )


def _percent(share: float) -> str:
    """A share as a percentage that is not rounded to none or all."""
    return f"{min(99, max(1, round(100 * share)))}%" if share < 1 else "100%"


def _quote(text: str) -> str:
    said = " ".join(text.split())
    return said if len(said) <= QUOTE_LENGTH else f"{said[:QUOTE_LENGTH].rstrip()}…"
