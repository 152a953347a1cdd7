"""Loops, near-loops, repeated lines and passages, and what only looks like them."""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path

import pytest

from filters.checks.repetition import Repetition
from filters.types import Prompt, Sample
from tests.benchmarks.bench_repetition import find_rules
from tests.benchmarks.enumerations_abroad import list_enumerations
from tests.benchmarks.true_loops import list_loops

CASES = Path(os.environ.get("R1CURATE_TEST_CASES", "")) / "data" / "22-loops"

PROSE = (
    "First I read the problem again and write down what is given. The train leaves at nine and the bus an hour "
    "later, so they have different times on the road. Because both meet at the same place, their distances add "
    "up to the whole length. That gives one equation with one unknown, which I solve by moving the terms. "
    "A quick check with small numbers shows that the sign is right. Then the second part asks for the speed, "
    "and dividing the length by the time answers it. The unit is kilometres an hour, as the question wants. "
)


def verdict(response: str, **rest):
    return Repetition().judge(Sample("s", Prompt.make("How fast is the train?"), response, **rest))


def test_the_same_line_three_times_in_a_row_is_found_in_a_tiny_chain():
    response = "<think>\n12 + 7 = 19\n19 - 4 = 15\n19 - 4 = 15\n19 - 4 = 15\n</think>\n\\boxed{15}"
    found = verdict(response)
    assert (found.ok, found.rule, found.score) == (False, "repeated_line", 3)
    assert found.span is not None
    assert response[slice(*found.span)] == "19 - 4 = 15\n19 - 4 = 15\n19 - 4 = 15"


def test_blank_lines_between_do_not_hide_it():
    assert verdict("a\n\nWait, so 5.\n\nWait, so 5.\n\nWait, so 5.\n").rule == "repeated_line"


@pytest.mark.parametrize("copies", [3, 5, 40])
def test_an_exact_loop_without_line_breaks(copies):
    response = PROSE + "So the speed must be 60 then. " * copies + "I stop."
    found = verdict(response)
    assert (found.ok, found.rule, found.score) == (False, "loop", copies)
    assert found.span is not None
    assert response[slice(*found.span)].count("So the speed must be") == copies


def test_a_loop_of_several_lines_that_runs_to_the_end():
    response = PROSE + "\nLet me check.\n3 + 4 = 7\nThat is odd.\n" * 6 + "Let me"
    assert verdict(response).rule == "loop"


def test_a_chinese_loop_and_a_loop_of_one_word():
    assert verdict("先想一想。" + "我们再检查一遍答案是否正确。" * 4).rule == "loop"
    assert verdict(PROSE + "no " * 60).rule == "loop"


def test_small_changes_do_not_hide_a_loop():
    words = ["carefully", "again", "slowly", "once", "twice", "now", "also", "perhaps"]
    response = PROSE + "".join(
        f"Wait, maybe I should {w} check the sum of the digits before I answer. " for w in words
    )
    assert verdict(response).rule == "near_loop"


def test_numbers_that_lead_nowhere_do_not_hide_a_loop():
    response = "".join(
        f"Hmm, let me think about that step again, because I am not sure of the number {n} yet.\n"
        for n in [7, 3, 9, 3, 8, 2, 7, 5]
    )
    assert verdict(response).rule == "near_loop"


def test_a_paragraph_that_comes_back_is_found():
    rng = random.Random(0)
    words = PROSE.split()
    others = [" ".join(rng.sample(words, len(words))) for _ in range(3)]
    assert (
        verdict("\n\n".join([others[0], PROSE, others[1], PROSE, others[2], PROSE])).rule == "repeated_text"
    )


def test_the_engine_s_own_verdict_is_kept():
    assert verdict("a", finish="repetition").rule == "loop"


@pytest.mark.parametrize(
    "response",
    [
        "".join(f"Step {n}: add {n} to {n * n} to get {n * n + n}.\n" for n in range(1, 30)),
        "".join(f"If n = {n}, then n mod 7 is {n % 7}, which is not zero.\n" for n in range(1, 40)),
        "12 + 7 = 19\n19 - 4 = 15\n15 - 4 = 11\n11 - 4 = 7\n7 - 4 = 3",
        "先算 12 + 7 = 19\n再算 19 - 4 = 15\n再算 15 - 4 = 11\n再算 11 - 4 = 7\n",
        "0 0 0\n0 0 0\n0 0 0\n1 0 0\n0 1 0\n0 0 1",
        "|---|---|\n| 1 | 2 |\n---\n---\n---\n---",
        "x + x + x + x + x + x + x + x = 8x, so $\\frac{1}{2} + \\frac{1}{2} + \\frac{1}{2} + \\frac{1}{2} = 2$.",
        "1/3 = 0." + "3" * 200,
        PROSE,
        PROSE + PROSE[:100],
        "",
        "\x00\ud800",
    ],
)
def test_tables_cases_formulas_and_prose_are_no_repetition(response):
    assert verdict(response).ok is True


def test_the_problem_restated_is_no_repetition():
    prompt = Prompt.make(PROSE)
    assert Repetition().judge(Sample("s", prompt, PROSE + "Hm. " + PROSE)).ok is True


@pytest.mark.parametrize(
    "loop",
    [
        "!" * 500,
        "！" * 400,
        "\n" * 4000,
        "\t" * 1000,
        " " * 6000,
        "\\boxed{60} " * 30,
        "0." + "3" * 600,
        "60 60 60 " * 150,
        "</think>\n" * 60,
    ],
)
def test_a_loop_of_one_token_is_found(loop: str):
    assert verdict(PROSE + loop).rule in ("loop", "repeated_line")
    assert verdict(loop + PROSE).rule in ("loop", "repeated_line")


def test_numbering_hides_no_loop():
    assert (
        verdict("\n".join(f"{n}. I check the speed again and it is 60." for n in range(1, 15))).rule
        == "near_loop"
    )
    assert (
        verdict("\n".join(f"Attempt {n}: the speed is 60 as before." for n in range(1, 15))).rule
        == "near_loop"
    )


def test_a_rule_of_box_characters_and_a_sum_in_cyrillic_are_no_loops():
    assert verdict(PROSE + "\n" + "─" * 40 + "\n" + PROSE[:200]).ok is True
    assert (
        verdict(
            "Он платит 3 доллара США + 3 доллара США + 3 доллара США + 3 доллара США = 12 долларов США."
        ).ok
        is True
    )


def test_true_loops_are_found_and_honest_enumerations_pass():
    loops = find_rules(list_loops(each=2, seed=21))
    honest = find_rules(list_enumerations(each=2, seed=22))
    assert len(loops) > 90 and loops.count(None) <= 0.05 * len(loops)
    assert len(honest) > 120 and len(honest) - honest.count(None) <= 0.01 * len(honest)


@pytest.mark.skipif(not CASES.is_dir(), reason="R1CURATE_TEST_CASES holds no loops")
@pytest.mark.parametrize(("name", "kept"), [("loops.jsonl", False), ("not_loops.jsonl", True)])
def test_loops_and_what_looks_like_them_as_people_have_them(name: str, kept: bool):
    for line in (CASES / name).read_text("utf-8").splitlines():
        row = json.loads(line)
        found = Repetition().judge(Sample("s", Prompt.make(row["prompt"]), row["response"]))
        assert found.ok is kept, (row["id"], found.reason)


@pytest.mark.parametrize(
    "bait",
    [
        "a",
        "a ",
        "ab\n",
        "\x00",
        "\ud800",
        "哈",
        "a\u0301",
        "\u200f",
        "0 1 ",
        "x\n\n",
        "((",
        "word word words ",
    ],
)
def test_hostile_text_costs_less_than_five_seconds_a_megabyte(bait):
    text = bait * (1_000_000 // len(bait.encode("utf-8", "surrogatepass")))
    start = time.process_time()
    verdict(text)
    assert time.process_time() - start < 5
