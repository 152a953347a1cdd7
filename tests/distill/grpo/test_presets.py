"""A preset fills what is not given, whoever gives it: every preset with every option, as flags, recipes and Python write them."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from curate.cli import flags
from curate.options import fill
from distill.grpo.options import GrpoOptions, PolicySampling
from distill.grpo.presets import PRESETS
from filters.errors import UserError

REQUIRED = {"run": "r", "model": "m", "prompts": "p"}
GIVEN: Mapping[str, tuple[str, Any]] = {
    # flag: as the command line gives it, and as Python does
    "limit": ("3", 3),
    "steps": ("7", 7),
    "template": ("r1-zero", "r1-zero"),
    "reward": ("format", ("format",)),
    "rates": ("teacher", "teacher"),
    "prompts-per-step": ("5", 5),
    "group-size": ("4", 4),
    "rollout-steps": ("2", 2),
    "learning-rate": ("1e-5", 1e-5),
    "kl-coefficient": ("0.5", 0.5),
    "reference-steps": ("9", 9),
    "clip-range": ("0.3", 0.3),
    "clip-range-high": ("0.4", 0.4),
    "loss": ("bnpo", "bnpo"),
    "micro-batch-size": ("2", 2),
    "shard": ("fsdp2", "fsdp2"),
    "seed": ("5", 5),
    "workers": ("2", 2),
    "temperature": ("0.7", 0.7),
    "max-tokens": ("64", 64),
    "rollout": ("server", "server"),
    "lora-rank": ("4", 4),
    "general": ("g", "g"),
    "coding": ("c", "c"),
}


def filled(*words: str) -> GrpoOptions:
    """The options that a command line fills."""
    taken: list[GrpoOptions] = []

    def stage(options: GrpoOptions) -> Any:
        taken.append(options)
        return SimpleNamespace(render=tuple, exit_code=0)

    flags.make_command("grpo", GrpoOptions, stage).main([*words], standalone_mode=False)
    return taken[0]


def in_python(preset: str, flag: str, value: Any) -> GrpoOptions:
    *path, last = GrpoOptions.flags.get(flag.replace("-", "_"), flag.replace("-", "_")).split(".")
    values: dict[str, Any] = {last: value}
    for step in reversed(path):
        values = {step: values}
    return GrpoOptions(**REQUIRED, preset=preset, **values)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("flag", GIVEN)
def test_a_flag_beside_a_preset_is_what_python_gives(preset, flag):
    text, value = GIVEN[flag]
    words = [*(f"--{name}={given}" for name, given in REQUIRED.items()), f"--preset={preset}"]
    assert filled(*words, f"--{flag}={text}") == in_python(preset, flag, value)


@pytest.mark.parametrize("preset", PRESETS)
def test_each_default_of_a_preset_written_as_text_is_that_preset(preset):
    once = GrpoOptions(**REQUIRED, preset=preset)
    texts = {
        name: {inner: str(value) for inner, value in given.items()} if isinstance(given, Mapping) else given
        for name, given in PRESETS[preset].items()
    }
    assert GrpoOptions(**REQUIRED, preset=preset, **texts) == once


def test_every_plain_flag_of_grpo_is_tried():
    switches = {"scale_rewards", "mask_truncated", "stop_on_trouble", "gradient_checkpointing", "dry_run"}
    elsewhere = {"run", "model", "prompts", "preset", "name", "revision", "map", "split", "config"}
    machine = {"pass_rate", "weight_decay", "dtype", "save_minutes", "gpus", "gpu_memory", "report_to", "on"}
    nested = {"sampling", "general", "coding", "rollout", "lora"}
    plain = {*GrpoOptions.model_fields, *GrpoOptions.flags} - nested - switches - elsewhere - machine
    assert {flag.replace("-", "_") for flag in GIVEN} | nested >= plain


def test_filled_options_are_merged_as_their_names_are():
    dapo = GrpoOptions(**REQUIRED, preset="dapo", sampling=PolicySampling(temperature=0.9))
    assert (dapo.sampling.temperature, dapo.sampling.max_tokens) == (0.9, 20480)
    short = GrpoOptions(**REQUIRED, preset="dapo", sampling=PolicySampling(max_tokens=100))
    assert short.reward[1].options == {"max_tokens": 100, "buffer": 20}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sampling": {"max_tokens": "many"}}, "sampling.max_tokens"),
        ({"sampling": {"max_tokens": 0}}, "sampling.max_tokens"),
        ({"sampling": 3}, "sampling"),
        ({"sampling": {"max_tokens": None}}, "sampling.max_tokens"),
        ({"preset": ["dapo"]}, "preset"),
    ],
)
def test_what_is_wrong_beside_a_preset_is_named(wrong, said):
    with pytest.raises(UserError, match=f"^here: option '{said}'"):
        fill(GrpoOptions, {**REQUIRED, "preset": "dapo", **wrong}, "here")
