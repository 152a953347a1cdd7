"""A training in several processes of a CPU, as `accelerate launch` would start it on several GPUs.

Run as a program it is one of them: accelerate shards models on GPUs only, so the kind of its processes is renamed
where a test shares the model out, and everything else is as it is.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel


def start(options: BaseModel, file: Path, processes: int, **environment: str) -> list[subprocess.Popen]:
    """Start them; each takes its options from `file`, which is written."""
    file.write_text(options.model_dump_json())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        **os.environ, "WORLD_SIZE": str(processes), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
        "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo", **environment,
    }  # fmt: skip
    return [
        subprocess.Popen(
            [sys.executable, "-m", "tests.distill.processes", str(file)],
            env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(processes)
    ]


def train(options: BaseModel, file: Path, processes: int, **environment: str) -> str:
    """Train to the end in all of them; what they said."""
    started = start(options, file, processes, **environment)
    said = "".join(process.communicate(timeout=280)[0] for process in started)
    assert [process.returncode for process in started] == [0] * processes, said
    return said


def _call_processes_gpus() -> None:
    from accelerate.state import DistributedType, PartialState

    make = PartialState.__init__

    def renamed(self, *args, **kwargs):
        make(self, *args, **kwargs)
        if self.__dict__.get("distributed_type") == DistributedType.MULTI_CPU:
            self.distributed_type = DistributedType.MULTI_GPU

    PartialState.__init__ = renamed


if __name__ == "__main__":
    if os.environ.get("SHARED_OUT"):
        _call_processes_gpus()
    from distill.common.launch import run_from_file
    from distill.sft.options import DistillOptions
    from distill.sft.stage import distill_student

    sys.exit(run_from_file(DistillOptions, distill_student, sys.argv[1:]))
