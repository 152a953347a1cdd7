"""References that no answer can be compared with, found while the engine is loaded.

A prompt without a reference, or with one that its verifier cannot read, gives no verified sample however
often it is sampled. Each reference is therefore given to the verifier as if it were an answer.
"""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from threading import Event
from typing import Final, NamedTuple

import polars as pl

from curate.checking.executors.base import Executor
from curate.store.joined import join_part, require_samples, verdict_column
from curate.store.layout import Run
from curate.store.parquet import scan_parts, split_chunks
from curate.store.prompts_by_id import PROMPT_KEY
from filters.answers.verdicts import extract_reference
from filters.check import EngineCheck
from filters.spec import CheckSpec
from filters.types import Prompt, Sample

logger = logging.getLogger(__name__)

UNREADABLE: Final = ("no_reference", "unreadable_reference")
"""The rules by which verifiers say that the reference is at fault."""
ROWS_NAMED = 5
"""Rows that a note names."""
PROMPTS_AT_ONCE = 64


def compares_reference(spec: CheckSpec) -> bool:
    """Whether a check compares samples with a reference: without one it says so."""
    check = spec.build()
    if isinstance(check, EngineCheck) or check.resident or check.scope != "sample":
        return False
    return check.check([Sample("", Prompt.make("?"), "\\boxed{0}")])[0].rule == "no_reference"


def restate_reference(prompt: Prompt) -> list[Sample]:
    """Samples that answer with the reference itself: in a box, as it stands, and with another answer.

    The last one tells a reference that is only equal to its own letters from one that was understood.
    """
    reference = extract_reference(Sample("", prompt, ""))
    texts = (f"The answer is \\boxed{{{reference}}}.", reference, "The answer is \\boxed{0}.")
    return [Sample(f"{prompt.id}-{number}", prompt, text, number) for number, text in enumerate(texts)]


class Found(NamedTuple):
    """Prompts whose reference a check cannot use: how many, and the names of the first."""

    label: str
    prompts: int
    names: list[str]


def find_unverifiable(
    prompts: Iterable[Prompt], specs: Sequence[CheckSpec], executor: Executor
) -> list[Found]:
    """For each check that compares, the prompts whose reference it cannot read or accept, where there are any."""
    labels = [spec.label for spec in specs if compares_reference(spec)]
    counts: Counter[str] = Counter()
    names: dict[str, list[str]] = {label: [] for label in labels}
    for batch, verdicts in executor.judge_in_order(_make_batches(prompts), labels) if labels else ():
        for label, given in verdicts.items():
            for at in range(0, len(batch), 3):
                own, other = given[at : at + 2], given[at + 2]
                if other.rule in UNREADABLE or not any(verdict.ok for verdict in own):
                    counts[label] += 1
                    names[label] += [batch[at].prompt.source_id] * (counts[label] <= ROWS_NAMED)
    return [Found(label, counts[label], names[label]) for label in labels if counts[label]]


def _make_batches(prompts: Iterable[Prompt]) -> Iterator[list[Sample]]:
    for chunk in split_chunks(prompts, PROMPTS_AT_ONCE):
        yield [sample for prompt in chunk for sample in restate_reference(prompt)]


def warn_unverifiable(
    prompts: Collection[Prompt], specs: Sequence[CheckSpec], executor: Executor, stop: Event | None = None
) -> None:
    """Say how many references cannot be used, and name the first; nothing when `stop` is set meanwhile."""
    stopped = stop or Event()
    until = itertools.takewhile(lambda _: not stopped.is_set(), prompts)
    for found in find_unverifiable(until, specs, executor):
        if not stopped.is_set():
            _warn_references(found.label, found.prompts, len(prompts), found.names)


def warn_unreadable(run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
    """Say the same after checking, from the verdicts of the checks that have such rules, or do not say which they have."""
    parts = require_samples(run, name)
    built = [(spec.label, spec.build().rules) for spec in specs]
    labels = [label for label, rules in built if not rules or not rules.keys().isdisjoint(UNREADABLE)]
    if not labels:
        return
    key = ["prompt_id", "variant"]
    found: dict[str, list[pl.DataFrame]] = {label: [] for label in labels}
    for part in parts:
        verdicts = join_part(run, name, part, labels, PROMPT_KEY, ("reason",))
        for label in labels:
            rule = pl.col(verdict_column(label, "reason")).str.split(":").list.first()
            found[label].append(verdicts.filter(rule.is_in(UNREADABLE)).select(key).unique())
    prompts = scan_parts(run.prompts(name), later=("variant",)).select(*PROMPT_KEY, "source_id")
    for label, frames in found.items():
        asked = pl.concat(frames).unique()
        if asked.height:
            total = int(prompts.select(pl.struct(key).hash().n_unique()).collect().item())
            theirs = prompts.join(asked.lazy(), on=key, how="semi", maintain_order="left").collect()
            named = theirs.unique(key, keep="first", maintain_order=True)["source_id"]
            _warn_references(label, len(named), total, named.head(ROWS_NAMED).to_list())


def _warn_references(label: str, number: int, total: int, names: Sequence[str]) -> None:
    more = ", …" if number > len(names) else ""
    logger.warning(
        f"{number:,} of {total:,} references are missing or cannot be read by {label}, "
        f"so samples of these prompts stay undecided: {', '.join(names)}{more}"
    )
