"""What the watchdog saves on hopeless chains, and how many good ones it stops, rule by rule.

    python -m tests.benchmarks.bench_watchdog [--data FOLDER] [--good 6000] [--each 100]

Good chains are real problems with their solutions, one after the other. Hopeless ones begin as good ones do
and then loop, nearly loop, drift into another language, write programs, write without line breaks or without an
end, up to 16,384 tokens. All stream through the real watcher, 32 tokens of 4 characters at a time; each look's verdicts
are there at the next piece.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from curate.checking.executors.local import LocalExecutor
from curate.checking.worker_messages import Verdicts
from curate.sampling.watchdog import WatchdogOptions, Watcher
from filters.spec import make_spec
from filters.types import Prompt, Sample
from tests.benchmarks.langmix import sentences
from tests.benchmarks.stream_texts import Problem, problems

CHARACTERS_A_TOKEN, PIECE = 4, 128
END = 16_384 * CHARACTERS_A_TOKEN
BUDGET = 4_096
RULES: Mapping[str, WatchdogOptions] = {
    "repetition": WatchdogOptions(check=(make_spec("repetition"),)),
    "language": WatchdogOptions(check=(make_spec("language"),)),
    "paragraphs": WatchdogOptions(check=(make_spec("paragraphs"),)),
    "code_blocks": WatchdogOptions(check=(make_spec("code_blocks"),)),
    f"chain_tokens {BUDGET}": WatchdogOptions(chain_tokens=BUDGET),
    "all of them": WatchdogOptions(
        check=tuple(map(make_spec, ("repetition", "language", "paragraphs", "code_blocks"))),
        chain_tokens=BUDGET,
    ),
}


class Here(LocalExecutor):
    """Looks at once and in this process: what is measured is the decisions, not the workers."""

    def __init__(self, options: WatchdogOptions) -> None:
        super().__init__(options.check, 1)
        self._built = {spec.label: spec.build() for spec in options.check}

    def submit(self, batch: Sequence[Sample], labels: Sequence[str] | None = None) -> Future[Verdicts]:
        """The verdicts, already there."""
        looked: Future[Verdicts] = Future()
        looked.set_result({label: check.check(batch) for label, check in self._built.items()})
        return looked


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain to stream: its prompt, its text and what is wrong with it, `good` where nothing is."""

    prompt: Prompt
    text: str
    kind: str


def streamed(chain: Chain, options: WatchdogOptions, pool: Here) -> tuple[int, str]:
    """How many characters were paid for, and why it was stopped, if it was."""
    watcher = Watcher(options, pool, "key", chain.prompt)
    for at in range(0, len(chain.text), PIECE):
        end = min(at + PIECE, len(chain.text))
        if reason := watcher(chain.text[at:end], end // CHARACTERS_A_TOKEN):
            return end, reason
    return len(chain.text), ""


def good(pool: Sequence[Problem], rng: random.Random) -> Chain:
    """Problems with their solutions, 2 to 12 kB, closed and answered."""
    text = ""
    while not 2_000 <= len(text) <= 12_000:
        prompt, text = _begun(pool, rng, rng.randint(2_000, 12_000))
    return Chain(prompt, f"<think>\n{text}\n</think>\n\nThe answer is $7$.", "good")


def _begun(pool: Sequence[Problem], rng: random.Random, size: int) -> tuple[Prompt, str]:
    chosen, length = [], 0
    while length < size:
        problem = rng.choice(pool)
        if problem.question not in {other.question for other in chosen}:
            chosen.append(problem)
            length += len(problem.question) + len(problem.solution) + 3
    text = "\n\n".join(f"{problem.question}\n{problem.solution}" for problem in chosen)
    return Prompt.make(chosen[0].question, "7"), text


def exact_loop(rng: random.Random, text: str) -> Iterator[str]:
    """The last one to four sentences of the text, again and again."""
    block = " ".join(text[-2000:].split()[-rng.randint(8, 60) :])
    while True:
        yield block + "\n"


def near_loop(rng: random.Random, text: str) -> Iterator[str]:
    """The same thought again and again, a word of it or its numbers changed."""
    words = " ".join(text[-2000:].split()[-rng.randint(15, 50) :]).split()
    fillers = ["maybe", "perhaps", "again", "actually", "really", "now", "just", "then", "also", "still"]
    while True:
        at = rng.randrange(len(words))
        yield " ".join([*words[:at], rng.choice(fillers), *words[at:]]) + f" Wait, {rng.randint(2, 99)}.\n"


def drift(rng: random.Random, chinese: Sequence[str]) -> Iterator[str]:
    """Chinese problems, or sentences of another language."""
    language = rng.choice(["zh", "zh", "fr", "de", "es", "ru", "ja"])
    if language == "zh":
        while True:
            yield from (line + "\n" for line in rng.sample(chinese, len(chinese)))
    yield from (line + "\n" for line in sentences(language, rng))


def program(rng: random.Random) -> Iterator[str]:
    """Programs in fences, one try after the other, with a sentence between."""
    names = ["count", "total", "best", "seen", "left", "right", "step", "value", "found", "limit"]
    while True:
        a, b, c = rng.sample(names, 3)
        yield f"Let me try that with {a} {rng.randint(2, 99)}.\n```python\n"
        yield f"def {a}_{rng.randint(1, 999)}({b}, {c}):\n    {b} = {rng.randint(2, 99)}\n"
        for _ in range(rng.randint(2, 8)):
            x, y = rng.sample(names, 2)
            yield f"    for {x} in range({rng.randint(2, 99)}):\n        {y} += {x} * {rng.randint(2, 99)}\n"
        yield f"    return {b}\n```\n"


def hopeless(
    kind: str, pool: Sequence[Problem], chinese: Sequence[str], rng: random.Random, size: int = END
) -> Chain:
    """A chain that begins well, for 1 to 8 kB, and runs to the end without a closing tag."""
    prompt, text = _begun(pool, rng, rng.randint(1_000, 8_000))
    if kind in ("no end", "no line breaks"):
        begun = len(text)
        text = _begun(pool, rng, size)[1]
        if kind == "no line breaks":
            text = text[:begun] + " ".join(text[begun:].split())
        return Chain(prompt, f"<think>\n{text}"[:size], kind)
    more = {
        "exact loop": lambda: exact_loop(rng, text),
        "near-loop": lambda: near_loop(rng, text),
        "drift": lambda: drift(rng, chinese),
        "code": lambda: program(rng),
    }[kind]()
    grown, length = [f"<think>\n{text}\n"], len(text)
    while length < size:
        grown.append(next(more))
        length += len(grown[-1])
    return Chain(prompt, "".join(grown)[:size], kind)


KINDS = ("exact loop", "near-loop", "drift", "code", "no line breaks", "no end")


def report(say: Callable[[str], object], goods: Sequence[Chain], bads: Sequence[Chain]) -> None:
    """One line a rule: good chains stopped, and the share of each kind's tokens saved."""
    say(f"{len(goods):,} good chains, {len(bads):,} hopeless ones\n")
    for label, options in RULES.items():
        pool = Here(options)
        told = [(chain, streamed(chain, options, pool)[1]) for chain in goods]
        wrong = [(chain, reason) for chain, reason in told if reason]
        whole = sum(_rejected(chain, pool) for chain, _ in wrong)
        say(f"{label}: {len(wrong)} good chains stopped ({len(wrong) / len(goods):.3%}), ")
        say(f"{whole} of them rejected as a whole too\n")
        for reason, number in Counter(reason for _, reason in wrong).most_common(5):
            say(f"    {number} x {reason}\n")
        _savings(say, options, pool, bads)


def _rejected(chain: Chain, pool: Here) -> bool:
    sample = Sample("key", chain.prompt, chain.text, 0, len(chain.text) // CHARACTERS_A_TOKEN, "stop")
    return any(verdict.ok is False for (verdict,) in pool.submit([sample]).result().values())


def _savings(
    say: Callable[[str], object], options: WatchdogOptions, pool: Here, bads: Sequence[Chain]
) -> None:
    paid, cost, stopped = Counter[str](), Counter[str](), Counter[str]()
    for chain in bads:
        spent, reason = streamed(chain, options, pool)
        for kind in (chain.kind, "all"):
            paid[kind] += spent
            cost[kind] += len(chain.text)
            stopped[kind] += bool(reason)
    for kind in (*KINDS, "all"):
        say(f"    {kind}: {1 - paid[kind] / cost[kind]:.2f} saved, {stopped[kind]} stopped\n")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.environ.get("R1CURATE_TEST_DATA"))
    parser.add_argument("--good", type=int, default=6000)
    parser.add_argument("--each", type=int, default=100)
    given = parser.parse_args()
    if not given.data:
        parser.error("name the folder of the real texts with --data or R1CURATE_TEST_DATA")
    folder, rng = Path(given.data), random.Random(17)
    pool = problems(folder)
    chinese = [
        json.loads(line)["question"] for line in (folder / "math/cmath_zh.jsonl").read_text().splitlines()
    ]
    goods = [good(pool, rng) for _ in range(given.good)]
    bads = [hopeless(kind, pool, chinese, rng) for kind in KINDS for _ in range(given.each)]
    report(sys.stdout.write, goods, bads)


if __name__ == "__main__":
    main()
