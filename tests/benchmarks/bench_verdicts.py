"""How often the checks of short answers err on judged rows, and how often they leave one undecided that need not be.

Run: R1CURATE_TEST_DATA=FOLDER python -m tests.benchmarks.bench_verdicts [FILE …] [--show]
Without a file: answers_reports.jsonl and answers_dev.jsonl of that folder, and the rows of
tests/filters/answers/first_sight.jsonl, which were written by readers of the kinds of faults alone.

A row has prompt, answer (or gold), response, and what is allowed: `right` with verdicts between bars, or
`label`: true, false, "correct" or "incorrect". `check` names a check with its options, math_answer unless given.
`source` groups the rows of a file. --show prints the rows that are judged against what is allowed.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from filters.check import Check
from filters.registry import make_check
from filters.spec import parse_spec
from filters.types import Prompt, Sample, Verdict

OWN = Path(__file__).parents[1] / "filters" / "answers" / "first_sight.jsonl"
NAMES = {True: "true", False: "false", None: "undecided"}
LABELS = {True: "true", "correct": "true", False: "false", "incorrect": "false"}


@cache
def build(spec: str) -> Check:
    return make_check(*parse_spec(spec))


def judge(row: dict[str, Any]) -> Verdict:
    prompt = Prompt.make(str(row.get("prompt", "")), str(row["answer"] if "answer" in row else row["gold"]))
    return build(row.get("check", "math_answer")).check([Sample("", prompt, row["response"])])[0]


def allowed(row: dict[str, Any]) -> set[str]:
    """The verdicts that are allowed; a label allows one."""
    return set(row["right"].split("|")) if "right" in row else {LABELS[row["label"]]}


def outcome(got: str, right: set[str]) -> str:
    """What a verdict is, against those that are allowed."""
    if got in right:
        return "fine"
    return {"true": "false accept", "false": "false reject", "undecided": "undecided"}[got]


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "right" in row or row.get("label") in LABELS:
            yield row


def measure(path: Path, *, show: bool) -> None:
    """A line for the file and, where its rows name sources, one for each."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    start = time.process_time()
    for row in read_rows(path):
        verdict = judge(row)
        got = NAMES[verdict.ok]
        found = outcome(got, allowed(row))
        for group in {"all", str(row.get("source", "")).partition(":")[0] if "label" in row else "all"}:
            counts[group].update([found, "decided" if verdict.ok is not None else "left"])
        if show and found != "fine":
            said = (str(row.get(key, ""))[-100:] for key in ("prompt", "answer", "response"))
            sys.stdout.write(f"{found} | {' | '.join(map(repr, said))} | {verdict.reason}\n")
    seconds = time.process_time() - start
    for group, found in sorted(counts.items(), key=lambda item: (item[0] != "all", item[0])):
        rows = found["decided"] + found["left"]
        wrong = found["false accept"] + found["false reject"]
        sys.stdout.write(
            f"{path.name if group == 'all' else '  ' + group}: {rows} rows, decided {found['decided']}, "
            f"false accepts {found['false accept']}, false rejects {found['false reject']} "
            f"({wrong / max(1, found['decided']):.2%} of the decided), undecided where that is not allowed "
            f"{found['undecided']} ({found['undecided'] / rows:.1%}), undecided {found['left']} ({found['left'] / rows:.1%})\n"
        )
    sys.stdout.write(f"{path.name}: {seconds:.1f} s of processor time\n")


def main() -> None:
    """Measure the files that are named, or the project's own and those of the folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="judged rows, as JSON Lines")
    parser.add_argument("--show", action="store_true", help="tell each row that is judged wrongly")
    given = parser.parse_args()
    folder = os.environ.get("R1CURATE_TEST_DATA")
    theirs = [Path(folder) / f"answers_{name}.jsonl" for name in ("reports", "dev")] if folder else []
    for path in given.files or [*theirs, OWN]:
        measure(path, show=given.show)


if __name__ == "__main__":
    main()
