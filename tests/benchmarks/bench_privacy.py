"""False alarms and speed of `secrets` and `personal_data` on texts that hold neither.

    R1CURATE_TEST_DATA=FOLDER python -m tests.benchmarks.bench_privacy

Each row of the folder's files (word problems, mathematics, instructions, programs, chains) is one text; no row is known to hold
anything real, so that all that is found counts as a false alarm. Beside the checks stand the detectors of
detect-secrets that they leave out. Speed: the same texts again and again as 64 MB, on one core.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # one core, and polars asks when it is imported

import collections
import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString, HexHighEntropyString
from detect_secrets.plugins.keyword import KeywordDetector

from filters.check import Check
from filters.checks.personal_data import PersonalData
from filters.checks.secrets import Secrets
from filters.types import Prompt, Sample

SIZE = 64_000_000
CHAIN = 13
"""Texts that make a chain of 10 kB."""
CHECKS: dict[str, Check] = {
    "secrets": Secrets(),
    "personal_data": PersonalData(),
    "personal_data:kinds=[ip]": PersonalData(kinds=("ip",)),
    "personal_data:kinds=[phone],regions=[US,CN,DE]": PersonalData(
        kinds=("phone",), regions=("US", "CN", "DE")
    ),
}
LEFT_OUT = {
    "names such as password": KeywordDetector(),
    "random base64": Base64HighEntropyString(4.5),
    "random hex": HexHighEntropyString(3.0),
}


def main() -> None:
    """Print both measurements."""
    texts = list(_read_texts(Path(os.environ["R1CURATE_TEST_DATA"])))
    _say(f"{len(texts):,} texts, {sum(map(len, texts)) / 1e6:.1f} million characters")
    many = texts * (SIZE // sum(len(text.encode()) for text in texts))
    long = ["\n".join(many[at : at + CHAIN]) for at in range(0, len(many), CHAIN)]
    for name, check in CHECKS.items():
        check.prepare()
        found = collections.Counter(verdict.reason for verdict in _judge(check, texts))
        found.pop("")
        speeds = f"{_measure(check, many):.0f} MB/s, as chains of 10 kB {_measure(check, long):.0f} MB/s"
        _say(f"{name}: {1000 * found.total() / len(texts):.2f} per 1,000 {dict(found)}, {speeds}")
    for name, detector in LEFT_OUT.items():
        alarms = sum(any(detector.analyze_line("", line) for line in text.splitlines()) for text in texts)
        _say(f"left out, {name}: {1000 * alarms / len(texts):.2f} per 1,000")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _measure(check: Check, texts: Sequence[str]) -> float:
    """Megabytes a second of processor time."""
    begin = time.process_time()
    _judge(check, texts)
    return sum(len(text.encode()) for text in texts) / 1e6 / (time.process_time() - begin)


def _judge(check: Check, texts: Sequence[str]) -> list[Any]:
    asked = Prompt.make("?")
    samples = [Sample(str(number), asked, text) for number, text in enumerate(texts)]
    return [
        verdict for at in range(0, len(samples), 1000) for verdict in check.check(samples[at : at + 1000])
    ]


def _read_texts(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*.json*")):
        raw = (gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()).decode()
        rows = (
            json.loads(raw)
            if file.suffix == ".json"
            else map(json.loads, filter(str.strip, raw.splitlines()))
        )
        yield from ("\n".join(_list_strings(row)) for row in rows)


def _list_strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _list_strings(inner)


if __name__ == "__main__":
    main()
