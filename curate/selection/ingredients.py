"""What a set is made of: each source with its samples imported, the checks that decide, and what it depends on."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curate.readers.import_samples import ImportCounts, find_import, import_source
from curate.selection.prompt_rates import find_verifier
from curate.selection.sources import Source
from curate.store.joined import EITHER
from curate.store.layout import Run
from curate.store.repairs import REPAIR_SUFFIX, is_by_repairs
from curate.store.rules_and_judges import require_rules_first
from curate.store.verdicts import list_deciding_labels, list_labels, read_checks, require_recorded
from curate.store.whole_files import read_json
from filters.errors import UserError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A source, under its name, with the labels that decide. run: which holds its samples. imported: what became of a file's rows."""

    run: Run
    source: Source
    labels: tuple[str, ...]
    imported: ImportCounts | None

    @property
    def name(self) -> str:
        """What its samples are called in its run."""
        return self.source.name

    @property
    def singles(self) -> list[str]:
        """The labels of all its checks, one by one."""
        return list_singles(self.labels)

    @property
    def verifier(self) -> str | None:
        """The label that says which of its samples are correct; that of a check that decides, where there is one."""
        return find_verifier(self.run, self.name, self.labels)


def take_ingredient(run: Run, source: Source) -> Ingredient:
    """A source in the run; a plain file is imported first, and is taken as it is unless checks are named."""
    if run.has_samples(source.source):
        return Ingredient(run, source, _choose_labels(run, source, generated=True), None)
    counts = import_source(run, source.name, source.traces, list_singles(source.checks or ()))
    return Ingredient(run, source, _choose_labels(run, source, generated=False), counts)


def peek_ingredient(run: Run, source: Source, aside: Run) -> Ingredient:
    """As `take_ingredient`, but a file that the run has not imported is imported into the run `aside`, and nothing written here."""
    if run.has_samples(source.source):
        return take_ingredient(run, source)
    counts = find_import(run, source.name, source.traces)
    if counts is None:
        return take_ingredient(aside, source)
    return Ingredient(run, source, _choose_labels(run, source, generated=False), counts)


def find_kind(one: Ingredient) -> str:
    """What a source's rows are taken for, reasoning or general: what it says itself, else what its samples were generated as."""
    made = read_json(one.run.generation(one.name)) or {}
    return one.source.kind or ("general" if made.get("kind") == "general" else "reasoning")


def _choose_labels(run: Run, source: Source, *, generated: bool) -> tuple[str, ...]:
    """The labels that decide on a source's samples: its own, else those that commands asked for last."""
    if run.is_unfinished(source.name):
        logger.warning(
            f"Sampling of '{source.name}' was interrupted: run generate again to have the rest in the set."
        )
    if generated and source.checks is None:
        require_recorded(run, source.name)
    deciding = list_deciding_labels(run, source.name) if generated else []
    labels = deciding if source.checks is None else list(source.checks)
    require_rules_first(read_checks(run, source.name), source.name, labels)
    known = list_labels(run, source.name)
    _require_repairs(source.name, labels, known)
    _tell_checks(source.name, labels, known)
    if generated and not labels:
        logger.warning(f"No check was run on '{source.name}': all its whole samples count as accepted.")
    return tuple(labels)


def _require_repairs(name: str, labels: Sequence[str], known: Sequence[str]) -> None:
    """Raises UserError where verdicts by repaired references are to decide, and no reference was repaired."""
    for label in list_singles(labels):
        if is_by_repairs(label) and label not in known:
            raise UserError(
                f"'{name}' has no verdicts of '{label}': run verify --repair, with {label.removesuffix(REPAIR_SUFFIX)} and a judge among its checks."
            )


def list_singles(labels: Sequence[str]) -> list[str]:
    """The labels in a list where `a|b` may stand for two."""
    return [single for label in labels for single in label.split(EITHER)]


def _tell_checks(name: str, labels: Sequence[str], known: Sequence[str]) -> None:
    """Say which checks decide, and which that were run once do not."""
    left_out = [label for label in known if label not in list_singles(labels)]
    if labels or left_out:
        others = f"; left out: {', '.join(left_out)}" if left_out else ""
        logger.info(f"'{name}' is decided by: {', '.join(labels) or 'no check'}{others}.")


def read_state(ingredient: Ingredient) -> list[Any]:
    """What a set depends on of an ingredient: when any of these files changes, the set is made anew."""
    run, source = ingredient.run, ingredient.source
    labels = [*ingredient.singles]
    if source.choose == "balanced":
        labels += [one for one in list_singles([ingredient.verifier or ""]) if one and one not in labels]
    folders = [run.samples(source.name), *(run.verdicts(source.name) / label for label in labels)]
    folders.append(run.prompts(source.name))
    files = [file for folder in folders for file in sorted(folder.glob("*.parquet"))]
    if not any(map(is_by_repairs, ingredient.labels)):
        files = [file for file in files if file != run.repairs(source.name)]
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files] + _read_rates_state(
        run, source
    )


def _read_rates_state(run: Run, source: Source) -> list[Any]:
    """By its bytes, because every `generate` writes it again."""
    path = run.pass_rates(source.name)
    if source.choose not in ("first", "balanced") or not path.exists():
        return []
    with path.open("rb") as file:
        return [hashlib.file_digest(file, "blake2b").hexdigest()]
