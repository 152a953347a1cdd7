"""The mini world's shipped data: reasoning prompts to train and to evaluate on, worked examples, the general set."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from recipes.mini.contexts import make_worked_examples
from recipes.mini.general import Exchange, list_test_exchanges, taught
from recipes.mini.preferences import make_labelled_pairs
from recipes.mini.words import LANGUAGES
from recipes.mini.world import Problem, draw_problem, make_generator, problems

TRAIN_PROMPTS, EVAL_PROMPTS, GENERAL_EVAL_ROWS = 600, 160, 100
EXAMPLES = ((3, "story"), (4, "plain"))
"""Level and frame of the worked examples, the same in each language."""


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


def example_rows(seed: int) -> list[dict[str, Any]]:
    """Examples to show before a prompt, with a line that checks: columns id, prompt, response, language.

    Their problems stand neither in train nor in eval.
    """
    rng = make_generator(seed)
    sets = problems(seed, TRAIN_PROMPTS, held_out=False), problems(seed + 1, EVAL_PROMPTS, held_out=True)
    shipped = {problem.numbers for some in sets for problem in some}
    rows = []
    for wanted in ((language, *kind) for language in LANGUAGES for kind in EXAMPLES):
        fitting = (p for p in _drawn(rng) if (p.language, p.level, p.frame) == wanted)
        problem = next(p for p in fitting if p.numbers not in shipped)
        response = make_worked_examples(rng, problem, checked=True)
        rows.append({"prompt": problem.question, "response": response, "language": problem.language})
    return [{"id": f"example-{number:04d}", **row} for number, row in enumerate(rows)]


def _drawn(rng: random.Random) -> Iterator[Problem]:
    while True:
        yield draw_problem(rng, held_out=False)


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
    make_generator(seed).shuffle(rows)
    return rows


def general_test(seed: int) -> list[Exchange]:
    """Some facts in the asking that was never taught for them."""
    return make_generator(seed).sample(list_test_exchanges(), GENERAL_EVAL_ROWS)


def preference_rows(seed: int) -> list[dict[str, Any]]:
    """Every fact in the asking that was never taught for it, with a bad reply of each kind: columns id, prompt, good, bad, kind, language."""
    rows = list_test_exchanges()
    languages = {row.prompt: row.language for row in rows}
    return [
        {
            "id": f"preference-{number:04d}",
            "prompt": one.prompt,
            "good": one.good,
            "bad": one.bad,
            "kind": one.kind,
            "language": languages[one.prompt],
        }
        for number, one in enumerate(make_labelled_pairs(make_generator(seed + 2), rows))
    ]


def write_data(folder: Path, seed: int) -> None:
    """Write train, eval, examples, general, general_eval and preferences as JSONL into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "train": reasoning_rows(seed, TRAIN_PROMPTS, held_out=False, prefix="train"),
        "eval": reasoning_rows(seed + 1, EVAL_PROMPTS, held_out=True, prefix="eval"),
        "examples": example_rows(seed),
        "general": general_rows(general_training(seed), "general", "response"),
        "general_eval": general_rows(general_test(seed), "general-eval", "answer"),
        "preferences": preference_rows(seed),
    }
    for name, rows in files.items():
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
