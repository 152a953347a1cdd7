import logging
from importlib.resources import files
from types import SimpleNamespace

import pytest
import torch
from accelerate.commands.config.config_args import load_config_from_file
from transformers import AutoModelForCausalLM

from distill.common import requirements, sharding
from distill.common.resuming import check_checkpoint, count_processes, tell_sharding
from distill.common.sharding import choose_sharding, count_parameters, make_sharding_arguments, read_config
from filters.errors import UserError
from tests.distill.tiny import make_model


@pytest.fixture
def gpus(monkeypatch):
    """Pretend that there are this many GPUs, of 80 GB each, with a process for each."""

    def pretend(count: int) -> None:
        monkeypatch.setattr(
            sharding.parallel, "get_process_state", lambda: SimpleNamespace(num_processes=count)
        )
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(
            torch.cuda, "get_device_properties", lambda _: SimpleNamespace(total_memory=80 * 2**30)
        )
        for name in ("ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED"):
            monkeypatch.delenv(name, raising=False)

    return pretend


@pytest.mark.parametrize(
    ("count", "parameters", "lora", "chosen"),
    [
        (8, 1.5e9, False, "none"),
        (8, 7.6e9, False, "fsdp2"),
        (1, 7.6e9, False, "none"),
        (8, 7.6e9, True, "none"),
        (8, 70e9, True, "fsdp2"),
    ],
)
def test_a_model_is_shared_where_one_gpu_cannot_hold_it(gpus, count, parameters, lora, chosen):
    gpus(count)
    assert choose_sharding("auto", int(parameters), lora=lora) == chosen


def test_what_accelerate_was_told_is_left_to_it(gpus, monkeypatch):
    gpus(8)
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    assert choose_sharding("auto", 10**12, lora=False) == "none"


def test_one_process_shares_nothing_and_says_so(caplog):
    with caplog.at_level(logging.WARNING):
        assert choose_sharding("fsdp2", 10, lora=False) == "none"
    assert "there is only one process" in caplog.text


def test_zero3_without_deepspeed_is_said(monkeypatch):
    monkeypatch.setattr(requirements, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install deepspeed"):
        choose_sharding("zero3", 10, lora=False)


def test_fsdp2_recomputes_within_its_layers(monkeypatch):
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "false")
    made = make_sharding_arguments("fsdp2", half=True, checkpointing=True)
    assert made["gradient_checkpointing"] is False
    assert made["fsdp_config"]["activation_checkpointing"] is True
    assert made["fsdp_config"]["cpu_ram_efficient_loading"] is True
    assert make_sharding_arguments("none", half=True, checkpointing=True) == {}


def test_weights_are_counted_without_loading_them(tmp_path):
    for family in ("qwen", "llama"):
        folder = make_model(tmp_path / family, family)
        whole = AutoModelForCausalLM.from_pretrained(folder)
        assert (
            count_parameters(read_config(SimpleNamespace(model=folder, commit=None)))
            == whole.num_parameters()
        )


@pytest.mark.parametrize(("name", "kind"), [("fsdp2", "FSDP"), ("zero3", "DEEPSPEED")])
def test_the_configs_for_several_machines_are_read_by_accelerate(name, kind):
    config = load_config_from_file(str(files("recipes") / "accelerate" / f"{name}.json"))
    assert config.distributed_type == kind
    assert config.mixed_precision == "bf16"


def test_a_checkpoint_tells_who_wrote_it(tmp_path):
    (tmp_path / "rng_state.pth").touch()
    assert (count_processes(tmp_path), tell_sharding(tmp_path)) == (1, "none")
    for rank in range(3):
        (tmp_path / f"rng_state_{rank}.pth").touch()
    (tmp_path / "pytorch_model_fsdp_0").mkdir()
    assert (count_processes(tmp_path), tell_sharding(tmp_path)) == (3, "fsdp2")
    with pytest.raises(UserError, match="was interrupted with shard=fsdp2 on 3 processes"):
        check_checkpoint(tmp_path, "none")
