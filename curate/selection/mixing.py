"""Merging: the chosen samples of several sources become one set of Parquet files.

Order and random choice come from the samples' own keys, which are uniformly random digests: the same run
and seed give the same set on every machine, and nothing but keys is sorted in memory.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.readers.import_samples import import_source
from curate.selection.choose_samples import choose_samples, order_column
from curate.selection.funnel import EITHER, Funnel, count_fates
from curate.selection.sources import Source
from curate.store.layout import Run, list_parts
from curate.store.parquet import count_rows, scan_parts
from curate.store.schema import SET
from curate.store.storage import STORAGE
from curate.store.verdicts import list_deciding_labels, list_labels, require_current
from curate.store.whole_files import read_json, write_folder_aside, write_json
from filters.digest import digest
from filters.errors import UserError

logger = logging.getLogger(__name__)

ROWS_PER_FILE: Final = 50_000
"""Rows of one file of a set: they are held in memory while it is written."""


class SetInfo(NamedTuple):
    """A finished set: its folder, its number of rows, and what became of each source's samples."""

    folder: Path
    rows: int
    funnels: list[Funnel]


def make_set(
    run: Run, name: str, sources: Sequence[Source], seed: int, options: Mapping[str, Any]
) -> SetInfo:
    """Select and merge; a set that was made from the same files with the same options is found as it is.

    options: what the set's information says it was asked for. Raises UserError where no sample is accepted.
    """
    with ExitStack() as held:
        # The set first: nothing is read that another process may be about to change.
        held.enter_context(STORAGE.lock(run.lock("set", name), f"the set '{name}' in '{run.path}'"))
        labelled = []
        for source in (one.resolve_name(run) for one in sources):
            found = _choose_labels(run, source)
            what = f"the verdicts on '{source.name}' in '{run.path}'"
            held.enter_context(STORAGE.lock(run.lock("verdicts", source.name), what, shared=True))
            require_current(run, source.name, _list_singles(found))
            labelled.append((source, found))
        return _find_or_make_set(run, name, labelled, seed, options)


def _find_or_make_set(
    run: Run,
    name: str,
    labelled: Sequence[tuple[Source, list[str]]],
    seed: int,
    options: Mapping[str, Any],
) -> SetInfo:
    key = digest(options, [_source_state(run, source, labels) for source, labels in labelled])
    info = read_json(run.set_info(name))
    if info is None or info["digest"] != key:
        info = _make_set(run, name, labelled, seed, {"digest": key, "options": options})
    return SetInfo(run.set(name), info["rows"], [Funnel(**funnel) for funnel in info["funnels"]])


def _make_set(
    run: Run,
    name: str,
    sources: Sequence[tuple[Source, list[str]]],
    seed: int,
    given: Mapping[str, Any],
) -> dict[str, Any]:
    chosen = [choose_samples(run, source, labels, seed) for source, labels in sources]
    funnels = [
        count_fates(source.name, frame, labels)
        for (source, labels), frame in zip(sources, chosen, strict=True)
    ]
    picked = pl.concat(
        frame.filter(pl.col("fate") == "selected").select(
            "sample_id", pl.lit(source.name).alias("source"), order_column(seed)
        )
        for (source, _), frame in zip(sources, chosen, strict=True)
    ).sort("order")
    if picked.is_empty():
        named = ", ".join(source.name for source, _ in sources)
        raise UserError(f"No sample of {named} was accepted: the set would be empty.")
    info = {
        "name": name,
        "digest": given["digest"],
        "rows": picked.height,
        "options": given["options"],
        "checks": {source.name: labels for source, labels in sources},
        "funnels": [funnel.model_dump() for funnel in funnels],
    }
    with write_folder_aside(run.set(name)) as aside:
        _write_files(run, picked, aside)
        assert sum(map(count_rows, aside.glob("*.parquet"))) == picked.height, (
            "every chosen sample is one row"
        )
        run.set_info(name).unlink(missing_ok=True)
    write_json(run.set_info(name), info)  # the set counts as made once this exists
    logger.info(f"wrote {run.set(name)}")
    return info


def _choose_labels(run: Run, source: Source) -> list[str]:
    """The labels that decide; a plain file is imported first, and is taken as it is unless checks are named."""
    generated = run.has_samples(source.source)
    if not generated:
        import_source(run, source.name, source.source, source.split, source.map)
    if run.is_unfinished(source.name):
        logger.warning(
            f"Sampling of '{source.name}' was interrupted: run generate again to have the rest in the set."
        )
    deciding = list_deciding_labels(run, source.name) if generated else []
    labels = deciding if source.checks is None else list(source.checks)
    _tell_checks(source.name, labels, list_labels(run, source.name))
    if generated and not labels:
        logger.warning(f"No check was run on '{source.name}': all its whole samples count as accepted.")
    return labels


def _list_singles(labels: Sequence[str]) -> list[str]:
    return [single for label in labels for single in label.split(EITHER)]


def _tell_checks(name: str, labels: Sequence[str], known: Sequence[str]) -> None:
    """Say which checks decide, and which that were run once do not."""
    left_out = [label for label in known if label not in _list_singles(labels)]
    if labels or left_out:
        others = f"; left out: {', '.join(left_out)}" if left_out else ""
        logger.info(f"'{name}' is decided by: {', '.join(labels) or 'no check'}{others}.")


def _source_state(run: Run, source: Source, names: Sequence[str]) -> list[Any]:
    """What the set depends on: when any of these files changes, it is made anew."""
    folders = [run.samples(source.name), *(run.verdicts(source.name) / s for s in _list_singles(names))]
    files = [file for folder in folders for file in sorted(folder.glob("*.parquet"))]
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files]


def _write_files(run: Run, picked: pl.DataFrame, folder: Path) -> None:
    """Write the set's files, in the order of `picked`, in two passes that hold a part or a file in memory.

    The first reads every part once and scatters its rows to the files they belong to; the second sorts each.
    """
    placed = picked.with_row_index("row").with_columns((pl.col("row") // ROWS_PER_FILE).alias("file"))
    number = -(-picked.height // ROWS_PER_FILE)
    scattered = [folder / f".{index}.scattered" for index in range(number)]
    schema = SET.append(pa.field("row", pa.uint32()))
    with ExitStack() as stack:
        writers = [
            stack.enter_context(pq.ParquetWriter(path, schema, compression="zstd")) for path in scattered
        ]
        for (name,), group in placed.group_by("source", maintain_order=True):
            for part in list_parts(run.samples(str(name))):
                for (file,), rows in _join_texts(run, str(name), part, group).group_by("file"):
                    table = rows.select(schema.names).to_arrow().cast(schema)
                    writers[int(str(file))].write_table(table)
    for index, path in enumerate(scattered):
        table = pl.read_parquet(path).sort("row").select(SET.names).to_arrow().cast(SET)
        pq.write_table(table, folder / f"train-{index:05d}-of-{number:05d}.parquet", compression="zstd")
        path.unlink()


def _join_texts(run: Run, name: str, part: Path, placed: pl.DataFrame) -> pl.DataFrame:
    """The set's columns of the chosen samples of one part, with their row and file."""
    samples = pl.scan_parquet(part).join(placed.lazy(), on="sample_id").collect(engine="streaming")
    asked = samples.lazy().select(pl.col("prompt_id").unique())
    prompts = scan_parts(run.prompts(name)).join(asked, on="prompt_id", how="semi").unique("prompt_id")
    turn = pl.struct(pl.lit("assistant").alias("role"), pl.col("response").alias("content"))
    found = (
        samples.lazy()
        .join(prompts, on="prompt_id", how="left")
        .select(
            pl.col("messages").alias("prompt"),
            pl.concat_list(turn).alias("completion"),
            pl.col("sample_id").alias("id"),
            *("prompt_id", "source", "domain", "language", "answer", "tokens", "row", "file"),
        )
        .collect(engine="streaming")
    )
    unknown = found.filter(pl.col("prompt").is_null())["prompt_id"]
    if len(unknown):
        raise UserError(
            f"Prompt {unknown[0]} is not in '{run.prompts(name)}': this run folder was changed by hand."
        )
    return found
