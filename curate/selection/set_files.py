"""Writing a set's files in their random order, however large the set and however its rows lie in the run.

Every part of the run is read once. Its rows are scattered to shares of the set that are small enough for memory,
and each share is sorted and written. Files and their row groups are bounded in bytes as well as in rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.store.layout import Run, list_parts
from curate.store.parquet import require_parts, scan_files
from curate.store.prompts_by_id import PROMPT_KEY
from curate.store.schema import LATER_COLUMNS, SET, SET_WITH_REPEATS
from filters.errors import UserError
from filters.types import digest_text

FILE_BYTES: Final = 128 << 20
"""Text of one file of a set."""
FILE_ROWS: Final = 50_000
"""Rows of one file of a set."""
GROUP_BYTES: Final = 16 << 20
"""Text of one row group: who reads a row of it reads it whole."""
SHARE_BYTES: Final = 768 << 20
"""Memory of a share, which is held while it is written; one of a single file may have more."""
OPEN_FILES: Final = 64
"""Files written to at once; where there are more shares, some are scattered together first, then again."""
COMPRESSION: Final = "snappy"
"""Parquet's own, a third of whose time zstd would take beside the whole of `mix`; `publish` writes smaller files."""
ROW_BYTES: Final = 800
"""Memory of a row of a share beside its texts."""

_KEY: Final = ("prompt_id", "variant")
_PROMPT: Final = (
    *(*PROMPT_KEY, "messages", "answer", "domain", "language", "row_source"),
    pl.col("source_id").alias("row_id"),
    pl.col("extra").alias("metadata"),
)
_SAMPLE: Final = ("sample_id", "response", "tokens", "content")
_NUMBER: Final = pl.UInt32


class _Rows(NamedTuple):
    """Rows of some shares, a few at a time: samples with their place, and the prompts that they answer."""

    samples: Iterable[pl.DataFrame]
    prompts: Iterable[pl.DataFrame]


def write_set_files(
    run: Run,
    picked: pl.DataFrame,
    folder: Path,
    split: str = "train",
    repairs: Mapping[str, pl.DataFrame] | None = None,
) -> None:
    """Write rows in this order as `SPLIT-*.parquet`, holding in memory their ids, and the texts of a part or a share.

    picked: source, sample_id, prompt_id, variant, part (its place among the source's parts), bytes (of the response); where rows may
    stand there again, repeat; where tokens were counted anew, tokens. repairs: of sources, prompt_id and the answer that takes the
    place of its reference. Raises UserError where a prompt is not there, or a sample not any more.
    """
    placed = _place_rows(_find_prompts(run, picked))
    shares, files = (int(placed[name][-1]) + 1 for name in ("share", "file"))
    told = [name for name in ("tokens", "repeat") if name in placed.columns]
    samples = ("source", "part", "sample_id", *_KEY, "row", "group", "file", "share", *told)
    columns = [name for name in _SAMPLE if name not in told]
    prompts = ("source", pl.col("prompt_part").alias("part"), *_KEY, "share")
    repairs = repairs or {}
    rows = _Rows(
        _read_wanted(
            run, placed.select(samples), ["sample_id"], lambda name: list_parts(run.samples(name)), columns
        ),
        _read_wanted(
            run,
            placed.select(prompts).unique(maintain_order=True),
            _KEY,
            lambda name: list_parts(run.prompts(name)),
            _PROMPT,
            lambda name, found: _repair(found, repairs.get(name)),
        ),
    )
    del placed  # each of the two lets go of its own once it is read
    _write_shares(range(shares), rows, folder, f"{split}-{{:05d}}-of-{files:05d}.parquet")


def _repair(prompts: pl.DataFrame, repairs: pl.DataFrame | None) -> pl.DataFrame:
    """Prompts with the answers that take the place of their references, and the references before, null elsewhere."""
    if repairs is None:
        return prompts.with_columns(pl.lit(None, pl.String).alias("reference_before"))
    anew = repairs.select("prompt_id", pl.col("answer").alias("anew"))
    joined = prompts.join(anew, on="prompt_id", how="left", maintain_order="left")
    before = pl.when(pl.col("anew").is_not_null()).then("answer").alias("reference_before")
    return joined.with_columns(pl.coalesce("anew", "answer").alias("answer"), before).drop("anew")


def _find_prompts(run: Run, picked: pl.DataFrame) -> pl.DataFrame:
    """The picked rows with the prompt's part, the first that holds it, and the prompt's bytes added to theirs."""
    content = pl.element().struct.field("content").str.len_bytes()
    size = pl.col("messages").list.eval(content).list.sum() + pl.col("answer").str.len_bytes().fill_null(0)
    asked = []
    for name in picked["source"].unique(maintain_order=True):
        for number, part in enumerate(require_parts(run.prompts(name))):
            columns = pl.lit(name).alias("source"), pl.lit(number, _NUMBER).alias("prompt_part")
            prompts = scan_files([part], ("variant",))
            asked.append(prompts.select(*PROMPT_KEY, *columns, size.alias("asked")).collect())
    keys = ["source", *_KEY]
    known = pl.concat(asked).unique(keys, keep="first", maintain_order=True)
    found = picked.join(known, on=keys, how="left", maintain_order="left")
    missing = found.filter(pl.col("prompt_part").is_null())
    if missing.height:
        name, prompt = missing.select("source", "prompt_id").row(0)
        raise UserError(
            f"Prompt {prompt} is not in '{run.prompts(name)}': this run folder was changed by hand."
        )
    return found.with_columns(pl.col("bytes").cast(pl.Int64) + pl.col("asked")).drop("asked")


def _place_rows(found: pl.DataFrame) -> pl.DataFrame:
    """The rows with their number, row group, file and share, each of which holds whole ones of the one before."""
    # A row counts as that many bytes of a file at least, so that one sum bounds a file's bytes and rows.
    weight = pl.max_horizontal("bytes", FILE_BYTES // FILE_ROWS)
    before = pl.col("bytes").cum_sum() - pl.col("bytes")
    placed = found.with_columns(
        pl.int_range(pl.len(), dtype=_NUMBER).alias("row"),
        ((weight.cum_sum() - weight) // FILE_BYTES).rle_id().alias("file"),
        before.alias("before"),
    )
    memory = pl.col("before") + pl.col("row").cast(pl.Int64) * ROW_BYTES
    size = int(placed.select(pl.col("bytes").sum() + pl.len() * ROW_BYTES).item())
    shares = -(-size // SHARE_BYTES)
    group = pl.struct("file", pl.col("before") // GROUP_BYTES).rle_id().alias("group")
    share = (memory.first().over("file") * shares // size).rle_id().alias("share")
    return placed.with_columns(group, share).drop("before", "bytes")


def _read_wanted(
    run: Run,
    wanted: pl.DataFrame,
    key: Sequence[str],
    list_files: Callable[[str], list[Path]],
    columns: Sequence[str | pl.Expr],
    change: Callable[[str, pl.DataFrame], pl.DataFrame] = lambda _, found: found,
) -> Iterator[pl.DataFrame]:
    """The wanted rows of each part with these of its columns, a part at a time, each changed as its source asks."""
    for (name,), of_source in wanted.partition_by("source", as_dict=True, maintain_order=True).items():
        files = list_files(name)
        for (number,), rows in of_source.partition_by("part", as_dict=True, include_key=False).items():
            read = scan_files([files[number]], LATER_COLUMNS).select(columns).join(rows.lazy(), on=key)
            found = read.collect()
            keys = [*key, "row" if "row" in found.columns else "share"]  # a sample may be several rows
            if found.select(keys).is_duplicated().any():  # a prompt may stand in a part twice
                found = found.unique(keys, keep="first", maintain_order=True)
            if found.height != rows.height:
                raise UserError(f"'{files[number]}' was changed while it was read; run mix again.")
            if "content" in found.columns and not run.temporary:
                _require_own_texts(found, files[number])
            yield change(str(name), found.drop("content", strict=False))


def _require_own_texts(rows: pl.DataFrame, part: Path) -> None:
    """Refuse a sample whose text is not the one that was written, and judged."""
    for key, response, content in rows.select("sample_id", "response", "content").iter_rows():
        if content is not None and digest_text(response) != content:
            raise UserError(
                f"Sample {key} in '{part}' is not the text that was written: this run folder was changed by hand."
            )


def _write_shares(shares: range, rows: _Rows, folder: Path, files: str) -> None:
    """Write consecutive shares: one as it is, several after scattering them, as many at once as may be open. files: their names, by number."""
    if len(shares) == 1:
        _write_share(
            pl.concat(rows.samples, rechunk=True), pl.concat(rows.prompts, rechunk=True), folder, files
        )
        return
    together = -(-len(shares) // OPEN_FILES)
    starts = range(shares.start, shares.stop, together)
    with tempfile.TemporaryDirectory(prefix=".scattered-", dir=folder) as name:
        scattered = [
            _scatter(frames, starts, Path(name) / kind)
            for kind, frames in zip(_Rows._fields, rows, strict=True)
        ]
        for start, *paths in zip(starts, *scattered, strict=True):
            some = range(start, min(start + together, shares.stop))
            _write_shares(some, _Rows(*map(_read_scattered, paths)), folder, files)


def _scatter(frames: Iterable[pl.DataFrame], starts: range, folder: Path) -> list[Path]:
    """Rows into a file for each range of shares that begins at one of `starts`."""
    folder.mkdir()
    paths = [folder / str(start) for start in starts]
    place = (pl.col("share") - starts.start) // starts.step
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    writers: dict[int, pa.RecordBatchWriter] = {}
    with ExitStack() as stack:
        for frame in frames:
            for number, rows in frame.group_by(place.alias("place")):
                table = rows.to_arrow()
                index = int(number[0])
                if index not in writers:
                    file = stack.enter_context(pa.OSFile(str(paths[index]), "wb"))
                    writers[index] = stack.enter_context(
                        pa.ipc.new_stream(file, table.schema, options=options)
                    )
                writers[index].write_table(table)
    return paths


def _read_scattered(path: Path) -> Iterator[pl.DataFrame]:
    """What was scattered to a file, which is removed once it is read."""
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as stream:
        yield from (pl.DataFrame(batch) for batch in stream)
    path.unlink()


def _write_share(samples: pl.DataFrame, prompts: pl.DataFrame, folder: Path, files: str) -> None:
    """Write the files of a share, gathering the texts of one row group at a time."""
    keys = ["source", *_KEY]
    asked = prompts.select(keys).with_row_index("asked")
    places = samples.select(*keys, "row", "group", "file").with_row_index("answered")
    places = places.join(asked, on=keys, how="left").drop(keys).sort("row")
    prompts = prompts.drop(keys, "share")
    schema = SET_WITH_REPEATS if "repeat" in samples.columns else SET
    for (number,), in_file in places.partition_by("file", as_dict=True, maintain_order=True).items():
        with pq.ParquetWriter(folder / files.format(number), schema, compression=COMPRESSION) as writer:
            for group in in_file.partition_by("group", maintain_order=True):
                rows = samples[group["answered"]].hstack(prompts[group["asked"]])
                writer.write_table(_set_table(rows, schema), row_group_size=group.height)


def _set_table(rows: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    """Rows as a set has them: TRL's conversational prompt and completion, and where each came from."""
    turn = pl.struct(pl.lit("assistant").alias("role"), pl.col("response").alias("content"))
    columns = rows.select(
        pl.col("messages").alias("prompt"),
        pl.concat_list(turn).alias("completion"),
        pl.col("sample_id").alias("id"),
        *schema.names[3:],
    )
    return columns.to_arrow().cast(schema)
