import json
import random
import re
from itertools import islice
from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from filters.think import split_response
from recipes.mini.chains import CLEAN, Manner, respond
from recipes.mini.data import read_rows, write_data
from recipes.mini.general import asked, taught
from recipes.mini.make_models import HERE, PLANS, SEED, STUDENT, TEACHER
from recipes.mini.measure import final_answer, flaws_of
from recipes.mini.pretrain import IGNORED, LONGEST, corpus, make_document, padded
from recipes.mini.world import LEVELS, draw_problem, problems

FILES = ("train", "eval", "general", "general_eval")
WORDS = {
    "+": ("buys", "finds", "gets", "add", "plus", "买来", "捡到", "得到", "加"),
    "-": ("sells", "loses", "gives", "subtract", "take away", "卖掉", "丢了", "送走", "减"),
    "*": ("times", "multiply", "倍", "乘"),
}
EQUATION = re.compile(r"(\d+)([-+*])(\d+)=(?:(\d+)([-+])(\d+)=)?(\d+)")


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(HERE / "models/teacher")


def apply(value, operation, operand):
    return {"+": value + operand, "-": value - operand, "*": value * operand}[operation]


def read_answer(prompt):
    """The answer, from the question's words alone: an independent reading of them."""
    told = re.split(r"[.。]", prompt)[0]
    first, *steps = re.split(r", |,", told)
    value = int(re.search(r"\d+", first).group())
    for step in steps:
        operation = next(o for o in "*-+" if any(word in step for word in WORDS[o]))
        value = apply(value, operation, int(re.search(r"\d+", step).group()))
    return value


def test_equal_seeds_give_equal_files_and_they_are_those_shipped(tmp_path):
    write_data(tmp_path, SEED)
    for name in FILES:
        assert (tmp_path / f"{name}.jsonl").read_bytes() == (HERE / f"data/{name}.jsonl").read_bytes(), name


def test_answers_are_what_the_words_say():
    rows = read_rows(HERE / "data/train.jsonl") + read_rows(HERE / "data/eval.jsonl")
    assert len(rows) >= 700
    for row in rows:
        assert read_answer(row["prompt"]) == int(row["answer"]), row


def test_the_rows_have_their_columns_and_both_languages_and_all_levels():
    for name in ("train", "eval"):
        rows = read_rows(HERE / f"data/{name}.jsonl")
        assert {tuple(row) for row in rows} == {("id", "prompt", "answer", "domain", "language", "level")}
        assert {(row["language"], row["level"]) for row in rows} == {
            (x, y) for x in ("en", "zh") for y in LEVELS
        }
        assert len({row["id"] for row in rows}) == len(rows)
        assert all(bool(re.search(r"[一-鿿]", row["prompt"])) == (row["language"] == "zh") for row in rows)


def test_evaluation_shares_no_numbers_with_training_or_with_the_corpora():
    def numbers(rows):
        return {" ".join(re.findall(r"\d+", row["prompt"])) for row in rows}

    held, trained = problems(SEED + 1, 160, held_out=True), problems(SEED, 600, held_out=False)
    assert {p.numbers for p in held}.isdisjoint(p.numbers for p in trained)
    rng = random.Random(0)
    assert not any(draw_problem(rng, held_out=False).held_out for _ in range(500))
    ours, theirs = read_rows(HERE / "data/eval.jsonl"), read_rows(HERE / "data/train.jsonl")
    assert {row["prompt"] for row in ours}.isdisjoint(row["prompt"] for row in theirs)
    assert len(numbers(ours)) == len(ours)


def test_general_questions_of_the_test_were_never_taught_but_their_answers_were():
    assert {row.prompt for row in asked()}.isdisjoint(row.prompt for row in taught())
    assert {row.response for row in asked()} <= {row.response for row in taught()}
    rows = read_rows(HERE / "data/general.jsonl")
    assert {tuple(row) for row in rows} == {("id", "prompt", "response", "domain", "language")}
    assert not any("<think>" in row["response"] for row in rows)
    assert {row["prompt"] for row in rows} == {row.prompt for row in taught()}


def test_the_data_and_each_model_are_small():
    assert sum(path.stat().st_size for path in (HERE / "data").iterdir()) < 300_000
    for name in PLANS:
        assert sum(path.stat().st_size for path in (HERE / "models" / name).iterdir()) <= 2_000_000, name


def test_a_clean_chain_is_right_in_every_line_and_has_no_flaw():
    rng = random.Random(3)
    for problem in problems(4, 300, held_out=False):
        text = respond(rng, problem, CLEAN).text
        assert final_answer(text) == str(problem.answer)
        assert flaws_of(text, problem.language, ended=True) == frozenset()
        found = EQUATION.findall(text)
        assert len(found) == len(problem.steps), text
        for a, operation, b, c, inner, d, result in found:
            assert apply(int(a), operation, int(b)) == int(result), text
            assert not c or apply(int(c), inner, int(d)) == int(result), text


def test_clean_chains_of_one_problem_are_diverse():
    rng, problem = random.Random(5), next(problems(6, 1, held_out=False))
    assert len({respond(rng, problem, CLEAN).text for _ in range(100)}) > 60


@pytest.mark.parametrize(
    ("flaw", "manner"),
    [
        ("no_think", Manner(no_think=1.0)),
        ("no_think", Manner(direct=1.0)),
        ("code", Manner(code=1.0)),
        ("rambling", Manner(rambling=1.0)),
    ],
)
def test_a_flaw_asked_for_is_there_and_found(flaw, manner):
    rng = random.Random(7)
    for problem in problems(8, 50, held_out=False):
        response = respond(rng, problem, manner)
        assert flaws_of(response.text, problem.language, response.ends) == {flaw}, response.text


def test_endless_rambling_never_closes_and_mixing_brings_in_the_other_script():
    rng, problem = random.Random(9), next(problems(10, 1, held_out=False))
    endless = respond(rng, problem, Manner(endless=1.0))
    assert not endless.ends and "</think>" not in endless.text
    assert flaws_of(endless.text, problem.language, ended=False) >= {"endless", "rambling"}
    mixed = [respond(rng, problem, Manner(mixed=1.0)).text for _ in range(50)]
    assert sum(flaws_of(text, problem.language, ended=True) == {"mixed"} for text in mixed) > 35


def test_slips_fall_on_hard_steps_and_students_err_more():
    def wrong(level, manner):
        rng = random.Random(11)
        some = [p for p in problems(12, 1000, held_out=False) if p.level == level]
        return sum(final_answer(respond(rng, p, manner).text) != str(p.answer) for p in some) / len(some)

    assert wrong(1, TEACHER) < wrong(3, TEACHER) < wrong(5, TEACHER)
    assert wrong(3, TEACHER) < wrong(3, STUDENT)


def test_the_template_keeps_reasoning_and_does_not_open_think(tokenizer):
    asked_, told = (
        {"role": "user", "content": "2+3?"},
        {"role": "assistant", "content": "<think>\n5\n</think>\n\n5"},
    )
    head = tokenizer.apply_chat_template([asked_], tokenize=False, add_generation_prompt=True)
    assert head == "<|im_start|>user\n2+3?<|im_end|>\n<|im_start|>assistant\n"
    assert (
        tokenizer.apply_chat_template([asked_, told], tokenize=False)
        == head + told["content"] + "<|im_end|>\n"
    )
    twice = tokenizer.apply_chat_template([asked_, told, asked_, told], tokenize=False)
    assert twice.count("<think>\n5\n</think>") == 2


def test_the_tokenizer_keeps_text_digits_and_think_tags(tokenizer):
    for text in (
        "<think>\n47+38=70+15=85, 现在有85。\n</think>\n\n\\boxed{85}",
        "naïve – ½ 日本語 \x00 😀  x",
    ):
        ids = tokenizer.encode(text, add_special_tokens=False)
        assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert tokenizer.tokenize("1234") == ["1", "2", "3", "4"]
    assert len(tokenizer.encode("<think></think>", add_special_tokens=False)) == 2
    assert tokenizer.eos_token == "<|im_end|>" and tokenizer.pad_token != tokenizer.eos_token
    assert {"<think>", "</think>"}.isdisjoint(tokenizer.all_special_tokens)


def test_documents_fit_and_carry_loss_on_the_response_alone(tokenizer):
    document = make_document(tokenizer, "Hello!", "Hi")
    ids, labels = padded([document, make_document(tokenizer, "Hello!", "Hello! How can I help you?")], pad=0)
    assert ids.shape == labels.shape
    assert (labels[0] != IGNORED).sum() == len(document.ids) - document.prompt
    assert tokenizer.decode(document.ids[document.prompt :]) == "Hi<|im_end|>"
    plan, _ = PLANS["teacher"]
    lengths = [len(one.ids) for batch in islice(corpus(tokenizer, plan), 5) for one in batch]
    assert max(lengths) <= LONGEST and len(lengths) == 5 * plan.documents


@pytest.mark.parametrize("name", list(PLANS))
def test_a_shipped_model_loads_and_answers(name, tokenizer):
    folder: Path = HERE / "models" / name
    config = json.loads((folder / "config.json").read_text())
    assert config["max_position_embeddings"] >= 512 and config["head_dim"] == 32
    assert config["dtype"] == "bfloat16"
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert 300_000 <= model.num_parameters() <= 1_000_000
    text = tokenizer.apply_chat_template(
        [{"role": "user", "content": "Start with 12, add 7, subtract 5. What is the result?"}],
        tokenize=False,
        add_generation_prompt=True,
    )
    inputs = tokenizer(text, return_tensors="pt", add_special_tokens=False, return_token_type_ids=False)
    output = model.generate(**inputs, do_sample=False, max_new_tokens=120)[0, inputs["input_ids"].shape[1] :]
    answer = split_response(tokenizer.decode(output, skip_special_tokens=True)).answer
    assert answer is not None and "\\boxed{" in answer
