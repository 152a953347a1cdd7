"""A server's request given again after a failure that may pass: how often, and after what pause."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from typing import Any

from curate.engines.errors import TransientError
from filters.engine import Completion, EngineError

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0
LONGEST_RETRY_AFTER_S = 600.0
RETRIED_STATUSES = frozenset({408, 409, 425, 429})


async def retry_transient(
    attempt: Callable[[], Awaitable[Completion]], tries: int, restart: Callable[[], None] | None
) -> Completion:
    """What the first attempt gives that does not raise TransientError; `restart` is called before each further one.

    Raises EngineError after the last of `tries`; other errors pass at once.
    """
    for number in range(tries):
        try:
            return await attempt()
        except TransientError as error:
            failure = error
        if number + 1 < tries:
            if restart is not None:
                restart()
            await asyncio.sleep(pause_s(number, failure.wait_s))
    raise EngineError(f"gave up after {tries} tries; the last: {failure}") from failure


def is_transient(status: int) -> bool:
    """Whether a refusal with this HTTP status may pass."""
    return status in RETRIED_STATUSES or status >= 500


def pause_s(number: int, wait_s: float) -> float:
    """How long to wait after failure `number` (from 0); jitter spreads the herd."""
    longest = min(FIRST_PAUSE_S * 2.0 ** min(number, 30), LONGEST_PAUSE_S)
    return max(wait_s, 0.0) + longest * random.uniform(0.5, 1.0)  # noqa: S311  no secret


def read_retry_after(headers: Any) -> float:
    """The wait a server asks for, in seconds or as a date; 0 where it asks for none that can be read."""
    said = headers.get("retry-after", "")
    try:
        wait_s = float(said)
    except ValueError:
        try:
            wait_s = parsedate_to_datetime(said).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
    return min(wait_s, LONGEST_RETRY_AFTER_S) if wait_s > 0 else 0.0
