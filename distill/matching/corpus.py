"""What is trained on: a set's rows, or its prompts alone, tokenized once into the plan's folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from transformers import AutoConfig

from curate.engines.chat_template import Chat
from distill.matching.prompts import tokenize_prompts
from distill.matching.teacher import Overlap
from distill.sft.corpus import Admission, tokenize_set
from distill.sft.load_student import load_facts
from distill.sft.plan import SftPlan
from distill.sft.tokens import Tokenization
from filters.errors import UserError


class Corpus(NamedTuple):
    """A file in the plan's folder, its rows, and how many others are left out for what.

    longest: tokens of the longest row, with its response. tokens, learned: of a pass over it; None where the
    student is yet to sample them.
    """

    file: str
    rows: int
    left_out: Mapping[str, int]
    longest: int
    tokens: int | None
    learned: int | None


def make_corpus(plan: SftPlan, tokenization: Tokenization, shared: Overlap) -> Corpus:
    """Tokenize what is trained on, unless that is done; rows beyond the teacher's context are left out.

    Raises UserError where the set is malformed, not fit to train on, or nothing of it can be used.
    """
    options = plan.options
    if options.method == "logits":
        counts = tokenize_set(
            plan.set,
            tokenization,
            min(options.max_length, shared.context),
            plan.aside,
            load_facts(plan, tokenization),
            Admission(options.drop_bad, options.max_too_long),
        )
        left_out = {"too_long": counts.too_long, "nothing_to_learn": counts.nothing_to_learn, **counts.bad}
        return Corpus("corpus.arrow", counts.rows, left_out, counts.longest, counts.tokens, counts.learned)
    chat = make_chat(plan, tokenization.tokenizer)
    found = tokenize_prompts(plan.set, chat, count_room(plan, shared), plan.aside)
    left_out = {"too_long": found.too_long, "repeated": found.repeated}
    longest = found.longest + options.on_policy.max_tokens
    return Corpus("prompts.arrow", found.prompts, left_out, longest, None, None)


def make_chat(plan: SftPlan, tokenizer: Any) -> Chat:
    """The student's tokenizer with its template, as it is asked at inference."""
    return Chat(tokenizer, None, plan.options.model)


def count_room(plan: SftPlan, shared: Overlap) -> int:
    """The tokens that are left for a prompt. Raises UserError where there are none."""
    options = plan.options
    config = AutoConfig.from_pretrained(plan.base.model, revision=plan.base.commit).get_text_config()
    context = getattr(config, "max_position_embeddings", None) or options.max_length
    longest = min(options.max_length, shared.context, context)
    room = longest - options.on_policy.max_tokens
    if room < 1:
        raise UserError(
            f"max_tokens={options.on_policy.max_tokens} leaves no room for a prompt in {longest} tokens, the least of max_length "
            "and both models' contexts: lower --max-tokens."
        )
    return room
