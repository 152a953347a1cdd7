"""What each rank of a job array may spend of a budget, and what is left of it to the job that comes after them."""

from __future__ import annotations

import polars as pl

from curate.sampling.budget import Budget, Share
from curate.store.layout import PART, PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from curate.store.part_names import read_segment
from filters.errors import UserError


def share_out(whole: int, rank: int, ranks: int, unit: int = 1) -> int:
    """One rank's share, in whole units; what is less than a unit is the last one's, so that all add up to the whole."""
    units, left = divmod(whole, unit)
    return (units // ranks + (rank < units % ranks)) * unit + (left if rank == ranks - 1 else 0)


def require_shares(budget: Budget, longest: int, ranks: int) -> None:
    """Raises UserError where a budget has not one sample, of at most `longest` tokens, for each rank."""
    for kind, whole, unit in (("samples", budget.samples, 1), ("tokens", budget.tokens, longest)):
        if whole is not None and whole < ranks * unit:
            each = "" if unit == 1 else f" of at most {longest:,} tokens"
            raise UserError(
                f"A budget of {whole:,} {kind} has no sample{each} for each of {ranks} ranks: give --on slurm:{whole // unit} "
                "at most, or raise the budget."
            )


def find_left(
    run: Run, name: str, budget: Budget, longest: int, segments: str, rank: int = 0, ranks: int = 1
) -> Share:
    """What is left of a rank's share of a budget, or of all of it, after what stands in parts.

    segments: how the names of those that have spent it begin. longest: what a sample counts whose tokens nobody counted.
    """
    samples, tokens = _count_spent(run, name, longest, segments)

    def leave(whole: int | None, spent: int, unit: int) -> int | None:
        return None if whole is None else max(0, share_out(whole, rank, ranks, unit) - spent)

    return Share(leave(budget.samples, samples, 1), leave(budget.tokens, tokens, longest), budget.minutes)


def _count_spent(run: Run, name: str, longest: int, segments: str) -> tuple[int, int]:
    """The samples that were paid for in these segments, and their tokens."""
    there = [part for kind in (PARTIAL, PART) for part in list_parts(run.samples(name), kind)]
    parts = [part for part in there if read_segment(part).startswith(segments)]
    if not parts:
        return 0, 0
    paid = scan_files(parts).filter(pl.col("status") != "failed")
    counted = paid.select(pl.len(), pl.col("tokens").fill_null(longest).sum()).collect()
    samples, tokens = counted.row(0)
    return samples, tokens
