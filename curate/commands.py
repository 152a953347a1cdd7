"""The table of commands: strings only, so that naming a command imports nothing of it."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """Where a command's function and option model live, and its line in `r1curate --help`."""

    module: str
    function: str
    options: str
    help: str


COMMANDS: dict[str, Entry] = {
    "run": Entry("curate.recipe", "run", "RunOptions", "Run a recipe, all its stages; go on where it was."),
    "generate": Entry(
        "curate.generate",
        "generate",
        "GenerateOptions",
        "Sample responses to prompts, verified while sampling.",
    ),
    "verify": Entry("curate.verify", "verify", "VerifyOptions", "Check whether answers are correct."),
    "filter": Entry("curate.verify", "filter_samples", "FilterOptions", "Check whether chains are readable."),
    "mix": Entry(
        "curate.mix", "mix", "MixOptions", "Select good samples and merge sets into one to train on."
    ),
    "distill": Entry("distill.sft", "distill", "DistillOptions", "Fine-tune a student on a set."),
    "grpo": Entry(
        "distill.grpo", "grpo", "GrpoOptions", "Train a teacher with GRPO on rewards that checks give."
    ),
    "evaluate": Entry(
        "distill.evaluate", "evaluate", "EvaluateOptions", "Measure pass@1 and cons@k of a model."
    ),
    "publish": Entry(
        "curate.publish", "publish", "PublishOptions", "Make a Hub dataset or model folder; push it."
    ),
    "report": Entry(
        "curate.report", "report", "ReportOptions", "Show what a run did; write its HTML report."
    ),
    "explain": Entry(
        "curate.explain", "explain", "ExplainOptions", "Trace one row: prompt, response, verdicts."
    ),
    "checks": Entry(
        "curate.checklist", "checks", "ChecksOptions", "List the checks, or one check's options."
    ),
    "recipes": Entry(
        "curate.recipe", "recipes", "RecipesOptions", "List the recipes that come along; copy one."
    ),
    "doctor": Entry(
        "curate.doctor", "doctor", "DoctorOptions", "Say what this machine can run, what is missing."
    ),
}

STAGES = ("generate", "verify", "filter", "mix", "distill", "grpo", "evaluate", "publish", "report")
"""The commands that a recipe may name."""


def load(name: str) -> tuple[Any, Any]:
    """A command's option model and function, imported now."""
    entry = COMMANDS[name]
    module = import_module(entry.module)
    return getattr(module, entry.options), getattr(module, entry.function)
