"""`pytest -n 0 -m slow tests/distill/matching` trains in two processes, too, which takes half a minute each."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, set_seed

from curate.options import fill
from distill.common.callbacks import TimedCheckpoints
from distill.matching import training
from distill.matching.teacher import compare_with_teacher
from distill.sft.load_student import load_tokenization
from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan
from distill.sft.stage import distill_student
from filters.errors import UserError
from tests.distill.several import launch
from tests.distill.tiny import killed_at, make_model, row, sums, write_set
from tests.shown import shown


def options(tmp_path: Path, **rest) -> DistillOptions:
    given = {"run": tmp_path / "run", "model": str(tmp_path / "base"), "dataset": str(tmp_path / "set.jsonl")}
    quick = {"epochs": 2, "batch_size": 4, "learning_rate": 1e-3, "max_length": 128}
    matched = {"method": "logits", "teacher": str(tmp_path / "teacher")}
    return fill(DistillOptions, {**given, **quick, **matched, **rest}, "test")


def trainer_of(plan):
    tokenization = load_tokenization(plan)
    shared = compare_with_teacher(plan, tokenization.tokenizer, tokenization.end)
    corpus = training.make_corpus(plan, tokenization, shared)
    return training.build_trainer(plan, tokenization.tokenizer, tokenization.end, shared, corpus)


def weights(folder: Path):
    return load_file(folder / "model.safetensors")


def reference(student, teacher, rows, beta: float, shared: int) -> float:
    """The mean divergence over the targets of rows, one row at a time, from whole logits."""
    sums, targets = 0.0, 0
    for one in rows:
        ids, labels = torch.tensor([one["input_ids"]]), torch.tensor(one["labels"])
        at = (labels[1:] != -100).nonzero().flatten()
        with torch.no_grad():
            ours, theirs = (
                model(input_ids=ids).logits[0, at, :shared].float().log_softmax(-1)
                for model in (student, teacher)
            )
        if beta == 0:
            kl = (theirs.exp() * (theirs - ours)).sum(-1)
        elif beta == 1:
            kl = (ours.exp() * (ours - theirs)).sum(-1)
        else:
            mixed = ((1 - beta) * ours.exp() + beta * theirs.exp()).log()
            kl = beta * (theirs.exp() * (theirs - mixed)).sum(-1)
            kl = kl + (1 - beta) * (ours.exp() * (ours - mixed)).sum(-1)
        sums, targets = sums + kl.sum().item(), targets + len(at)
    return sums / targets


def pad_embedding(folder: Path, rows: int) -> None:
    """Give a model more embedding rows than tokens, as Qwen's have."""
    model = AutoModelForCausalLM.from_pretrained(folder)
    model.resize_token_embeddings(rows, mean_resizing=False)
    model.save_pretrained(folder)


def make_pair(tmp_path: Path) -> None:
    """A student, and a wider teacher that prefers some tokens to others."""
    make_model(tmp_path / "base")
    make_model(tmp_path / "teacher")
    config = AutoConfig.from_pretrained(tmp_path / "teacher", hidden_size=48, initializer_range=0.1)
    set_seed(2)
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path / "teacher")


@pytest.mark.parametrize(
    ("beta", "ours", "theirs", "micro"),
    [(0.0, 0, 0, 4), (1.0, 0, 8, 1), (0.5, 8, 0, 2), (0.0, 16, 8, 4)],
)
def test_the_loss_is_the_divergence_at_the_targets(tmp_path, beta, ours, theirs, micro):
    make_pair(tmp_path)
    for folder, more in (("base", ours), ("teacher", theirs)):
        if more:
            pad_embedding(tmp_path / folder, 261 + more)
    write_set(tmp_path / "set.jsonl", [row("1+1?", "2"), *sums(3)])
    plan = make_plan(options(tmp_path, divergence=beta, micro_batch_size=micro))
    trainer = trainer_of(plan)
    student, teacher = (
        AutoModelForCausalLM.from_pretrained(tmp_path / name, dtype="float32") for name in ("base", "teacher")
    )
    batch = next(iter(trainer.get_train_dataloader()))
    trainer.model.train()
    total = 0.0
    for _ in range(4 // micro):
        total += trainer.compute_loss(trainer.model, trainer._prepare_inputs(batch)).item()
        trainer._step += 1
    shared = 261 + min(ours, theirs)
    expected = reference(student, teacher, trainer._corpus, beta, shared)
    assert total == pytest.approx(expected, rel=1e-5)
    assert expected > 1e-3
    assert not trainer.teacher_model.training
    assert not any(weight.requires_grad for weight in trainer.teacher_model.parameters())


def test_a_student_that_is_its_own_teacher_learns_nothing(tmp_path):
    make_model(tmp_path / "base")
    write_set(tmp_path / "set.jsonl", sums(8))
    made = distill_student(options(tmp_path, teacher=str(tmp_path / "base")))
    assert [point["loss"] for point in made.about["loss"]] == pytest.approx([0.0] * 4, abs=1e-6)
    before, after = weights(tmp_path / "base"), weights(made.folder)
    assert before.keys() == after.keys()
    assert all(torch.allclose(before[name].float(), after[name].float(), atol=1e-4) for name in before)


def test_logits_are_learned_and_told_with_their_teacher(tmp_path):
    make_pair(tmp_path)
    write_set(tmp_path / "set.jsonl", [*sums(8), row("q", "")])
    kept = weights(tmp_path / "teacher")
    with pytest.raises(UserError, match=r"nothing_to_learn: 1 of 9 rows \(q\)"):
        distill_student(options(tmp_path))
    asked = options(tmp_path, epochs=20, learning_rate=1e-2, drop_bad=True)
    made = distill_student(asked)
    about = made.about
    assert (about["kind"], about["teacher"], about["divergence"]) == (
        "logits",
        str(tmp_path / "teacher"),
        0.0,
    )
    assert (about["rows"], about["left_out_by"]) == (8, {"too_long": 0, "nothing_to_learn": 1})
    assert about["steps"] == 40
    assert about["loss"][-1]["loss"] < 0.5 * about["loss"][0]["loss"]
    assert all(
        torch.equal(one, two)
        for one, two in zip(kept.values(), weights(tmp_path / "teacher").values(), strict=True)
    )
    tokenizer = AutoTokenizer.from_pretrained(made.folder)
    base = AutoTokenizer.from_pretrained(tmp_path / "base")
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("<|im_end|>", base.pad_token)
    assert tokenizer.padding_side == base.padding_side
    again = distill_student(asked.model_copy(update={"save_minutes": 5.0}))
    assert (again.new, again.about) == (False, about)


@pytest.mark.parametrize(
    "how", [{}, {"method": "on_policy", "on_policy": {"max_tokens": 8}}], ids=["logits", "on_policy"]
)
def test_a_killed_training_goes_on_from_its_checkpoint(tmp_path, monkeypatch, how):
    make_pair(tmp_path)
    write_set(tmp_path / "set.jsonl", sums(10))
    given = {"save_minutes": 0, "micro_batch_size": 2, **how}
    whole = distill_student(options(tmp_path, name="whole", **given))
    asked = options(tmp_path, name="cut", **given)
    killed_at(4, lambda: distill_student(asked), monkeypatch)
    seen = []
    monkeypatch.setattr(
        TimedCheckpoints,
        "on_step_end",
        lambda self, args, state, control, **rest: seen.append(state.global_step),
    )
    cut = distill_student(asked)
    assert seen == [4, 5]
    for same in ("loss", "tokens", "learned_tokens"):
        assert cut.about[same] == whole.about[same]
    before, after = weights(whole.folder), weights(cut.folder)
    assert all(torch.equal(before[name], after[name]) for name in before)


def answer(model, tokenizer, questions: list[str]) -> list[dict[str, list[int]]]:
    """A model's own sampled responses, as rows."""
    set_seed(3)
    rows = []
    for question in questions:
        turns = [{"role": "user", "content": question}]
        asked = tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_tensors="pt")
        ids = model.generate(**asked, max_new_tokens=16, do_sample=True)[0].tolist()
        start = asked["input_ids"].shape[1]
        rows.append({"input_ids": ids, "labels": [-100] * start + ids[start:]})
    return rows


def test_a_student_matches_its_teacher_on_its_own_responses(tmp_path):
    make_model(tmp_path / "base")
    make_model(tmp_path / "teacher")
    teacher = AutoModelForCausalLM.from_pretrained(tmp_path / "teacher", dtype="float32")
    with torch.no_grad():
        # A teacher that says the same, and is surer of it.
        teacher.model.norm.weight.mul_(3)
    teacher.save_pretrained(tmp_path / "teacher")
    rows = [{"prompt": f"{a}+{b}?"} for a in range(4) for b in range(4)]
    write_set(tmp_path / "set.jsonl", [*rows, rows[0]])
    given = {"max_tokens": 8, "samples": 2}
    asked = options(tmp_path, method="on_policy", on_policy=given, epochs=4, batch_size=8, learning_rate=5e-3)
    made = distill_student(asked)
    about = made.about
    assert (about["kind"], about["divergence"], about["rows"]) == ("on_policy", 1.0, 16)
    assert about["left_out_by"] == {"too_long": 0, "repeated": 1}
    assert about["steps"] == 16
    assert about["tokens"] > about["learned_tokens"] > 0
    assert about["learned_tokens"] <= 16 * 8 * 8
    assert {"tokens", "entropy", "truncated"} <= about["loss"][-1].keys()
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "base")
    before, after = (
        reference(one, teacher, answer(one, tokenizer, ["7+8?", "9+6?", "8+8?", "5+9?"]), 1.0, 261)
        for one in (
            AutoModelForCausalLM.from_pretrained(folder, dtype="float32")
            for folder in (tmp_path / "base", made.folder)
        )
    )
    assert after < 0.7 * before


def test_adapters_match_a_teacher_and_are_merged(tmp_path):
    make_pair(tmp_path)
    write_set(tmp_path / "set.jsonl", sums(4))
    made = distill_student(options(tmp_path, lora={"rank": 4}))
    before, after = weights(tmp_path / "base"), weights(made.folder)
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert before.keys() == after.keys()
    assert changed == {name for name in before if "_proj.weight" in name}


def test_a_dry_run_compares_the_models_and_trains_nothing(tmp_path):
    make_pair(tmp_path)
    write_set(tmp_path / "set.jsonl", [*sums(4), sums(1)[0]])
    seen = distill_student(options(tmp_path, dry_run=True))
    assert (seen.exit_code, seen.inspection.total.used) == (0, 5)
    asked = options(tmp_path, dry_run=True, method="on_policy", on_policy={"max_tokens": 8})
    seen = distill_student(asked)
    assert (seen.exit_code, seen.inspection.total.rows, seen.inspection.total.used) == (0, 5, 4)
    assert seen.inspection.facts["shared vocabulary"] == "261 ids"
    assert "1 more are repetitions" in shown(seen)
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("sharded", [False, True])
def test_two_processes_train_the_same_as_one(tmp_path, sharded):
    make_pair(tmp_path)
    write_set(tmp_path / "set.jsonl", sums(10))
    one = distill_student(options(tmp_path, name="one"))
    asked = options(tmp_path, name="two", shard="fsdp2" if sharded else "none")
    done = launch(asked, 2, "distill.sft", SHARD="1" if sharded else "")
    assert done.code == 0, done.said[-2000:]
    two = tmp_path / "run" / "models" / "two"
    losses = [
        [point["loss"] for point in json.loads((folder / "r1curate.json").read_text())["loss"]]
        for folder in (one.folder, two)
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    before, after = weights(one.folder), weights(two)
    # Saved in bfloat16, whose rounding a difference of 1e-8 may turn.
    assert max((before[name].float() - after[name].float()).abs().mean() for name in before) < 1e-5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"method": "sft"}, "teacher has no effect with method=sft"),
        ({"teacher": None}, "method=logits needs a teacher"),
        ({"on_policy": {"max_tokens": 5}}, r"on_policy\.max_tokens has no effect with method=logits"),
        ({"method": "on_policy", "on_policy": {"samples": 3}}, "batch_size=4 is not a multiple of samples=3"),
        ({"teacher": "no/where/here"}, "There is no folder 'no/where/here'"),
        ({"method": "on_policy"}, "max_tokens=4096 leaves no room for a prompt in 128 tokens"),
        (
            {"method": "on_policy", "on_policy": {"max_tokens": 120}},
            "longer than the 8 tokens that are left beside a response",
        ),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, change, said):
    make_pair(tmp_path)
    write_set(tmp_path / "set.jsonl", sums(4))
    with pytest.raises(UserError, match=said):
        distill_student(options(tmp_path, **change))
    assert not list((tmp_path / "run").glob("models/*/r1curate.json"))


def test_another_vocabulary_is_refused_before_weights_are_loaded(tmp_path):
    make_pair(tmp_path)
    write_set(tmp_path / "set.jsonl", sums(4))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "teacher")
    tokenizer.add_tokens(["<answer>"])
    tokenizer.save_pretrained(tmp_path / "teacher")
    (tmp_path / "teacher" / "model.safetensors").write_bytes(b"never read")
    with pytest.raises(
        UserError, match="'<answer>' is no token for the student and the id 261 for the teacher"
    ):
        distill_student(options(tmp_path))


def test_a_key_knows_the_teacher_and_not_the_engine(tmp_path):
    make_pair(tmp_path)
    write_set(tmp_path / "set.jsonl", sums(4))
    key = make_plan(options(tmp_path)).key
    assert make_plan(options(tmp_path, divergence=0.0)).key == key
    assert make_plan(options(tmp_path, divergence=0.5)).key != key
    policy = make_plan(options(tmp_path, method="on_policy")).key
    assert policy != key
    assert make_plan(options(tmp_path, method="on_policy", on_policy={"rollout": "vllm"})).key == policy
    assert make_plan(options(tmp_path, method="on_policy", on_policy={"temperature": 0.7})).key != policy
    config = json.loads((tmp_path / "teacher" / "config.json").read_text())
    (tmp_path / "teacher" / "config.json").write_text(json.dumps({**config, "rope_theta": 5.0}))
    assert make_plan(options(tmp_path)).key != key
