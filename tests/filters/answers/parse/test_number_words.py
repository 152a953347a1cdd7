from fractions import Fraction
from pathlib import Path

import pytest

from filters.answers.parse.number_words import (
    expand_leading_number,
    expand_scaled_numbers,
    read_number,
    read_ordinal,
)

SAMPLES = [
    line.split("\t")
    for line in Path(__file__).with_name("number_samples.tsv").read_text("utf-8").splitlines()
]
ENGLISH_TOO = {"once", "sept", "cent", "mil", "mille", "un", "um", "null", "elf"}
"""Number words of other languages that are English words in another sense, or articles."""


@pytest.mark.parametrize("language", sorted({row[0] for row in SAMPLES}))
def test_what_num2words_writes_is_read_back(language: str) -> None:
    rows = [
        (int(value), words) for code, value, words in SAMPLES if code == language and words not in ENGLISH_TOO
    ]
    wrong = [(value, words, read_number(words)) for value, words in rows if read_number(words) != value]
    if language == "ja":  # 二百五 is 205 in Japanese, and 250 in Chinese
        wrong = [row for row in wrong if row[2] is not None or row[0] // 10 % 10 or not row[0] % 10]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-six", 26),
        ("one hundred and five", 105),
        ("two million five hundred thousand", 2_500_000),
        ("minus three", -3),
        ("three quarters", Fraction(3, 4)),
        ("one and a half", Fraction(3, 2)),
        ("half a million", 500_000),
        ("two and a half million", 2_500_000),
        ("one over two", Fraction(1, 2)),
        ("three point one four", Fraction("3.14")),
        ("a dozen", 12),
        ("half a dozen", 6),
        ("zero", 0),
        ("five lakh twenty thousand", 520_000),
        ("two crore", 20_000_000),
        ("三百二十五", 325),
        ("一万二千", 12_000),
        ("一百零五", 105),
        ("二〇二四", 2024),
        ("叁佰贰拾伍", 325),
        ("两千", 2000),
        ("三分之一", Fraction(1, 3)),
        ("一又二分之一", Fraction(3, 2)),
        ("百分之五", None),
        ("三点一四", Fraction("3.14")),
        ("一亿五千万", 150_000_000),
        ("千五百八", 1508),
        ("三分の二", Fraction(2, 3)),
        ("삼백이십오", 325),
        ("스물다섯", 25),
        ("삼분의 이", Fraction(2, 3)),
        ("quatre-vingt-dix-sept", 97),
        ("septante et un", None),
        ("deux tiers", Fraction(2, 3)),
        ("dreihundertfünfundzwanzig", 325),
        ("drei Komma fünf", Fraction("3.5")),
        ("dos mil millones", 2_000_000_000),
        ("tres cuartos", Fraction(3, 4)),
        ("trezentos e vinte e cinco", 325),
        ("двух тысяч", 2000),
        ("пятью", 5),
        ("две трети", Fraction(2, 3)),
        ("तीन सौ पच्चीस", 325),
        ("निन्यानवे", 99),
        ("पाँच लाख बीस हज़ार", 520_000),
        ("डेढ़ लाख", 150_000),
        ("साढ़े तीन", Fraction(7, 2)),
    ],
)
def test_numbers_in_words(text: str, value: Fraction | None) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", "seven apples", "twenty thirty", "and", "a", "the third", "one " * 40, "one and two", "third", "once", "mil", "elf",
        "sept", "eine Billion", "一百五", "二百五", "三角形", "twenty and five", "five million million thousand million", "пять семь",
        "dos tres", "hundred hundred",
    ],
)  # fmt: skip
def test_no_numbers(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twelfth", 12),
        ("twenty-first", 21),
        ("zwölfte", 12),
        ("двенадцатый", 12),
        ("première", 1),
        ("twelve", None),
    ],
)
def test_ordinals_are_their_own_kind(text: str, value: int | None) -> None:
    assert read_ordinal(text) == value
    assert value is None or read_number(text) is None


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2.5 million", "2500000"),
        ("5k", "5k"),
        ("$5k", "$5000"),
        ("€3bn", "€3000000000"),
        ("5 mil", "5 mil"),
        ("5 mil millones", "5000000000"),
        ("12万3千", "123000"),
        ("1万2000人", "12000 人"),
        ("5千米", "5千米"),
        ("3억 5천만", "350000000"),
        ("5 lakh rupees", "500000  rupees"),
        ("3 Millionen Euro", "3000000  Euro"),
        ("5 millones de euros", "5000000 euros"),
        ("20 miles", "20 miles"),
        ("45 cents", "45 cents"),
        ("x^5 million", "x^5 million"),
    ],
)
def test_scales_after_digits(text: str, written: str) -> None:
    assert expand_scaled_numbers(text).strip() == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("three days", "3 days"),
        ("day three", "day three"),
        ("tres metros", "3 metros"),
        ("un triangle", "un triangle"),
        ("五天", "5天"),
        ("三角形", "三角形"),
        ("百分之五", "5%"),
        ("다섯 개", "5개"),
        ("пять метров", "5 метров"),
        ("minus 5", "-5"),
        ("two and a half hours", "\\frac{5}{2} hours"),
    ],
)
def test_words_before_a_unit(text: str, written: str) -> None:
    assert expand_leading_number(text) == written
