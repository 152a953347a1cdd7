"""What a model was trained on, and which prompts of its evaluation stand there.

A prompt stands there where a row's prompt holds it, by the rule of the check `contamination`. The score stays what it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from curate.benchmarks.benchmark_index import index_prompts
from curate.benchmarks.compare_prompts import find_contaminated
from curate.benchmarks.contamination import say_share
from curate.readers.prompts import make_prompts
from curate.readers.read_rows import read_rows
from curate.store.finished_sets import compute_set_digest
from curate.store.layout import MODEL_INFO, Run, name_run
from curate.store.model_info import read_model_info
from distill.common.training_sets import find_set
from filters.errors import UserError
from filters.overlap.match_rules import MatchRules
from filters.types import Prompt

SHOWN: Final = 20
"""Contaminated prompts that metrics.json names one by one."""
_RULES: Final = MatchRules()
"""Those of the check by default."""


@dataclass(frozen=True, slots=True)
class TrainingSource:
    """Rows that a model was trained on. name: as its training was told. source: where they are read. key: of their content then, None where
    nobody knows it. lost: why they cannot be read any more, for a sentence; empty where they can.
    """

    name: str
    source: str
    split: str = "train"
    config: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    key: str | None = None
    lost: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether the rows are others than those that were trained on, as far as that can be told."""
        return self.key is not None and compute_set_digest(Path(self.source)) != self.key

    def read_prompts(self) -> Iterator[Prompt]:
        """The prompts of the rows, each text once. Raises UserError where a row has none."""
        rows = read_rows(self.source, self.split, self.columns, config=self.config)
        seen: set[int] = set()
        for prompt in itertools.islice(make_prompts(rows, as_it_stands=True), self.limit):
            key = hash(prompt.whole_text)
            if key not in seen:
                seen.add(key)
                yield prompt


def find_training_sources(run: Run, model: str, given: Sequence[str]) -> list[TrainingSource]:
    """What a model was trained on: what is given, names of the run's sets or files and Hub sets; else what its folder and those of the models
    that it was made from say. Empty where nothing is known. Raises UserError where what is given is not there.
    """
    if given:
        return [_find_given(run, name) for name in given]
    found: list[TrainingSource] = []
    seen: set[Path] = set()
    folder = Path(model)
    while (folder / MODEL_INFO).is_file() and folder.resolve() not in seen:
        seen.add(folder.resolve())
        about = read_model_info(folder / MODEL_INFO) or {}
        found += _list_of_model(_find_run(run, folder), about)
        folder = Path(str(about.get("base", "")))
    return found


def _find_given(run: Run, name: str) -> TrainingSource:
    in_run = name in run.set_names()
    source = TrainingSource(name, str(find_set(run, name)) if in_run else name)
    if next(source.read_prompts(), None) is None:
        raise UserError(f"--trained-on {name}: it holds no rows.")
    return source


def _find_run(run: Run, folder: Path) -> Run:
    """The run that a model's folder lies in; the evaluation's where that is none."""
    return name_run(folder.parent.parent) if folder.parent.name == "models" else run


def _list_of_model(run: Run, about: Mapping[str, Any]) -> Iterator[TrainingSource]:
    if (name := about.get("set")) is not None:
        try:
            yield TrainingSource(name, str(find_set(run, name)), key=about.get("set_digest"))
        except UserError as error:
            yield TrainingSource(name, name, lost=str(error))
    options = about.get("options", {})
    for one in (options, options.get("general") or {}, options.get("coding") or {}):
        if one.get("prompts"):
            columns = one.get("map") or {}
            yield TrainingSource(
                one["prompts"],
                one["prompts"],
                one.get("split") or "train",
                one.get("config"),
                columns,
                one.get("limit"),
            )


def compare_with_training(
    prompts: Sequence[Prompt], sources: Sequence[TrainingSource]
) -> dict[str, Any] | None:
    """Which prompts stand in what a model was trained on, for metrics.json: `prompts` holds their ids. None where it was trained on nothing known."""
    if not sources:
        return None
    index = index_prompts(prompts, "evaluation", _RULES)
    by_text: dict[str, list[Prompt]] = {}
    for prompt in prompts:
        by_text.setdefault(prompt.text, []).append(prompt)
    held: dict[str, dict[str, Any]] = {}
    described = []
    for source in sources:
        lost = source.lost
        try:
            found = [] if lost else list(find_contaminated(source.read_prompts(), index, every=True))
        except UserError as error:
            found, lost = [], str(error)
        for one in found:
            for prompt in by_text[one.problem.text]:
                match = {
                    "prompt": prompt.id,
                    "row_id": prompt.source_id,
                    "set": source.name,
                    "row": one.prompt.source_id,
                }
                held.setdefault(prompt.id, match | {"kind": one.match.kind, "share": say_share(one.match)})
        described.append({"name": source.name, "changed": not lost and source.is_changed, "lost": lost})
    return {
        "trained_on": described,
        "rule": _RULES.describe(),
        "contaminated": len(held),
        "prompts": sorted(held),
        "shown": [held[key] for key in sorted(held)[:SHOWN]],
    }
