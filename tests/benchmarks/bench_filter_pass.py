"""All checks of a chain's text in one pass: how fast on one core, and what a second worker adds.

    python -m tests.benchmarks.bench_filter_pass [--chains 20000] [--stored 6000]

CHAINS of 10 kB, one in twenty with a planted flaw, are judged in batches as a worker judges them, in processor
time; then STORED of them as a run's samples through `curate.judging` with one worker and with two, in turns, in
wall time and best of two: read that ratio on an idle machine only.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # one core, and polars asks when it is imported

import argparse
import collections
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from curate.checks import spec_of
from curate.folder import Run
from curate.judging import BATCH, judge_samples
from curate.tables import PROMPTS, SAMPLES, Record, chunks, prompt_row, record_row, write_part
from filters.registry import make_check
from filters.vocabulary import Prompt, Sample
from tests.benchmarks import loops

CHECKS = (
    *("format", "overlong", "paragraphs", "code_blocks", "boilerplate", "consistency"),
    *("repetition", "language"),
)
PLANTED = {
    "language": "这样我们就得到了想要的结果，但是还需要再检查一遍。",
    "code_blocks": "```python\nprint(sum(range(10)))\n```",
    "boilerplate": "The reference answer says 7, so I must come to that.",
    "consistency": "So the answer is 8.",
    "paragraphs": " ".join(f"It follows that {n} is the next one to look at." for n in range(100)),
    "format": "<think>",
}


def main() -> None:
    """Print both measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=20_000)
    parser.add_argument("--stored", type=int, default=6_000)
    options = parser.parse_args()
    _one_core(options.chains)
    if options.stored:
        _workers(options.stored)


def _samples() -> Iterator[tuple[Sample, str]]:
    """Samples without end, each with the check whose flaw was planted in it, or the empty string."""
    rng = random.Random(17)
    flaws = ["repetition", *PLANTED]
    number = 0
    while True:
        flaw = flaws[number // 20 % len(flaws)] if number % 20 == 0 else ""
        kind = rng.choice(loops.KINDS[:-1]) if flaw == "repetition" else "clean"
        paragraphs = loops.chain(10_000, rng, kind).text.split("\n\n")
        if flaw in PLANTED:
            place = len(paragraphs) if flaw == "consistency" else rng.randrange(len(paragraphs))
            paragraphs.insert(place, PLANTED[flaw])
        text = "\n\n".join(paragraphs)
        prompt = Prompt.make(f"{loops.PROBLEM} ({number // 4})", "7")
        yield Sample(f"{number:08d}", prompt, f"<think>\n{text}\n</think>\n\\boxed{{7}}"), flaw
        number += 1


def _one_core(count: int) -> None:
    checks = {name: make_check(name) for name in CHECKS}
    warm = [sample for sample, _ in islice(_samples(), 20)]
    for check in checks.values():
        check.check(warm)
    seconds = dict.fromkeys(CHECKS, 0.0)
    found: collections.Counter[str] = collections.Counter()
    planted: collections.Counter[str] = collections.Counter()
    alarms = 0
    size = 0.0
    for batch in chunks(islice(_samples(), count), BATCH):
        samples = [sample for sample, _ in batch]
        size += sum(len(sample.response.encode()) for sample in samples)
        planted.update(flaw for _, flaw in batch)
        for name, check in checks.items():
            start = time.process_time()
            verdicts = check.check(samples)
            seconds[name] += time.process_time() - start
            for (_, flaw), verdict in zip(batch, verdicts, strict=True):
                found[name] += flaw == name and verdict.ok is False
                alarms += not flaw and verdict.ok is not True
    _say(f"{count} chains, {size / 1e6:.0f} MB, one core")
    for name in CHECKS:
        speed = size / 1e6 / seconds[name]
        _say(f"  {name:<12} {speed:8.0f} MB/s   planted flaws found {found[name]} of {planted[name]}")
    others = sum(seconds[name] for name in CHECKS if name not in ("language", "repetition"))
    _say(f"  all but language and repetition {size / 1e6 / others:.0f} MB/s")
    _say(
        f"  all in one pass {size / 1e6 / sum(seconds.values()):.1f} MB/s; {alarms} alarms on chains without a flaw"
    )


def _workers(count: int) -> None:
    specs = [spec_of(name) for name in CHECKS]
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder) / "run")
        _store(run, count)
        best = {1: float("inf"), 2: float("inf")}
        for workers in (1, 2, 1, 2):
            shutil.rmtree(run.verdicts("chains"), ignore_errors=True)
            before, start = _processor_seconds(), time.perf_counter()
            judge_samples(run, "chains", specs, workers)
            best[workers] = min(best[workers], time.perf_counter() - start)
            ours, theirs = (now - then for now, then in zip(_processor_seconds(), before, strict=True))
            _say(f"  {workers} workers: {ours:.1f} s of processor time here, {theirs:.1f} s in the workers")
        start = time.perf_counter()
        judge_samples(run, "chains", specs, 2)
        again = time.perf_counter() - start
    _say(
        f"{count} stored chains: one worker {best[1]:.1f} s, two {best[2]:.1f} s: {best[1] / best[2]:.2f} times"
    )
    _say(f"  a rerun with nothing changed {again:.2f} s")


def _processor_seconds() -> tuple[float, float]:
    """Of this process and of the workers that ended: what a busy machine takes is in neither."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time(), children.ru_utime + children.ru_stime


def _store(run: Run, count: int) -> None:
    samples = [sample for sample, _ in islice(_samples(), count)]
    prompts = {sample.prompt.id: sample.prompt for sample in samples}
    write_part(
        run.prompts("chains") / "part-00000.parquet", [prompt_row(p) for p in prompts.values()], PROMPTS
    )
    for number, part in enumerate(chunks(samples, 2_000)):
        rows = [record_row(Record(sample)) for sample in part]
        write_part(run.samples("chains") / f"part-{number:05d}.parquet", rows, SAMPLES)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
