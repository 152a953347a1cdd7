"""How an engine is set up from the options: which one, how long, how many at once, and what cannot be."""

from types import SimpleNamespace

import pytest
import torch

from distill.common import requirements
from distill.grpo import engine_arguments, policy_engine
from distill.grpo.engine_arguments import choose_engine, make_engine_arguments
from distill.grpo.options import RolloutOptions
from distill.grpo.policy_engine import PolicyEngine
from distill.memory.training import SEQUENCES
from filters.errors import UserError
from tests.distill.grpo.quick_options import options

BATCHED_TOKENS = 4096
"""What TRL gives vLLM as max_num_batched_tokens, which max_num_seqs must not exceed."""


def arguments(tmp_path, processes=2, heads=4, **rest):
    return make_engine_arguments(options(tmp_path, **rest), {2, 0}, 700, heads, processes)


@pytest.fixture
def gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


def test_on_a_cpu_transformers_samples(tmp_path):
    assert arguments(tmp_path) == {"use_vllm": False}


def test_a_server_is_told_where_responses_end_and_nothing_of_memory(tmp_path):
    made = arguments(tmp_path, rollout={"kind": "server", "server": "http://box:1", "transfer_port": 7})
    assert (made["vllm_mode"], made["vllm_server_base_url"], made["vllm_group_port"]) == (
        "server",
        "http://box:1",
        7,
    )
    # vLLM, unlike transformers, is told nothing of where the template ends a turn.
    assert made["generation_kwargs"] == {
        "stop_token_ids": [0, 2],
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
    }
    assert "vllm_enable_sleep_mode" not in made


def test_beside_the_training_vllm_takes_no_more_than_the_longest_row_and_sleeps(tmp_path, gpus):
    made = arguments(tmp_path, rollout={"tensor_parallel": 2, "gpu_memory": 0.5})
    assert (made["vllm_mode"], made["vllm_tensor_parallel_size"]) == ("colocate", 2)
    assert (made["vllm_max_model_length"], made["vllm_gpu_memory_utilization"]) == (700, 0.5)
    assert made["vllm_enable_sleep_mode"] is True
    assert made["vllm_importance_sampling_mode"] == "token_truncate"
    assert arguments(tmp_path, rollout={"sleep": False})["vllm_enable_sleep_mode"] is False


def test_on_a_cpu_nothing_sleeps(tmp_path):
    assert arguments(tmp_path, rollout={"kind": "vllm"})["vllm_enable_sleep_mode"] is False
    with pytest.raises(UserError, match=r"cannot sleep on a CPU: leave rollout\.sleep out"):
        arguments(tmp_path, rollout={"kind": "vllm", "sleep": True})


@pytest.mark.parametrize(
    ("parallel", "processes", "heads", "said"),
    [
        (3, 4, 12, "does not divide the 4 processes"),
        (2, 4, 7, "does not divide the model's 7 attention heads"),
    ],
)
def test_a_model_that_cannot_be_divided_is_refused(tmp_path, gpus, parallel, processes, heads, said):
    with pytest.raises(UserError, match=rf"rollout\.tensor_parallel={parallel} {said}"):
        arguments(tmp_path, processes, heads, rollout={"tensor_parallel": parallel})


def test_what_is_not_installed_is_said(monkeypatch):
    for module in (engine_arguments, requirements):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert choose_engine(RolloutOptions()) == "transformers"
    for kind in ("vllm", "server"):
        with pytest.raises(UserError, match=f"--rollout {kind} needs the package vllm"):
            choose_engine(RolloutOptions(kind=kind))


@pytest.mark.parametrize(("asked", "taken"), [(8192, SEQUENCES), (16, 16), (None, SEQUENCES)])
def test_no_more_samples_at_once_than_vllm_starts_with(monkeypatch, asked, taken):
    given = {}
    monkeypatch.setattr(
        policy_engine.VLLMGeneration, "__init__", lambda self, **options: given.update(options)
    )
    PolicyEngine(model=torch.nn.Linear(1, 1), max_num_seqs=asked)
    assert given["max_num_seqs"] == taken <= BATCHED_TOKENS


def test_adapters_whose_layers_are_not_whole_are_refused():
    def sharded(version):
        state = SimpleNamespace(
            fsdp_plugin=None if version is None else SimpleNamespace(fsdp_version=version)
        )
        policy_engine._require_whole_layers(SimpleNamespace(state=state))

    sharded(None)
    sharded(2)
    with pytest.raises(UserError, match=r"Under FSDP 1 .* set fsdp_version to 2"):
        sharded(1)


def test_a_copy_of_the_model_stays_on_a_machine(tmp_path, gpus, monkeypatch):
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "6")
    assert arguments(tmp_path, processes=12, rollout={"tensor_parallel": 2})["vllm_tensor_parallel_size"] == 2
    with pytest.raises(UserError, match=r"does not divide the 6 processes of a machine.*a divisor of 6"):
        arguments(tmp_path, processes=12, rollout={"tensor_parallel": 4})
