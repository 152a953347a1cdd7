"""A GRPO training's needs are shown by a dry run with its prompts, and refused before anything is loaded."""

import pytest

from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine
from curate.store.whole_files import read_json, write_json
from distill.common import launch, requirements
from distill.grpo.memory import preview_memory, require_memory, settle_memory
from distill.grpo.options import GrpoOptions
from distill.grpo.stage import train_grpo
from filters.errors import UserError
from tests.distill.grpo.quick_options import options
from tests.distill.tiny import make_model
from tests.fake_gpus import set_gpus
from tests.shown import shown


def test_a_dry_run_counts_prompts_and_trains_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(launch, "import_module", lambda name: pytest.fail("nothing is to be trained"))
    asked = options(tmp_path, dry_run=True, gpus=2, gpu_memory=80)
    before = sorted(tmp_path.rglob("*"))
    made = train_grpo(asked)
    assert "'teacher' would be trained on 6 prompts; nothing was trained." in shown(made)
    told = capsys.readouterr().err
    for part in ("KL reference", "engine's weights", "cache of keys and values", "for 2 GPUs of 80 GiB"):
        assert part in told
    assert sorted(tmp_path.rglob("*")) == before


def test_a_dry_run_refuses_what_the_training_would(tmp_path):
    with pytest.raises(UserError, match=r"does not fit|its share of each GPU"):
        train_grpo(options(tmp_path, dry_run=True, model="Qwen/Qwen2.5-32B", gpus=1, gpu_memory=80))
    with pytest.raises(UserError, match="A batch of 8 rows cannot be divided evenly among 3 processes"):
        train_grpo(options(tmp_path, dry_run=True, gpus=3, gpu_memory=80))
    (tmp_path / "none.jsonl").write_text("")
    with pytest.raises(UserError, match=r"none\.jsonl"):
        train_grpo(options(tmp_path, dry_run=True, prompts=str(tmp_path / "none.jsonl")))


def test_what_cannot_fit_is_refused_before_loading(tmp_path, monkeypatch):
    set_gpus(tmp_path, monkeypatch, 1)
    monkeypatch.setattr(launch, "import_module", lambda name: pytest.fail("nothing is to be loaded"))
    with pytest.raises(UserError, match=r"^grpo teacher: "):
        train_grpo(options(tmp_path))


def test_what_is_left_to_choose_is_settled_before_the_processes_start(tmp_path, monkeypatch):
    set_gpus(tmp_path, monkeypatch, 81920, 81920)
    settled = require_memory(options(tmp_path, rollout={"kind": "vllm"}))
    assert settled.shard == "none"
    assert settled.rollout.tensor_parallel == 1
    assert 0.8 < settled.rollout.gpu_memory <= 0.9


def test_a_reward_model_is_held_beside_the_policy(tmp_path):
    reward = ["math_answer", "reward_model:model=Skywork/Skywork-Reward-V2-Qwen3-8B"]
    asked = options(tmp_path, reward=reward, gpus=1, gpu_memory=80)
    (estimate,) = preview_memory(asked, Shapes()).estimates
    held = {part.name: part.gib for part in estimate.parts}
    # All of Qwen3-8B but its head over the vocabulary, in bfloat16.
    expected = 2 * (8_190_735_360 - 151_936 * 4096) / 2**30
    assert held["reward model Skywork/Skywork-Reward-V2-Qwen3-8B"] == pytest.approx(expected)


def test_there_is_no_reference_without_a_divergence(tmp_path):
    shape = Shapes().find("Qwen/Qwen2.5-7B")
    given = {"run": "r", "model": "m", "prompts": "p"}

    def has_reference(**more) -> bool:
        settled = settle_memory(GrpoOptions(**given, **more), shape, Machine(8, 80.0, planned=True))
        return any(part.name == "KL reference" for part in settled.estimate.parts)

    assert has_reference()
    assert not has_reference(kl_coefficient=0)
    assert not has_reference(lora={"rank": 8})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rollout": {"kind": "server"}}, "needs a GPU of its own"),
        ({"rollout": {"kind": "vllm"}}, "cannot sample a policy in training: use --rollout transformers"),
        ({"rollout": {"kind": "vllm", "sleep": True}}, "vLLM cannot sleep on a CPU"),
        ({"shard": "zero3"}, "shard=zero3 needs DeepSpeed, which is not installed"),
        ({"template": "no-such"}, "There is no chat template file 'no-such'"),
        ({"model": "no/such/folder"}, "There is no folder 'no/such/folder'"),
        ({"model": "no-such-folder"}, "There is no folder 'no-such-folder'"),
        ({"model": "{here}"}, "is not a model; it has no config.json"),
    ],
)
def test_a_dry_run_refuses_what_is_not_there(tmp_path, monkeypatch, change, said):
    monkeypatch.setattr(requirements, "find_spec", lambda name: None if name == "deepspeed" else name)
    change = {name: str(tmp_path) if value == "{here}" else value for name, value in change.items()}
    with pytest.raises(UserError, match=said):
        train_grpo(options(tmp_path, dry_run=True, **change))
    with pytest.raises(UserError, match=said):
        train_grpo(options(tmp_path, dry_run=True, gpus=0, **change))


def test_what_a_planned_machine_has_is_not_looked_for_here(tmp_path, monkeypatch):
    monkeypatch.setattr(requirements, "find_spec", lambda name: None)
    for change in ({"rollout": {"kind": "vllm"}}, {"rollout": {"kind": "server"}}, {"shard": "zero3"}):
        made = train_grpo(options(tmp_path, dry_run=True, gpus=2, gpu_memory=80, **change))
        assert made.exit_code == 0
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert train_grpo(options(tmp_path, dry_run=True, gpus=2, model="Qwen/Qwen2.5-7B")).exit_code == 0
    assert train_grpo(options(tmp_path, dry_run=True, gpus=2, model="some/model")).exit_code == 0


def without_template(folder):
    make_model(folder, template=None)


def torn(folder):
    make_model(folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])


def quantized(folder):
    make_model(folder)
    config = read_json(folder / "config.json")
    write_json(folder / "config.json", {**config, "quantization_config": {"quant_method": "gptq", "bits": 4}})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (without_template, "chat template"),
        (torn, "is not whole"),
        (quantized, "are quantized and cannot be trained"),
    ],
)
def test_a_model_that_cannot_be_trained_is_refused_alike_with_and_without_training(tmp_path, spoil, said):
    spoil(tmp_path / "base")
    for dry in (True, False):
        with pytest.raises(UserError, match=said):
            train_grpo(options(tmp_path, dry_run=dry))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"report_to": ["nonsense"]}, "report_to: there is no tracker 'nonsense'"),
        ({"report_to": ["neptune"]}, "report_to: the package of 'neptune' is not installed here"),
        ({"lora": {"targets": ["nope"]}}, "lora.targets: 'nope': no module of the model is called so"),
        ({"sampling": {"max_tokens": 510}}, "No prompt fits beside max_tokens=510"),
        ({"reward": ["math_answer", "reward_model:model=no/such/model"]}, "There is no folder 'no/such/model'"),
    ],
)  # fmt: skip
def test_what_a_training_refuses_its_dry_run_refuses(tmp_path, change, said):
    for dry in (True, False):
        with pytest.raises(UserError, match=said):
            train_grpo(options(tmp_path, dry_run=dry, **change))
