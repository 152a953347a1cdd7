"""Speed of math_answer beside Math-Verify, on one stream of sampled answers, in one run.

Run: python tests/benchmarks/bench_answers.py [PROMPTS]
500 prompts (the default) times 16 samples; each response is about 12,000 characters, nearly all of it inside
<think>, and answers repeat within a prompt as samples of one model do. Math-Verify 0.9 is given what follows
</think> and runs as its README shows: the reference in $...$, LaTeX boxed first and expressions.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable

from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

from filters.answers.compare import equality, reading
from filters.answers.extract import final_answer
from filters.checks.math_answer import MathAnswer
from filters.types import Prompt, Sample

SAMPLES = 16
FILLER = "Let me check this step again: the sum of the parts is 17, and 3 times 4 is 12, so this holds. "
Stream = list[tuple[Sample, bool]]


def references(rng: random.Random, count: int) -> list[tuple[str, list[str], list[str]]]:
    """References with right spellings and wrong answers: integers, fractions, surds, pairs, polynomials."""
    made = []
    for _ in range(count):
        a, b, c = rng.randint(2, 60), rng.randint(2, 60), rng.randint(2, 9)
        kind = rng.random()
        if kind < 0.55:
            made.append((str(a * b), [str(a * b), f"{a * b}.0"], [str(a * b + 1), str(a + b), f"-{a * b}"]))
        elif kind < 0.75:
            made.append((rf"\frac{{{a}}}{{{2 * a + 1}}}", [rf"\dfrac{{{a}}}{{{2 * a + 1}}}", f"{a}/{2 * a + 1}"],
                         [rf"\frac{{{a}}}{{{2 * a}}}", rf"\frac{{{2 * a + 1}}}{{{a}}}"]))  # fmt: skip
        elif kind < 0.85:
            made.append((rf"{c}\sqrt{{{a}}}", [rf"{c} \sqrt{{{a}}}", rf"\sqrt{{{c * c * a}}}"],
                         [rf"\sqrt{{{c * a}}}", rf"{c + 1}\sqrt{{{a}}}"]))  # fmt: skip
        elif kind < 0.92:
            made.append(
                (
                    f"({a}, {b})",
                    [f"({a},{b})", rf"\left({a}, {b}\right)"],
                    [f"({a + 1}, {b})", f"({a}, -{b})"],
                )
            )
        else:
            made.append(
                (
                    f"x^2+{a}x+{b}",
                    [f"{b}+{a}x+x^2", f"x^{{2}} + {a}x + {b}"],
                    [f"x^2-{a}x+{b}", f"x^2+{b + a}x"],
                )
            )
    return made


def stream(prompts: int) -> Stream:
    """The samples and their labels, prompt by prompt."""
    rng = random.Random(7)
    made: Stream = []
    for number, (reference, right, wrong) in enumerate(references(rng, prompts)):
        prompt = Prompt.make(f"question {number}", reference)
        for index in range(SAMPLES):
            correct = rng.random() < 0.65
            answer = rng.choice([reference, reference, *right] if correct else wrong)
            chain = FILLER * rng.randint(90, 160)
            response = (
                f"<think>\n{chain}\n</think>\n\nSo we get the value.\n\nThe answer is $\\boxed{{{answer}}}$."
            )
            made.append((Sample(str(index), prompt, response, index), correct))
    return made


def by_rules(sample: Sample) -> bool | None:
    return MathAnswer().judge(sample).ok


def by_rules_uncached(sample: Sample) -> bool | None:
    equality._compare_once.cache_clear()
    equality._compare_numerals.cache_clear()
    reading._read_once.cache_clear()
    final_answer._find_short.cache_clear()
    return MathAnswer().judge(sample).ok


def by_math_verify(sample: Sample) -> bool | None:
    gold = parse(f"${sample.prompt.answer}$")
    text = sample.response.rpartition("</think>")[2]
    found = parse(
        text, extraction_config=[LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig()]
    )
    return bool(verify(gold, found))


def timed(judge: Callable[[Sample], bool | None], samples: Stream) -> tuple[float, float, int, int]:
    """Answers a second of CPU, the 99th percentile in ms, wrong verdicts, undecided ones."""
    spent, wrong, undecided = [], 0, 0
    for sample, label in samples:
        start = time.process_time()
        ok = judge(sample)
        spent.append(time.process_time() - start)
        undecided += ok is None
        wrong += ok is not None and ok is not label
    return len(spent) / sum(spent), 1_000 * statistics.quantiles(spent, n=100)[98], wrong, undecided


def main() -> None:
    samples = stream(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
    by_math_verify(samples[0][0])
    rows = {
        "Math-Verify, README configuration": timed(by_math_verify, samples),
        "math_answer": timed(by_rules, samples),
        "math_answer, no cache": timed(by_rules_uncached, samples),
    }
    base = rows["Math-Verify, README configuration"][0]
    for name, (rate, worst, wrong, undecided) in rows.items():
        line = f"{name:36s} {rate:9.0f}/s {rate / base:7.1f}x  p99 {worst:6.2f} ms  wrong {wrong}  undecided {undecided}\n"
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
