"""JSON in a text is read as what it is, refused, or somebody's text."""

import json

import pytest

from tests.curate.readers.rows import THINK, A, Q, read_one, refuse

ASKED = [{"id": 1, "content": Q, "role": "user"}]
PARTS = json.dumps([{"text": "Hi", "type": "text"}])


@pytest.mark.parametrize(
    "packed",
    [ASKED, {"messages": ASKED}, {"id": 1, "conversations": ASKED}, [{"info": {"x": 1}, **ASKED[0]}]],
)
def test_messages_in_json_with_other_keys_before(packed: object):
    assert read_one({"prompt": json.dumps(packed), "response": THINK}) == ([("user", Q)], THINK)


def test_content_parts_with_their_keys_in_any_order():
    turns = [{"role": "user", "content": PARTS}, {"role": "assistant", "content": PARTS}]
    assert read_one({"messages": turns}) == ([("user", "Hi")], "Hi")
    assert read_one({"prompt": PARTS, "response": PARTS}) == ([("user", "Hi")], "Hi")


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (json.dumps(["One.\n\n1", "Two."]), "a list of texts in JSON"),
        (json.dumps([THINK, A]), "a list of texts in JSON: call the column generations"),
        (
            json.dumps({"id": "x", "choices": [{"message": {"role": "assistant", "content": A}}]}),
            "answer of an API",
        ),
        ("{'content': 'Hi', 'role': 'assistant'}", "as Python prints them"),
        ("[{'id': 1, 'content': 'Hi', 'role': 'assistant'}]", "as Python prints them"),
        ("{'messages': [{'role': 'user'}]}", "as Python prints them"),
        ("array(['<think>x</think>4'], dtype=object)", "as Python prints them"),
        ("['<think>x</think>4', '4']", "as Python prints them"),
        ('[{"id": 1, "role": "assistant", "content": "H', "not JSON to its end"),
    ],
)
def test_what_is_no_response_is_refused(packed: str, reason: str):
    refuse({"prompt": Q, "response": packed}, reason)


def test_python_in_a_message_is_refused():
    turns = [
        {"role": "user", "content": Q},
        {"role": "assistant", "content": "[{'type': 'text', 'text': 'Hi'}]"},
    ]
    refuse({"messages": turns}, "as Python prints them")


@pytest.mark.parametrize(
    "answer",
    [
        '{"name": "Ann", "age": 4}', '[{"name": "box", "type": "circle"}]', "[1, 2]", "{1, 2}", "[x] done", "{'a': 1}",
        '{"choices": ["a", "b"]}', '{"messages": 4}', "{",
    ],
)  # fmt: skip
def test_answers_in_json_stay_texts(answer: str):
    assert read_one({"prompt": Q, "response": answer})[1] == answer
    assert read_one({"prompt": answer, "response": A})[0] == [("user", answer)]


def test_a_list_of_lines_behind_a_chain_is_an_answer():
    row = {"prompt": Q, "response": '["a\\n", "b"]', "reasoning_content": "Two of them."}
    assert read_one(row)[1].endswith('["a\\n", "b"]')
