"""The rows that a set leaves out because of a check, as a configuration of their own: what was rejected is data, too.

Each row says which check decided and why. They are exactly those that the set's funnel counts, and a text that a check
against secrets or personal data has not accepted is not among them: of such a row the check's rule alone is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.publishing.set_sources import SetSource
from curate.scrubber import Scrubber
from curate.selection.funnel import Funnel, decide_fates
from curate.store.finished_sets import read_left_out
from curate.store.hidden_texts import find_hidden, find_hidden_prompts
from curate.store.joined import EITHER, join_part, verdict_column
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_parts
from curate.store.prompts_by_id import PROMPT_KEY
from curate.store.schema import MESSAGES
from filters.errors import UserError

REJECTED_SCHEMA: Final = pa.schema(
    [
        ("prompt", MESSAGES),
        ("completion", MESSAGES),
        ("id", pa.string()),
        ("source", pa.string()),
        ("fate", pa.string()),
        ("check", pa.string()),
        ("rule", pa.string()),
        ("reason", pa.large_string()),
    ]
)
"""prompt, completion: null where the texts are withheld. fate: rejected or undecided. check: the label that decided, or did not."""
MEANINGS: Final = {
    "prompt": "the chat messages put to the model; null where the text is withheld",
    "completion": "the model's response; null where the text is withheld",
    "id": "the sample's content key",
    "source": "the ingredient it came from",
    "fate": "`rejected`, or `undecided`: the check could not tell",
    "check": "the check that decided, the first in order that did not accept it",
    "rule": "the check's rule",
    "reason": "what the check said of it, its rule first",
}
FILE_ROWS: Final = 50_000
"""Rows of one file."""
FILE_BYTES: Final = 128 << 20
"""Memory of one file's rows."""


def write_rejected(source: SetSource, folder: Path, scrubber: Scrubber) -> list[Path]:
    """Write the rejected and undecided rows of a run's set as `train-*.parquet`; the files, none where there are no such rows.

    Raises UserError where the run's verdicts are not those that the set was made with.
    """
    assert source.run is not None, "files alone do not hold what was rejected"
    run, files = source.run, _Shards(folder)
    for funnel in source.made.funnels:
        fated = _find_fates(run, source, funnel)
        hidden = find_hidden_prompts(run, funnel.source)
        for number, part in enumerate(list_parts(run.samples(funnel.source))):
            some = fated.filter(pl.col("part") == number)
            if some.height:
                files.write(_read_rows(run, funnel.source, part, some, hidden, scrubber))
    return files.finish()


def _find_fates(run: Run, source: SetSource, funnel: Funnel) -> pl.DataFrame:
    """sample_id, part, fate, by (the label that decided), said (its reason, where the set's information has it)."""
    labels = list(source.made.checks.get(funnel.source, ()))
    left_out = read_left_out(run, source.made.name).filter(pl.col("source") == funnel.source)
    later = left_out.select("sample_id", label="label", said="reason").collect()
    fated = decide_fates(run, funnel.source, labels).join(later, on="sample_id", how="left")
    away = (pl.col("fate") == "accepted") & pl.col("label").is_not_null()
    fated = fated.with_columns(
        fate=pl.when(away).then(pl.lit("rejected")).otherwise("fate"),
        by=pl.when(away).then("label").otherwise("by"),
    )
    found = fated.filter(pl.col("fate").is_in(["rejected", "undecided"]))
    counted = dict(found.filter(pl.col("fate") == "rejected").group_by("by").len().iter_rows())
    expected = {label: count for label, count in funnel.rejected.items() if count}
    undecided = found.filter(pl.col("fate") == "undecided").height
    if (counted, undecided) != (expected, funnel.undecided):
        raise UserError(
            f"The verdicts on '{funnel.source}' are not those that set '{source.made.name}' was made with: run mix again."
        )
    return found.select("sample_id", "part", "fate", "by", "said")


def _read_rows(
    run: Run, name: str, part: Path, fated: pl.DataFrame, hidden_prompts: frozenset[str], scrubber: Scrubber
) -> pa.Table:
    rows = _with_reasons(run, name, part, fated)
    keys = rows.select("prompt_id", "variant").unique()
    asked = scan_parts(run.prompts(name), later=("variant",)).select(*PROMPT_KEY, "messages")
    prompts = asked.filter(pl.col("prompt_id").is_in(keys["prompt_id"].to_list())).collect()
    prompts = prompts.unique(["prompt_id", "variant"], keep="first", maintain_order=True)
    rows = rows.join(prompts, on=["prompt_id", "variant"], how="left", maintain_order="left")
    if rows["messages"].null_count():
        raise UserError(
            f"A prompt of '{part}' is not in '{run.prompts(name)}': this run folder was changed by hand."
        )
    hidden = list(find_hidden(run, name, part, rows["sample_id"].to_list()))
    withheld = pl.col("sample_id").is_in(hidden) | pl.col("prompt_id").is_in(list(hidden_prompts))
    turn = pl.struct(pl.lit("assistant").alias("role"), pl.col("response").alias("content"))
    rule = pl.col("reason").str.split(":").list.first()
    clean = cache(scrubber.scrub_text)
    shown = rows.select(
        pl.when(withheld).then(None).otherwise("messages").alias("prompt"),
        pl.when(withheld).then(None).otherwise(pl.concat_list(turn)).alias("completion"),
        pl.col("sample_id").alias("id"),
        pl.lit(name).alias("source"),
        "fate",
        pl.col("by").alias("check"),
        rule.alias("rule"),
        pl.when(withheld).then(rule).otherwise("reason").map_elements(clean, pl.String).alias("reason"),
    )
    return shown.to_arrow().cast(REJECTED_SCHEMA)


def _with_reasons(run: Run, name: str, part: Path, fated: pl.DataFrame) -> pl.DataFrame:
    """The samples of a part with the reason of the check that decided; of `a|b` that of the first that did, else b's."""
    singles = list(dict.fromkeys(one for by in fated["by"].unique().sort() for one in by.split(EITHER)))
    judged = [one for one in singles if run.sidecar(name, one, part).exists()]
    wanted = pl.col("sample_id").is_in(fated["sample_id"].to_list())
    columns = (*PROMPT_KEY, "response")
    rows = join_part(run, name, part, judged, columns, ("ok", "reason"), wanted)
    rows = rows.join(fated, on="sample_id", how="left", maintain_order="left")
    reason = pl.col("said")
    for by in fated["by"].unique().sort():
        found = [_reason_of(one, decided=True) for one in by.split(EITHER) if one in judged]
        last = [_reason_of(one, decided=False) for one in reversed(by.split(EITHER)) if one in judged]
        if found:
            reason = pl.when(pl.col("by") == by).then(pl.coalesce("said", *found, *last)).otherwise(reason)
    return rows.with_columns(reason.alias("reason"))


def _reason_of(label: str, decided: bool) -> pl.Expr:
    known = pl.col(verdict_column(label)).is_not_null()
    return pl.when(known if decided else ~known).then(pl.col(verdict_column(label, "reason")))


class _Shards:
    """Rows into files that are bounded in rows and bytes, named once their number is known."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._waiting, self._written = folder, list[pa.Table](), list[Path]()

    def write(self, rows: pa.Table) -> None:
        """Add rows; what is full is written."""
        for start in range(0, rows.num_rows, FILE_ROWS):
            self._waiting.append(rows.slice(start, FILE_ROWS))
            if _is_full(self._waiting):
                self._flush()

    def finish(self) -> list[Path]:
        """Write the rest, and give the files their names."""
        self._flush()
        of = len(self._written)
        return [
            path.rename(self._folder / f"train-{number:05d}-of-{of:05d}.parquet")
            for number, path in enumerate(self._written)
        ]

    def _flush(self) -> None:
        if self._waiting:
            self._folder.mkdir(exist_ok=True)
            path = self._folder / f"{len(self._written)}.writing"
            pq.write_table(pa.concat_tables(self._waiting), path, compression="zstd")
            self._written.append(path)
            self._waiting = []


def _is_full(waiting: Sequence[pa.Table]) -> bool:
    rows, size = sum(one.num_rows for one in waiting), sum(one.nbytes for one in waiting)
    return bool(rows >= FILE_ROWS or size >= FILE_BYTES)
