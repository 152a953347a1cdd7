"""A rehearsal of the distillation in plain torch, to see that the mini world can carry one.

    python -m recipes.mini.trial [PROMPTS [SAMPLES]]

The teacher samples the training prompts; each student is fine-tuned on the verified and unflawed samples
and, for comparison, on as many unfiltered ones, each with the general rows. It trains nothing that is
kept: the recipes run the real commands.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from recipes.mini.data import read_rows
from recipes.mini.make_models import HERE, SEED, say
from recipes.mini.measure import Drawn, draw, exact_match, summarize
from recipes.mini.pretrain import Document, make_document, train
from recipes.mini.world import make_generator

EPOCHS, BATCH, RATE = 4, 16, 1e-3
KEPT_A_PROMPT = 4
STUDENTS = ("student-qwen", "student-llama")


def load(folder: Path) -> tuple[Any, Any]:
    """A model in float32, and its tokenizer."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), AutoTokenizer.from_pretrained(
        folder
    )


def chosen(drawn: Sequence[Drawn], filtered: bool, size: int) -> list[Drawn]:
    """At most a few different responses a prompt, good ones or any, `size` in all."""
    rng, taken, texts = make_generator(SEED), dict[int, int](), set[tuple[int, str]]()
    kept = []
    for one in rng.sample(drawn, len(drawn)):
        good = not filtered or (one.correct and not one.flaws)
        if good and taken.get(one.row, 0) < KEPT_A_PROMPT and (one.row, one.text) not in texts:
            taken[one.row] = taken.get(one.row, 0) + 1
            texts.add((one.row, one.text))
            kept.append(one)
    return kept[:size]


def shuffle_rows(documents: list[Document]) -> Iterator[list[Document]]:
    """Batches, epoch after epoch, each in a new order."""
    rng = make_generator(SEED)
    while True:
        order = rng.sample(documents, len(documents))
        yield from (order[begin : begin + BATCH] for begin in range(0, len(order) - BATCH + 1, BATCH))


def distill(name: str, pairs: list[tuple[str, str]]) -> None:
    """Fine-tune one student on prompt-response pairs, measure it, print."""
    student, tokenizer = load(HERE / "models" / name)
    documents = [make_document(tokenizer, prompt, response) for prompt, response in pairs]
    began, losses = time.monotonic(), list[float]()
    steps = EPOCHS * len(documents) // BATCH
    steppers = [torch.optim.AdamW(student.parameters(), lr=RATE, weight_decay=0.0)]
    train(
        student,
        shuffle_rows(documents),
        tokenizer.pad_token_id,
        steps,
        steppers,
        lambda _, loss: losses.append(loss),
    )
    seconds = time.monotonic() - began
    summary = summarize(draw(student, tokenizer, read_rows(HERE / "data/eval.jsonl"), count=8, seed=SEED))
    general = exact_match(student, tokenizer, read_rows(HERE / "data/general_eval.jsonl"), SEED)
    say(f"{name}: {len(documents)} rows, {steps} steps, {seconds:.0f} s, loss {losses[-1]:.3f}")
    say(f"{summary}\n  general exact match {general:.3f}")


def main(prompts: int = 400, samples: int = 8) -> None:
    """Sample the teacher, then train and measure both students on filtered and on unfiltered samples."""
    rows = read_rows(HERE / "data/train.jsonl")[:prompts]
    drawn = draw(*load(HERE / "models/teacher"), rows, samples, SEED)
    say(f"teacher on training prompts: {summarize(drawn)}")
    good = chosen(drawn, filtered=True, size=len(drawn))
    general = [(row["prompt"], row["response"]) for row in read_rows(HERE / "data/general.jsonl")]
    for name in STUDENTS:
        for arm in (good, chosen(drawn, filtered=False, size=len(good))):
            say(f"-- {'filtered' if arm is good else 'unfiltered'}: {len(arm)} samples")
            distill(name, [(rows[one.row]["prompt"], one.text) for one in arm] + general)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
