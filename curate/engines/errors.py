"""What may go wrong with an engine, beside the refusal of one request: it may pass, or the whole engine is gone."""

from __future__ import annotations

from filters.engine import EngineError


class EngineDied(EngineError):  # noqa: N818  a state of the engine, as the field says it
    """The engine itself failed: every request in flight is lost and a new engine must be opened."""


class TransientError(Exception):
    """One try failed, another may not. `wait_s` is what the server asked for."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s
