"""What vLLM's own detection of exact loops (`generate --stop-loops N`) stops, saves and costs.

    python -m tests.benchmarks.bench_loops --tokenizer tokenizer.json [--data FOLDER] [--good 6000] [--each 100]

Good chains are those of `bench_watchdog`, and planted regularities that good chains hold: tables, rows of zeros,
recurring decimals, powers of ten, rules of dashes, lists that count. Each is tokenized, and the longest run of any
pattern of up to 20 tokens is looked up, so that every N is judged at once. Hopeless chains repeat a block of 1 to
60 words to their end. The cost is that of vLLM's own function on the good chains' tokens.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from curate.sampling.watchdog import LOOP_TOKENS
from tests.benchmarks.bench_watchdog import good
from tests.benchmarks.stream_texts import problems

TIMES = (4, 8, 16, 24, 32, 64)
END = 16_384
Encode = Callable[[str], Sequence[int]]


def regular(rng: random.Random) -> Mapping[str, str]:
    """Things that repeat themselves in good chains, one of each kind, of random size."""
    size, digit = rng.randint(3, 10), str(rng.randint(1, 9))
    zeros = " & ".join("0" * size)
    names = [rng.choice(["yes", "no", "even", "odd"]) for _ in range(rng.randint(4, 14))]
    return {
        "matrix": "\\begin{pmatrix}\n" + " \\\\\n".join([zeros] * size) + "\n\\end{pmatrix}",
        "plain matrix": "\n".join(["0 " * size] * size),
        "table": "| n | value |\n|---|---|\n" + "\n".join(f"| {n} | {n * n} |" for n in range(20)),
        "equal rows": "| n | parity |\n|---|---|\n"
        + "\n".join(f"| {n} | {x} |" for n, x in enumerate(names)),
        "decimal": f"0.{digit * rng.randint(6, 24)}...",
        "power of ten": "1" + "0" * rng.randint(6, 48),
        "sum of ones": " + ".join(["1"] * rng.randint(5, 20)),
        "ones": ", ".join(["1"] * rng.randint(5, 20)),
        "binary": "".join(rng.choice("01") for _ in range(32)) + "0" * rng.randint(4, 32),
        "rule": rng.choice("-=*_") * rng.randint(10, 80),
        "factors": " \\times ".join(["2"] * rng.randint(5, 16)),
        "count": "\n".join(f"f({n}) = f({n - 1}) + f({n - 2})" for n in range(2, 30)),
        "doors": " ".join(["closed"] * rng.randint(5, 20)),
        "spaces": "x" + " " * rng.randint(8, 80) + "y" + "\n" * rng.randint(2, 12),
        "dots": "a" + " ." * rng.randint(3, 30) + " b",
    }


def runs(tokens: Sequence[int]) -> int:
    """How often in a row a pattern of up to LOOP_TOKENS tokens stands anywhere, at most."""
    ids, most = np.asarray(tokens), 1
    for period in range(1, LOOP_TOKENS + 1):
        same = ids[period:] == ids[:-period]
        breaks = np.flatnonzero(np.concatenate([[True], ~same, [True]]))
        longest = int(np.diff(breaks).max()) - 1 if len(same) else 0
        most = max(most, longest // period + 1)
    return most


def loops(
    chains: Sequence[str], rng: random.Random, encode: Encode, each: int
) -> Iterator[tuple[str, list[int], int]]:
    """Hopeless chains: the number of words in their block, their tokens, and where they begin to loop."""
    for words in (1, 3, 8, 20, 60):
        for _ in range(each):
            begun = rng.choice(chains)[: rng.randint(1_000, 8_000)]
            block = " ".join(begun.split()[-words:]) + rng.choice([" ", "\n"])
            start, piece = list(encode(begun)), list(encode(block))
            yield f"{words} words", (start + piece * (END // len(piece)))[:END], len(start)


def stopped_at(tokens: Sequence[int], begun: int, times: int) -> int:
    """The token at which a chain that loops from `begun` on is stopped; its end where it is not."""
    ids = np.asarray(tokens)
    ends = [len(tokens)]
    for period in range(1, LOOP_TOKENS + 1):
        same = np.concatenate([ids[period:] == ids[:-period], [False]])
        breaks = np.concatenate([[-1], np.flatnonzero(~same)])
        lengths = np.diff(breaks) - 1
        enough = np.flatnonzero(lengths >= period * (times - 1))
        if len(enough):
            ends.append(int(breaks[enough[0]]) + 1 + period * times)
    return min(ends)


def cost(tokens: Sequence[int], longest: int, times: int) -> float:
    """Microseconds of processor time a token of vLLM's own look at the end of a growing list."""
    from vllm.sampling_params import RepetitionDetectionParams
    from vllm.v1.core.sched.utils import check_sequence_repetition
    from vllm.v1.utils import ConstantList

    params, grown = RepetitionDetectionParams(longest, 1, times), []
    shown, began = ConstantList(grown), time.process_time()
    for token in tokens:
        grown.append(token)
        check_sequence_repetition(shown, params)
    return 1e6 * (time.process_time() - began) / len(tokens)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--data", default=os.environ.get("R1CURATE_TEST_DATA"))
    parser.add_argument("--good", type=int, default=6000)
    parser.add_argument("--each", type=int, default=100)
    given = parser.parse_args()
    from tokenizers import Tokenizer

    tokenizer, rng = Tokenizer.from_file(given.tokenizer), random.Random(23)

    def encode(text: str) -> Sequence[int]:
        ids: Sequence[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    pool = problems(Path(given.data))
    chains = [good(pool, rng).text for _ in range(given.good)]
    report_good("real chains", [runs(encode(chain)) for chain in chains])
    planted: dict[str, list[int]] = {}
    for _ in range(given.each):
        for kind, text in regular(rng).items():
            planted.setdefault(kind, []).append(runs(encode(text)))
    for kind, found in planted.items():
        report_good(kind, found)
    report_saved(list(loops(chains, rng, encode, given.each)))
    sample = [token for chain in chains[:10] for token in encode(chain)][:20_000]
    for longest in (LOOP_TOKENS, 2 * LOOP_TOKENS, 5 * LOOP_TOKENS):
        sys.stdout.write(f"patterns up to {longest} tokens: {cost(sample, longest, 16):.2f} us a token\n")


def report_good(kind: str, found: Sequence[int]) -> None:
    """How many good chains each N stops."""
    stopped = ", ".join(f"N={times} {sum(most >= times for most in found)}" for times in TIMES)
    sys.stdout.write(f"{kind}: {len(found):,} good, stopped by {stopped}; the longest run is {max(found)}\n")


def report_saved(hopeless: Sequence[tuple[str, list[int], int]]) -> None:
    """What share of the tokens of each kind of loop each N saves."""
    for kind in dict.fromkeys(kind for kind, *_ in hopeless):
        mine = [(tokens, begun) for named, tokens, begun in hopeless if named == kind]
        whole = sum(len(tokens) for tokens, _ in mine)
        saved = (
            f"N={times} {1 - sum(stopped_at(*chain, times) for chain in mine) / whole:.2f}" for times in TIMES
        )
        sys.stdout.write(f"a loop of {kind}: saved {', '.join(saved)}\n")


if __name__ == "__main__":
    main()
