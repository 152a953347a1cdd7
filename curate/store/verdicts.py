"""Verdicts beside the samples: which checks were asked for, and what a sidecar says of the check that made it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from curate.store.joined import holds_verdicts
from curate.store.layout import Run, list_parts
from curate.store.parquet import count_rows, read_part_info
from curate.store.whole_files import read_json, write_json
from filters.digest import digest
from filters.errors import UserError
from filters.spec import CheckSpec


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
        if not holds_verdicts(before):
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
