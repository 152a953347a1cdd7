"""Near copies among documents and among prompts: what is found, what is called alike wrongly, how fast, in how much memory.

    R1CURATE_TEST_DATA=FOLDER PEERS/bin/python -m tests.benchmarks.bench_duplicates [--sets 3] [--scale 100000 300000 1000000]

Documents are put together from the folder's texts (`planted_documents`); prompts are its problems, in copies that are set
otherwise (`planted_problems`) and as other problems that read almost the same (`other_problems`). Beside ours the signatures of rensa
and datasketch, in turns on the same documents; `overlap_peers.py` says how to make PEERS, and what is missing is left out.
For each number of --scale a process of its own signs and compares so many documents of 1 kB.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from filters.checks.near_duplicate import ROW, select_texts, sign_prompts, sign_responses
from filters.overlap.near_pairs import find_near_pairs
from filters.overlap.signatures import BINS, sign_texts
from tests.benchmarks.other_problems import OTHER_PROBLEMS, give_options
from tests.benchmarks.overlap_peers import Sign, datasketch_signatures, find_peers, rensa_signatures
from tests.benchmarks.planted_documents import (
    ALIKE,
    Document,
    make_documents,
    make_half_copies,
    measure_likeness,
    read_texts,
)
from tests.benchmarks.planted_problems import KINDS
from tests.benchmarks.public_prompts import BENCHMARKS, read_problems

Pairs = set[tuple[int, int]]
SEED = 11
TURNS = 3
SETTINGS = ("in full", "other spaces", "other LaTeX", "other punctuation")
"""The kinds of `planted_problems` that leave a problem whole and alone."""
BANDS = (0.0, 0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8)
BATCH = 2000


def main() -> None:
    """Print the tables, or, asked for one number alone, what that many documents take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("R1CURATE_TEST_DATA", ""))
    parser.add_argument("--sets", type=int, default=3, help="how often the texts are put together anew")
    parser.add_argument("--prompts", type=int, default=1500)
    parser.add_argument("--scale", type=int, nargs="*", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        measure_scale(options.alone)
        return
    rng = random.Random(SEED)
    texts = list(dict.fromkeys(read_texts(options.data)))
    sets = [make_documents(texts, rng) for _ in range(options.sets)]
    show_documents(sets)
    show_half_copies(make_half_copies([one for one in sets[0] if one.kind == "base"], rng))
    _compare_speed([document.text for document in sets[0]])
    problems = read_problems([str(options.data / name) for name in BENCHMARKS])
    show_prompts(rng.sample(sorted(set(problems)), options.prompts), rng)
    for count in options.scale:
        command = [sys.executable, "-m", "tests.benchmarks.bench_duplicates", "--alone", str(count)]
        subprocess.run(command, check=True)


def show_documents(sets: Sequence[Sequence[Document]]) -> dict[str, tuple[int, int]]:
    """Print and return, by kind, how many planted copies were found of how many, and how many of the pairs found are not alike."""
    hits: dict[str, list[bool]] = collections.defaultdict(list)
    wrong: list[float] = []
    pairs = 0
    for documents in sets:
        texts = [document.text for document in documents]
        found = find_pairs(texts, "response")
        planted = {(document.of, place) for place, document in enumerate(documents) if document.of != place}
        for place, document in enumerate(documents):
            if document.of != place:
                hits[document.kind].append((document.of, place) in found)
        shares = [measure_likeness(texts[one], texts[other]) for one, other in found - planted]
        wrong += [share for share in shares if share < ALIKE]
        pairs += len(found)
    size = sum(len(document.text.encode()) for documents in sets for document in documents) / 1e6
    _say(f"{sum(map(len, sets))} documents of 200 words and more, {size:.0f} MB: {pairs} pairs found")
    for kind, each in sorted(hits.items()):
        _say(f"  {kind}: found {sum(each)} of {len(each)} ({sum(each) / len(each):.4f})")
    shown = ", ".join(f"{share:.2f}" for share in sorted(wrong))
    _say(f"  precision {1 - len(wrong) / max(1, pairs):.4f}: {len(wrong)} pairs are not alike (Jaccard {shown or '-'})")  # fmt: skip
    return {kind: (sum(each), len(each)) for kind, each in hits.items()} | {"wrong": (len(wrong), pairs)}


def show_half_copies(pairs: Sequence[tuple[str, str, float]]) -> None:
    """Print how many pairs that share their first part are called alike, by their exact likeness."""
    found = find_pairs([text for one, other, _ in pairs for text in (one, other)], "response")
    bands: dict[float, list[bool]] = collections.defaultdict(list)
    for number, (_, _, share) in enumerate(pairs):
        bands[max(band for band in BANDS if band <= share)].append((2 * number, 2 * number + 1) in found)
    _say("pairs that share their first part, called alike by their exact Jaccard index from")
    for band, each in sorted(bands.items()):
        _say(f"  {band}: {sum(each)} of {len(each)}")


def show_prompts(problems: Sequence[str], rng: random.Random) -> dict[str, tuple[int, int]]:
    """Print and return, by kind, how many copies were called alike, and how many other problems."""
    counts = {}
    for kind in SETTINGS:
        copies = [KINDS[kind](problem, rng) for problem in problems]
        counts[kind] = _count_alike(problems, copies)
    _say(f"{len(problems)} problems: called alike")
    for kind, (alike, of) in counts.items():
        _say(f"  the same with {kind}: {alike} of {of}" if kind != "in full" else f"  the same: {alike} of {of}")  # fmt: skip
    for kind, change in OTHER_PROBLEMS.items():
        asked = [give_options(problem, rng) if kind == "an option" else problem for problem in problems]
        pairs = [(text, other) for text in asked if (other := change(text, rng)) not in (None, text)]
        counts[f"other: {kind}"] = _count_alike(*zip(*pairs, strict=True), show=kind) if pairs else (0, 0)
        _say("  others that differ in {}: {} of {}".format(kind, *counts[f"other: {kind}"]))
    return counts


def _count_alike(ones: Sequence[str], others: Sequence[str], show: str = "") -> tuple[int, int]:
    found = find_pairs([*ones, *others], "prompt")
    alike = [place for place in range(len(ones)) if (place, place + len(ones)) in found]
    for place in alike[:4] if show else ():
        _say(f"      called alike, {show}: {ones[place][-120:]!r}\n          {others[place][-120:]!r}")
    return len(alike), len(ones)


def _compare_speed(texts: Sequence[str]) -> None:
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    signs: dict[str, Sign] = {"ours": sign_texts}
    if find_peers("rensa"):
        signs |= rensa_signatures(BINS)
    if find_peers("datasketch"):
        signs |= datasketch_signatures(BINS)
    seconds: dict[str, list[float]] = collections.defaultdict(list)
    for sign in signs.values():
        sign(texts[:100])
    for _ in range(TURNS):
        for name, sign in signs.items():
            seconds[name].append(_time(sign, texts))
    _say(f"signatures of {BINS} numbers, {megabytes:.1f} MB, MB/s of a processor")
    for name, each in seconds.items():
        ratio = statistics.median(theirs / mine for theirs, mine in zip(each, seconds["ours"], strict=True))
        _say(f"  {name}: {megabytes / statistics.median(each):.1f}; ours {ratio:.1f} times as fast")


def _time(sign: Sign, texts: Sequence[str]) -> float:
    start = time.process_time()
    sign(texts)
    return time.process_time() - start


def find_pairs(texts: Sequence[str], of: str) -> Pairs:
    """The pairs of texts that are alike, as the check `near_duplicate` finds them: of prompts, only of equal skeletons."""
    rows = sign_responses(texts) if of == "response" else sign_prompts(texts)
    found = find_near_pairs(select_texts(rows), np.arange(len(texts)))
    return set(map(tuple, found.pairs.tolist()))


def measure_scale(count: int, batch: int = BATCH) -> int:
    """Print what it takes to sign and compare so many documents, and return how many pairs there are."""
    signing = 0.0
    rows = np.zeros(count, ROW)
    done = 0
    documents = make_short_documents(count)
    while texts := list(islice(documents, batch)):
        start = time.process_time()
        rows[done : done + len(texts)] = sign_responses(texts)
        signing += time.process_time() - start
        done += len(texts)
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        pairs = len(find_near_pairs(select_texts(rows), np.arange(count), beside=Path(folder)).pairs)
    comparing = time.process_time() - start
    # Not ru_maxrss, which begins with what the parent held when it forked.
    peak = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 2**10
    _say(f"{count} documents of 1 kB: signed in {signing:.1f} s, compared in {comparing:.1f} s ({(signing + comparing) / count * 1e6:.1f} microseconds each), {pairs} pairs, peak {peak:.0f} MiB")  # fmt: skip
    return pairs


def make_short_documents(count: int, seed: int = SEED) -> Iterator[str]:
    """Documents of 1 kB: one in twenty a near copy of one a little before it, one in a thousand the same text."""
    rng = random.Random(seed)
    words = ["".join(rng.choices("etaoinshrdlcumwfgyp", k=rng.randint(2, 9))) for _ in range(20_000)]
    same = " ".join(rng.choices(words, k=155))
    recent: list[list[str]] = []
    for number in range(count):
        if number % 1000 == 7:
            yield same
            continue
        if number % 20 == 11 and recent:
            document = list(rng.choice(recent))
            document[rng.randrange(len(document))] = rng.choice(words)
        else:
            document = rng.choices(words, k=155)
            recent = [*recent[-50:], document]
        yield " ".join(document)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
