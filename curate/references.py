"""References that no answer can be compared with, found while the engine is loaded.

A prompt without a reference, or with one that its verifier cannot read, gives no verified sample however
often it is sampled. Each reference is therefore given to the verifier as if it were an answer.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from threading import Event
from typing import Final, NamedTuple

import polars as pl

from curate.checks import CheckSpec
from curate.console import note
from curate.folder import Run
from curate.pool import CheckPool
from curate.tables import chunks, scan
from curate.tallies import RULE
from filters.answers.verdicts import reference_of
from filters.check import EngineCheck
from filters.vocabulary import Prompt, Sample

UNREADABLE: Final = ("no_reference", "unreadable_reference")
"""The rules by which verifiers say that the reference is at fault."""
NAMED = 5
"""Rows that a note names."""
PROMPTS_AT_ONCE = 64


def compares(spec: CheckSpec) -> bool:
    """Whether a check compares samples with a reference: without one it says so."""
    check = spec.build()
    if isinstance(check, EngineCheck) or check.resident or check.scope != "sample":
        return False
    return check.check([Sample("", Prompt.make("?"), "\\boxed{0}")])[0].rule == "no_reference"


def restated(prompt: Prompt) -> list[Sample]:
    """Samples that answer with the reference itself: in a box, as it stands, and with another answer.

    The last one tells a reference that is only equal to its own letters from one that was understood.
    """
    reference = reference_of(Sample("", prompt, ""))
    texts = (f"The answer is \\boxed{{{reference}}}.", reference, "The answer is \\boxed{0}.")
    return [Sample(f"{prompt.id}-{number}", prompt, text, number) for number, text in enumerate(texts)]


class Found(NamedTuple):
    """Prompts whose reference a check cannot use: how many, and the names of the first."""

    label: str
    prompts: int
    names: list[str]


def unverifiable(prompts: Iterable[Prompt], specs: Sequence[CheckSpec], pool: CheckPool) -> list[Found]:
    """For each check that compares, the prompts whose reference it cannot read or accept, where there are any."""
    labels = [spec.label for spec in specs if compares(spec)]
    counts: Counter[str] = Counter()
    names: dict[str, list[str]] = {label: [] for label in labels}
    for batch, verdicts in pool.in_order(_work(prompts), labels) if labels else ():
        for label, given in verdicts.items():
            for at in range(0, len(batch), 3):
                own, other = given[at : at + 2], given[at + 2]
                if other.rule in UNREADABLE or not any(verdict.ok for verdict in own):
                    counts[label] += 1
                    names[label] += [batch[at].prompt.source_id] * (counts[label] <= NAMED)
    return [Found(label, counts[label], names[label]) for label in labels if counts[label]]


def _work(prompts: Iterable[Prompt]) -> Iterator[list[Sample]]:
    for chunk in chunks(prompts, PROMPTS_AT_ONCE):
        yield [sample for prompt in chunk for sample in restated(prompt)]


def note_unverifiable(
    prompts: Collection[Prompt], specs: Sequence[CheckSpec], pool: CheckPool, stop: Event | None = None
) -> None:
    """Say how many references cannot be used, and name the first; nothing when `stop` is set meanwhile."""
    stopped = stop or Event()
    until = itertools.takewhile(lambda _: not stopped.is_set(), prompts)
    for found in unverifiable(until, specs, pool):
        if not stopped.is_set():
            _say(found.label, found.prompts, len(prompts), found.names)


def note_unreadable(run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
    """Say the same after checking, from the verdicts."""
    total = scan(run.prompts(name)).select(pl.col("prompt_id").n_unique()).collect().item()
    for spec in specs:
        verdicts = scan(run.verdicts(name) / spec.label).filter(RULE.is_in(UNREADABLE)).select("sample_id")
        ids = scan(run.samples(name)).join(verdicts, on="sample_id", how="semi").select("prompt_id").unique()
        found = scan(run.prompts(name)).unique("prompt_id", keep="first", maintain_order=True)
        named = (
            found.join(ids, on="prompt_id", how="semi", maintain_order="left").select("source_id").collect()
        )
        if named.height:
            _say(spec.label, named.height, total, named["source_id"].head(NAMED).to_list())


def _say(label: str, number: int, total: int, names: Sequence[str]) -> None:
    more = ", …" if number > len(names) else ""
    note(
        f"{number:,} of {total:,} references are missing or cannot be read by {label}, "
        f"which will decide no sample of these prompts: {', '.join(names)}{more}"
    )
