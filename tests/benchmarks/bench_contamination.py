"""Benchmark problems planted among training prompts: what `contamination` finds, what it flags besides, and how fast.

    R1CURATE_TEST_DATA=FOLDER PEERS/bin/python -m tests.benchmarks.bench_contamination FILE... [--prompts 20000] [--show]

FILE...: training splits, as many of their prompts as are asked for taken evenly: JSON, JSON Lines, or text with a prompt on each line; the
README says where to have them from. 46 problems of each of four benchmarks are planted in each way of `planted_problems` and
reworded in each of `rewordings`; the check knows all problems of the four. Beside it datatrove's n-grams in the same run, on
the same texts. `overlap_peers.py` says how to make PEERS; without datatrove the script says so and leaves it out.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curate.benchmarks.contamination import Contamination
from curate.checking.judge_parts import BATCH_BYTES
from filters.check import Check
from filters.types import Prompt, Sample, Verdict
from tests.benchmarks.overlap_peers import datatrove_ngrams, find_peers
from tests.benchmarks.planted_problems import KINDS, SHORT, count_words
from tests.benchmarks.public_prompts import BENCHMARKS, SEED, draw_problems, read_innocents, read_problems
from tests.benchmarks.rewordings import REWORDINGS

TURNS = 3
"""How often ours and the peer are timed in turns; the median ratio is shown."""
Change = Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class Planted:
    """A problem as it is planted. changed: whether that is another text than the problem's; short: a part of few words."""

    text: str
    kind: str
    problem: str
    changed: bool
    short: bool


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, default=os.environ.get("R1CURATE_TEST_DATA", ""))
    parser.add_argument("--prompts", type=int, default=20_000)
    parser.add_argument("--each", type=int, default=46, help="problems planted of each benchmark")
    parser.add_argument("--show", action="store_true", help="print the innocent prompts that are flagged")
    options = parser.parse_args()
    against = [str(options.data / name) for name in BENCHMARKS]
    innocents = read_innocents(options.files, options.prompts)
    drawn = draw_problems(against, options.each)
    _say(
        f"{len(innocents)} innocent prompts, {len(drawn)} planted problems, of {len(read_problems(against))}"
    )
    planted = plant(drawn, KINDS)
    for rule in ("coverage", "paper"):
        _say(f"\nrule={rule}")
        check = Contamination(against=against, rule=rule)
        show_recall(check, planted)
        show_alarms(check, innocents, options.show)
        _compare_speed(check, innocents, read_problems(against), 12 if rule == "coverage" else 10)
    reworded = plant(drawn, REWORDINGS)
    for masking in ("none", "masked"):
        _say(f"\nreworded, rewordings={masking}")
        check = Contamination(against=against, rewordings=masking)
        show_recall(check, [each for each in reworded if each.changed])
        show_alarms(check, innocents, options.show and masking != "none")


def plant(problems: Sequence[str], kinds: dict[str, Change]) -> list[Planted]:
    """Each problem in each kind."""
    planted = []
    for kind, change in kinds.items():
        rng = random.Random(f"{SEED} {kind}")
        for problem in problems:
            text = change(problem, rng)
            short = kind == "in part" and count_words(text) < SHORT
            planted.append(Planted(text, kind, problem, text != problem, short))
    return planted


def judge(check: Check, texts: Sequence[str]) -> list[Verdict]:
    """The verdicts on prompts, in batches of the size that a worker gets."""
    return [verdict for batch in _batches(texts) for verdict in check.check(batch)]


def show_recall(check: Check, planted: Sequence[Planted]) -> dict[str, tuple[int, int]]:
    """Print and return, by kind, how many were found of how many."""
    found: dict[str, list[bool]] = {}
    missed = []
    for each, verdict in zip(planted, judge(check, [each.text for each in planted]), strict=True):
        kind = f"{each.kind}, fewer than {SHORT} words" if each.short else each.kind
        found.setdefault(kind, []).append(verdict.ok is False)
        if verdict.ok is not False:
            missed.append((kind, each.text))
    changed = collections.Counter(each.kind for each in planted if each.changed)
    for kind, hits in found.items():
        other = f" ({changed[kind]} of them another text)" if 0 < changed[kind] < len(hits) else ""
        _say(f"  {kind}: found {sum(hits)} of {len(hits)}{other}")
    for kind, text in missed[:12]:
        _say(f"      missed, {kind}: {text[:200]!r}")
    return {kind: (sum(hits), len(hits)) for kind, hits in found.items()}


def show_alarms(check: Check, innocents: Sequence[str], show: bool = False) -> int:
    """Print and return how many of the other prompts are flagged."""
    verdicts = judge(check, innocents)
    alarms = [
        (text, verdict) for text, verdict in zip(innocents, verdicts, strict=True) if verdict.ok is False
    ]
    share = len(alarms) / max(1, len(innocents))
    _say(f"  innocent prompts flagged: {len(alarms)} of {len(innocents)} ({share:.2%})")
    for text, verdict in alarms if show else ():
        _say(f"      {json.dumps({'reason': verdict.reason, 'prompt': text}, ensure_ascii=False)}")
    return len(alarms)


def _compare_speed(check: Check, texts: Sequence[str], problems: Sequence[str], n: int) -> None:
    """The same prompts through both, in turns; the index and the tables are built before the clock runs."""
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    batches = _batches(texts)
    ours: Callable[[], Any] = lambda: [check.check(batch) for batch in batches]  # noqa: E731
    ours()
    if not find_peers("datatrove", "spacy"):
        cpu, wall = _timed(ours)
        _say(f"  ours: {megabytes / cpu:.1f} MB/s of a processor, {megabytes / wall:.1f} by the clock; no datatrove to compare")  # fmt: skip
        return
    peer = datatrove_ngrams(problems, n)
    peer(texts[:50])
    turns = [(*_timed(ours), *_timed(lambda: peer(texts))) for _ in range(TURNS)]
    cpu, wall, their_cpu, their_wall = (statistics.median(column) for column in zip(*turns, strict=True))
    ratios = statistics.median(turn[2] / turn[0] for turn in turns)
    clock = statistics.median(turn[3] / turn[1] for turn in turns)
    _say(f"  {megabytes:.1f} MB of prompts: ours {megabytes / cpu:.1f} MB/s, datatrove ({n} words) {megabytes / their_cpu:.2f} MB/s of a processor: {ratios:.0f} times as fast")  # fmt: skip
    _say(f"  by the clock {megabytes / wall:.1f} and {megabytes / their_wall:.2f} MB/s: {clock:.0f} times as fast")  # fmt: skip
    _say(f"  datatrove flags {sum(peer(texts))} of these")


def _timed(work: Callable[[], Any]) -> tuple[float, float]:
    start, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - start, time.perf_counter() - clock


def _batches(texts: Sequence[str]) -> list[list[Sample]]:
    samples = [Sample(str(at), Prompt.make(text), "") for at, text in enumerate(texts)]
    size = max(1, BATCH_BYTES * len(texts) // max(1, sum(len(text.encode()) for text in texts)))
    return [samples[at : at + size] for at in range(0, len(samples), size)]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
