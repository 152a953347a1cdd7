"""What is told of repaired references: how many there are, and what one of them rests on."""

from __future__ import annotations

import polars as pl

from curate.store.layout import Run
from curate.store.repairs import read_repairs

_SAID = {
    "first": "the samples' answer",
    "second": "the reference",
    "both": "both",
    "neither": "neither",
    "unsure": "unsure",
    "unparsable": "nothing that can be read",
    "engine_failed": "no answer from its engine",
}


def count_repairs(run: Run, name: str) -> str:
    """How many references of `samples(name)` were doubtful and were repaired, in a sentence; empty where that was not asked."""
    found = read_repairs(run, name)
    if found is None:
        return ""
    return (
        f"all samples of {found.rows.height:,} prompts speak against the reference; {found.done.height:,} were repaired, "
        f"by the judge {found.about['judge']['model']}"
    )


def describe_repair(run: Run, name: str, prompt_id: str) -> str:
    """What became of a prompt's reference, with the evidence; empty where it was not doubtful."""
    found = read_repairs(run, name)
    rows = [] if found is None else found.rows.filter(pl.col("prompt_id") == prompt_id).to_dicts()
    if found is None or not rows:
        return ""
    (row,) = rows
    judge = found.about["judge"]
    became = "repaired to" if row["ok"] else "kept, against"
    said = [
        f"{_SAID.get(choice, choice)} ({reason})"
        for choice, reason in zip(row["choices"], row["reasons"], strict=True)
    ]
    return (
        f"{became} {row['answer']}\n{row['votes']} of {row['samples']} samples say so\n"
        f"the judge {judge['label']} ({judge['model']}, {judge['digest']}), in both orders: {'; '.join(said)}"
    )
