"""Near misses a careful reader found: what a comparison may never accept, never reject, and must decide."""

from __future__ import annotations

import pytest

from filters.answers.compare.context import read_context
from filters.answers.compare.equality import compare_answers

NEVER_ACCEPTED = [
    ("A", "A - 3", ""),
    ("A", "a - 3", ""),
    ("A", "A:B", ""),
    ("F", "F(x)", ""),
    ("B", "(B)-A", ""),
    ("A", "A. B", ""),
    ("D", "D.5", ""),
    ("\\sqrt{a^2}", "a", ""),
    ("6", "2x = 6", "Solve 2x = 12 for x."),
    ("2k, k \\in \\mathbb{Z}", "n + k, n \\in \\mathbb{Z}", ""),
    ("2k\\pi for all integers k", "2k\\pi for all real numbers k", ""),
    ("2k\\pi, k \\in \\mathbb{Z}", "2k\\pi for all real numbers k", ""),
    ("0.6", "0.6%", "The percentage of girls is 40%. What is the probability that a child is a boy?"),
    ("5", "negative x is 5", ""),
    ("3", "reciprocal = 3", ""),
    ("9", "square root of x is 9", ""),
    ("3+4i", "\\bar{z} = 3+4i", ""),
    ("x", "x*", ""),
    ("H", "H*", ""),
    ("(3,4)", "\\begin{pmatrix}3\\\\4\\\\0\\end{pmatrix}", ""),
    ("C_{2}5", "C_{25}", ""),
    ("3x+C", "3x+5+C", "Write Emily's cost for x hours."),
]
"""Reference, answer, prompt: two answers that may mean something else."""

NEVER_REJECTED = [
    ("1, 2", "2, 1", "A matrix of rank 2 is given. Find its eigenvalues."),
    ("1, 2", "2, 1", "Solve x^2-3x+2=0. Show your steps."),
    ("red and blue", "blue and red", "Show the steps. Which colours are used?"),
    ("1 out of 2", "2 out of 4", ""),
    ("1 in 2 chance", "2 in 4 chance", ""),
    ("odds of 1 to 2", "odds of 2 to 4", ""),
    ("50% of 10 people", "25% of 20 people", ""),
    ("4 x 6", "6 x 4", "What are the dimensions of the rectangle?"),
    ("2:1", "4:2", "The dimensions of a box are given. What is their ratio?"),
    ("24:00", "0:00", ""),
    ("3", "x - 3 = 0", ""),
    ("3", "3x = 9", ""),
    ("x^2y = 0", "xy^2 = 0", ""),
    ("Paris, London", "Paris, London, respectively", ""),
    ("Paris and London", "Paris, London, only", ""),
    ("empty", "not non-empty", ""),
    ("increases by 0", "decreases by 0", ""),
    ("(1,2),(3,4)", "[1,2],[3,4]", ""),
]
"""Reference, answer, prompt: two answers that may mean the same."""

ACCEPTED = [
    ("B", "B. 12", ""),
    ("B", "(B) 5", ""),
    ("B", "B: 5", ""),
    ("C", "C. Nitrogen", ""),
    ("12", "12%", "What percentage of girls is that?"),
    ("(3,4)", "3i+4j", ""),
    ("2x", "f'(x)=2x", ""),
    ("5", "x = 5", ""),
    ("m+n=293", "293", "Find m+n."),
    ("293", "m+n=293", "Find m+n."),
    ("x+y=2", "2x+2y=4", ""),
]
"""Reference, answer, prompt: equal."""

REJECTED = [
    ("3", "3x = 3", ""),
    ("1, 2", "2, 1", "List the roots in ascending order."),
    ("2:1", "3:1", "What was the score?"),
    ("x^2+y^2=1", "x^2+y^2=2", ""),
]
"""Reference, answer, prompt: different."""


@pytest.mark.parametrize(("reference", "answer", "prompt"), NEVER_ACCEPTED)
def test_never_accepted(reference: str, answer: str, prompt: str) -> None:
    assert compare_answers(reference, answer, read_context(prompt)).equal is not True


@pytest.mark.parametrize(("reference", "answer", "prompt"), NEVER_REJECTED)
def test_never_rejected(reference: str, answer: str, prompt: str) -> None:
    assert compare_answers(reference, answer, read_context(prompt)).equal is not False


@pytest.mark.parametrize(("reference", "answer", "prompt"), ACCEPTED)
def test_accepted(reference: str, answer: str, prompt: str) -> None:
    assert compare_answers(reference, answer, read_context(prompt)).equal is True


@pytest.mark.parametrize(("reference", "answer", "prompt"), REJECTED)
def test_rejected(reference: str, answer: str, prompt: str) -> None:
    assert compare_answers(reference, answer, read_context(prompt)).equal is False
