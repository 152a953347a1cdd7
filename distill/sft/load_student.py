"""A planned training's student as far as its check needs it: tokenizer, template and config, without its weights."""

from __future__ import annotations

from dataclasses import replace

from transformers import GenerationConfig

from curate.engines.chat_template import Chat
from distill.common.loading import load_tokenizer
from distill.common.sharding import read_config
from distill.sft.embeddings import list_untrained
from distill.sft.plan import SftPlan
from distill.sft.student import Student, StudentFacts, read_facts
from distill.sft.tokens import Tokenization
from filters.errors import UserError


def load_tokenization(plan: SftPlan) -> Tokenization:
    """The student's tokenizer with its chat template, or the one that was given. Raises UserError where there is none."""
    tokenizer = load_tokenizer(plan.base, plan.options)
    if not tokenizer.chat_template:
        raise UserError(
            f"'{plan.options.model}' has no chat template, as base models of Llama have none, so that nobody knows how a prompt "
            "is put to it: give one with --template FILE, as the chat_template.jinja of its instruct model."
        )
    if isinstance(tokenizer.chat_template, dict) and "default" not in tokenizer.chat_template:
        raise UserError(
            f"'{plan.options.model}' has several chat templates ({', '.join(tokenizer.chat_template)}) and none for the default: "
            "give the one to train with by --template FILE."
        )
    return Tokenization(tokenizer, Chat(tokenizer, None, plan.options.model))


def load_facts(plan: SftPlan, tokenization: Tokenization) -> StudentFacts:
    """What the model's config, its generation config and its embedding say. Raises UserError where there is no config."""
    place, commit = plan.base.model, plan.base.commit
    config = read_config(plan.base)
    try:
        generation = GenerationConfig.from_pretrained(place, revision=commit).to_dict()
    except (OSError, ValueError):
        generation = None
    facts = read_facts(plan.options.model, config, generation)
    needed = Student(tokenization, facts).needed_tokens
    return replace(facts, untrained=list_untrained(plan.base, needed), frozen=plan.options.lora is not None)
