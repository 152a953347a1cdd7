"""The token that ends an assistant's turn, which a student must learn to generate."""

from __future__ import annotations

from typing import Any

from curate.engines.chat_template import TEMPLATE_ERRORS
from filters.errors import UserError

PROBE = "r1curate probe"


def find_turn_end(tokenizer: Any) -> int:
    """The id of the token that the chat template puts after an assistant's turn, or of the end of text without one.

    A base model often ends a text with one token while its template ends a turn with another (Qwen2.5:
    `<|endoftext|>` and `<|im_end|>`): a student trained on the wrong one never stops.
    Raises UserError where there is neither.
    """
    turns = [{"role": "user", "content": "-"}, {"role": "assistant", "content": PROBE}]
    try:
        text: str = tokenizer.apply_chat_template(turns, tokenize=False)
    except TEMPLATE_ERRORS as error:
        raise UserError(f"The model's chat template refuses a question with an answer: {error}.") from None
    _, found, rest = text.rpartition(PROBE)
    if not found:
        raise UserError(
            "The model's chat template changes or leaves out an assistant's words, so that nobody can tell where a turn ends: "
            "give another --template."
        )
    after = tokenizer(rest.lstrip(), add_special_tokens=False)["input_ids"]
    if after and after[0] in tokenizer.added_tokens_decoder:
        return int(after[0])
    if tokenizer.eos_token_id is None:
        raise UserError(
            "The model's tokenizer has no end-of-text token, and its chat template has none at the end of a turn."
        )
    return int(tokenizer.eos_token_id)
