"""What may go wrong with an engine, beside the refusal of one request: it may pass, or the whole engine is gone."""

from __future__ import annotations

from filters.engine import EngineError


class EngineDied(EngineError):  # noqa: N818  a state of the engine, as the field says it
    """The engine itself failed: every request in flight is lost and a new engine must be opened."""


class EngineGone(EngineDied):
    """The engine had failed before it was given this request, which therefore had no part in it."""


class TransientError(Exception):
    """One try failed, another may not. `wait_s` is what the server asked for."""

    def __init__(self, message: str, wait_s: float = 0.0) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def repeat_end(ended: EngineError, died: type[EngineDied]) -> EngineError:
    """An engine's end for one more who asks: an exception that is raised twice mixes up its tracebacks."""
    return (died if isinstance(ended, EngineDied) else type(ended))(str(ended))
