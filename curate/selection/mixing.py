"""Merging: the chosen samples of several sources become one set of Parquet files.

Order and random choice are drawn from the samples' ids (see curate.selection.draws): the same run and seed give the
same set on every machine, and nothing but ids and numbers is sorted in memory.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl

from curate.readers.import_samples import ImportCounts, import_source
from curate.selection.choose_samples import EQUAL, choose_samples
from curate.selection.funnel import Funnel, count_fates, decide_fates
from curate.selection.set_files import write_set_files
from curate.selection.sources import Source, name_apart
from curate.store.finished_sets import describe_files, find_fault, read_set_info
from curate.store.joined import EITHER
from curate.store.layout import Run
from curate.store.storage import STORAGE
from curate.store.verdicts import list_deciding_labels, list_labels, require_current, require_recorded
from curate.store.whole_files import remove_file, write_folder_aside, write_json
from filters.digest import digest
from filters.errors import UserError

logger = logging.getLogger(__name__)

WAY: Final = 3
"""Which way sets are made: one that was made in an earlier way is made anew."""


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
    named = name_apart(sources, run.has_samples)
    with ExitStack() as held:
        # The set first: nothing is read that another process may be about to change.
        held.enter_context(STORAGE.lock(run.lock("set", name), f"the set '{name}' in '{run.path}'"))
        labelled = []
        imported: dict[str, ImportCounts] = {}
        for source in named:
            found = _choose_labels(run, source, imported)
            what = f"the verdicts on '{source.name}' in '{run.path}'"
            held.enter_context(STORAGE.lock(run.lock("verdicts", source.name), what, shared=True))
            require_current(run, source.name, _list_singles(found))
            labelled.append((source, found))
        return _find_or_make_set(run, name, labelled, seed, options, imported)


def _find_or_make_set(
    run: Run,
    name: str,
    labelled: Sequence[tuple[Source, list[str]]],
    seed: int,
    options: Mapping[str, Any],
    imported: Mapping[str, ImportCounts],
) -> SetInfo:
    key = digest(WAY, options, [_source_state(run, source, labels) for source, labels in labelled])
    info = read_set_info(run, name)
    if info is None or info["digest"] != key or find_fault(run, name, info):
        info = _make_set(run, name, labelled, seed, {"digest": key, "options": options}, imported)
    return SetInfo(run.set(name), info["rows"], [Funnel(**funnel) for funnel in info["funnels"]])


def _make_set(
    run: Run,
    name: str,
    sources: Sequence[tuple[Source, list[str]]],
    seed: int,
    given: Mapping[str, Any],
    imported: Mapping[str, ImportCounts],
) -> dict[str, Any]:
    picked, funnels = _pick_rows(run, sources, seed)
    funnels = [
        one.add_import(imported[one.source].describe()) if one.source in imported else one for one in funnels
    ]
    if picked.is_empty():
        named = ", ".join(source.name for source, _ in sources)
        raise UserError(f"No sample of {named} was accepted: the set would be empty.")
    with write_folder_aside(run.set(name)) as aside:
        write_set_files(run, picked, aside)
        files = describe_files(aside)
        assert sum(file["rows"] for file in files) == picked.height, "every chosen sample is one row"
        remove_file(run.set_info(name))
    info = {
        "name": name,
        "digest": given["digest"],
        "rows": picked.height,
        "options": given["options"],
        "checks": {source.name: labels for source, labels in sources},
        "funnels": [funnel.model_dump() for funnel in funnels],
        "files": files,
    }
    write_json(run.set_info(name), info)  # the set counts as made once this exists
    if not run.temporary:
        logger.info(f"wrote {run.set(name)}")
    return info


def _pick_rows(
    run: Run, sources: Sequence[tuple[Source, list[str]]], seed: int
) -> tuple[pl.DataFrame, list[Funnel]]:
    """The selected samples of all sources, without their texts, in the set's order; and each source's funnel."""
    picked: list[pl.DataFrame] = []
    funnels = []
    taken = pl.DataFrame(schema={"prompt_id": pl.String, "key": pl.UInt64})
    for source, labels in sources:
        fates = decide_fates(run, source.name, labels, lengths=source.choose == "shortest")
        fated = choose_samples(run, source, fates, seed, taken)
        funnels.append(count_fates(source.name, fated, labels))
        selected = fated.filter(pl.col("fate") == "selected")
        taken = pl.concat([taken, selected.select(EQUAL)])
        columns = ("sample_id", "prompt_id", "variant", "part", "bytes", "place")
        picked.append(selected.select(pl.lit(source.name).alias("source"), *columns))
    return pl.concat(picked).sort("place", maintain_order=True).drop("place"), funnels


def _choose_labels(run: Run, source: Source, imported: dict[str, ImportCounts]) -> list[str]:
    """The labels that decide; a plain file is imported first, and is taken as it is unless checks are named."""
    generated = run.has_samples(source.source)
    if not generated:
        imported[source.name] = import_source(
            run, source.name, source.traces, _list_singles(source.checks or ())
        )
    if run.is_unfinished(source.name):
        logger.warning(
            f"Sampling of '{source.name}' was interrupted: run generate again to have the rest in the set."
        )
    if generated and source.checks is None:
        require_recorded(run, source.name)
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
    folders.append(run.prompts(source.name))
    files = [file for folder in folders for file in sorted(folder.glob("*.parquet"))]
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files] + _stops_state(
        run, source
    )


def _stops_state(run: Run, source: Source) -> list[Any]:
    """By its bytes, because every `generate` writes it again."""
    path = run.pass_rates(source.name)
    if source.choose != "first" or not path.exists():
        return []
    with path.open("rb") as file:
        return [hashlib.file_digest(file, "blake2b").hexdigest()]
