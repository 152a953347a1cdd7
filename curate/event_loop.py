"""Running asynchronous work to its end from ordinary code, also where an event loop is running already.

`asyncio.run` refuses inside a notebook, whose cells are run by a loop of its own. There the work gets a loop in a
thread of its own, and an interrupt cancels it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, wait
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

Result = TypeVar("Result")

WAIT_S = 0.2


def run_async(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end and give its result, whether or not this thread's event loop is running."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    return _run_in_thread(work)


def _run_in_thread(work: Coroutine[Any, Any, Result]) -> Result:
    loop, outcome = asyncio.new_event_loop(), Future[Result]()

    def serve() -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                made = runner.run(work)
        except BaseException as error:  # noqa: BLE001  whoever waits raises it
            outcome.set_exception(error)
        else:
            outcome.set_result(made)

    Thread(target=serve, name="event loop", daemon=True).start()
    try:
        _wait(outcome)
    except BaseException:  # an interrupt of the thread that waits
        with suppress(RuntimeError):  # the loop is closed: the work has just ended
            loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        _wait(outcome)
        raise
    return outcome.result()


def _wait(outcome: Future[Any]) -> None:
    """Wait in short steps: a lock that is waited for without a limit may not be woken by an interrupt."""
    while not outcome.done():
        wait([outcome], WAIT_S)
