"""The cold start's form: a chain, then a summary for the reader."""

from __future__ import annotations

import random

import pytest

from filters.checks.summary import Summary
from filters.types import Prompt, Sample, Verdict
from recipes.mini.chains import CLEAN, respond
from recipes.mini.world import problems

CHAIN = "Let me think. Wait, is that right? 47+38=85, then 85-58=27. Hmm, yes."


def judged(answer: str, reference: str | None = "27", prompt: str = "How many?", chain=CHAIN, **options):
    response = f"<think>\n{chain}\n</think>{answer}"
    found = Summary(**options).check([Sample("s", Prompt.make(prompt, reference), response)])[0]
    if found.span is not None:
        return found, response[slice(*found.span)]
    return found, ""


@pytest.mark.parametrize(
    "answer",
    [
        "Ann has 27 apples: 47 and 38 make 85, less 58 is \\boxed{27}.",
        "The answer is \\boxed{27}.",
        "Answer: \\boxed{27}",
        "答案是\\boxed{27}。",
        "是\\boxed{27}。",
        "**Result**\n\n\\boxed{27}",
        "Ann waits for 3 hours, hold on to 27 apples: 27 apples.",
        "苹果、香蕉、梨等等，一共是27个。答案是27。",
        'She said "Wait, let me check, you idiot!" and so the answer is 27.',
        "Some sounds, e.g. hmm and oops, are no words, but there are 27 apples.",
        "It is time to act vs. wait, no more: 27 apples.",
    ],
)
def test_a_sentence_with_the_answer_is_a_summary(answer):
    assert judged(answer)[0] == Verdict(True)


@pytest.mark.parametrize(
    "response", ["The answer is 27.", "<think>27", "<think>1</think>The answer is 27<think>"]
)
def test_without_a_closed_chain_there_is_nothing_to_sum_up(response):
    found = Summary().check([Sample("s", Prompt.make("q", "27"), response)])[0]
    assert found == Verdict(False, "no_summary: there is no closed think block")


@pytest.mark.parametrize("answer", ["", " \n"])
def test_nothing_after_the_chain_is_no_summary(answer):
    assert judged(answer)[0].reason == "no_summary: nothing after </think>"


@pytest.mark.parametrize(
    "answer", ["27", "\\boxed{27}", "$\\boxed{27}$", "**27**", "\n\n27.\n", "<answer>27</answer>"]
)
def test_the_answer_alone_is_bare(answer):
    assert judged(answer)[0].rule == "bare"


def test_least_words_asks_for_more_around_it():
    assert judged("The answer is \\boxed{27}.", least_words=4)[0].reason == "bare: 3 words beside the answer"
    assert judged("\\boxed{27}", least_words=0)[0].ok is True
    assert judged("所以一共还有\\boxed{27}个苹果。", least_words=4)[0].ok is True


@pytest.mark.parametrize(
    ("answer", "reference", "ok"),
    [
        ("We have counted all of the apples.", "27", False),
        ("The matter is settled by counting.", "C", False),
        ("We have found it.", "x^2", False),
        ("The treaty was never ratified by the parliament.", "It was never ratified.", True),
        ("We have counted all of the apples.", None, True),
        ("After all there are 27 of them left", "27", True),
    ],
)
def test_a_reference_that_is_a_value_must_be_answered(answer, reference, ok):
    found, _ = judged(answer, reference)
    assert found == Verdict(True) if ok else found.rule == "no_answer"


@pytest.mark.parametrize(
    ("answer", "phrase"),
    [
        ("Wait, that gives 28. The answer is 27.", "Wait,"),
        ("The answer is 28. Wait, no, it is 27.", "Wait,"),
        ("Hmm, the answer is 27.", "Hmm"),
        ("Let me check: the answer is 27.", "Let me check"),
        ("Let's double-check it. The answer is 27.", "Let's double-check"),
        ("The answer is 28. Actually, no. It is 27.", "Actually, no"),
        ("I need to recheck my steps. The answer is 27.", "I need to recheck"),
        ("I'm not sure. The answer is 27.", "I'm not sure"),
        ("On second thought, the answer is 27.", "On second thought"),
        ("等等，不是28。答案是27。", "等等，"),
        ("嗯，答案是27。", "嗯，"),
        ("让我再检查一下。答案是27。", "让我再检查"),
        ("答案是28。不对，答案是27。", "不对，"),
        ("我们重新算一遍。答案是27。", "重新算一遍"),
    ],
)
def test_a_summary_does_not_go_on_searching(answer, phrase):
    found, seen = judged(answer)
    assert (found.ok, found.rule) == (False, "thinks_aloud")
    assert phrase in seen


@pytest.mark.parametrize(
    "answer",
    [
        "You idiot, the answer is 27.",
        "What a stupid question. The answer is 27.",
        "Are you really so dumb? The answer is 27.",
        "Do your own homework. The answer is 27.",
        "The answer is 27. Stop wasting my time.",
        "你真蠢，答案是27。",
        "自己去算吧。答案是27。",
    ],
)
def test_an_unfriendly_word_is_told_by_its_phrase(answer):
    assert judged(answer)[0].rule == "unfriendly"


def test_phrases_that_the_prompt_uses_are_no_fault():
    prompt = "What does the line 'Let me check, you idiot' mean? Count its letters."
    assert judged("It says let me check, you idiot; it has 27 letters.", prompt=prompt)[0] == Verdict(True)


def test_a_long_summary_is_shorter_than_its_chain():
    long = "The answer is 27. " + "She has apples. " * 20
    assert judged(long)[0].rule == "longer_than_chain"
    assert judged(long, chain="We count the apples one by one. " * 20)[0].ok is True
    assert judged("The answer is 27. She has many apples, and so on.", chain="27")[0].ok is True


def test_the_mini_worlds_clean_responses_pass():
    rng = random.Random(3)
    for problem in problems(4, 200, held_out=False):
        text = respond(rng, problem, CLEAN).text
        sample = Sample("s", Prompt.make(problem.question, str(problem.answer)), text)
        assert Summary().check([sample]) == [Verdict(True)], text


@pytest.mark.parametrize(
    "text",
    ["let me " * 50_000, "wait " * 50_000, "等等" * 50_000, "。 " * 50_000, "\x00\ud800", "you " * 50_000],
)
def test_hostile_text_costs_little(text):
    assert judged(text)[0].ok is not None
