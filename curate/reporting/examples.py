"""A few samples a reason, to read: what a check objected to is what a person should look at first.

Texts are cut to a bounded length. Only the few rows that are shown are read with their texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import polars as pl

from curate.reporting.run_facts import DataSet, Samples
from curate.store.finished_sets import list_set_files
from curate.store.joined import VERDICT_FIELDS, join_part, verdict_column
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files
from curate.store.prompts_by_id import find_prompts, read_prompt_key
from curate.store.schema import verdict_from_row
from curate.store.stale_verdicts import NOT_ASKED
from curate.store.verdict_counts import RULE
from filters.think import split_response
from filters.types import Verdict

A_REASON: Final = 2
"""Samples shown a reason."""
REASONS: Final = 12
"""Reasons shown a check, the commonest."""
SELECTED_SHOWN: Final = 3
"""Samples shown a source of a set."""
HEAD, AROUND, SPAN, TAIL = 500, 160, 600, 300
"""Characters shown of a long text: its begin, each side of a span, of the span's own two ends, its end."""

Span = tuple[int, int]
Kind = Literal["chain", "answer", "gap"]


class Piece(NamedTuple):
    """A stretch of a response; `marked` is what the check objected to, a gap says how much is left out."""

    kind: Kind
    marked: bool
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """One sample to read."""

    id: str
    prompt: str
    reference: str | None
    tokens: int | None
    pieces: Sequence[Piece]
    verdicts: Sequence[tuple[str, Verdict]]


@dataclass(frozen=True, slots=True)
class Reason:
    """Samples that a check rejected by one rule, or could not decide. meaning: the rule's, where it is known."""

    label: str
    rule: str
    ok: bool | None
    count: int
    examples: Sequence[Example]
    meaning: str = ""


def choose_rejected(run: Run, samples: Samples) -> list[Reason]:
    """For each check and rule that was not true: how many samples, and a few of them."""
    chosen = {one.label: _choose_ids(run, samples.name, one.label) for one in samples.checks}
    rows = read_chosen(
        run, samples, [key for found in chosen.values() for key in found.select("part", "sample_id").rows()]
    )
    rules = {one.label: one.rules for one in samples.checks}
    reasons = []
    for label, found in chosen.items():
        for (rule, ok), group in found.group_by("rule", "ok", maintain_order=True):
            shown = [_make_example(rows[key], label) for key in group["sample_id"]]
            meaning = rules[label].get(str(rule), "").removeprefix("undecided: ").removeprefix("rejected: ")
            reasons.append(Reason(label, str(rule), ok, group["count"][0], shown, meaning))
    return reasons


def choose_selected(run: Run, made: DataSet) -> list[tuple[str, list[Example]]]:
    """A few samples of each source of a set, by source; a set's own order is random, so the first will do."""
    wanted = {funnel.source: min(SELECTED_SHOWN, funnel.selected) for funnel in made.funnels}
    groups: dict[str, list[Example]] = {source: [] for source in wanted}
    for file in list_set_files(run, made.name):
        missing = [source for source, number in wanted.items() if len(groups[source]) < number]
        for row in _read_first_rows(file, missing) if missing else ():
            if len(groups[row["source"]]) < SELECTED_SHOWN:
                groups[row["source"]].append(_make_selected(row))
    return [(source, examples) for source, examples in groups.items() if examples]


def _read_first_rows(file: Path, sources: Sequence[str]) -> Iterator[dict[str, Any]]:
    rows = scan_files([file])
    keys = (
        rows.filter(pl.col("source").is_in(sources))
        .select("id", "source")
        .group_by("source")
        .head(SELECTED_SHOWN)
    )
    wanted = pl.col("id").is_in(keys.collect()["id"].to_list())
    return rows.filter(wanted).collect(engine="streaming").iter_rows(named=True)


def _make_selected(row: Mapping[str, Any]) -> Example:
    asked = "\n".join(turn["content"] for turn in row["prompt"])
    answer = row["answer"] and cut_text(row["answer"])
    shown = cut_pieces(row["completion"][0]["content"], None)
    return Example(row["id"], cut_text(asked), answer, row["tokens"], shown, ())


def cut_pieces(text: str, span: Span | None) -> list[Piece]:
    """A response in pieces: chain and answer apart, the span marked, the rest of a long text left out."""
    start, end = _clamp_span(span, len(text))
    chain = split_response(text).chain_span or (0, 0)
    shown: list[Piece] = []
    at = 0
    for begin, stop in _list_windows(len(text), start, end):
        if begin > at:
            shown.append(Piece("gap", False, f"{begin - at:,} characters left out"))
        cuts = sorted({begin, stop, *(p for p in (*chain, start, end) if begin < p < stop)})
        for left, right in pairwise(cuts):
            kind: Kind = "chain" if chain[0] <= left < chain[1] else "answer"
            shown.append(Piece(kind, start <= left < end, text[left:right]))
        at = stop
    return shown


def cut_text(text: str) -> str:
    """A text of bounded length."""
    limit = HEAD + TAIL
    left_out = len(text) - limit
    return text if left_out <= 0 else f"{text[:HEAD]} … {left_out:,} characters left out … {text[-TAIL:]}"


def _clamp_span(span: Span | None, length: int) -> Span:
    start, end = span or (0, 0)
    start = min(max(0, start), length)
    return start, min(max(start, end), length)


def _list_windows(length: int, start: int, end: int) -> list[Span]:
    """The stretches of a text to show, in order and apart: all of a short one."""
    if length <= HEAD + SPAN + TAIL:
        return [(0, length)]
    wanted = [(0, HEAD), (length - TAIL, length)]
    if end > start:
        half = SPAN // 2
        near = [(start, end)] if end - start <= SPAN else [(start, start + half), (end - half, end)]
        wanted += [(max(0, a - AROUND), min(length, b + AROUND)) for a, b in near]
    merged: list[Span] = []
    for begin, stop in sorted(wanted):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((begin, stop))
    return merged


def _choose_ids(run: Run, name: str, label: str) -> pl.DataFrame:
    """Ids of a few samples of each rule that was not true; a sample's id is a random digest, so the least will do."""
    keys = ["rule", "ok"]
    few: list[pl.DataFrame] = []
    counts: list[pl.DataFrame] = []
    for part in list_parts(run.samples(name)):
        verdicts = scan_files([run.sidecar(name, label, part)])
        wrong = verdicts.filter(pl.col("ok").ne_missing(True) & (pl.col("reason") != NOT_ASKED))
        found = wrong.select("sample_id", "ok", RULE.alias("rule"), pl.lit(part.name).alias("part")).collect()
        few.append(found.sort("sample_id").group_by(keys, maintain_order=True).head(A_REASON))
        counts.append(found.group_by(keys).len("count"))
    count = pl.concat(counts).group_by(keys).agg(pl.col("count").sum())
    kept = pl.concat(few).sort("sample_id").group_by(keys, maintain_order=True).head(A_REASON)
    common = count.sort(["count", "rule"], descending=[True, False]).head(REASONS)
    return common.join(kept, on=keys, how="inner", nulls_equal=True, maintain_order="left_right")


def read_chosen(run: Run, samples: Samples, chosen: Sequence[tuple[str, str]]) -> dict[str, dict[str, Any]]:
    """The chosen samples, given as (part, id), with their prompts and all their verdicts, by id."""
    folder = run.samples(samples.name)
    rows: dict[str, dict[str, Any]] = {}
    for part in sorted({part for part, _ in chosen}):
        ids = [key for where, key in chosen if where == part]
        rows |= {row["sample_id"]: row for row in _read_part(run, samples, folder / part, ids)}
    schema = {"prompt_id": pl.String, "variant": pl.String}
    asked = pl.LazyFrame([read_prompt_key(row) for row in rows.values()], schema, orient="row")
    prompts = find_prompts(run.prompts(samples.name), asked)
    return {key: {**row, "prompt": prompts[read_prompt_key(row)]} for key, row in rows.items()}


def _read_part(run: Run, samples: Samples, part: Path, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    columns = ("prompt_id", "variant", "response", "tokens")
    labels = [one.label for one in samples.checks]
    rows = join_part(run, samples.name, part, labels, columns, VERDICT_FIELDS, pl.col("sample_id").is_in(ids))
    for row in rows.iter_rows(named=True):
        verdicts = [
            (label, verdict_from_row({field: row[verdict_column(label, field)] for field in VERDICT_FIELDS}))
            for label in labels
        ]
        yield {**row, "verdicts": verdicts}


def _make_example(row: Mapping[str, Any], label: str) -> Example:
    span = dict(row["verdicts"])[label].span
    prompt = row["prompt"]
    shown = [(one, _cut_verdict(verdict)) for one, verdict in row["verdicts"]]
    return Example(
        row["sample_id"],
        cut_text(prompt.text),
        prompt.answer and cut_text(prompt.answer),
        row["tokens"],
        cut_pieces(row["response"], span),
        shown,
    )


def _cut_verdict(verdict: Verdict) -> Verdict:
    return Verdict(verdict.ok, verdict.reason[:200], verdict.score, verdict.span)
