"""Hostile text costs no check of a chain's text over a second a megabyte, and crashes none."""

from __future__ import annotations

import time

import pytest

from filters.check import Check
from filters.checks.boilerplate import Boilerplate
from filters.checks.code_blocks import CodeBlocks
from filters.checks.consistency import Consistency
from filters.checks.format import Format
from filters.checks.language import Language
from filters.checks.overlong import Overlong
from filters.checks.paragraphs import Paragraphs
from filters.checks.repetition import Repetition
from filters.types import Prompt, Sample

SIZE = 200_000
CHECKS = {
    "format": Format(),
    "overlong": Overlong(max_tokens=10**9),
    "paragraphs": Paragraphs(),
    "code_blocks": CodeBlocks(),
    "boilerplate": Boilerplate(),
    "consistency": Consistency(),
    "repetition": Repetition(),
    "language": Language(),
}
# What stands there again and again; each is bait for some expression or search of some check.
BAITS = [
    *("a", "a ", "1", "1 ", "\n", "\r\n", "\t", " " * 1000 + "a", "\x00", "\x0b\x0c\x1c", "\ud800", "\u00a0", "\ufeff"),
    *("\u202e", "\u200f a", "\u200d", "e" + "\u0301" * 200, "👍", "ﷺ", "ά", "`", "`" * 10_000 + "\n", "```\n"),
    *("```python\n", "~~~~ ~~~\n", "$", "$a", "\\[", "\\(", "\\begin{a}", "\\boxed{", "\\text{", "\\", "{", "((", "="),
    *('"a ', "“a", "'a ", "<", "<a", "<|", "<|a_", "<think>", "</think>", "[INST]", "<answer>", "http://", "www.a", "@a"),
    *(" /a/", "&a", "#", "#### ", "**", "| a | b |\n", "the answer is ", "answer: ", "A: ", "the given ", "as an "),
    *("i am sorry, ", "i cannot ", "if ", "wait ", "x = f(", "for a in ", "for (", "def ", "return a\n", "a = b\n"),
    *("int a ", "SELECT a ", "所", "所，", "の", "한", "не ", "ы", "é ", "que ", "the ", "the que ", "und und ", "参考", "答案"),
    *("word word words ", "let me check it again now ", "Step 1: 2 = 3\n", "ab" * 499 + "\n", "don't "),
]  # fmt: skip
PROMPTS = [Prompt.make("What is 12 plus 7?", "19", language=code) for code in ("en", "zh", None)]


@pytest.mark.parametrize("name", CHECKS)
def test_no_text_is_slow_or_crashes_a_check(name: str):
    check = CHECKS[name]
    check.check([Sample("s", prompt, "<think>So we add. 所以</think>19") for prompt in PROMPTS])
    for bait in BAITS:
        text = bait * (SIZE // len(bait.encode("utf-8", "surrogatepass")) + 1)
        shapes = [
            text,
            f"<think>{text}</think>\\boxed{{19}}",
            f"<think>So the answer is 19.</think>{text}",
            f"<think>{text}The answer is 19.</think>{text}",
        ]
        for shape in shapes:
            for prompt in PROMPTS if name == "language" else PROMPTS[:1]:
                limit = max(1, len(shape) / SIZE) * SIZE / 1e6
                spent = seconds(check, Sample("s", prompt, shape))
                if spent > limit:  # a busy machine makes anything slow once
                    spent = min(seconds(check, Sample("s", prompt, shape)) for _ in range(3))
                assert spent < limit, (bait, shape[:20], spent)


def seconds(check: Check, sample: Sample) -> float:
    start = time.process_time()
    (found,) = check.check([sample])
    assert found.rule != "crashed", (sample.response[:40], found.reason)
    return time.process_time() - start
