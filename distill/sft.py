"""`distill`: fine-tune a student on a set with TRL's SFT, which is all that the paper's students got.

Heavy imports wait until there is something to train, so that naming options or finding a finished model
costs nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from rich.table import Table

from curate.console import emit, note
from curate.engines.identity import Source, file_digest, model_source, template_file
from curate.folder import Run, read_json
from curate.options import StageOptions, fill
from distill.corpus import find_set, set_digest
from filters.engine import EngineOptions
from filters.vocabulary import UserError, digest


class LoraOptions(BaseModel):
    """Train small adapters in place of all weights; they are merged into the student at the end."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rank: int = Field(32, gt=0)
    """Rank of the adapters."""
    alpha: float = Field(32.0, gt=0)
    """The adapters' output is scaled by alpha / rank."""
    targets: str | tuple[str, ...] = "all-linear"
    """Modules that get an adapter, by name; all-linear takes every linear layer but the head."""


class DistillOptions(StageOptions):
    """Fine-tune a student on a set. The defaults are the paper's, where it tells."""

    flags: ClassVar[Mapping[str, str]] = {"lora_rank": "lora.rank"}

    run: Path
    """The run folder; made where there is none."""
    model: str = Field(min_length=1)
    """The student: a folder or a Hub id of a Qwen, Llama or other causal language model."""
    name: str = "student"
    """What the trained model is called in the run."""
    dataset: str = "sft"
    """A set of the run, or a Parquet or JSON Lines file or folder with the columns prompt and completion."""
    revision: str | None = None
    """The student's Hub commit, branch or tag."""
    template: str | None = None
    """A Jinja chat template's file, in place of the student's own; it is saved with the model."""
    epochs: float = Field(3, gt=0)
    """Times the whole set is seen; the paper says 2 to 3, and sets smaller than its 800,000 rows want more."""
    learning_rate: float | None = Field(None, gt=0)
    """The highest learning rate, from which a cosine falls to a tenth; none takes the paper's for a student of that name or size, ten times that with LoRA."""
    batch_size: int = Field(64, gt=0)
    """Rows an optimiser step, over all devices."""
    micro_batch_size: int | None = Field(None, gt=0)
    """Rows a device takes at once; changes speed and memory only. None fits the longest row of the set."""
    max_length: int = Field(32768, gt=0)
    """Longest row in tokens; longer ones are left out whole and counted."""
    warmup: float = Field(0.03, ge=0, lt=1)
    """Share of the steps in which the learning rate rises from 0."""
    weight_decay: float = Field(0.0, ge=0)
    """AdamW's weight decay."""
    seed: int = 0
    """Draws the order of the rows and LoRA's first weights."""
    dtype: Literal["auto", "bfloat16", "float32"] = "auto"
    """Type of the weights while training. auto: float32, computed in bfloat16 on a GPU. bfloat16: half the memory, coarser steps. The student is saved in its own type."""
    gradient_checkpointing: bool | None = None
    """Compute activations twice to save memory; none does so on a GPU."""
    save_minutes: float = Field(30, ge=0)
    """Minutes between checkpoints, from which a killed run goes on."""
    lora: LoraOptions | None = None


@dataclass(frozen=True, slots=True)
class DistillResult:
    """A trained student.

    folder: a model folder that transformers and vLLM load. about: its r1curate.json. new: whether this call
    trained it.
    """

    folder: Path
    about: Mapping[str, Any]
    new: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training starts from, and the content key of all of it."""

    options: DistillOptions
    folder: Path
    set: Path
    set_digest: str
    base: Source
    key: str

    @property
    def aside(self) -> Path:
        """Where the training keeps its corpus, its checkpoints and the unfinished model."""
        return self.folder.with_name(f".{self.folder.name}.{self.key[:8]}")


def distill(options: DistillOptions) -> DistillResult:
    """Fine-tune a student on a set of prompts and completions, with all weights or with LoRA.

    Reads RUN/sets/DATASET, or a file with the columns prompt and completion. Writes RUN/models/NAME: weights,
    tokenizer, chat template and r1curate.json. A rerun finds the model there; a killed run goes on.

    Example: r1curate distill --run runs/r1 --dataset sft --model Qwen/Qwen2.5-Math-1.5B --name qwen-1.5b
    """
    # Read when torch is first imported: threads that spin while they wait starve each other on busy cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    plan = plan_of(options) if _rank() == 0 else None
    if _world() > 1:
        from distill.parallel import shared

        plan = shared(plan)
    assert plan is not None
    about = read_json(plan.folder / "r1curate.json")
    if about is not None and about["digest"] == plan.key:
        return _told(DistillResult(plan.folder, about, new=False))
    if about is not None and _rank() == 0:
        note(f"'{plan.folder}' was trained on something else or otherwise; it is replaced once this is done.")
    if _world() == 1 and _gpus() > 1:
        _launch(options)
        return DistillResult(plan.folder, read_json(plan.folder / "r1curate.json"), new=True)
    from distill.training import train

    train(plan)
    return _told(DistillResult(plan.folder, read_json(plan.folder / "r1curate.json"), new=True))


def plan_of(options: DistillOptions) -> Plan:
    """Find the set, the student and the template. Raises UserError where one is not there."""
    run = Run(options.run)
    folder = run.model(options.name)
    base = model_source(EngineOptions(model=options.model, revision=options.revision))
    template = None if options.template is None else file_digest(template_file(options.template))
    source = find_set(run, options.dataset)
    content = set_digest(source)
    # Places, speed and memory say nothing about the result.
    aside = {"run", "name", "dataset", "model", "revision", "template"}
    how = options.model_dump(
        mode="json", exclude=aside | {"micro_batch_size", "gradient_checkpointing", "save_minutes"}
    )
    return Plan(options, folder, source, content, base, digest("distill", how, base.key, template, content))


def _told(result: DistillResult) -> DistillResult:
    if _rank() == 0:
        about = result.about
        table = Table("model", "rows", "left out", "tokens", "steps", "last loss", "seconds")
        table.add_row(
            result.folder.name,
            f"{about['rows']:,}",
            f"{about['left_out']:,}",
            f"{about['tokens']:,}",
            f"{about['steps']:,}",
            f"{about['loss'][-1]['loss']:.3f}",
            f"{about['seconds']:.0f}",
        )
        emit(table)
    return result


def _rank() -> int:
    return int(os.environ.get("RANK", "0"))


def _world() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _gpus() -> int:
    import torch

    return int(torch.cuda.device_count())


def _launch(options: DistillOptions) -> None:
    """Train with one process a GPU, as the machine's `accelerate config` says where there is one."""
    from accelerate.commands.config.config_args import default_config_file

    configured = Path(default_config_file).exists()
    number = [] if configured else ["--num_processes", str(_gpus()), "--multi_gpu"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(options.model_dump_json())
        file.flush()
        command = ["accelerate.commands.launch", *number, "-m", "distill.sft", file.name]
        code = subprocess.run([sys.executable, "-m", *command], check=False).returncode  # noqa: S603  our own words
    if code:
        raise UserError(f"Training on {_gpus()} GPUs failed; what went wrong stands above.")


def _read(path: Path) -> DistillOptions:
    values = read_json(path)
    if not isinstance(values, dict):
        raise UserError(f"'{path}' is no JSON object with the options of distill.")
    return fill(DistillOptions, values, str(path))


def main(arguments: list[str]) -> int:
    """`accelerate launch -m distill.sft OPTIONS.json`: train with the options in a JSON file."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: accelerate launch -m distill.sft OPTIONS.json\n")
        return 2
    try:
        distill(_read(Path(arguments[0])))
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
