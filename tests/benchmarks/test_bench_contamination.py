"""The benchmark of contamination plants what asks the same, and its loops run on a benchmark of three problems."""

import json
import random
from pathlib import Path

from curate.benchmarks.contamination import Contamination
from tests.benchmarks.bench_contamination import plant, show_alarms, show_recall
from tests.benchmarks.planted_problems import KINDS, count_words, cut_part
from tests.benchmarks.public_prompts import draw_problems, read_innocents
from tests.benchmarks.rewordings import REWORDINGS, change_names, change_numbers

PROBLEMS = (
    "Sally has 16 red marbles and gives a quarter of them to her friend Tom, who then has 3 times as many as before. How many has Tom now?",
    r"Let $f(x) = \frac{x^2}{3} \cdot \left(x + 1\right)$ for all real $x$. Find the largest integer $n$ with $f(n) \le 1{,}000$ and $n \neq 7$.",
    "小明买了3盒茶叶，一盒茶叶有6小包，每小包卖出后又送给王叔叔2个杯子，小明一共买了多少小包茶叶？",
)
OTHERS = (
    "A train leaves the city at noon and travels 60 miles an hour; how far has it come by five in the afternoon?",
    "Which of the planets of our system has the most moons that were found by telescopes on the ground?",
)


def test_what_is_planted_is_found_and_nothing_else(tmp_path: Path):
    benchmark = tmp_path / "bench.jsonl"
    benchmark.write_text("".join(json.dumps({"question": text}) + "\n" for text in PROBLEMS), "utf-8")
    training = tmp_path / "train.txt"
    training.write_text("\n".join(OTHERS), "utf-8")
    check = Contamination(against=[str(benchmark)])
    planted = plant(draw_problems([str(benchmark)], 3), KINDS)
    found = show_recall(check, planted)
    assert set(found.values()) == {(3, 3)}
    innocents = read_innocents([training], 10)
    assert sorted(innocents) == sorted(OTHERS)
    assert show_alarms(check, innocents, show=True) == 0


def test_a_part_is_seven_in_ten_of_the_words():
    for problem in PROBLEMS:
        part = cut_part(problem, random.Random(3))
        assert part in problem
        assert 0.7 <= count_words(part) / count_words(problem) < 0.75


def test_reworded_problems_keep_their_sense_and_change():
    rng = random.Random(1)
    assert all(sum(change(text, rng) != text for text in PROBLEMS) >= 2 for change in REWORDINGS.values())
    assert change_numbers("2 of 2 with x^2 and 15", rng).split()[0] != "2"
    assert "x^2" in change_numbers("2 of 2 with x^2 and 15", rng)
    first, _, second = change_names("Tom met Sally", rng).split()
    assert {first, second}.isdisjoint({"Tom", "Sally"})
