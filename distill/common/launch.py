"""How a planned training is run: found finished, trained in this process, or launched with one process per GPU.

A training called from a script or a notebook gets a process of its own, so that GPU memory, vLLM, the environment and
the state of a distributed training are gone when it has ended, and a second one finds the machine as the first did.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from curate.console import show_logs, write_message
from curate.memory.machine import count_ranks, is_rank
from curate.options import fill
from curate.stage_process import claim_process, is_claimed, run_alone
from curate.stage_results import StageResult
from curate.store.layout import MODEL_INFO
from curate.store.model_info import read_model_info
from curate.store.whole_files import read_json
from distill.common.on_machine import count_gpus
from distill.common.options import TrainingOptions
from distill.common.plan import Plan
from distill.common.ranks import LAUNCH_FOLDER, Launch, enter_rank, leave_failed_rank
from distill.common.several import find_several
from filters.errors import UserError

logger = logging.getLogger(__name__)

Options = TypeVar("Options", bound=TrainingOptions)
_Trained = tuple[Path, Mapping[str, Any], bool]


@dataclass(frozen=True, slots=True)
class TrainResult(StageResult):
    """A trained model.

    folder: a model folder that transformers and vLLM load. about: what its `MODEL_INFO` file says; empty on the
    further machines of a training, where nothing is told. new: whether this call trained it.
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
) -> _Trained:
    """Train as planned with one process per GPU, unless that is done already; returns the fields of a TrainResult.

    stage: the package whose main program is launched on several GPUs. trainer: the module with `train(plan)`,
    imported only when there is something to train, because it imports torch. settle: chooses what is left to choose for
    this machine before anything is loaded. Raises UserError where the training is refused, as where this machine
    cannot hold it, and WorkUndone where it cannot go on.
    """
    if is_claimed() or is_launched():
        return _train_here((options, make_plan, stage, trainer, settle))
    asked = (options, make_plan, stage, trainer, settle)
    return run_alone(_train_here, asked, f"training {options.name}")


def _train_here(
    asked: tuple[Any, Callable[[Any], Plan], str, str, Callable[[Any], Any] | None],
) -> _Trained:
    options, make_plan, stage, trainer, settle = asked
    # Read when torch is first imported: threads that spin while they wait starve each other on busy cores.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    several = None if is_launched() else find_several(options)
    plan = make_plan(options) if get_rank() == 0 else None
    if count_ranks() > 1:
        from distill.common.parallel import share_value

        plan = share_value(plan)
    assert plan is not None
    leads = get_rank() == 0 and (several is None or several.leads)
    about = read_model_info(plan.folder / MODEL_INFO)
    if about is not None and about["digest"] == plan.key:
        return plan.folder, about if leads else {}, False
    if about is not None and leads:
        logger.warning(
            f"'{plan.folder}' was trained on other data or with other options; it will be replaced when this training is done."
        )
    if several is not None:
        several.train(plan, options, stage)
    elif not is_launched() and count_gpus() > 1:
        if settle is not None:
            settle(options)  # refused before anything is started; the ranks settle for as many as they are
        _launch(plan, options, stage)
    else:
        if settle is not None:
            settled: dict[str, Any] = {"options": settle(_keep_sharding(plan, options))}
            plan = replace(plan, **settled)  # the plan of every stage has its options
        _train(plan, trainer)
    if several is not None and not several.leads:
        return plan.folder, {}, True
    made = read_model_info(plan.folder / MODEL_INFO)
    assert made is not None
    return plan.folder, made, True


def _keep_sharding(plan: Plan, options: Options) -> Options:
    """The options with the way of sharing the model that an interrupted training took, where none is asked for."""
    from distill.common.resuming import find_sharding
    from distill.common.sharding import is_configured

    # What accelerate's own config says is more than the way: how states are written, for instance.
    taken = find_sharding(plan) if options.shard == "auto" and not is_configured() else None
    return options if taken is None else options.model_copy(update={"shard": taken})


def _train(plan: Plan, trainer: str) -> None:
    module = import_module(trainer)
    from distill.common.failures import explain_failures

    before = dict(os.environ)
    try:
        with explain_failures(plan):
            module.train(plan)
    finally:
        # A rank may train twice; what one training told libraries, as how to share its model, is not for the next.
        os.environ.clear()
        os.environ.update(before)


def is_launched() -> bool:
    """Whether a launcher has started this process, whatever number of processes it was asked for.

    Such a process launches nothing: what was launched by us says so in an environment that all below it inherit, and
    other launchers leave their variables.
    """
    return LAUNCH_FOLDER in os.environ or is_rank()


def get_rank() -> int:
    """The rank of this process in a distributed training; 0 where there is only one."""
    return int(os.environ.get("RANK", "0")) if is_rank() else 0


def _launch(plan: Plan, options: TrainingOptions, stage: str) -> None:
    """Train with one process per GPU, or as `accelerate config` on this machine says, where there is one."""
    from accelerate.commands.config.config_args import default_config_file

    configured = Path(default_config_file).exists()
    arguments = (
        []
        if configured
        else ["--num_processes", str(count_gpus()), "--multi_gpu", "--main_process_port", "0"]
    )
    Launch(plan.aside, f"training {options.name}").run(arguments, stage, options.model_dump_json())


def run_from_file(
    model: type[Options], function: Callable[[Options], object], arguments: Sequence[str]
) -> int:
    """The main program of a stage's module: train with the options in a JSON file. It launches nothing further."""
    if len(arguments) != 1:
        write_message(f"Usage: accelerate launch -m {function.__module__.rpartition('.')[0]} OPTIONS.json")
        return 2
    os.environ.setdefault(LAUNCH_FOLDER, "")
    claim_process()
    enter_rank(get_rank())
    show_logs()
    try:
        values = read_json(Path(arguments[0]))
        if not isinstance(values, dict):
            raise UserError(f"'{arguments[0]}' is not a JSON object with this stage's options.")
        function(fill(model, values, arguments[0]))
    except UserError as error:
        leave_failed_rank(get_rank(), error)
        if get_rank() == 0:
            write_message(str(error))
        return error.exit_code
    except Exception as error:
        leave_failed_rank(get_rank(), error)
        raise
    return 0
