"""How verdicts are counted: by their three values, and by the rules that were not true."""

from __future__ import annotations

import polars as pl

RULE = pl.col("reason").str.split(":").list.first()
"""The part of a reason that verdicts are counted by."""


def count_verdicts(verdicts: pl.LazyFrame) -> tuple[dict[bool | None, int], list[tuple[str, int]]]:
    """Counts of true, false and null, and the rules of the last two with their counts, commonest first."""
    found = verdicts.group_by("ok", RULE.alias("rule")).len().collect()
    counts: dict[bool | None, int] = {True: 0, False: 0, None: 0}
    reasons: dict[str, int] = {}
    for ok, rule, count in found.iter_rows():
        counts[ok] += count
        if ok is not True:
            reasons[rule] = reasons.get(rule, 0) + count
    return counts, sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
