"""The vocabulary (prompt, sample, verdict, engine) and every check. Imports nothing else of ours.

The public names can be imported from here; each is loaded when it is first used, so that `import filters` costs
nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from filters.lazy_imports import make_lazy

if TYPE_CHECKING:
    from filters.check import Check, EngineCheck, PromptCheck, SampleCheck
    from filters.engine import Completion, Engine, EngineError, EngineOptions, Request, SamplingOptions
    from filters.errors import UserError
    from filters.registry import CHECKS, find_check_class, make_check
    from filters.spec import CheckSpec, make_spec
    from filters.think import split_response
    from filters.types import Message, Prompt, Sample, Verdict

__all__ = [
    "CHECKS",
    "Check",
    "CheckSpec",
    "Completion",
    "Engine",
    "EngineCheck",
    "EngineError",
    "EngineOptions",
    "Message",
    "Prompt",
    "PromptCheck",
    "Request",
    "Sample",
    "SampleCheck",
    "SamplingOptions",
    "UserError",
    "Verdict",
    "find_check_class",
    "make_check",
    "make_spec",
    "split_response",
]

_MODULES = {
    "check": ("Check", "EngineCheck", "PromptCheck", "SampleCheck"),
    "engine": ("Completion", "Engine", "EngineError", "EngineOptions", "Request", "SamplingOptions"),
    "errors": ("UserError",),
    "registry": ("CHECKS", "find_check_class", "make_check"),
    "spec": ("CheckSpec", "make_spec"),
    "think": ("split_response",),
    "types": ("Message", "Prompt", "Sample", "Verdict"),
}

__getattr__, __dir__ = make_lazy(__name__, _MODULES)
