"""A server is asked whether it fits before the training, gets the policy's weights before each rollout, and is told all it needs."""

import pytest
import torch
from requests.exceptions import ConnectionError as Gone
from trl.generation import vllm_client

from distill.grpo import training
from distill.grpo.policy_engine import PolicyEngine, require_same_probabilities
from distill.grpo.policy_server import COMMAND, require_ready
from distill.grpo.stage import train_grpo
from filters.errors import UserError
from tests.distill.grpo.fake_server import END, serve, settings
from tests.distill.grpo.quick_options import options, same, weights


def ready(info, commit=None):
    with serve(info) as fake:
        require_ready(fake.url, "Qwen/Qwen2.5-7B", commit, 400, patience_s=0)


def test_a_server_started_as_the_help_says_is_taken():
    ready(settings("Qwen/Qwen2.5-7B"))
    ready(settings("/data/models/Qwen2.5-7B", max_model_len=400, generation_config="auto"))
    ready(
        settings("/hub/models--Qwen--Qwen2.5-7B/snapshots/abc123", override_generation_config=None), "abc123"
    )


@pytest.mark.parametrize(
    ("info", "said"),
    [
        (None, "does not show how it was started, so it is no vLLM server in development mode"),
        (settings("Qwen/Qwen2.5-7B", weight_transfer_config=None), "cannot take weights over NCCL"),
        (
            settings("Qwen/Qwen2.5-7B", weight_transfer_config={"backend": "ipc"}),
            "cannot take weights over NCCL",
        ),
        (settings("Qwen/Qwen2.5-7B", logprobs_mode="raw_logprobs"), "from before temperature and top_p"),
        (settings("Qwen/Qwen2.5-7B", generation_config="/data/mine"), "samples with settings of its own"),
        (
            settings("Qwen/Qwen2.5-7B", override_generation_config={"top_k": 20}),
            "samples with settings of its own",
        ),
        (settings("Qwen/Qwen2.5-3B"), "serves 'Qwen/Qwen2.5-3B', not 'Qwen/Qwen2.5-7B'"),
        (
            settings("Qwen/Qwen2.5-7B", max_model_len=399),
            "takes 399 tokens a request.* may have 400.*--max-model-len 400",
        ),
    ],
)
def test_another_server_is_refused_with_the_command_that_helps(info, said):
    with pytest.raises(UserError, match=rf"The server at http://127.*{said}") as refused:
        ready(info)
    assert f"restart it: {COMMAND.format(model='Qwen/Qwen2.5-7B')}" in str(refused.value)


def test_where_there_is_none_the_command_that_starts_one_is_said():
    with pytest.raises(
        UserError,
        match=r"No server answers at http://127\.0\.0\.1:9 .*start it: VLLM_SERVER_DEV_MODE=1 vllm serve m ",
    ):
        require_ready("http://127.0.0.1:9/", "m", None, 10, patience_s=0)


def test_without_a_gpu_a_server_is_refused(tmp_path):
    with pytest.raises(
        UserError, match="takes weights over NCCL, so a training with --rollout server needs a GPU"
    ):
        train_grpo(options(tmp_path, rollout={"kind": "server"}))


@pytest.fixture
def sent(monkeypatch):
    """What goes over NCCL, one dictionary a transfer; there is no GPU here that could send it."""
    transfers = []

    def send(iterator, **named):
        transfers.append({name: values.detach().clone() for name, values in iterator})

    monkeypatch.setattr(training, "require_gpu_for_server", lambda device: None)
    monkeypatch.setattr(vllm_client.VLLMClient, "init_communicator", lambda self, device: None)
    monkeypatch.setattr(vllm_client, "packed_nccl_broadcast_producer", send)
    return transfers


@pytest.mark.parametrize("lora", [None, {"rank": 4}], ids=["whole", "lora"])
def test_a_training_sends_its_weights_and_asks_for_what_it_means(tmp_path, sent, lora):
    with serve(settings("base")) as fake:
        asked = options(tmp_path, rollout={"kind": "server", "server": fake.url}, lora=lora)
        made = train_grpo(asked)
    base = weights(tmp_path / "base")
    assert (
        len(sent) == len(fake.bodies("/finish_weight_update")) == len(fake.bodies("/reset_prefix_cache")) == 3
    )
    for transfer, said in zip(sent, fake.bodies("/update_weights"), strict=True):
        assert said["update_info"]["names"] == list(transfer) and set(transfer) == set(base)
        assert said["update_info"]["shapes"] == [list(values.shape) for values in transfer.values()]
        assert {f"torch.{name}" for name in said["update_info"]["dtype_names"]} == {
            str(values.dtype) for values in transfer.values()
        }
    assert all(torch.equal(sent[0][name].bfloat16(), base[name]) for name in base)
    assert not torch.equal(
        sent[1]["model.layers.0.mlp.up_proj.weight"], sent[2]["model.layers.0.mlp.up_proj.weight"]
    )
    for request in fake.bodies("/v1/completions"):
        given = {name: value for name, value in request.items() if name not in ("model", "prompt")}
        assert given == {
            "n": 4, "max_tokens": 12, "temperature": 1.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0,
            "repetition_penalty": 1.0, "presence_penalty": 0.0, "frequency_penalty": 0.0, "logprobs": 0,
            "stop_token_ids": [0, END], "return_token_ids": True, "return_tokens_as_token_ids": True,
        }  # fmt: skip
        assert len(request["prompt"]) == 2
    # Every second sample was cut off, and says so; the others ended with the token that ends a turn.
    assert [point["truncated"] for point in made.about["curve"]] == [0.5] * 3
    # The probabilities that the server told are not the policy's.
    assert 0.2 < made.about["curve"][0]["engine distance"] < 1
    assert made.about["troubles"][0].startswith("engine_apart: at step 1 the log probabilities")
    assert not same(made.folder, tmp_path / "base")


def test_a_server_that_went_away_is_said_in_one_sentence():
    engine = object.__new__(PolicyEngine)
    engine.server_base_url = "http://box:8000"
    with (
        pytest.raises(
            UserError,
            match=r"http://box:8000 does not answer any more \(ConnectionError\): restart it and this training",
        ),
        engine._say_when_gone(),
    ):
        raise Gone


def test_an_engine_that_samples_another_model_is_refused():
    require_same_probabilities(0.03, 0)
    with pytest.raises(
        UserError, match=r"Before step 5 vLLM's log probabilities .* are 2\.50 away from the policy's"
    ):
        require_same_probabilities(2.5, 4)
