"""Loops of one token, and rows of marks, digits and blanks that are none."""

from __future__ import annotations

import pytest

from filters.repeats.short_loops import find_short_loops

BEFORE, AFTER = "Ann has 19 plums and eats 4.\n", "\nSo 15 are left."


def find(*texts: str) -> dict[int, str]:
    raws = [text.encode("utf-8", "surrogatepass") for text in texts]
    return {number: fault.detail for number, fault in find_short_loops(raws)}


@pytest.mark.parametrize("period", range(1, 14))
@pytest.mark.parametrize("shift", [0, 1, 59, 97])
def test_every_short_period_is_found_from_three_hundred_characters_on(period: int, shift: int):
    block = "!?%&*/+@#~^|;"[:period]
    text = "x" * shift + "y" + block * (300 // period + 2) + AFTER
    assert find(text) == {0: f"{300 // period + 2} times: {block}"}


@pytest.mark.parametrize(
    ("loop", "detail"),
    [
        ("\n" * 400, "'\\n'"),
        ("\t" * 400, "'\\t'"),
        (" " * 1500, "' '"),
        ("3" * 320, "3"),
        ("142857" * 60, "142857"),
        ("!" * 500, "!"),
        ("！" * 320, "！"),
        ("\\boxed{15} " * 8, "boxed{15}"),
        ("$\\boxed{\\frac{3}{4}}$\n" * 6, "boxed{\\frac{3}{4}}"),
        ("</think>" * 50, "</think>"),
    ],
)
def test_a_token_over_and_over_is_a_loop(loop: str, detail: str):
    found = find(BEFORE, BEFORE + loop, BEFORE + loop + AFTER)
    assert sorted(found) == [1, 2]
    assert all(detail in told for told in found.values()), found


@pytest.mark.parametrize(
    "row",
    [
        "-" * 400,
        "─" * 80,
        "." * 120,
        " " * 600,
        "\n" * 60,
        "3" * 200,
        "0, " * 40,
        "|---" * 20,
        "\\boxed{15} " * 4,
        "ha" * 40,
        "",
    ],
)
def test_rules_periods_and_blanks_are_none(row: str):
    assert find(BEFORE + row + AFTER) == {}


def test_what_two_texts_have_where_they_meet_is_no_loop():
    assert find("a" + "!" * 200, "!" * 200 + "a") == {}
