"""Rows that somebody else made become samples of a run, so that checks, mix and explain know one form only."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from curate.readers.prompts import make_prompt
from curate.readers.read_rows import read_rows
from curate.readers.row import Row, cell_to_text, require_columns
from curate.store.layout import Run, list_parts, next_part
from curate.store.parquet import split_chunks, write_table
from curate.store.schema import name_variant, prompt_table, sample_table
from curate.store.storage import STORAGE
from curate.store.whole_files import read_json, remove_folder, replace_folder, write_json
from filters.digest import digest, digest_file
from filters.errors import UserError
from filters.types import Sample, digest_text

logger = logging.getLogger(__name__)

ROWS_PER_PART: Final = 10_000
"""Rows of a part: they are held in memory while it is written."""


def import_rows(
    run: Run,
    name: str,
    rows: Iterable[Row],
    required: Iterable[str],
    keep_all: bool = False,
    source: str = "the file",
) -> None:
    """Write rows with a response as samples `name`, in order; `source` is what they are called in a refusal.

    Equal prompt and response is one sample, unless `keep_all` gives each row one of its own. Raises UserError
    where a row lacks a required column, or there are no rows.
    """
    prompts, samples = run.prompts(name), run.samples(name)
    for chunk in split_chunks(_samples(rows, tuple(required), keep_all), ROWS_PER_PART):
        variants = [name_variant(sample.prompt) for sample, _ in chunk]
        asked = {(s.prompt.id, variant): s.prompt for (s, _), variant in zip(chunk, variants, strict=True)}
        write_table(next_part(prompts), prompt_table(list(asked.values()), [key[1] for key in asked]))
        answered = sample_table([sample for sample, _ in chunk], [content for _, content in chunk], variants)
        write_table(next_part(samples), answered, compression="snappy")
    if not list_parts(samples):
        raise UserError(f"'{source}' holds no rows.")


def import_source(run: Run, name: str, source: str, split: str, columns: Mapping[str, str]) -> None:
    """Import a file, folder or Hub data set as samples `name`; again from the start when it has changed.

    What was imported before stays until the new rows are there as a whole.
    """
    with STORAGE.lock(run.lock("samples", name), f"the samples '{name}' in '{run.path}'"):
        now: dict[str, Any] = {"source": source, "split": split, "map": dict(columns)}
        now["state"] = _state(Path(source))
        before = read_json(run.import_info(name))
        if before is None or {**before, "content": None} != {**now, "content": None}:
            now["content"] = _digest_files(Path(source))
            if before is None or not _is_same_content(before, now):
                _import_anew(run, name, now)
            else:
                write_json(run.import_info(name), now)


def _is_same_content(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the same rows would come again, though the files were touched or written anew."""
    keys = ("source", "split", "map", "content")
    return now["content"] is not None and all(before.get(key) == now[key] for key in keys)


def _import_anew(run: Run, name: str, about: Mapping[str, Any]) -> None:
    """Import rows in place of those before. Verdicts stay: those on other samples are stale, a judge's are found again.

    about: the import's record, which is there with the samples or not at all: without it they would count as generated.
    """
    source = about["source"]
    if run.generation(name).exists():
        raise UserError(f"Samples '{name}' in '{run.path}' were generated; give '{source}' another name.")
    with tempfile.TemporaryDirectory(prefix=".adopting-", dir=run.path) as aside:
        fresh = Run(Path(aside))
        import_rows(
            fresh,
            name,
            read_rows(source, about["split"], about["map"]),
            ("prompt", "response"),
            source=source,
        )
        write_json(fresh.import_info(name), about)
        remove_folder(run.samples(name))
        # The samples come last: without them nothing is taken to be there.
        replace_folder(fresh.prompts(name), run.prompts(name))
        replace_folder(fresh.samples(name), run.samples(name))


def _samples(rows: Iterable[Row], required: tuple[str, ...], keep_all: bool) -> Iterator[tuple[Sample, str]]:
    """Samples with their content keys; of equal prompt and response the first alone, unless all are kept."""
    seen: set[str] = set()
    repeated = 0
    for number, row in enumerate(rows):
        require_columns(row, required)
        response = cell_to_text(row.values.get("response")) or ""
        prompt = make_prompt(row, number)
        content = digest_text(response)
        key = f"row-{number}" if keep_all else digest(prompt.id, content)
        if key not in seen:
            yield Sample(key, prompt, response, number), content
        repeated += key in seen
        if not keep_all:
            seen.add(key)
    if repeated:
        logger.info(
            f"{repeated:,} rows repeat the prompt and response of an earlier one, and are one sample with it."
        )


def _state(path: Path) -> list[Any]:
    """What tells that a file may have changed: sizes and times; a Hub set is known by its name alone."""
    return [[str(file), file.stat().st_size, file.stat().st_mtime_ns] for file in _list_files(path)]


def _digest_files(path: Path) -> list[list[str]]:
    """What tells that a file has changed: the content keys of all."""
    return [[str(file), digest_file(file)] for file in _list_files(path)]


def _list_files(path: Path) -> list[Path]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path] if path.exists() else []
    return [file for file in files if file.is_file()]
