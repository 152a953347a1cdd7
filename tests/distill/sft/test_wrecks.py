"""Sets and students that spoil a fine-tuning in silence: each refused in its own words; the same put right, trained."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from curate.options import fill
from distill.sft.options import DistillOptions
from distill.sft.stage import distill_student
from filters.errors import UserError
from tests.distill.tiny import CHATML, R1, make_model, make_tokenizer

WRECKS = Path(__file__).parent / "wrecks"
RIGHT = WRECKS / "right.jsonl"

# Knows two roles, and passes over others without a word.
TWO_ROLES = (
    "{% for m in messages %}{% if m.role in ('user', 'assistant') %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
REFUSES = "{% for m in messages %}{% if m.role not in ('user', 'assistant') %}{{ raise_exception('no role ' + m.role) }}{% endif %}{% endfor %}"
# Reasoning switched off, as Qwen3's template has it with enable_thinking=False.
CLOSED = CHATML.replace(
    "<|im_start|>assistant\n{% endif %}", "<|im_start|>assistant\n<think>\n\n</think>\n\n{% endif %}"
)
DATED = "{{ '<|im_start|>system\n' + strftime_now('%d %b %Y') + '<|im_end|>\n' }}" + CHATML

ROWS = {
    "missing_close": (CHATML, 2, "open <think> and never close it"),
    "orphan_close": (CHATML, 2, "have a </think> that closes nothing"),
    "opened_twice": (CHATML, 2, "open <think> twice"),
    "second_block": (CHATML, 2, "go on with a second <think> block"),
    "empty_answer": (CHATML, 2, "have no answer after </think>"),
    "nothing_to_learn": (CHATML, 2, "have an empty completion"),
    "prompt_in_completion": (CHATML, 2, "repeat the prompt in the completion, so that the loss would cover it"),
    "special_token": (CHATML, 2, "hold a token in the completion that ends a turn or marks a role"),
    "not_unicode": (CHATML, 1, "hold a lone surrogate"),
    "chain_beside": (CHATML, 4, "have their chain beside the completion's text"),
    "tool_calls": (CHATML, 1, "call tools in a completion"),
    "tool_turns": (TWO_ROLES, 1, "have a message that the chat template leaves out of the prompt"),
    "system_turns": (REFUSES + CHATML, 1, r"have a prompt that the chat template refuses \(.*no role system"),
}  # fmt: skip
KINDS = {"tool_turns": "dropped_message", "system_turns": "refused_prompt"}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return make_model(tmp_path_factory.mktemp("wrecks") / "base")


def options(tmp_path, base, dataset=RIGHT, **rest):
    quick = {"epochs": 1, "batch_size": 4, "learning_rate": 1e-3, "max_length": 256}
    given = {"run": tmp_path / "run", "model": str(base), "dataset": str(dataset), **quick, **rest}
    return fill(DistillOptions, given, "test")


def with_template(base, folder, template, **tokens):
    """The same weights with another template or tokenizer."""
    shutil.copytree(base, folder)
    make_tokenizer(template, **tokens).save_pretrained(folder)
    if template is None:
        (folder / "chat_template.jinja").unlink()
    return folder


def refused(asked) -> str:
    """What a training and a dry run both refuse with; neither leaves anything behind."""
    with pytest.raises(UserError) as error:
        distill_student(asked)
    assert not list(asked.run.glob("models/*/*"))
    shutil.rmtree(asked.run, ignore_errors=True)
    dry = distill_student(asked.model_copy(update={"dry_run": True}))
    assert not asked.run.exists()
    assert (dry.exit_code, dry.unfit) == (2, str(error.value))
    return str(error.value)


def trained(asked):
    """A training that made a step."""
    made = distill_student(asked)
    assert made.about["steps"] >= 1
    assert made.about["rows"] + made.about["left_out"] == 4
    return made.about


@pytest.mark.parametrize("name", ROWS)
def test_a_wreck_of_rows_is_refused_in_its_own_words(tmp_path, base, name):
    template, rows, said = ROWS[name]
    student = base if template == CHATML else with_template(base, tmp_path / "student", template)
    refusal = refused(options(tmp_path, student, WRECKS / f"{name}.jsonl"))
    kind = KINDS.get(name, name)
    assert re.search(rf"^{kind}: {rows} of 4 rows \(row-[^)]*\) {said}", refusal, re.MULTILINE), refusal
    assert [line.split(":")[0] for line in refusal.splitlines()[1:-1]] == [kind]
    assert "row-1" in refusal or "row-3" in refusal
    assert "--drop-bad" in refusal


def test_the_same_rows_put_right_are_trained_on(tmp_path, base):
    about = trained(options(tmp_path, base))
    assert about["left_out_by"] == {"too_long": 0, "nothing_to_learn": 0}
    assert about["learned_tokens"] < about["tokens"]


@pytest.mark.parametrize(
    ("name", "template"), [("tool_turns", TWO_ROLES), ("system_turns", REFUSES + CHATML)]
)
def test_turns_put_into_roles_that_the_template_knows_are_trained_on(tmp_path, base, name, template):
    student = with_template(base, tmp_path / "student", template)
    trained(options(tmp_path, student, WRECKS / f"{name}.right.jsonl"))


def test_bad_rows_are_dropped_and_counted_where_that_is_asked_for(tmp_path, base):
    rows = [line for name in ("missing_close", "special_token") for line in (WRECKS / f"{name}.jsonl").open()]
    (tmp_path / "set.jsonl").write_text("".join([*rows[:2], *rows[4:6]]), encoding="utf-8")
    asked = options(tmp_path, base, tmp_path / "set.jsonl", drop_bad=True)
    dry = distill_student(asked.model_copy(update={"dry_run": True}))
    assert (dry.exit_code, dry.unfit) == (0, None)
    about = trained(asked)
    assert (about["rows"], about["left_out"]) == (1, 3)
    assert about["left_out_by"] == {
        "too_long": 0,
        "nothing_to_learn": 0,
        "missing_close": 1,
        "special_token": 2,
    }
    card = (asked.run / "models" / "student" / "README.md").read_text()
    assert "| left out: they `open <think> and never close it, as a response that was cut off` | 1 |" in card


def test_a_completion_with_the_rendered_prompt_in_it_is_refused(tmp_path, base):
    """Whether the template's marks are tokens of their own, or text."""
    source = WRECKS / "rendered_prompt.jsonl"
    assert "prompt_in_completion: 2 of 4 rows (row-1, row-3) repeat" in refused(
        options(tmp_path, base, source)
    )
    as_text = "{% for m in messages %}{{ m.role | upper }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}ASSISTANT: {% endif %}"
    student = with_template(base, tmp_path / "student", as_text)
    rows = RIGHT.read_text(encoding="utf-8").replace(
        '"content": "<think>', '"content": "USER: 12+7?\\nASSISTANT: <think>', 1
    )
    (tmp_path / "set.jsonl").write_text(rows, encoding="utf-8")
    assert "prompt_in_completion: 1 of 4 rows" in refused(options(tmp_path, student, tmp_path / "set.jsonl"))
    trained(options(tmp_path, student))


def test_a_student_without_a_template_is_refused_with_the_remedy(tmp_path):
    base = make_model(tmp_path / "llama", "llama", None)
    asked = options(tmp_path, base)
    for dry in (False, True):
        with pytest.raises(
            UserError, match=r"has no chat template, as base models of Llama .* --template FILE"
        ):
            distill_student(asked.model_copy(update={"dry_run": dry}))
    (tmp_path / "chat.jinja").write_text(CHATML)
    trained(options(tmp_path, base, template=str(tmp_path / "chat.jinja")))


def test_a_template_that_switches_reasoning_off_is_refused(tmp_path, base):
    student = with_template(base, tmp_path / "student", CLOSED)
    assert "have a chain, and a prompt whose think block the chat template closes itself" in refused(
        options(tmp_path, student)
    )


def test_a_template_that_deletes_reasoning_deletes_none_of_what_is_learned(tmp_path, base):
    """It deletes that of earlier turns, here as at inference, which is said."""
    student = with_template(base, tmp_path / "student", R1)
    asked = options(tmp_path, student, WRECKS / "chain_of_history.right.jsonl")
    dry = distill_student(asked.model_copy(update={"dry_run": True}))
    assert dry.exit_code == 0
    assert dry.inspection.warnings["chain_of_history"].ids == ["row-1"]
    assert dry.inspection.total.chains == 4
    learned = ["".join(p["text"] for p in row["pieces"] if p["learned"]) for row in dry.inspection.shown]
    assert learned[0] == "12 and 7 make 19.\n</think>\n\n19<|im_end|>"
    asking = "".join(p["text"] for p in dry.inspection.shown[0]["pieces"] if not p["learned"])
    assert asking.endswith(
        "Hi, what can I do?<|im_end|><|im_start|>user\n12+7?<|im_end|><|im_start|>assistant\n<think>\n"
    )
    trained(asked)


def test_a_tag_that_the_prompt_opens_is_not_opened_again(tmp_path, base):
    student = with_template(base, tmp_path / "student", R1)
    said = "opened_twice: 2 of 4 rows (row-1, row-3) open <think> twice"
    assert said in refused(options(tmp_path, student, WRECKS / "opened_twice.jsonl"))
    # What is an orphan elsewhere closes the block that the prompt opened.
    trained(options(tmp_path, student, WRECKS / "orphan_close.jsonl"))


def test_padding_that_is_the_end_of_a_turn_is_learned_as_such(tmp_path, base):
    student = with_template(base, tmp_path / "student", CHATML, pad="<|im_end|>")
    asked = options(tmp_path, student, micro_batch_size=4, padding_free=False)
    trained(asked)
    batch = batch_of(asked)
    assert len({len(row) for row in batch["input_ids"]}) == 1
    ends = [[label for label in row if label != -100][-1] for row in batch["labels"].tolist()]
    assert ends == [2, 2, 2, 2]
    assert (batch["input_ids"] == 2).sum() > (batch["labels"] == 2).sum() + 4


def test_a_collator_that_masks_by_the_padding_is_refused(tmp_path, base, monkeypatch):
    from distill.sft.trl_trainer import Collator

    student = with_template(base, tmp_path / "student", CHATML, pad="<|im_end|>")
    collate = Collator.torch_call

    def mask_by_id(self, examples):
        batch = collate(self, examples)
        batch["labels"][batch["input_ids"] == self.pad_token_id] = -100
        return batch

    monkeypatch.setattr(Collator, "torch_call", mask_by_id)
    with pytest.raises(
        UserError, match=r"batches carry loss on (\d+) tokens where the rows have (\d+) to learn"
    ):
        distill_student(options(tmp_path, student, micro_batch_size=4))
    assert not list((tmp_path / "run").glob("models/*/r1curate.json"))


def test_a_limit_that_leaves_out_many_rows_is_refused(tmp_path, base):
    """A row has 50 to 74 tokens: whole ones are left out, never their ends."""
    refusal = refused(options(tmp_path, base, max_length=65))
    assert "limit_too_small: more rows are longer than --max-length" in refusal
    assert "(2 of 4 rows are longer than 65 tokens; at most 25% may be)" in refusal
    assert "--drop-bad" not in refusal
    about = trained(options(tmp_path, base, max_length=65, max_too_long=0.5))
    assert about["left_out_by"] == {"too_long": 2, "nothing_to_learn": 0}


def test_special_think_tags_are_refused(tmp_path, base):
    student = with_template(base, tmp_path / "student", CHATML, special_tags=True)
    refusal = refused(options(tmp_path, student))
    assert "special_think_tags: the tokenizer registers <think> and </think> as special tokens" in refusal
    assert 'set "special": false for both in tokenizer.json and tokenizer_config.json' in refusal
    edit_special_tags(student)
    trained(options(tmp_path, student))


def test_a_tokenizer_of_another_model_is_refused(tmp_path, base):
    """Its tags have ids beyond the embedding; an embedding that is larger than the tokenizer is none."""
    short = make_model(tmp_path / "short", vocabulary=len(make_tokenizer()) - 2)
    refusal = refused(options(tmp_path, short))
    assert "vocabulary: the tokenizer gives ids that the model has no embedding for" in refusal
    assert "the largest in this set is 260, the embedding has 259" in refusal
    padded = make_model(tmp_path / "padded", vocabulary=320)
    trained(options(tmp_path, padded))


def test_tokens_that_an_adapter_cannot_learn_are_refused(tmp_path, base):
    """As Llama 3's marks of turns in its base model; full fine-tuning learns them, which is told."""
    shutil.copytree(base, tmp_path / "base")
    weights = load_file(tmp_path / "base" / "model.safetensors")
    weights["model.embed_tokens.weight"][2] = 0
    save_file(weights, tmp_path / "base" / "model.safetensors", {"format": "pt"})
    refusal = refused(options(tmp_path, tmp_path / "base", lora={"rank": 2}))
    assert "untrained_tokens: an adapter cannot teach tokens" in refusal
    assert "(<|im_end|>)" in refusal
    dry = distill_student(options(tmp_path, tmp_path / "base", dry_run=True))
    assert list(dry.inspection.warnings) == ["new_tokens"]
    assert not distill_student(options(tmp_path, base, lora={"rank": 2}, dry_run=True)).inspection.set_faults


def test_a_prompt_that_inference_would_send_otherwise_is_refused(tmp_path, base, monkeypatch):
    from distill.common import loading

    load = loading.AutoTokenizer.from_pretrained

    def load_with_start(*args, **rest):
        tokenizer = load(*args, **rest)
        apply = tokenizer.apply_chat_template
        tokenizer.apply_chat_template = lambda *a, **r: (
            [0, *apply(*a, **r)] if r.get("tokenize") else apply(*a, **r)
        )
        return tokenizer

    monkeypatch.setattr(loading.AutoTokenizer, "from_pretrained", load_with_start)
    assert "another_prefix: the prompt's ids are not those" in refused(options(tmp_path, base))


def test_what_is_only_suspicious_is_told(tmp_path, base):
    student = with_template(base, tmp_path / "student", DATED)
    rows = RIGHT.read_text(encoding="utf-8")
    rows = rows.replace("12 and 7 make 19.", "").replace(
        '"content": "<think>\\nThree', '"content": "Sure! <think>\\nThree'
    )
    rows = rows.replace("一和一是二。", "The tag `<think>` begins. 一和一是二。")
    (tmp_path / "set.jsonl").write_text(rows, encoding="utf-8")
    dry = distill_student(options(tmp_path, student, tmp_path / "set.jsonl", dry_run=True))
    assert dry.exit_code == 0
    assert {kind: found.ids for kind, found in dry.inspection.warnings.items()} == {
        "dated_template": [], "empty_chain": ["row-1"], "text_before_chain": ["row-2"], "tag_spoken_of": ["row-3"],
    }  # fmt: skip


def batch_of(asked):
    """The first batch of a training."""
    from distill.sft import training
    from distill.sft.corpus import tokenize_set
    from distill.sft.load_student import load_facts, load_tokenization
    from distill.sft.plan import make_plan

    plan = make_plan(asked)
    tokenization = load_tokenization(plan)
    counts = tokenize_set(
        plan.set, tokenization, asked.max_length, plan.aside, load_facts(plan, tokenization)
    )
    return next(iter(training.build_trainer(plan, tokenization.tokenizer, counts).get_train_dataloader()))[0]


def edit_special_tags(folder):
    """The remedy that the refusal names."""
    import json

    for name, key in (("tokenizer.json", "added_tokens"), ("tokenizer_config.json", "added_tokens_decoder")):
        body = json.loads((folder / name).read_text(encoding="utf-8"))
        tokens = body.get(key) or []
        for token in tokens.values() if isinstance(tokens, dict) else tokens:
            if token["content"] in ("<think>", "</think>"):
                token["special"] = False
        (folder / name).write_text(json.dumps(body), encoding="utf-8")
    assert not {
        str(t) for t in AutoTokenizer.from_pretrained(folder).added_tokens_decoder.values() if t.special
    } & {"<think>", "</think>"}


@pytest.mark.slow
def test_a_refusal_ends_every_process(tmp_path, base):
    """The first process looks at the set; the others wait for what it found."""
    file = tmp_path / "options.json"
    file.write_text(options(tmp_path, base, WRECKS / "missing_close.jsonl").model_dump_json())
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc_per_node",
        "2",
        "-m",
        "distill.sft",
        str(file),
    ]
    environment = {**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=240, check=False)
    assert done.returncode != 0
    assert done.stderr.count("missing_close: 2 of 4 rows") == 1
    assert "[rank1]" not in done.stderr
