"""What looking at each row costs beside tokenizing it: processor time of both, and of tokenizing alone.

    python -m tests.benchmarks.bench_inspection [ROWS]

Rows of the mini recipe's words, with chains of 20 to 3,000 words as log-normal lengths spread, and its student's tokenizer;
alternate rounds, of which the median counts.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from statistics import median

from transformers import AutoTokenizer

from curate.engines.chat_template import Chat
from curate.readers.row import Row
from distill.sft.corpus import ROWS_A_CHUNK
from distill.sft.inspector import Inspector, make_table
from distill.sft.student import Student, StudentFacts
from distill.sft.tokens import Tokenization

MINI = Path(__file__).parents[2] / "recipes" / "mini"
ROUNDS = 7


def make_rows(count: int) -> list[Row]:
    """Rows with the columns prompt and completion."""
    draw = random.Random(0)
    words = [
        word
        for line in (MINI / "data" / "train.jsonl").open()
        for word in str(json.loads(line)["prompt"]).split()
    ]
    rows = []
    for number in range(count):
        size = min(3000, max(20, round(draw.lognormvariate(5.5, 1.0))))
        chain = " ".join(draw.choices(words, k=size))
        prompt = f"{' '.join(draw.choices(words, k=40))} ({number})?"
        values = {"prompt": prompt, "completion": f"<think>\n{chain}\n</think>\n\n42", "id": str(number)}
        rows.append(Row(f"rows.jsonl, line {number + 1}", values))
    return rows


def make_tokenization() -> Tokenization:
    """A new one, which has no prompt rendered yet."""
    tokenizer = AutoTokenizer.from_pretrained(MINI / "models" / "student-qwen")
    return Tokenization(tokenizer, Chat(tokenizer, None, "student-qwen"))


def time_tokenizing(rows: list[Row]) -> float:
    """Seconds of processor time for the tables alone."""
    tokenization = make_tokenization()
    started = time.process_time()
    for start in range(0, len(rows), ROWS_A_CHUNK):
        lessons = map(tokenization.make_lesson, rows[start : start + ROWS_A_CHUNK])
        make_table(tokenization.encode(list(lessons)))
    return time.process_time() - started


def time_inspecting(rows: list[Row]) -> float:
    """Seconds of processor time for the tables and the check."""
    inspector = Inspector(Student(make_tokenization(), StudentFacts("student-qwen", 768)), "rows", 100_000)
    started = time.process_time()
    for start in range(0, len(rows), ROWS_A_CHUNK):
        inspector.take_chunk(rows[start : start + ROWS_A_CHUNK])
    spent = time.process_time() - started
    found = inspector.conclude(1.0)
    assert (found.total.used, found.row_faults, found.set_faults) == (len(rows), {}, {})
    return spent


def main() -> None:
    """Print both times and their ratio."""
    rows = make_rows(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    pairs = [(time_tokenizing(rows), time_inspecting(rows)) for _ in range(ROUNDS)]
    alone, both = (median(times) for times in zip(*pairs, strict=True))
    share = median(second / first - 1 for first, second in pairs)
    sys.stdout.write(
        f"{len(rows):,} rows: tokenizing {alone:.2f} s, with the check {both:.2f} s, {share:+.1%}\n"
    )


if __name__ == "__main__":
    main()
