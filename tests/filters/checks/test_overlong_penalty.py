"""DAPO's soft punishment, at its corners."""

from __future__ import annotations

import pytest

from filters.checks.overlong_penalty import OverlongPenalty
from filters.errors import UserError
from filters.registry import make_check
from filters.types import Prompt, Sample

CHECK = OverlongPenalty(max_tokens=100, buffer=20)


def judged(tokens: int | None, finish: str = "stop", response: str = "x"):
    return CHECK.check([Sample("s", Prompt.make("q"), response, tokens=tokens, finish=finish)])[0]


@pytest.mark.parametrize(
    ("tokens", "score", "rule"),
    [
        (0, 0.0, ""),
        (80, 0.0, ""),
        (81, -0.05, "near_limit"),
        (90, -0.5, "near_limit"),
        (100, -1.0, "near_limit"),
        (101, -1.0, "too_long"),
        (10**9, -1.0, "too_long"),
    ],
)
def test_it_is_nothing_then_a_slope_then_all(tokens, score, rule):
    found = judged(tokens)
    assert (found.score, found.rule, found.ok) == (pytest.approx(score), rule, score == 0)


def test_a_response_that_was_cut_off_pays_in_full_however_short():
    found = judged(12, finish="length")
    assert (found.ok, found.score, found.reason) == (False, -1.0, "truncated: cut off after 12 tokens")


def test_uncounted_tokens_are_estimated():
    assert judged(None, response="a" * 35).score == 0.0
    assert judged(None, response="a" * 3500).score == -1.0


def test_the_paper_s_numbers_are_the_default():
    check = OverlongPenalty()
    half = Sample("s", Prompt.make("q"), "x", tokens=16_384 + 2_048)
    assert check.check([half])[0].score == -0.5


def test_a_buffer_longer_than_the_limit_is_refused():
    with pytest.raises(UserError, match="option 'buffer': the buffer is longer than max_tokens"):
        make_check("overlong_penalty", {"max_tokens": 10, "buffer": 11})
