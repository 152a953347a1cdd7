"""Runs with two sources whose samples lie in drawn orders, in several languages and domains, with their numbers of tokens."""

import random

from curate.selection.ingredients import take_ingredient
from curate.selection.rules import Rules
from curate.selection.select_rows import Selection, select_rows
from curate.selection.sources import Source
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from curate.store.whole_files import write_json
from filters.digest import digest
from filters.types import Prompt, Sample

PROMPTS = {
    name: [
        Prompt.make(f"Question {n} of {name}", str(n), domain=["math", "code", ""][n % 3], language=["en", "zh", None, "en"][n % 4])
        for n in range(24)
    ]
    for name in ("a", "b")
}  # fmt: skip


def write_source(run: Run, name: str, order: random.Random, counted: bool = True) -> None:
    """Up to four samples of each prompt in three parts, as one model generated them."""
    draw = random.Random(7)
    made = []
    for number, prompt in enumerate(PROMPTS[name]):
        for index in range(number % 4 + 1):
            tokens = draw.randint(1, 60) if counted else None
            made.append(
                Sample(digest(name, prompt.id, index), prompt, f"text {index} " * index, index, tokens)
            )
    prompts = [*PROMPTS[name]]
    order.shuffle(made)
    order.shuffle(prompts)
    write_table(run.prompts(name) / "part-00000.parquet", prompt_table(prompts))
    for number in range(3):
        part = run.samples(name) / f"part-{number:05d}.parquet"
        write_part(part, [sample_row(sample) for sample in made[number::3]], SAMPLES)
    write_json(run.generation(name), {"model": "m", "identity": "the same"})


def select(run: Run, sources: list[Source], rules: Rules) -> Selection:
    return select_rows([take_ingredient(run, one) for one in sources], rules)


def make_source(name: str, **options: object) -> Source:
    return Source(source=name, name=name, checks=(), **options)
