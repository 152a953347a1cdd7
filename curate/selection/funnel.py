"""What became of every sample: the funnel, which always adds up.

sampled = selected + unselected (accepted, not selected) + held out + rejected by the first failing check + undecided
+ stopped + cancelled + failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq
from pydantic import BaseModel
from rich.table import Table

from curate.intervals import format_percent
from curate.store.joined import EITHER, join_part, require_distinct, verdict_column
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from curate.store.prompts_by_id import PROMPT_KEY
from curate.store.repairs import is_by_repairs, read_repairs_in_force
from curate.store.schema import LATER_COLUMNS
from filters.errors import UserError
from filters.types import digest_text

NOT_WHOLE: Final = ("abort", "error")
"""Finish reasons with which runs of format 1 have whole samples that their engine did not finish."""


class Funnel(BaseModel):
    """How many samples of one source had which fate; the last four are of a file's rows, before they were samples.

    repeats: rows beside the selected ones, which are the same samples again, and so no fates.
    """

    source: str
    sampled: int
    rejected: dict[str, int]
    undecided: int
    stopped: int
    cancelled: int
    failed: int
    unselected: int
    selected: int
    repeated: int = 0
    held_out: int = 0
    repeats: int = 0
    read: int = 0
    duplicates: int = 0
    unreadable: int = 0
    not_kept: int = 0

    def check(self) -> None:
        """Assert the identity."""
        others = self.undecided + self.stopped + self.cancelled + self.failed
        accepted = self.selected + self.unselected + self.repeated + self.held_out
        total = accepted + sum(self.rejected.values()) + others
        assert total == self.sampled, (
            f"the funnel of {self.source} does not add up: {total} of {self.sampled}"
        )

    def add_import(self, counts: Mapping[str, int]) -> Funnel:
        """The funnel with what became of a file's rows before they were samples.

        read = sampled + duplicates + unreadable + not_kept, as the counts of `curate.readers.import_samples` have them.
        """
        left_out = {name: counts[name] for name in ("read", "duplicates", "unreadable", "not_kept")}
        assert counts["read"] == self.sampled + sum(counts[name] for name in left_out if name != "read"), (
            f"the import of {self.source} does not add up"
        )
        return self.model_copy(update=left_out)

    def rows(self) -> list[tuple[str, int]]:
        """The fates in their order, with those that always belong and those that occurred."""
        rare = [(fate, getattr(self, fate)) for fate in ("undecided", "stopped", "cancelled", "failed")]
        early = [
            ("exact duplicates", self.duplicates),
            ("unreadable", self.unreadable),
            ("not kept", self.not_kept),
        ]
        early = [("read", self.read), *((fate, count) for fate, count in early if count)] if self.read else []
        return [
            *early,
            ("sampled", self.sampled),
            *((f"rejected by {label}", count) for label, count in self.rejected.items()),
            *((fate, count) for fate, count in rare if count),
            *([("accepted, equal to another", self.repeated)] if self.repeated else []),
            *([("accepted, held out", self.held_out)] if self.held_out else []),
            ("accepted, not selected", self.unselected),
            ("selected", self.selected),
        ]


def decide_fates(
    run: Run, name: str, labels: Sequence[str], lengths: bool = False, verifier: str | None = None
) -> pl.DataFrame:
    """One row per sample, its text left out: `fate` and `by`, the label of the check that decided it.

    fate: accepted, rejected, undecided, or the status of a sample that is not whole. part: its part's place among
    them. bytes: of its text, about; key: equal where texts are; length: in characters, where `lengths` are asked
    for, which takes reading the texts; correct: the verdict of `verifier`, one of the labels. Read part by part, so
    that texts are never in memory together.
    """
    found = [
        _join_checked(run, name, labels, part, lengths, verifier).with_columns(
            pl.lit(number, pl.UInt32).alias("part")
        )
        for number, part in enumerate(list_parts(run.samples(name)))
    ]
    if found:
        require_distinct(
            pl.concat(frame.select("sample_id") for frame in found)["sample_id"], run.samples(name)
        )
    partial = _read_partial(run, name, lengths)
    if partial is not None:
        known = pl.concat(found).select("sample_id") if found else partial.select("sample_id").clear()
        found.append(partial.join(known, on="sample_id", how="anti"))
    if not found:
        raise UserError(
            f"'{run.path}' has no samples '{name}'; there are: {', '.join(run.sample_names()) or 'none'}."
        )
    return pl.concat(found)


def _join_checked(
    run: Run, name: str, labels: Sequence[str], part: Path, lengths: bool, verifier: str | None
) -> pl.DataFrame:
    singles = [single for either in labels for single in either.split(EITHER)]
    frame = join_part(run, name, part, singles, (*_list_columns(part, lengths), "finish"))
    repaired = read_repairs_in_force(run, name, labels)["prompt_id"]
    decided = [_decide(either.split(EITHER), repaired).alias(f"={either}") for either in labels]
    correct = _UNKNOWN if verifier is None else pl.col(f"={verifier}").alias("correct")
    return frame.with_columns(decided).select("sample_id", *_NAMES, *_fate_columns(labels), correct)


def _decide(singles: Sequence[str], repaired: pl.Series) -> pl.Expr:
    """The verdict of the first of these labels that decided; of a repaired prompt none by the reference it had before says anything."""
    either = pl.coalesce(map(verdict_column, singles))
    anew = [verdict_column(single) for single in singles if is_by_repairs(single)]
    if not anew or len(anew) == len(singles):
        return either
    return pl.when(pl.col("prompt_id").is_in(repaired.implode())).then(pl.coalesce(anew)).otherwise(either)


def _list_columns(part: Path, lengths: bool) -> list[str | pl.Expr]:
    """The columns of a part's samples; their texts are read only where there is no other way."""
    text = pl.col("response")
    content = pl.col("content")
    if "content" not in pq.read_schema(part).names:  # format 1
        content = text.map_elements(digest_text, pl.String)
    length = text.str.len_chars() if lengths else pl.lit(None, pl.UInt32)
    size = pl.lit(_count_text_bytes(part), pl.UInt32)
    key = content.hash()
    return [*PROMPT_KEY, "index", "tokens", length.alias("length"), size.alias("bytes"), key.alias("key")]


def _count_text_bytes(part: Path) -> int:
    """Bytes of a part's texts, a sample, on average: what its footer says."""
    about = pq.read_metadata(part)
    column = about.schema.names.index("response") if "response" in about.schema.names else 0
    groups = (about.row_group(number).column(column) for number in range(about.num_row_groups))
    return sum(int(group.total_uncompressed_size) for group in groups) // max(1, int(about.num_rows))


_NAMES: Final = ("prompt_id", "variant", "index", "tokens", "length", "bytes", "key")


def _fate_columns(labels: Sequence[str]) -> tuple[pl.Expr, pl.Expr]:
    failed = [(pl.col(f"={label}").eq(False), "rejected", label) for label in labels]
    undecided = [(pl.col(f"={label}").is_null(), "undecided", label) for label in labels]
    fate = [pl.when(condition).then(pl.lit(word)) for condition, word, _ in failed + undecided]
    by = [pl.when(condition).then(pl.lit(label)) for condition, _, label in failed + undecided]
    failed_once = pl.col("finish").is_in(NOT_WHOLE)
    return (
        pl.when(failed_once)
        .then(pl.lit("failed"))
        .otherwise(pl.coalesce(*fate, pl.lit("accepted")))
        .alias("fate"),
        pl.when(failed_once).then(pl.lit("")).otherwise(pl.coalesce(*by, pl.lit(""))).alias("by"),
    )


_UNKNOWN: Final = pl.lit(None, pl.Boolean).alias("correct")
_NO_PART: Final = pl.lit(None, pl.UInt32).alias("part")


def _read_partial(run: Run, name: str, lengths: bool) -> pl.DataFrame | None:
    """Samples that are not whole, once each: some were made whole later."""
    files = list_parts(run.samples(name), PARTIAL)
    if not files:
        return None
    rest = (pl.col("status").alias("fate"), pl.lit("").alias("by"), _UNKNOWN, _NO_PART)
    read = [
        scan_files([file], LATER_COLUMNS).select("sample_id", *_list_columns(file, lengths), *rest).collect()
        for file in files
    ]
    return pl.concat(read).unique("sample_id", keep="last")


def counts_tokens(run: Run, name: str) -> bool:
    """Whether all whole samples have their number of tokens, by the footers of their parts."""
    for part in list_parts(run.samples(name)):
        about = pq.read_metadata(part)
        column = about.schema.names.index("tokens")
        for number in range(about.num_row_groups):
            known = about.row_group(number).column(column).statistics
            if known is None or not known.has_null_count or known.null_count:
                return False
    return True


def count_fates(source: str, fated: pl.DataFrame, labels: Iterable[str]) -> Funnel:
    """The funnel of samples whose `fate` may also be selected or unselected."""
    found = fated.group_by("fate", "by").len()
    total: dict[str, int] = {}
    rejected = dict.fromkeys(labels, 0)
    for fate, by, number in found.iter_rows():
        total[fate] = total.get(fate, 0) + number
        if fate == "rejected":
            rejected[by] += number
    fate_names = (
        *("undecided", "stopped", "cancelled", "failed"),
        *("unselected", "repeated", "held_out", "selected"),
    )
    numbers = {fate: total.get(fate, 0) for fate in fate_names}
    funnel = Funnel(source=source, sampled=sum(total.values()), rejected=rejected, **numbers)
    funnel.check()
    return funnel


def funnel_table(title: str, funnels: Iterable[Funnel]) -> Table:
    """Funnels as a table for the terminal."""
    table = Table("source", "samples", "count", "share", title=title)
    for funnel in funnels:
        for position, (fate, number) in enumerate(funnel.rows()):
            whole = funnel.read or funnel.sampled
            share = f"{format_percent(number / whole)}%" if whole else ""
            table.add_row(funnel.source if position == 0 else "", fate, f"{number:,}", share)
        if funnel.repeats:
            table.add_row("", "and again, as repeated rows", f"{funnel.repeats:,}", "")
        table.add_section()
    return table
