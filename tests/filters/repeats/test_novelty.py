"""What tells the copies of an enumeration from those of a loop."""

from __future__ import annotations

import pytest

from filters.repeats.novelty import MAX_COUNTED, blank_labels, has_progress


def progresses(lines: list[str]) -> bool:
    return has_progress("", [line + "\n" for line in lines], len(lines))


@pytest.mark.parametrize(
    "lines",
    [
        [f"For x = {x} we get {x * x} and the point ({x}, {x * x})." for x in range(-3, 4)],
        [f"The prime {p} does not divide the number 9973." for p in (3, 7, 11, 13)],
        ["a = number of people who own exactly one item,", "b = number of people who own exactly two items,",
         "c = number of people who own exactly three items,", "d = number of people who own exactly four items."],
        [f"Let {c} be the age of {who} today." for c, who in zip("abcd", ("Ann", "Bob", "Cid", "Dan"), strict=True)],
        [f"If p is {p} and q is {q}, then p or q is {p if p == q else 'true'}." for p in ("true", "false") for q in ("true", "false")],
        [f"Le {n} jour elle ne vend rien du tout." for n in ("premier", "deuxième", "troisième", "quatrième")],
        ["(1) Ann and Bob swap: Ann: red ball, Bob: blue ball, Cid: green ball.", "(2) Bob and Cid swap: Ann: red ball, Bob: green ball, Cid: blue ball.",
         "(3) Ann and Cid swap: Ann: blue ball, Bob: green ball, Cid: red ball.", "(4) Ann and Bob swap: Ann: green ball, Bob: blue ball, Cid: red ball."],
        [f"The pair ({a}, {b}) does not work." for a in (2, 5) for b in (3, 4, 7)],
        [f"Wait, 48 × {n} = {48 * n}, let me check the next." for n in (9, 4, 7, 2, 6)],
    ],
)  # fmt: skip
def test_an_enumeration_says_something_new(lines: list[str]):
    assert progresses(lines)


@pytest.mark.parametrize(
    "lines",
    [
        ["The sum is 15, so the answer is 15."] * 6,
        [f"{n}. I check the sum again and it is 15." for n in range(1, 12)],
        [f"Attempt {n}: the sum is 15 as it was before." for n in range(1, 12)],
        [f"Let me check it for the {n}th time, to be sure." for n in range(4, 12)],
        [f"第{n}次检查：结果还是十五。" for n in range(1, 9)],
        [
            f"Hmm, let me think {w} about the sum before I answer."
            for w in ("now", "again", "really", "then", "also")
        ],
        [f"Wait, I am not sure whether the value {n} is right." for n in (40, 7, 93, 12, 55, 31)],
        [f"So it is {n}, or so it seems to be, I think." for n in (15, 16) * 4],
        [f"Let me recalculate: 48 × 25 = {n}." for n in (1200, 1250, 1200, 1100, 1250, 1200)],
        [f"The next term is a_{n}, which follows from a_{n - 1}." for n in range(2, MAX_COUNTED + 5)],
    ],
)
def test_a_loop_says_nothing_new(lines: list[str]):
    assert not progresses(lines)


def test_labels_are_blanked_and_values_kept():
    text = "1. It is 15.\nStep 12: n = 3 and\n(4) We go on for the 5th time with 6 of 7."
    blank = blank_labels(text)
    assert len(blank) == len(text)
    assert [word for word in blank.replace(".", " ").split() if word.isdigit()] == ["15", "3", "6", "7"]
