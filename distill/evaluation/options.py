"""The options of `evaluate`."""

from __future__ import annotations

from pydantic import Field

from curate.sampling.options import PromptedOptions
from filters.engine import EvaluationSampling
from filters.spec import Spec, make_spec


class EvaluateOptions(PromptedOptions):
    """Measure a model on prompts with reference answers, or with tests for programs."""

    name: str
    """Name of this evaluation in the run."""
    prompts: str
    """A file (JSON Lines, JSON, CSV, Parquet), datasets folder or Hub data set with the columns prompt and answer, or with tests for programs; or a benchmark of programming by name: humaneval, mbpp, livecodebench."""
    samples: int = Field(default=16, gt=0)
    """Samples per prompt (k)."""
    before: str | None = None
    """Name of an evaluation of the run on the same prompts to compare this one with."""
    check: tuple[Spec, ...] = (make_spec("math_answer"),)
    """Checks. The first one decides what is correct; of each other one, the share of samples that pass is reported, or the mean score if it grades. Repeatable. Where none is named and the prompts have tests for programs and no answers, code_tests decides."""
    trained_on: tuple[str, ...] = ()
    """What the model was trained on, to find the prompts that stand there: a set of the run by name, or a file, folder or Hub set. Default: what the folder of a model that was trained here says, and those it was made from. Repeatable."""
    split: str = "test"
    """The split of a data set."""
    sampling: EvaluationSampling = EvaluationSampling()
