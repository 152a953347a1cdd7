"""GRPO on two machines of a Slurm step, which here are launchers on loopback: the policy sampled by itself, and by vLLM beside it.

`pytest -n 0 -m slow tests/distill/grpo/test_on_machines.py`
"""

import subprocess
import sys

import pytest

from distill.grpo.options import GrpoOptions
from tests.distill.grpo.quick_options import options, same
from tests.distill.grpo.test_beside import BESIDE, WIDE
from tests.distill.several import ROOT, VLLM, curve, launch, make_environment, write_options
from tests.distill.sft.test_on_machines import end, make_step
from tests.distill.tiny import make_model

SCRIPT = """
import sys
from pathlib import Path
from curate import show_logs
from distill import GrpoOptions, train_grpo
show_logs()
made = train_grpo(GrpoOptions.model_validate_json(Path(sys.argv[1]).read_text()))
assert made.new
"""
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def train_by_step(asked: GrpoOptions, **environment: str) -> list[tuple[int, str, str]]:
    """Train from a script that is a task of a step on each machine; how each ended."""
    step, file = make_step(), write_options(asked.model_copy(update={"on": "slurm"}))
    tasks = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, file], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=make_environment({**step, **environment, "SLURM_NODEID": str(index)}),
        )
        for index in range(2)
    ]  # fmt: skip
    return [end(task) for task in tasks]


def test_two_machines_train_as_two_processes_do(tmp_path):
    two, step = options(tmp_path, name="two"), options(tmp_path, name="step")
    assert launch(two, 2).code == 0
    ended = train_by_step(step)
    assert [code for code, _, _ in ended] == [0, 0], ended
    assert [point["reward"] for point in curve(step)] == [point["reward"] for point in curve(two)]
    assert same(*(tmp_path / "run/models" / name for name in ("two", "step")))


def test_vllm_beside_the_training_samples_on_each_machine(tmp_path):
    make_model(tmp_path / "base", hidden=WIDE)
    asked = options(tmp_path, rollout=BESIDE, kl_coefficient=0.1)
    ended = train_by_step(asked, **VLLM)
    assert [code for code, _, _ in ended] == [0, 0], ended
    assert [point["step"] for point in curve(asked)] == [1, 2, 3]
    assert curve(asked)[0]["kl"] == 0
    assert all(point["engine distance"] < 0.05 for point in curve(asked))
