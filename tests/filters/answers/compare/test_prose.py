import pytest

from filters.answers.compare.prose import compare_words, compute_word_f1, split_words


def test_words_drop_articles_accents_and_markup() -> None:
    assert split_words(r"\text{The Café}") == ("cafe",)
    assert split_words("北京市") == ("北", "京", "市")
    assert split_words("The") == ("the",)


def test_initials_are_undecided_and_other_words_different() -> None:
    assert compare_words("United States of America", "USA").equal is None
    assert compare_words("dog", "cat").equal is False
    assert compare_words("dark blue", "blue").equal is None


def test_f1() -> None:
    assert compute_word_f1("dark blue", "blue") == pytest.approx(2 / 3)
    assert compute_word_f1("dog", "cat") == 0
