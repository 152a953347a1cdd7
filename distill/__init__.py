"""Training and evaluation: distillation with SFT, GRPO on rewards that checks give, and pass@1 with intervals.

Names are imported when they are first used, so that `import distill` loads none of the libraries the work needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from filters.lazy_imports import make_lazy

if TYPE_CHECKING:
    from distill.common.options import LoraOptions
    from distill.evaluation.options import EvaluateOptions
    from distill.evaluation.stage import EvaluateResult, evaluate_model
    from distill.grpo.options import GrpoOptions
    from distill.grpo.stage import GrpoResult, train_grpo
    from distill.sft.options import DistillOptions, OnPolicyOptions
    from distill.sft.stage import DistillResult, distill_student

__all__ = [
    "DistillOptions",
    "DistillResult",
    "EvaluateOptions",
    "EvaluateResult",
    "GrpoOptions",
    "GrpoResult",
    "LoraOptions",
    "OnPolicyOptions",
    "distill_student",
    "evaluate_model",
    "train_grpo",
]

_MODULES = {
    "common.options": ("LoraOptions",),
    "evaluation.options": ("EvaluateOptions",),
    "evaluation.stage": ("EvaluateResult", "evaluate_model"),
    "grpo.options": ("GrpoOptions",),
    "grpo.stage": ("GrpoResult", "train_grpo"),
    "sft.options": ("DistillOptions", "OnPolicyOptions"),
    "sft.stage": ("DistillResult", "distill_student"),
}

__getattr__, __dir__ = make_lazy(__name__, _MODULES)
