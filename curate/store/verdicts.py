"""Verdicts beside the samples: which check made them, which are stale, and which need not be asked again.

A sidecar is fresh when its check's digest and its samples are those of now. Where a check's scope is a prompt, its
sidecars also name the list of parts, and all are stale when a part is added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from curate.store.files import read_json, write_json
from curate.store.layout import Run, list_parts
from curate.store.parquet import count_rows, read_part_info
from curate.store.schema import verdict_from_row
from filters.digest import digest
from filters.errors import UserError
from filters.spec import CheckSpec
from filters.types import Verdict

NOT_ASKED: Final = "not_asked"
"""The rule of a judge's verdict on a sample that the check before it has decided."""


def describe_check(spec: CheckSpec) -> dict[str, Any]:
    """What a sidecar's metadata says of the check that made it."""
    check = spec.build()
    return {
        "check": spec.check,
        "label": spec.label,
        "digest": check.digest,
        "version": check.version,
        "options": spec.options,
    }


def describe_sidecar(run: Run, name: str, spec: CheckSpec, part: Path) -> dict[str, Any]:
    """All that the metadata of a fresh sidecar says: the check, and the other verdicts and samples it depends on.

    Raises UserError where the check comes after one that has no verdicts yet.
    """
    info = describe_check(spec)
    if spec.after:
        before = run.sidecar(name, spec.after, part)
        if not before.exists():
            raise UserError(
                f"'{spec.label}' comes after '{spec.after}', which has no verdicts on '{name}' yet."
            )
        info["after"] = {"label": spec.after, "digest": read_part_info(before)["digest"]}
    if spec.build().scope == "prompt":
        # With more samples a prompt's verdicts may be others.
        info["parts"] = digest_parts(run, name)
    return info


def digest_parts(run: Run, name: str) -> str:
    """The content key of the list of parts: parts never change, but their number grows."""
    return digest([(part.name, count_rows(part)) for part in list_parts(run.samples(name))])


def record_checks(run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
    """Keep which checks were asked for, in order: the order in which mix names the first that failed."""
    path = run.checks(name)
    known = {entry["label"]: entry for entry in read_checks(run, name)}
    asked = {spec.label: {**describe_check(spec), "role": spec.build().role} for spec in specs}
    if {**known, **asked} != known:
        write_json(path, list({**known, **asked}.values()))


def read_checks(run: Run, name: str) -> list[dict[str, Any]]:
    """The checks asked for so far, in order, each as `describe_check` gives it, with its role."""
    found: list[dict[str, Any]] = read_json(run.checks(name)) or []
    return found


def list_labels(run: Run, name: str) -> list[str]:
    """The labels of the checks asked for so far, in order."""
    return [entry["label"] for entry in read_checks(run, name)]


def find_stale(
    run: Run, name: str, part: Path, specs: Sequence[CheckSpec], retry: bool = False
) -> list[CheckSpec]:
    """The checks whose verdicts on a part are missing, made by other options, or to be asked again."""
    return [spec for spec in specs if not _is_fresh(run, name, part, spec, retry)]


def _is_fresh(run: Run, name: str, part: Path, spec: CheckSpec, retry: bool) -> bool:
    path = run.sidecar(name, spec.label, part)
    if not path.exists() or not _read_ids(path).equals(_read_ids(part)):
        return False
    if read_part_info(path) != describe_sidecar(run, name, spec, part):
        return False
    return not (retry and any(_is_retriable(row) for row in pq.read_table(path).to_pylist()))


def _read_ids(path: Path) -> Any:
    return pq.read_table(path, columns=["sample_id"])["sample_id"]


def _is_retriable(row: Mapping[str, Any]) -> bool:
    return row["ok"] is None and row["reason"] != NOT_ASKED


def read_decided(path: Path, digest: str) -> dict[str, Verdict]:
    """Decided verdicts of an earlier try with the same options, by sample id: they are not paid for twice."""
    if not path.exists() or read_part_info(path)["digest"] != digest:
        return {}
    rows = pq.read_table(path).to_pylist()
    return {row["sample_id"]: verdict_from_row(row) for row in rows if row["ok"] is not None}


def read_skipped(run: Run, name: str, spec: CheckSpec, part: Path) -> dict[str, Verdict]:
    """The samples that the check named in `after` has decided already: no model is asked about them."""
    if not spec.after:
        return {}
    rows = pq.read_table(run.sidecar(name, spec.after, part)).to_pylist()
    return {row["sample_id"]: Verdict(None, NOT_ASKED) for row in rows if row["ok"] is not None}
