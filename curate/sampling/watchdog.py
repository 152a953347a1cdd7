"""The watchdog: stops a chain inside the engine once it can no longer be kept.

Its rules are the filters themselves, run on the chain so far. They run in the check workers, never in the
engine's way, each time the text has grown by a fixed share, so that their cost stays a fixed multiple of one
reading. A stop cannot be taken back, a filter's verdict can: so one rejection only raises a suspicion, and
the chain is stopped when what it says from there on is rejected too. What does not go on in its fault is left
to the filter.
"""

from __future__ import annotations

from concurrent.futures import Future
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from curate.checking.executors.base import Executor
from curate.checking.worker_messages import Verdicts
from filters.engine import Loops
from filters.spec import Spec
from filters.think import CLOSE, OPEN
from filters.types import Prompt, Sample

FIRST: Final = 400
"""Characters after which a text is looked at for the first time."""
GROWTH: Final = 1.25
"""A text is looked at again when it is this much longer: all looks together read it five times."""

LOOP_TOKENS: Final = 20
"""The longest pattern that the engine compares: each costs it a comparison a token."""


class WatchdogOptions(BaseModel):
    """When a chain is stopped while it is sampled. Nothing is, unless asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    check: tuple[Spec, ...] = ()
    """A check that stops a chain while it streams: once it rejects the text so far, and then rejects what follows too; e.g. repetition. Repeatable."""
    chain_tokens: int | None = Field(default=None, gt=0)
    """Stop a chain whose think block is still open after N tokens."""
    loops: int | None = Field(default=None, gt=1)
    """Stop a chain that repeats the same 1 to 20 tokens N times in a row, by vLLM's own detection. Below 32 it also stops good chains (long numbers, table rules); 64 stopped none."""

    @property
    def active(self) -> bool:
        """Whether a text is watched while it streams, which costs a little; loops are the engine's to see."""
        return bool(self.check) or self.chain_tokens is not None

    @property
    def pattern(self) -> Loops | None:
        """The loops that the engine is to see."""
        return None if self.loops is None else Loops(LOOP_TOKENS, self.loops)

    @property
    def loop_reason(self) -> str:
        """The reason of a chain that the engine ended for a loop."""
        return f"loop: up to {LOOP_TOKENS} tokens, {self.loops} times in a row"


class Watcher:
    """Watches one completion: collects its text, has it looked at now and then, says when to stop it."""

    def __init__(self, options: WatchdogOptions, executor: Executor, key: str, prompt: Prompt) -> None:
        self._options, self._executor, self._key, self._prompt = options, executor, key, prompt
        self.restart()

    def restart(self) -> None:
        """Forget what was sampled: the completion is made again from its beginning."""
        self._pieces: list[str] = []
        self._length = 0
        self._closed = False
        self._suspected: set[str] = set()
        self._looking: Future[Verdicts] | None = None
        self._begin()
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

    def _begin(self) -> None:
        """Look at what comes from here on only, as a chain of its own where this one is still open."""
        self._head = OPEN if self._pieces and not self._closed else ""
        self._from, self._begun, self._next = len(self._pieces), self._length, FIRST

    def _look(self) -> None:
        """Take in the last look's verdicts, and begin another where the text has grown enough."""
        if self._looking is not None and self._looking.done():
            self._weigh(self._looking.result())
            self._looking = None
        new = self._length - self._begun
        if self._options.check and self._looking is None and new >= self._next:
            self._next = int(new * GROWTH)
            text = self._head + "".join(self._pieces[self._from :])
            so_far = Sample(self._key, self._prompt, text, 0, self.tokens, "running")
            self._looking = self._executor.submit([so_far])

    def _weigh(self, verdicts: Verdicts) -> None:
        """Stop for the second rejection by a check; after a first one begin anew."""
        rejected = {label: verdict for label, (verdict,) in verdicts.items() if verdict.ok is False}
        for label in rejected.keys() & self._suspected:
            self.reason = self.reason or f"{label}: {rejected[label].reason}"
        if rejected.keys() - self._suspected:
            self._suspected |= rejected.keys()
            self._begin()
