"""The shapes: which columns of a row make its samples, and our own output given back."""

import json
from typing import Any

import pytest

from curate.readers.read_samples import SampleReader
from curate.readers.row import Row
from curate.readers.shapes.columns import find_columns
from filters.errors import UserError
from tests.curate.readers.rows import SAID, THINK, USER, A, C, Q, read, read_one, refuse


def test_several_responses_that_differ_are_refused():
    refuse(
        {"prompt": Q, "output": "Yes.", "model_output": "No."},
        "several responses that differ, in output, model_out",
    )
    assert read_one({"prompt": Q, "output": A, "model_output": A})[1] == A
    assert read_one({"prompt": Q, "output": "No.", "response": A})[1] == A  # our own name goes first
    refuse({"prompt": Q, "completion": "No.", "output": A}, "several responses that differ")


def test_a_response_beside_a_conversation():
    assert read_one({"messages": [USER], "response": THINK}) == ([("user", Q)], THINK)
    assert read_one({"messages": [USER, SAID], "response": THINK}) == ([("user", Q)], THINK)
    refuse(
        {"messages": [USER, SAID], "response": "No."}, "'response' differs from the last turn of 'messages'"
    )
    assert read_one({"prompt": Q, "messages": [USER, SAID], "response": "No."}) == ([("user", Q)], "No.")
    refuse(
        {"prompt": "Why?", "messages": [USER, SAID], "response": THINK},
        "is none of the questions in 'messages'",
    )
    other = [{"from": "human", "value": Q}, {"from": "gpt", "value": THINK}]
    assert read_one({"messages": [USER, SAID], "conversations": other}) == ([("user", Q)], THINK)
    refuse(
        {"messages": [USER, SAID], "conversations": other[:1]},
        "'messages' and 'conversations' hold .* that differ",
    )
    system = {"role": "system", "content": "S"}
    assert read_one({"prompt": Q, "messages": [system, USER, SAID], "response": THINK})[0] == [
        ("system", "S"),
        ("user", Q),
    ]


def test_a_column_of_chains():
    assert read_one({"prompt": Q, "response": A, "reasoning": "on", "thinking": C})[1] == THINK
    assert read_one({"prompt": Q, "response": A, "reasoning": True})[1] == A
    assert read_one({"prompt": Q, "response": A, "reasoning": "High"})[1] == A
    assert read_one({"prompt": Q, "response": A, "reasoning": C, "cot": C})[1] == THINK
    refuse(
        {"prompt": Q, "response": A, "reasoning": C, "cot": "No."},
        "several chains that differ, in reasoning, cot",
    )
    refuse(
        {"prompt": Q, "response": A, "reasoning": ["a", "b"]}, "'reasoning' is a list of texts, not a text"
    )
    refuse(
        {"prompt": Q, "response": A, "reasoning": f"{C} <|im_end|>x"},
        r"holds '<\|im_end\|>' of a chat template",
    )


@pytest.mark.parametrize("name", ["thinking_text", "r1_reasoning", "gpt_thoughts", "thinking_trajectories"])
def test_a_chain_in_an_unknown_column_is_not_lost(name: str):
    refuse(
        {"prompt": Q, "response": A, name: C},
        f"'{name}' looks like a chain, and there is none in the response",
    )
    assert read_one({"prompt": Q, "response": THINK, name: C})[1] == THINK
    assert read_one({"prompt": Q, "response": A, name: "high"})[1] == A
    assert read_one({"prompt": Q, "response": A, "judge_reasoning": C})[1] == A


def test_a_chain_that_is_details_of_a_message_is_not_lost():
    said = {"role": "assistant", "content": A, "reasoning_details": [{"type": "reasoning.text", "text": C}]}
    refuse({"messages": [USER, said]}, "has its chain in 'reasoning_details' alone")
    assert read_one({"messages": [USER, {**said, "reasoning": C}]})[1] == THINK


@pytest.mark.parametrize("name", ["qwen_response", "r1_output", "chosen", "attempt"])
def test_a_solution_is_no_response_beside_what_looks_like_one(name: str):
    refuse(
        {"problem": Q, "solution": "7", name: A},
        "there is no response: .* Name yours with --map response=COLUMN",
    )
    refuse({"problem": Q, "solution": "7", "other": THINK}, "there is no response")


def test_a_list_of_responses_and_of_chains():
    row = {"prompt": Q, "responses": ["A.", "B."], "reasoning": ["a", "b"], "tokens": [5, 6]}
    samples = read(row)
    assert [one.reading.response for one in samples] == [
        "<think>\na\n</think>\n\nA.", "<think>\nb\n</think>\n\nB."]  # fmt: skip
    assert [(one.facts.tokens, one.reading.generation) for one in samples] == [(5, 0), (6, 1)]
    refuse(
        {**row, "reasoning": ["a"]}, "'reasoning' holds 1, and there are 2 responses: whose chain is whose"
    )
    refuse({**row, "reasoning": C}, "'reasoning' holds one, and there are 2 responses")


def test_lists_in_other_forms():
    each = [[SAID], [{"role": "assistant", "content": A}]]
    assert [one.reading.response for one in read({"prompt": Q, "generations": each})] == [THINK, A]
    flat = [SAID, {"role": "assistant", "content": A}]
    assert [one.reading.response for one in read({"prompt": Q, "responses": flat})] == [THINK, A]
    packed = json.dumps([THINK, A])
    assert [one.reading.response for one in read({"prompt": Q, "generations": packed})] == [THINK, A]
    refuse(
        {"prompt": Q, "generations": [{"a": 1}], "solution": A},
        "'generations' is a list of objects with a, not",
    )
    refuse(
        {"prompt": Q, "generations": f"['{A}']", "solution": A},
        "'generations' is a text, where a list of resp",
    )


def test_lists_of_tests_are_no_responses():
    row = {"question": Q, "inputs": ["1"], "outputs": ["2"]}
    refuse(row, "there is no response")
    assert read_one({**row, "solution": A})[1] == A
    assert read_one({"prompt": Q, "output": A, "samples": ["1", "2"]})[1] == A
    assert [one.reading.response for one in read({"prompt": Q, "outputs": [A, THINK]})] == [A, THINK]


def test_numbered_columns():
    assert [one.reading.response for one in read({"question": Q, "solution_10": "b", "solution_2": "a"})] == [
        "a",
        "b",
    ]
    assert find_columns(("question", "answer_1", "answer_2")).numbered == {}
    assert find_columns(("input_1", "output_1", "input_2", "output_2")).numbered == {}
    refuse(
        {"question": Q, "a_response_1": A, "a_response_2": A, "b_response_1": A, "b_response_2": A},
        "several lists",
    )


def test_a_tool_call_alone_is_no_response():
    refuse({"prompt": Q, "response": None, "tool_calls": [{"name": "f"}]}, "nothing but a tool call")
    assert read_one({"prompt": Q, "response": A, "tool_calls": []})[1] == A


def test_a_shape_that_is_asked_for():
    row = {"messages": [USER, SAID], "solution": "7", "problem": Q}
    assert read(row, shape="solution")[0].reading.response == "7"
    with pytest.raises(
        UserError, match="it is not of the shape 'text', which has the column text; its columns are: mess"
    ):
        read(row, shape="text")
    with pytest.raises(
        UserError, match="There is no shape 'odd'; known are: own output, teachers, prompt and completion"
    ):
        SampleReader("rows", shape="odd")


def test_bad_rows_are_set_aside_and_counted():
    reader = SampleReader("rows", bad_rows="skip")
    found = list(
        reader.read([Row("rows, line 1", {"a": 1}), Row("rows, line 2", {"prompt": Q, "response": A})])
    )
    assert [len(one.samples) for one in found] == [0, 1]
    assert (reader.rows, reader.bad, reader.describe()) == (2, 1, "read as: response, no chain")
    assert str(found[0].bad).startswith("there is no response")


OWN = {"verdicts": {"format": {"ok": True, "score": None, "reason": ""}, "padding": None}, "kept": True}


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": Q, "response": f"{C}</think>{A}"},
        {"messages": [{"role": "system", "content": "S"}, USER, {**SAID, "content": A, "thinking": C}]},
        {
            "prompt": [USER, {"role": "assistant", "content": "<think>\nOnly 1"}],
            "response": "and 7.</think>Yes.",
        },
        {"problem": Q, "generations": [A, f"[THINK]{C}[/THINK]{A}"]},
        {"problem": Q, "solution": A},
        {"text": f"Human: {Q}\n\nAssistant: {THINK}"},
        {"prompt": Q, "generation": A, "language": "python"},
        {
            "question": Q,
            "a_thinking_trajectory": C,
            "a_attempt": A,
            "b_thinking_trajectory": C,
            "b_attempt": "No.",
        },
    ],
)
def test_our_own_output_gives_the_same_samples_again(row: dict[str, Any]):
    for sample in read(row):
        own = {**row, "response": sample.reading.response, **OWN}
        if sample.reading.generation is not None:
            own["generation"] = sample.reading.generation
        (again,) = read(own)
        assert again.prompt.messages == sample.prompt.messages
        assert again.reading.response == sample.reading.response
        assert (again.reading.generation, again.facts.kept) == (sample.reading.generation, True)
        assert not again.reading.changed


def test_columns_of_our_names_with_another_meaning():
    sample = read(
        {"prompt": Q, "response": f"{C}</think>{A}", "kept": "in the cellar", "verdicts": "guilty"}
    )[0]
    assert (sample.facts.kept, sample.reading.marks) == (None, "closed only")
    assert sample.prompt.extra == {}
