"""Which of many prompts hold a benchmark's problem: for what selects or evaluates, which needs no verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from curate.benchmarks.addresses import find_benchmarks
from curate.benchmarks.benchmark_index import BenchmarkIndex, Problem
from curate.benchmarks.index_files import open_index
from curate.store.parquet import split_chunks
from filters.overlap.find_matches import Match, find_matches, list_matches
from filters.overlap.match_rules import MatchRules
from filters.types import Prompt

BATCH: Final = 2048
"""Prompts compared at once."""


class ContaminatedPrompt(NamedTuple):
    """A prompt that holds a problem. number: its place among the prompts, from 0."""

    number: int
    prompt: Prompt
    problem: Problem
    match: Match


def find_contaminated(
    prompts: Iterable[Prompt],
    benchmarks: BenchmarkIndex | Sequence[str],
    rules: MatchRules | None = None,
    *,
    every: bool = False,
) -> Iterator[ContaminatedPrompt]:
    """The prompts that hold a problem of benchmarks, in their order, each with the problem of which it holds most; or once with every one.

    benchmarks: an index, as `index_prompts` makes one, or addresses of benchmarks, as the check takes them. rules: of the
    index that is made of addresses. Prompts are read as they are needed. Raises UserError where an address leads nowhere.
    """
    if not isinstance(benchmarks, BenchmarkIndex):
        benchmarks = open_index(find_benchmarks(benchmarks), rules or MatchRules())
    for batch in split_chunks(enumerate(prompts), BATCH):
        texts = [prompt.whole_text for _, prompt in batch]
        found = (
            list_matches(benchmarks.index, texts)
            if every
            else map(_wrap, find_matches(benchmarks.index, texts))
        )
        for (number, prompt), matches in zip(batch, found, strict=True):
            for match in matches:
                yield ContaminatedPrompt(number, prompt, benchmarks.problems[match.problem], match)


def _wrap(match: Match | None) -> list[Match]:
    return [] if match is None else [match]
