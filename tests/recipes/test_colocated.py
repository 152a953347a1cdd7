"""Trainings with vLLM beside them and samplings, one after the other in one recipe, as on a machine with one GPU.

    pytest -m slow tests/recipes/test_colocated.py

On a CPU vLLM packs its weights away after loading; on_cpu/sitecustomize.py keeps them, so that a training can renew them.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from recipes.mini.make_models import HERE
from tests.distill.tiny import sums, write_set

ON_CPU = Path(__file__).parents[1] / "distill" / "on_cpu"


def training(name: str, model: str) -> dict[str, object]:
    options = {
        "name": name,
        "model": model,
        "prompts": str(HERE / "data/train.jsonl"),
        "limit": 20,
        "workers": 1,
    }
    size = {"steps": 2, "prompts_per_step": 2, "group_size": 4, "sampling": {"max_tokens": 48}}
    return {"grpo": {**options, **size, "rollout": {"kind": "vllm"}}}


def evaluation(name: str, model: str) -> dict[str, object]:
    options = {"name": name, "prompts": str(HERE / "data/eval.jsonl"), "limit": 8, "samples": 2}
    return {"evaluate": {**options, "engine": {"model": model}, "sampling": {"max_tokens": 60}}}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_trainings_with_vllm_beside_them_and_samplings_between_are_one_recipe(tmp_path: Path):
    teacher, student = str(HERE / "models/teacher"), str(HERE / "models/student-qwen")
    write_set(tmp_path / "set.jsonl", sums(32))
    stages = [
        evaluation("before", teacher),
        training("one", teacher),
        training("two", "${run}/models/one"),
        {
            "distill": {
                "name": "s",
                "model": student,
                "dataset": "${recipe}/set.jsonl",
                "batch_size": 16,
                "epochs": 1,
            }
        },
        evaluation("s", "${run}/models/s"),
    ]
    path = tmp_path / "colocated.yaml"
    path.write_text(yaml.safe_dump({"name": "colocated", "stages": stages}))
    places = os.pathsep.join([str(ON_CPU), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "curate.cli", "run", str(path), "--run", str(tmp_path / "run")],
        capture_output=True, text=True, timeout=800, env={**os.environ, "PYTHONPATH": places, "KEEP_WEIGHTS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {p.parent.name for p in (tmp_path / "run/models").glob("*/r1curate.json")} == {"one", "two", "s"}
    assert (tmp_path / "run/evals/s/metrics.json").exists()
