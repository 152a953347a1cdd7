"""The data plane: the run folder, readers, engines, checking, sampling, selection, audits, reports and publishing.

The names below are imported when they are used, so that `import curate` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from filters.lazy_imports import make_lazy

if TYPE_CHECKING:
    from curate.cli.run_recipe import RunOptions, RunResult, run_recipe
    from curate.console import show_logs
    from curate.engines.factory import open_engine
    from curate.readers.read_rows import read_rows
    from curate.selection.sources import Source
    from curate.stage_results import StageResult
    from curate.stages.diff import DiffOptions, DiffResult, compare_results
    from curate.stages.explain import ExplainOptions, ExplainResult, explain_sample
    from curate.stages.filter import FilterOptions, filter_samples
    from curate.stages.generate import GenerateOptions, GenerateResult, generate_samples
    from curate.stages.mix import MixOptions, MixResult, mix_samples
    from curate.stages.publish import PublishOptions, PublishResult, publish_folders
    from curate.stages.report import ReportOptions, ReportResult, write_report
    from curate.stages.verify import CheckResult, VerifyOptions, verify_samples
    from curate.store.joined import join_samples
    from curate.store.layout import Run, open_run

__all__ = [
    "CheckResult",
    "DiffOptions",
    "DiffResult",
    "ExplainOptions",
    "ExplainResult",
    "FilterOptions",
    "GenerateOptions",
    "GenerateResult",
    "MixOptions",
    "MixResult",
    "PublishOptions",
    "PublishResult",
    "ReportOptions",
    "ReportResult",
    "Run",
    "RunOptions",
    "RunResult",
    "Source",
    "StageResult",
    "VerifyOptions",
    "compare_results",
    "explain_sample",
    "filter_samples",
    "generate_samples",
    "join_samples",
    "mix_samples",
    "open_engine",
    "open_run",
    "publish_folders",
    "read_rows",
    "run_recipe",
    "show_logs",
    "verify_samples",
    "write_report",
]

_MODULES = {
    "cli.run_recipe": ("RunOptions", "RunResult", "run_recipe"),
    "console": ("show_logs",),
    "engines.factory": ("open_engine",),
    "readers.read_rows": ("read_rows",),
    "stage_results": ("StageResult",),
    "selection.sources": ("Source",),
    "stages.diff": ("DiffOptions", "DiffResult", "compare_results"),
    "stages.explain": ("ExplainOptions", "ExplainResult", "explain_sample"),
    "stages.filter": ("FilterOptions", "filter_samples"),
    "stages.generate": ("GenerateOptions", "GenerateResult", "generate_samples"),
    "stages.mix": ("MixOptions", "MixResult", "mix_samples"),
    "stages.publish": ("PublishOptions", "PublishResult", "publish_folders"),
    "stages.report": ("ReportOptions", "ReportResult", "write_report"),
    "stages.verify": ("CheckResult", "VerifyOptions", "verify_samples"),
    "store.joined": ("join_samples",),
    "store.layout": ("Run", "open_run"),
}

__getattr__, __dir__ = make_lazy(__name__, _MODULES)
