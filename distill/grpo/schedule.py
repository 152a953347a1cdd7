"""Which prompts each step of a GRPO training takes: drawn before it begins, so that a resumed one goes on alike."""

from __future__ import annotations

import logging
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from curate.engines.chat_template import Chat
from curate.store.layout import Run
from filters.engine import EngineError
from filters.errors import UserError
from filters.types import Prompt

logger = logging.getLogger(__name__)


def schedule(
    reasoning: int,
    general: int,
    steps: int,
    questions: int,
    seed: int,
    share: float = 0.0,
    last_steps: int | None = None,
    rollout_steps: int = 1,
) -> list[list[int]]:
    """The numbers of the prompts of each step, `questions` a step; general prompts are numbered after the others.

    Prompts are gone through in a random order, each once before any comes again. In the last `last_steps`
    steps (None: in all) a `share` of the questions is general, at least one. Steps are added until the last rollout
    is whole: the trainer leaves out prompts that fill none.
    """
    draws = random.Random(f"grpo {seed}")  # noqa: S311  no secret
    one, two = _endless(range(reasoning), draws), _endless(range(reasoning, reasoning + general), draws)
    first_general = 0 if last_steps is None else steps - last_steps
    plan = []
    few = max(1, min(questions - 1, round(share * questions)))
    for step in range(-(-steps // rollout_steps) * rollout_steps):
        mixed = few if general and step >= first_general else 0
        plan.append([next(two) for _ in range(mixed)] + [next(one) for _ in range(questions - mixed)])
    return plan


class Asked:
    """Puts the messages beside the numbers of prompts; pickled as nothing, since a data set takes its digest."""

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        self._prompts = prompts

    def __call__(self, batch: dict[str, list[int]]) -> dict[str, Any]:
        """A batch of rows with the messages that each number stands for."""
        return {**batch, "prompt": [list(self._prompts[number].messages) for number in batch["number"]]}

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, ("prompts",)


def _endless(numbers: Sequence[int], draws: random.Random) -> Iterator[int]:
    while numbers:
        order = list(numbers)
        draws.shuffle(order)
        yield from order


def fitting(prompts: Sequence[Prompt], chat: Chat, room: int) -> list[Prompt]:
    """The prompts that the chat template takes and that have at most `room` tokens; says how many are left out."""
    kept = [prompt for prompt in prompts if _tokens(prompt, chat) <= room]
    if len(kept) < len(prompts):
        logger.warning(
            f"{len(prompts) - len(kept):,} of {len(prompts):,} prompts are left out: the template refuses them, or they "
            f"have more than {room:,} tokens, which is what the model's context leaves beside max_tokens."
        )
    return kept


def _tokens(prompt: Prompt, chat: Chat) -> float:
    """A prompt's length in its template; infinite where that refuses it."""
    try:
        return len(chat.render(prompt.messages).ids)
    except EngineError:
        return math.inf


def picked(run: Run, prompts: Sequence[Prompt], rates: str, low: float, high: float) -> list[Prompt]:
    """The prompts whose pass rate in `samples(rates)` of the run is known and lies in [low, high].

    Prompts that are always or never answered right teach GRPO nothing: all samples of a group earn the same.
    """
    path = run.pass_rates(rates)
    if not path.exists():
        raise UserError(f"'{run.path}' has no pass rates of '{rates}'; generate samples of that name first.")
    fitting = pl.read_parquet(path).filter(pl.col("pass_rate").is_between(low, high))
    wanted = set(fitting["prompt_id"])
    chosen = [prompt for prompt in prompts if prompt.id in wanted]
    if not chosen:
        raise UserError(f"None of the prompts has a pass rate of {low:g} to {high:g} in '{rates}'.")
    return chosen
