"""Which of the checks that a recipe asks for have judged a pilot's samples, with just these options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from curate.store.joined import EITHER, holds_verdicts
from curate.store.layout import Run, list_parts
from curate.store.parquet import read_part_info

NO_RECORD: Final[Mapping[str, Any]] = {"checks": [], "asked": {}}
"""A record of checks, as `curate.store.verdicts.read_record` gives it, before any was asked for."""


def select_judged(run: Run, name: str, record: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
    """Those of these labels whose verdicts on all parts of `samples(name)` are of the check that the record has under them.

    Of `a|b` both must be there: what b would have decided is not known without it.
    """
    entries = {entry["label"]: entry for entry in record["checks"]}
    parts = list_parts(run.samples(name))

    def is_judged(single: str) -> bool:
        return single in entries and all(
            _is_made_by(run.sidecar(name, single, part), entries, single) for part in parts
        )

    return [label for label in labels if all(map(is_judged, label.split(EITHER)))]


def _is_made_by(sidecar: Path, entries: Mapping[str, Mapping[str, Any]], label: str) -> bool:
    """Whether a check, after the check that it comes after, made these verdicts; what is damaged counts as not there."""
    if not holds_verdicts(sidecar):
        return False
    about, entry = read_part_info(sidecar) or {}, entries[label]
    before = entry.get("after")
    if before is not None and (about.get("after") or {}).get("digest") != entries.get(before, {}).get(
        "digest"
    ):
        return False
    return bool(about.get("digest") == entry["digest"])
