"""Which prompts each step of a GRPO training uses: drawn before it begins, so that a resumed training uses the same."""

from __future__ import annotations

import itertools
import logging
import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from curate.engines.chat_template import Chat
from curate.store.layout import Run
from curate.store.parquet import scan_files
from filters.engine import EngineError
from filters.errors import UserError
from filters.types import Prompt

logger = logging.getLogger(__name__)


def plan_steps(
    reasoning: int,
    general: int,
    steps: int,
    prompts_per_step: int,
    seed: int,
    share: float = 0.0,
    last_steps: int | None = None,
    rollout_steps: int = 1,
) -> list[list[int]]:
    """The numbers of the prompts of each step; general prompts are numbered after the reasoning ones.

    Prompts come in a random order, each once before any comes again. In the last `last_steps` steps (None: in
    all) a `share` of the prompts is general, at least one. Steps are added until the last rollout is complete,
    because the trainer drops an incomplete one.
    """
    draws = random.Random(f"grpo {seed}")  # noqa: S311  not for cryptography
    one, two = _endless(range(reasoning), draws), _endless(range(reasoning, reasoning + general), draws)
    first_general = 0 if last_steps is None else steps - last_steps
    plan = []
    mixed = max(1, min(prompts_per_step - 1, round(share * prompts_per_step)))
    for step in range(-(-steps // rollout_steps) * rollout_steps):
        number = mixed if general and step >= first_general else 0
        plan.append(
            [next(two) for _ in range(number)] + [next(one) for _ in range(prompts_per_step - number)]
        )
    return plan


class MessagesTransform:
    """Adds the messages to rows of prompt numbers.

    Pickled as an empty object, because a data set hashes its transform.
    """

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        self._prompts = prompts

    def __call__(self, batch: dict[str, list[int]]) -> dict[str, Any]:
        """The batch with the messages of each prompt number."""
        return {**batch, "prompt": [list(self._prompts[number].messages) for number in batch["number"]]}

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, ("prompts",)


def _endless(numbers: Sequence[int], draws: random.Random) -> Iterator[int]:
    while numbers:
        order = list(numbers)
        draws.shuffle(order)
        yield from order


def keep_fitting(prompts: Sequence[Prompt], chat: Chat, room: float) -> tuple[list[Prompt], int]:
    """The prompts that the chat template accepts and that have at most `room` tokens, and the tokens of the longest.

    Logs how many are left out.
    """
    lengths = [_tokens(prompt, chat) for prompt in prompts]
    fitting = [length <= room and length < math.inf for length in lengths]
    kept = list(itertools.compress(prompts, fitting))
    if len(kept) < len(prompts):
        logger.warning(
            f"{len(prompts) - len(kept):,} of {len(prompts):,} prompts are left out: the template refuses them, or they "
            f"have more than {room:,} tokens, which is what max_tokens leaves of the model's context."
        )
    return kept, int(max(itertools.compress(lengths, fitting), default=0))


def _tokens(prompt: Prompt, chat: Chat) -> float:
    """A prompt's length in its template; infinite where that refuses it."""
    try:
        return len(chat.render(prompt.messages).ids)
    except EngineError:
        return math.inf


def pick_by_pass_rate(
    run: Run, prompts: Sequence[Prompt], rates: str, low: float, high: float
) -> list[Prompt]:
    """The prompts whose pass rate among the run's samples `rates` is known and lies in [low, high].

    Prompts that are always or never answered correctly give GRPO no signal: all samples of a group earn the same.
    Raises UserError where there are no such pass rates, or no such prompt.
    """
    path = run.pass_rates(rates)
    if not path.exists():
        raise UserError(
            f"'{run.path}' has no pass rates of '{rates}'; generate samples with that name first."
        )
    known = scan_files([path]).collect()
    wanted = set(known.filter(pl.col("pass_rate").is_between(low, high))["prompt_id"])
    chosen = [prompt for prompt in prompts if prompt.id in wanted]
    if not chosen:
        unknown = known["pass_rate"].null_count()
        why = (
            f" Those of {unknown:,} prompts are unknown: they are unfinished, have no decided sample, or stopped at "
            "their first accepted one (generate with --accept 2 or more, or without)."
        )
        raise UserError(
            f"No prompt has a pass rate between {low:g} and {high:g} in '{rates}'.{why if unknown else ''}"
        )
    return chosen
