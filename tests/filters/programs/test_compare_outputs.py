"""Outputs are equal but for what does not count, and for numbers that were computed."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from filters.programs.compare_outputs import equals_any, equals_output, find_difference, split_lines

WORD = st.text("abcYESNO0123456789.-+e#", min_size=1, max_size=6)
LINES = st.lists(st.lists(WORD, max_size=4).map(" ".join), max_size=5)
QUICK = settings(deadline=None)


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("1\n2\n", "1\n2"),
        ("1\n2", "1 \n2\t\n\n\n"),
        ("1\n2", "1\r\n2\r\n"),
        ("", "\n \n"),
        ("0.5", "0.50000001"),
        ("0.333333", "0.3333333333333333"),
        ("1e-3", "0.001"),
        ("3", "3.0"),
        ("1", "0.9999999999"),
        ("123456789.5", "123456789.6"),
        ("x = 1.5 y", "x = 1.5000001 y"),
        ("-0.0", "0"),
        ("1.2345678901234567e+25", "1.2345678901234568e+25"),
        (".5", "0.5"),
    ],
)
def test_what_is_the_same(expected: str, printed: str):
    assert equals_output(expected, printed)
    assert find_difference(expected, printed) is None


@pytest.mark.parametrize(
    ("expected", "printed"),
    [
        ("1\n2", "1"),
        ("1\n2", "1\n2\n3"),
        ("1", ""),
        ("", "1"),
        ("1\n\n2", "1\n2"),
        ("1 2", "1  2"),
        (" 1", "1"),
        ("YES", "Yes"),
        ("1000000007", "1000000008"),
        ("1000000007.0", "1000000008"),
        ("007", "7"),
        ("0011", "11"),
        ("1234567.5", "1234567"),
        ("1000000007", "1000000008.0"),
        ("1" * 40, "1" * 39 + "2"),
        ("0.5", "0.50001"),
        ("0.5", "nan"),
        ("nan", "0.5"),
        ("inf", "1e999"),
        ("1,5", "1.5"),
        ("x1.0", "x1.00000001"),
        ("1e400", "1e401"),
        ("9" * 500 + ".0", "9" * 500 + ".1"),
        ("0x10", "16"),
        ("1_0", "10"),
        ("١", "1"),
    ],
)
def test_what_is_not(expected: str, printed: str):
    assert not equals_output(expected, printed)
    assert find_difference(expected, printed) is not None


@QUICK
@given(
    lines=LINES,
    blanks=st.lists(st.sampled_from(["", " ", "\t", "  "]), min_size=5, max_size=5),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_blanks_at_ends_and_line_ends_do_not_count(lines: list[str], blanks: list[str], end: str):
    other = end.join(line + blank for line, blank in zip(lines, blanks, strict=False)) + end + blanks[0] + end
    assert equals_output("\n".join(lines), other, exact=True)
    assert equals_output(other, "\n".join(lines), exact=True)


@QUICK
@given(lines=LINES, others=LINES)
@example(lines=["1"], others=["1", "1"])
def test_a_beginning_is_not_the_whole(lines: list[str], others: list[str]):
    whole = split_lines("\n".join([*lines, *others]))
    begun = split_lines("\n".join(lines))
    assert equals_output("\n".join(whole), "\n".join(begun)) == (len(whole) == len(begun))


@QUICK
@given(number=st.integers(), other=st.integers())
@example(number=10**30, other=10**30 + 1)
def test_whole_numbers_are_equal_or_not(number: int, other: int):
    assert equals_output(str(number), str(other)) == (number == other)


@QUICK
@given(number=st.floats(allow_nan=False, allow_infinity=False), share=st.floats(-3e-6, 3e-6))
def test_numbers_with_a_fraction_are_near_by_their_share_or_a_millionth(number: float, share: float):
    expected = format(Decimal(number), "f") if "." in format(Decimal(number), "f") else f"{int(number)}.0"
    printed = format(Decimal(expected) * (1 + Decimal(share)), "f")
    if len(expected) > 300 or len(printed) > 300:
        return
    near = abs(Decimal(printed) - Decimal(expected)) <= max(
        Decimal("1e-6"), abs(Decimal(expected)) * Decimal("1e-6")
    )
    assert equals_output(expected, printed) == near
    assert equals_output(expected, printed, exact=True) == (expected == printed)


@QUICK
@given(lines=LINES, others=LINES)
def test_a_difference_is_named_where_there_is_one(lines: list[str], others: list[str]):
    expected, printed = "\n".join(lines), "\n".join(others)
    for exact in (True, False):
        found = find_difference(expected, printed, exact)
        assert (found is None) == equals_output(expected, printed, exact)
        if found is not None:
            number, one, other = found
            assert [one] == (split_lines(expected)[number - 1 : number] or [""])
            assert [other] == (split_lines(printed)[number - 1 : number] or [""])


def test_any_of_several_is_accepted():
    assert (
        equals_any(["1 2", "2 1"], "2 1\n")
        and not equals_any(["1 2", "2 1"], "1 1")
        and not equals_any([], "")
    )


def test_ten_megabytes_are_compared_in_a_moment():
    text = "1.5 " * 2_500_000
    assert equals_output(text, text + "\n")
    assert not equals_output(text, text[:-4] + "1.6")
    assert not equals_output("9" * 5_000_000, "9" * 4_999_999 + "8")
