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
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import fasttext

from filters.boilerplate import Boilerplate
from filters.check import Check
from filters.code_blocks import CodeBlocks
from filters.consistency import Consistency
from filters.format import Format
from filters.language import Language
from filters.languages.identify import bundled_model
from filters.overlong import Overlong
from filters.paragraphs import Paragraphs
from filters.repetition import Repetition
from filters.vocabulary import Prompt, Sample
from tests.benchmarks import langmix, loops

Row = tuple[Sample, bool, str]
"""A sample, whether a flaw was planted, and its kind."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=2000)
    parser.add_argument("--data", default=os.environ.get("R1CURATE_TEST_DATA", ""))
    options = parser.parse_args()
    _language(options.chains)
    _repetition(options.chains)
    _others(options.chains)
    if options.data:
        _real(Path(options.data))
        _consistent(Path(options.data))


def _language(count: int) -> None:
    rows = list(_language_rows(count))
    _say(f"\nlanguage, {_megabytes(rows):.0f} MB, {count} chains of 10 kB in 14 languages, 5% mixed")
    _measure("ours", rows, _check(Language()), peer := _fasttext_whole())
    _measure("fastText, whole text", rows, peer, peer)
    held = [(_sample(c.text, c.language), c.mixed, c.kind) for c in langmix.test_set(each=10, seed=7)]
    _say(f"\nlanguage, {len(held)} short and long chains, half of them mixed")
    _accuracy("ours", held, _check(Language())([row[0] for row in held]))
    _accuracy("fastText, whole text", held, peer([row[0] for row in held]))


def _repetition(count: int) -> None:
    rng = random.Random(3)
    kinds = [loops.KINDS[n // 20 % len(loops.KINDS)] if n % 20 == 0 else "clean" for n in range(count)]
    chains = [loops.chain(10_000, rng, kind) for kind in kinds]
    rows = [(_sample(c.text), c.kind != "clean", c.kind) for c in chains]
    _say(f"\nrepetition, {_megabytes(rows):.0f} MB, {count} chains of 10 kB, 5% with a planted repetition")
    _measure("ours", rows, _check(Repetition()), _gopher)
    _measure("Gopher's rules", rows, _gopher, _gopher)
    chains = [loops.chain(rng.choice([1500, 4000, 10_000]), rng, k) for k in loops.KINDS for _ in range(40)]
    chains += [loops.chain(rng.choice([300, 1500, 10_000]), rng) for _ in range(320)]
    held = [(_sample(c.text), c.kind != "clean", c.kind) for c in chains]
    _say(f"\nrepetition, {len(held)} chains, half of them with a repetition")
    _accuracy("ours", held, _check(Repetition())([row[0] for row in held]))
    _accuracy("Gopher's rules", held, _gopher([row[0] for row in held]))


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
    samples = [_sample(text, language) for language, text in _real_texts(folder)]
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


def _real_texts(folder: Path) -> Iterator[tuple[str, str]]:
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


def _language_rows(count: int) -> Iterator[Row]:
    rng = random.Random(11)
    languages = list(langmix.SENTENCES)
    for number in range(count):
        language = rng.choice(["en", "zh", *languages])
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

Judge = Callable[[Sequence[Sample]], list[bool]]


def _check(check: Check) -> Judge:
    return lambda samples: [verdict.ok is False for verdict in check.check(samples)]


def _fasttext_whole() -> Judge:
    """The usual rule: one call on the whole text, rejected unless it names the prompt's language."""
    model = fasttext.load_model(bundled_model())

    def judge(samples: Sequence[Sample]) -> list[bool]:
        found = []
        for sample in samples:
            line = sample.response.replace("\n", " ")
            probability, label = model.f.predict(line + "\n", 1, 0.0, "strict")[0]
            found.append(label != f"__label__{sample.prompt.language}" or probability < 0.65)
        return found

    return judge


# Rae et al. 2021 (Gopher), table A1: largest shares, by kind, that a document may have.
_TOP = {2: 0.20, 3: 0.18, 4: 0.16}
_DUPLICATE = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}


def _gopher(samples: Sequence[Sample]) -> list[bool]:
    """Gopher's repetition rules on lines, paragraphs and n-grams of words, in plain Python."""
    return [_gopher_rejects(sample.response) for sample in samples]


def _gopher_rejects(text: str) -> bool:
    for parts, share, chars in ((text.split("\n\n"), 0.3, 0.2), (text.split("\n"), 0.3, 0.2)):
        again = _repeated([part for part in parts if part.strip()])
        if len(again) > share * len(parts) or sum(map(len, again)) > chars * len(text):
            return True
    words = re.findall(r"\w+", text)
    for size, share in _TOP.items():
        grams = collections.Counter(zip(*(words[n:] for n in range(size)), strict=False))
        if grams:
            gram, times = grams.most_common(1)[0]
            if times > 1 and times * sum(map(len, gram)) > share * len(text):
                return True
    return any(_duplicate_share(words, size) > share * len(text) for size, share in _DUPLICATE.items())


def _repeated(parts: list[str]) -> list[str]:
    seen: set[str] = set()
    again = []
    for part in parts:
        if part in seen:
            again.append(part)
        seen.add(part)
    return again


def _duplicate_share(words: list[str], size: int) -> int:
    seen: set[tuple[str, ...]] = set()
    chars = at = 0
    while at + size <= len(words):
        gram = tuple(words[at : at + size])
        if gram in seen:
            chars += sum(map(len, gram))
            at += size
        else:
            seen.add(gram)
            at += 1
    return chars


def _measure(name: str, rows: list[Row], judge: Judge, peer: Judge) -> None:
    samples = [row[0] for row in rows]
    verdicts, seconds = _timed(judge, samples)
    part = samples[: max(20, len(samples) // 10)]
    _, theirs = _timed(peer, part)
    ratio = theirs / len(part) * len(samples) / seconds
    _accuracy(f"{name}: {_megabytes(rows) / seconds:.1f} MB/s, {ratio:.1f} x the peer", rows, verdicts)


def _timed(judge: Judge, samples: Sequence[Sample]) -> tuple[list[bool], float]:
    judge(samples[:5])
    start = time.process_time()  # what other programs take of the core is not ours
    found = judge(samples)
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
