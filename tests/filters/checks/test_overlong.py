"""Too many tokens, or cut off."""

from __future__ import annotations

import pytest

from filters.checks.overlong import Overlong, estimate_tokens
from filters.types import Prompt, Sample


def sample(response: str, answer: str | None = None, domain: str = "", **rest):
    return Sample("s", Prompt.make("What is 12 + 7?", answer, domain=domain), response, **rest)


def test_the_engine_s_count_decides():
    check = Overlong(max_tokens=100)
    assert check.judge(sample("<think>a</think>b", tokens=100)).ok is True
    found = check.judge(sample("<think>a</think>b", tokens=101))
    assert (found.ok, found.reason, found.score) == (False, "too_long: 101 tokens, at most 100", 101)


def test_without_a_count_the_length_is_estimated_and_the_reason_says_so():
    found = Overlong(max_tokens=100).judge(sample("word " * 200))
    assert found.rule == "too_long"
    assert "estimated" in found.reason
    assert found.score == estimate_tokens("word " * 200) == 286


def test_a_response_cut_off_at_its_limit_is_truncated():
    found = Overlong().judge(sample("<think>so we", tokens=4, finish="length"))
    assert (found.ok, found.rule, found.score) == (False, "truncated", 4)


def test_lone_surrogates_and_nul_are_counted():
    assert estimate_tokens("\ud800\x00") == 1


@pytest.mark.parametrize(
    ("response", "detail"),
    [
        ("<think>so we add", "the chain is never closed"),
        ("<think>so 19</think> \n", "nothing follows the chain"),
        ("", "the response is empty"),
    ],
)
def test_a_chain_that_never_comes_to_a_response_has_no_answer_whatever_the_prompt(response, detail):
    for answer in (None, "19"):
        found = Overlong().judge(sample(response, answer))
        assert (found.ok, found.reason) == (False, f"no_answer: {detail}")
        assert found.span == (len(response), len(response))
        assert Overlong(final_answer="never").judge(sample(response, answer)).ok is True


def test_only_a_prompt_with_a_short_reference_wants_a_final_answer():
    talk = "<think>Hm.</think>That is a matter of taste, and tastes differ."
    assert Overlong().judge(sample(talk, "19")).reason.startswith("no_answer: no box")
    assert Overlong().judge(sample(talk)).ok is True
    assert Overlong().judge(sample(talk, "assert f(1) == 2", domain="code")).ok is True
    assert Overlong().judge(sample(talk, "First we add. " * 20)).ok is True
    assert Overlong(final_answer="always").judge(sample(talk)).rule == "no_answer"


@pytest.mark.parametrize(
    "answer",
    [
        "\\boxed{19}",
        "The answer is nineteen.",
        "19",
        "**19**",
        "所以答案是19。",
        "We get 19 sheep.",
        "(B)",
        "Paris",
    ],
)
def test_any_way_to_give_an_answer_counts(answer):
    assert Overlong().judge(sample(f"<think>Hm.</think>{answer}", "19")).ok is True


@pytest.mark.parametrize("bait", ["\\boxed{", "the answer is ", "\x00", "\ud800", "</think>", "1 ", "\n"])
def test_hostile_text_is_read_in_linear_time(bait):
    Overlong(max_tokens=10**9).judge(sample("<think>a</think>" + bait * (1_000_000 // len(bait)), "19"))
