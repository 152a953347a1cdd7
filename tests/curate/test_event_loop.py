"""Asynchronous work runs to its end from ordinary code, also beside a running loop, and an interrupt ends it."""

import asyncio
import subprocess
import sys
import time

import pytest

from curate.event_loop import run_async


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


async def fail() -> None:
    raise ValueError("as it should")


def test_without_a_loop_and_inside_one():
    async def cell() -> int:
        with pytest.raises(ValueError, match="as it should"):
            run_async(fail())
        return run_async(double(2))

    assert run_async(double(1)) == 2
    assert asyncio.run(cell()) == 4


CELL = """
import asyncio, os, signal, threading
import polars as pl
from curate.event_loop import run_async

async def work():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("cancelled", flush=True)
        raise

async def cell():
    pl.LazyFrame({"a": [1]}).collect()
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    run_async(work())

asyncio.new_event_loop().run_until_complete(cell())
"""


def test_an_interrupt_of_a_notebooks_cell_cancels_the_work():
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", CELL], capture_output=True, text=True, timeout=50, check=False
    )
    assert done.stdout == "cancelled\n"
    assert "KeyboardInterrupt" in done.stderr
    assert time.monotonic() - start < 40
