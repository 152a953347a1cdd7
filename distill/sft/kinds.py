"""What can be wrong with a set for a student: each kind by name, in words, with its remedy.

A fault would teach nothing or the wrong thing, and refuses the training. Faults of rows can be left out by
`--drop-bad`; those of a set or a student cannot. A warning is only suspicious.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Kind(NamedTuple):
    """What is wrong, said after a number of rows or alone, and what to do."""

    said: str
    remedy: str


ROW_FAULTS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "unreadable": Kind(
            "cannot be read",
            "make prompt a text or chat messages, and completion a text or one assistant message",
        ),
        "not_unicode": Kind("hold a lone surrogate, which no text has", "mend the text's encoding"),
        "empty_prompt": Kind("have an empty prompt", "take them out"),
        "refused_prompt": Kind(
            "have a prompt that the chat template refuses",
            "turn its roles into those the template knows (system into user, tools into text), or give another --template",
        ),
        "cut_off": Kind(
            "are marked as cut off before their end (finish_reason, finish, truncated, …)",
            "take them out, or have them generated to their end",
        ),
        "foreign_chain": Kind(
            "mark their chain with other tags than <think>, which would be learned as part of the answer",
            "let `mix` read the set, which knows such marks, or put the chain into <think> and </think>",
        ),
        "unused_tools": Kind(
            "name tools or settings for the chat template (tools, chat_template_kwargs) that no prompt here is given",
            "write what the model needs of them into the prompt, and take the column out",
        ),
        "unput_message": Kind(
            "have a message with something beside its text (a name, a call), or an empty system message, which the chat template "
            "would write and the prompt here has not",
            "write it into the message's text, or take it out",
        ),
        "dropped_message": Kind(
            "have a message that the chat template leaves out of the prompt",
            "turn its role into one the template knows (tool or system into user), or give another --template",
        ),
        "tool_calls": Kind(
            "call tools in a completion, which would not be learned",
            "write the calls into the completion's text as the student's template writes them",
        ),
        "several_messages": Kind(
            "have a completion of several messages", "put all but the last assistant message into the prompt"
        ),
        "chain_beside": Kind(
            "have their chain beside the completion's text, where it would not be learned",
            "write the chain into the completion, between <think> and </think>, before the answer",
        ),
        "nothing_to_learn": Kind("have an empty completion", "take them out"),
        "missing_close": Kind(
            "open <think> and never close it, as a response that was cut off",
            "take them out: the student would learn never to come to an answer",
        ),
        "orphan_close": Kind(
            "have a </think> that closes nothing",
            "begin the completion with <think>, or give a --template whose prompt ends on it; a </think> that is only "
            "spoken of cannot be told from a real one",
        ),
        "opened_twice": Kind(
            "open <think> twice", "let the completion begin with its one <think>, without text before it"
        ),
        "second_block": Kind("go on with a second <think> block after the first", "keep one block"),
        "empty_answer": Kind(
            "have no answer after </think>", "take them out: the student would learn to end without an answer"
        ),
        "left_end": Kind(
            "end with the mark by which turns of another family end, which would be learned as text",
            "cut it off the completion",
        ),
        "reasoning_off": Kind(
            "have a chain, and a prompt whose think block the chat template closes itself: reasoning is switched off there "
            "wherever the student is used",
            "give a --template that opens no block there, or opens one and leaves it open, or take out what switches it off (/no_think)",
        ),
        "prompt_in_completion": Kind(
            "repeat the prompt in the completion, so that the loss would cover it",
            "cut the prompt off the completion",
        ),
        "special_token": Kind(
            "hold a token in the completion that ends a turn or marks a role",
            "cut off what the sampler left at the end, and take out or rewrite rows that write it as text: the student "
            "would learn to end its turn there",
        ),
        "changed_text": Kind(
            "have a completion that the tokenizer changes: its ids do not decode to its text",
            "take these rows out, or mend the tokenizer",
        ),
    }
)
"""Faults of single rows, in the order in which they are looked for: a row has the first that it meets."""

SET_FAULTS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "vocabulary": Kind(
            "the tokenizer gives ids that the model has no embedding for",
            "use the tokenizer that belongs to the model, or resize the model's embeddings",
        ),
        "special_think_tags": Kind(
            "the tokenizer registers <think> and </think> as special tokens, which decoders that skip special tokens (TRL, "
            "vLLM and servers do by default) drop from every response",
            'set "special": false for both in tokenizer.json and tokenizer_config.json',
        ),
        "begun_chain": Kind(
            "the chat template ends prompts inside a think block that has words of its own, and no chain here begins with them",
            "give a --template that leaves the block empty",
        ),
        "untrained_tokens": Kind(
            "an adapter cannot teach tokens that the base model was never trained on, and these mark turns or thoughts",
            "train all weights (without --lora-rank), start from the instruct model, or give a --template that uses others",
        ),
        "another_prefix": Kind(
            "the prompt's ids are not those that transformers' apply_chat_template gives, so that inference would send others",
            "give a --template that renders alike, or mend the tokenizer",
        ),
        "wrong_labels": Kind(
            "the labels of the tokenized rows are not the completion and the end of the turn alone",
            "report this: it is a mistake of the program",
        ),
        "limit_too_small": Kind(
            "more rows are longer than --max-length than may be left out",
            "raise --max-length, use shorter rows, or allow more with --max-too-long: the longest chains belong to the hardest prompts",
        ),
        "no_rows": Kind("no row is left to train on", "look at what was left out, and why"),
    }
)
"""Faults of the student or of the whole set."""

WARNINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "too_long": "are longer than --max-length and left out whole",
        "text_before_chain": "have text before <think>, which the student will learn to write first",
        "closed_at_once": "have no chain where the chat template opens a think block: the student will learn to close it at once",
        "reasoning_off": "have a prompt whose think block the chat template closes itself: the student will answer them without thinking, "
        "in training as at inference",
        "repeats_question": "begin their completion with words of the question",
        "empty_chain": "have an empty think block: the student will learn to answer without thinking",
        "tag_spoken_of": "speak of <think> in their text",
        "chain_of_history": "have earlier turns whose chain the chat template leaves out, as it does at inference",
        "dated_template": "the chat template writes today's date into prompts: trained with today's, used with another; a "
        "--template with a fixed date, or none, avoids it",
        "end_by_text": "the chat template ends an assistant's turn with text, and the student learns to end it with its "
        "end-of-text token",
        "large_tokenizer": "the tokenizer knows more ids than the model has embeddings; none of the set's rows uses them",
        "foreign_end": "the model's config ends texts with a token that is neither the tokenizer's end of text nor the "
        "template's end of a turn: the tokenizer may belong to another model",
        "new_tokens": "the base model was never trained on some tokens that mark turns or thoughts; the student learns them from "
        "this set alone",
        "double_start": "prompts begin with two tokens for the beginning of a text, both written by the chat template",
    }
)
"""What is suspicious of rows (after their number) or of the student."""
