"""The error a sampler must tell from a request's own: the whole engine is gone."""

from __future__ import annotations

from filters.engine import EngineError


class EngineDied(EngineError):  # noqa: N818  a state of the engine, as the field says it
    """The engine itself failed: every request in flight is lost and a new engine must be opened."""
