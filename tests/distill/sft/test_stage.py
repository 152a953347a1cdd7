import json
import shutil
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from curate.engines.chat_template import Chat
from curate.options import fill
from distill.common.callbacks import TimedCheckpoints
from distill.common.launch import run_from_file
from distill.common.loading import load_tokenizer
from distill.common.options import LoraOptions
from distill.common.ranks import LAUNCH_FOLDER
from distill.sft import training, trl_trainer
from distill.sft.corpus import tokenize_set
from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan
from distill.sft.stage import distill_student
from distill.sft.tokens import Tokenization
from filters.errors import UserError
from tests.distill.tiny import R1, killed_at, make_model, row, sums, write_set


def options(tmp_path: Path, **rest) -> DistillOptions:
    given = {"run": tmp_path / "run", "model": str(tmp_path / "base"), "dataset": str(tmp_path / "set.jsonl")}
    quick = {"epochs": 2, "batch_size": 4, "learning_rate": 1e-3, "max_length": 128}
    return fill(DistillOptions, {**given, **quick, **rest}, "test")


def trainer_of(plan):
    tokenizer = load_tokenizer(plan.base, plan.options)
    chat = Chat(tokenizer, None, "tiny")
    counts = tokenize_set(plan.set, Tokenization(tokenizer, chat), plan.options.max_length, plan.aside)
    return training.build_trainer(plan, tokenizer, counts), tokenizer


def weights(folder: Path):
    return load_file(folder / "model.safetensors")


@pytest.mark.parametrize("template", [None, R1])
def test_the_labels_of_a_batch_are_the_completions_and_the_turns_end(tmp_path, template):
    make_model(tmp_path / "base")
    rows = sums(8)
    write_set(tmp_path / "set.jsonl", rows)
    given = {}
    if template:
        (tmp_path / "r1.jinja").write_text(template)
        given["template"] = str(tmp_path / "r1.jinja")
    trainer, tokenizer = trainer_of(make_plan(options(tmp_path, micro_batch_size=4, **given)))
    seen = []
    for batch in (micro_batch for step in trainer.get_train_dataloader() for micro_batch in step):
        sizes = batch["cu_seq_lens_q"].diff().tolist()
        rows_of = (batch[name][0].split(sizes) for name in ("input_ids", "labels"))
        for ids, labels in zip(*rows_of, strict=True):
            assert all(
                label in (-100, token) for token, label in zip(ids.tolist(), labels.tolist(), strict=True)
            )
            seen.append(tokenizer.decode([label for label in labels.tolist() if label != -100]))
    expected = [r["completion"][0]["content"] + "<|im_end|>" for r in rows]
    if template:
        expected = [text.removeprefix("<think>\n") for text in expected]
    assert sorted(seen) == sorted(expected)


def test_a_mask_of_ones_changes_nothing(tmp_path):
    model = AutoModelForCausalLM.from_pretrained(make_model(tmp_path / "base"), dtype="float32")
    ids = torch.tensor([[5, 6, 7, 8], [9, 10, 0, 0]])
    masked = model(ids, attention_mask=torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])).logits
    free = model(ids, attention_mask=torch.ones_like(ids)).logits
    assert torch.allclose(masked[0], free[0], atol=1e-6)
    assert torch.allclose(masked[1, :2], free[1, :2], atol=1e-6)


@pytest.mark.parametrize("free", [True, False])
def test_the_ways_to_a_loss_give_the_same_and_nothing_for_nothing(tmp_path, monkeypatch, free):
    make_model(tmp_path / "base")
    write_set(tmp_path / "set.jsonl", sums(8))
    trainer, _ = trainer_of(make_plan(options(tmp_path, dtype="float32", padding_free=free)))
    (batch,) = trainer._shares.__getitems__([0, 3, 5])
    empty = trainer.data_collator.collate([])
    count = trainer._get_num_items_in_batch([[batch, empty]], "cpu")
    losses = []
    for small in (2**20, 0):
        monkeypatch.setattr(trl_trainer, "SMALL_VOCABULARY", small)
        losses.append(trainer.compute_loss(trainer.model, dict(batch), num_items_in_batch=count).item())
        nothing = trainer.compute_loss(trainer.model, dict(empty), num_items_in_batch=count)
        assert nothing.item() == 0
        nothing.backward()
        assert all(not p.grad.any() for p in trainer.model.parameters() if p.grad is not None)
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    assert 4 < losses[0] < 7


def test_a_student_learns_stops_and_is_made_once(tmp_path, capsys):
    make_model(tmp_path / "base")
    write_set(
        tmp_path / "set.jsonl", [*(row("hi", "<think>\nhm\n</think>\n\nyo") for _ in range(8)), row("q", "")]
    )
    asked = options(tmp_path, epochs=60, batch_size=8, learning_rate=2e-2, drop_bad=True)
    made = distill_student(asked)
    assert made.new
    assert made.folder == tmp_path / "run" / "models" / "student"
    assert (made.about["rows"], made.about["left_out"]) == (8, 1)
    assert made.about["left_out_by"] == {"too_long": 0, "nothing_to_learn": 1}
    assert made.about["steps"] == 60
    rates = [point["learning_rate"] for point in made.about["loss"]]
    assert max(rates) <= 2e-2
    assert rates[-1] == pytest.approx(2e-3, rel=0.1)
    assert [p.name for p in made.folder.parent.iterdir()] == ["student"]
    assert "left out, nothing to learn | 1 |" in (made.folder / "README.md").read_text()
    tokenizer = AutoTokenizer.from_pretrained(made.folder)
    assert tokenizer.eos_token == "<|im_end|>"
    model = AutoModelForCausalLM.from_pretrained(made.folder, dtype="auto")
    assert model.dtype == torch.bfloat16
    assert model.generation_config.eos_token_id == [2, 0]
    asking = tokenizer.apply_chat_template(
        [{"role": "user", "content": "hi"}], add_generation_prompt=True, return_tensors="pt"
    )
    said = model.generate(**asking, max_new_tokens=40, do_sample=False)[0, asking["input_ids"].shape[1] :]
    assert tokenizer.decode(said) == "<think>\nhm\n</think>\n\nyo<|im_end|>"
    again = distill_student(asked.model_copy(update={"save_minutes": 5.0}))
    assert (again.new, again.about) == (False, made.about)


def test_lora_is_merged_into_a_model_that_loads(tmp_path):
    make_model(tmp_path / "base", "llama")
    write_set(tmp_path / "set.jsonl", sums(8))
    made = distill_student(options(tmp_path, lora={"rank": 4}, epochs=4))
    before, after = weights(tmp_path / "base"), weights(made.folder)
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed == {name for name in before if "_proj" in name}
    model = AutoModelForCausalLM.from_pretrained(made.folder)
    assert model.generate(torch.tensor([[5, 6]]), max_new_tokens=4, min_new_tokens=4).shape == (1, 6)


def test_adapters_are_merged_in_float32_or_kept_apart(tmp_path):
    make_model(tmp_path / "base", "llama")
    write_set(tmp_path / "set.jsonl", sums(8))
    asked = {"epochs": 4, "learning_rate": 1e-2}
    merged = distill_student(options(tmp_path, lora={"rank": 4}, **asked))
    apart = distill_student(options(tmp_path, lora={"rank": 4, "merge": False}, name="apart", **asked))
    assert not {"config.json", "model.safetensors"} & {path.name for path in apart.folder.iterdir()}
    base = AutoModelForCausalLM.from_pretrained(tmp_path / "base", dtype=torch.float32)
    exact = PeftModel.from_pretrained(base, apart.folder).merge_and_unload().state_dict()
    saved = weights(merged.folder)
    assert all(torch.equal(saved[name], exact[name].bfloat16()) for name in saved)


def test_a_killed_training_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    make_model(tmp_path / "base")
    write_set(tmp_path / "set.jsonl", sums(12))
    whole = distill_student(options(tmp_path, name="whole", save_minutes=0))
    asked = options(tmp_path, name="cut", save_minutes=0)
    killed_at(4, lambda: distill_student(asked), monkeypatch)
    aside = make_plan(asked).aside
    assert not (tmp_path / "run" / "models" / "cut").exists()
    assert [p.name for p in (aside / "checkpoints").glob("checkpoint-*")] == ["checkpoint-3"]
    # One that was being written when the process died: everything but its state file, which comes last.
    (aside / "checkpoints" / "checkpoint-4").mkdir()
    seen = []
    monkeypatch.setattr(
        TimedCheckpoints,
        "on_step_end",
        lambda self, args, state, control, **rest: seen.append(state.global_step),
    )
    cut = distill_student(asked)
    assert seen == [4, 5, 6]
    assert cut.about["loss"] == whole.about["loss"]
    assert all(
        torch.equal(one, two)
        for one, two in zip(weights(cut.folder).values(), weights(whole.folder).values(), strict=True)
    )


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def blank(path: Path) -> None:
    path.write_bytes(b" " * path.stat().st_size)


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> Path:
    """A training that was killed after its third step, beside a whole one."""
    folder = tmp_path_factory.mktemp("killed")
    make_model(folder / "base")
    write_set(folder / "set.jsonl", sums(12))
    distill_student(options(folder, name="whole", save_minutes=0))
    asked = options(folder, name="cut", save_minutes=0)
    with pytest.MonkeyPatch.context() as patch:
        killed_at(4, lambda: distill_student(asked), patch)
    return folder


@pytest.mark.parametrize(("spoil", "name"), [
    (cut, "scheduler.pt"), (Path.unlink, "optimizer.pt"), (blank, "model.safetensors"), (blank, "trainer_state.json"),
    (cut, "../../corpus.arrow"),
])  # fmt: skip
def test_a_damaged_checkpoint_is_passed_over_or_told_and_never_gone_on_from(killed, tmp_path, spoil, name):
    shutil.copytree(killed / "run", tmp_path / "run")
    asked = options(killed, name="cut", save_minutes=0, run=tmp_path / "run")
    spoil(make_plan(asked).aside / "checkpoints" / "checkpoint-3" / name)
    if name == "model.safetensors":
        with pytest.raises(
            UserError, match=r"checkpoint-3' cannot be read .* remove it to start this training anew"
        ):
            distill_student(asked)
        return
    before, after = weights(killed / "run" / "models" / "whole"), weights(distill_student(asked).folder)
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_other_options_or_another_set_train_anew(tmp_path):
    make_model(tmp_path / "base")
    source = write_set(tmp_path / "set.jsonl", sums(4))
    asked = options(tmp_path, epochs=1)
    first = distill_student(asked)
    assert make_plan(asked).key == first.about["digest"]
    assert make_plan(options(tmp_path, epochs=1, micro_batch_size=1)).key == first.about["digest"]
    assert make_plan(options(tmp_path, epochs=1, lora={"rank": 4})).key != first.about["digest"]
    write_set(source, sums(6))
    second = distill_student(asked)
    assert (second.new, second.about["rows"]) == (True, 6)


def test_activations_that_are_computed_again_change_nothing(tmp_path):
    make_model(tmp_path / "base")
    write_set(tmp_path / "set.jsonl", sums(8))
    kept = distill_student(options(tmp_path, name="kept"))
    again = distill_student(options(tmp_path, name="again", gradient_checkpointing=True))
    assert again.about["loss"] == kept.about["loss"]
    kept_weights, weights_again = weights(kept.folder), weights(again.folder)
    assert all(torch.equal(kept_weights[name], weights_again[name]) for name in kept_weights)


def test_a_student_that_saw_longer_rows_says_so(tmp_path):
    make_model(tmp_path / "base", positions=32)
    write_set(tmp_path / "set.jsonl", sums(4))
    made = distill_student(options(tmp_path, epochs=1))
    assert made.about["longest"] > 32
    assert json.loads((made.folder / "config.json").read_text())["max_position_embeddings"] == 128


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": "no/where/here"}, "There is no folder 'no/where/here'"),
        ({"dataset": "nowhere"}, "There is no set 'nowhere'"),
        ({"template": "nowhere.jinja"}, "There is no chat template file 'nowhere.jinja'"),
        ({"name": "../up"}, "'../up' cannot be a name"),
        ({"shard": "zero3"}, "shard=zero3 needs DeepSpeed, which is not installed"),
    ],
)
def test_mistakes_are_one_sentence(tmp_path, change, said):
    make_model(tmp_path / "base")
    write_set(tmp_path / "set.jsonl", sums(4))
    with pytest.raises(UserError, match=said):
        distill_student(options(tmp_path, **change))
    assert not list((tmp_path / "run").glob("models/*/r1curate.json"))


def test_a_folder_that_is_no_model_is_said_so(tmp_path):
    write_set(tmp_path / "set.jsonl", sums(4))
    (tmp_path / "base").mkdir()
    with pytest.raises(UserError, match=r"is not a model; it has no config\.json"):
        distill_student(options(tmp_path))
    (tmp_path / "base" / "config.json").write_text("{}")
    (tmp_path / "base" / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(UserError, match="cannot be read"):
        distill_student(options(tmp_path))


def test_the_launched_module_takes_its_options_from_a_file(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(LAUNCH_FOLDER, "")
    make_model(tmp_path / "base")
    write_set(tmp_path / "set.jsonl", sums(4))
    file = tmp_path / "options.json"
    file.write_text(options(tmp_path, epochs=1, lora=LoraOptions(rank=2)).model_dump_json())
    assert run_from_file(DistillOptions, distill_student, [str(file)]) == 0
    assert (tmp_path / "run" / "models" / "student" / "model.safetensors").exists()
    file.write_text('{"run": "x", "model": "y", "epoch": 1}')
    assert run_from_file(DistillOptions, distill_student, [str(file)]) == 2
    assert "'epoch'" in capsys.readouterr().err
    assert run_from_file(DistillOptions, distill_student, []) == 2
