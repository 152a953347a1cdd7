"""Measuring the mini models: sampling with transformers, pass@1, and flaws as the world itself knows them.

The flaws are found by what the world can contain, not by the project's filters, so that each can be held
against the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import torch

from curate.sampling.prompting import AskOptions
from filters.think import OPEN, split_response
from filters.types import Message

LONGEST_RESPONSE = 160
"""Tokens a response may have; what is longer never came to an end."""
REPEATED_PHRASES = 4
"""As many times a line must stand in a chain to be rambling."""
_BOXED = re.compile(r"\\boxed\{(-?\d+)\}")
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_WORD = {"en": re.compile(r"[一-鿿]"), "zh": re.compile(r"[A-Za-z]{2,}")}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One sampled response and what is known of it."""

    row: int
    text: str
    tokens: int
    correct: bool
    flaws: frozenset[str]


@dataclass(frozen=True, slots=True)
class Summary:
    """pass@1; the share of correct responses with a flaw; prompts by pass rate; mean response tokens."""

    pass_at_1: float
    flawed_of_correct: float
    flaws: dict[str, float]
    rates: Counter[float]
    tokens: float

    def __str__(self) -> str:
        flaws = ", ".join(f"{name} {share:.3f}" for name, share in sorted(self.flaws.items()))
        rates = " ".join(f"{rate:.2f}:{count}" for rate, count in sorted(self.rates.items()))
        return (
            f"pass@1 {self.pass_at_1:.3f}; flawed of correct {self.flawed_of_correct:.3f}; "
            f"{self.tokens:.0f} tokens\n  flaws of all: {flaws}\n  prompts by pass rate: {rates}"
        )


def final_answer(response: str) -> str | None:
    """The last boxed number after the chain, or None."""
    found = _BOXED.findall(split_response(response).answer or "")
    return found[-1] if found else None


def flaws_of(response: str, language: str, ended: bool) -> frozenset[str]:
    """Which of the paper's flaws a response to a reasoning prompt has."""
    parts = split_response(response)
    body = parts.chain if parts.chain_span is not None else response
    found = {
        "no_think": not response.startswith(OPEN) or parts.chain_span is None,
        "endless": not ended,
        "code": "```" in body,
        "mixed": bool(_WORD[language].search(re.sub(r"\\boxed", "", _CODE.sub("", body)))),
        "rambling": max(Counter(body.split("\n")).values()) >= REPEATED_PHRASES,
    }
    return frozenset(name for name, has in found.items() if has)


def sample(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str | Sequence[Message]],
    count: int,
    seed: int,
    temperature: float = 1.0,
) -> Iterable[tuple[int, str, int, bool]]:
    """Yield (prompt's index, response, tokens, whether it ended), `count` times for each prompt or conversation."""
    torch.manual_seed(seed)
    tokenizer.padding_side = "left"
    asked = [_asked(tokenizer, prompt) for prompt in prompts]
    order = sorted(range(len(asked)), key=lambda index: len(asked[index]))
    for begin in range(0, len(order), 32):
        part = [index for index in order[begin : begin + 32] for _ in range(count)]
        texts = [asked[index] for index in part]
        inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        inputs.pop("token_type_ids", None)
        out = model.generate(
            **inputs,
            do_sample=True,
            temperature=temperature,
            top_k=0,
            top_p=1.0,
            max_new_tokens=LONGEST_RESPONSE,
        )[:, inputs["input_ids"].shape[1] :]
        for index, ids in zip(part, out.tolist(), strict=True):
            ended = tokenizer.eos_token_id in ids
            kept = ids[: ids.index(tokenizer.eos_token_id)] if ended else ids
            yield index, tokenizer.decode(kept, skip_special_tokens=True), len(kept), ended


def _asked(tokenizer: Any, prompt: str | Sequence[Message]) -> str:
    messages = _alone(prompt) if isinstance(prompt, str) else prompt
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))


def _alone(prompt: str) -> list[Message]:
    return [Message(role="user", content=prompt)]


def draw(
    model: Any,
    tokenizer: Any,
    rows: Sequence[dict[str, Any]],
    count: int,
    seed: int,
    temperature: float = 1.0,
    ask: AskOptions | None = None,
) -> list[Drawn]:
    """Sample and judge `count` responses to each reasoning row, put to the model as `ask` says."""
    drawn = []
    surround = (ask or AskOptions()).surround
    prompts = [surround(_alone(row["prompt"]), row["language"]) for row in rows]
    for index, text, tokens, ended in sample(model, tokenizer, prompts, count, seed, temperature):
        correct = ended and final_answer(text) == rows[index]["answer"]
        flaws = flaws_of(text, rows[index]["language"], ended)
        drawn.append(Drawn(index, text, tokens, correct, flaws))
    return drawn


def summarize(drawn: Sequence[Drawn]) -> Summary:
    """What a set of judged responses says of the model."""
    by_row: dict[int, list[bool]] = {}
    for one in drawn:
        by_row.setdefault(one.row, []).append(one.correct)
    correct = [one for one in drawn if one.correct]
    names = sorted({name for one in drawn for name in one.flaws})
    return Summary(
        pass_at_1=fmean(one.correct for one in drawn),
        flawed_of_correct=fmean(bool(one.flaws) for one in correct) if correct else 0.0,
        flaws={name: fmean(name in one.flaws for one in drawn) for name in names},
        rates=Counter(round(fmean(passed), 2) for passed in by_row.values()),
        tokens=fmean(one.tokens for one in drawn),
    )


def exact_match(model: Any, tokenizer: Any, rows: Sequence[dict[str, Any]], seed: int) -> float:
    """The share of general rows whose response, sampled once at temperature 0.6, is the answer exactly."""
    prompts = [row["prompt"] for row in rows]
    found = sample(model, tokenizer, prompts, 1, seed, temperature=0.6)
    return fmean(text.strip() == rows[index]["answer"] for index, text, _, _ in found)
