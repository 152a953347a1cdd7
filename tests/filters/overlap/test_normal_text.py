"""Characters in one form, with where each comes from; and that two texts are told apart by what is raised, lowered or a fraction."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.overlap.find_matches import find_matches
from filters.overlap.match_rules import MatchRules
from filters.overlap.normal_text import STROKE, normalize, trace_normal
from filters.overlap.problem_index import build_index
from filters.overlap.spelled_words import spell_texts
from filters.overlap.word_signs import NOT_THERE, load_signs
from filters.overlap.words import hash_words

SAME = [
    ("2⁴ plus 3", "2^{4} plus 3"),
    ("x⁻² = 4", "x^{-2} = 4"),
    ("xⁿ and log₂8", r"x^n and \log_2 8"),
    ("2½ cups", "2 1/2 cups"),
    ("½ of it", r"$\frac12$ of it"),
    ("2+3 and 80%", "２＋３ and ８０％"),
    ("a ≠ b", unicodedata.normalize("NFD", "a ≠ b")),
    ("a ≤ b", "a \\l\u200be b"),
    (r"\alpha is 3", "\\\u200balpha is 3"),
    ("10,000 cats", r"10,\!000 cats"),
    ("10,000 cats", r"10\,000 cats"),
    ("10,000 cats", "10\u202f000 cats"),
    ("10,000 cats", "１０,\\!０００ cats"),
    ("5∉A and 3", r"5\notin A and 3"),
    ("an angle of 45° here", r"an angle of $45^{\circ}$ here"),
    ("ΟΔΟΣ is long", "οδος is long"),
]
OTHER = [
    ("2⁴ plus 3", "24 plus 3"),
    ("log₂8 plus 3", "log 28 plus 3"),
    ("½ of it", "1 2 of it"),
    ("a = b", unicodedata.normalize("NFD", "a ≠ b")),
    (r"\sum of 2", r"\prod of 2"),
    (r"2 \in 3", r"2 \notin 3"),
    (r"a \cup b", r"a \cap b"),
    ("3! more", "3 more"),
]


def find(problem: str, text: str) -> bool:
    index = build_index([problem], [0], MatchRules())
    return find_matches(index, [text]) != [None]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_short_problem_in_two_forms(one: str, other: str):
    one, other = f"What do we say of {one} today", f"What do we say of {other} today"
    assert find(one, other) and find(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_short_problems(one: str, other: str):
    one, other = f"What do we say of {one} today", f"What do we say of {other} today"
    assert not find(one, other) and not find(other, one)


TEXTS = st.text(
    st.one_of(st.sampled_from("12,.\\!{}² ₂½\u202f\u200b\u0338\u0301=−٣ªfrac"), st.characters()), max_size=40
)


@given(TEXTS)
def test_traced_is_the_same_but_for_the_order_of_accents(text: str):
    traced = trace_normal(text)
    there = "".join(
        sign for sign in normalize(text) if ord(sign) == STROKE or load_signs().kinds[ord(sign)] != NOT_THERE
    )
    assert unicodedata.normalize("NFKD", there) == unicodedata.normalize("NFKD", traced.text)
    assert len(traced.origin) == len(traced.text)
    assert traced.origin == sorted(traced.origin) and all(0 <= at < len(text) for at in traced.origin)


@given(TEXTS)
def test_as_many_words_in_full_as_by_hashes(text: str):
    words = spell_texts([text])[0].words
    assert len(words) == len(hash_words([text]).hashes)
    assert all(0 <= word.begin < word.end <= len(text) for word in words)
