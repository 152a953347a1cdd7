"""How often the filters are right, told by a person: the audit behind `filter --audit N`.

A filter's precision on somebody's own chains cannot be computed, only looked at. A random few of what each
reason rejected, and of what was kept, are shown with their spans marked; a share judged right comes with the
interval that so few judgements leave. Judgements are kept, so that asking for more goes on where it was.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
import typer
from rich.table import Table
from rich.text import Text

from curate.console import emit, mark_spans
from curate.intervals import format_percent, wilson_interval
from curate.store.hidden_texts import find_hidden_ids
from curate.store.joined import join_samples, verdict_column
from curate.store.layout import Run
from curate.store.parquet import scan_parts
from curate.store.prompts_by_id import find_prompts, read_prompt_key
from curate.store.verdict_counts import RULE
from curate.store.whole_files import read_json, write_json

logger = logging.getLogger(__name__)

KEPT = "kept"
FIELDS = ("ok", "reason", "span_start", "span_end")
"""What is read of each verdict."""
AROUND = 400
"""Characters shown before and after a span, and of each end of a text without one."""
_MARKS = ("▶", "◀")
"""Around a span, beside its colour: not every terminal shows one, and an empty span has none."""


@dataclass(frozen=True, slots=True)
class Item:
    """A sample to look at: the check and the rule that rejected it (`kept` for neither), and the span."""

    check: str
    rule: str
    reason: str
    sample_id: str
    span: tuple[int, int] | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What a judgement is remembered by: the same sample rejected for another reason is another question."""
        return self.check, self.reason, self.sample_id


def audit_filters(run: Run, name: str, labels: Sequence[str], number: int) -> None:
    """Show `number` samples of each reason and of those kept, take the person's word, store what it amounts to.

    Writes RUN/verdicts/NAME/filter-audit.json; an answer of q, or the end of the input, stops early.
    """
    path = run.filter_audit(name)
    known = {_entry_key(entry): entry["right"] for entry in (read_json(path) or {}).get("judged", [])}
    verdicts = join_samples(run, name, labels, (), FIELDS)
    hidden = find_hidden_ids(run, name)
    shown = verdicts.filter(~pl.col("sample_id").is_in(list(hidden)))
    if shown.height < verdicts.height:
        logger.warning(
            f"{verdicts.height - shown.height:,} samples of '{name}' are not among those shown: they may hold what must not be repeated."
        )
    items = list(_draw_items(shown, labels, number))
    new = [item for item in items if item.key not in known]
    for place, right in enumerate(_collect_judgements(run, name, new)):
        known[new[place].key] = right
    judged = [{**asdict(item), "right": known[item.key]} for item in items if item.key in known]
    sizes = _count_reasons(verdicts, labels)
    rows = [_reason_row(check, rule, size, judged) for (check, rule), size in sizes.items()]
    write_json(path, {"samples_a_reason": number, "reasons": rows, "judged": judged})
    emit(_reason_table(name, rows))
    logger.info(f"wrote {path}")


def _draw_items(verdicts: pl.DataFrame, labels: Sequence[str], number: int) -> Iterator[Item]:
    """Drawn by a hash of the sample's id: random as to content, and the first of a larger number."""
    drawn = pl.col("sample_id").hash(0)
    for label in labels:
        rejected = _select_rejected(verdicts, label).sort(drawn)
        few = rejected.group_by("rule", maintain_order=True).head(number).sort("rule")
        for row in few.iter_rows(named=True):
            span = None if row["span_start"] is None else (row["span_start"], row["span_end"])
            yield Item(label, row["rule"], row["reason"], row["sample_id"], span)
    for key in _select_kept(verdicts, labels).sort(drawn).head(number)["sample_id"]:
        yield Item("", KEPT, KEPT, key)


def _select_rejected(verdicts: pl.DataFrame, label: str) -> pl.DataFrame:
    """The samples that a check rejected, with the rest of its verdicts, and their rules."""
    fields = [pl.col(verdict_column(label, field)).alias(field) for field in FIELDS]
    return verdicts.select("sample_id", *fields).filter(~pl.col("ok")).with_columns(RULE.alias("rule"))


def _select_kept(verdicts: pl.DataFrame, labels: Sequence[str]) -> pl.DataFrame:
    """The ids of the samples that every check passed."""
    return verdicts.filter(*(pl.col(verdict_column(label)) for label in labels)).select("sample_id")


def _count_reasons(verdicts: pl.DataFrame, labels: Sequence[str]) -> dict[tuple[str, str], int]:
    """How many samples each reason has, by check and rule."""
    sizes = {}
    for label in labels:
        counts = _select_rejected(verdicts, label).group_by("rule").len().sort("rule")
        sizes.update({(label, rule): count for rule, count in counts.iter_rows()})
    return sizes | {("", KEPT): _select_kept(verdicts, labels).height}


def _collect_judgements(run: Run, name: str, items: Sequence[Item]) -> Iterator[bool]:
    """The person's answers, item by item, until they stop."""
    wanted = pl.LazyFrame({"sample_id": [item.sample_id for item in items]}, {"sample_id": pl.String})
    chosen = scan_parts(run.samples(name), later=("variant",)).join(
        wanted.unique(), on="sample_id", how="semi"
    )
    rows = {row["sample_id"]: row for row in chosen.collect().iter_rows(named=True)}
    prompts = find_prompts(run.prompts(name), chosen)
    for place, item in enumerate(items, 1):
        row = rows[item.sample_id]
        emit(_item_table(item, f"{place}/{len(items)}", prompts[read_prompt_key(row)].text, row["response"]))
        right = "Is it rightly kept?" if item.rule == KEPT else "Is it rightly rejected?"
        answer = _ask_person(right)
        if answer == "q":
            return
        yield answer == "y"


def _ask_person(question: str) -> str:
    """y, n or q; the end of a pipe and Ctrl-C stand for q, so that what was judged so far is kept."""
    answer = ""
    while answer not in ("y", "n", "q"):
        try:
            answer = str(typer.prompt(f"{question} [y/n, q to stop]", err=True)).strip().lower()
        except typer.Abort:
            return "q"
    return answer


def _item_table(item: Item, place: str, prompt: str, response: str) -> Table:
    table = Table(show_header=False, title=f"{place} sample {item.sample_id}")
    table.add_row("reason", f"{item.check} {item.reason}".strip())
    table.add_row("prompt", prompt[: 2 * AROUND])
    table.add_row("response", _cut_excerpt(response, item.span))
    return table


def _cut_excerpt(text: str, span: tuple[int, int] | None) -> str | Text:
    """What stands around the span, marked; both ends of a text that has none."""
    if span is None:
        cut = f"{text[:AROUND]}\n… {len(text) - 2 * AROUND:,} characters …\n{text[-AROUND:]}"
        return cut if len(text) > 2 * AROUND else text
    begin, end = span
    stop = min(end, begin + 2 * AROUND)
    left = max(0, begin - AROUND)
    before = "… " * (left > 0) + text[left:begin]
    marked = _MARKS[0] + text[begin:stop] + _MARKS[1]
    after = " … " * (stop < end) + text[end : end + AROUND]
    return mark_spans(before + marked + after, [(len(before), len(before + marked))], "black on yellow")


def _entry_key(entry: Mapping[str, Any]) -> tuple[str, str, str]:
    return entry["check"], entry["reason"], entry["sample_id"]


def _reason_row(check: str, rule: str, size: int, judged: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    answers = [entry["right"] for entry in judged if (entry["check"], entry["rule"]) == (check, rule)]
    right = sum(answers)
    return {
        "check": check,
        "rule": rule,
        "samples": size,
        "judged": len(answers),
        "right": right,
        "precision": right / len(answers) if answers else None,
        "interval": wilson_interval(right, len(answers)),
    }


def _reason_table(name: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(
        "check", "reason", "samples", "judged", "right", "precision", "95% interval", title=f"{name}: audit"
    )
    for row in rows:
        share = "" if row["precision"] is None else f"{format_percent(row['precision'], 0)}%"
        low, high = row["interval"]
        counts = (f"{row[key]:,}" for key in ("samples", "judged", "right"))
        table.add_row(
            row["check"],
            row["rule"],
            *counts,
            share,
            f"{format_percent(low, 0)}% to {format_percent(high, 0)}%" if share else "",
        )
    return table
