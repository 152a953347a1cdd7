"""The think tags of a text in order, without those that are only spoken of."""

import pytest

from filters.think import CLOSE, OPEN, list_tags


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", []),
        ("no tags, a < b", []),
        ("<think>\na\n</think>\n\nb", [OPEN, CLOSE]),
        ("a</think>b", [CLOSE]),
        ("<think><think>a</think>", [OPEN, OPEN, CLOSE]),
        ("<think>a</think>b<think>c", [OPEN, CLOSE, OPEN]),
        ("<think>the tag `<think>` opens</think>b", [OPEN, CLOSE]),
        ("Write <think> tags around it.", []),
        # What begins a text opens a chain, whatever follows; a closing tag always closes.
        ("<think> tags are words here</think>b", [OPEN, CLOSE]),
        ("\n<think> tag by tag</think>b", [OPEN, CLOSE]),
        ("<think>I close with `</think>`</think>b", [OPEN, CLOSE, CLOSE]),
    ],
)
def test_tags_in_order(text, tags):
    assert list_tags(text) == tags
