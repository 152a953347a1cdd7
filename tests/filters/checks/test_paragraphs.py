"""Long paragraphs and walls of text."""

from __future__ import annotations

import pytest

from filters.checks.paragraphs import Paragraphs
from filters.types import Prompt, Sample


def verdict(response: str, **options):
    return Paragraphs(**options).judge(Sample("s", Prompt.make("What is 12 + 7?"), response))


@pytest.mark.parametrize("word", ["and so on ", "以此类推"])
def test_a_long_paragraph_in_the_chain_is_found_with_its_place(word):
    wall = word * 400
    response = f"<think>short\n短\n{wall}\nshort</think>b"
    found = verdict(response)
    assert (found.ok, found.rule) == (False, "long_paragraph")
    assert found.score == round(len(wall.encode()) / 3.5)
    assert found.span is not None
    assert response[slice(*found.span)] == wall
    assert verdict(response, max_tokens=2000).ok is True


def test_a_long_chain_that_stands_mostly_in_large_paragraphs_is_a_wall():
    response = "<think>" + ("word " * 350 + "\n") * 6 + "</think>b"
    found = verdict(response)
    assert (found.ok, found.rule) == (False, "wall_of_text")
    assert found.score == pytest.approx(1, abs=0.01)
    assert found.span == (7, 7 + 5 * 350)
    assert verdict(response, max_large_share=1).ok is True
    assert verdict("<think>" + ("word " * 350 + "\n") * 2 + "</think>b").ok is True


def test_many_lines_and_a_long_answer_are_no_wall():
    found = verdict(f"<think>{'12 + 7 = 19' + chr(10)}{'so it is' + chr(10)}</think>{'word ' * 3000}")
    assert (found.ok, found.score) == (True, 3)
    assert verdict("<think>" + "12 + 7 = 19\n" * 5000 + "</think>19").ok is True


def test_a_response_without_a_chain_is_judged_whole():
    assert verdict("word " * 1000).rule == "long_paragraph"
    assert verdict("").ok is True


def test_hostile_text_is_read_in_linear_time():
    for bait in ("\n", "a", "\x00", "\ud800", "a\u0301\n", "<think>"):
        verdict(bait * (1_000_000 // len(bait)))
