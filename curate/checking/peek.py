"""The first samples of a file as they were read, so that its owner sees at once whether they were read right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from rich.console import RenderableType
from rich.table import Table

from curate.readers.given_verdicts import list_given
from curate.readers.read_samples import ReadSample, Traces
from curate.stage_results import StageResult
from filters.think import split_response

SHOWN: Final = 200
"""Characters of a text that are shown."""


@dataclass(frozen=True, slots=True)
class PeekResult(StageResult):
    """The first samples of a file, each with its row's place, and how its rows were read."""

    samples: Sequence[tuple[str, ReadSample]]
    read_as: str
    bad: Sequence[str] = ()

    def render(self) -> Iterator[RenderableType]:
        """A table for each sample."""
        for place, one in self.samples:
            table = Table(show_header=False, title=place)
            for name, text in _describe(one):
                table.add_row(name, text)
            yield table
        yield from self.bad
        yield self.read_as


def peek_samples(traces: Traces, number: int, prompts_only: bool = False) -> PeekResult:
    """Read the first samples of a file. Raises UserError as reading all of it would. prompts_only: whether rows without responses will do."""
    reader, found, bad = traces.make_reader(prompts_only), [], []
    for row in reader.read_rows(islice(traces.read_rows(), number)):
        found += [(row.row.place, one) for one in row.samples]
        bad += [f"{row.row.place} would be set aside: {row.bad}."] if row.bad else []
    return PeekResult(found[:number], reader.describe(), bad)


def _describe(one: ReadSample) -> Iterator[tuple[str, str]]:
    messages, response = one.reading.messages, one.reading.response
    parts = split_response(response)
    if one.reading.generation is not None:
        yield "generation", str(one.reading.generation)
    roles = ", ".join(turn["role"] for turn in messages)
    yield f"prompt ({roles or 'none'}), its end", _end(messages[-1]["content"] if messages else "")
    yield "chain, its start", _start(parts.chain.strip()) if parts.chain_span else "no chain"
    yield (
        "answer",
        _start(parts.answer.strip()) if parts.answer is not None else "none: the chain is never closed",
    )
    yield "reference", one.prompt.answer or "none"
    said = [f"id {one.prompt.source_id}", f"domain {one.prompt.domain}" if one.prompt.domain else "", f"language {one.prompt.language}" if one.prompt.language else "",
            f"source {one.prompt.source}" if one.prompt.source else "", f"tokens {one.facts.tokens}" if one.facts.tokens is not None else ""]  # fmt: skip
    said += [
        f"{label} {'undecided' if v.ok is None else str(v.ok).lower()}"
        for label, v in list_given(one).items()
    ]
    yield "says", ", ".join(filter(None, said))


def _start(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _end(text: str) -> str:
    return text if len(text) <= SHOWN else f"…{text[-SHOWN:]}"
