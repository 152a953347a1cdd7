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
from curate.store.layout import Run
from curate.store.parquet import read_part_info
from curate.store.schema import verdict_from_row
from curate.store.verdicts import describe_sidecar
from filters.registry import locate_check
from filters.spec import CheckSpec
from filters.types import Verdict

NOT_ASKED: Final = "not_asked"
"""The rule of a judge's verdict on a sample that the check before it has decided."""


def find_stale(
    run: Run, name: str, part: Path, specs: Sequence[CheckSpec], retry: bool = False
) -> list[CheckSpec]:
    """The checks whose verdicts on a part are missing, made by other options, or to be asked again."""
    return [spec for spec in specs if not _is_fresh(run, name, part, spec, retry)]


def _is_fresh(run: Run, name: str, part: Path, spec: CheckSpec, retry: bool) -> bool:
    path = run.sidecar(name, spec.label, part)
    if not holds_verdicts(path) or not _read_ids(path).equals(_read_ids(part)):
        return False
    if read_part_info(path) != describe_sidecar(run, name, spec, part):
        return False
    return not (retry and any(_is_retriable(row) for row in pq.read_table(path).to_pylist()))


def _read_ids(path: Path) -> Any:
    return pq.read_table(path, columns=["sample_id"])["sample_id"]


def _is_retriable(row: Mapping[str, Any]) -> bool:
    return row["ok"] is None and row["reason"] != NOT_ASKED


def read_decided(path: Path, spec: CheckSpec) -> dict[str, Verdict]:
    """Decided verdicts of an earlier try by the same check with the same options, by sample id: paid for once."""
    if not holds_verdicts(path):
        return {}
    made_by = read_part_info(path) or {}
    # A run of somebody else's may name any file: it is compared, never imported.
    same = locate_check(str(made_by.get("check"))) == locate_check(spec.check)
    if made_by.get("digest") != spec.build().digest or not same:
        return {}
    rows = pq.read_table(path).to_pylist()
    times = Counter(row["sample_id"] for row in rows)
    # Of two verdicts on one sample nobody can say which was given.
    once = (row for row in rows if row["ok"] is not None and times[row["sample_id"]] == 1)
    return {row["sample_id"]: verdict_from_row(row) for row in once}


def read_skipped(run: Run, name: str, spec: CheckSpec, part: Path) -> dict[str, Verdict]:
    """The samples that the check named in `after` has decided already: no model is asked about them.

    Raises UserError where that check's verdicts are not one for each sample.
    """
    if not spec.after:
        return {}
    judged = join_part(run, name, part, [spec.after], ())
    decided = judged.filter(pl.col(verdict_column(spec.after)).is_not_null())
    return {key: Verdict(None, NOT_ASKED) for key in decided["sample_id"]}
