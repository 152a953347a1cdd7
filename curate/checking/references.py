"""References that no answer can be compared with, and tests that no program can be run on, found while the engine is loaded.

A prompt without a reference, or with one that its verifier cannot read, gives no verified sample however
often it is sampled. Each reference is therefore given to the verifier as if it were an answer. A verifier that runs
tests is given an empty response: it reads the tests before it looks for a program.
"""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
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
from filters.types import Prompt, Sample, Verdict

logger = logging.getLogger(__name__)

UNREADABLE: Final = ("no_reference", "unreadable_reference", "no_tests", "unreadable_tests")
"""The rules by which verifiers say that the reference or the tests are at fault."""
ROWS_NAMED = 5
"""Rows that a note names."""
PROMPTS_AT_ONCE = 64


def compares_reference(spec: CheckSpec) -> bool:
    """Whether a check compares samples with a reference: without one it says so."""
    return _name_lack(spec) == "no_reference"


def runs_tests(spec: CheckSpec) -> bool:
    """Whether a check runs programs on their prompts' tests: without any it says so."""
    return _name_lack(spec) == "no_tests"


def _name_lack(spec: CheckSpec) -> str:
    """The rule of a check on a sample whose prompt has nothing to verify it by."""
    check = spec.build()
    if isinstance(check, EngineCheck) or check.resident or check.scope != "sample":
        return ""
    return check.check([Sample("", Prompt.make("?"), "\\boxed{0}")])[0].rule


def restate_reference(prompt: Prompt) -> list[Sample]:
    """Samples that answer with the reference itself: in a box, as it stands, and with another answer.

    The last one tells a reference that is only equal to its own letters from one that was understood.
    """
    reference = extract_reference(Sample("", prompt, ""))
    texts = (f"The answer is \\boxed{{{reference}}}.", reference, "The answer is \\boxed{0}.")
    return [Sample(f"{prompt.id}-{number}", prompt, text, number) for number, text in enumerate(texts)]


class Found(NamedTuple):
    """Prompts with which a check can verify nothing: how many, and the names of the first. what: that which is at fault."""

    label: str
    what: str
    prompts: int
    names: list[str]


class _Probe(NamedTuple):
    """How it is found what a check cannot use: the `size` samples of a prompt that are judged, and what their verdicts must say."""

    what: str
    size: int
    make: Callable[[Prompt], list[Sample]]
    is_lost: Callable[[Sequence[Verdict]], bool]


def _is_reference_lost(given: Sequence[Verdict]) -> bool:
    *own, other = given
    return other.rule in UNREADABLE or not any(verdict.ok for verdict in own)


def _leave_empty(prompt: Prompt) -> list[Sample]:
    return [Sample(prompt.id, prompt, "")]


def _are_tests_lost(given: Sequence[Verdict]) -> bool:
    return given[0].rule in (*UNREADABLE, "unsupported")


def find_unverifiable(
    prompts: Collection[Prompt], specs: Sequence[CheckSpec], executor: Executor, stop: Event | None = None
) -> Iterator[Found]:
    """For each check that compares or runs tests, the prompts with which it can verify nothing, where there are any.

    Those found so far, once `stop` is set.
    """
    compare = [spec.label for spec in specs if compares_reference(spec)]
    test = [spec.label for spec in specs if runs_tests(spec)]
    for labels, probe in (
        (compare, _Probe("references", 3, restate_reference, _is_reference_lost)),
        (test, _Probe("tests", 1, _leave_empty, _are_tests_lost)),
    ):
        until = itertools.takewhile(lambda _: stop is None or not stop.is_set(), prompts)
        if labels:
            yield from _find_lost(until, labels, probe, executor)


def _find_lost(
    prompts: Iterable[Prompt], labels: Sequence[str], probe: _Probe, executor: Executor
) -> Iterator[Found]:
    counts: Counter[str] = Counter()
    names: dict[str, list[str]] = {label: [] for label in labels}
    chunks = split_chunks(prompts, PROMPTS_AT_ONCE)
    work = ([sample for prompt in chunk for sample in probe.make(prompt)] for chunk in chunks)
    for batch, verdicts in executor.judge_in_order(work, labels):
        for label, given in verdicts.items():
            for at in range(0, len(batch), probe.size):
                if probe.is_lost(given[at : at + probe.size]):
                    counts[label] += 1
                    names[label] += [batch[at].prompt.source_id] * (counts[label] <= ROWS_NAMED)
    yield from (Found(label, probe.what, counts[label], names[label]) for label in labels if counts[label])


def warn_unverifiable(
    prompts: Collection[Prompt], specs: Sequence[CheckSpec], executor: Executor, stop: Event | None = None
) -> None:
    """Say how many references or tests cannot be used, and name the first; nothing when `stop` is set meanwhile."""
    stopped = stop or Event()
    for found in find_unverifiable(prompts, specs, executor, stopped):
        if not stopped.is_set():
            _warn(found, len(prompts))


def warn_unreadable(run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
    """Say the same after checking, from the verdicts of the checks that have such rules, or do not say which they have."""
    parts = require_samples(run, name)
    built = {spec.label: spec.build().rules for spec in specs}
    labels = [label for label, rules in built.items() if not rules or not rules.keys().isdisjoint(UNREADABLE)]
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
            what = "tests" if "no_tests" in built[label] else "references"
            _warn(Found(label, what, len(named), named.head(ROWS_NAMED).to_list()), total)


def _warn(found: Found, total: int) -> None:
    more = ", …" if found.prompts > len(found.names) else ""
    fault = "missing or cannot be run" if found.what == "tests" else "missing or cannot be read"
    logger.warning(
        f"{found.prompts:,} of {total:,} {found.what} are {fault} by {found.label}, "
        f"so samples of these prompts stay undecided: {', '.join(found.names)}{more}"
    )
