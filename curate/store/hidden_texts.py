"""Which samples' texts must not be shown: those that a check against secrets or personal data does not accept.

Where such a check was asked for, nothing is shown that it has not accepted, whatever label its verdicts are kept
under: neither prompt nor response, and no reason of another check, which may quote them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from curate.store.joined import holds_verdicts
from curate.store.layout import PART, Run, list_parts
from curate.store.parquet import scan_files, scan_parts
from curate.store.verdict_counts import RULE
from curate.store.verdicts import GIVEN, read_checks
from filters.registry import CHECKS, find_check_class
from filters.types import Verdict

WITHHELD = "the text is withheld"
"""How a line begins that stands in the place of a text."""


def find_hidden(run: Run, name: str, part: Path, ids: Collection[str]) -> dict[str, str]:
    """Of some samples of a part those whose texts must not be shown, each with the sentence to show instead."""
    hidden: dict[str, str] = {}
    for entry in read_checks(run, name):
        if not (entry.get("hides_text") or entry["check"] == GIVEN):
            continue
        label = entry["label"]
        hidden = _find_not_accepted(run, name, part, ids, entry) | hidden
        if part.name.startswith(f"{PART}-") and run.sidecar(name, label, part).exists():
            continue
        if entry["check"] != GIVEN:
            hidden = dict.fromkeys(ids, f"{WITHHELD}: '{label}' has not judged it") | hidden
    return hidden


def find_hidden_ids(run: Run, name: str, ids: Collection[str] | None = None) -> dict[str, str]:
    """As `find_hidden`, of all whole samples of a name, or of these."""
    hidden: dict[str, str] = {}
    if not any(entry.get("hides_text") or entry["check"] == GIVEN for entry in read_checks(run, name)):
        return hidden
    for part in list_parts(run.samples(name)):
        rows = scan_files([part]).select("sample_id")
        wanted = rows if ids is None else rows.filter(pl.col("sample_id").is_in(list(ids)))
        hidden |= find_hidden(run, name, part, wanted.collect()["sample_id"].to_list())
    return hidden


def find_hidden_in_run(run: Run, ids: Collection[str]) -> dict[str, str]:
    """As `find_hidden_ids`, of the samples of all names: the rows of a set go by their ids."""
    hidden: dict[str, str] = {}
    for name in run.sample_names() if ids else ():
        hidden |= find_hidden_ids(run, name, ids)
    return hidden


def find_hidden_in_runs(runs: Collection[Run], ids: Collection[str]) -> dict[str, str]:
    """As `find_hidden_in_run`, of those whose texts any of these runs hides: what one of them quotes is the others' text, too."""
    hidden: dict[str, str] = {}
    for run in {run.path: run for run in runs}.values():
        hidden |= find_hidden_in_run(run, ids)
    return hidden


def find_hidden_prompts(run: Run, name: str) -> frozenset[str]:
    """The ids of the prompts with a sample whose texts must not be shown: it may be the prompt's that hold what was found."""
    hidden = find_hidden_ids(run, name)
    if not hidden:
        return frozenset()
    rows = scan_parts(run.samples(name)).filter(pl.col("sample_id").is_in(list(hidden)))
    return frozenset(rows.select(pl.col("prompt_id").unique()).collect()["prompt_id"])


def blank_reason(verdict: Verdict) -> Verdict:
    """A verdict without the rest of its reason and its place: its rule says enough of a text that is withheld."""
    return Verdict(verdict.ok, verdict.rule, verdict.score)


def describe_hiding(label: str, reason: str) -> str:
    """The sentence that stands in the place of a text that a check does not accept."""
    return f"{WITHHELD}: '{label}' says {reason.partition(':')[0] or 'no'}"


def _find_not_accepted(
    run: Run, name: str, part: Path, ids: Collection[str], entry: Mapping[str, Any]
) -> dict[str, str]:
    label = entry["label"]
    sidecar = run.sidecar(name, label, part)
    if not (part.name.startswith(f"{PART}-") and holds_verdicts(sidecar)):
        return {}
    wrong = pl.col("ok").ne_missing(True)
    if entry["check"] == GIVEN:  # nobody knows which check a file's own verdicts are of but by what they say
        wrong &= RULE.is_in(_list_hiding_rules())
    found = scan_files([sidecar]).filter(wrong & pl.col("sample_id").is_in(list(ids)))
    rows = found.select("sample_id", "reason").collect().rows()
    return {key: describe_hiding(label, reason) for key, reason in rows}


@cache
def _list_hiding_rules() -> list[str]:
    """The rules of our own checks whose findings must not be repeated."""
    classes = [cls for cls in map(find_check_class, CHECKS) if cls.hides_text]
    return sorted({rule for cls in classes for rule in cls.rules})
