from filters.checks.agreement import Agreement
from filters.registry import make_check
from filters.spec import parse_spec
from filters.types import Prompt, Sample, Verdict


def judge(*responses: str, reference: str | None = None, **options: float) -> list[Verdict]:
    prompt = Prompt.make("What is it?", reference)
    return Agreement(**options).check([Sample(str(i), prompt, text, i) for i, text in enumerate(responses)])


def boxed(*answers: str) -> list[str]:
    return [f"<think>hm</think>It is \\boxed{{{answer}}}." for answer in answers]


def test_equal_answers_vote_together_whatever_their_form() -> None:
    verdicts = judge(*boxed("1/2", "0.5", r"\frac{2}{4}", "3"))
    assert [v.ok for v in verdicts] == [True, True, True, False]
    assert verdicts[0].reason == "majority: 3 of 4 say 1/2"
    assert verdicts[3].reason == "minority: 3 of 4 say 1/2, got 3"
    assert verdicts[0].score == 0.75
    assert verdicts[0].span == (30, 33)


def test_a_tie_or_too_small_a_share_decides_nothing() -> None:
    assert {v.reason for v in judge(*boxed("1", "1", "2", "2"))} == {"no_majority"}
    assert {v.rule for v in judge(*boxed("1", "1", "1", "2"), min_share=0.8)} == {"no_majority"}
    assert {v.ok for v in judge(*boxed("1", "2", "3", "4"))} == {None}


def test_too_few_voters_decide_nothing() -> None:
    assert judge(*boxed("1", "1"))[0].reason == "too_few: 2 with an answer, 4 needed"
    assert judge(*boxed("1", "1"), min_samples=2)[0].ok is True


def test_no_answer_is_false_and_no_vote() -> None:
    verdicts = judge(
        *boxed("7", "7", "7", "7"),
        "<think>and then",
        "<think>a</think>This is hard.\n\nI do not know how to go on from here, and stop.",
    )
    assert [v.rule for v in verdicts] == ["majority"] * 4 + ["unclosed_think", "no_answer"]
    assert verdicts[0].score == 1.0
    assert verdicts[4].ok is False


def test_what_may_equal_the_majority_is_undecided() -> None:
    verdicts = judge(*boxed("5", "5", "5", "some five words that say nothing"))
    assert verdicts[3].ok is None
    assert verdicts[3].rule == "unsure"


def test_a_prompt_with_a_reference_is_left_to_the_verifiers() -> None:
    assert {v.reason for v in judge(*boxed("1", "1", "1", "1"), reference="1")} == {"has_reference"}


def test_prompts_in_one_batch_vote_apart_and_verdicts_keep_their_order() -> None:
    one, two = Prompt.make("one"), Prompt.make("two")
    texts = boxed("1", "2", "1", "2", "1", "2", "2", "1")
    batch = [Sample(str(i), (one, two)[i % 2], text) for i, text in enumerate(texts)]
    verdicts = make_check(*parse_spec("agreement:min_share=0.7")).check(batch)
    assert [v.rule for v in verdicts] == ["majority"] * 6 + ["minority"] * 2
    assert "say 1, got 2" in verdicts[6].reason


def test_no_samples_no_verdicts() -> None:
    assert Agreement().check([]) == []
