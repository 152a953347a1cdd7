"""A training that FSDP2 shards over two processes is the one that copies make, its KL reference included.

accelerate shards on GPUs only; two gloo processes pass for them (on_cpu/sitecustomize.py):
`pytest -m slow tests/distill/grpo/test_sharded.py`.
"""

from pathlib import Path

import pytest
import torch

import recipes
from tests.distill.grpo.quick_options import options, weights
from tests.distill.several import FSDP, curve, launch

FAULTY = "tests.distill.grpo.faulty"
REPLACED = {"kl_coefficient": 0.5, "reference_steps": 2, "steps": 4, "prompts_per_step": 4}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def equal(one, two) -> bool:
    """Whether the tensors that both files hold are the same; a tied head may be in one of them alone."""
    a, b = weights(one.run / "models" / one.name), weights(two.run / "models" / two.name)
    assert set(a) ^ set(b) <= {"lm_head.weight"}
    return all(torch.equal(a[name], b[name]) for name in a.keys() & b.keys())


def test_sharded_is_copied_and_goes_on_alike(tmp_path):
    copied = options(tmp_path, name="copied", **REPLACED)
    done = launch(copied, 2)
    assert done.code == 0, done.said
    for load in ("true", "false"):
        sharded = options(tmp_path, name=f"sharded-{load}", **REPLACED)
        done = launch(sharded, 2, **FSDP, FSDP_CPU_RAM_EFFICIENT_LOADING=load)
        assert done.code == 0, done.said
        kls = [point["kl"] for point in curve(sharded)]
        assert kls == [point["kl"] for point in curve(copied)]
        assert [kl > 0 for kl in kls] == [False, True, False, True]
        assert equal(sharded, copied)
    cut = options(tmp_path, name="cut", save_minutes=0, **REPLACED)
    done = launch(cut, 2, FAULTY, FAULT="stop", **FSDP, FSDP_CPU_RAM_EFFICIENT_LOADING="true")
    assert "Stopped before saving" in done.said
    kept = (tmp_path / "run/models").glob(".cut.*/checkpoints/*/reference.safetensors")
    assert [file.parent.name for file in kept] == ["checkpoint-3"]
    done = launch(cut, 2, **FSDP, FSDP_CPU_RAM_EFFICIENT_LOADING="true")
    assert done.code == 0, done.said
    assert [point["kl"] for point in curve(cut)] == kls
    assert equal(cut, copied)


def test_the_option_shards_as_accelerate_does(tmp_path):
    copied = options(tmp_path, name="copied", **REPLACED)
    sharded = options(tmp_path, name="sharded", shard="fsdp2", save_minutes=0, **REPLACED)
    for asked, environment in ((copied, {}), (sharded, {"SHARD": "1", "ACCELERATE_USE_CPU": "true"})):
        done = launch(asked, 2, **environment)
        assert done.code == 0, done.said
    assert [point["kl"] for point in curve(sharded)] == [point["kl"] for point in curve(copied)]
    assert equal(sharded, copied)


def test_half_a_reference_is_refused(tmp_path):
    done = launch(
        options(tmp_path, kl_coefficient=0.1),
        2,
        FAULTY,
        FAULT="half",
        **FSDP,
        FSDP_CPU_RAM_EFFICIENT_LOADING="true",
    )
    assert done.code == 1
    assert "Before step 1 the reference model must be the policy, but" in done.said
    assert "Use --lora-rank or --kl-coefficient 0" in done.said


def test_so_is_one_that_only_its_probabilities_show(tmp_path):
    teacher = str(Path(recipes.__file__).parent / "mini/models/teacher")
    asked = options(tmp_path, model=teacher, kl_coefficient=0.1)
    done = launch(asked, 2, FAULTY, FAULT="half-unseen", **FSDP, FSDP_CPU_RAM_EFFICIENT_LOADING="true")
    assert done.code == 1
    assert (
        "the reference model must give the policy's own probabilities, but diverges from them by" in done.said
    )


def test_adapters_have_the_sharded_base_for_a_reference(tmp_path):
    asked = options(tmp_path, kl_coefficient=0.1, lora={"rank": 4}, dtype="bfloat16")
    done = launch(asked, 2, **FSDP, FSDP_CPU_RAM_EFFICIENT_LOADING="true")
    assert done.code == 0, done.said
    assert [point["kl"] > 0 for point in curve(asked)] == [False, True, True]
