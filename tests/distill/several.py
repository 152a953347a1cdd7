"""Trainings in processes of their own, as they are launched on GPUs, and what came of them."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from distill.common.options import TrainingOptions

ROOT = Path(__file__).parents[2]
LONGEST_S = 280
ON_CPU = Path(__file__).parent / "on_cpu"
FSDP = {
    "SHARD": "1",
    "ACCELERATE_USE_FSDP": "true",
    "FSDP_VERSION": "2",
    "FSDP_AUTO_WRAP_POLICY": "TRANSFORMER_BASED_WRAP",
    "FSDP_RESHARD_AFTER_FORWARD": "true",
    "FSDP_STATE_DICT_TYPE": "SHARDED_STATE_DICT",
    "FSDP_OFFLOAD_PARAMS": "false",
}
VLLM = {"KEEP_WEIGHTS": "1", "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_LOGGING_LEVEL": "ERROR"}


@dataclass(frozen=True)
class Ended:
    """How a launched training ended."""

    code: int
    said: str
    seconds: float


def launch(asked: TrainingOptions, processes: int, module: str = "distill.grpo", **environment: str) -> Ended:
    """Train in so many processes by torchrun; each sees the environment given."""
    several = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *(several if processes > 1 else []), "-m", module, write_options(asked)],
        capture_output=True,
        text=True,
        env=make_environment(environment),
        timeout=LONGEST_S,
        cwd=ROOT,
    )
    return Ended(done.returncode, done.stdout + done.stderr, time.monotonic() - started)


def start_ranks(
    asked: TrainingOptions, processes: int, module: str, **environment: str
) -> list[subprocess.Popen]:
    """Start the processes without a launcher, so that all of them can be killed at once."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": str(processes), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    return [
        subprocess.Popen(
            [sys.executable, "-m", module, write_options(asked)],
            env=make_environment({**shared, **environment, "RANK": str(rank), "LOCAL_RANK": str(rank)}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
        )
        for rank in range(processes)
    ]


def write_options(asked: TrainingOptions) -> str:
    """The options as a stage's main program takes them."""
    file = asked.run / f"asked-{asked.name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(asked.model_dump_json())
    return str(file)


def make_environment(given: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that may pass for one beside a GPU, as `on_cpu/sitecustomize.py` says."""
    path = os.pathsep.join([str(ON_CPU), str(ROOT), os.environ.get("PYTHONPATH", "")])
    usual = {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    return {**os.environ, **usual, "PYTHONPATH": path, **given}


def curve(asked: TrainingOptions) -> list[dict[str, float]]:
    """The metrics of a trained model by step."""
    about = asked.run / "models" / asked.name / "r1curate.json"
    points: list[dict[str, float]] = json.loads(about.read_text())["curve"]
    return points
