"""A server's request given again after a failure that may pass: how often, and after what pause."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import Any, Final

from curate.engines.errors import TransientError
from filters.engine import Completion, EngineError

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0
LONGEST_RETRY_AFTER_S = 600.0
BUSY_TRIES: Final = 10
"""A server that answers others is asked this many times as often before a request is given up."""


async def retry_transient(
    attempt: Callable[[], Awaitable[Completion]], tries: int, restart: Callable[[], None]
) -> Completion:
    """What the first attempt gives that does not raise TransientError; `restart` is called before each further one.

    Raises EngineError after the last of `tries`; those of a busy server are not counted, up to a bound. Other
    errors pass at once.
    """
    made = lost = 0
    while True:
        try:
            return await attempt()
        except TransientError as error:
            failure = error
        made, lost = made + 1, lost + (not failure.busy)
        if lost >= tries or made >= BUSY_TRIES * tries:
            raise EngineError(f"gave up after {made} tries; the last: {failure}") from failure
        restart()
        await asyncio.sleep(pause_s(made - 1, failure.wait_s))


def pause_s(number: int, wait_s: float) -> float:
    """How long to wait after failure `number` (from 0); jitter spreads the herd."""
    longest = min(FIRST_PAUSE_S * 2.0 ** min(number, 30), LONGEST_PAUSE_S)
    return max(wait_s, 0.0) + longest * random.uniform(0.5, 1.0)  # noqa: S311  no secret


def read_retry_after(headers: Any) -> float:
    """The wait a server asks for, in milliseconds, in seconds or as a date; 0 where it asks for none that can be read."""
    said = headers.get("retry-after", "")
    try:
        milliseconds = headers.get("retry-after-ms")
        wait_s = float(said) if milliseconds is None else float(milliseconds) / 1000
    except ValueError:
        try:
            wait_s = parsedate_to_datetime(said).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
    return min(wait_s, LONGEST_RETRY_AFTER_S) if math.isfinite(wait_s) and wait_s > 0 else 0.0
