"""Which verdicts are stale and must be made again, and which of an earlier try are kept.

A sidecar is fresh when its check's digest and its samples are those of now. Where a check's scope is a prompt, its
sidecars also name the list of parts, and all are stale when a part is added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

from curate.store.joined import holds_verdicts, join_part, verdict_column
from curate.store.layout import PART, Run
from curate.store.parquet import read_part_info, scan_files
from curate.store.schema import verdict_from_row
from curate.store.storage import STORAGE
from curate.store.verdicts import describe_sidecar
from filters.judges.bounds import UNRELIABLE
from filters.spec import CheckSpec
from filters.types import Verdict

NOT_ASKED: Final = "not_asked"
"""The rule of a judge's verdict on a sample that the check before it has decided."""


def find_stale(
    run: Run, name: str, part: Path, specs: Sequence[CheckSpec], retry: bool = False
) -> list[CheckSpec]:
    """The checks whose verdicts on a part are missing, made by other options, or to be asked again."""
    samples = _read_keys(part)
    return [spec for spec in specs if not _is_fresh(run, name, part, samples, spec, retry)]


def _is_fresh(run: Run, name: str, part: Path, samples: pl.DataFrame, spec: CheckSpec, retry: bool) -> bool:
    path = run.sidecar(name, spec.label, part)
    if not holds_verdicts(path) or not _is_of(_read_keys(path), samples):
        return False
    if read_part_info(path) != describe_sidecar(run, name, spec, part):
        return False
    return not (retry and any(_is_retriable(row) for row in pq.read_table(path).to_pylist()))


def holds_these(file: Path, part: Path) -> bool:
    """Whether rows beside a part of samples are of just these samples and texts, in their order."""
    return _is_of(_read_keys(file), _read_keys(part))


def _is_of(judged: pl.DataFrame, samples: pl.DataFrame) -> bool:
    """Whether verdicts are on just these samples and texts, in their order; format 1 knew ids alone."""
    if not judged["sample_id"].equals(samples["sample_id"]):
        return False
    differ = judged["content"] != samples["content"]  # null where one of them is
    return not differ.any()


def _read_keys(path: Path) -> pl.DataFrame:
    return scan_files([path], ("content",)).select("sample_id", "content").collect()


def _is_retriable(row: Mapping[str, Any]) -> bool:
    """Whether asking again may decide; not where no model was asked, since it was not needed or may not decide."""
    return row["ok"] is None and row["reason"].partition(":")[0] not in (NOT_ASKED, UNRELIABLE)


def read_decided(run: Run, name: str, part: Path, spec: CheckSpec) -> dict[tuple[str, str], Verdict]:
    """Decided verdicts of earlier tries by the same check with the same options, by sample id and content.

    They are looked for in all of the check's sidecars, also those of parts that are gone: what was paid for once
    is not asked again where samples stand in other parts now.
    """
    folder = run.verdicts(name) / spec.label
    there = STORAGE.list_files(folder, PART, ".parquet")
    made = [path for path in there if holds_verdicts(path) and _is_made_by(path, spec)]
    if not made:
        return {}
    wanted = scan_files([part]).select("sample_id")
    found = scan_files(made, ("content",)).filter(pl.col("ok").is_not_null())
    rows = found.join(wanted, on="sample_id", how="semi").unique().collect().to_dicts()
    times = Counter(map(_key, rows))
    # Of two verdicts on one text nobody can say which was given.
    return {key: verdict_from_row(row) for row in rows if times[key := _key(row)] == 1}


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["sample_id"], row["content"] or ""


def _is_made_by(sidecar: Path, spec: CheckSpec) -> bool:
    """Whether a sidecar says that this check made it; its code, where it is one's own, is part of the digest."""
    made_by = read_part_info(sidecar) or {}
    same_class = str(made_by.get("check")).rpartition(":")[2] == spec.check.rpartition(":")[2]
    return same_class and made_by.get("digest") == spec.build().digest


def read_skipped(run: Run, name: str, spec: CheckSpec, part: Path) -> dict[str, Verdict]:
    """The samples that the check named in `after` has decided already: no model is asked about them.

    Raises UserError where that check's verdicts are not one for each sample.
    """
    if not spec.after:
        return {}
    judged = join_part(run, name, part, [spec.after], ())
    decided = judged.filter(pl.col(verdict_column(spec.after)).is_not_null())
    return {key: Verdict(None, NOT_ASKED) for key in decided["sample_id"]}
