"""Pairs of answers with units and numbers in ten languages, and what every such pair must keep.

pairs.jsonl: `gold` against lists of answers under the verdicts that are allowed, by kind: G percent, I words that
change the value, K case, L letters of other scripts, M number words, N letters against numbers, O units, T groups.
"""

import json
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.answers.compare.context import read_context
from filters.answers.compare.equality import compare_answers

ROWS = [json.loads(line) for line in Path(__file__).with_name("pairs.jsonl").read_text("utf-8").splitlines()]
VERDICTS = {True: "true", False: "false", None: "undecided"}
UNITS = {
    "length": {"m": "1", "km": "1000", "cm": "1/100", "mm": "1/1000", "inches": "0.0254", "feet": "0.3048", "miles": "1609.344", "метров": "1", "厘米": "1/100"},
    "mass": {"kg": "1", "g": "1/1000", "lb": "0.45359237", "tonnes": "1000", "千克": "1", "килограммов": "1", "किलोग्राम": "1"},
    "time": {"s": "1", "min": "60", "hours": "3600", "days": "86400", "weeks": "604800", "小时": "3600", "Stunden": "3600", "секунд": "1"},
    "energy": {"J": "1", "kJ": "1000", "kWh": "3600000", "N m": "1", "MJ": "1000000"},
    "speed": {"m/s": "1", "km/h": "5/18", "mph": "0.44704", "metres per second": "1", "м/с": "1", "米/秒": "1"},
    "data": {"MB": "8", "GB": "8000", "Mb": "1"},
}  # fmt: skip
NUMBERS = st.fractions(min_value=Fraction(1, 40), max_value=5000, max_denominator=40)


def pairs() -> list[tuple[str, str, str]]:
    return [
        (row["gold"], answer, allowed)
        for row in ROWS
        for allowed, answers in row.items()
        if isinstance(answers, list)
        for answer in answers
    ]


def write(value: Fraction, unit: str) -> str:
    return (
        f"{value} {unit}"
        if value.denominator == 1
        else f"\\frac{{{value.numerator}}}{{{value.denominator}}} {unit}"
    )


def test_there_are_enough_pairs_of_every_kind_and_language() -> None:
    assert len(pairs()) >= 1000
    languages = Counter(row["language"] for row in ROWS)
    assert len(languages) == 10
    assert min(languages.values()) >= 5
    assert {row["kind"] for row in ROWS} >= set("GIKLMNOT")
    assert sum("true" not in allowed for _, _, allowed in pairs()) >= 400


def test_pairs_both_ways() -> None:
    wrong = [
        (one, two, allowed, finding.equal, finding.rule)
        for gold, answer, allowed in pairs()
        for one, two in ((gold, answer), (answer, gold))
        if VERDICTS[(finding := compare_answers(one, two)).equal] not in allowed.split("|")
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", UNITS)
@settings(max_examples=40, deadline=None)
@given(value=NUMBERS, data=st.data())
def test_a_converted_quantity_is_equal(kind: str, value: Fraction, data: st.DataObject) -> None:
    one, two = (data.draw(st.sampled_from(sorted(UNITS[kind]))) for _ in range(2))
    converted = value * Fraction(UNITS[kind][one]) / Fraction(UNITS[kind][two])
    assert compare_answers(write(value, one), write(converted, two)).equal is True
    assert compare_answers(write(value, one), write(converted * Fraction(101, 100), two)).equal is False


@settings(max_examples=150, deadline=None)
@given(value=NUMBERS, data=st.data())
def test_another_unit_is_never_equal(value: Fraction, data: st.DataObject) -> None:
    units = sorted((unit, kind) for kind, listed in UNITS.items() for unit in listed)
    (one, kind), (two, other) = (data.draw(st.sampled_from(units)) for _ in range(2))
    if kind != other or UNITS[kind][one] != UNITS[kind][two]:
        assert compare_answers(write(value, one), write(value, two)).equal is not True


PIECES = [
    "5",
    "$",
    "\\$",
    "€",
    " ",
    " each",
    " de",
    " los",
    " of",
    "%",
    "°",
    "m",
    "/",
    "^",
    "{",
    "}",
    "-",
    "per",
    "小时",
    "分",
    "前",
    "倍",
    "h30",
    ":30",
    ",20",
    "e-3",
    " in",
    "th",
    "squared",
    "k",
    "\\text{",
    "월",
    ".",
]


@settings(max_examples=400, deadline=None)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=7), prompt=st.lists(st.sampled_from(PIECES), max_size=5)
)
def test_no_reader_fails(pieces: list[str], prompt: list[str]) -> None:
    """Whatever stands round a number, an answer and a prompt are read, or are told to be unreadable."""
    context = read_context(f"How many {''.join(prompt)} in {''.join(prompt)}?")
    assert compare_answers("".join(pieces), "5", context).equal in (True, False, None)


@settings(max_examples=100, deadline=None)
@given(
    number=st.integers(1, 999),
    word=st.from_regex(r"[a-z]{3,9}", fullmatch=True),
    unit=st.sampled_from(["km", "dollars", "apples"]),
)
def test_an_unknown_word_is_never_different(number: int, word: str, unit: str) -> None:
    """Whatever a word after a number is, it may be a spelling of the other side's unit."""
    finding = compare_answers(f"{number} {unit}", f"{number} {word}q")
    assert finding.equal is not False or finding.rule == "value"
