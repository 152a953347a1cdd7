"""The prompts that fit into the model's context beside a response, and the tokens of the longest row."""

from __future__ import annotations

from collections.abc import Sequence

from curate.engines.chat_template import Chat
from distill.grpo.options import GrpoOptions
from distill.grpo.schedule import keep_fitting
from filters.errors import UserError
from filters.types import Prompt


def fit_context(
    options: GrpoOptions, reasoning: Sequence[Prompt], general: Sequence[Prompt], chat: Chat, context: float
) -> tuple[list[Prompt], list[Prompt], int]:
    """The prompts that leave room for a response, and the tokens of the longest row. Raises UserError where there are none."""
    wanted = options.sampling.max_tokens
    if wanted >= context:
        raise UserError(
            f"max_tokens={wanted} leaves no room for a prompt in the context of {context} tokens of '{options.model}': "
            "lower --max-tokens."
        )
    (kept, longest), (others, other) = (
        keep_fitting(prompts, chat, context - wanted) for prompts in (reasoning, general)
    )
    if not kept or (general and not others):
        raise UserError(
            f"No prompt fits beside max_tokens={wanted} into the context of {context} tokens of '{options.model}'."
        )
    return kept, others, wanted + max(longest, other)
