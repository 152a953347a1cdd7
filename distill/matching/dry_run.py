"""What matching a teacher would be given, without training: the two vocabularies compared, and a look at the set."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from distill.matching.corpus import count_room, make_chat
from distill.matching.prompts import tokenize_prompts
from distill.matching.teacher import Overlap, compare_with_teacher
from distill.sft.corpus import Admission, inspect_set
from distill.sft.inspection import Inspection, Tally
from distill.sft.load_student import load_facts, load_tokenization
from distill.sft.plan import SftPlan


def inspect_plan(plan: SftPlan) -> Inspection:
    """Look at what a planned training would see. Raises UserError where the teacher is unfit, or the set cannot be read."""
    options, tokenization = plan.options, load_tokenization(plan)
    shared = compare_with_teacher(plan, tokenization.tokenizer, tokenization.end)
    if options.method == "on_policy":
        return _inspect_prompts(plan, tokenization.tokenizer, shared)
    admission = Admission(options.drop_bad, options.max_too_long)
    longest = min(options.max_length, shared.context)
    return inspect_set(plan.set, tokenization, longest, load_facts(plan, tokenization), admission)


def _inspect_prompts(plan: SftPlan, tokenizer: Any, shared: Overlap) -> Inspection:
    """The set's prompts, each once; what the student will answer is not there to be looked at."""
    options, room = plan.options, count_room(plan, shared)
    with tempfile.TemporaryDirectory() as folder:
        found = tokenize_prompts(plan.set, make_chat(plan, tokenizer), room, Path(folder))
    rows = found.prompts + found.repeated + found.too_long
    tally = Tally(rows=rows, used=found.prompts, too_long=found.too_long)
    facts = {
        "teacher": str(options.teacher),
        "shared vocabulary": f"{shared.rows:,} ids",
        "longest prompt": f"{found.longest:,} of at most {room:,} tokens",
        "prompts": f"{found.prompts:,}, {found.repeated:,} more are repetitions",
        "responses": f"{options.on_policy.samples:,} a prompt and step, of at most {options.on_policy.max_tokens:,} tokens",
    }
    longest = found.longest + options.on_policy.max_tokens
    return Inspection(plan.set.name, options.model, room, {"": tally}, {}, {}, {}, longest, facts, ())
