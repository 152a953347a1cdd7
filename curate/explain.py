"""`explain`: everything the run knows of one sample, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from pydantic import Field
from rich.table import Table
from rich.text import Text

from curate.console import emit
from curate.folder import Run, open_run, parts, read_json
from curate.judging import labels, sidecar
from curate.options import StageOptions
from curate.tables import prompt_of, scan, verdict_of
from filters.vocabulary import Prompt, UserError, Verdict

MOST = 4
"""Samples shown in full when an id stands for a prompt with many."""


class ExplainOptions(StageOptions):
    """Trace one row."""

    arguments = ("id",)

    id: str = Field(min_length=1)
    """A sample's or prompt's id (the start of it is enough), or the id of a row of the prompts' source."""
    run: Path
    """The run folder."""


def explain(options: ExplainOptions) -> None:
    """Show where a row comes from: its prompt, response, every verdict with its span, and its fate.

    Reads RUN. Writes nothing.

    Example: r1curate explain 3f9a1c --run runs/r1
    """
    run = open_run(options.run)
    found = list(_find(run, options.id))
    if not found:
        raise UserError(f"'{options.run}' holds no sample, prompt or source row with the id '{options.id}'.")
    for name, row in found[:MOST]:
        emit(*_shown(run, name, row))
    if len(found) > MOST:
        emit(f"… and {len(found) - MOST} more samples: give a sample's id to see one of them.")


def _find(run: Run, key: str) -> Iterator[tuple[str, dict[str, object]]]:
    for name in run.sample_sets():
        prompts = scan(run.prompts(name)).select("prompt_id", "source_id").unique("prompt_id")
        for kind in ("part", "partial"):
            for part in parts(run.samples(name), kind):
                rows = pl.scan_parquet(part).with_row_index("row").join(prompts, on="prompt_id", how="left")
                ids = pl.col("sample_id").str.starts_with(key) | pl.col("prompt_id").str.starts_with(key)
                matched = rows.filter(ids | (pl.col("source_id") == key)).collect()
                yield from ((name, {**row, "part": part}) for row in matched.iter_rows(named=True))


def _shown(run: Run, name: str, row: dict[str, object]) -> Iterator[object]:
    part = row["part"]
    assert isinstance(part, Path)
    prompt = _prompt(run, name, str(row["prompt_id"]))
    about = read_json(run.samples(name) / "generation.json") or read_json(run.samples(name) / "adopted.json")
    table = Table(show_header=False, title=f"sample {row['sample_id']}")
    table.add_row("samples", f"{name}, index {row['index']}")
    table.add_row("from", Text(", ".join(f"{key} {value}" for key, value in (about or {}).items())))
    table.add_row("prompt", Text(f"{prompt.id} (source id {prompt.source_id})\n{prompt.text}"))
    table.add_row("reference", Text(prompt.answer or "none"))
    table.add_row(
        "status",
        Text(f"{row['status']}, finish {row['finish']}, {row['tokens']} tokens {row['error'] or ''}"),
    )
    verdicts = list(_verdicts(run, name, part, row))
    table.add_row("response", _marked(str(row["response"]), [v for _, v in verdicts]))
    for label, verdict in verdicts:
        table.add_row(label, Text(f"{_word(verdict.ok)}  {verdict.reason}", style=_STYLE[verdict.ok]))
    for title, sources in _sets(run, str(row["sample_id"])):
        table.add_row("set", Text(f"{title}: {sources}"))
    yield table


def _prompt(run: Run, name: str, key: str) -> Prompt:
    return prompt_of(
        scan(run.prompts(name)).filter(pl.col("prompt_id") == key).first().collect().row(0, named=True)
    )


def _verdicts(run: Run, name: str, part: Path, row: dict[str, object]) -> Iterator[tuple[str, Verdict]]:
    for label in labels(run, name):
        path = sidecar(run, name, label, part)
        if path.exists():
            found = pl.scan_parquet(path).filter(pl.col("sample_id") == row["sample_id"]).collect()
            yield label, verdict_of(found.row(0, named=True))


def _marked(response: str, verdicts: list[Verdict]) -> Text:
    """The response with the spans that checks objected to marked."""
    text = Text(response)
    for verdict in verdicts:
        if verdict.ok is False and verdict.span is not None:
            text.stylize("black on yellow", *verdict.span)
    return text


def _sets(run: Run, sample_id: str) -> Iterator[tuple[str, str]]:
    for about in sorted((run.path / "sets").glob("*.json")):
        rows = pl.scan_parquet(run.set(about.stem) / "*.parquet").filter(pl.col("id") == sample_id)
        yield about.stem, "selected" if rows.select(pl.len()).collect().item() else "not selected"


_STYLE = {True: "green", False: "red", None: "yellow"}


def _word(ok: bool | None) -> str:
    return {True: "true", False: "false", None: "undecided"}[ok]
