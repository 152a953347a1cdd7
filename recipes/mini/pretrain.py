"""Training the mini base models from random weights: a corpus drawn as it is used, and a plain loop.

Every document is new, so there is nothing to overfit; the loss covers the assistant's turn alone, since a
problem's numbers cannot be predicted.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from filters.types import Message
from recipes.mini.chains import CLEAN, Manner, respond
from recipes.mini.contexts import converse
from recipes.mini.general import taught
from recipes.mini.tokenizer import TURN_END
from recipes.mini.world import draw_problem, make_generator

CONTEXT = 2048
"""Positions the models announce; they are trained on the first `LONGEST`, the teacher on `LONGEST_CONVERSATION`."""
LONGEST = 224
"""The longest document in tokens; only endless rambling is cut."""
LONGEST_CONVERSATION = 768
"""The longest one of the second phase: two exchanges, and three times an instruction."""
IGNORED_LABEL = -100
MUON_RATE = 0.02


@dataclass(frozen=True, slots=True)
class Later:
    """A second phase: so many steps more, in a manner of their own.

    conversations: the share of documents with something around their question, beside the general rows, which
    keep theirs; calmer: what the rates are multiplied with.
    """

    steps: int
    manner: Manner
    conversations: float = 0.5
    calmer: float = 0.6


@dataclass(frozen=True, slots=True)
class Plan:
    """How one base model is made.

    shape: fields of the architecture's config; manner: how its corpus is written, after a first part of
    `schooling` of the steps without flaws, in which it learns to count at all; general: the share of the
    corpus that is general rows; documents: a step's batch. `later` is a second phase.
    """

    architecture: str
    shape: dict[str, Any]
    manner: Manner
    steps: int
    seed: int
    general: float = 0.3
    schooling: float = 0.6
    documents: int = 56
    rate: float = 3e-3
    later: Later | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """Token ids, and how many of them are the prompt."""

    ids: list[int]
    prompt: int


def make_document(
    tokenizer: Any, prompt: str | Sequence[Message], response: str, ends: bool = True, longest: int = LONGEST
) -> Document:
    """A conversation as the chat template writes it, closed by the end of turn unless it never ends.

    All but the last response is the prompt.
    """
    messages = [Message(role="user", content=prompt)] if isinstance(prompt, str) else list(prompt)
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    head = tokenizer.encode(text, add_special_tokens=False)
    body = tokenizer.encode(response + (TURN_END if ends else ""), add_special_tokens=False)
    return Document((head + body)[:longest], len(head))


def corpus(tokenizer: Any, plan: Plan) -> Iterator[list[Document]]:
    """Each step's documents: problems that are not held out, with their responses, and general rows."""
    rng = make_generator(plan.seed)
    for step in range(plan.steps):
        manner = CLEAN if step < plan.schooling * plan.steps else plan.manner
        yield [bare_document(rng, tokenizer, plan.general, manner) for _ in range(plan.documents)]


def later_corpus(tokenizer: Any, plan: Plan, later: Later) -> Iterator[list[Document]]:
    """Each step's documents in the second phase: conversations, general rows as before, and bare problems."""
    rng = make_generator(plan.seed + 100)
    general = plan.general / (1 - later.conversations)
    for _ in range(later.steps):
        yield [
            conversation_document(rng, tokenizer, later.manner)
            if rng.random() < later.conversations
            else bare_document(rng, tokenizer, general, later.manner)
            for _ in range(plan.documents)
        ]


def bare_document(rng: random.Random, tokenizer: Any, general: float, manner: Manner) -> Document:
    """A general row, with the chance `general`, or a problem with its response."""
    if rng.random() < general:
        row = rng.choice(taught())
        return make_document(tokenizer, row.prompt, row.response)
    problem = draw_problem(rng, held_out=False)
    response = respond(rng, problem, manner)
    return make_document(tokenizer, problem.question, response.text, response.ends)


def conversation_document(rng: random.Random, tokenizer: Any, plain: Manner) -> Document:
    """A problem with something around it; one that would have to be cut is drawn anew."""
    while True:
        drawn = converse(rng, draw_problem(rng, held_out=False), plain)
        document = make_document(tokenizer, drawn.messages, drawn.response, drawn.ends, CONTEXT)
        if not drawn.ends or len(document.ids) <= LONGEST_CONVERSATION:
            return Document(document.ids[:LONGEST_CONVERSATION], document.prompt)


def pad_batch(documents: list[Document], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and labels of documents, each (documents, longest); prompts and padding carry no loss."""
    longest = max(len(document.ids) for document in documents)
    ids = torch.full((len(documents), longest), pad)
    labels = torch.full((len(documents), longest), IGNORED_LABEL)
    for row, document in enumerate(documents):
        size = len(document.ids)
        ids[row, :size] = torch.tensor(document.ids)
        labels[row, document.prompt : size] = ids[row, document.prompt : size]
    return ids, labels


def backward(model: Any, documents: list[Document], pad: int, parts: int = 4) -> float:
    """Add the gradient of the mean loss over a batch, and return that loss.

    Documents of like length share a part, which only saves padding: the gradient is the whole batch's.
    No attention mask is needed, since padding stands to the right of everything that is predicted.
    """
    ordered = sorted(documents, key=lambda document: len(document.ids))
    total = sum(len(document.ids) - document.prompt for document in documents)
    size, loss_sum = math.ceil(len(ordered) / parts), 0.0
    for begin in range(0, len(ordered), size):
        ids, labels = pad_batch(ordered[begin : begin + size], pad)
        hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
        counts = labels[:, 1:] != IGNORED_LABEL
        logits = model.lm_head(hidden[:, :-1][counts])
        loss = torch.nn.functional.cross_entropy(logits, labels[:, 1:][counts], reduction="sum")
        (loss / total).backward()
        loss_sum += loss.item()
    return loss_sum / total


def schedule(step: int, steps: int, warmup: int = 20) -> float:
    """A short warm-up, then a cosine down to a twentieth."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def optimizers(model: Any, rate: float, calmer: float = 1.0) -> list[torch.optim.Optimizer]:
    """Muon for the layers' matrices, AdamW for the rest.

    Muon reaches a loss with about a quarter of the documents that AdamW alone needs here. `calmer` lowers both
    rates.
    """
    matrices: list[torch.nn.Parameter] = []
    others: list[torch.nn.Parameter] = []
    for name, parameter in model.named_parameters():
        (matrices if parameter.ndim == 2 and "embed" not in name else others).append(parameter)
    return [
        torch.optim.Muon(matrices, lr=MUON_RATE * calmer, momentum=0.95, weight_decay=0.01),
        torch.optim.AdamW(others, lr=rate * calmer, betas=(0.9, 0.98), weight_decay=0.01),
    ]


def train(
    model: Any,
    documents: Iterator[list[Document]],
    pad: int,
    steps: int,
    steppers: Sequence[torch.optim.Optimizer],
    report: Callable[[int, float], None],
) -> None:
    """Train a model in place on batches of documents, reporting each step's loss."""
    groups = [group for stepper in steppers for group in stepper.param_groups]
    rates = [group["lr"] for group in groups]
    model.train()
    for step in range(steps):
        for group, rate in zip(groups, rates, strict=True):
            group["lr"] = rate * schedule(step, steps)
        report(step, backward(model, next(documents), pad))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for stepper in steppers:
            stepper.step()
            stepper.zero_grad()
    model.eval()
