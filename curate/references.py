"""References that no answer can be compared with, found before anything is paid for.

A prompt without a reference, or with one that its verifier cannot read, gives no verified sample however
often it is sampled. Each reference is therefore given to the verifier as if it were an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

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


def unverifiable(
    prompts: Iterable[Prompt], specs: Sequence[CheckSpec], pool: CheckPool
) -> dict[str, list[Prompt]]:
    """For each check that compares, by its label, the prompts whose reference it cannot read or accept."""
    found: dict[str, list[Prompt]] = {spec.label: [] for spec in specs if compares(spec)}
    if found:
        for batch, verdicts in pool.in_order(_work(prompts), list(found)):
            for label, given in verdicts.items():
                for at in range(0, len(batch), 3):
                    own, other = given[at : at + 2], given[at + 2]
                    if other.rule in UNREADABLE or not any(verdict.ok for verdict in own):
                        found[label].append(batch[at].prompt)
    return found


def _work(prompts: Iterable[Prompt]) -> Iterator[list[Sample]]:
    for chunk in chunks(prompts, PROMPTS_AT_ONCE):
        yield [sample for prompt in chunk for sample in restated(prompt)]


def note_unverifiable(prompts: Sequence[Prompt], specs: Sequence[CheckSpec], pool: CheckPool) -> None:
    """Say before sampling how many references cannot be used, and name the first."""
    for label, found in unverifiable(prompts, specs, pool).items():
        if found:
            _say(label, len(found), len(prompts), [prompt.source_id for prompt in found[:NAMED]])


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
