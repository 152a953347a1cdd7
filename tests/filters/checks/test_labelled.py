"""Precision and recall of boilerplate and consistency on sentences labelled for this project.

Both sets hold what is easily mistaken: a maths text that says "the given answer", a story whose character refuses,
a chain that corrects itself. The checks were mended on them, so they say what holds, not how others would fare.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from filters.checks.boilerplate import Boilerplate
from filters.checks.consistency import Consistency
from filters.types import Prompt, Sample

DATA = Path(__file__).parents[1] / "data"
PROMPTS = {
    "math": "A farmer has 12 sheep and buys 8 more. How many are there?",
    "general": "Give me some advice for the weekend.",
    "refusing": "Write a short story with a character who refuses to help.",
    "models": "Are you an AI? How do language models work?",
    "grading": "The reference answer is 20. A pupil wrote 2. Grade the pupil's work.",
    "prompts": "How do I write a good system prompt?",
}


def rows(name: str) -> list[list[str]]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return [re.sub(r"\\n(?![a-z])", "\n", line).split("\t") for line in lines if not line.startswith("#")]


def test_boilerplate_by_rule():
    check, hits, sizes, alarms = Boilerplate(), Counter(), Counter(), []
    for label, place, prompt, text in rows("boilerplate.tsv"):
        chain, answer = (f"{text}\nThat is settled.", "It is 20.") if place == "chain" else ("So far.", text)
        response = f"<think>\nFirst I look at what is asked.\n{chain}\n</think>\n{answer}"
        (found,) = check.check([Sample("s", Prompt.make(PROMPTS[prompt]), response)])
        sizes[label] += 1
        hits[label] += found.rule == label
        if label == "clean" and found.ok is not True:
            alarms.append(text)
    assert sum(sizes.values()) >= 200
    assert alarms == []
    for rule in ("self_reference", "given_answer", "leaked_prompt", "refusal"):
        assert hits[rule] >= 0.95 * sizes[rule], rule


def test_consistency_calls_different_what_is_and_nothing_else():
    check, found = Consistency(), Counter()
    for label, end, answer in rows("consistency.tsv"):
        response = f"<think>\nFirst I look at what is asked, and work it out.\n{end}\n</think>\n{answer}"
        (verdict,) = check.check([Sample("s", Prompt.make("Solve the problem."), response)])
        found[label, verdict.ok] += 1
    different = sum(count for (label, _), count in found.items() if label == "different")
    assert sum(found.values()) >= 150
    assert found["same", False] == 0
    assert found["different", False] >= 0.95 * different
