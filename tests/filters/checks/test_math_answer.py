import json
import os
from pathlib import Path

import pytest

from filters.checks.math_answer import MathAnswer
from filters.registry import find_check_class
from filters.types import Prompt, Sample, Verdict

OPTIONS = "Which is the largest?\nA) Mars\nB) Jupiter\nC) Venus"


def judge(reference: str | None, response: str, question: str = "q") -> Verdict:
    return MathAnswer().check([Sample("s", Prompt.make(question, reference), response)])[0]


def test_it_is_registered() -> None:
    assert find_check_class("math_answer") is MathAnswer


def test_equal_tells_how_it_was_found_and_why() -> None:
    verdict = judge("1/2", "<think>hm</think>\nSo $\\boxed{0.5}$.")
    assert (verdict.ok, verdict.reason) == (True, "equal: box, value, got 0.5, expected 1/2")
    assert verdict.span == (29, 32)


def test_different_quotes_both_sides() -> None:
    verdict = judge("6", "The answer is 5.")
    assert (verdict.ok, verdict.reason) == (False, "different: cue, number, got 5, expected 6")


def test_no_answer_and_unclosed_think_are_false() -> None:
    assert judge("6", "<think>done</think>\n  ") == Verdict(False, "no_answer")
    assert judge("6", "<think>\\boxed{6}") == Verdict(False, "unclosed_think")
    assert judge("6", "The final answer is:") == Verdict(False, "no_answer")


@pytest.mark.parametrize(
    "response",
    [
        "I cannot solve this one, I am afraid.",
        "There are forty-two apples.",
        "So there are 42 apples in total.\n\nI hope this helps!",
        "<details>\n<summary>Answer</summary>\n42\n</details>",
    ],
)
def test_prose_that_may_hold_an_answer_is_undecided(response: str) -> None:
    assert judge("42", response).ok is None
    assert judge("Paris", response).ok is None


def test_a_weak_find_is_undecided_even_where_it_fits() -> None:
    verdict = judge("27", "She sold 27 of them to her friends")
    assert (verdict.ok, verdict.reason) == (None, "weak: last_number, got 27, expected 27")
    assert judge("Paris", "It lies on the Seine, they say, near here").reason == "weak: prose"


@pytest.mark.parametrize("reference", [None, "", "  "])
def test_without_a_reference_nothing_is_decided(reference: str | None) -> None:
    assert judge(reference, "\\boxed{6}") == Verdict(None, "no_reference")


def test_an_unreadable_reference_is_undecided() -> None:
    verdict = judge(r"\nabla f", r"\boxed{7}")
    assert verdict.ok is None
    assert verdict.rule == "unreadable_reference"


def test_a_reference_may_be_the_end_of_a_solution() -> None:
    assert judge("She has 2 + 3 = 5.\n#### 5", "#### 5").ok is True
    assert judge(r"Adding gives \boxed{5}.", "#### 5").ok is True


def test_reasons_are_short_whatever_the_answer() -> None:
    verdict = judge("6", f"\\boxed{{{'9' * 3_000}}}")
    assert verdict.ok is False or verdict.ok is None
    assert len(verdict.reason) <= 200


def test_an_option_may_be_given_by_its_text() -> None:
    assert judge("B", "\\boxed{Jupiter}", OPTIONS).reason == "equal: box, option, got Jupiter, expected B"
    assert judge("B", "\\boxed{Mars}", OPTIONS).ok is False
    assert judge("B", "\\boxed{Pluto}", OPTIONS).ok is None
    assert judge("B", "\\boxed{Jupiter}").ok is None


@pytest.mark.parametrize(
    ("reference", "response", "ok"),
    [
        ("Yes", "Yes, since 7 is odd and so on and on.", True),
        ("Yes", "Yes. It is a prime number, as was shown above.", True),
        ("Yes", "**True** — because its divisors are 1 and 7.", True),
        ("Yes", "No, since 8 is even, as was shown above.", False),
        ("No", "No: 8 has the divisors 1, 2, 4 and 8.", True),
        ("Yes", "是的，因为七的因数是一和七，这就是全部。", True),
        ("Yes", "Sí, porque 7 tiene dos divisores, el 1 y el 7.", True),
        ("Yes", "Oui, car 7 a deux diviseurs, 1 et 7.", True),
        ("No", "Nein, denn 8 ist durch 2 und durch 4 teilbar.", True),
        ("Yes", "Не так, нет, потому что 8 делится на 2 и на 4.", None),
        ("Yes", "Yes is wrong.", None),
        ("Yes", "Yes. Wait, no.", None),
        ("Yes", "Yes, I can help! It is not prime.", None),
        ("Yes", "Yes, unless n = 0.", None),
        ("Yes", "Sí, pero n tiene que ser mayor que cero.", None),
        ("Yes", "是的，除非 n 等于零，这里我们看一看。", None),
        ("Yes", "True or False: False", None),
        ("Yes", "True statements are rare; this one is false.", None),
        ("No", "No problem! Let me solve it. The number is prime.", None),
        ("No", "No integer between 2 and 6 divides it. Therefore yes.", None),
        ("Yes", "No doubt it is prime.", None),
        ("Yes", "No worries. Yes, it is.", None),
        ("infinite", "Yes, and there are a great many of them.", None),
    ],
)
def test_yes_or_no_may_begin_the_response(reference: str, response: str, ok: bool | None) -> None:
    assert judge(reference, response, "Is it prime?").ok is ok


def test_the_reason_tells_the_first_word() -> None:
    verdict = judge("Yes", "Yes, since 7 is odd and so on and on.")
    assert verdict.reason == "equal: first_word, got yes, expected Yes"


def test_answers_dev() -> None:
    folder = os.environ.get("R1CURATE_TEST_DATA")
    if folder is None:
        pytest.skip("R1CURATE_TEST_DATA names no folder with answers_dev.jsonl")
    lines = (Path(folder) / "answers_dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    verdicts = [judge(row["gold"], row["response"]) for row in rows]
    decided = [(row, v) for row, v in zip(rows, verdicts, strict=True) if v.ok is not None]
    wrong = [(row["id"], v.reason) for row, v in decided if v.ok is not (row["label"] == "correct")]
    assert len(wrong) <= 0.005 * len(decided), wrong
    assert len(rows) - len(decided) <= 0.05 * len(rows)
