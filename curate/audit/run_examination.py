"""`doctor RUN`: whether a run folder is sound, by reading all of it, and what to do where it is not.

Parts are readable, ids are unique, every sample has its prompt and is the text that its content key says, verdicts
belong to the samples beside them, the funnel adds up, and every row of a set is a sample that its checks accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple, get_args

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.selection.funnel import count_fates, decide_fates
from curate.store.finished_sets import list_held_out_files, list_set_files
from curate.store.joined import join_samples, require_distinct
from curate.store.journal_lines import read_journal
from curate.store.layout import PART, PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from curate.store.prompts_by_id import PromptIndex, read_batches
from curate.store.repairs import is_by_repairs, read_repairs
from curate.store.storage import STORAGE
from curate.store.verdicts import list_deciding_labels, list_labels, require_current, require_recorded
from curate.store.whole_files import read_json
from filters.errors import UserError
from filters.types import Status

ROWS: Final = 1024
"""Samples held in memory at once while texts are compared with their keys."""
STATUSES: Final = get_args(Status)


class RunFault(NamedTuple):
    """What is wrong with a run, or only worth knowing, and what to do about it."""

    what: str
    todo: str
    fault: bool = True


def examine_run(run: Run) -> Iterator[RunFault]:
    """All that is wrong with a run, and what is unfinished in it; nothing is written."""
    for name in run.sample_names():
        yield from _examine_samples(run, name)
    for name in run.set_names():
        yield from _examine_set(run, name)
    left = sorted(run.path.rglob(".*.writing"))
    if left:
        what = f"{len(left)} unfinished files of commands that were killed, the first: '{left[0]}'."
        yield RunFault(what, "Delete them; nothing reads them.", fault=False)


def _examine_samples(run: Run, name: str) -> Iterator[RunFault]:
    again = f"Restore the folder, or generate '{name}' anew under another name."
    broken = [*_find_unreadable(run.samples(name)), *_find_unreadable(run.prompts(name))]
    if broken:
        yield from (RunFault(what, again) for what in broken)
        return
    if run.is_unfinished(name):
        yield RunFault(f"Sampling of '{name}' was interrupted.", "Run generate again to go on.", fault=False)
    parts = list_parts(run.samples(name))
    faults = [
        *_try(partial(_require_record, run, name), again),
        *_try(partial(list_labels, run, name), "Remove it, and run verify and filter again."),
        *_try(lambda: _require_sound_samples(run, name, parts), again),
        *_try(
            partial(read_repairs, run, name),
            f"Remove it, and run verify with --repair on '{name}': the prompts are beside it, and stay as they are.",
        ),
    ]
    yield from faults
    if faults or not parts:
        return
    yield from _examine_verdicts(run, name)
    yield from _examine_signatures(run, name)


def _examine_signatures(run: Run, name: str) -> Iterator[RunFault]:
    """Signatures are made again where they are not there, so a damaged file is only in the way."""
    parts = {part.name for part in list_parts(run.samples(name))}
    for folder in sorted(path for path in run.signatures(name).glob("[!.]*") if path.is_dir()):
        for what in _find_unreadable(folder):
            yield RunFault(what, f"Remove it: it is made again when '{folder.name}' is run on '{name}'.")
        foreign = [file for file in STORAGE.list_files(folder, PART, ".parquet") if file.name not in parts]
        if foreign:
            what = f"{len(foreign)} files of signatures of '{folder.name}' on '{name}' are of parts that are gone."
            yield RunFault(what, "They decide nothing, and may be deleted.", fault=False)


def _require_record(run: Run, name: str) -> None:
    """Refuse samples of which nobody says where they come from, and verdicts that nobody asked for."""
    about = read_json(run.generation(name)) or read_json(run.import_info(name))
    if list_parts(run.samples(name)) and not (
        isinstance(about, dict) and {"identity", "source"} & about.keys()
    ):
        raise UserError(f"'{run.generation(name)}' does not say with which model '{name}' was generated.")
    for segment in ("", *run.list_segments(name)):
        list(read_journal(run.journal(name, segment)))
    require_recorded(run, name)


def _find_unreadable(folder: Path) -> Iterator[str]:
    """The files of a folder whose pages cannot all be read."""
    there = [file for kind in (PART, PARTIAL) for file in STORAGE.list_files(folder, kind, ".parquet")]
    for file in (file for file in there if file.stat().st_size):  # a fence is no part
        try:
            for _ in pq.ParquetFile(file).iter_batches(ROWS):
                pass
        except (pa.ArrowException, OSError) as error:
            yield f"'{file}' cannot be read ({' '.join(str(error).split())[:200]})."


def _require_sound_samples(run: Run, name: str, parts: list[Path]) -> None:
    """Refuse samples that stand twice, are of an unknown status, have no prompt, or are not what their key says."""
    every = [*parts, *list_parts(run.samples(name), PARTIAL)]
    if every:
        status = scan_files(every).select("status").unique().collect()["status"]
        if odd := sorted(set(status) - set(STATUSES)):
            raise UserError(f"Samples of '{name}' have the unknown status '{odd[0]}'.")
    if not parts:
        return
    keys = scan_files(parts).select("sample_id", "prompt_id", "index").collect()
    require_distinct(keys["sample_id"], run.samples(name))
    generated = run.generation(name).exists()
    if generated and keys.select(pl.struct("prompt_id", "index").is_duplicated().any()).item():
        raise UserError(f"'{run.samples(name)}' has two samples of one prompt with the same index.")
    prompts = PromptIndex(run.prompts(name))
    for part in parts:
        _require_own_texts(part, prompts)


def _require_own_texts(part: Path, prompts: PromptIndex) -> None:
    said = scan_files([part], ("content",)).select("content").collect()["content"]
    samples = (sample for batch in read_batches(part, prompts, ROWS) for sample in batch)
    for content, sample in zip(said, samples, strict=True):
        if content is not None and content != sample.content:
            raise UserError(f"Sample {sample.id} in '{part}' is not the text that was written.")


def _examine_verdicts(run: Run, name: str) -> Iterator[RunFault]:
    parts = {part.name for part in list_parts(run.samples(name))}
    for label in list_labels(run, name):
        again = f"Run verify or filter with '{label}' on '{name}'."
        if is_by_repairs(label):
            again = f"Run verify with --repair on '{name}'."
        sidecars = [run.sidecar(name, label, part) for part in list_parts(run.samples(name))]
        if lacking := [sidecar for sidecar in sidecars if not sidecar.exists()]:
            what = f"{len(lacking)} parts of '{name}' have no verdicts of '{label}'."
            yield RunFault(what, again, fault=False)
            continue
        yield from _try(partial(join_samples, run, name, [label], ()), again)
        # Stale verdicts are no damage: they decide nothing.
        yield from _try(partial(require_current, run, name, [label]), again, fault=False)
        foreign = [
            file
            for file in STORAGE.list_files(run.verdicts(name) / label, PART, ".parquet")
            if file.name not in parts
        ]
        if foreign:
            what = f"{len(foreign)} files of verdicts of '{label}' on '{name}' are of parts that are gone."
            yield RunFault(what, "They decide nothing, and may be deleted.", fault=False)
    yield from _try(lambda: _require_funnel(run, name), "Run verify and filter again.")


def _require_funnel(run: Run, name: str) -> None:
    labels = list_deciding_labels(run, name)
    try:
        fates = decide_fates(run, name, labels)
        count_fates(name, fates.with_columns(pl.col("fate").replace("accepted", "unselected")), labels)
    except AssertionError as error:
        raise UserError(f"{error}.") from None
    except UserError:
        return  # told of its check already


def _examine_set(run: Run, name: str) -> Iterator[RunFault]:
    again = f"Run mix again to make the set '{name}'."
    faults = [*_try(lambda: _require_own_rows(run, name), again)]
    yield from faults
    if not faults:
        # The samples' verdicts may be others since: that is no damage.
        yield from _try(lambda: _require_accepted(run, name), again, fault=False)


def _read_rows(run: Run, name: str) -> pl.DataFrame:
    """The ids of a set's rows, those of held-out prompts among them. Raises UserError where one stands there twice and is no repeated row."""
    rows = scan_files([*list_set_files(run, name), *list_held_out_files(run, name)])
    keys = [one for one in ("id", "repeat") if one in rows.collect_schema().names()]
    found = rows.select("source", *keys).collect()
    twice = found.filter(found.select(keys).is_duplicated())["id"]
    if len(twice):
        raise UserError(f"The set '{name}' has the row {twice[0]} twice.")
    return found


def _require_own_rows(run: Run, name: str) -> None:
    """Refuse a set with other rows than it was made with, or with rows that are no samples of the run."""
    rows = _read_rows(run, name)
    for (source,), group in rows.group_by("source"):
        parts = list_parts(run.samples(str(source)))
        there = [scan_files([part]).select(pl.col("sample_id").alias("id")).collect() for part in parts]
        unknown = group.join(pl.concat(there), on="id", how="anti")["id"] if there else group["id"]
        if len(unknown):
            raise UserError(
                f"{len(unknown):,} rows of the set '{name}', the first {unknown[0]}, are no samples of '{source}'."
            )


def _require_accepted(run: Run, name: str) -> None:
    """Refuse a set with rows that its checks do not accept now."""
    info = read_json(run.set_info(name))
    rows = _read_rows(run, name)
    for (source,), group in rows.group_by("source"):
        fates = decide_fates(run, str(source), info["checks"][source])
        accepted = fates.filter(pl.col("fate") == "accepted")["sample_id"]
        other = group.filter(~pl.col("id").is_in(accepted.implode()))["id"]
        if len(other):
            raise UserError(
                f"{len(other):,} rows of the set '{name}', the first {other[0]}, are not samples of '{source}' that "
                "its checks accept now."
            )


def _try(work: Callable[[], object], todo: str, fault: bool = True) -> Iterator[RunFault]:
    """The fault that reading meets, where it meets one."""
    try:
        work()
    except UserError as error:
        yield RunFault(str(error), todo, fault)
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError) as error:
        yield RunFault(f"A file cannot be read ({' '.join(str(error).split())[:200]}).", todo)
