"""A real vLLM server, started as the options' help says, is taken, and samples as it is told and not as the model's defaults.

It loads for half a minute and more: `pytest -m slow tests/distill/grpo/test_real_server.py`. The transfer of weights needs NCCL,
which needs GPUs: `r1curate grpo --rollout server` beside the server of distill/README.md.
"""

import json
import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from trl.generation.vllm_client import VLLMClient

from distill.grpo.engine_arguments import NEUTRAL
from distill.grpo.policy_server import COMMAND, require_ready
from filters.errors import UserError
from tests.distill.tiny import make_model

PROMPT = list(range(5, 25))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(model: Path, port: int, *more: str) -> Iterator[str]:
    """The server that the documented command starts; the package for CPUs has no `vllm` command."""
    words = shlex.split(COMMAND.format(model=model))
    mode, rest = words[0].split("="), words[words.index(str(model)) + 1 :]
    command = [
        sys.executable,
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model",
        str(model),
        *rest,
        *more,
    ]
    environment = {**os.environ, mode[0]: mode[1], "VLLM_CPU_KVCACHE_SPACE": "1", "OMP_NUM_THREADS": "1"}
    server = subprocess.Popen(
        [*command, "--port", str(port)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(60)


def test_the_documented_server_fits_and_obeys(tmp_path):
    model = make_model(tmp_path / "base", hidden=64)
    defaults = {"do_sample": True, "top_k": 1, "repetition_penalty": 1.9, "eos_token_id": 0}
    (model / "generation_config.json").write_text(json.dumps(defaults))
    # The model's own defaults, against the documented command: what a request says must hold all the same.
    with started(model, find_free_port(), "--generation-config", "auto") as url:
        require_ready(url, str(model), None, 512, patience_s=600)
        with pytest.raises(UserError, match=r"takes 512 tokens a request.* may have 513"):
            require_ready(url, str(model), None, 513, patience_s=0)
        with pytest.raises(UserError, match=f"serves '{model}', not 'other'"):
            require_ready(url, "other", None, 512, patience_s=0)
        client = VLLMClient(base_url=url)
        made = client.generate(
            [PROMPT], n=8, max_tokens=12, generation_kwargs={"stop_token_ids": [0, 2], **NEUTRAL}
        )
        silent = client._post(
            f"{url}/v1/completions",
            json={
                "model": client.model,
                "prompt": [PROMPT],
                "n": 8,
                "max_tokens": 12,
                "return_token_ids": True,
            },
        )
    assert len({tuple(ids) for ids in made["completion_ids"]}) == 8
    assert made["prompt_ids"] == [PROMPT]
    assert len({tuple(choice["token_ids"]) for choice in silent["choices"]}) == 1
