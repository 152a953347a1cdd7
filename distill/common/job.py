"""What all trainings share: their options, what they start from, and how one becomes many processes on many GPUs."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from curate.console import show_logs
from curate.engines.identity import Source, file_digest, model_source, template_file
from curate.options import StageOptions, fill
from curate.results import StageResult
from curate.store.files import read_json
from curate.store.layout import MODEL_INFO, Run
from filters.engine import EngineOptions
from filters.errors import UserError

logger = logging.getLogger(__name__)


class LoraOptions(BaseModel):
    """Train small adapters in place of all weights; they are merged into the model at the end."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rank: int = Field(32, gt=0)
    """Rank of the adapters."""
    alpha: float = Field(32.0, gt=0)
    """The adapters' output is scaled by alpha / rank."""
    targets: str | tuple[str, ...] = "all-linear"
    """Modules that get an adapter, by name; all-linear takes every linear layer but the head."""


class TrainingOptions(StageOptions):
    """What every training is told: where to, which model, and how its weights are held and saved."""

    flags: ClassVar[Mapping[str, str]] = {"lora_rank": "lora.rank"}

    run: Path
    """The run folder; made where there is none."""
    model: str = Field(min_length=1)
    """The model to train: a folder or a Hub id of a Qwen, Llama or other causal language model."""
    name: str
    """What the trained model is called in the run."""
    revision: str | None = None
    """The model's Hub commit, branch or tag."""
    template: str | None = None
    """A Jinja chat template's file, in place of the model's own; it is saved with the model."""
    learning_rate: float | None = Field(None, gt=0)
    """The highest learning rate."""
    micro_batch_size: int | None = Field(None, gt=0)
    """Rows a device takes at once; changes speed and memory only. None fits the longest row."""
    weight_decay: float = Field(0.0, ge=0)
    """AdamW's weight decay."""
    seed: int = 0
    """Draws the order of the rows, what is sampled, and LoRA's first weights."""
    dtype: Literal["auto", "bfloat16", "float32"] = "auto"
    """Type of the weights while training. auto: float32, computed in bfloat16 on a GPU. bfloat16: half the memory, coarser steps. The model is saved in its own type."""
    gradient_checkpointing: bool | None = None
    """Compute activations twice to save memory; none does so on a GPU."""
    save_minutes: float = Field(30, ge=0)
    """Minutes between checkpoints, from which a killed run goes on."""
    report_to: tuple[str, ...] = ()
    """Trackers that the trainer reports to, e.g. tensorboard or wandb, where they are installed. Repeatable."""
    lora: LoraOptions | None = None


PLACES = frozenset({"run", "name", "model", "revision", "template"})
SPEED = frozenset({"micro_batch_size", "gradient_checkpointing", "save_minutes", "report_to"})
"""Options that say where things are, and how fast it goes: nothing about the result."""

Options = TypeVar("Options", bound=TrainingOptions)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training starts from, and the content key of all of it."""

    folder: Path
    base: Source
    key: str

    @property
    def aside(self) -> Path:
        """Where the training keeps its data, its checkpoints and the unfinished model."""
        return self.folder.with_name(f".{self.folder.name}.{self.key[:8]}")


@dataclass(frozen=True, slots=True)
class TrainResult(StageResult):
    """A trained model.

    folder: a model folder that transformers and vLLM load. about: its r1curate.json. new: whether this call
    trained it.
    """

    folder: Path
    about: Mapping[str, Any]
    new: bool


def resolve_start(options: TrainingOptions) -> tuple[Path, Source, str | None]:
    """Where the model goes, the weights it begins with, and the digest of a template given for it."""
    base = model_source(EngineOptions(model=options.model, revision=options.revision))
    template = None if options.template is None else file_digest(template_file(options.template))
    return Run(options.run).model(options.name), base, template


def run_training(
    options: Options, make_plan: Callable[[Options], Plan], stage: str, trainer: str
) -> tuple[Path, Mapping[str, Any], bool]:
    """Train as planned, unless that is done already, with one process per GPU: the fields of a TrainResult.

    stage, trainer: the modules that are started on GPUs, and that hold `train(plan)`; the second imports torch.
    """
    # Read when torch is first imported: threads that spin while they wait starve each other on busy cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    plan = make_plan(options) if rank() == 0 else None
    if _world() > 1:
        from distill.common.parallel import share_value

        plan = share_value(plan)
    assert plan is not None
    about = read_json(plan.folder / MODEL_INFO)
    if about is not None and about["digest"] == plan.key:
        return plan.folder, about, False
    if about is not None and rank() == 0:
        logger.warning(
            f"'{plan.folder}' was trained on other data or with different settings; it is replaced once this is done."
        )
    if _world() == 1 and _gpus() > 1:
        _launch(options, stage)
    else:
        import_module(trainer).train(plan)
    return plan.folder, read_json(plan.folder / MODEL_INFO), True


def rank() -> int:
    """The number of this process among those of one training."""
    return int(os.environ.get("RANK", "0"))


def _world() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _gpus() -> int:
    import torch

    return int(torch.cuda.device_count())


def _launch(options: TrainingOptions, stage: str) -> None:
    """Train with one process a GPU, as the machine's `accelerate config` says where there is one."""
    from accelerate.commands.config.config_args import default_config_file

    configured = Path(default_config_file).exists()
    number = [] if configured else ["--num_processes", str(_gpus()), "--multi_gpu"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(options.model_dump_json())
        file.flush()
        command = ["accelerate.commands.launch", *number, "-m", stage, file.name]
        code = subprocess.run([sys.executable, "-m", *command], check=False).returncode  # noqa: S603  our own words
    if code:
        raise UserError(f"Training on {_gpus()} GPUs failed; the reason is above.")


def run_from_file(
    model: type[Options], function: Callable[[Options], object], arguments: Sequence[str]
) -> int:
    """The main program of a stage's module: train with the options in a JSON file."""
    if len(arguments) != 1:
        sys.stderr.write(
            f"Usage: accelerate launch -m {function.__module__.rpartition('.')[0]} OPTIONS.json\n"
        )
        return 2
    show_logs()
    try:
        values = read_json(Path(arguments[0]))
        if not isinstance(values, dict):
            raise UserError(f"'{arguments[0]}' is not a JSON object with the options of this stage.")
        function(fill(model, values, arguments[0]))
    except UserError as error:
        if rank() == 0:
            sys.stderr.write(f"{error}\n")
        return 2
    return 0
