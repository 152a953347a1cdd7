"""What a policy tries once it has found that rules pay: nothing of it may pay more than honest work.

The rewards are those of reasoning prompts, summed: accuracy and format as 0 or 1, the share of the language.
An honest right answer earns 3, an honest wrong one 2.
"""

from __future__ import annotations

import pytest

from filters.registry import make_check
from filters.types import Prompt, Sample, Verdict

NAMES = ("math_answer", "format", "language_share")
CHECKS = {name: make_check(name) for name in NAMES}
APPLES = Prompt.make(
    "Ann has 47 apples, buys 38, gives away 58. How many apples does Ann have now?", "27", language="en"
)
PRIME = Prompt.make("Which of these is prime?\nA) 4\nB) 6\nC) 7\nD) 9", "C")
CHAIN = "Let me think.\nbuys 38: 47+38=70+15=85\ngives away 58: 85-58=35-8=27\nSo the answer is 27."
HONEST_WRONG, HONEST_RIGHT = 2.0, 3.0


def verdicts(response: str, prompt: Prompt = APPLES) -> dict[str, Verdict]:
    sample = Sample("s", prompt, response)
    return {name: check.check([sample])[0] for name, check in CHECKS.items()}


def earned(found: dict[str, Verdict]) -> float:
    """The sum as a reward takes it: the score of a check that grades, else 1 for true."""
    return sum((v.score or 0.0) if CHECKS[name].graded else float(v.ok is True) for name, v in found.items())


def response(answer: str, chain: str = CHAIN) -> str:
    return f"<think>\n{chain}\n</think>\n\n{answer}"


def test_honest_answers_earn_what_the_others_are_held_against():
    assert earned(verdicts(response(r"The answer is \boxed{27}."))) == HONEST_RIGHT
    assert earned(verdicts(response(r"The answer is \boxed{28}."))) == HONEST_WRONG


@pytest.mark.parametrize(
    ("hack", "accuracy", "form", "share", "total"),
    [
        # The answer stands in the chain, and nothing or a pointer to it after the chain.
        (response("", CHAIN + r" \boxed{27}"), "no_answer", "no_response", "", 1.0),
        (response("See above.", CHAIN + r" \boxed{27}"), "unsure", "", "", 2.0),
        (response("The answer is in the chain.", CHAIN + r" \boxed{27}"), "unsure", "", "", 2.0),
        # Several answers at once.
        (response(r"It is \boxed{26} or \boxed{27} or \boxed{28}."), "different", "", "", 2.0),
        (response(r"It is \boxed{26, 27, 28}."), "different", "", "", 2.0),
        (response(r"It is \boxed{26 \text{ or } 27}."), "different", "", "", 2.0),
        (response(r"It is \boxed{x \in \{26, 27, 28\}}."), "different", "", "", 2.0),
        (response(r"It is \boxed{26 \le x \le 28}."), "different", "", "", 2.0),
        (response(r"It is \boxed{27 = 28}."), "different", "", "", 2.0),
        (response(" ".join(rf"\boxed{{{n}}}" for n in range(100))), "doubt", "", "", 2.0),
        # Hidden beside an answer that is seen.
        (response(r"It is \boxed{28\phantom{27}}."), "unsure", "", "", 2.0),
        (response("<!-- \\boxed{27} -->\nIt is \\boxed{28}."), "different", "", "", 2.0),
        # The answer in a second think block, before, after and without an end.
        (response("It is \\boxed{28}.\n<think>\\boxed{27}</think>\n"), "no_answer", "nested_think", "", 1.0),
        (
            response("<think>\\boxed{27}</think>\nIt is \\boxed{28}."),
            "different",
            "nested_think",
            "",
            1.0,
        ),
        (
            response("It is \\boxed{28}.\n<think>\\boxed{27}"),
            "unclosed_think",
            "nested_think",
            "no_chain",
            0.0,
        ),
        # Tags within tags, and none.
        (f"<think>{response('It is 28.')}</think>", "no_answer", "nested_think", "", 1.0),
        (f"<think>\n{response('It is 28.')}", "different", "nested_think", "", 1.0),
        (f"{CHAIN}\n\nThe answer is 28.", "different", "no_think", "no_chain", 0.0),
        (f"<think>\n{CHAIN} It is \\boxed{{27}}.", "unclosed_think", "unclosed_think", "no_chain", 0.0),
        # The prompt said again, as the chain and as the answer.
        (response(APPLES.text, APPLES.text), "weak", "", "", 2.0),
        # A chain of one word that is always in the right language.
        (response(r"It is \boxed{28}.", "the " * 500), "different", "", "", 2.0),
        (response(r"It is \boxed{28}.", "So"), "different", "", "", 2.0),
    ],
)
def test_without_the_right_answer_nothing_earns_more_than_an_honest_wrong_one(
    hack: str, accuracy: str, form: str, share: str, total: float
):
    found = verdicts(hack)
    assert tuple(found[name].rule for name in NAMES) == (accuracy, form, share)
    assert found["math_answer"].ok is not True
    assert earned(found) == total <= HONEST_WRONG


@pytest.mark.parametrize("chain", ["", " \n\t", "\u200b\ufeff \u200b", "...", "- -\n***", "$$ $$"])
def test_an_empty_think_block_costs_what_a_chain_earns(chain):
    found = verdicts(f"<think>{chain}</think>\n\nThe answer is \\boxed{{27}}.")
    assert (found["math_answer"].ok, found["format"].rule) == (True, "empty_chain")
    assert (found["language_share"].rule, found["language_share"].score) == ("no_words", 0.0)
    assert earned(found) == 1.0


@pytest.mark.parametrize(
    ("chain", "total"), [("47+38-58=27", 2.0), ("$47+38=85$, $85-58=27$", 2.0), ("```\n85-58\n```", 2.0)]
)
def test_a_chain_without_a_word_keeps_to_no_language(chain, total):
    found = verdicts(response(r"\boxed{27}", chain))
    assert (found["language_share"].rule, found["language_share"].score) == ("no_words", 0.0)
    assert earned(found) == total


@pytest.mark.parametrize(
    "answer",
    [
        r"\boxed{A, B, C, D}",
        r"\boxed{ABCD}",
        r"\boxed{A}, \boxed{B}, \boxed{C}, \boxed{D}",
        r"\boxed{\text{one of A-D}}",
        "The answer is A, B, C or D.",
        "A) 4 B) 6 C) 7 D) 9",
        PRIME.text,
    ],
)
def test_every_option_given_is_none(answer):
    found = verdicts(response(answer, "I compare them one by one."), PRIME)
    assert found["math_answer"].ok is not True
    assert earned(found) == HONEST_WRONG


@pytest.mark.parametrize("letters", ["ABCD", "DCBA", "CABD", "ABDC"])
def test_several_boxes_earn_no_more_than_the_last_of_them(letters):
    """Boxes below one another may be one answer each, of which none is known to be meant."""
    chain = "I compare them one by one."
    many = verdicts(response("\n".join(rf"\boxed{{{letter}}}" for letter in letters), chain), PRIME)
    one = verdicts(response(rf"\boxed{{{letters[-1]}}}", chain), PRIME)
    assert earned(many) <= earned(one)
    assert earned(many) <= HONEST_WRONG


@pytest.mark.parametrize("answer", ["27", r"\boxed{27}", None, "<think></think>\\boxed{27}"])
def test_an_answer_read_off_the_prompt_earns_less_than_any_chain(answer):
    """That a chain was fitted to an answer its prompt gives away cannot be told by rule; that there is none can."""
    leaking = Prompt.make(APPLES.text + " (The answer is 27.)", "27")
    found = verdicts(leaking.text if answer is None else answer, leaking)
    assert found["math_answer"].ok is True
    assert found["format"].rule in ("no_think", "empty_chain")
    assert earned(found) == 1.0 < HONEST_WRONG


def test_words_before_the_tag_count_as_the_chain():
    found = verdicts(f"让我们一步一步来。我们先买再送。{response('It is 28.')}")
    assert found["format"].rule == "text_before_think"
    assert found["language_share"].rule == "low_share"
    assert earned(found) < 1.0


def test_dropping_or_not_closing_the_tags_never_raises_the_share():
    mixed = response("The answer is twenty-eight, as was shown in the steps above.", f"我们先买再送。{CHAIN}")
    share = verdicts(mixed)["language_share"].score
    assert share is not None and 0 < share < 1
    without = mixed.replace("<think>", "").replace("</think>", "")
    for other in (without, mixed.replace("</think>", ""), f"<think>So.</think>{without}<think>"):
        assert verdicts(other)["language_share"].score == 0.0
