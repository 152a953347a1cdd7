"""Which files of a run leave it, and in which state: rows without what was noted beside them, settings without paths.

Rows are never rewritten: a set that is not the one that was trained on would be a silent change of data. What
looks like a key in them is named, so that its owner can decide.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.scrubber import Scrubber, holds_token, list_token_patterns
from curate.store.layout import MODEL_INFO, ROLLOUTS, Run
from curate.store.parquet import scan_files
from curate.store.whole_files import write_json
from filters.errors import UserError

logger = logging.getLogger(__name__)

RECORDS: Final = (
    *("recipe.yaml", "samples/*/*.json", "verdicts/*/*.json"),
    *("sets/*.json", f"models/*/{MODEL_INFO}", "evals/*/*.json"),
)  # fmt: skip
"""The run's own records: what they name of this machine is known to be no word."""
REWRITTEN: Final = ("README.md", MODEL_INFO, ROLLOUTS)
"""Files of a model folder that are made anew, or stay as a training's raw responses do."""
NAMED_ROWS: Final = 3
"""Ids named of rows with something that looks like a key."""
_PATH_KEY: Final = re.compile(r".*(path|dir|file)")
"""The keys of a model's settings whose values are places: all others are the model itself."""


def list_records(run: Run) -> list[Path]:
    """The run's own records."""
    return [file for pattern in RECORDS for file in run.path.glob(pattern)]


def make_scrubber(records: Iterable[Path]) -> Scrubber:
    """A scrubber that knows what these records name."""
    return Scrubber(file.read_text(encoding="utf-8", errors="replace") for file in records)


def copy_rows(file: Path, place: Path) -> None:
    """Copy a Parquet file of a set; what the metadata of its schema and its fields says is left behind."""
    schema = pq.read_schema(file)
    bare = pa.schema([_strip_field(field) for field in schema])
    if schema.equals(bare, check_metadata=True):
        shutil.copyfile(file, place)
        return
    with pq.ParquetWriter(place, bare, compression="zstd") as writer:
        for batch in pq.ParquetFile(file).iter_batches():
            writer.write_batch(batch.cast(bare))


def _strip_field(field: pa.Field) -> pa.Field:
    """A field without metadata, and so those inside it."""
    kind = field.type
    if pa.types.is_struct(kind):
        kind = pa.struct([_strip_field(kind.field(place)) for place in range(kind.num_fields)])
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        inner = _strip_field(kind.value_field)
        kind = pa.list_(inner) if pa.types.is_list(kind) else pa.large_list(inner)
    return pa.field(field.name, kind, field.nullable)


_TEXT_COLUMNS: Final = ("answer", "reference_before", "row_id", "row_source", "domain", "metadata", "reason")
"""Columns of a set beside its turns that hold what a row's owner wrote, or what was said of a row."""


def warn_secrets(files: Sequence[Path]) -> None:
    """Say how many rows hold what looks like a key, and where the first of them are."""
    found = [row for file in files for row in _find_secrets(file)]
    if found:
        named = ", ".join(found[:NAMED_ROWS]) + (", …" if len(found) > NAMED_ROWS else "")
        logger.warning(
            f"{len(found):,} rows hold something that looks like a key or a token ({named}). They are published as "
            "they are: look at them, and mix the set again without them where it is a real one."
        )


def _find_secrets(file: Path) -> Iterator[str]:
    """The ids of the rows that hold a token; a first look with polars' engine leaves few to read."""
    turns = [
        pl.col(name).list.eval(pl.element().struct.field("content")).list.join("\n")
        for name in ("prompt", "completion")
    ]
    others = [name for name in _TEXT_COLUMNS if name in pq.read_schema(file).names]
    rows = scan_files([file]).select(
        "id", text=pl.concat_str([*turns, *others], separator="\n", ignore_nulls=True)
    )
    likely = rows.filter(pl.col("text").str.contains("|".join(list_token_patterns())))
    for key, text in likely.collect(engine="streaming").iter_rows():
        if holds_token(text):
            yield key


def copy_model(folder: Path, place: Path, patterns: Sequence[str], scrubber: Scrubber) -> None:
    """Copy the files of a model that its loader reads; others, which may hold anything, stay and are named.

    Raises UserError where one names this machine beyond its settings' paths.
    """
    left = []
    for file in sorted(folder.iterdir()):
        if file.name in REWRITTEN or file.name.startswith("."):
            continue
        if not file.is_file() or not any(fnmatch(file.name, pattern) for pattern in patterns):
            left.append(file.name)
            continue
        shutil.copyfile(file, place / file.name)
        if file.name.endswith("config.json"):
            _scrub_settings(place / file.name, scrubber)
    if left:
        logger.warning(f"not published, since no loader of the model reads it: {', '.join(left)}")
    for file in place.iterdir():
        _require_clean(file, folder, scrubber)


def _scrub_settings(file: Path, scrubber: Scrubber) -> None:
    """Replace the paths in a model's settings; where there are none, the file stays as it is."""
    settings = json.loads(file.read_bytes())
    clean = _scrub_places(settings, scrubber)
    if clean != settings:
        write_json(file, clean)


def _scrub_places(value: Any, scrubber: Scrubber, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _scrub_places(inner, scrubber, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_scrub_places(inner, scrubber, key) for inner in value]
    return scrubber.scrub(value) if _PATH_KEY.fullmatch(key) else value


def _require_clean(file: Path, folder: Path, scrubber: Scrubber) -> None:
    """Refuse a file that still names this machine. Of weights only the header is text."""
    text = _read_text(file)
    known = (str(folder.absolute().parent), *scrubber.secrets)
    if any(word in text for word in known) or holds_token(text):
        raise UserError(
            f"'{folder / file.name}' holds a key, or a path of this machine; take it out of the file before you publish the model."
        )


def _read_text(file: Path) -> str:
    with file.open("rb") as data:
        if file.suffix == ".safetensors":
            size = int.from_bytes(data.read(8), "little")
            return data.read(min(size, file.stat().st_size)).decode("utf-8", "replace")
        return "" if file.suffix in (".bin", ".gguf", ".model") else data.read().decode("utf-8", "replace")
