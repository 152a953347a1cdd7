"""The checks whose verdicts a file's rows brought along: recorded with their part in what is correct, which the file does not say.

A judge was asked only of what its rule left undecided. Read as two checks that must both say yes, the two would reject
every row that either has decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files
from curate.store.rules_and_judges import find_part
from curate.store.stale_verdicts import NOT_ASKED
from curate.store.verdicts import GIVEN, NOT_GIVEN, describe_given, read_record
from curate.store.whole_files import write_json
from filters.registry import is_built_in

_NOTHING: Final = pl.DataFrame(schema={"decided": pl.Boolean, "said": pl.String})


def record_given(run: Run, name: str, labels: Sequence[str]) -> None:
    """Keep which verdicts the rows of an import brought along, in place of those of an earlier import.

    They were not asked for by a command, and decide where they are named.
    """
    about = read_record(run, name)
    ours = [entry for entry in about["checks"] if entry["check"] != GIVEN and entry["label"] not in labels]
    parts = _find_parts(run, name, labels)
    given = ({**describe_given(label), "role": "verifier", **parts[label]} for label in labels)
    now = {"checks": [*ours, *given], "asked": about["asked"]}
    if now != about:
        write_json(run.checks(name), now)


def _find_parts(run: Run, name: str, labels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What a record says of rules and judges, by label: from the names of our checks, and from who was asked of what."""
    found: dict[str, dict[str, Any]] = {label: {} for label in labels}
    for label in labels:
        part = find_part({"check": label}) if is_built_in(label) else ""
        if part:
            found[label]["answers"] = part
    asked = {label: _read_asked(run, name, label) for label in labels}
    for judge in labels:
        if not (asked[judge]["said"] == NOT_ASKED).any():
            continue
        rule = next(
            (one for one in labels if one != judge and _is_asked_after(asked[judge], asked[one])), None
        )
        if rule is not None:
            found[judge] |= {"answers": "judge", "after": rule}
            found[rule].setdefault("answers", "rule")
    return found


def _read_asked(run: Run, name: str, label: str) -> pl.DataFrame:
    """Of every sample, in order, whether it was decided, and the reason without its details."""
    files = list_parts(run.verdicts(name) / label)  # an import's samples come after its verdicts
    said = pl.col("reason").str.split(":").list.first().alias("said")
    decided = pl.col("ok").is_not_null().alias("decided")
    return scan_files(files).select(decided, said).collect() if files else _NOTHING


def _is_asked_after(judge: pl.DataFrame, rule: pl.DataFrame) -> bool:
    """Whether a check was asked of just those samples that another left undecided, among those that have its verdict."""
    there = judge["said"] != NOT_GIVEN
    return bool(((judge["said"] == NOT_ASKED) == rule["decided"]).filter(there).all())


def chain_given(
    chains: Sequence[Sequence[str]], labels: Sequence[str], entries: Sequence[Mapping[str, Any]]
) -> list[list[str]]:
    """The chains by which samples are kept: those of the checks that were asked for, and given ones, each judge after its rule."""
    about = {entry["label"]: entry for entry in entries}
    rules = [label for label in labels if find_part(about.get(label)) == "rule"]
    made = [list(chain) for chain in chains]
    alone = [label for label in labels if not any(label in chain for chain in chains)]
    after = {label: _find_rule(about.get(label, {}), rules) for label in alone}
    made += [[label] for label in alone if after[label] is None]
    for label in alone:
        chain = next((chain for chain in made if after[label] in chain), None)
        if chain is not None:
            chain.append(label)
        elif after[label] is not None:
            made.append([label])
    return made


def _find_rule(entry: Mapping[str, Any], rules: Sequence[str]) -> str | None:
    if entry.get("after") or find_part(entry or None) != "judge" or len(rules) != 1:
        return entry.get("after")
    return rules[0]
