"""The share of target-language words, as the reward counts them."""

from __future__ import annotations

import pytest

from filters.languages.word_share import measure_language_share


@pytest.mark.parametrize(
    ("chain", "language", "share"),
    [
        ("First we add the numbers.", "en", 1.0),
        ("First we add the numbers.", "zh", 0.0),
        ("先算十二加七。", "zh", 1.0),
        ("先算十二加七。", "en", 0.0),
        ("12 + 7 = 19", "en", None),
        ("$x$ `for`", "en", None),
        ("", "zh", None),
        ("用 AM-GM 和 dp 求最大值", "zh", 1.0),
        ("We add the numbers. Entonces son diecinueve.", "en", 4 / 7),
    ],
)
def test_words_of_the_language_over_all_words(chain, language, share):
    assert measure_language_share(chain, language) == (None if share is None else pytest.approx(share))


def test_a_switched_line_lowers_the_share_in_both_directions():
    mixed = "先算 12 + 7 = 19\nThen 19 - 4 = 15"
    for language in ("en", "zh"):
        assert 0 < measure_language_share(mixed, language) < 1


def test_every_segment_counts_however_many_there_are():
    assert measure_language_share("我们算。\nand so on\n" * 100, "zh") == pytest.approx(
        3 / 1.6 / (3 / 1.6 + 3)
    )


def test_chinese_letters_are_turned_into_words():
    assert measure_language_share("and so on " + "我" * 16, "zh") == pytest.approx(10 / 13)


def test_hostile_text_is_counted_too():
    assert measure_language_share("\x00\ud800", "en") is None
