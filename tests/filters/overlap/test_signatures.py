import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.overlap.signatures import BINS, digest_words, measure_likeness, sign_texts
from filters.overlap.words import hash_words

WORDS = [f"{a}{b}" for a in "bcdfghklmn" for b in "aeiouxyz"]
TEXTS = st.lists(st.sampled_from(WORDS[:9]), max_size=30).map(" ".join)


@given(st.lists(TEXTS, max_size=7), st.integers(1, 6))
def test_a_text_has_the_same_row_alone_and_among_others(texts, ngram):
    rows = sign_texts(texts, ngram)
    assert rows.shape == (len(texts), BINS) and rows.dtype == np.uint16
    for text, row in zip(texts, rows, strict=True):
        assert (sign_texts([text], ngram)[0] == row).all()


def list_runs(words, ngram):
    return {tuple(words[at : at + ngram]) for at in range(max(1, len(words) - ngram + 1))}


@pytest.mark.parametrize(("length", "ngram"), [(2, 5), (8, 2), (20, 2), (60, 3), (200, 5), (1000, 5)])
def test_the_share_of_equal_bins_is_that_of_common_runs(length, ngram):
    """Without bias, of long texts and of those with fewer runs than bins, with no more spread than one hash a bin has."""
    drawn = random.Random(length)
    ones = [[str(drawn.randrange(10**6)) for _ in range(length)] for _ in range(400)]
    others = [
        [str(drawn.randrange(10**6)) if drawn.random() < 0.07 else word for word in one] for one in ones
    ]
    found = measure_likeness(*(sign_texts([" ".join(one) for one in side], ngram) for side in (ones, others)))
    sets = [(list_runs(one, ngram), list_runs(other, ngram)) for one, other in zip(ones, others, strict=True)]
    true = np.array([len(a & b) / len(a | b) for a, b in sets])
    errors = found - true
    spread = max(1e-3, np.sqrt((true * (1 - true) / BINS).mean()))
    assert abs(errors.mean()) < 4 * spread / np.sqrt(len(ones))
    assert errors.std() < 1.15 * spread


def test_texts_without_words_have_a_row_of_zeros():
    assert not sign_texts(["", "?!", "\0"]).any()
    assert sign_texts([]).shape == (0, BINS)


@given(st.lists(TEXTS, max_size=6))
def test_words_have_one_digest_in_one_order(texts):
    keys = digest_words(hash_words(texts))
    for text, key in zip(texts, keys, strict=True):
        same = [other for other, found in zip(texts, keys, strict=True) if found == key]
        assert set(same) == {text}
        assert (key == 0) == (not text)
