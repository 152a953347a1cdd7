"""The chain's last answer against the response's."""

from __future__ import annotations

import time

import pytest

from filters.checks.consistency import Consistency
from filters.types import Prompt, Sample

WORK = "First I add the two numbers and look at what comes out.\n"


def verdict(chain: str, answer: str, prompt: str = "What is 12 + 7?"):
    return Consistency().judge(
        Sample("s", Prompt.make(prompt), f"<think>\n{WORK}{chain}\n</think>\n{answer}")
    )


@pytest.mark.parametrize(
    ("chain", "answer", "said"),
    [
        ("So the answer is 17.", "\\boxed{19}", "17"),
        ("\\boxed{17}", "The answer is 19.", "17"),
        ("The answer is 5.\nIn fact 3 + 4 = 17, so the answer is 17.", "\\boxed{19}", "17"),
        ("所以答案是17。", "答案是\\boxed{19}。", "17"),
        ("Por lo tanto, la respuesta es 17.", "La respuesta es 19.", "17"),
        ("The answer is $\\frac{1}{2}$.", "\\boxed{\\frac{1}{3}}", "\\frac{1}{2}"),
        ("The answer is 7.10.", "\\boxed{5\\sqrt{2}}", "7.10"),
    ],
)
def test_two_clear_and_different_answers_are_found_with_the_place(chain, answer, said):
    found = verdict(chain, answer)
    assert (found.ok, found.rule) == (False, "different")
    assert found.span is not None
    assert said in f"<think>\n{WORK}{chain}\n</think>\n{answer}"[slice(*found.span)]


@pytest.mark.parametrize(
    ("chain", "answer"),
    [
        ("So the answer is 19.", "\\boxed{19}"),
        ("So the answer is 38/2.", "There are \\boxed{19} sheep."),
        ("The answer is 17. Wait, 12 + 7 is 19. So the answer is 19.", "\\boxed{19}"),
        ("\\boxed{17}? No. The answer is 19.", "\\boxed{19}"),
        ("The answer is about 7.07.", "\\boxed{5\\sqrt{2}}"),
        ("The answer is 7.07.", "\\boxed{5\\sqrt{2}}"),
        ("The answer is 5000 m.", "\\boxed{5 km}"),
        ("12 + 7 = 19", "\\boxed{20}"),
        ("So that gives 18 in all.", "\\boxed{19}"),
        ("The answer is Paris.", "It is Paris, as everybody knows, and it has been for a long time now."),
    ],
)
def test_equal_answers_and_chains_that_state_none_pass(chain, answer):
    assert verdict(chain, answer).ok is True


@pytest.mark.parametrize(
    ("chain", "answer", "rule"),
    [
        ("The answer is 17. Wait, that cannot be.", "\\boxed{19}", "unclear"),
        ("If the answer is 17, then we are lost.", "\\boxed{19}", "unclear"),
        ("The answer is 17?", "\\boxed{19}", "unclear"),
        ("The answer is 17.", "I would rather speak of something else here, if you permit.", "unclear"),
        ("The answer is option C.", "\\boxed{19}", "unsure"),
        ("The answer is gravity.", "\\boxed{\\text{magnetism}}", "unsure"),
        ("The answer is 3.", "\\boxed{3, 5}", "unsure"),
    ],
)
def test_what_is_not_said_clearly_is_undecided(chain, answer, rule):
    found = verdict(chain, answer)
    assert (found.ok, found.rule) == (None, rule)


def test_the_text_of_an_option_is_its_letter():
    prompt = "What is 12 + 7?\nA. 17\nB. 19\nC. 21"
    assert verdict("So the answer is 19.", "\\boxed{B}", prompt).ok is True
    assert verdict("So the answer is A.", "\\boxed{B}", prompt).ok is False


def test_a_response_without_a_chain_contradicts_nothing():
    assert Consistency().judge(Sample("s", Prompt.make("?"), "The answer is 5.")).ok is True


@pytest.mark.parametrize("bait", ["\\boxed{", "the answer is ", "答案是", "\x00", "\ud800", "if ", "1", "$"])
def test_hostile_text_costs_less_than_five_seconds(bait):
    chain = bait * (500_000 // len(bait))
    start = time.process_time()
    verdict(chain, bait * 1000)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("chain", "answer"),
    [
        ("35.06 g/mol is the correct answer.", "\\boxed{35.06\\text{ g/mol}}"),
        ("So we see that 1,035.06 is the correct answer.", "\\boxed{1035.06}"),
        ("The answer is 5 ft. 3 in. in all.", "The answer is 5 ft. 3 in. in all."),
        ("The answer is approx. 19 or so.", "The answer is approx. 19 or so."),
        ("1. 19 is the correct answer.", "\\boxed{19}"),
    ],
)
def test_an_answer_is_not_cut_where_no_sentence_ends(chain, answer):
    assert verdict(chain, answer).ok is True


def test_an_answer_that_differs_is_shown_whole():
    chain = "35.06 is the correct answer."
    found = verdict(chain, "\\boxed{36}")
    assert found.reason == "different: 35.06 in the chain, 36 in the response"
    assert f"<think>\n{WORK}{chain}"[slice(*found.span)] == "35.06"


def test_a_doubt_reaches_over_a_decimal_and_ends_with_its_sentence():
    assert verdict("If x is 2.5 then the answer is 17.", "\\boxed{19}").rule == "unclear"
    assert verdict("If x is 2, e.g. here, the answer is 17.", "\\boxed{19}").rule == "unclear"
    assert verdict("Maybe I add them. The answer is 17.", "\\boxed{19}").rule == "different"


@pytest.mark.parametrize(
    ("chain", "answer"),
    [
        ("The answer is $\\mathbf{1 9}$.", "\\boxed{19}"),
        ("The answer is $11 + 8 = \\mathbf{1 9 .}$", "\\boxed{19}"),
        ("The answer is $\\mathbf{- 1 0}$.", "\\boxed{-10}"),
        ("The answer is $\\frac{\\mathbf{1 5}}{\\mathbf{4}}$.", "\\boxed{\\frac{15}{4}}"),
        ("The answer is $s_1 s_2 = s^2 = 19$.", "\\boxed{19}"),
        ("The answer is (b) 19 sheep.", "\\boxed{b}"),
        ("The answer is option b.", "\\boxed{B}"),
        ("The answer is likely (c).", "\\boxed{C}"),
        ("The answer is likely 19 m.", "\\boxed{19\\text{ m}}"),
        ("The final answer is as above.", "\\boxed{19}"),
        ("The answer is (B) 19 sheep.", "\\boxed{19\\text{ sheep}}"),
        ("The answer is $11.82.", "\\boxed{11.818}"),
        ("The answer is 6.67%.", "\\boxed{6.667}"),
        ("The answer is 0.508%.", "\\boxed{0.005}"),
        ("The answer is B. <eos>", "\\boxed{B}"),
        ("The answer is $(3, 4).$ I hope that it is correct.", "\\boxed{(3, 4)}"),
        ("答案是19.所以选它", "\\boxed{19}"),
        ("The answer is the sum of these.", "\\boxed{19}"),
        (
            "(a) \\boxed{12} and for the rest of it (b) \\boxed{7}",
            "(a) \\boxed{12}\n(b) \\boxed{7}\n(c) It is so.",
        ),
        ("(b) answer is 7.", "(a) We get \\boxed{12}.\n(b) We get \\boxed{7}.\n(c) We get \\boxed{8}."),
        ("For 1: \\boxed{(0, 2)}\n\nFor 2: \\boxed{(4, 5)}", "\\boxed{(0, 2)}, \\quad \\boxed{(4, 5)}"),
        ("The answer is $17$. But no, $\\frac{3}{4}$ comes out: it is $\\frac{3}{4}$.", "\\boxed{0.75}"),
    ],
)
def test_the_same_answer_in_other_words_passes(chain, answer):
    assert verdict(chain, answer).ok is True


@pytest.mark.parametrize(
    ("chain", "answer", "ok"),
    [
        ("The answer is $\\mathbf{1 7}$.", "\\boxed{19}", False),
        ("The answer is $\\mathbf{1, 9}$.", "\\boxed{19}", None),
        ("The answer is (b).", "\\boxed{C}", False),
        ("The answer is 7.", "(a) We get \\boxed{12}.\n(b) We get \\boxed{8}.", False),
        ("The answer is 7.", "(a) We get \\boxed{12}.\n(b) We get \\boxed{8}.\n(c) 7 of them.", None),
        ("The answer is option b.", "\\boxed{C}", False),
        ("The answer is that it melts.", "\\boxed{19}", None),
        ("The answer is 7.", "We get \\boxed{8}, and once more \\boxed{8}.", False),
        ("The answer is 12.", "\\boxed{12}, \\boxed{8}", None),
        ("The answer is none of them.", "\\boxed{19}", None),
        ("The answer is likely 17.", "\\boxed{19}", None),
        ("The answer is (B) 17 sheep.", "\\boxed{19\\text{ sheep}}", None),
        ("The answer is 11.82 m.", "\\boxed{11.818\\text{ km}}", False),
        ("The answer is $11.82.", "\\boxed{11.85}", False),
        ("The answer is 6.53%.", "\\boxed{0.068}", False),
        ("The answer is 7.5 \\times 10^{-5} cm.", "\\boxed{5.97 \\times 10^{-5}\\text{ cm}}", False),
        ("The answer is $7.5 \\times 10^{-5}$.", "\\boxed{5.97 \\times 10^{-5}}", False),
        ("The answer is $x = 17$ or $x = 19$.", "\\boxed{19}", None),
        ("The answer is $a = 17, b = 19$.", "\\boxed{19}", None),
        ("The answer is $x >= 19$.", "\\boxed{19}", None),
    ],
)
def test_what_differs_is_not_passed_with_it(chain, answer, ok):
    assert verdict(chain, answer).ok is ok
