from filters.checks.gold_suspect import GoldSuspect
from filters.types import Prompt, Sample, Verdict


def judge(reference: str | None, *answers: str, prompt: str = "q", **options: float) -> list[Verdict]:
    asked = Prompt.make(prompt, reference)
    batch = [Sample(str(i), asked, f"\\boxed{{{answer}}}", i) for i, answer in enumerate(answers)]
    return GoldSuspect(**options).check(batch)


def test_many_that_agree_on_another_answer_make_the_reference_suspect() -> None:
    verdicts = judge("12", "13", "13.0", "13", "26/2", "12")
    assert {v.ok for v in verdicts} == {False}, "also the sample that fits the suspect reference"
    assert verdicts[0].reason == "gold_suspect: 4 of 5 say 13, expected 12"
    assert verdicts[0].score == 0.8


def test_a_reference_that_some_confirm_or_few_contradict_stays() -> None:
    assert {v.ok for v in judge("12", "13", "13", "13")} == {True}
    assert {v.ok for v in judge("12", "13", "13", "13", "13", "12", "12")} == {True}
    assert {v.ok for v in judge("12", "13", "13", "13", "13", "12", "12", min_share=0.6)} == {False}
    assert {v.ok for v in judge("1/2", "0.5", "0.5", "0.5", "0.5")} == {True}


def test_what_is_not_proved_different_is_no_contradiction() -> None:
    assert {v.ok for v in judge(r"\oint_{C} q \star 3", *["7"] * 6)} == {True}


def test_an_options_text_is_its_letter() -> None:
    asked = "Which? (A) 10 (B) 20"
    assert {v.ok for v in judge("B", *["20"] * 5, prompt=asked)} == {True}
    assert {v.ok for v in judge("B", *["A"] * 5, prompt=asked)} == {False}


def test_without_a_reference_there_is_nothing_to_suspect() -> None:
    assert {v.reason for v in judge(None, *["7"] * 6)} == {"no_reference"}
