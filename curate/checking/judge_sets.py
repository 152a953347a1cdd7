"""All samples of a set judged together, from the signatures that were made of them part by part.

A part that is added makes all of a check's verdicts on these samples stale, but not the signatures of the others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from curate.store.joined import holds_verdicts, join_samples, verdict_column
from curate.store.layout import Run, list_parts, list_parts_there
from curate.store.parquet import count_rows, read_part_info, write_table
from curate.store.schema import verdict_table
from curate.store.signatures import (
    build_set_check,
    count_unsigned,
    digest_index,
    is_signed,
    list_index,
    read_signatures,
)
from curate.store.stale_verdicts import holds_these
from curate.store.verdicts import describe_check, digest_parts, read_checks
from filters.digest import digest, digest_file
from filters.errors import UserError
from filters.set_check import SetCheck, SignedSamples
from filters.spec import CheckSpec
from filters.take_verdicts import take_verdicts
from filters.types import Verdict


def judge_sets(run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
    """Make the verdicts of these checks, which compare all samples, where they are missing or stale.

    Does nothing where parts have come that are not signed yet: they are judged with these, once they are.
    """
    for spec in specs:
        parts = list_parts(run.samples(name))
        if not all(is_signed(run, name, part, spec) for part in parts):
            return
        info = _describe(run, name, spec)
        if list_parts(run.samples(name)) != parts:
            return
        if not all(_is_fresh(run, name, spec, part, info) for part in parts):
            _judge(run, name, spec, parts, info)


def require_indexes(run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
    """Refuse, before any work, an index that is none, was made with other options, or is of these samples. Raises UserError."""
    for spec in specs:
        check = spec.build()
        if isinstance(check, SetCheck) and check.index is not None:
            kept, own = list_index(check.index, check), run.signatures(name, spec.label)
            if Path(check.index).resolve() == own.resolve() or _share_parts(kept, list_parts_there(own)):
                raise UserError(
                    f"'{check.index}' holds the signatures of '{name}' itself, which would all be like their own: name another index."
                )


def _share_parts(kept: Sequence[Path], own: Sequence[Path]) -> bool:
    """Whether a part of an index is a copy of one of these."""
    sizes = {part.stat().st_size for part in own}
    copies = [part for part in kept if part.stat().st_size in sizes]
    return bool(copies) and not {digest_file(part) for part in own}.isdisjoint(map(digest_file, copies))


def _describe(run: Run, name: str, spec: CheckSpec) -> dict[str, Any]:
    """What the metadata of a fresh sidecar says: the check, and all that its verdicts depend on beside it."""
    check = build_set_check(spec)
    info = describe_check(spec) | {"parts": digest_parts(run, name)}
    info |= {"unsigned": count_unsigned(run, name, spec.label)}
    if check.index is not None:
        info |= {"index": digest_index(check.index, check)}
    if check.goes_by_verdicts:
        rows = find_verified(run, name)
        info |= {"verified": digest(sorted(rows))}
    return info


def _is_fresh(run: Run, name: str, spec: CheckSpec, part: Path, info: dict[str, Any]) -> bool:
    path = run.sidecar(name, spec.label, part)
    return holds_verdicts(path) and read_part_info(path) == info and holds_these(path, part)


def find_verified(run: Run, name: str) -> set[str]:
    """The ids of the samples that a verifier that was asked for found correct; of those that have judged all of them."""
    parts = list_parts(run.samples(name))
    labels = [entry["label"] for entry in read_checks(run, name) if entry.get("role") == "verifier"]
    labels = [one for one in labels if all(holds_verdicts(run.sidecar(name, one, part)) for part in parts)]
    if not labels:
        return set()
    judged = join_samples(run, name, labels, ())
    correct = pl.any_horizontal(pl.col(verdict_column(label)).fill_null(False) for label in labels)
    return set(judged.filter(correct)["sample_id"])


def _judge(run: Run, name: str, spec: CheckSpec, parts: Sequence[Path], info: dict[str, Any]) -> None:
    """Compare all samples, and write the verdicts on each part."""
    check = build_set_check(spec)
    files = [run.signatures(name, spec.label) / part.name for part in parts]
    with ExitStack() as stack:
        run.verdicts(name).mkdir(parents=True, exist_ok=True)
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix=".judging-", dir=run.verdicts(name)))
        )
        verified = find_verified(run, name) if check.goes_by_verdicts else set()
        given = iter(judge_signed(check, files, folder, verified))
        for part, file in zip(parts, files, strict=True):
            about, _ = read_signatures(file)
            rows = zip(about["reason"], about["signed"], strict=True)
            verdicts = [next(given) if signed else Verdict(None, reason) for reason, signed in rows]
            table = verdict_table(about["sample_id"].to_arrow(), about["content"].to_arrow(), verdicts)
            assert count_rows(part) == table.num_rows, "every sample of a part is judged once"
            write_table(run.sidecar(name, spec.label, part), table, info)


def judge_signed(
    check: SetCheck, files: Sequence[Path], folder: Path, verified: set[str] | frozenset[str] = frozenset()
) -> list[Verdict]:
    """The verdicts on all samples that have a signature in these parts, in their order. folder: for temporary files."""
    samples = read_signed(check, files, folder, verified)
    number = int((~samples.about["is_kept"]).sum())
    return take_verdicts(check.judge_set(samples), number)


def read_signed(
    check: SetCheck, files: Sequence[Path], folder: Path, verified: set[str] | frozenset[str] = frozenset()
) -> SignedSamples:
    """The samples that have a signature in these parts, and those of the check's index; signatures lie in a file of the folder."""
    kept = [] if check.index is None else list_index(check.index, check)
    about, width = [], 0
    place = folder / "signatures"
    with place.open("wb") as file:
        for number, part in enumerate([*kept, *files]):
            rows, signatures = read_signatures(part)
            signatures.tofile(file)
            width = max(width, signatures.shape[1])
            names = rows.filter("signed").select("sample_id", "row_id", "row_source")
            about.append(names.with_columns(is_kept=pl.lit(number < len(kept))))
    listed = pl.concat(about)
    listed = listed.with_columns(verified=pl.col("sample_id").is_in(list(verified)) & ~pl.col("is_kept"))
    if not len(listed):
        return SignedSamples(np.zeros((0, 0), np.uint8), listed, folder)
    assert place.stat().st_size == width * len(listed), "all signatures of a check are of one length"
    return SignedSamples(np.memmap(place, np.uint8, "r", shape=(len(listed), width)), listed, folder)
