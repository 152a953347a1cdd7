"""How well the check `language` judges: with whole prompts, with short ones, and what it flags of honest chains.

    R1CURATE_TEST_DATA=FOLDER python -m tests.benchmarks.bench_language [--show]

FOLDER holds `langmix_dev.jsonl`; the project's own sets are in `tests/filters/data`. With `--show` each misjudged row
is told.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from filters.checks.language import Language
from filters.languages.detection import find_allowed_languages
from filters.types import Prompt, Sample
from tests.benchmarks.bench_filters import read_real_texts

_DATA = Path(__file__).parents[1] / "filters/data"
Case = tuple[str, str, str | None, bool]
"""A chain, its prompt, the prompt's language where it is given, and whether the chain is mixed."""


def main() -> None:
    """Print a table a set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="tell each misjudged row")
    show = parser.parse_args().show
    folder = os.environ.get("R1CURATE_TEST_DATA")
    sets = {"langmix.jsonl": _read_rows(_DATA / "langmix.jsonl")}
    if folder:
        sets = {"langmix_dev.jsonl": _read_rows(Path(folder) / "langmix_dev.jsonl"), **sets}
    for name, rows in sets.items():
        _tell(f"{name}, languages given", _given(rows), show)
        _tell(f"{name}, languages told from the prompts", _told(rows), show)
        _tell(f"{name}, every prompt a short one", _short(rows), show)
    for lot in "123":
        _tell(f"names_and_glosses.tsv, lot {lot}", _mentions(lot), show)
    if folder:
        texts = ((text, "12 + 7 = ?", language, False) for language, text in read_real_texts(Path(folder)))
        _tell("real mathematics texts", texts, show)


def _given(rows: list[dict[str, Any]]) -> Iterator[Case]:
    return ((row["text"], row["prompt"], row["prompt_lang"], row["label"] == "mixed") for row in rows)


def _told(rows: list[dict[str, Any]]) -> Iterator[Case]:
    return ((row["text"], row["prompt"], None, row["label"] == "mixed") for row in rows)


def _short(rows: list[dict[str, Any]]) -> Iterator[Case]:
    """Each row with each short prompt of its language; without the rows that only their own prompts make clean."""
    prompts: dict[str, list[str]] = defaultdict(list)
    for language, prompt in _read_table("short_prompts.tsv"):
        prompts[language].append(prompt)
    for row in rows:
        language, mixed = row["prompt_lang"], row["label"] == "mixed"
        if mixed or find_allowed_languages(row["prompt"], language) == {language}:
            yield from ((row["text"], prompt, None, mixed) for prompt in prompts[language])


def _mentions(lot: str) -> Iterator[Case]:
    for number, label, _, language, text in _read_table("names_and_glosses.tsv"):
        if number == lot:
            yield text.replace("\\n", "\n"), "12 + 7 = ?", language, label == "mixed"


def _tell(name: str, cases: Iterable[Case], show: bool) -> None:
    check, counts = Language(), {(flagged, mixed): 0 for flagged in (True, False) for mixed in (True, False)}
    for text, prompt, language, mixed in cases:
        found = check.judge(Sample("s", Prompt.make(prompt, language=language), text))
        counts[found.ok is not True, mixed] += 1
        if show and (found.ok is not True) != mixed:
            _say(
                f"    {found.reason or 'missed'} | {prompt[:40]!r} | {text[slice(*(found.span or (0, 60)))]!r}"
            )
    right, flagged = counts[True, True], counts[True, True] + counts[True, False]
    mixed, clean = right + counts[False, True], counts[True, False] + counts[False, False]
    scores = f"precision {right / flagged if flagged else 1:.3f}, recall {right / mixed if mixed else 1:.3f}"
    _say(f"{name}: {mixed + clean} rows, {scores}, {counts[True, False]} of {clean} clean ones flagged")


def _read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _read_table(name: str) -> list[list[str]]:
    lines = (_DATA / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
