"""What may go wrong with an engine, beside the failure of one request: it may pass, or the whole engine is gone."""

from __future__ import annotations

from filters.engine import EngineError


class EngineDied(EngineError):  # noqa: N818  a state of the engine, as the field says it
    """The engine itself failed: every request in flight is lost and a new engine must be opened."""


class TransientError(Exception):
    """One try failed, another may not.

    wait_s: what the server asked for. busy: whether it has just answered others and only takes no more at once.
    """

    def __init__(self, message: str, wait_s: float = 0.0, *, busy: bool = False) -> None:
        super().__init__(message)
        self.wait_s, self.busy = wait_s, busy


class RefusalError(Exception):
    """A server refused a request, for a while or for good: `curate.engines.refusals` tells which.

    status: HTTP's, or what a refusal inside an answer comes to. said: the server's words, in one line.
    labels: its code, type and parameter, as far as it gives them. wait_s: what it asked for.
    """

    def __init__(self, status: int, said: str, labels: frozenset[str], wait_s: float) -> None:
        super().__init__(f"{status}: {said}")
        self.status, self.said, self.labels, self.wait_s = status, said, labels, wait_s
