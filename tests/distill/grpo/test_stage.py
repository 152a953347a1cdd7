import json
import os
from pathlib import Path

import polars as pl
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from distill.grpo.options import GrpoOptions
from distill.grpo.plan import make_plan
from distill.grpo.presets import PRESETS
from distill.grpo.stage import train_grpo
from filters.errors import UserError
from tests.distill.grpo.quick_options import HERE, SHORT, options, same, weights
from tests.distill.tiny import killed_at


def test_a_training_makes_a_model_that_loads_and_tells_what_was_done(tmp_path):
    asked = options(tmp_path)
    made = train_grpo(asked)
    about = made.about
    assert (made.new, about["kind"], about["steps"], about["rewards"]) == (True, "grpo", 3, ["short"])
    assert [point["step"] for point in about["curve"]] == [1, 2, 3]
    assert {"reward", "reward short", "tokens", "entropy", "kl", "undecided"} <= about["curve"][0].keys()
    assert not same(made.folder, tmp_path / "base")
    tokenizer = AutoTokenizer.from_pretrained(made.folder)
    assert tokenizer.eos_token == "<|im_end|>"
    model = AutoModelForCausalLM.from_pretrained(made.folder)
    assert model.dtype == torch.bfloat16
    rollouts = [json.loads(line) for line in (made.folder / "rollouts.jsonl").open()]
    assert [row["step"] for row in rollouts] == [0] * 4 + [1] * 4 + [2] * 4
    assert {row["prompt"] for row in rollouts[:4]} == {rollouts[0]["prompt"]}
    assert all(row["rewards"]["short"] == float(len(row["response"]) <= 10) for row in rollouts)
    assert not list((tmp_path / "run/models").glob(".*"))
    assert not train_grpo(asked).new
    assert make_plan(options(tmp_path, seed=1)).key != about["digest"]
    assert make_plan(options(tmp_path, save_minutes=1, workers=2)).key == about["digest"]


def test_a_killed_training_goes_on_alike_with_the_reference_it_had(tmp_path, monkeypatch):
    replaced = {"steps": 4, "kl_coefficient": 0.5, "reference_steps": 1, "save_minutes": 0}
    whole = train_grpo(options(tmp_path, name="whole", **replaced))
    asked = options(tmp_path, name="cut", **replaced)
    killed_at(3, lambda: train_grpo(asked), monkeypatch)
    kept = list((make_plan(asked).aside / "checkpoints").glob("checkpoint-*"))
    assert [(path.name, (path / "reference.safetensors").exists()) for path in kept] == [
        ("checkpoint-2", True)
    ]
    cut = train_grpo(asked)
    assert [point["step"] for point in cut.about["curve"]] == [1, 2, 3, 4]
    assert [point["kl"] for point in cut.about["curve"]] == [point["kl"] for point in whole.about["curve"]]
    assert same(cut.folder, whole.folder)
    assert (cut.folder / "rollouts.jsonl").read_text() == (whole.folder / "rollouts.jsonl").read_text()


def test_undecided_samples_move_nothing(tmp_path):
    # Every answer is undecided: neither reward nor divergence may change a weight.
    reward = [{"check": f"{HERE}:Unsure"}]
    made = train_grpo(options(tmp_path, reward=reward, kl_coefficient=0.5, reference_steps=1))
    assert all(point["undecided"] == 1 for point in made.about["curve"])
    assert same(made.folder, tmp_path / "base")


def test_adapters_are_merged(tmp_path):
    made = train_grpo(options(tmp_path, lora={"rank": 4}, steps=2))
    before, after = weights(tmp_path / "base"), weights(made.folder)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert changed <= {name for name in before if "_proj" in name}


def test_several_steps_share_a_rollout(tmp_path):
    made = train_grpo(options(tmp_path, steps=5, rollout_steps=2))
    assert {json.loads(line)["step"] for line in (made.folder / "rollouts.jsonl").open()} == {0, 2, 4}
    assert made.about["steps"] == 5
    fewer = train_grpo(options(tmp_path, name="fewer", steps=2, rollout_steps=4))
    assert fewer.about["steps"] == 2
    assert len(fewer.about["curve"]) == 1


def test_within_a_rollout_nothing_is_kept_to_go_on_from(tmp_path, monkeypatch):
    asked = options(tmp_path, steps=4, rollout_steps=2, save_minutes=0)
    killed_at(4, lambda: train_grpo(asked), monkeypatch)
    kept = list((make_plan(asked).aside / "checkpoints").glob("checkpoint-*"))
    assert [path.name for path in kept] == ["checkpoint-2"]
    cut = train_grpo(asked)
    whole = train_grpo(options(tmp_path, name="whole", steps=4, rollout_steps=2))
    assert same(cut.folder, whole.folder)


def test_what_a_reward_reads_is_part_of_what_was_trained(tmp_path):
    asked = options(tmp_path)
    first = make_plan(asked).key
    rows = [json.loads(line) for line in Path(asked.prompts).read_text().splitlines()]
    (tmp_path / "prompts.jsonl").write_text(
        "".join(json.dumps({**row, "language": "zh"}) + "\n" for row in rows)
    )
    assert make_plan(asked).key != first
    judge = {"check": "judge", "options": {"engine": {"kind": "server", "model": "m"}}}
    elsewhere = {"check": "judge", "options": {"engine": {"kind": "server", "model": "m", "retries": 1}}}
    assert (
        make_plan(options(tmp_path, reward=[judge])).key
        == make_plan(options(tmp_path, reward=[elsewhere])).key
    )
    assert (
        make_plan(options(tmp_path, kl_coefficient=0, reference_steps=3)).key
        == make_plan(options(tmp_path, kl_coefficient=0)).key
    )


def test_a_reference_is_replaced_where_it_can_be_kept_with_a_checkpoint(tmp_path, monkeypatch, capsys):
    from distill.grpo.trl_arguments import _reference_interval

    assert _reference_interval(options(tmp_path, reference_steps=3), zero3=False) == 3
    assert _reference_interval(options(tmp_path, reference_steps=3), zero3=True) is None
    assert _reference_interval(options(tmp_path, reference_steps=3, lora={"rank": 2}), zero3=False) is None
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    assert _reference_interval(options(tmp_path, reference_steps=3), zero3=False) is None
    assert "Under DeepSpeed and FSDP 1 the first reference model is kept" in capsys.readouterr().err
    monkeypatch.setenv("FSDP_VERSION", "2")
    assert _reference_interval(options(tmp_path, reference_steps=3), zero3=False) == 3
    monkeypatch.setenv("ACCELERATE_USE_DEEPSPEED", "true")
    assert _reference_interval(options(tmp_path, reference_steps=3), zero3=False) is None


def test_programming_prompts_are_trained_on_beside_the_others(tmp_path):
    coding = tmp_path / "coding.jsonl"
    rows = [{"prompt": f"Print {n}.", "tests": {"inputs": [""], "outputs": [str(n)]}} for n in range(2)]
    coding.write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = options(tmp_path, reward=[SHORT, {"check": "code_tests"}], coding={"prompts": str(coding)})
    plan = make_plan(asked)
    assert [prompt.text[:8] for prompt in plan.reasoning[-2:]] == ["Print 0.", "Print 1."]
    assert plan.reasoning[-1].extra == {"tests": rows[1]["tests"]}
    assert plan.key != make_plan(options(tmp_path, reward=[SHORT, {"check": "code_tests"}])).key
    with pytest.raises(UserError, match="add --reward code_tests"):
        make_plan(options(tmp_path, coding={"prompts": str(coding)}))


def test_general_prompts_have_their_own_reward_in_the_last_steps(tmp_path):
    general = tmp_path / "general.jsonl"
    general.write_text('{"prompt": "Hello!"}\n{"prompt": "Bye!"}\n')
    made = train_grpo(
        options(
            tmp_path,
            reward=[SHORT, {"check": f"{HERE}:Moody", "prompts": "general"}],
            general={"prompts": str(general), "last_steps": 1},
        )
    )
    assert ["reward moody" in point for point in made.about["curve"]] == [False, False, True]
    assert made.about["general_prompts"] == 2


def test_references_that_no_reward_can_use_are_named_first(tmp_path, capsys):
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text(
        '{"id": "one", "prompt": "1+1?", "answer": "2"}\n{"id": "two", "prompt": "?", "answer": null}\n'
    )
    train_grpo(options(tmp_path, reward=["math_answer"], steps=1))
    assert "1 of 2 references are missing, so math_answer decides no sample" in capsys.readouterr().err


def test_prompts_that_leave_no_room_are_left_out_and_counted(tmp_path, capsys):
    rows = [
        {"prompt": "1+1?", "answer": "2"},
        {"prompt": "1" * 600, "answer": "2"},
        {"prompt": "a\ud800", "answer": "2"},
    ]
    (tmp_path / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = train_grpo(options(tmp_path, steps=1))
    assert "2 of 3 prompts are left out" in capsys.readouterr().err
    assert {json.loads(line)["prompt"] for line in (made.folder / "rollouts.jsonl").open()} == {"1+1?"}


def test_only_prompts_of_the_wanted_pass_rate_are_taken(tmp_path):
    asked = options(tmp_path, rates="teacher", pass_rate=(0.2, 0.8))
    with pytest.raises(UserError, match="has no pass rates of 'teacher'"):
        make_plan(asked)
    prompts = make_plan(options(tmp_path)).reasoning
    rates = pl.DataFrame({"prompt_id": [p.id for p in prompts], "pass_rate": [0.0, 0.2, 0.5, 0.9, 1.0, None]})
    (tmp_path / "run/rates").mkdir(parents=True)
    rates.write_parquet(tmp_path / "run/rates/teacher.parquet")
    assert make_plan(asked).reasoning == tuple(prompts[1:3])


def test_think_tags_that_are_special_tokens_are_said_and_still_rewarded(tmp_path, capsys):
    asked = options(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        path = tmp_path / "base" / name
        found = json.loads(path.read_text())
        tokens = found.get("added_tokens") or list(found.get("added_tokens_decoder", {}).values())
        for token in tokens:
            token["special"] = token["special"] or "think>" in token["content"]
        path.write_text(json.dumps(found))
    made = train_grpo(asked)
    assert made.about["troubles"][0].startswith("special_think_tags: ")
    assert '"special": false' in capsys.readouterr().err
    with pytest.raises(UserError, match=r"Stopped because of stop_on_trouble\. special_think_tags"):
        train_grpo(options(tmp_path, stop_on_trouble=True, seed=5))


def test_trouble_stops_the_training_where_that_was_asked(tmp_path):
    # A model with random weights never ends a turn.
    with pytest.raises(UserError, match=r"Stopped because of stop_on_trouble\. truncated"):
        train_grpo(options(tmp_path, reward=[f"{HERE}:Moody"], steps=12, stop_on_trouble=True))
    assert not (tmp_path / "run/models/teacher").exists()


def test_a_preset_fills_what_is_not_given(tmp_path):
    given = {"run": tmp_path, "model": "m", "prompts": "p"}
    r1 = GrpoOptions(**given)
    assert (r1.learning_rate, r1.kl_coefficient, r1.clip_range) == (3e-6, 0.001, 10)
    assert (r1.group_size, r1.prompts_per_step) == (16, 32)
    assert (r1.sampling.temperature, r1.sampling.max_tokens, r1.reference_steps) == (1, 32768, 400)
    assert [spec.label for spec in r1.reward] == ["math_answer", "format", "language_share"]
    zero = GrpoOptions(**given, preset="r1-zero")
    assert (zero.template, [spec.label for spec in zero.reward]) == ("r1-zero", ["math_answer", "format"])
    assert GrpoOptions(**given, preset="r1-zero", template=None).template is None
    dapo = GrpoOptions(**given, preset="dapo", sampling={"temperature": 0.9})
    assert (dapo.kl_coefficient, dapo.loss) == (0, "dapo")
    assert (dapo.clip_range, dapo.clip_range_high) == (0.2, 0.28)
    assert (dapo.sampling.temperature, dapo.sampling.max_tokens) == (0.9, 20480)
    tight = GrpoOptions(**given, preset="dapo", sampling={"max_tokens": 1000})
    assert tight.reward[1].options == {"max_tokens": 1000, "buffer": 200}
    doctor = GrpoOptions(**given, preset="dr-grpo", group_size=4)
    assert (doctor.loss, doctor.scale_rewards, doctor.group_size) == ("dr_grpo", False, 4)
    # Read back from the resolved recipe, every preset is what it was.
    for preset in PRESETS:
        once = GrpoOptions(**given, preset=preset)
        assert GrpoOptions(**once.model_dump(mode="json")) == once


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "no/where/here"}, "There is no folder 'no/where/here'"),
        ({"prompts": "nowhere.jsonl"}, "There is no file or folder 'nowhere.jsonl'"),
        ({"reward": ["agreement"]}, "judges several samples at once"),
        ({"preset": "r2"}, "preset"),
        ({"learning_rate": None}, "learning_rate"),
        (
            {
                "general": {"prompts": os.devnull},
                "reward": [SHORT, {**SHORT, "label": "g", "prompts": "general"}],
            },
            "null",
        ),
        (
            {"sampling": {"max_tokens": 512}},
            "max_tokens=512 leaves no room for a prompt in the context of 512 tokens",
        ),
        ({"sampling": {"max_tokens": 500}}, "No prompt fits beside max_tokens=500"),
        ({"micro_batch_size": 3}, "micro_batch_size=3 does not divide the 8 rows"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, change, said):
    with pytest.raises(UserError, match=said):
        train_grpo(options(tmp_path, **change))
