import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.overlap import near_pairs
from filters.overlap.give_way import give_way
from filters.overlap.near_pairs import SignedTexts, find_near_pairs
from filters.overlap.signatures import digest_words, measure_likeness, sign_texts
from filters.overlap.words import hash_words


def sign(texts, strict=None, ngram=5):
    words = digest_words(hash_words(texts))
    exact = np.array([hash(text) & (2**63 - 1) for text in texts], np.uint64)
    keys = np.zeros(len(texts), np.uint64) if strict is None else np.array(strict, np.uint64)
    return SignedTexts(sign_texts(texts, ngram), exact, words, keys)


def make_texts(seed, number=60, length=40, share=0.03):
    drawn = random.Random(seed)
    texts = [" ".join(str(drawn.randrange(10**5)) for _ in range(length)) for _ in range(number // 3)]
    while len(texts) < number:
        words = drawn.choice(texts).split()
        texts.append(" ".join(str(drawn.randrange(10**5)) if drawn.random() < share else w for w in words))
    return texts


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.sampled_from([0.02, 0.1]), st.data())
def test_the_pairs_are_those_of_comparing_all_whatever_the_order(seed, share, data):
    texts = make_texts(seed, 45, share=share)
    signed = sign(texts)
    every = np.array([(a, b) for a in range(len(texts)) for b in range(a + 1, len(texts))])
    alike = measure_likeness(signed.bins[every[:, 0]], signed.bins[every[:, 1]])
    # Far over the threshold none is missed; between, few.
    sure = {tuple(pair) for pair in every[(alike >= 0.8) & (alike < 1)].tolist()}
    all_alike = {tuple(pair) for pair in every[alike >= 0.65].tolist()}
    order = data.draw(st.permutations(range(len(texts))))
    seen = []
    for places in (range(len(texts)), order):
        some = SignedTexts(*(column[list(places)] for column in signed))
        found = find_near_pairs(some, np.array(places), 0.65)
        seen.append({tuple(sorted((places[a], places[b]))) for a, b in found.pairs.tolist()})
        assert sure <= seen[-1] <= all_alike
    assert seen[0] == seen[1]


def test_what_must_be_equal_parts_texts_of_the_same_words():
    text = " ".join(map(str, range(50)))
    assert find_near_pairs(sign([text] * 3, [1, 2, 1]), np.arange(3)).pairs.tolist() == [[0, 2]]


def test_texts_without_words_are_alike_only_where_they_are_equal():
    found = find_near_pairs(sign(["+", "-", "+", ""]), np.arange(4))
    assert found.pairs.tolist() == [[0, 2]] and found.likeness.tolist() == [1.0]
    assert find_near_pairs(sign([]), np.arange(0)).pairs.shape == (0, 2)


def test_many_alike_all_give_way_to_the_first_without_all_pairs():
    drawn = random.Random(1)
    text = [str(drawn.randrange(10**6)) for _ in range(150)]
    variants = []
    for number in range(1500):
        words = list(text)
        words[number % 150] = f"w{number}"
        variants.append(" ".join(words))
    rank = np.array(drawn.sample(range(1500), 1500))
    found = find_near_pairs(sign(variants), rank)
    stays = give_way(found.pairs, rank)
    assert (rank[stays] == 0).all()
    assert len(found.pairs) < 1500 * 750


def test_many_equal_ones_cost_no_square():
    rank = np.arange(3000)[::-1].copy()
    found = find_near_pairs(sign(["the same words here again"] * 3000), rank)
    assert len(found.pairs) <= near_pairs.COPIES * 3000
    assert (give_way(found.pairs, rank) == 2999).all()


def test_what_does_not_fit_in_memory_is_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path):
    signed = sign(make_texts(3, 300))
    whole = find_near_pairs(signed, np.arange(300))
    monkeypatch.setattr(near_pairs, "AT_ONCE", 64)
    monkeypatch.setattr(near_pairs, "CHUNK", 16)
    parts = find_near_pairs(signed, np.arange(300), beside=tmp_path)
    assert len(whole.pairs) > 100
    assert (whole.pairs == parts.pairs).all() and (whole.likeness == parts.likeness).all()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("share", "recall"), [(0.01, 0.99), (0.03, 0.98)])
def test_texts_of_200_words_are_found_with_some_replaced(share, recall):
    drawn = random.Random(7)
    ones = [[str(drawn.randrange(10**4)) for _ in range(200)] for _ in range(1000)]
    others = []
    for words in ones:
        for at in drawn.sample(range(200), round(200 * share)):
            words = [*words[:at], f"w{drawn.randrange(10**4)}", *words[at + 1 :]]
        others.append(words)
    found = find_near_pairs(sign([" ".join(words) for words in ones + others]), np.arange(2000))
    planted = found.pairs[:, 1] - found.pairs[:, 0] == 1000
    assert planted.sum() >= recall * 1000 and planted.all()
