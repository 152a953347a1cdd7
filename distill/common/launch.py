"""How a planned training is run: found finished, trained in this process, or launched with one process per GPU."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from curate.console import show_logs, write_message
from curate.options import fill
from curate.stage_results import StageResult
from curate.store.layout import MODEL_INFO
from curate.store.model_info import read_model_info
from curate.store.whole_files import read_json
from distill.common.options import TrainingOptions
from distill.common.plan import Plan
from filters.child_python import make_command, make_environment
from filters.errors import UserError

logger = logging.getLogger(__name__)

Options = TypeVar("Options", bound=TrainingOptions)


@dataclass(frozen=True, slots=True)
class TrainResult(StageResult):
    """A trained model.

    folder: a model folder that transformers and vLLM load. about: what its `MODEL_INFO` file says. new: whether
    this call trained it.
    """

    folder: Path
    about: Mapping[str, Any]
    new: bool


def run_training(
    options: Options,
    make_plan: Callable[[Options], Plan],
    stage: str,
    trainer: str,
    settle: Callable[[Options], Options] | None = None,
) -> tuple[Path, Mapping[str, Any], bool]:
    """Train as planned with one process per GPU, unless that is done already; returns the fields of a TrainResult.

    stage: the package whose main program is launched on several GPUs. trainer: the module with `train(plan)`,
    imported only when there is something to train, because it imports torch. settle: chooses what is left to choose for
    this machine before anything is loaded; raises UserError where it cannot hold the training.
    """
    # Read when torch is first imported: threads that spin while they wait starve each other on busy cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    plan = make_plan(options) if get_rank() == 0 else None
    if _world() > 1:
        from distill.common.parallel import share_value

        plan = share_value(plan)
    assert plan is not None
    about = read_model_info(plan.folder / MODEL_INFO)
    if about is not None and about["digest"] == plan.key:
        return plan.folder, about, False
    if about is not None and get_rank() == 0:
        logger.warning(
            f"'{plan.folder}' was trained on other data or with other options; it will be replaced when this training is done."
        )
    if settle is not None:
        options = settle(options)
        settled: dict[str, Any] = {"options": options}
        plan = replace(plan, **settled)  # the plan of every stage has its options
    if _world() == 1 and _gpus() > 1:
        _launch(options, stage)
    else:
        import_module(trainer).train(plan)
    made = read_model_info(plan.folder / MODEL_INFO)
    assert made is not None
    return plan.folder, made, True


def get_rank() -> int:
    """The rank of this process in a distributed training; 0 where there is only one."""
    return int(os.environ.get("RANK", "0"))


def _world() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def _gpus() -> int:
    import torch

    return int(torch.cuda.device_count())


def _launch(options: TrainingOptions, stage: str) -> None:
    """Train with one process per GPU, or as `accelerate config` on this machine says, where there is one."""
    from accelerate.commands.config.config_args import default_config_file

    configured = Path(default_config_file).exists()
    number = [] if configured else ["--num_processes", str(_gpus()), "--multi_gpu"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(options.model_dump_json())
        file.flush()
        command = make_command("accelerate.commands.launch", *number, "-m", stage, file.name)
        code = subprocess.run(command, env=make_environment(), check=False).returncode  # noqa: S603  no user input in the command
    if code:
        raise UserError(f"Training on {_gpus()} GPUs failed; see the error above.")


def run_from_file(
    model: type[Options], function: Callable[[Options], object], arguments: Sequence[str]
) -> int:
    """The main program of a stage's module: train with the options in a JSON file."""
    if len(arguments) != 1:
        write_message(f"Usage: accelerate launch -m {function.__module__.rpartition('.')[0]} OPTIONS.json")
        return 2
    show_logs()
    try:
        values = read_json(Path(arguments[0]))
        if not isinstance(values, dict):
            raise UserError(f"'{arguments[0]}' is not a JSON object with this stage's options.")
        function(fill(model, values, arguments[0]))
    except UserError as error:
        if get_rank() == 0:
            write_message(str(error))
        return 2
    return 0
