import asyncio
import json

import polars as pl
import pytest

from curate.options import fill
from curate.sampling.prompting import REFLECTIVE, About, AskOptions, PromptingEngine, conversation_key
from curate.stages.generate import GenerateOptions, generate_samples
from filters.engine import Completion, Request, SamplingOptions
from filters.errors import UserError

QUESTION = [{"role": "user", "content": "2+2?"}]


def examples(tmp_path):
    rows = [
        {"prompt": "1+1?", "response": "<think>one and one</think>2", "language": "en"},
        {"prompt": "1+1=?", "response": "<think>一加一</think>2", "language": "zh"},
        {"prompt": "1+2?", "response": "<think>one and two</think>3", "language": "en"},
    ]
    path = tmp_path / "examples.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_examples_stand_before_the_question_and_the_instruction_after_each(tmp_path):
    ask = AskOptions(examples=examples(tmp_path), shots=1, instruction="Think.")
    system = {"role": "system", "content": "Be kind."}
    assert ask.surround([system, *QUESTION], "en") == [
        system,
        {"role": "user", "content": "1+1?\n\nThink."},
        {"role": "assistant", "content": "<think>one and one</think>2"},
        {"role": "user", "content": "2+2?\n\nThink."},
    ]


def test_examples_and_the_built_in_instruction_are_in_the_prompts_language(tmp_path):
    ask = AskOptions(examples=examples(tmp_path), instruction="reflective")
    chinese = ask.surround(QUESTION, "zh")
    assert [turn["content"] for turn in chinese] == [
        f"1+1=?\n\n{REFLECTIVE['zh']}",
        "<think>一加一</think>2",
        f"2+2?\n\n{REFLECTIVE['zh']}",
    ]
    assert len(ask.surround(QUESTION, "en")) == 5
    assert ask.surround(QUESTION, "fr")[-1]["content"].endswith(REFLECTIVE["en"])


def test_what_is_said_beside_a_prompt_is_part_of_the_identity(tmp_path):
    class Echo:
        identity, concurrency, in_force = "model", 4, {}

        async def complete(self, request):
            return Completion(request.messages[-1]["content"], "stop", 1, 1)

        async def close(self):
            pass

    ask = AskOptions(instruction="Think.")
    engine = PromptingEngine(Echo(), ask, {conversation_key(QUESTION): About("en")})
    made = asyncio.run(engine.complete(Request(QUESTION, SamplingOptions())))
    assert made.text == "2+2?\n\nThink."
    others = {
        PromptingEngine(Echo(), AskOptions(instruction=said), {}).identity for said in ("Think.", "Think!")
    }
    assert engine.identity in others
    assert len(others | {"model"}) == 3
    assert PromptingEngine(Echo(), AskOptions(), {}).identity == "model"


def test_samples_asked_otherwise_are_not_mixed_and_keep_the_bare_prompt(tmp_path):
    (tmp_path / "prompts.jsonl").write_text(json.dumps({"prompt": "2+2?", "answer": "4"}) + "\n")
    right, wrong = {"text": "<think>two</think>\\boxed{4}"}, {"text": "<think>two</think>\\boxed{5}"}
    script = [
        {"prompt": f"2+2?\n\n{REFLECTIVE['en']}", "responses": [right]},
        {"prompt": "*", "responses": [wrong]},
    ]
    (tmp_path / "script.jsonl").write_text("".join(json.dumps(line) + "\n" for line in script))
    given = {
        "run": tmp_path / "run",
        "prompts": str(tmp_path / "prompts.jsonl"),
        "engine": {"kind": "scripted", "model": str(tmp_path / "script.jsonl")},
        "samples": 2,
        "workers": 1,
    }
    generate_samples(fill(GenerateOptions, {**given, "ask": {"instruction": "reflective"}}, "test"))
    generate_samples(fill(GenerateOptions, {**given, "ask": {"instruction": "reflective"}}, "test"))
    with pytest.raises(UserError, match="were generated with different settings"):
        generate_samples(fill(GenerateOptions, given, "test"))
    assert [
        row["accepted"] for row in pl.read_parquet(tmp_path / "run/rates/teacher.parquet").to_dicts()
    ] == [2]
    (prompt,) = pl.read_parquet(tmp_path / "run/prompts/teacher/part-00000.parquet").to_dicts()
    assert prompt["messages"] == [{"role": "user", "content": "2+2?"}]


def test_a_file_without_examples_is_refused(tmp_path):
    (tmp_path / "none.jsonl").write_text("")
    with pytest.raises(UserError, match="holds no examples"):
        AskOptions(examples=str(tmp_path / "none.jsonl")).surround(QUESTION, None)
