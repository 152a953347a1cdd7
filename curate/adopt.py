"""Rows that somebody else made become samples of a run, so that checks, mix and explain know one form only."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from curate.folder import Run, parts, read_json, sync, write_json
from curate.inputs import Row, as_text, prompt_of, read_rows, require
from curate.tables import PROMPTS, SAMPLES, Record, chunks, next_part, prompt_row, record_row, write_part
from filters.vocabulary import Sample, UserError, digest

PART = 10_000
"""Rows a part: they are held in memory while it is written."""


def adopt(run: Run, name: str, rows: Iterable[Row], required: Iterable[str], keep_all: bool = False) -> None:
    """Write rows with a response as samples `name`, in order.

    Equal prompt and response is one sample, unless `keep_all` gives each row one of its own.
    """
    prompts, samples = run.prompts(name), run.samples(name)
    for chunk in chunks(_records(rows, tuple(required), keep_all), PART):
        asked = {record.sample.prompt.id: prompt_row(record.sample.prompt) for record in chunk}
        write_part(next_part(prompts), list(asked.values()), PROMPTS)
        write_part(next_part(samples), [record_row(record) for record in chunk], SAMPLES)
    if not parts(samples):
        raise UserError("The file holds no rows.")


def adopt_source(run: Run, name: str, source: str, split: str, columns: Mapping[str, str]) -> None:
    """Adopt a file, folder or Hub set as samples `name`; again from the start when it has changed.

    What was adopted before stays until the new rows are there as a whole.
    """
    folder = run.samples(name)
    now = {"source": source, "split": split, "map": dict(columns), "state": _state(Path(source))}
    if read_json(folder / "adopted.json") == now:
        return
    if (folder / "generation.json").exists():
        raise UserError(f"Samples '{name}' in '{run.path}' were generated; give '{source}' another name.")
    with tempfile.TemporaryDirectory(prefix=".adopting-", dir=run.path) as aside:
        fresh = Run(Path(aside))
        adopt(fresh, name, read_rows(source, split, columns), ("prompt", "response"))
        write_json(fresh.samples(name) / "adopted.json", now)
        for old in (run.verdicts(name), folder, run.prompts(name)):
            shutil.rmtree(old, ignore_errors=True)
        # The samples come last: without them nothing is taken to be there.
        for new, place in ((fresh.prompts(name), run.prompts(name)), (fresh.samples(name), folder)):
            place.parent.mkdir(parents=True, exist_ok=True)
            new.rename(place)
            sync(place.parent)


def _records(rows: Iterable[Row], required: tuple[str, ...], keep_all: bool) -> Iterator[Record]:
    seen: set[str] = set()
    for number, row in enumerate(rows):
        require(row, required)
        response = as_text(row.values.get("response")) or ""
        prompt = prompt_of(row, number)
        key = f"row-{number}" if keep_all else digest(prompt.id, response)
        if key not in seen:
            yield Record(Sample(key, prompt, response, number))
        if not keep_all:
            seen.add(key)


def _state(path: Path) -> list[Any]:
    """What tells a changed file: sizes and times; a Hub set is known by its name alone."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path] if path.exists() else []
    return [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in files if file.is_file()]
