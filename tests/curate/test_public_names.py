"""`import curate` costs nothing, and everything it offers is there, documented and usable in a notebook."""

import asyncio
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import curate
from curate import GenerateOptions, MixOptions, generate_samples, mix_samples

HEAVY = (
    "torch",
    "vllm",
    "trl",
    "transformers",
    "datasets",
    "polars",
    "pyarrow",
    "numpy",
    "pydantic",
    "rich",
    "typer",
)


def test_importing_the_package_imports_nothing_heavy():
    code = f"import sys, curate; print([name for name in {HEAVY} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


@pytest.mark.parametrize("name", curate.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str):
    assert getattr(curate, name).__doc__
    assert name in dir(curate)


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="module 'curate' has no attribute 'generate'"):
        _ = curate.generate


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, object]:
    (tmp_path / "prompts.jsonl").write_text('{"prompt": "1 + 1?", "answer": "2"}\n')
    (tmp_path / "script.jsonl").write_text(
        '{"prompt": "*", "responses": [{"text": "<think>one and one</think>2"}, {"text": "<think>so</think>3"}]}\n'
    )
    engine = {"kind": "scripted", "model": str(tmp_path / "script.jsonl")}
    return {
        "run": tmp_path / "run",
        "prompts": str(tmp_path / "prompts.jsonl"),
        "engine": engine,
        "workers": 1,
    }


def test_stages_run_where_an_event_loop_is_running_and_give_their_results(inputs, capfd):
    """As in a notebook's cell: nothing is printed, and what was made is returned."""

    async def cell() -> tuple[curate.GenerateResult, curate.MixResult]:
        made = generate_samples(GenerateOptions(**inputs, samples=8))
        return made, mix_samples(MixOptions(run=inputs["run"], source=["teacher"]))

    for logger in map(logging.getLogger, ("curate", "distill", "filters", "recipes")):
        logger.handlers.clear()
    made, mixed = asyncio.run(cell())
    curate.show_logs()
    assert made.counts is not None
    assert made.counts.whole == 8
    (counts,) = made.verdicts
    assert (counts.label, counts.null) == ("math_answer", 0)
    assert counts.true + counts.false == 8
    assert mixed.rows == mixed.funnels[0].selected > 0
    assert mixed.folder.is_dir()
    assert capfd.readouterr().out == ""


def test_an_interrupt_of_work_in_a_notebook_cancels_it(monkeypatch):
    from curate import event_loop

    started, ended = threading.Event(), []
    waited_for = event_loop.wait
    interrupts = [KeyboardInterrupt]

    async def work() -> None:
        started.set()
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    def interrupted(*args: object) -> object:
        if interrupts:
            started.wait()
            raise interrupts.pop()
        return waited_for(*args)

    async def cell() -> None:
        monkeypatch.setattr(event_loop, "wait", interrupted)
        event_loop.run_async(work())

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(cell())
    assert ended == ["cancelled"]
