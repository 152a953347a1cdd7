"""Several engines in processes of their own behave as one, and outlive the death of any of them."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from curate.engines.errors import EngineDied
from curate.engines.factory import open_engine
from curate.engines.identity import identify_engine
from curate.engines.replica import Replica
from curate.engines.replicas import Replicas, _place
from filters.engine import EngineError, EngineOptions, RequestRefused
from filters.errors import UserError
from tests.curate.engines.running import ask
from tests.curate.engines.test_vllm_watch import Recorder

TEXT = "word " * 400


class Seen(Recorder):
    """Tells when it has been shown something."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = asyncio.Event()

    def __call__(self, text: str, tokens: int) -> str | None:
        self.shown.set()
        return super().__call__(text, tokens)


def script(folder: Path) -> EngineOptions:
    path = folder / "script.jsonl"
    lines = [
        {"prompt": "fast", "responses": [{"text": "yes"}]},
        {"prompt": "slow", "responses": [{"text": TEXT, "delay_s": 2.0}]},
        {"prompt": "bad", "responses": [{"error": "refused"}]},
        {"prompt": "never", "responses": [{"text": TEXT, "delay_s": 3600}]},
        {"prompt": "deadly", "responses": [{"dies": True, "error": "out of memory"}]},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return EngineOptions(kind="scripted", model=str(path), replicas=2)


def run(options: EngineOptions, work: Callable[[Replicas], Awaitable[None]]) -> None:
    async def go() -> None:
        engine = await open_engine(options)
        assert isinstance(engine, Replicas)
        try:
            await work(engine)
        finally:
            await engine.close()

    asyncio.run(asyncio.wait_for(go(), 200))


def processes(engine: Replicas) -> list:
    return [lasting._engine._process for lasting in engine._outstanding]


def session(process: subprocess.Popen) -> list[int]:
    """The processes of the session that a replica leads, itself included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == process.pid and fields[0] != "Z":
                found.append(int(stat.parent.name))
    return found


def test_requests_are_shared_and_answered(tmp_path: Path):
    options = script(tmp_path)

    async def work(engine: Replicas) -> None:
        assert engine.identity == identify_engine(options)
        assert engine.concurrency == 2 * 64
        made = await asyncio.gather(*(engine.complete(ask("fast", seed)) for seed in range(20)))
        assert {one.text for one in made} == {"yes"}
        with pytest.raises(EngineError, match="refused"):
            await engine.complete(ask("bad"))

    run(options, work)


def test_a_watch_sees_the_text_and_ends_it_in_the_other_process(tmp_path: Path):
    async def work(engine: Replicas) -> None:
        whole, part = Recorder(), Recorder(most=50)
        made = await engine.complete(replace(ask("slow"), watch=whole))
        assert (made.text, "".join(whole.pieces)) == (TEXT, TEXT)
        made = await engine.complete(replace(ask("slow"), watch=part))
        assert made.finish == "stopped"
        assert TEXT.startswith(made.text)
        assert len(made.text) < len(TEXT)

    run(script(tmp_path), work)


def test_a_killed_replica_is_started_again_and_its_requests_given_again(tmp_path: Path):
    async def work(engine: Replicas) -> None:
        watches = [Seen() for _ in range(6)]
        asked = [
            asyncio.create_task(engine.complete(replace(ask("slow", seed), watch=watch)))
            for seed, watch in enumerate(watches)
        ]
        for watch in watches:
            await watch.shown.wait()
        before = processes(engine)
        os.kill(before[0].pid, signal.SIGKILL)
        made = await asyncio.gather(*asked)
        assert [one.text for one in made] == [TEXT] * 6
        assert before[0] not in processes(engine)
        assert before[1] in processes(engine)

    run(script(tmp_path), work)


def test_a_cancelled_request_leaves_the_others_alone(tmp_path: Path):
    async def work(engine: Replicas) -> None:
        task = asyncio.create_task(engine.complete(ask("slow")))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await engine.complete(ask("fast"))).text == "yes"

    run(script(tmp_path), work)


@pytest.mark.parametrize("busy", [False, True])
def test_a_closed_replica_ends_by_itself_and_leaves_nothing(tmp_path: Path, busy: bool):
    held: list[subprocess.Popen] = []

    async def work(engine: Replicas) -> None:
        held.extend(processes(engine))
        watches = [Seen() for _ in range(4 * busy)]
        asked = [
            asyncio.create_task(engine.complete(replace(ask(prompt, seed), watch=watch)))
            for seed, shown in enumerate(watches)
            for prompt, watch in (("slow", shown), ("never", None))
        ]
        for watch in watches:
            await watch.shown.wait()
        await engine.close()
        ended = await asyncio.gather(*asked, return_exceptions=True)
        assert [(type(one), str(one)) for one in ended] == [(EngineError, "the engine was closed")] * len(
            asked
        )
        assert processes(engine) == held, "none was started again"

    run(script(tmp_path), work)
    assert [process.returncode for process in held] == [0, 0], "not killed"


def test_large_messages_go_both_ways_at_once(tmp_path: Path):
    """Prompts, pieces and answers far larger than a socket's buffer, many at a time, each shown to its watch whole."""
    texts = [f"{number} " + chr(0x4E00 + number) * 10_000 for number in range(8)]
    path = tmp_path / "large.jsonl"
    lines = [
        {"prompt": text, "responses": [{"text": text[::-1], "delay_s": 0.2}, {"text": text * 2}]}
        for text in texts
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    async def work(engine: Replicas) -> None:
        asked = [ask(text, seed) for text in texts for seed in range(4)]
        watches = [Seen() for _ in asked]
        made = await asyncio.gather(
            *(engine.complete(replace(one, watch=watch)) for one, watch in zip(asked, watches, strict=True))
        )
        for request, watch, one in zip(asked, watches, made, strict=True):
            text = request.messages[-1]["content"]
            assert one.text == (text * 2 if request.seed % 2 else text[::-1])
            assert "".join(watch.pieces) == one.text

    run(EngineOptions(kind="scripted", model=str(path), replicas=2), work)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_closing_is_quick_whatever_the_process_does(
    tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("curate.engines.replica.CLOSING_S", 0.5)

    async def work() -> None:
        replica = await Replica.open(script(tmp_path), {})
        asked = asyncio.create_task(replica.complete(ask("never")))
        await asyncio.sleep(0)
        os.kill(replica._process.pid, number)
        began = time.monotonic()
        await replica.close()
        assert time.monotonic() - began < 2
        assert session(replica._process) == []
        assert isinstance((await asyncio.gather(asked, return_exceptions=True))[0], EngineError)

    asyncio.run(asyncio.wait_for(work(), 60))


def test_a_replica_ends_when_its_parent_is_killed(tmp_path: Path):
    code = (
        "import asyncio, os, sys\n"
        "from curate.engines.replica import Replica\n"
        "from filters.engine import EngineOptions\n"
        "async def go():\n"
        "    replica = await Replica.open(EngineOptions(kind='scripted', model=sys.argv[1]), {})\n"
        "    print(replica._process.pid, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(go())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, script(tmp_path).model], capture_output=True, text=True, timeout=60
    )
    replica = Path("/proc") / done.stdout.strip()
    ends = time.monotonic() + 5
    while replica.exists() and time.monotonic() < ends and "zombie" not in (replica / "status").read_text():
        time.sleep(0.02)
    assert time.monotonic() < ends


def test_a_process_that_an_engine_loses_ends_the_replica(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """vLLM's core, when it is killed, leaves its parent waiting for ever."""
    (tmp_path / "sitecustomize.py").write_text(
        "import curate.engines.scripted as s, multiprocessing, time\n"
        "opened = s.ScriptedEngine.open\n"
        "def open_with_core(options):\n"
        "    core = multiprocessing.get_context('fork').Process(target=time.sleep, args=(100,), name='Core')\n"
        "    core.start()\n"
        "    engine = opened(options)\n"
        "    engine.in_force = {'core': core.pid}\n"
        "    return engine\n"
        "s.ScriptedEngine.open = open_with_core\n"
    )
    path = os.pathsep.join([str(tmp_path), *sys.path])

    async def work() -> None:
        replica = await Replica.open(script(tmp_path), {"PYTHONPATH": path})
        asked = asyncio.create_task(replica.complete(ask("never")))
        await asyncio.sleep(0.5)
        os.kill(replica.in_force["core"], signal.SIGSEGV)
        with pytest.raises(EngineDied, match=r"^its process Core was ended by SIGSEGV$"):
            await asyncio.wait_for(asked, 5)
        await replica.close()
        assert session(replica._process) == []

    asyncio.run(asyncio.wait_for(work(), 60))


def test_a_guilty_prompt_is_refused_by_every_replica(tmp_path: Path):
    async def work(engine: Replicas) -> None:
        asked = [engine.complete(ask("deadly" if seed % 5 == 0 else "fast", seed)) for seed in range(40)]
        made = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(one) for one in made[::5]} == {RequestRefused}
        assert {one.text for number, one in enumerate(made) if number % 5} == {"yes"}

    run(script(tmp_path), work)


def test_a_file_beside_the_data_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("asyncio", "pydantic", "fasttext", "torch"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')")
    options = script(tmp_path)
    monkeypatch.chdir(tmp_path)

    async def work(engine: Replicas) -> None:
        assert (await engine.complete(ask("fast"))).text == "yes"

    run(options, work)
    assert not (tmp_path / "run").exists()


def test_a_dead_engine_in_a_living_process_fails_all_it_had(tmp_path: Path):
    async def work() -> None:
        replica = await Replica.open(script(tmp_path).model_copy(update={"replicas": 1}), {})
        ended = await asyncio.gather(
            *map(replica.complete, [ask("never"), ask("deadly")]), return_exceptions=True
        )
        assert [(type(one), str(one)) for one in ended] == [(EngineDied, "out of memory")] * 2
        await replica.close()
        assert replica._process.returncode == 0

    asyncio.run(asyncio.wait_for(work(), 200))


def test_opening_can_be_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    started: list[subprocess.Popen] = []

    class Popen(subprocess.Popen):
        def __init__(self, *arguments, **options) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Popen)

    async def work() -> None:
        opening = asyncio.create_task(Replica.open(script(tmp_path), {}))
        while not started:
            await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening

    asyncio.run(work())
    (process,) = started
    assert process.returncode < 0
    assert session(process) == []


def test_what_keeps_a_replica_from_opening_is_told(tmp_path: Path):
    options = EngineOptions(kind="scripted", model=str(tmp_path / "missing.jsonl"), replicas=2)
    with pytest.raises(UserError, match=r"missing\.jsonl"):
        asyncio.run(open_engine(options))


def test_too_few_gpus_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    options = EngineOptions(model=str(tmp_path), replicas=2, tensor_parallel=2)
    with pytest.raises(UserError, match="2 replicas of 2 GPUs need 4 GPUs; here are 3"):
        asyncio.run(open_engine(options))


def test_two_vllm_replicas_give_the_texts_of_one(tiny_model: Path):
    pytest.importorskip("vllm")
    requests = [ask("hello", seed) for seed in range(8)]
    texts: list[list[str]] = []

    async def both(engine) -> None:
        made = await asyncio.gather(*map(engine.complete, requests))
        texts.append([one.text for one in made])
        await engine.close()
        if isinstance(engine, Replicas):
            # By themselves, or on a busy machine when they are asked to; never killed.
            assert all(process.returncode in (0, -signal.SIGTERM) for process in processes(engine))

    for replicas in (1, 2):
        options = EngineOptions(model=str(tiny_model), replicas=replicas)

        async def go(options: EngineOptions = options) -> None:
            await both(await open_engine(options))

        asyncio.run(asyncio.wait_for(go(), 250))
    assert texts[0] == texts[1]


def places(monkeypatch: pytest.MonkeyPatch, gpus: int, **options: int) -> list[dict[str, str]]:
    """What each replica is given on a machine where `nvidia-smi` lists so many GPUs."""
    listed = "".join(f"GPU {number}: NVIDIA H100 (UUID: GPU-{number:04})\n" for number in range(gpus))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 0, listed, ""))
    asked = EngineOptions(kind="vllm", model="m", **options)
    return [_place(number, asked) for number in range(asked.replicas)]


@pytest.mark.parametrize(
    ("gpus", "replicas", "tensor_parallel", "given"),
    [
        (4, 4, 1, ["0", "1", "2", "3"]),
        (4, 2, 2, ["0,1", "2,3"]),
        (8, 2, 4, ["0,1,2,3", "4,5,6,7"]),
        (8, 4, 2, ["0,1", "2,3", "4,5", "6,7"]),
        (8, 3, 2, ["0,1", "2,3", "4,5"]),
    ],
)
def test_every_replica_has_gpus_of_its_own(
    monkeypatch: pytest.MonkeyPatch, gpus: int, replicas: int, tensor_parallel: int, given: list[str]
):
    found = places(monkeypatch, gpus, replicas=replicas, tensor_parallel=tensor_parallel)
    assert found == [{"CUDA_VISIBLE_DEVICES": names} for names in given]


def test_only_the_gpus_that_a_job_was_given_are_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,MIG-3,7,2")
    options = EngineOptions(kind="vllm", model="m", replicas=2, tensor_parallel=2)
    assert [_place(n, options)["CUDA_VISIBLE_DEVICES"] for n in range(2)] == ["5,MIG-3", "7,2"]


def test_more_replicas_than_gpus_are_refused_before_anything_is_loaded(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(UserError, match="3 replicas of 2 GPUs need 6 GPUs; here are 4"):
        places(monkeypatch, 4, replicas=3, tensor_parallel=2)
