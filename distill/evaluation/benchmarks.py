"""Benchmarks of programming by name: where their rows are on the Hub, so that nobody has to look it up."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from distill.evaluation.options import EvaluateOptions

logger = logging.getLogger(__name__)


class Benchmark(NamedTuple):
    """A set on the Hub, or an address of its files, and its configuration where it has several."""

    source: str
    config: str | None = None


BENCHMARKS: Final[Mapping[str, Benchmark]] = {
    "humaneval": Benchmark("openai/openai_humaneval"),
    "mbpp": Benchmark("google-research-datasets/mbpp", "sanitized"),
    # By its files, test.jsonl to test6.jsonl: the set itself is a script, which `datasets` does not run any more.
    "livecodebench": Benchmark("hf://datasets/livecodebench/code_generation_lite"),
}
"""By the name that --prompts takes; of each the split `test` is meant, which is the default of `evaluate`."""


def resolve_benchmark(options: EvaluateOptions) -> EvaluateOptions:
    """The options with the set that a benchmark's name stands for; as they are where it is a file's or folder's name."""
    found = BENCHMARKS.get(options.prompts.lower())
    if found is None or Path(options.prompts).exists():
        return options
    config = options.config or found.config
    logger.info(f"{options.prompts} is {found.source}{f', {config}' if config else ''}, {options.split}.")
    return options.model_copy(update={"prompts": found.source, "config": config})
