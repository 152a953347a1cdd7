"""How often `code_tests` errs on programs that are known to be right, and on near misses of them.

    R1CURATE_TEST_DATA=FOLDER python -m tests.benchmarks.bench_mutants [--truths FILE] [--each 7] [--truths-only]

The programs are the 164 of HumanEval, each as its set has it and with up to `--each` near misses of its solution. Which of
them pass is established without the check: a bare Python that runs the program and then the set's own test, in a process that
has ten seconds and two gigabytes. That is written to FILE and not asked again. Only programs of the set and near misses of
them are run so, never what a model wrote.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from filters import Check, Prompt, Sample, make_check
from filters.digest import digest
from filters.programs.mutants import make_mutants

SECONDS = 10
MEMORY = 2 << 30
WORDS = {True: "accepted", False: "rejected", None: "undecided"}


class Program(NamedTuple):
    """A program of the benchmark. change: how it differs from the set's; "" where it does not."""

    row: dict[str, Any]
    change: str
    code: str

    @property
    def tried(self) -> str:
        """The program with its test behind it."""
        return f"{self.code}\n{self.row['test']}\ncheck({self.row['entry_point']})\n"


def main() -> None:
    """Print how many of each kind are judged as they should be, and each that is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--truths", type=Path, default=Path(tempfile.gettempdir()) / "humaneval_truths.json")
    parser.add_argument("--each", type=int, default=7)
    parser.add_argument("--truths-only", action="store_true")
    options = parser.parse_args()
    programs = list_programs(options.each)
    truths = find_truths(programs, options.truths)
    tell_truths(programs, truths)
    if not options.truths_only:
        tell_verdicts(programs, truths)


def list_programs(each: int) -> list[Program]:
    """The set's own programs, and after each its near misses."""
    file = Path(os.environ["R1CURATE_TEST_DATA"]) / "humaneval" / "HumanEval.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = []
    for row in rows:
        solution = row["canonical_solution"]
        found.append(Program(row, "", row["prompt"] + solution))
        found += [
            Program(row, mutant.change, row["prompt"] + mutant.code)
            for mutant in make_mutants(solution, each)
        ]
    return found


def find_truths(programs: list[Program], file: Path) -> list[str]:
    """How each program ends: those that the file has, and the others run and written to it."""
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    keys = [digest(program.tried) for program in programs]
    missing = {key: program for key, program in zip(keys, programs, strict=True) if key not in known}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for number, (key, program) in enumerate(missing.items(), 1):
            known[key] = run_bare(program.tried, Path(folder))
            if number % 100 == 0 or number == len(missing):
                file.write_text(json.dumps(known), encoding="utf-8")
    tell(f"{len(missing):,} programs run in {time.perf_counter() - began:.0f} s, truths in {file}")
    return [known[key] for key in keys]


def run_bare(code: str, folder: Path) -> str:
    """How a program ends in a Python of its own: passes, fails, or late."""
    file = folder / "program.py"
    file.write_text(code, encoding="utf-8")
    try:
        ended = subprocess.run(
            [sys.executable, "-I", file],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )
    except subprocess.TimeoutExpired:
        return "late"
    return "fails" if ended.returncode else "passes"


def tell_truths(programs: list[Program], truths: list[str]) -> None:
    """How many of each kind pass."""
    for name, is_mutant in (("the set's programs", False), ("near misses", True)):
        ends = collections.Counter(
            truth
            for program, truth in zip(programs, truths, strict=True)
            if bool(program.change) == is_mutant
        )
        problems = len({program.row["task_id"] for program in programs if bool(program.change) == is_mutant})
        tell(
            f"{name}: {ends.total():,} of {problems} problems, of which {ends['passes']} pass, "
            f"{ends['fails']} fail and {ends['late']} have not ended in {SECONDS} s"
        )


def tell_verdicts(programs: list[Program], truths: list[str]) -> None:
    """What the check says of each kind, and every program of which it does not say what is true."""
    check = make_check("code_tests")
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    disagreements = []
    began = time.perf_counter()
    for program, truth in zip(programs, truths, strict=True):
        ok, reason = judge(check, program)
        passes = truth == "passes"
        kind = ("near misses that " if program.change else "the set's programs that ") + (
            "pass" if passes else "fail"
        )
        counts[kind, WORDS[ok]] += 1
        if ok is not passes:
            disagreements.append(
                f"{program.row['task_id']} ({program.change or 'as it is'}): {truth}, {WORDS[ok]}: {reason}"
            )
    tell(f"{len(programs):,} programs judged in {time.perf_counter() - began:.0f} s")
    for kind in sorted({kind for kind, _ in counts}):
        said = ", ".join(f"{counts[kind, word]:,} {word}" for word in WORDS.values())
        tell(f"{kind}: {sum(counts[kind, word] for word in WORDS.values()):,}, of which {said}")
    tell(f"{len(disagreements)} disagreements" + "".join(f"\n    {line}" for line in disagreements))


def judge(check: Check, program: Program) -> tuple[bool | None, str]:
    """The check's verdict on a response that is the program alone, and its reason."""
    row = program.row
    prompt = Prompt.make(row["prompt"], extra={"test": row["test"], "entry_point": row["entry_point"]})
    [verdict] = check.check([Sample("1", prompt, f"```python\n{program.code}\n```")])
    return verdict.ok, verdict.reason


def tell(line: str) -> None:
    """A line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
