"""vLLM beside a training, in one process and in two: it holds the policy's weights, and the training ends well.

vLLM's build for CPUs takes part by keeping its weights (on_cpu/sitecustomize.py). Each case loads torch and vLLM anew:
`pytest -m slow tests/distill/grpo/test_beside.py`.
"""

import pytest

from tests.distill.grpo.quick_options import options, same
from tests.distill.several import VLLM, curve, launch
from tests.distill.tiny import make_model

WIDE = 64
"""Hidden size at which vLLM's attention on a CPU knows the heads."""
BESIDE = {"kind": "vllm", "gpu_memory": 0.1}
FAULTY = "tests.distill.grpo.faulty"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.mark.parametrize(
    ("family", "rest"),
    [("qwen", {}), ("llama", {}), ("qwen", {"lora": {"rank": 4}, "dtype": "bfloat16"})],
    ids=["tied", "untied", "lora"],
)
def test_vllm_holds_the_weights_of_the_policy_it_samples(tmp_path, family, rest):
    make_model(tmp_path / "base", family, hidden=WIDE)
    asked = options(tmp_path, rollout=BESIDE, **rest)
    done = launch(asked, 1, FAULTY, FAULT="compare", **VLLM)
    assert done.code == 0, done.said
    assert "DIFFERENT []" in done.said
    assert f"TIED {family == 'qwen'}" in done.said
    (behind,) = [float(line.split()[1]) for line in done.said.splitlines() if line.startswith("BEHIND")]
    assert behind < 0.05
    assert not same(tmp_path / "run/models/teacher", tmp_path / "base")


@pytest.mark.parametrize("parallel", [1, 2])
def test_two_processes_with_vllm_beside_end_with_a_model(tmp_path, parallel):
    make_model(tmp_path / "base", hidden=WIDE)
    asked = options(tmp_path, rollout={**BESIDE, "tensor_parallel": parallel}, kl_coefficient=0.1)
    done = launch(asked, 2, **VLLM)
    assert done.code == 0, done.said
    assert [point["step"] for point in curve(asked)] == [1, 2, 3]
    assert curve(asked)[0]["kl"] == 0
    assert not list((tmp_path / "run/models").glob(".*"))


def test_a_second_training_in_the_same_process_finds_nothing_of_the_first(tmp_path):
    make_model(tmp_path / "base", hidden=WIDE)
    asked = options(tmp_path, rollout=BESIDE)
    done = launch(asked, 1, FAULTY, FAULT="twice", **VLLM)
    assert done.code == 0, done.said
    assert "LEFT [] False" in done.said
    assert len(curve(asked)) == 3
    assert same(tmp_path / "run/models/teacher", tmp_path / "run/models/first")


def test_where_one_process_fails_all_end_soon(tmp_path):
    make_model(tmp_path / "base", hidden=WIDE)
    asked = options(tmp_path, rollout=BESIDE)
    done = launch(asked, 2, FAULTY, FAULT="raise", **VLLM)
    assert done.code == 1
    assert done.seconds < 120
    assert not (tmp_path / "run/models/teacher").exists()


def test_without_its_weights_vllm_is_refused_in_one_sentence(tmp_path):
    done = launch(options(tmp_path, rollout=BESIDE), 1, **{**VLLM, "KEEP_WEIGHTS": ""})
    assert done.code != 0
    assert "vLLM's build for CPUs packs the weights and cannot take new ones" in done.said
    assert "use --rollout transformers" in done.said
