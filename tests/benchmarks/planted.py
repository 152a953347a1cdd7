"""Samples with planted flaws, one in twenty, as they come from a teacher: what a pass of all checks is timed on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

from curate.store.layout import Run
from curate.store.parquet import split_chunks, write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from filters.types import Prompt, Sample
from tests.benchmarks import loops

PART = 2_000
"""Samples in a part of a stored run."""

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
    "overlong": "",
}
"""What is put into a chain, and by which check it should be seen; for overlong the answer is left out."""
NO_ANSWER = "That is all there is to say about it."


def planted_samples(size: int = 10_000) -> Iterator[tuple[Sample, str]]:
    """Samples without end, of so many characters, each with the check whose flaw was planted in it, or the empty string."""
    rng = random.Random(17)
    flaws = ["repetition", *PLANTED]
    number = 0
    while True:
        flaw = flaws[number // 20 % len(flaws)] if number % 20 == 0 else ""
        kind = rng.choice(loops.KINDS[:-1]) if flaw == "repetition" else "clean"
        paragraphs = loops.chain(size, rng, kind).text.split("\n\n")
        if PLANTED.get(flaw):
            place = len(paragraphs) if flaw == "consistency" else rng.randrange(len(paragraphs))
            paragraphs.insert(place, PLANTED[flaw])
        text = "\n\n".join(paragraphs)
        prompt = Prompt.make(f"{loops.PROBLEM} ({number // 4})", "7")
        answer = NO_ANSWER if flaw == "overlong" else "\\boxed{7}"
        yield Sample(f"{number:08d}", prompt, f"<think>\n{text}\n</think>\n{answer}"), flaw
        number += 1


def store_samples(run: Run, count: int) -> None:
    """Write a run's samples, part by part; a part's prompts are its own."""
    stream = islice(planted_samples(), count)
    for number, made in enumerate(split_chunks(stream, PART)):
        samples = [sample for sample, _ in made]
        prompts = {sample.prompt.id: sample.prompt for sample in samples}
        write_table(
            run.prompts("chains") / f"part-{number:05d}.parquet", prompt_table(list(prompts.values()))
        )
        rows = [sample_row(sample) for sample in samples]
        write_part(run.samples("chains") / f"part-{number:05d}.parquet", rows, SAMPLES)
