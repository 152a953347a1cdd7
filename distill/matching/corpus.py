"""What is trained on: a set's rows, or its prompts alone, tokenized once into the plan's folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from distill.common.sharding import read_config, read_context
from distill.matching.prompts import PROMPTS, tokenize_prompts
from distill.matching.teacher import Overlap
from distill.sft.corpus import CORPUS, Admission, tokenize_set
from distill.sft.load_student import load_facts
from distill.sft.plan import SftPlan
from distill.sft.student import Student
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
    facts = load_facts(plan, tokenization)
    admission = Admission(options.drop_bad, options.max_too_long)
    if options.method == "logits":
        longest = min(options.max_length, shared.context)
        counts = tokenize_set(plan.set, tokenization, longest, plan.aside, facts, admission)
        left_out = {"too_long": counts.too_long, "nothing_to_learn": counts.nothing_to_learn, **counts.bad}
        return Corpus(CORPUS, counts.rows, left_out, counts.longest, counts.tokens, counts.learned)
    student = Student(tokenization, facts)
    counts = tokenize_prompts(plan.set, student, count_room(plan, shared), plan.aside, admission)
    longest = counts.longest + options.on_policy.max_tokens
    return Corpus(
        PROMPTS, counts.rows, {"too_long": counts.too_long, "repeated": 0, **counts.bad}, longest, None, None
    )


def count_room(plan: SftPlan, shared: Overlap) -> int:
    """The tokens that are left for a prompt. Raises UserError where there are none."""
    options = plan.options
    longest = int(min(options.max_length, shared.context, read_context(read_config(plan.base))))
    room = longest - options.on_policy.max_tokens
    if room < 1:
        raise UserError(
            f"max_tokens={options.on_policy.max_tokens} leaves no room for a prompt in {longest} tokens, the least of max_length "
            "and both models' contexts: lower --max-tokens."
        )
    return room
