"""Too many tokens, or cut off."""

from __future__ import annotations

from filters.overlong import Overlong, estimate_tokens
from filters.vocabulary import Prompt, Sample


def sample(response: str, **rest):
    return Sample("s", Prompt.make("What is 12 + 7?"), response, **rest)


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
