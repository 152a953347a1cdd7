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
    "run": Entry("curate.cli.run_recipe", "run_recipe", "RunOptions", "Run all stages of a recipe; running it again resumes."),
    "generate": Entry("curate.stages.generate", "generate_samples", "GenerateOptions", "Sample responses to prompts, verified while sampling."),
    "verify": Entry("curate.stages.verify", "verify_samples", "VerifyOptions", "Check whether answers are correct."),
    "filter": Entry("curate.stages.filter", "filter_samples", "FilterOptions", "Check whether chains are readable."),
    "mix": Entry("curate.stages.mix", "mix_samples", "MixOptions", "Select accepted samples and merge sources into one training set."),
    "distill": Entry("distill.sft.stage", "distill_student", "DistillOptions", "Fine-tune a student on a set."),
    "grpo": Entry("distill.grpo.stage", "train_grpo", "GrpoOptions", "Train a teacher with GRPO on rewards given by checks."),
    "evaluate": Entry("distill.evaluation.stage", "evaluate_model", "EvaluateOptions", "Measure pass@1, pass@k and cons@k of a model."),
    "publish": Entry("curate.stages.publish", "publish_folders", "PublishOptions", "Make a Hub dataset or model folder, and push it."),
    "report": Entry("curate.stages.report", "write_report", "ReportOptions", "Show what a run did; write its HTML report."),
    "explain": Entry("curate.stages.explain", "explain_sample", "ExplainOptions", "Trace one row: its prompt, response and verdicts."),
    "diff": Entry("curate.stages.diff", "compare_results", "DiffOptions", "Compare two runs or two sets: which rows came, went and changed, and why."),
    "checks": Entry("curate.stages.checks", "list_checks", "ChecksOptions", "List the checks, or one check's options."),
    "recipes": Entry("curate.cli.recipes", "list_recipes", "RecipesOptions", "List the bundled recipes; copy one."),
    "doctor": Entry("curate.stages.doctor", "examine", "DoctorOptions", "Report what this machine can run and what is missing; examine a run."),
}  # fmt: skip

STAGES = ("generate", "verify", "filter", "mix", "distill", "grpo", "evaluate", "publish", "report")
"""The commands that a recipe may name."""


PREVIEWS = {
    "generate": "curate.sampling.memory:preview_memory",
    "verify": "curate.checking.memory:preview_memory",
    "filter": "curate.checking.memory:preview_memory",
    "distill": "distill.sft.memory:preview_memory",
    "grpo": "distill.grpo.memory:preview_memory",
    "evaluate": "curate.sampling.memory:preview_memory",
}
"""For each command that loads a model: what tells its needs, from options, the shapes known so far and a machine."""


ARRAYS = {
    "generate": "curate.stages.generate:generate_in_array",
    "verify": "curate.stages.verify:verify_in_array",
    "filter": "curate.stages.filter:filter_in_array",
    "evaluate": "distill.evaluation.stage:evaluate_in_array",
}
"""For each command that may run as a job array: what writes its jobs or does the work of one, from options and the command line."""


def load_command(name: str) -> tuple[Any, Any]:
    """A command's option model and function, imported now."""
    entry = COMMANDS[name]
    module = import_module(entry.module)
    return getattr(module, entry.options), getattr(module, entry.function)
