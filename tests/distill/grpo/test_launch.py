"""How a GRPO training is set up on its machine: vLLM on GPUs, several processes, options in a file."""

import json

import pytest

from distill.common.launch import run_from_file
from distill.common.ranks import LAUNCH_FOLDER
from distill.grpo.options import GrpoOptions
from distill.grpo.stage import train_grpo
from distill.grpo.training import make_curve
from tests.distill.grpo.quick_options import options
from tests.distill.several import launch


def test_long_curves_are_thinned():
    history = [{"step": step, "reward": float(step), "loss": "nan"} for step in range(1, 1201)]
    points = make_curve(history, ["short"])
    assert len(points) == 400
    assert (points[0]["step"], points[0]["reward"], points[-1]["step"]) == (3, 2.0, 1200)


def test_the_launched_module_takes_its_options_from_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv(LAUNCH_FOLDER, "")
    file = tmp_path / "options.json"
    file.write_text(options(tmp_path, steps=1).model_dump_json())
    assert run_from_file(GrpoOptions, train_grpo, [str(file)]) == 0
    assert (tmp_path / "run/models/teacher/model.safetensors").exists()


@pytest.mark.timeout(300)
@pytest.mark.slow
def test_two_processes_train_one_model(tmp_path):
    asked = options(tmp_path, prompts_per_step=4, kl_coefficient=0.1, reference_steps=2)
    done = launch(asked, 2)
    assert done.code == 0, done.said
    about = train_grpo(asked).about
    # The reference was replaced after the second step, and the groups are whole though two processes share them.
    assert [round(point["kl"], 6) == 0 for point in about["curve"]] == [True, False, True]
    rollouts = [json.loads(line) for line in (tmp_path / "run/models/teacher/rollouts.jsonl").open()]
    assert [row["step"] for row in rollouts] == [0] * 4 + [1] * 4 + [2] * 4
