import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.overlap import words
from filters.overlap.spelled_words import spell_texts
from filters.overlap.word_signs import gather, spread
from filters.overlap.words import hash_grams, hash_words, note_words, split_texts


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
OTHER = [
    ("3.14", "3 14"),
    ("1,2.5", "12.5"),
    ("12", "1 2"),
    ("two cats", "two dogs"),
    (r"\alpha", r"\beta"),
    ("盒茶", "茶盒"),
]


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
    hashed = hash_words(texts)
    alone = [list_words(text) for text in texts]
    assert [hashed.hashes[a:b].tolist() for a, b in zip(hashed.begins, hashed.ends, strict=True)] == alone


@given(st.lists(TEXTS, max_size=6))
def test_a_text_is_spelled_the_same_alone_and_among_others(texts):
    spelled = spell_texts(texts)
    assert spelled == [spell_texts([text])[0] for text in texts]
    assert [len(one.words) for one in spelled] == hash_words(texts).counts.tolist()


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_ascii_is_read_as_any_text_is(text):
    assert list_words(text) == list_words(text + " ²")[:-1]
    assert spell_texts([text])[0].words == spell_texts([text + " ²"])[0].words[:-1]


@given(st.lists(TEXTS, max_size=12), st.integers(1, 80), st.integers(1, 5))
def test_texts_are_split_into_pieces_that_have_each_once(texts, size, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "PIECE", size)
        patch.setattr(words, "MOST_TEXTS", most)
        pieces = list(split_texts(texts))
    assert sorted(number for piece in pieces for number in piece) == list(range(len(texts)))
    for piece in pieces:
        some = [texts[number] for number in piece]
        assert len({text.isascii() for text in some}) == 1
        assert len(some) == 1 or (sum(map(len, some)) <= size and len(some) <= most)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=9))
def test_what_is_spread_is_gathered_again(numbers):
    some = np.array(numbers, np.uint64)
    assert gather(spread(some)).tolist() == numbers


@given(TEXTS)
def test_each_word_has_its_place(text):
    spans = [(word.begin, word.end) for word in spell_texts([text])[0].words]
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
