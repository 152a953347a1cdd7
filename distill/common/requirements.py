"""What a training asks for and cannot have: found out before anything is loaded, and by a dry run in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, Literal

from curate.engines.identity import HubUnreachableError, find_model, find_template
from curate.engines.weight_files import assert_weights_whole
from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine
from curate.store.whole_files import read_json
from distill.common.options import TrainingOptions
from filters.chosen_names import suggest_name
from filters.engine import EngineOptions
from filters.errors import UserError

EngineKind = Literal["auto", "transformers", "vllm", "server"]

PACKED_WEIGHTS: Final = (
    "vLLM's build for CPUs packs the weights and cannot take new ones, so it cannot sample a policy in training: use "
    "--rollout transformers."
)


def list_faults(
    options: TrainingOptions,
    shapes: Shapes,
    machine: Machine,
    kind: EngineKind = "auto",
    *,
    sleep: bool | None = None,
    others: Sequence[tuple[str, str | None]] = (),
) -> tuple[str, ...]:
    """Why a training on that machine would be refused, whatever memory it needs; packages are those of this one.

    kind, sleep: of the engine that samples the policy. others: further models, with their revisions. A model of the Hub that
    cannot be reached now is none.
    """
    named = [(options.model, options.revision), *others]
    checks: list[Callable[[], object]] = [
        lambda: require_trackers(options.report_to),
        *(lambda name=name, revision=revision: _require_model(name, revision, shapes) for name, revision in named),
        lambda: options.template is None or find_template(options.template),
    ]  # fmt: skip
    if not machine.planned:
        checks.append(lambda: require_sharder(options.shard))
        checks.append(lambda: require_engine(kind))
    if not machine.gpus:
        checks.append(lambda: _require_cpu_engine(kind, sleep))
    return tuple(_collect(checks))


def require_trackers(names: tuple[str, ...]) -> tuple[str, ...]:
    """The experiment trackers that are named. Raises UserError where one is not known, or not installed."""
    if not names:
        return names
    from transformers.integrations.integration_utils import (
        INTEGRATION_TO_CALLBACK,
        get_available_reporting_integrations,
    )

    known, there = sorted(INTEGRATION_TO_CALLBACK), get_available_reporting_integrations()
    for name in names:
        if name not in known:
            raise UserError(f"report_to: there is no tracker '{name}'; {suggest_name(name, known)}")
        if name not in there:
            raise UserError(f"report_to: the package of '{name}' is not installed here: pip install {name}.")
    return names


def require_plain(config: Any, model: str) -> None:
    """Raises UserError where a model's weights are quantized: there is nothing there to train."""
    if getattr(config, "quantization_config", None):
        raise UserError(
            f"The weights of '{model}' are quantized and cannot be trained: name the model that they were made from."
        )


def require_sharder(shard: str) -> None:
    """Raises UserError where weights are to be shared by a package that is not installed."""
    if shard == "zero3" and find_spec("deepspeed") is None:
        raise UserError(
            "shard=zero3 needs DeepSpeed, which is not installed: install it with 'pip install deepspeed', "
            "or choose shard=fsdp2, which needs nothing."
        )


def require_engine(kind: EngineKind) -> None:
    """Raises UserError where vLLM is asked for and not installed."""
    if kind in ("vllm", "server") and find_spec("vllm") is None:
        raise UserError(
            f"--rollout {kind} needs the package vllm, which is not installed here: pip install vllm."
        )


def require_gpu_for_server(device: str) -> None:
    """Raises UserError where a server is to take weights from a CPU."""
    if device == "cpu":
        raise UserError(
            "A server takes weights over NCCL, so a training with --rollout server needs a GPU of its own."
        )


def require_wakeful(sleep: bool | None) -> None:
    """Raises UserError where vLLM is to give back a CPU's memory."""
    if sleep:
        raise UserError("vLLM cannot sleep on a CPU: leave rollout.sleep out.")


def _require_cpu_engine(kind: EngineKind, sleep: bool | None) -> None:
    if kind == "server":
        require_gpu_for_server("cpu")
    if kind == "vllm":
        require_wakeful(sleep)
        raise UserError(PACKED_WEIGHTS)


def _require_model(name: str, revision: str | None, shapes: Shapes) -> None:
    """Raises UserError where there is no such model, and no stage before makes it."""
    if shapes.is_made(name):
        return
    try:
        source = find_model(EngineOptions(model=name, revision=revision))
    except HubUnreachableError:
        if "/" not in name:
            raise
        return
    if source.commit is None:
        folder = Path(source.model)
        assert_weights_whole(folder)
        require_plain(SimpleNamespace(**read_json(folder / "config.json")), name)


def _collect(checks: list[Callable[[], object]]) -> Iterator[str]:
    for check in checks:
        try:
            check()
        except UserError as error:
            yield str(error)
