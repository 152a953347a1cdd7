"""A GRPO training of seconds, and what its models weigh."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from curate.options import fill
from distill.grpo.options import GrpoOptions
from tests.distill.tiny import make_model

HERE = "tests.curate.checking.checks_for_tests"
SHORT = {"check": f"{HERE}:Short", "options": {"longest": 10}}


def options(tmp_path: Path, **rest) -> GrpoOptions:
    prompts = tmp_path / "prompts.jsonl"
    if not prompts.exists():
        rows = [{"id": str(n), "prompt": f"{n}+1?", "answer": str(n + 1), "language": "en"} for n in range(6)]
        prompts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    if not (tmp_path / "base").exists():
        make_model(tmp_path / "base")
    given = {"run": tmp_path / "run", "model": str(tmp_path / "base"), "prompts": str(prompts)}
    quick = {
        "steps": 3,
        "prompts_per_step": 2,
        "group_size": 4,
        "learning_rate": 1e-2,
        "sampling": {"max_tokens": 12},
        "reward": [SHORT],
        "workers": 1,
    }
    return fill(GrpoOptions, {**given, **quick, **rest}, "test")


def weights(folder: Path):
    return load_file(folder / "model.safetensors")


def same(one: Path, two: Path) -> bool:
    return all(torch.equal(a, b) for a, b in zip(weights(one).values(), weights(two).values(), strict=True))
