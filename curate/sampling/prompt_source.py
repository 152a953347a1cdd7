"""Where a sampler's prompts come from: a list that is there, or leases that come while it works."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from filters.types import Prompt


class PromptSource(ABC):
    """Prompts to sample, one after the other."""

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether more prompts may come without being asked for; whoever adds one wakes the sampler."""

    @abstractmethod
    def take(self) -> Prompt | None:
        """The next prompt; None where there is none, or none now."""

    @abstractmethod
    def finish(self, prompt: Prompt) -> None:
        """Take note that no more samples are made of a prompt in this run."""


class ListedPrompts(PromptSource):
    """Prompts that are there."""

    is_open = False

    def __init__(self, prompts: Iterable[Prompt]) -> None:
        self._prompts: Iterator[Prompt] = iter(prompts)

    def take(self) -> Prompt | None:
        """The next of them."""
        return next(self._prompts, None)

    def finish(self, prompt: Prompt) -> None:
        """Nobody waits for it."""
