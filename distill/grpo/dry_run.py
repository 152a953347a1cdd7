"""What a GRPO training would be refused for that only its model's tokenizer and config tell; imports torch."""

from __future__ import annotations

from collections.abc import Sequence

from curate.engines.chat_template import Chat
from curate.engines.identity import HubUnreachableError, find_model
from distill.common.adapters import require_adaptable
from distill.common.loading import load_tokenizer
from distill.common.sharding import read_config, read_context
from distill.common.turn_end import find_turn_end
from distill.grpo.context import fit_context
from distill.grpo.options import GrpoOptions
from filters.engine import EngineOptions
from filters.types import Prompt


def require_trainable(options: GrpoOptions, reasoning: Sequence[Prompt], general: Sequence[Prompt]) -> None:
    """Raises UserError where the model has no template, no prompt fits its context, or adapters cannot be put where they should.

    A model that is not here, and whose Hub cannot be reached, is not looked at.
    """
    try:
        source = find_model(EngineOptions(model=options.model, revision=options.revision))
    except HubUnreachableError:
        return
    config, tokenizer = read_config(source), load_tokenizer(source, options)
    require_adaptable(config, options.lora)
    find_turn_end(tokenizer)
    chat = Chat(tokenizer, None, options.model)
    fit_context(options, reasoning, general, chat, read_context(config))
