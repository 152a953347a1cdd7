"""Speed and accuracy of the checks on a chain's text, against peers, in one run.

    python -m tests.benchmarks.bench_filters [--chains 2000] [--data FOLDER]

Chains are generated (`langmix`, `loops`); FOLDER (default: R1CURATE_TEST_DATA) holds the real mathematics
texts on which only false alarms can be counted. Speeds are in processor time of one core and mean little alone: read the ratios.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # one core, and polars asks when it is imported

import argparse
import collections
import json
import random
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from curate.checking.judge_parts import BATCH_BYTES
from curate.store.parquet import split_chunks
from filters.check import Check
from filters.checks.boilerplate import Boilerplate
from filters.checks.code_blocks import CodeBlocks
from filters.checks.consistency import Consistency
from filters.checks.format import Format
from filters.checks.language import Language
from filters.checks.overlong import Overlong
from filters.checks.paragraphs import Paragraphs
from filters.checks.repetition import Repetition
from filters.types import Prompt, Sample
from tests.benchmarks import langmix, loops
from tests.benchmarks.peers import (
    Judge,
    datatrove_language,
    datatrove_repetition,
    fasttext_whole,
    have_datatrove,
)

TURNS = 3
"""How often ours and a peer are timed in turns; the median ratio is shown."""
WARM = 200
"""Chains judged before the clock runs: enough to meet all languages, whose tables are built once a process."""
Row = tuple[Sample, bool, str]
"""A sample, whether a flaw was planted, and its kind."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=2000)
    parser.add_argument("--data", default=os.environ.get("R1CURATE_TEST_DATA", ""))
    options = parser.parse_args()
    if not have_datatrove():
        _say("datatrove is not installed; tests/benchmarks/peers.py says how to measure against it")
    _language(options.chains)
    _repetition(options.chains)
    _others(options.chains)
    if options.data:
        _real(Path(options.data))
        _consistent(Path(options.data))


def _language(count: int) -> None:
    rows = list(_language_rows(count))
    _say(f"\nlanguage, {_megabytes(rows):.0f} MB, {count} chains of 10 kB in 14 languages, 5% mixed")
    peers = {"fastText, whole text": fasttext_whole()}
    if have_datatrove():
        peers["datatrove's LanguageFilter"] = datatrove_language()
    _compare(rows, _check(Language()), peers)
    rows = list(_language_rows(count, ("en", "zh")))
    _say(f"\nlanguage, {_megabytes(rows):.0f} MB, {count} chains of 10 kB in English and Chinese, 5% mixed")
    _compare(rows, _check(Language()), peers)
    held = [(_sample(c.text, c.language), c.mixed, c.kind) for c in langmix.test_set(each=10, seed=7)]
    _say(f"\nlanguage, {len(held)} short and long chains, half of them mixed")
    for name, judge in {"ours": _check(Language()), **peers}.items():
        _accuracy(name, held, judge([row[0] for row in held]))


def _repetition(count: int) -> None:
    rng = random.Random(3)
    kinds = [loops.KINDS[n // 20 % len(loops.KINDS)] if n % 20 == 0 else "clean" for n in range(count)]
    chains = [loops.chain(10_000, rng, kind) for kind in kinds]
    rows = [(_sample(c.text), c.kind != "clean", c.kind) for c in chains]
    _say(f"\nrepetition, {_megabytes(rows):.0f} MB, {count} chains of 10 kB, 5% with a planted repetition")
    peers = {"datatrove's GopherRepetitionFilter": datatrove_repetition()} if have_datatrove() else {}
    _compare(rows, _check(Repetition()), peers)
    rng = random.Random(301)  # none of the seeds that the check was tuned on
    each = 100
    chains = [loops.chain(rng.choice([1500, 4000, 10_000]), rng, k) for k in loops.KINDS for _ in range(each)]
    chains += [loops.chain(rng.choice([300, 1500, 10_000]), rng) for _ in range(each * len(loops.KINDS))]
    held = [(_sample(c.text), c.kind != "clean", c.kind) for c in chains]
    _say(f"\nrepetition, {len(held)} chains, half of them with a repetition")
    for name, judge in {"ours": _check(Repetition()), **peers}.items():
        _accuracy(name, held, judge([row[0] for row in held]))


def _others(count: int) -> None:
    rng = random.Random(5)
    rows = [(_sample(loops.chain(10_000, rng).text), False, "clean") for _ in range(count)]
    _say(f"\nthe others, {_megabytes(rows):.0f} MB of clean chains")
    total = 0.0
    for check in (Format(), Overlong(), Paragraphs(), CodeBlocks(), Boilerplate(), Consistency()):
        _, seconds = _timed(_check(check), [row[0] for row in rows])
        total += seconds
        _say(f"  {check.name:<22} {_megabytes(rows) / seconds:8.0f} MB/s")
    _say(f"  {'together':<22} {_megabytes(rows) / total:8.0f} MB/s")


def _real(folder: Path) -> None:
    samples = [_sample(text, language) for language, text in read_real_texts(folder)]
    _say(f"\nfalse alarms on {len(samples)} real mathematics texts")
    for check in (Language(), Repetition(), CodeBlocks(), Overlong(), Paragraphs(), Boilerplate()):
        verdicts = check.check(samples)
        alarms = [
            (sample, verdict) for sample, verdict in zip(samples, verdicts, strict=True) if not verdict.ok
        ]
        _say(f"  {check.name:<22} {len(alarms)} ({len(alarms) / len(samples):.3%})")
        for sample, verdict in alarms[:12]:
            begin, end = verdict.span or (0, 0)
            _say(f"      {verdict.reason[:70]} | {sample.response[begin : min(end, begin + 60)]!r}")


def _consistent(folder: Path) -> None:
    """Real solutions that end in their right answer, with that answer again as the response."""
    rows = [
        json.loads(line) for line in (folder / "math/olympiadbench.jsonl").read_text("utf-8").splitlines()
    ]
    pairs = [("\n".join(r["solution"]), ", ".join(r["final_answer"])) for r in rows if r.get("final_answer")]
    for line in (folder / "gsm8k/test.jsonl").read_text("utf-8").splitlines():
        answer = json.loads(line)["answer"]
        pairs.append((answer, answer.rpartition("####")[2].strip()))
    for line in (folder / "gsm8k/example_model_solutions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        gold = row["ground_truth"].rpartition("A:")[2].rpartition("####")[2].strip()
        right = (value for value in row.values() if isinstance(value, dict) and value["is_correct"])
        pairs += [(value["solution"], gold) for value in right]
    prompt = Prompt.make("Solve the problem.")
    texts = (f"<think>\n{chain}\n</think>\n\\boxed{{{answer}}}" for chain, answer in pairs)
    verdicts = Consistency().check([Sample("s", prompt, text) for text in texts])
    counts = collections.Counter(verdict.rule or "true" for verdict in verdicts)
    _say(f"\nconsistency on {len(pairs)} real solutions with their right answers: {dict(counts)}")


def read_real_texts(folder: Path) -> Iterator[tuple[str, str]]:
    """The real mathematics texts of the folder, each after its language."""
    for line in (folder / "math/olympiadbench.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield from (("en", row["question"]), ("en", "\n".join(_strings(row["solution"]))))
    for row in json.loads((folder / "math/math500.json").read_text("utf-8")):
        yield from (("en", text) for text in _strings(row))
    for line in (folder / "math/cmath_zh.jsonl").read_text("utf-8").splitlines():
        yield from (("zh", text) for text in _strings(json.loads(line)))
    for line in (folder / "gsm8k/test.jsonl").read_text("utf-8").splitlines():
        yield from (("en", text) for text in _strings(json.loads(line)))
    for line in (folder / "gsm8k/example_model_solutions.jsonl").read_text("utf-8").splitlines():
        yield from (
            ("en", value["solution"]) for value in json.loads(line).values() if isinstance(value, dict)
        )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)


def _language_rows(count: int, only: Sequence[str] = ()) -> Iterator[Row]:
    rng = random.Random(11)
    languages = list(langmix.SENTENCES)
    for number in range(count):
        language = rng.choice(only or ["en", "zh", *languages])
        mixed = number % 20 == 0
        kind = rng.choice(langmix.KINDS) if mixed else "clean"
        others = [other for other in languages if other != language]
        made = langmix.chain(language, 10_000, rng, kind, rng.choice(others) if mixed else "", _TRAPS)
        yield _sample(made.text, language), made.mixed, kind


def _sample(text: str, language: str = "en") -> Sample:
    prompt = Prompt.make(f"{langmix.SENTENCES[language][:80]} {len(text)}", language=language)
    return Sample("s", prompt, f"<think>\n{text}\n</think>\n\\boxed{{7}}")


_TRAPS = 0.001
"""In the timed chains of 10 kB about one in eight holds a quotation, code or the like; in the others most do."""


def _check(check: Check) -> Judge:
    return lambda samples: [verdict.ok is False for verdict in check.check(samples)]


def _compare(rows: list[Row], ours: Judge, peers: dict[str, Judge]) -> None:
    """All of `rows` through ours, a part of them through the peers in turns with it: a ratio needs a like time."""
    samples, part = [row[0] for row in rows], rows[: max(20, len(rows) // 10)]
    verdicts, seconds = _timed(ours, samples)
    _accuracy(f"ours: {_megabytes(rows) / seconds:.1f} MB/s", rows, verdicts)
    for name, peer in peers.items():
        ratios, speeds = [], []
        for _ in range(TURNS):
            _, mine = _timed(ours, samples)
            _, theirs = _timed(peer, [row[0] for row in part])
            speeds.append(_megabytes(part) / theirs)
            ratios.append(_megabytes(rows) / mine / speeds[-1])
        shown = f"{statistics.median(speeds):.2f} MB/s, ours {statistics.median(ratios):.1f} times as fast"
        _accuracy(f"{name}: {shown}", part, peer([row[0] for row in part]))


def _timed(judge: Judge, samples: Sequence[Sample]) -> tuple[list[bool], float]:
    """Batch by batch, as a worker is given them, once the tables are built: in processor time."""
    judge(samples[:WARM])
    start = time.process_time()  # what other programs take of the core is not ours
    found = [verdict for batch in split_chunks(samples, BATCH_BYTES // 10_000) for verdict in judge(batch)]
    return found, time.process_time() - start


def _accuracy(name: str, rows: list[Row], verdicts: Sequence[bool]) -> None:
    hits: collections.Counter[str] = collections.Counter()
    sizes = collections.Counter(kind for _, _, kind in rows)
    right = sum(found and flawed for (_, flawed, _), found in zip(rows, verdicts, strict=True))
    for (_, flawed, kind), found in zip(rows, verdicts, strict=True):
        hits[kind] += found == flawed
    precision, recall = right / max(1, sum(verdicts)), right / max(1, sum(flawed for _, flawed, _ in rows))
    _say(f"  {name}: precision {precision:.3f}, recall {recall:.3f}")
    _say("      " + ", ".join(f"{kind} {hits[kind]}/{size}" for kind, size in sorted(sizes.items())))


def _megabytes(rows: Iterable[Row]) -> float:
    return sum(len(row[0].response.encode()) for row in rows) / 1e6


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
