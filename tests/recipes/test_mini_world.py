import json
import random
import re
from itertools import islice
from pathlib import Path

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from curate.sampling.prompting import REFLECTIVE, AskOptions
from filters.think import split_response
from recipes.mini.chains import CLEAN, Manner, respond
from recipes.mini.contexts import INSTRUCTIONS, converse, make_worked_examples, manner_amid
from recipes.mini.data import read_rows, write_data
from recipes.mini.general import list_test_exchanges, taught
from recipes.mini.make_models import HERE, PLANS, SEED, STUDENT, TEACHER
from recipes.mini.measure import final_answer, flaws_of
from recipes.mini.pretrain import (
    IGNORED_LABEL,
    LONGEST,
    LONGEST_CONVERSATION,
    corpus,
    later_corpus,
    make_document,
    pad_batch,
)
from recipes.mini.world import LEVELS, draw_problem, problems

FILES = ("train", "eval", "examples", "general", "general_eval", "preferences")
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
    assert {row.prompt for row in list_test_exchanges()}.isdisjoint(row.prompt for row in taught())
    assert {row.response for row in list_test_exchanges()} <= {row.response for row in taught()}
    rows = read_rows(HERE / "data/general.jsonl")
    assert {tuple(row) for row in rows} == {("id", "prompt", "response", "domain", "language")}
    assert not any("<think>" in row["response"] for row in rows)
    assert {row["prompt"] for row in rows} == {row.prompt for row in taught()}


def test_the_data_and_each_model_are_small():
    assert sum(path.stat().st_size for path in (HERE / "data").iterdir()) < 400_000
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
    ids, labels = pad_batch(
        [document, make_document(tokenizer, "Hello!", "Hello! How can I help you?")], pad=0
    )
    assert ids.shape == labels.shape
    assert (labels[0] != IGNORED_LABEL).sum() == len(document.ids) - document.prompt
    assert tokenizer.decode(document.ids[document.prompt :]) == "Hi<|im_end|>"
    plan, _ = PLANS["teacher"]
    lengths = [len(one.ids) for batch in islice(corpus(tokenizer, plan), 5) for one in batch]
    assert max(lengths) <= LONGEST and len(lengths) == 5 * plan.documents


def test_the_examples_are_clean_and_check_themselves_and_stand_in_no_other_file():
    rows = read_rows(HERE / "data/examples.jsonl")
    assert {tuple(row) for row in rows} == {("id", "prompt", "response", "language")}
    assert [row["language"] for row in rows] == ["en", "en", "zh", "zh"]
    others = read_rows(HERE / "data/train.jsonl") + read_rows(HERE / "data/eval.jsonl")
    assert {row["prompt"] for row in rows}.isdisjoint(row["prompt"] for row in others)
    for row in rows:
        assert final_answer(row["response"]) == str(read_answer(row["prompt"]))
        assert flaws_of(row["response"], row["language"], ended=True) == frozenset()
        last = split_response(row["response"]).chain.rstrip().split("\n")[-1]
        assert last.startswith(("I check it: ", "检查一下:")) and f"={final_answer(row['response'])}" in last


def test_a_check_repeats_every_step_rightly():
    rng = random.Random(13)
    for problem in problems(14, 100, held_out=False):
        checked = (
            split_response(make_worked_examples(rng, problem, checked=True)).chain.rstrip().split("\n")[-1]
        )
        found = EQUATION.findall(checked)
        assert len(found) == len(problem.steps)
        assert [int(result) for *_, result in found] == list(problem.values[1:])
        assert all(apply(int(a), sign, int(b)) == int(result) for a, sign, b, *_, result in found)


def test_conversations_have_exchanges_or_an_instruction_in_the_language_of_their_question():
    rng = random.Random(15)
    kinds, said = set(), {*REFLECTIVE.values(), *INSTRUCTIONS["en"], *INSTRUCTIONS["zh"]}
    for problem in problems(16, 200, held_out=False):
        messages = converse(rng, problem, TEACHER).messages
        texts = [message["content"] for message in messages]
        instructed = texts[-1].split("\n\n")[1:] or [m["content"] for m in messages if m["role"] == "system"]
        shots = sum(message["role"] == "assistant" for message in messages)
        kinds.add((shots, bool(instructed)))
        assert texts[-1].startswith(problem.question) and set(instructed) <= said
        assert shots or instructed
        chinese = {bool(re.search(r"[一-鿿]", text)) for text in texts}
        assert chinese == {problem.language == "zh"}
    assert kinds == {(0, True), (1, False), (1, True), (2, False), (2, True)}


def test_generate_asks_as_the_conversations_do():
    problem = next(problems(17, 1, held_out=False))
    ask = AskOptions(examples=str(HERE / "data/examples.jsonl"), shots=1, instruction="reflective")
    put = ask.surround([{"role": "user", "content": problem.question}], problem.language)
    rng = random.Random(18)
    shapes = {tuple(m["role"] for m in converse(rng, problem, TEACHER).messages) for _ in range(100)}
    assert tuple(message["role"] for message in put) in shapes
    assert put[-1]["content"] == f"{problem.question}\n\n{REFLECTIVE[problem.language]}"


def test_examples_keep_in_form_and_the_instruction_mends():
    shown, told = manner_amid(TEACHER, True, False), manner_amid(TEACHER, False, True)
    assert max(shown.mixed, shown.code, shown.no_think, shown.direct, shown.rambling) <= 0.03
    assert shown.slip == told.slip == TEACHER.slip and shown.mends == TEACHER.mends
    assert told.mends > 0.5 and told.direct == told.no_think == told.endless == 0


def test_conversations_are_taught_in_their_last_response_alone(tokenizer):
    plan, _ = PLANS["teacher"]
    batches = list(islice(later_corpus(tokenizer, plan, plan.later), 3))
    long = [one for batch in batches for one in batch if one.prompt > LONGEST]
    assert long and max(len(one.ids) for one in long) <= LONGEST_CONVERSATION
    _, labels = pad_batch(long, pad=0)
    for row, one in zip(labels, long, strict=True):
        learnt = tokenizer.decode(row[row != IGNORED_LABEL])
        assert learnt == tokenizer.decode(one.ids[one.prompt :]) and learnt.count("<|im_end|>") == 1
        assert tokenizer.decode(one.ids[: one.prompt]).endswith("<|im_start|>assistant\n")


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
