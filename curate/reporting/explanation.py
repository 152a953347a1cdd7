"""Everything a run knows of one sample, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.table import Table
from rich.text import Text

from curate.console import mark_spans
from curate.reporting.program_trace import trace_program
from curate.reporting.repairs import describe_repair
from curate.store.finished_sets import list_held_out_files, list_set_files, read_left_out
from curate.store.hidden_texts import blank_reason, find_hidden
from curate.store.joined import VERDICT_FIELDS, join_part, verdict_column
from curate.store.layout import PART, PARTIAL, Run, list_parts
from curate.store.parquet import scan_files, scan_parts
from curate.store.prompts_by_id import PROMPT_KEY, find_prompts
from curate.store.schema import LATER_COLUMNS, verdict_from_row
from curate.store.verdicts import list_labels, read_checks
from curate.store.whole_files import read_json
from filters.types import Prompt, Sample, Verdict, make_storable

_KEY_SCHEMA = {"prompt_id": pl.String, "variant": pl.String}


def find_samples(run: Run, key: str) -> Iterator[tuple[str, dict[str, object]]]:
    """The samples that an id stands for, each with its name and part: a sample's, a prompt's or a source row's id."""
    key = make_storable(key)  # as the prompts' table holds it
    for name in run.sample_names():
        prompts = scan_parts(run.prompts(name), later=("variant",))
        named = prompts.select(*PROMPT_KEY, "source_id").unique(["prompt_id", "variant"])
        for kind in (PART, PARTIAL):
            for part in list_parts(run.samples(name), kind):
                samples = scan_files([part], LATER_COLUMNS).with_columns(PROMPT_KEY)
                rows = samples.join(named, on=["prompt_id", "variant"], how="left", maintain_order="left")
                ids = pl.col("sample_id").str.starts_with(key) | pl.col("prompt_id").str.starts_with(key)
                matched = rows.filter(ids | (pl.col("source_id") == key)).collect()
                yield from ((name, {**row, "part": part}) for row in matched.iter_rows(named=True))


def trace_table(run: Run, name: str, row: dict[str, object]) -> Table:
    """Everything the run knows of one sample: where it comes from, its text, its verdicts, its sets."""
    part = row["part"]
    assert isinstance(part, Path)
    (prompt,) = find_prompts(
        run.prompts(name), pl.LazyFrame([(row["prompt_id"], row["variant"])], _KEY_SCHEMA, orient="row")
    ).values()
    about = read_json(run.generation(name)) or read_json(run.import_info(name))
    table = Table(show_header=False, title=f"sample {row['sample_id']}")
    table.add_row("samples", f"{name}, index {row['index']}")
    table.add_row("from", ", ".join(f"{key} {value}" for key, value in (about or {}).items()))
    hidden = find_hidden(run, name, part, [str(row["sample_id"])]).get(str(row["sample_id"]), "")
    table.add_row("prompt", f"{prompt.id} (source id {prompt.source_id})\n{hidden or prompt.text}")
    if prompt.chain:
        table.add_row("chain", prompt.chain)
    table.add_row("reference", hidden or prompt.answer or "none")
    if said := describe_repair(run, name, prompt.id):
        table.add_row("repair", hidden or said)
    error = "" if hidden else row["error"] or ""
    table.add_row("status", f"{row['status']}, finish {row['finish']}, {row['tokens']} tokens {error}")
    verdicts = list(_read_verdicts(run, name, part, row))
    if hidden:
        _add_blanked(table, run, name, hidden, verdicts)
    else:
        _add_texts(table, run, name, row, prompt, verdicts)
    for title, sources in _list_sets(run, str(row["sample_id"])):
        table.add_row("set", f"{title}: {sources}")
    return table


def _add_texts(
    table: Table,
    run: Run,
    name: str,
    row: Mapping[str, Any],
    prompt: Prompt,
    verdicts: Sequence[tuple[str, Verdict]],
) -> None:
    """The response, with what was objected to marked, and what each check says."""
    objected = [verdict.span for _, verdict in verdicts if verdict.ok is False and verdict.span is not None]
    table.add_row("response", mark_spans(str(row["response"]), objected, "black on yellow"))
    for label, verdict in verdicts:
        _add_verdict(table, label, verdict)
        for title, text in _list_details(run, name, label, _make_sample(prompt, row), verdict):
            table.add_row(title, text)


def _add_blanked(
    table: Table, run: Run, name: str, hidden: str, verdicts: Sequence[tuple[str, Verdict]]
) -> None:
    """What checks say of a text that must not be shown: reasons of those that quote nothing, the rules of the rest."""
    hiding = {entry["label"] for entry in read_checks(run, name) if entry.get("hides_text")}
    table.add_row("response", hidden)
    for label, verdict in verdicts:
        _add_verdict(table, label, verdict if label in hiding else blank_reason(verdict))


def _add_verdict(table: Table, label: str, verdict: Verdict) -> None:
    said = f"{_verdict_word(verdict.ok)}  {verdict.reason}"
    table.add_row(label, mark_spans(said, [(0, len(said))], _STYLE[verdict.ok]))


def describe_row(folder: Path, row: Mapping[str, Any]) -> Iterator[Text]:
    """A row of a set in a folder of its own, in lines: its texts, and where they come from."""
    about = read_json(folder.with_name(f"{folder.name}.json")) or {}
    said = [
        ("row", row["id"]),
        ("from", f"{row['source']} {about.get('sources', {}).get(row['source'], '')}".rstrip()),
        ("its own", f"id {row.get('row_id')}, source {row.get('row_source') or 'none'}"),
        *((turn["role"], turn["content"]) for turn in row["prompt"]),
        ("reference", row["answer"] or "none"),
        *(("response", turn["content"]) for turn in row["completion"]),
        ("metadata", row.get("metadata") or "none"),
    ]
    for name, text in said:
        yield mark_spans(f"{name}: {text}", [(0, len(name) + 1)], "bold")


def _read_verdicts(run: Run, name: str, part: Path, row: dict[str, object]) -> Iterator[tuple[str, Verdict]]:
    labels = [label for label in list_labels(run, name) if run.sidecar(name, label, part).exists()]
    if not part.name.startswith(f"{PART}-"):
        return
    wanted = pl.col("sample_id").eq(row["sample_id"])
    found = join_part(run, name, part, labels, (), VERDICT_FIELDS, wanted).row(0, named=True)
    for label in labels:
        fields = {field: found[verdict_column(label, field)] for field in VERDICT_FIELDS}
        yield label, verdict_from_row(fields)


def _list_details(
    run: Run, name: str, label: str, sample: Sample, verdict: Verdict
) -> Iterator[tuple[str, str]]:
    """What a verdict is about, where its reason alone does not say it."""
    about = next(entry for entry in read_checks(run, name) if entry["label"] == label)
    if about["check"] == "code_tests":
        yield from trace_program(sample, verdict, about.get("options") or {})


def _make_sample(prompt: Prompt, row: Mapping[str, Any]) -> Sample:
    return Sample(row["sample_id"], prompt, row["response"], finish=row["finish"])


def _list_sets(run: Run, sample_id: str) -> Iterator[tuple[str, str]]:
    for name in run.set_names():
        rows = _count_rows(list_set_files(run, name), sample_id)
        held_out = _count_rows(list_held_out_files(run, name), sample_id)
        left_out = (
            read_left_out(run, name).filter(pl.col("sample_id") == sample_id).select("reason").collect()
        )
        fate = "held out" if held_out else "selected" if rows else "not selected"
        fate = f"selected {rows} times" if rows > 1 else fate
        yield name, f"left out, {left_out['reason'][0]}" if left_out.height else fate


def _count_rows(files: Sequence[Path], sample_id: str) -> int:
    """How often a sample stands in files of a set."""
    wanted = pl.col("id") == sample_id
    return int(scan_files(files).filter(wanted).select(pl.len()).collect().item()) if files else 0


_STYLE = {True: "green", False: "red", None: "yellow"}


def _verdict_word(ok: bool | None) -> str:
    return {True: "true", False: "false", None: "undecided"}[ok]
