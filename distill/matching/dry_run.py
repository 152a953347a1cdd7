"""What matching a teacher would be given, without training: the two vocabularies compared, and a look at the set."""

from __future__ import annotations

from dataclasses import replace

from distill.common.adapters import require_adaptable
from distill.common.sharding import read_config
from distill.matching.corpus import count_room
from distill.matching.prompts import inspect_prompts
from distill.matching.teacher import Overlap, compare_with_teacher
from distill.sft.corpus import Admission, inspect_set
from distill.sft.inspection import Inspection
from distill.sft.load_student import load_facts, load_tokenization
from distill.sft.plan import SftPlan
from distill.sft.student import Student


def inspect_plan(plan: SftPlan) -> Inspection:
    """Look at what a planned training would see. Raises UserError where the teacher is unfit, or the set cannot be read."""
    options = plan.options
    require_adaptable(read_config(plan.base), options.lora)
    tokenization = load_tokenization(plan)
    shared = compare_with_teacher(plan, tokenization.tokenizer, tokenization.end)
    facts = load_facts(plan, tokenization)
    admission = Admission(options.drop_bad, options.max_too_long)
    if options.method == "on_policy":
        room = count_room(plan, shared)
        found = inspect_prompts(plan.set, Student(tokenization, facts), room, admission)
        return _tell_sampling(found, plan, shared)
    longest = min(options.max_length, shared.context)
    return inspect_set(plan.set, tokenization, longest, facts, admission)


def _tell_sampling(found: Inspection, plan: SftPlan, shared: Overlap) -> Inspection:
    """What was found among the prompts; what the student will answer is not there to be looked at."""
    options, sampling = plan.options, plan.options.on_policy
    facts = {
        **found.facts,
        "teacher": str(options.teacher),
        "shared vocabulary": f"{shared.rows:,} ids",
        "prompts": f"{found.total.used:,}, {found.total.repetitions:,} more are repetitions",
        "responses": f"{sampling.samples:,} a prompt and step, of at most {sampling.max_tokens:,} tokens",
    }
    return replace(found, facts=facts, longest=found.longest + sampling.max_tokens)
