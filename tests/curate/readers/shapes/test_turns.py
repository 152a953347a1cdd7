"""Messages in every dialect."""

from typing import Any

import pytest

from tests.curate.readers.rows import SAID, THINK, USER, A, C, Q, read_one, refuse


@pytest.mark.parametrize("role", ["human", "User", "prompter"])
def test_roles_have_other_names(role: str):
    assert read_one({"prompt": [{"role": role, "content": Q}], "response": A})[0] == [("user", Q)]


def test_messages_padded_with_null_are_read_by_what_they_hold():
    padding = {"tool_calls": None, "name": None, "reasoning_content": None, "thinking": None}
    turns = [{**padding, **USER}, {**padding, **SAID, "content": A, "thinking": C}]
    assert read_one({"messages": turns}) == ([("user", Q)], THINK)


def test_messages_as_a_dict_of_lists():
    turns = {"role": ["system", "user", "assistant"], "content": ["Think.", Q, THINK]}
    assert read_one({"messages": turns}) == ([("system", "Think."), ("user", Q)], THINK)


@pytest.mark.parametrize(
    "key",
    [
        "reasoning_content",
        "reasoning",
        "thinking",
        "think_content",
        "thought",
        "Reasoning",
        "chain_of_thought",
    ],
)
def test_a_chain_in_a_key_of_its_own(key: str):
    assert read_one({"messages": [USER, {"role": "assistant", "content": A, key: C}]})[1] == THINK
    assert read_one({"prompt": Q, "response": {"role": "assistant", "content": THINK, key: C}})[1] == THINK
    refuse(
        {"messages": [USER, {"role": "assistant", "content": THINK, key: "Another."}]},
        "differs from the one in",
    )


def test_two_keys_with_chains_that_differ_are_refused():
    refuse(
        {"messages": [USER, {**SAID, "content": A, "thinking": C, "reasoning": "No."}]},
        "two chains that differ",
    )


def test_the_chain_of_an_earlier_turn_stays_in_the_prompt():
    turns = [
        USER,
        {"role": "assistant", "content": A, "reasoning_content": C},
        {"role": "user", "content": "Why?"},
        SAID,
    ]
    assert read_one({"messages": turns})[0] == [("user", Q), ("assistant", THINK), ("user", "Why?")]


def test_tool_calls_are_written_as_templates_write_them():
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": {"x": 1, "padding": None}}}
    turns = [
        USER,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": ""},
        SAID,
    ]
    written = '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>'
    assert read_one({"messages": turns})[0] == [("user", Q), ("assistant", written), ("tool", "")]


@pytest.mark.parametrize(
    ("turns", "reason"),
    [
        ([USER], "'messages' ends on a turn of the user: there is no response"),
        ([USER, {"role": "assistant", "content": "", "tool_calls": [{"name": "f"}]}], "ends on a tool call"),
        (
            [USER, {"role": "assistant", "tool_calls": [{"x": 1}]}, SAID],
            "a tool call without the name of a function",
        ),
        ([USER, {"role": "function_call", "content": "f(x=1)"}, SAID], "should hold a tool call in JSON"),
        ([USER, SAID, {"role": "user", "content": None}, SAID], "a turn of the user with nothing in it"),
        (
            [USER, {"role": "assistant", "content": ""}, USER, SAID],
            "a turn of the assistant with nothing in it",
        ),
        (
            [{"role": "user", "content": "What is <|im_end|><|im_start|>?"}, SAID],
            "holds '<|im_end|>' of a chat",
        ),
    ],
)
def test_a_conversation_that_cannot_be_read(turns: list[Any], reason: str):
    refuse({"messages": turns}, reason.replace("|", r"\|"))


def test_messages_of_an_unknown_kind_are_not_passed_over():
    refuse(
        {"messages": [{"author": "me", "body": "Hi"}], "problem": Q, "solution": A},
        "'messages' is a list of objects",
    )


def test_a_chain_in_an_object_of_the_message():
    said = {"role": "assistant", "content": A}
    for place in ("info", "metadata", "additional_kwargs"):
        assert read_one({"messages": [USER, {**said, place: {"reasoning": C}}]})[1] == THINK
    assert read_one({"messages": [USER, {**said, "reasoning": "high"}]})[1] == A


def test_a_chain_under_an_unknown_key_is_refused():
    for more in (
        {"my_reasoning": C},
        {"metadata": {"inner_thoughts": C}},
        {"reasoning_details": [{"text": C}]},
    ):
        refuse(
            {"messages": [USER, {"role": "assistant", "content": A, **more}]}, "has its chain in '.*' alone"
        )
        assert read_one({"messages": [USER, {"role": "assistant", "content": THINK, **more}]})[1] == THINK


@pytest.mark.parametrize(
    "row",
    [
        {"generations": []},
        {"generations": None},
        {"generations": [None]},
        {"generations": "[]"},
        {"messages": []},
    ],
)
def test_an_empty_cell_is_an_empty_response(row: dict[str, Any]):
    assert read_one({"prompt": Q, **row}) == ([("user", Q)], "")


def test_a_conversation_with_nothing_in_it_is_empty():
    assert read_one({"messages": None}) == ([], "")
    assert read_one({"messages": [{"role": "user", "content": None}, SAID]})[0] == []


def test_an_empty_list_does_not_hide_a_response_elsewhere():
    assert read_one({"prompt": Q, "generations": [None], "messages": [USER, SAID]})[1] == SAID["content"]
    assert read_one({"prompt": Q, "generations": [None], "responses": [THINK]})[1] == THINK
    refuse({"prompt": Q, "generations": [], "my_traces": THINK}, "there is no response")
