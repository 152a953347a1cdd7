"""Too many tokens, cut off, or a wall of text."""

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


def test_a_wall_of_text_in_the_chain_is_found_with_its_place():
    wall = "and so on " * 400
    response = f"<think>short\n{wall}\nshort</think>b"
    found = Overlong().judge(sample(response, tokens=1100))
    assert (found.ok, found.rule) == (False, "long_paragraph")
    assert found.span is not None
    assert response[slice(*found.span)] == wall
    assert Overlong(max_paragraph=0).judge(sample(response, tokens=1100)).ok is True


def test_many_lines_and_a_long_answer_are_no_wall():
    lines = "12 + 7 = 19\n" * 1000
    assert Overlong().judge(sample(f"<think>{lines}</think>{'word ' * 3000}", tokens=5000)).ok is True


def test_lone_surrogates_and_nul_are_counted():
    assert estimate_tokens("\ud800\x00") == 1
