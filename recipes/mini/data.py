"""The mini world's shipped data: reasoning prompts to train on and to evaluate on, and the general set."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recipes.mini.general import Exchange, asked, taught
from recipes.mini.world import problems, seeded

TRAIN_PROMPTS, EVAL_PROMPTS, GENERAL_EVAL_ROWS = 600, 160, 100


def reasoning_rows(seed: int, count: int, held_out: bool, prefix: str) -> list[dict[str, Any]]:
    """Prompts with reference answers: columns id, prompt, answer, domain, language, level."""
    return [
        {
            "id": f"{prefix}-{number:04d}",
            "prompt": problem.question,
            "answer": str(problem.answer),
            "domain": "math",
            "language": problem.language,
            "level": problem.level,
        }
        for number, problem in enumerate(problems(seed, count, held_out))
    ]


def general_rows(exchanges: Iterable[Exchange], prefix: str, column: str) -> list[dict[str, Any]]:
    """General rows: columns id, prompt, `column` (response or answer), domain, language."""
    return [
        {
            "id": f"{prefix}-{number:04d}",
            "prompt": row.prompt,
            column: row.response,
            "domain": "general",
            "language": row.language,
        }
        for number, row in enumerate(exchanges)
    ]


def general_training(seed: int) -> list[Exchange]:
    """Small talk, and every fact as it is taught, shuffled."""
    rows = taught()
    seeded(seed).shuffle(rows)
    return rows


def general_test(seed: int) -> list[Exchange]:
    """Some facts in the asking that was never taught for them."""
    return seeded(seed).sample(asked(), GENERAL_EVAL_ROWS)


def write_data(folder: Path, seed: int) -> None:
    """Write train, eval, general and general_eval as JSONL into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "train": reasoning_rows(seed, TRAIN_PROMPTS, held_out=False, prefix="train"),
        "eval": reasoning_rows(seed + 1, EVAL_PROMPTS, held_out=True, prefix="eval"),
        "general": general_rows(general_training(seed), "general", "response"),
        "general_eval": general_rows(general_test(seed), "general-eval", "answer"),
    }
    for name, rows in files.items():
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
