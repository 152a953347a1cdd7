import pytest

from filters.checks.choice import Choice
from filters.types import Prompt, Sample, Verdict

QUESTION = "Which is prime?\n(A) 4\n(B) 5\n(C) 6\n(D) 9"


def judge(reference: str, response: str, question: str = QUESTION) -> Verdict:
    return Choice().check([Sample("s", Prompt.make(question, reference), response)])[0]


@pytest.mark.parametrize(
    "response", [r"\boxed{B}", "The answer is (B).", "Answer: B) 5", r"\boxed{\text{b}}", "#### B"]
)
def test_the_letter_in_many_forms(response: str) -> None:
    assert judge("B", response).ok is True


@pytest.mark.parametrize(
    "response", [r"\boxed{C}", "The answer is A.", r"\boxed{B, C}", r"\boxed{B \text{ or } C}"]
)
def test_other_letters_and_hedging_are_different(response: str) -> None:
    assert judge("B", response).rule == "different"


def test_the_options_text_counts() -> None:
    assert judge("B", r"\boxed{5}").reason == "equal: box, choice, got 5, expected B"
    assert judge("B", r"\boxed{9}").ok is False
    assert judge("B", r"\boxed{7}").ok is None


def test_lower_case_references_and_several_letters() -> None:
    assert judge("(b)", r"\boxed{B}").ok is True
    assert judge("A, C", r"\boxed{C, A}").ok is True
    assert judge("A, C", r"\boxed{A}").ok is False


def test_a_reference_that_is_no_letter_is_undecided() -> None:
    assert judge("five", r"\boxed{B}").ok is None


@pytest.mark.parametrize(
    "response",
    [
        "Hence, B must be right.",
        "B\n\nThe reason is that it has two divisors.",
        "B ist die richtige Antwort.",
    ],
)
def test_prose_that_may_name_an_option_is_undecided(response: str) -> None:
    assert judge("B", response).ok is not False


MIXED = "Compute.\nA. 5\nB. 50\nC. 55\nD. None of the above\n"


def test_a_response_that_is_one_option_and_nothing_else_chooses_it() -> None:
    assert (
        judge("D", "(D) None of the above", MIXED).reason
        == "equal: whole, choice, got (D) None of the above, expected D"
    )
    assert judge("B", "**D.** None of the above", MIXED).rule == "different"
    assert judge("D", "(D) None of the above is what I would not choose", MIXED).ok is None
    assert judge("D", "Compute. A. 5 B. 50 C. 55 D. None of the above", MIXED).ok is not True


GAS = "Which gas do plants absorb?\nA. Oxygen\nB. Carbon dioxide\nC. Nitrogen\nD. Helium"


@pytest.mark.parametrize(
    ("response", "ok"),
    [
        ("The answer is B. Nitrogen", None),
        ("The answer is B. Carbon dioxide and C. Nitrogen.", None),
        ("Answer: **B**\n\nCarbon dioxide", True),
        ("The answer is B. Carbon dioxide and water make sugar.", True),
        ("The answer is B. Carbon dioxide, and C is a distractor.", None),
        ("The answer is B. Plants absorb it.", True),
    ],
)
def test_another_option_after_the_letter_leaves_it_undecided(response: str, ok: bool | None) -> None:
    assert judge("B", response, GAS).ok is ok
