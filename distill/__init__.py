"""Training and evaluation: distillation with SFT, GRPO on rewards that checks give, and pass@1 with intervals.

Names are imported when they are first used, so that `import distill` loads none of the libraries the work needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distill.common.options import LoraOptions
    from distill.evaluation.options import EvaluateOptions
    from distill.evaluation.stage import EvaluateResult, evaluate_model
    from distill.grpo.options import GrpoOptions
    from distill.grpo.stage import GrpoResult, train_grpo
    from distill.sft.options import DistillOptions
    from distill.sft.stage import DistillResult, distill_student

__all__ = [
    "DistillOptions",
    "DistillResult",
    "EvaluateOptions",
    "EvaluateResult",
    "GrpoOptions",
    "GrpoResult",
    "LoraOptions",
    "distill_student",
    "evaluate_model",
    "train_grpo",
]

_MODULES = {
    "DistillOptions": "distill.sft.options",
    "DistillResult": "distill.sft.stage",
    "EvaluateOptions": "distill.evaluation.options",
    "EvaluateResult": "distill.evaluation.stage",
    "GrpoOptions": "distill.grpo.options",
    "GrpoResult": "distill.grpo.stage",
    "LoraOptions": "distill.common.options",
    "distill_student": "distill.sft.stage",
    "evaluate_model": "distill.evaluation.stage",
    "train_grpo": "distill.grpo.stage",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
