"""Which settings two sides were made with that differ: options, checks with theirs, sampling, each old value -> new value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from curate.comparison.differences import SettingChange
from curate.comparison.sides import SetSide
from curate.store.joined import EITHER
from curate.store.layout import Run
from curate.store.verdicts import read_checks
from curate.store.whole_files import read_json

UNTOLD: Final = ("run", "out", "dry_run", "name")
"""Options of `mix` that say where, not what."""
_TOLD_OF_CHECK: Final = ("check", "version", "options", "after")


def compare_settings(
    before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = ""
) -> list[SettingChange]:
    """The leaves of two nested mappings that differ, by their dotted names."""
    one, two = dict(_flatten(before, prefix)), dict(_flatten(after, prefix))
    keys = sorted({*one, *two})
    return [SettingChange(key, one.get(key), two.get(key)) for key in keys if one.get(key) != two.get(key)]


def compare_sets(before: SetSide, after: SetSide) -> list[SettingChange]:
    """What two sets were not made with alike: options of the mix, checks that decide, and those of their sources."""
    one, two = (_describe_mix(side.about) for side in (before, after))
    found = compare_settings(one, two) if before.about and after.about else []
    if before.run is None or after.run is None:
        return found
    first, second = (_list_labels(side.about) for side in (before, after))
    for name in sorted(first.keys() | second.keys()):
        labels = [*dict.fromkeys([*first.get(name, ()), *second.get(name, ())])]
        found += compare_making(before.run, after.run, name, labels)
    return found


def compare_making(
    before: Run, after: Run, name: str, labels: Sequence[str] | None = None
) -> list[SettingChange]:
    """What samples of a name were not sampled and judged with alike in two runs. labels: of the checks; all unless given."""
    found = []
    for about in ("generation", "import_info"):
        one, two = (read_json(getattr(run, about)(name)) or {} for run in (before, after))
        found += compare_settings(_leave_out_state(one), _leave_out_state(two), f"{name}: ")
    one, two = (_describe_checks(run, name, labels) for run in (before, after))
    return found + compare_settings(one, two, f"{name}: ")


def _leave_out_state(about: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of samples, without what says when a file was written."""
    return {key: value for key, value in about.items() if key not in ("state", "in_force")}


def _describe_mix(about: Mapping[str, Any]) -> dict[str, Any]:
    options = {key: value for key, value in about.get("options", {}).items() if key not in UNTOLD}
    listed = [*options.pop("files", ()), *options.pop("source", ())]
    # Sources by their names: where one is added, the others are still the same.
    sources = {one.get("name") or one["source"]: {**one, "name": None} for one in listed}
    return {**options, "source": sources, "checks": dict(about.get("checks", {}))}


def _list_labels(about: Mapping[str, Any]) -> dict[str, list[str]]:
    checks: Mapping[str, Sequence[str]] = about.get("checks", {})
    return {name: [one for label in labels for one in label.split(EITHER)] for name, labels in checks.items()}


def _describe_checks(run: Run, name: str, labels: Sequence[str] | None) -> dict[str, Any]:
    """The checks by label; one of one's own also with the key of its code."""
    entries = {entry["label"]: entry for entry in read_checks(run, name)}
    return {
        label: {
            **{key: entry[key] for key in _TOLD_OF_CHECK if key in entry},
            "code": (entry.get("code") or {}).get("digest"),
        }
        for label, entry in entries.items()
        if labels is None or label in labels
    }


def _flatten(value: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flatten(inner, f"{prefix}{key}.")
        elif inner is not None:
            yield f"{prefix}{key}", json.dumps(inner, ensure_ascii=False)
