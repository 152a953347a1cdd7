"""How far math_answer agrees with the labels of GSM8K's 5,276 model solutions, and where it does not.

Run: R1CURATE_TEST_DATA=FOLDER python tests/benchmarks/gsm8k_agreement.py
Needs gsm8k/example_model_solutions.jsonl in that folder (openai/grade-school-math, MIT).
"""

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

from filters.checks.math_answer import MathAnswer
from filters.types import Prompt, Sample

MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")


def main() -> None:
    folder = os.environ.get("R1CURATE_TEST_DATA")
    if folder is None:
        sys.exit("Set R1CURATE_TEST_DATA to the folder that holds gsm8k/.")
    lines = (Path(folder) / "gsm8k" / "example_model_solutions.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    check, counts, odd = MathAnswer(), Counter(), []
    start = time.perf_counter()
    for number, row in enumerate(rows):
        reference = row["ground_truth"].rpartition("\nA:")[2].strip()
        prompt = Prompt.make(row["question"], reference)
        for model in MODELS:
            label = row[model]["is_correct"]
            verdict = check.check([Sample("", prompt, row[model]["solution"])])[0]
            counts[label, verdict.ok] += 1
            if verdict.ok is not label:
                odd.append((number, model, label, verdict.ok, verdict.reason))
    seconds = time.perf_counter() - start
    agreed = counts[True, True] + counts[False, False]
    total = counts.total()
    out = sys.stdout.write
    for line in odd:
        out("row {} {}: label {}, verdict {} ({})\n".format(*line))
    out(f"{agreed} of {total} agree ({agreed / total:.2%}); {total / seconds:.0f} solutions/s\n")


if __name__ == "__main__":
    main()
