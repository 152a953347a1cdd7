"""The prompts of public benchmarks and of training splits, as the benchmarks of contamination and duplicates take them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from curate.readers.prompts import make_prompts
from curate.readers.read_rows import read_rows

BENCHMARKS = ("math/math500.json", "math/cmath_zh.jsonl", "math/olympiadbench.jsonl", "gsm8k/test.jsonl")
SEED = 5


def read_problems(files: Sequence[str]) -> list[str]:
    """The problems of benchmarks, as the check reads them."""
    return [text for file in files for text in _read_prompts(Path(file))]


def draw_problems(files: Sequence[str], each: int) -> list[str]:
    """So many different problems of each benchmark."""
    rng = random.Random(SEED)
    return [text for file in files for text in rng.sample(sorted(set(_read_prompts(Path(file)))), each)]


def read_innocents(files: Sequence[Path], count: int) -> list[str]:
    """So many different prompts, evenly of each file while it has any."""
    rng = random.Random(SEED)
    lists = [list(dict.fromkeys(_read_prompts(file))) for file in files]
    for prompts in lists:
        rng.shuffle(prompts)
    turns = (text for turn in zip_longest(*lists) for text in turn if text is not None)
    return [text for text, _ in zip(dict.fromkeys(turns), range(count), strict=False)]


def _read_prompts(file: Path) -> list[str]:
    if file.suffix == ".txt":
        return [line.strip() for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [prompt.text for prompt in make_prompts(read_rows(str(file)))]
