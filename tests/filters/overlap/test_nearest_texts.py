from hypothesis import given
from hypothesis import strategies as st

from filters.overlap.nearest_texts import NearestTexts

TEXTS = [
    "Anna has 3 apples and buys 4 more. How many apples has she?",
    "A train leaves Paris at noon and travels at 80 km per hour.",
    "Find the area of a triangle with sides 3, 4 and 5.",
    "Anna has 3 pears and buys 5 more. How many pears has she?",
]


def test_the_nearest_comes_first():
    found = NearestTexts(TEXTS).find("Ben has 3 apples and buys 9 more; how many apples has he?", 3)
    assert [near.place for near in found][:2] == [0, 3]
    assert 0 < found[1].likeness < found[0].likeness < 1


def test_a_text_is_nearest_to_itself_however_it_is_set():
    for place, text in enumerate(TEXTS):
        (first, *_) = NearestTexts(TEXTS).find(text.upper().replace(" ", "  "), 2)
        assert first.place == place
        assert first.likeness > 0.999


def test_nothing_in_common_is_nothing_near():
    assert NearestTexts(TEXTS).find("zzz", 3) == []
    assert NearestTexts(TEXTS).find("", 3) == []
    assert NearestTexts([]).find("apples", 3) == []


def test_what_nearly_all_have_says_nothing():
    texts = [f"the answer number{n}" for n in range(1000)]
    assert [near.place for near in NearestTexts(texts).find("the answer number77", 5)] == [77]


@given(
    st.lists(st.lists(st.sampled_from("abcde"), max_size=6), max_size=8),
    st.lists(st.sampled_from("abcdef"), max_size=6),
)
def test_likeness_is_that_of_the_words(collection, asked):
    texts = [" ".join(words) for words in collection]
    found = NearestTexts(texts).find(" ".join(asked), 99)
    assert {near.place for near in found} == {
        n for n, words in enumerate(collection) if set(words) & set(asked)
    }
    assert all(0 < near.likeness <= 1 for near in found)
    assert [near.likeness for near in found] == sorted((near.likeness for near in found), reverse=True)
    same = [near for near in found if set(collection[near.place]) == set(asked)]
    assert all(near.likeness > 0.999999 for near in same)
