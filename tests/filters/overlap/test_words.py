import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.overlap.words import find_word_spans, hash_grams, hash_words, note_words


def list_words(text):
    return hash_words([text]).hashes.tolist()


SAME = [
    (r"What is $\left(\frac{1}{2}\right)^2 \cdot \pi$?", "what is (1/2)^2 * π"),
    ("1,000 cats", "1000 CATS!"),
    ("1{,}000 cats", "1000 cats"),
    ("$1,000.50", "1000.50"),
    ("café", "CAFE"),
    ("x²", "x^{2}"),
    (r"\begin{align*} x &= 2 \end{align*}", "x = 2"),
    (r"\text{Find } n", "find n"),
    ("zero\u200bwidth", "zerowidth"),
    ("1,\u200b234 cats", "1234 cats"),
    ("３盒茶叶", "3 盒 茶 叶"),
    ("٣ قطط", "3 قطط"),
    (r"\Delta ABC", "δ abc"),
    ("so-called", "so called"),
]
OTHER = [("3.14", "3 14"), ("12", "1 2"), ("two cats", "two dogs"), (r"\alpha", r"\beta"), ("盒茶", "茶盒")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_setting_makes_no_difference(one, other):
    assert list_words(one) == list_words(other) != []


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_words_make_one(one, other):
    assert list_words(one) != list_words(other)


def test_what_is_known_of_words():
    noted = note_words(["Anna has 3 cats", "", "and Bob 4.5"])
    assert noted.words.ends.tolist() == [4, 4, 7]
    assert noted.is_number.tolist() == [False, False, True, False, False, False, True]
    assert noted.is_capital.tolist() == [True, False, False, False, False, True, False]


TEXTS = st.text(
    st.one_of(st.sampled_from("ab \\{}.,13$\0\n茶é²½\u0301\u200bß①\ud800"), st.characters()), max_size=60
)


@given(st.lists(TEXTS, max_size=6))
def test_a_text_has_the_same_words_alone_and_among_others(texts):
    words = hash_words(texts)
    alone = [list_words(text) for text in texts]
    assert [words.hashes[a:b].tolist() for a, b in zip(words.begins, words.ends, strict=True)] == alone


@given(TEXTS)
def test_each_word_has_its_place(text):
    spans = find_word_spans(text)
    assert len(spans) == len(list_words(text))
    assert all(0 <= begin < end <= len(text) for begin, end in spans)


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=8), max_size=5), st.integers(1, 4))
def test_runs_of_words_are_those_of_each_text(texts, n):
    grams = hash_grams(hash_words([" ".join(words) for words in texts]), n)
    wanted = [[tuple(words[i : i + n]) for i in range(len(words) - n + 1)] for words in texts]
    assert np.diff(grams.ends, prepend=0).tolist() == list(map(len, wanted))
    flat = [run for runs in wanted for run in runs]
    names = {}
    for run, found in zip(flat, grams.hashes.tolist(), strict=True):
        assert names.setdefault(run, found) == found
    assert len(set(names.values())) == len(names)
