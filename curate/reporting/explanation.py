"""Everything a run knows of one sample, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from rich.table import Table
from rich.text import Text

from curate.store.finished_sets import list_set_files
from curate.store.joined import VERDICT_FIELDS, join_part, verdict_column
from curate.store.layout import PART, PARTIAL, Run, list_parts
from curate.store.parquet import scan_parquet, scan_parts
from curate.store.schema import prompt_from_row, verdict_from_row
from curate.store.verdicts import list_labels
from curate.store.whole_files import read_json
from filters.types import Prompt, Verdict


def find_samples(run: Run, key: str) -> Iterator[tuple[str, dict[str, object]]]:
    """The samples that an id stands for, each with its name and part: a sample's, a prompt's or a source row's id."""
    for name in run.sample_names():
        prompts = scan_parts(run.prompts(name)).select("prompt_id", "source_id").unique("prompt_id")
        for kind in (PART, PARTIAL):
            for part in list_parts(run.samples(name), kind):
                rows = scan_parquet(part).with_row_index("row").join(prompts, on="prompt_id", how="left")
                ids = pl.col("sample_id").str.starts_with(key) | pl.col("prompt_id").str.starts_with(key)
                matched = rows.filter(ids | (pl.col("source_id") == key)).collect()
                yield from ((name, {**row, "part": part}) for row in matched.iter_rows(named=True))


def trace_table(run: Run, name: str, row: dict[str, object]) -> Table:
    """Everything the run knows of one sample: where it comes from, its text, its verdicts, its sets."""
    part = row["part"]
    assert isinstance(part, Path)
    prompt = _read_prompt(run, name, str(row["prompt_id"]))
    about = read_json(run.generation(name)) or read_json(run.import_info(name))
    table = Table(show_header=False, title=f"sample {row['sample_id']}")
    table.add_row("samples", f"{name}, index {row['index']}")
    table.add_row("from", Text(", ".join(f"{key} {value}" for key, value in (about or {}).items())))
    table.add_row("prompt", Text(f"{prompt.id} (source id {prompt.source_id})\n{prompt.text}"))
    table.add_row("reference", Text(prompt.answer or "none"))
    table.add_row(
        "status",
        Text(f"{row['status']}, finish {row['finish']}, {row['tokens']} tokens {row['error'] or ''}"),
    )
    verdicts = list(_read_verdicts(run, name, part, row))
    table.add_row("response", _mark_spans(str(row["response"]), [v for _, v in verdicts]))
    for label, verdict in verdicts:
        table.add_row(label, Text(f"{_verdict_word(verdict.ok)}  {verdict.reason}", style=_STYLE[verdict.ok]))
    for title, sources in _list_sets(run, str(row["sample_id"])):
        table.add_row("set", Text(f"{title}: {sources}"))
    return table


def _read_prompt(run: Run, name: str, key: str) -> Prompt:
    return prompt_from_row(
        scan_parts(run.prompts(name)).filter(pl.col("prompt_id") == key).first().collect().row(0, named=True)
    )


def _read_verdicts(run: Run, name: str, part: Path, row: dict[str, object]) -> Iterator[tuple[str, Verdict]]:
    labels = [label for label in list_labels(run, name) if run.sidecar(name, label, part).exists()]
    if not part.name.startswith(f"{PART}-"):
        return
    wanted = pl.col("sample_id").eq(row["sample_id"])
    found = join_part(run, name, part, labels, (), VERDICT_FIELDS, wanted).row(0, named=True)
    for label in labels:
        fields = {field: found[verdict_column(label, field)] for field in VERDICT_FIELDS}
        yield label, verdict_from_row(fields)


def _mark_spans(response: str, verdicts: list[Verdict]) -> Text:
    """The response with the spans that checks objected to marked."""
    text = Text(response)
    for verdict in verdicts:
        if verdict.ok is False and verdict.span is not None:
            text.stylize("black on yellow", *verdict.span)
    return text


def _list_sets(run: Run, sample_id: str) -> Iterator[tuple[str, str]]:
    for name in run.set_names():
        rows = scan_parquet(list_set_files(run, name)).filter(pl.col("id") == sample_id)
        yield name, "selected" if rows.select(pl.len()).collect().item() else "not selected"


_STYLE = {True: "green", False: "red", None: "yellow"}


def _verdict_word(ok: bool | None) -> str:
    return {True: "true", False: "false", None: "undecided"}[ok]
