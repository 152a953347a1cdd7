"""A cell is a text or is refused; it is never written as JSON or as Python prints it."""

import json
from typing import Any

import pytest

from tests.curate.readers.rows import THINK, Q, read_one, refuse


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  as it is\n", "  as it is\n"),
        (15, "15"),
        (15.5, "15.5"),
        (None, ""),
        (float("nan"), ""),
        ([], ""),
        ([{"type": "text", "text": "So "}, {"type": "output_text", "text": "15."}], "So 15."),
        ([{"text": "15."}], "15."),
        ([{"type": "text", "text": "15.", "image_url": None}], "15."),
        ('["apple"]', '["apple"]'),
        ('{"type": "circle", "radius": 2}', '{"type": "circle", "radius": 2}'),
        ('{"type": "object", cut', '{"type": "object", cut'),
        ("['a', 'b'] is a list", "['a', 'b'] is a list"),
        ({"role": "assistant", "content": "15."}, "15."),
        ({"role": ["assistant"], "content": ["15."]}, "15."),
        (json.dumps([{"content": "15.", "role": "assistant"}]), "15."),
        ([None, {"role": "assistant", "content": "15."}], "15."),
    ],
)
def test_a_response_cell_that_is_a_text(cell: Any, text: str):
    assert read_one({"prompt": Q, "response": cell}) == ([("user", Q)], text)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (True, "'response' is true or false, not a text"),
        ({"a": 1, "b": 2}, "'response' is an object with a, b, not a text"),
        ([1, 2], "'response' is a list of numbers, not a text"),
        ([["a"]], "'response' is a list of lists, not a text"),
        (b"15", "'response' is a bytes, not a text"),
        ([{"author": "me", "text": "Hi"}], "'response' is a list of objects with author, text, not a text"),
        ([{"type": "image", "url": "x"}], "a part of type 'image', and only text can be read"),
        ([{"type": "text", "text": "Hi", "image_url": {"url": "x"}}], "a part of type 'image_url'"),
        ([{"type": "text", "text": 5}], "a part whose 'text' is a number"),
        ("[{'role': 'assistant', 'content': 'Hi'}]", "messages as Python prints them.*json.dumps"),
        ("array([{'content': 'Hi', 'role': 'assistant'}], dtype=object)", "messages as Python prints them"),
        ("ChatCompletionMessage(content='Hi', role='assistant')", "messages as Python prints them"),
        ('[{"role": "assistant", "content": "H', "begins like messages in JSON, but is not JSON to its end"),
        ('[{"role": ' + "[" * 100_000, "not JSON to its end"),
        ('[{"value": "Hi"}]', "JSON that begins like messages, but its objects are none"),
        ({"role": ["assistant"], "content": ["a", "b"]}, "lists that are not of one length"),
        ({"role": [], "content": []}, "'response' has no messages"),
        (
            [{"role": "narrator", "content": "Hi"}],
            r"'response\[0\]' has the role 'narrator'; known are: human,",
        ),
        ([{"role": None, "content": "Hi"}], "has the role null"),
        ([{"role": "assistant", "content": "Hi"}, 5], r"'response\[1\]' is a number, not a message"),
    ],
)
def test_a_response_cell_that_is_none(cell: Any, reason: str):
    refuse({"prompt": Q, "response": cell}, reason)


@pytest.mark.parametrize("cell", [None, "", [], float("nan")])
def test_an_empty_prompt_or_response_is_data(cell: Any):
    assert read_one({"prompt": cell, "response": THINK}) == ([], THINK)
    assert read_one({"prompt": Q, "response": cell}) == ([("user", Q)], "")
