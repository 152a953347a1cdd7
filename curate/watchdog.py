"""The watchdog: stops a chain inside the engine once it can no longer be kept.

Its rules are the filters themselves, run on the chain so far: what `language` or `repetition` rejects in the
first half, it rejects in the whole. They run in the check workers, never in the engine's way, each time a
chain has grown by a fixed share, so that their cost stays a fixed multiple of one reading.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from curate.checks import Spec
from curate.pool import CheckPool
from curate.worker import Verdicts
from filters.think import CLOSE
from filters.vocabulary import Prompt, Sample

FIRST: Final = 400
"""Characters after which a chain is looked at for the first time."""
GROWTH: Final = 1.25
"""A chain is looked at again when it is this much longer: all looks together read it five times."""


class WatchdogOptions(BaseModel):
    """When a chain is stopped while it is sampled. Nothing is, unless asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    check: tuple[Spec, ...] = ()
    """Checks whose rejection of the text so far stops it, e.g. repetition, language, code_blocks. Repeatable."""
    chain_tokens: int | None = Field(None, gt=0)
    """Stop where this many tokens have not closed the think block."""

    @property
    def active(self) -> bool:
        """Whether anything is watched for: streaming costs a little."""
        return bool(self.check) or self.chain_tokens is not None


class Watcher:
    """Watches one completion: collects its text, has it looked at now and then, says when to stop it."""

    def __init__(self, options: WatchdogOptions, pool: CheckPool, key: str, prompt: Prompt) -> None:
        self._options, self._pool, self._key, self._prompt = options, pool, key, prompt
        self.restart()

    def restart(self) -> None:
        """Forget what was sampled: the completion is made again from its beginning."""
        self._pieces: list[str] = []
        self._length, self._next = 0, FIRST
        self._closed = False
        self._looking: Future[Verdicts] | None = None
        self.tokens = 0
        self.reason: str | None = None

    @property
    def text(self) -> str:
        """What has been sampled so far."""
        return "".join(self._pieces)

    def __call__(self, text: str, tokens: int) -> str | None:
        """Take new text; the reason to stop, once there is one."""
        self._pieces.append(text)
        self._length += len(text)
        self.tokens = tokens
        # A tag may be cut between two pieces.
        self._closed = self._closed or CLOSE in "".join(self._pieces[-len(CLOSE) :])
        limit = self._options.chain_tokens
        if limit is not None and tokens >= limit and not self._closed:
            self.reason = f"unclosed: no {CLOSE} in {tokens} tokens"
        self._look()
        return self.reason

    def _look(self) -> None:
        """Take in the last look's verdicts, and begin another where the chain has grown enough."""
        if self._looking is not None and self._looking.done():
            for label, (verdict,) in self._looking.result().items():
                if verdict.ok is False:
                    self.reason = self.reason or f"{label}: {verdict.reason}"
            self._looking = None
        if self._options.check and self._looking is None and self._length >= self._next:
            self._next = int(self._length * GROWTH)
            so_far = Sample(self._key, self._prompt, self.text, 0, self.tokens, "running")
            self._looking = self._pool.submit([so_far])
