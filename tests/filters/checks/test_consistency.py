"""The chain's last answer against the response's."""

from __future__ import annotations

import pytest

from filters.checks.consistency import Consistency
from filters.types import Prompt, Sample

WORK = "First I add the two numbers and look at what comes out.\n"


def verdict(chain: str, answer: str, prompt: str = "What is 12 + 7?"):
    return Consistency().judge(
        Sample("s", Prompt.make(prompt), f"<think>\n{WORK}{chain}\n</think>\n{answer}")
    )


@pytest.mark.parametrize(
    ("chain", "answer", "said"),
    [
        ("So the answer is 17.", "\\boxed{19}", "17"),
        ("\\boxed{17}", "The answer is 19.", "17"),
        ("The answer is 5.\nIn fact 3 + 4 = 17, so the answer is 17.", "\\boxed{19}", "17"),
        ("所以答案是17。", "答案是\\boxed{19}。", "17"),
        ("Por lo tanto, la respuesta es 17.", "La respuesta es 19.", "17"),
        ("The answer is $\\frac{1}{2}$.", "\\boxed{\\frac{1}{3}}", "\\frac{1}{2}"),
        ("The answer is 7.10.", "\\boxed{5\\sqrt{2}}", "7.10"),
    ],
)
def test_two_clear_and_different_answers_are_found_with_the_place(chain, answer, said):
    found = verdict(chain, answer)
    assert (found.ok, found.rule) == (False, "different")
    assert found.span is not None
    assert said in f"<think>\n{WORK}{chain}\n</think>\n{answer}"[slice(*found.span)]


@pytest.mark.parametrize(
    ("chain", "answer"),
    [
        ("So the answer is 19.", "\\boxed{19}"),
        ("So the answer is 38/2.", "There are \\boxed{19} sheep."),
        ("The answer is 17. Wait, 12 + 7 is 19. So the answer is 19.", "\\boxed{19}"),
        ("\\boxed{17}? No. The answer is 19.", "\\boxed{19}"),
        ("The answer is about 7.07.", "\\boxed{5\\sqrt{2}}"),
        ("The answer is 7.07.", "\\boxed{5\\sqrt{2}}"),
        ("The answer is 5000 m.", "\\boxed{5 km}"),
        ("12 + 7 = 19", "\\boxed{20}"),
        ("So that gives 18 in all.", "\\boxed{19}"),
        ("The answer is Paris.", "It is Paris, as everybody knows, and it has been for a long time now."),
    ],
)
def test_equal_answers_and_chains_that_state_none_pass(chain, answer):
    assert verdict(chain, answer).ok is True


@pytest.mark.parametrize(
    ("chain", "answer", "rule"),
    [
        ("The answer is 17. Wait, that cannot be.", "\\boxed{19}", "unclear"),
        ("If the answer is 17, then we are lost.", "\\boxed{19}", "unclear"),
        ("The answer is 17?", "\\boxed{19}", "unclear"),
        ("The answer is 17.", "I would rather speak of something else here, if you permit.", "unclear"),
        ("The answer is the sum of these.", "\\boxed{19}", "unsure"),
        ("The answer is 3.", "\\boxed{3, 5}", "unsure"),
    ],
)
def test_what_is_not_said_clearly_is_undecided(chain, answer, rule):
    found = verdict(chain, answer)
    assert (found.ok, found.rule) == (None, rule)


def test_the_text_of_an_option_is_its_letter():
    prompt = "What is 12 + 7?\nA. 17\nB. 19\nC. 21"
    assert verdict("So the answer is 19.", "\\boxed{B}", prompt).ok is True
    assert verdict("So the answer is A.", "\\boxed{B}", prompt).ok is False


def test_a_response_without_a_chain_contradicts_nothing():
    assert Consistency().judge(Sample("s", Prompt.make("?"), "The answer is 5.")).ok is True


@pytest.mark.parametrize("bait", ["\\boxed{", "the answer is ", "答案是", "\x00", "\ud800", "if ", "1", "$"])
def test_hostile_text_is_bounded(bait):
    verdict(bait * (500_000 // len(bait)), bait * 1000)
