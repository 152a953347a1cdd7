"""The token that ends an assistant's turn, which a student must learn to say."""

from __future__ import annotations

from typing import Any

from jinja2 import TemplateError

from filters.errors import UserError

PROBE = "r1curate probe"


def turn_end(tokenizer: Any) -> int:
    """The id of the token that the template puts after an assistant's turn; where it puts none, the end of text.

    Base models often say one token at the end of text and their template another at the end of a turn
    (Qwen2.5: `<|endoftext|>`, `<|im_end|>`): a student trained on the wrong one never stops.
    Raises UserError where there is neither.
    """
    turns = [{"role": "user", "content": "-"}, {"role": "assistant", "content": PROBE}]
    try:
        text: str = tokenizer.apply_chat_template(turns, tokenize=False)
    except (TemplateError, TypeError, ValueError) as error:
        raise UserError(f"The student's chat template refuses a question and an answer: {error}.") from None
    after = tokenizer(text.rpartition(PROBE)[2].lstrip(), add_special_tokens=False)["input_ids"]
    if after and after[0] in tokenizer.added_tokens_decoder:
        return int(after[0])
    if tokenizer.eos_token_id is None:
        raise UserError("The student's tokenizer has no end-of-text token and its template ends no turn.")
    return int(tokenizer.eos_token_id)
