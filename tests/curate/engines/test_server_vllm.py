"""The server engine against vLLM's own OpenAI server."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from curate.engines.factory import open_engine
from filters.engine import Completion, EngineError, EngineOptions
from filters.errors import UserError
from tests.curate.engines.models import END, LENGTH, make_model
from tests.curate.engines.running import Running, ask
from tests.curate.engines.test_server_stream import Recorder

pytest.importorskip("vllm")
START_LIMIT_S = 240
CHAIN = ("Ċ", "<think>", "a", "b", "</think>", "c", END)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(model: Path, log: Path, *arguments: str) -> Iterator[str]:
    """vLLM's server in a process group of its own, which is ended whatever happens."""
    port = free_port()
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", "--model", str(model)]
    command += [
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
        "--served-model-name",
        "tiny",
        "--dtype",
        "float32",
    ]
    command += ["--no-enable-chunked-prefill", "--enforce-eager", *arguments]
    environment = os.environ | {
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_WAIT_POLICY": "passive",
        "OMP_NUM_THREADS": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment, start_new_session=True)
    try:
        wait_until_up(process, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        end(process)


def wait_until_up(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(1)
        else:
            return
    pytest.fail(f"the server was not up in {START_LIMIT_S} s: {log.read_text(errors='replace')[-3000:]}")


def end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_real_vllm_server_answers_as_the_engine_in_process_does(tmp_path: Path) -> None:
    model = make_model(tmp_path / "random")
    seeds = range(8)

    async def over_http(url: str) -> list[Completion | BaseException]:
        engine = await open_engine(
            EngineOptions(kind="server", model="tiny", endpoints=(url,), max_model_len=LENGTH)
        )
        try:
            asks = [
                *(ask("hello", seed) for seed in seeds),
                ask("x" * 2 * LENGTH),
                ask("hello", 0, max_tokens=4096),
            ]
            return await asyncio.gather(*map(engine.complete, asks), return_exceptions=True)
        finally:
            await engine.close()

    async def wrong_name(url: str) -> None:
        engine = await open_engine(EngineOptions(kind="server", model="tinny", endpoints=(url,)))
        with pytest.raises(UserError, match="has no model 'tinny'"):
            await engine.complete(ask("x"))
        await engine.close()

    with serving(model, tmp_path / "log") as url:
        *served, long, longest = asyncio.run(over_http(url))
        asyncio.run(wrong_name(url))
    with Running(model) as running:
        assert served == running.all(*(ask("hello", seed) for seed in seeds))
    assert isinstance(long, EngineError)
    assert str(LENGTH) in str(long)
    assert isinstance(longest, Completion)
    assert longest.prompt_tokens + longest.tokens == LENGTH


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_real_reasoning_parsers_chain_is_put_back(tmp_path: Path) -> None:
    model = make_model(tmp_path / "rigged", says=CHAIN)

    async def over_http(url: str) -> list[Completion]:
        engine = await open_engine(EngineOptions(kind="server", model="tiny", endpoints=(url,)))
        asks = [ask("x", temperature=0), ask("x", temperature=0, max_tokens=2)]
        streamed = [replace(request, watch=Recorder()) for request in asks]
        made = await asyncio.gather(*map(engine.complete, [*asks, *streamed]))
        await engine.close()
        assert made[:2] == made[2:]
        assert [request.watch.text for request in streamed] == [each.text for each in made[2:]]
        return made[:2]

    with serving(model, tmp_path / "log", "--reasoning-parser", "deepseek_r1") as url:
        whole, cut = asyncio.run(over_http(url))
    assert (whole.text, whole.finish, whole.tokens) == ("<think>ab</think>c", "stop", 6)
    assert (cut.text, cut.finish, cut.tokens) == ("<think>a", "length", 2)
