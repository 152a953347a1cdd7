"""What a fine-tuning would be given, without training: the student's-eye check alone, which writes nothing anywhere."""

from __future__ import annotations

from distill.common.adapters import require_adaptable
from distill.common.sharding import read_config
from distill.sft.corpus import Admission, inspect_set
from distill.sft.inspection import Inspection
from distill.sft.load_student import load_facts, load_tokenization
from distill.sft.options import DistillOptions
from distill.sft.plan import SftPlan


def inspect_plan(plan: SftPlan) -> Inspection:
    """Look at every row of a planned training's set. Raises UserError where set or student cannot be read at all."""
    options: DistillOptions = plan.options
    require_adaptable(read_config(plan.base), options.lora)
    tokenization = load_tokenization(plan)
    admission = Admission(options.drop_bad, options.max_too_long)
    return inspect_set(plan.set, tokenization, options.max_length, load_facts(plan, tokenization), admission)
