"""What every trainer needs: the base model's tokenizer and weights, arguments, checkpoints, and a folder to work in."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig
from transformers.utils import logging as transformers_logging

from curate.engines.identity import Source, find_template
from curate.engines.weight_files import assert_weights_whole
from curate.store.layout import Run
from curate.store.storage import STORAGE
from distill.common import parallel
from distill.common.finite import NotFiniteError, assert_finite
from distill.common.options import TrainingOptions
from distill.common.plan import Plan
from distill.common.requirements import require_plain, require_trackers
from distill.common.sharding import read_config
from filters.errors import UserError


@contextmanager
def hold_workplace(plan: Plan) -> Iterator[None]:
    """Lock the model, silence libraries and use all cores; remove the folder once the block succeeded."""
    place = parallel.get_process_state()
    with ExitStack() as stack:
        if place.is_main_process:
            lock = Run(plan.folder.parents[1]).lock("model", plan.folder.name)
            stack.enter_context(STORAGE.lock(lock, f"the model '{plan.folder}'"))
        stack.enter_context(_quiet())
        stack.enter_context(_all_cores())
        yield
        if place.is_main_process:
            for aside in plan.folder.parent.glob(f".{plan.folder.name}.????????"):
                # A network file system keeps the logs that processes of other machines still have open.
                shutil.rmtree(aside, ignore_errors=True)
    place.wait_for_everyone()


def load_tokenizer(base: Source, options: TrainingOptions) -> Any:
    """The model's tokenizer, with the chat template given in the options. Raises UserError where it cannot be loaded."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(base.model, revision=base.commit)
    except (OSError, ValueError) as error:
        raise UserError(f"The tokenizer of '{options.model}' cannot be loaded: {_line(error)}") from None
    if options.template is not None:
        tokenizer.chat_template = find_template(options.template).read_text(encoding="utf-8")
    return tokenizer


def load_model(
    base: Source, options: TrainingOptions, attention: str = "sdpa", *, sharded: bool = False
) -> Any:
    """The model's weights, in the type they are trained in. Raises UserError where they cannot be loaded.

    attention: the name of an attention function of transformers. sharded: whether GPUs share the weights, which must
    then be of one type, also where LoRA freezes most of them.
    """
    if base.commit is None:
        assert_weights_whole(Path(base.model))
    dtype = torch.float32 if sharded and options.dtype == "auto" else _dtype(options)
    require_plain(read_config(base), options.model)
    try:
        model = AutoModelForCausalLM.from_pretrained(
            base.model, revision=base.commit, dtype=dtype, attn_implementation=attention
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        if isinstance(error, RuntimeError) and "size mismatch" not in str(error):
            raise
        raise UserError(f"The model '{options.model}' cannot be loaded: {_line(error)}") from None
    try:
        assert_finite(model.named_parameters(), "as they are loaded")
    except NotFiniteError as error:
        raise UserError(f"The model '{options.model}' cannot be trained: its {error}.") from None
    return model


def make_common_arguments(plan: Plan, options: TrainingOptions) -> dict[str, Any]:
    """The arguments of transformers' trainer that all trainings share."""
    gpu = torch.cuda.is_available()
    return {
        "output_dir": str(plan.aside / "checkpoints"),
        "weight_decay": options.weight_decay,
        "seed": options.seed,
        "bf16": gpu and options.dtype == "auto" and torch.cuda.is_bf16_supported(),
        "use_cpu": not gpu,
        "gradient_checkpointing": gpu if options.gradient_checkpointing is None else options.gradient_checkpointing,
        "dataloader_pin_memory": gpu,
        "save_strategy": "no",
        "disable_tqdm": True,
        "log_level": "error",
        "log_level_replica": "error",
        "report_to": list(require_trackers(options.report_to)) or "none",
        # Every forward pass uses all trained weights.
        "ddp_find_unused_parameters": False,
        "ddp_timeout": int(parallel.PATIENCE.total_seconds()),
    }  # fmt: skip


class OwnDevice:
    """Before the class of a trainer's arguments: its device is one that torch can load a checkpoint to.

    Several processes of a CPU have the device `cpu:0`, to which nothing can be loaded.
    """

    @property
    def device(self) -> torch.device:
        """The device of this process."""
        device: torch.device = super().device  # type: ignore[misc]
        return torch.device("cpu") if device.type == "cpu" else device


def read_stops(base: Source, config: Any) -> set[int]:
    """The tokens at which the model stops by its generation config, or by its config where it has none."""
    try:
        stops = GenerationConfig.from_pretrained(base.model, revision=base.commit).eos_token_id
    except OSError:
        stops = config.get_text_config().eos_token_id
    listed = stops if isinstance(stops, list) else [stops]
    return {int(token) for token in listed if token is not None}


def read_package_versions() -> dict[str, str]:
    """The versions of the packages that may change the result of a training."""
    return {name: metadata.version(name) for name in ("torch", "transformers", "trl", "peft")}


def _dtype(options: TrainingOptions) -> torch.dtype:
    """The type of the weights during training; weights that LoRA freezes need no more than bfloat16."""
    frozen = options.lora is not None and torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    if options.dtype == "bfloat16" or (options.dtype == "auto" and frozen):
        return torch.bfloat16
    return torch.float32


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


@contextmanager
def _quiet() -> Iterator[None]:
    """No progress bars without a terminal, and no warnings about what is done here on purpose."""
    bars, level = transformers_logging.is_progress_bar_enabled(), transformers_logging.get_verbosity()
    if bars and not sys.stderr.isatty():
        transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)
        if bars:
            transformers_logging.enable_progress_bar()


@contextmanager
def _all_cores() -> Iterator[None]:
    """Use all cores, also in a process where an engine has changed the number of threads."""
    threads = torch.get_num_threads()
    if parallel.get_process_state().num_processes == 1:
        torch.set_num_threads(len(os.sched_getaffinity(0)))
    try:
        yield
    finally:
        torch.set_num_threads(threads)
