"""Trainings in processes of their own, as they are launched on GPUs, and what came of them."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from distill.grpo.options import GrpoOptions

ROOT = Path(__file__).parents[3]
LONGEST_S = 280
ON_CPU = Path(__file__).parents[1] / "on_cpu"
FSDP = {
    "SHARD": "1",
    "ACCELERATE_USE_CPU": "true",
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


def launch(asked: GrpoOptions, processes: int, module: str = "distill.grpo", **environment: str) -> Ended:
    """Train in so many processes; each sees the environment given."""
    file = asked.run / "asked.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(asked.model_dump_json())
    path = os.pathsep.join([str(ON_CPU), str(ROOT), os.environ.get("PYTHONPATH", "")])
    several = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, *(several if processes > 1 else []), "-m", module, str(file)],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path, **environment},
        timeout=LONGEST_S,
        cwd=ROOT,
    )
    return Ended(done.returncode, done.stdout + done.stderr, time.monotonic() - started)


def curve(asked: GrpoOptions) -> list[dict[str, float]]:
    """The metrics of a trained model by step."""
    about = asked.run / "models" / asked.name / "r1curate.json"
    points: list[dict[str, float]] = json.loads(about.read_text())["curve"]
    return points
