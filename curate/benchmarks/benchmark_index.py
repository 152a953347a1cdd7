"""The index of benchmarks: their problems with where each stands, made from addresses or from any prompts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from curate.benchmarks.addresses import Benchmark
from curate.readers.prompts import make_prompts
from curate.readers.read_rows import read_rows
from curate.readers.row import Row
from filters.errors import UserError
from filters.overlap.match_rules import MatchRules
from filters.overlap.problem_index import ProblemIndex, build_index
from filters.types import Prompt


class Problem(NamedTuple):
    """A benchmark's problem. row: its place there, as `row 12`. id: what its owner calls it, empty where nothing."""

    benchmark: str
    row: str
    id: str
    text: str

    def __str__(self) -> str:
        """How it is named: `math500.json row 12 (id test/algebra/7)`."""
        return f"{self.benchmark} {self.row}{f' (id {self.id[:80]})' if self.id else ''}"


@dataclass(frozen=True)
class BenchmarkIndex:
    """Problems, and the index of their texts in the same order."""

    problems: Sequence[Problem]
    index: ProblemIndex


def read_problems(benchmarks: Sequence[Benchmark], column: str | None = None) -> Iterator[Problem]:
    """The problems of benchmarks, as they stand there. column: the questions', where it has no known name.

    Raises UserError where a benchmark has no rows, no question column, or an empty question.
    """
    for benchmark in benchmarks:
        mapped = {"prompt": column} if column else None
        rows = read_rows(benchmark.source, benchmark.split, mapped)
        first = next(rows, None)
        if first is None:
            raise UserError(
                f"The benchmark '{benchmark.name}' holds no rows; there is nothing to compare with."
            )
        yield from _read_rows(benchmark.name, chain([first], rows))


def _read_rows(name: str, rows: Iterable[Row]) -> Iterator[Problem]:
    for number, (row, prompt) in enumerate(_pair(rows)):
        given = prompt.source_id if prompt.source_id != str(number) else ""
        yield Problem(name, row.place.rpartition(", ")[2], given, prompt.text)


def _pair(rows: Iterable[Row]) -> Iterator[tuple[Row, Prompt]]:
    """Each row with its prompt."""
    seen: list[Row] = []

    def note() -> Iterator[Row]:
        for row in rows:
            seen[:] = [row]
            yield row

    try:
        for prompt in make_prompts(note(), as_it_stands=True):
            yield seen[0], prompt
    except UserError as error:
        raise UserError(str(error).replace("--map prompt=COLUMN", "the option column=COLUMN")) from None


def index_problems(problems: Iterable[Problem], rules: MatchRules) -> BenchmarkIndex:
    """Index problems; the same, whatever their order, but for which of equals is named."""
    listed = list(problems)
    groups: Mapping[str, int] = {
        name: number for number, name in enumerate(dict.fromkeys(p.benchmark for p in listed))
    }
    texts = [problem.text for problem in listed]
    return BenchmarkIndex(
        listed, build_index(texts, [groups[problem.benchmark] for problem in listed], rules)
    )


def index_prompts(prompts: Iterable[Prompt], name: str, rules: MatchRules | None = None) -> BenchmarkIndex:
    """Index prompts that are a benchmark themselves, as those of an evaluation. name: what it is called."""
    return index_problems(
        (
            Problem(name, f"prompt {number}", prompt.source_id, prompt.text)
            for number, prompt in enumerate(prompts, 1)
        ),
        rules or MatchRules(),
    )
