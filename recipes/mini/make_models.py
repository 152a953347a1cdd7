"""Make the mini world's base models and data from random weights and a seed.

    python -m recipes.mini.make_models

writes `models/{teacher,student-qwen,student-llama}` and `data/*.jsonl` beside this file, prints what each
model can do before any training on samples, and ends with exit code 1 where that falls outside the range
in which a distillation can be seen. The weights depend on the machine's arithmetic as well as on the seed:
another processor may make slightly other models.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

from curate.sampling.prompting import AskOptions
from recipes.mini.chains import Manner, respond
from recipes.mini.data import read_rows, write_data
from recipes.mini.general import taught
from recipes.mini.measure import Summary, draw, exact_match, summarize
from recipes.mini.pretrain import CONTEXT, Document, Later, Plan, corpus, later_corpus, optimizers, train
from recipes.mini.tokenizer import train_tokenizer
from recipes.mini.world import draw_problem, make_generator

HERE = Path(__file__).parent
SEED = 1
VOCABULARY = 768

TEACHER = Manner(
    direct=0.03,
    direct_right=0.4,
    no_think=0.05,
    mixed=0.2,
    code=0.08,
    rambling=0.08,
    endless=0.02,
    slip=(0.06, 0.2, 0.3),
    mends=0.15,
)
TEACHER_LATER = replace(TEACHER, slip=(0.1, 0.25, 0.35))
"""Longer practice makes the teacher count better; with more slips it stays about as good as it was."""
STUDENT = Manner(
    direct=0.6,
    direct_right=0.3,
    no_think=0.15,
    mixed=0.35,
    code=0.2,
    rambling=0.15,
    endless=0.05,
    slip=(0.15, 0.3, 0.4),
)
TEACHER_SHAPE = {
    "hidden_size": 128,
    "intermediate_size": 320,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
STUDENT_SHAPE = {
    "hidden_size": 96,
    "intermediate_size": 256,
    "num_attention_heads": 3,
    "num_key_value_heads": 1,
}


@dataclass(frozen=True, slots=True)
class Gate:
    """The range in which a base model's pass@1, and the flawed share of its correct samples, must lie.

    surrounded: the least pass@1 with one example before each prompt, and with the reflective instruction; the
    example must also halve the flawed share. None asks for neither.
    """

    pass_at_1: tuple[float, float]
    flawed: tuple[float, float]
    surrounded: float | None = None


EXAMPLES = str(HERE / "data/examples.jsonl")
ASKED_PROMPTS: dict[str, AskOptions] = {
    "1 example": AskOptions(examples=EXAMPLES, shots=1),
    "2 examples": AskOptions(examples=EXAMPLES, shots=2),
    "reflective": AskOptions(instruction="reflective"),
    "reflective, 2 examples": AskOptions(examples=EXAMPLES, shots=2, instruction="reflective"),
}
"""What the second phase prepares for, as `generate` asks it."""


PLANS: dict[str, tuple[Plan, Gate]] = {
    "teacher": (
        Plan("qwen3", TEACHER_SHAPE, TEACHER, steps=800, seed=SEED, later=Later(350, TEACHER_LATER)),
        Gate(pass_at_1=(0.35, 0.6), flawed=(0.2, 0.45), surrounded=0.3),
    ),
    "student-qwen": (
        Plan("qwen3", STUDENT_SHAPE, STUDENT, steps=800, seed=SEED + 1),
        Gate(pass_at_1=(0.05, 0.2), flawed=(0.2, 1.0)),
    ),
    "student-llama": (
        Plan("llama", STUDENT_SHAPE, STUDENT, steps=800, seed=SEED + 2),
        Gate(pass_at_1=(0.05, 0.2), flawed=(0.2, 1.0)),
    ),
}


def say(text: str) -> None:
    """The one place that prints."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tokenizer_texts(seed: int, count: int = 3000) -> Iterator[str]:
    """Text as all three corpora have it, for the one tokenizer they share."""
    rng = make_generator(seed)
    for _ in range(count):
        problem = draw_problem(rng, held_out=False)
        yield from ("user\n", "assistant\n", problem.question, respond(rng, problem, TEACHER).text)
    for row in taught() * 3:
        yield from (row.prompt, row.response)


def new_model(plan: Plan, tokenizer: Any) -> Any:
    """A model of the plan's architecture with random weights."""
    torch.manual_seed(plan.seed)
    config = AutoConfig.for_model(
        plan.architecture,
        vocab_size=len(tokenizer),
        num_hidden_layers=3,
        head_dim=32,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **plan.shape,
    )
    return AutoModelForCausalLM.from_config(config, dtype=torch.float32)


def make(name: str, plan: Plan, tokenizer: Any, folder: Path) -> Any:
    """Train one model, in one phase or two, save it in bfloat16 as a Hugging Face folder; return it as saved."""
    model = new_model(plan, tokenizer)
    learn(name, model, tokenizer, corpus(tokenizer, plan), plan.steps, optimizers(model, plan.rate))
    if plan.later:
        second_phase(name, model, tokenizer, plan, plan.later)
    model.to(torch.bfloat16)
    model.generation_config = GenerationConfig(
        do_sample=True,
        temperature=1.0,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model.to(torch.float32)


def second_phase(name: str, model: Any, tokenizer: Any, plan: Plan, later: Later) -> None:
    """Train a model further, on documents with something around their question among them."""
    steppers = optimizers(model, plan.rate, later.calmer)
    documents = later_corpus(tokenizer, plan, later)
    learn(f"{name}, second phase", model, tokenizer, documents, later.steps, steppers)


def learn(
    title: str,
    model: Any,
    tokenizer: Any,
    documents: Iterator[list[Document]],
    steps: int,
    steppers: list[torch.optim.Optimizer],
) -> None:
    """Train a model for one phase and print how it goes."""
    began = time.monotonic()

    def report(step: int, loss: float) -> None:
        if (step + 1) % 50 == 0:
            say(f"{title}: step {step + 1}/{steps}, loss {loss:.3f}, {time.monotonic() - began:.0f} s")

    train(model, documents, tokenizer.pad_token_id, steps, steppers, report)


def passes(name: str, gate: Gate, model: Any, tokenizer: Any) -> bool:
    """Measure a base model on the evaluation prompts, print it, and tell whether it is in range."""
    rows, general = read_rows(HERE / "data/eval.jsonl"), read_rows(HERE / "data/general_eval.jsonl")
    bare = summarize(draw(model, tokenizer, rows, count=8, seed=SEED))
    say(f"{name}: {bare}\n  general exact match {exact_match(model, tokenizer, general, SEED):.3f}")
    (low, high), (least, most) = gate.pass_at_1, gate.flawed
    within = low <= bare.pass_at_1 <= high and least <= bare.flawed_of_correct <= most
    if gate.surrounded is None:
        return within
    return copes(name, gate.surrounded, bare, model, tokenizer, rows) and within


def copes(
    name: str, least: float, bare: Summary, model: Any, tokenizer: Any, rows: list[dict[str, Any]]
) -> bool:
    """Measure a base model with something around its prompts, print it, and tell whether that is in range."""
    found = {}
    for way, ask in ASKED_PROMPTS.items():
        found[way] = summarize(draw(model, tokenizer, rows, count=4, seed=SEED, ask=ask))
        say(f"{name}, {way}: {found[way]}")
    shown, reflective = found["1 example"], found["reflective"]
    in_form = shown.flawed_of_correct <= bare.flawed_of_correct / 2
    return in_form and min(shown.pass_at_1, reflective.pass_at_1) >= least


def main() -> int:
    """Write the data, make the models, measure them; 0 where all are in range."""
    write_data(HERE / "data", SEED)
    tokenizer = train_tokenizer(tokenizer_texts(SEED), VOCABULARY, CONTEXT)
    wanted = sys.argv[1:] or list(PLANS)
    outside = []
    for name in wanted:
        plan, gate = PLANS[name]
        model = make(name, plan, tokenizer, HERE / "models" / name)
        if not passes(name, gate, model, tokenizer):
            outside.append(name)
    say(f"out of range: {', '.join(outside)}" if outside else "all in range")
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
