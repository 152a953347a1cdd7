"""Code in the chain of a prompt that does not ask for code."""

from __future__ import annotations

import pytest

from filters.checks.code_blocks import CodeBlocks, asks_for_code
from filters.types import Prompt, Sample


def verdict(response: str, prompt: str = "What is 12 + 7?", **options):
    return CodeBlocks(**options).judge(Sample("s", Prompt.make(prompt), response))


FENCED = "<think>\nI add.\n```python\nprint(12 + 7)\n```\nSo 19.\n</think>\n19"
LOOSE = "<think>\nI add.\nimport math\ndef add(a, b):\n    return a + b\nprint(add(12, 7))\n</think>\n19"


def test_a_fenced_block_is_found_with_its_span_and_share():
    found = verdict(FENCED)
    assert (found.ok, found.rule) == (False, "code_block")
    assert found.span is not None
    assert FENCED[slice(*found.span)] == "```python\nprint(12 + 7)\n```"
    assert found.score == pytest.approx(27 / 43)


def test_unfenced_code_is_found():
    found = verdict(LOOSE)
    assert (found.ok, found.rule) == (False, "code_lines")
    assert found.span is not None
    assert LOOSE[slice(*found.span)].startswith("import math\ndef add")


@pytest.mark.parametrize(
    "response",
    [
        "<think>\nA loop `for i in range(3)` adds.\n</think>\n6",
        "<think>\n$$x = 5$$\n\\begin{align}x &= 5\\\\y &= 7\\end{align}\n</think>\n6",
        "<think>\n```\n  12\n+  7\n----\n  19\n```\n</think>\n19",
        "<think>\n```latex\n\\frac{1}{2}\n```\n</think>\n19",
        "<think>\nx = 5\ny = 7\nif x > 3: then it holds\nreturn to y = 7\n</think>\n19",
        "<think>\n12 + 7 = 19\n</think>\n```python\nprint(19)\n```",
        "<think>\nLet x = 3; then\nclass one: 3\nclass two: 4\n</think>\n7",
    ],
)
def test_formulas_inline_code_drawings_and_the_answer_are_no_code_blocks(response):
    assert verdict(response).ok is True


def test_an_unclosed_block_reaches_the_end_of_the_chain():
    found = verdict("<think>\n```python\nx = 1\n</think>\n1")
    assert found.ok is False
    assert found.span == (8, 24)


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a Python function that adds two numbers.",
        "Implement quicksort.",
        "写一个函数判断素数",
        "Fix this:\n```\nfor i in x: print(i)\n```",
        "Escribe un programa que sume.",
        "What does this code print?",
    ],
)
def test_a_prompt_that_asks_for_code_may_have_it(prompt):
    assert verdict(FENCED, prompt).ok is True


@pytest.mark.parametrize(
    "prompt",
    ["Find f(2) for the function f(x) = x + 1.", "What is the zip code of X?", "求函数 f(x) 的最大值"],
)
def test_other_prompts_do_not_ask_for_code(prompt):
    assert not asks_for_code(Prompt.make(prompt))


def test_the_domain_code_asks_for_code():
    assert asks_for_code(Prompt.make("Add them.", domain="code"))


def test_a_share_may_be_allowed():
    assert verdict(FENCED, max_share=0.7).ok is True


def test_hostile_text_is_read_in_linear_time():
    for bait in (
        "```\n",
        "`",
        "~~~~",
        "for x in \n",
        "def ",
        "a.b" * 50 + "\n",
        "\x00",
        "\ud800",
        "=" * 999 + "\n",
    ):
        verdict(bait * (500_000 // len(bait)))
