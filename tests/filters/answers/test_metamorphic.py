"""What no answer may change in a verdict, and what every answer must: layout, meaning, sides, batches, prompts."""

import os
import random
import re
import sys
from itertools import combinations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from filters.answers.compare.context import read_context
from filters.answers.compare.equality import compare_answers
from filters.answers.parse.normalization import normalize_answer
from filters.checks.math_answer import MathAnswer
from filters.types import Prompt, Sample
from tests.filters.answers.answer_pieces import Answer, Draw, Layout, Pieces, layouts, write
from tests.filters.answers.answer_shapes import ANSWERS, SCALARS

CHECK = MathAnswer()
RESPONSES = st.sampled_from(
    [
        r"\boxed{%s}",
        r"The answer is $\boxed{%s}$.",
        r"So we get \[ \boxed{%s} \]",
        r"$$\boxed{ %s }$$",
        r"**Answer:** \(\boxed{%s}\)",
    ]
)
HARMLESS = [
    "find",
    "compute",
    "the",
    "value",
    "of",
    "this",
    "suppose",
    "that",
    "given",
    "consider",
    "following",
    "there",
    "exist",
    "such",
    "we",
    "know",
    "answer",
    "what",
    "result",
    "question",
    "below",
    "please",
    "show",
    "work",
    "carefully",
    "determine",
    "calculate",
    "problem",
    "its",
    "their",
    "garden",
    "story",
    "teacher",
    "asked",
    "today",
]
UNITS_ON_BOTH = st.sampled_from(
    [" cm", r" \text{ kg}", r"\ \mathrm{s}", r"\,\text{miles}", " hours", " J", r" \text{ m/s}"]
)

TIMES_MORE = int(os.environ.get("R1CURATE_TEST_EXAMPLES", "1"))
"""How many times more examples are tried; more than once, they are drawn anew in each run."""


def examples(count: int) -> settings:
    return settings(deadline=None, max_examples=count * TIMES_MORE, derandomize=TIMES_MORE == 1)


@st.composite
def pairs(draw: Draw) -> tuple[Answer, Pieces]:
    """An answer with another spelling, a changed one, or another answer."""
    answer = draw(ANSWERS)
    others = [answer.pieces, *answer.spellings, *(pieces for _, pieces in answer.changes)]
    return answer, draw(st.one_of(st.sampled_from(others), ANSWERS.map(lambda other: other.pieces)))


def judge(reference: str, response: str, prompt: str = "") -> bool | None:
    return CHECK.judge(Sample("", Prompt.make(prompt, reference), response)).ok


@examples(500)
@given(pairs(), layouts(), layouts())
def test_layout_changes_no_verdict(pair: tuple[Answer, Pieces], one: Layout, two: Layout) -> None:
    answer, other = pair
    plain = compare_answers(answer.text, write(other)).equal
    assert compare_answers(one.write(answer.pieces), two.write(other)).equal is plain


@examples(300)
@given(pairs(), layouts(), layouts(framed=False), RESPONSES)
def test_layout_of_a_response_changes_no_verdict(
    pair: tuple[Answer, Pieces], one: Layout, two: Layout, response: str
) -> None:
    answer, other = pair
    plain = judge(answer.text, rf"\boxed{{{write(other)}}}")
    assert judge(one.write(answer.pieces), response % two.write(other)) is plain


@examples(200)
@given(SCALARS, SCALARS, st.integers(0, 20), UNITS_ON_BOTH)
def test_a_unit_on_both_sides_changes_no_verdict(one: Answer, two: Answer, which: int, unit: str) -> None:
    others = [two.text, *map(write, one.spellings), *(write(pieces) for _, pieces in one.changes)]
    other = others[which % len(others)]
    assert compare_answers(one.text + unit, other + unit).equal is compare_answers(one.text, other).equal


@examples(500)
@given(ANSWERS, st.integers(0, 200), layouts())
def test_a_change_of_meaning_is_never_true(answer: Answer, which: int, layout: Layout) -> None:
    assume(answer.changes)
    _, pieces = answer.changes[which % len(answer.changes)]
    other = layout.write(pieces)
    assert compare_answers(answer.text, other).equal is not True
    assert compare_answers(other, answer.text).equal is not True
    assert judge(answer.text, rf"\boxed{{{write(pieces)}}}") is not True


@examples(500)
@given(pairs())
def test_both_sides_count_alike(pair: tuple[Answer, Pieces]) -> None:
    answer, other = pair
    there, back = compare_answers(answer.text, write(other)), compare_answers(write(other), answer.text)
    assert {there.equal, back.equal} != {True, False}
    if answer.kind != "choice" and not re.fullmatch(r"\(?[A-E][.)]?", write(other)):
        assert there.equal is back.equal


@examples(400)
@given(ANSWERS, layouts())
def test_spellings_of_one_answer_are_never_different(answer: Answer, layout: Layout) -> None:
    texts = [answer.text, layout.write(answer.pieces), *map(write, answer.spellings[:4])]
    for one, two in combinations(texts, 2):
        assert compare_answers(one, two).equal is not False


@examples(300)
@given(ANSWERS, layouts(), st.integers(1, 3))
def test_an_answer_is_equal_to_itself_however_often_it_is_normalised(
    answer: Answer, layout: Layout, times: int
) -> None:
    text = normalized = layout.write(answer.pieces)
    for _ in range(times):
        normalized = normalize_answer(normalized)
    assert compare_answers(text, text).equal is True
    assert compare_answers(text, normalized).equal is True


@examples(500)
@given(pairs(), st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=12))
def test_a_harmless_prompt_never_makes_a_wrong_answer_right(
    pair: tuple[Answer, Pieces], said: list[str]
) -> None:
    answer, other = pair
    plain = compare_answers(answer.text, write(other)).equal
    prompt = " ".join(said).capitalize() + "."
    if plain is False:
        assert compare_answers(answer.text, write(other), read_context(prompt)).equal is not True
        assert judge(answer.text, rf"\boxed{{{write(other)}}}", prompt) is not True


@examples(60)
@given(st.lists(pairs(), min_size=2, max_size=8), st.integers(), st.booleans())
def test_a_verdict_never_depends_on_the_other_rows(
    rows: list[tuple[Answer, Pieces]], seed: int, forgotten: bool
) -> None:
    samples = [
        Sample("", Prompt.make(" ".join(HARMLESS[at:][:6]), answer.text), rf"\boxed{{{write(other)}}}")
        for at, (answer, other) in enumerate(rows)
    ]
    together = [verdict.reason for verdict in CHECK.check(samples)]
    order = list(range(len(samples)))
    random.Random(seed).shuffle(order)
    shuffled = CHECK.check([samples[at] for at in order])
    assert [verdict.reason for verdict in shuffled] == [together[at] for at in order]
    for sample, reason in zip(samples, together, strict=True):
        if forgotten:
            forget()
        assert CHECK.judge(sample).reason == reason


def forget() -> None:
    """Empty every cache of the answers' package that depends on what was asked before."""
    for name, module in list(sys.modules.items()):
        if name.startswith("filters.answers"):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear") and value.cache_info().maxsize:
                    value.cache_clear()
