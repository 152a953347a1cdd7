"""One open engine on an event loop of its own: tests share what takes seconds to load."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from curate.engines.factory import open_engine
from curate.engines.vllm import VllmEngine
from filters.engine import Completion, EngineOptions, Request, SamplingOptions
from filters.types import Message

T = TypeVar("T")
LIMIT_S = 200


def ask(text: str, seed: int | None = 0, max_tokens: int = 24, **sampling: Any) -> Request:
    options = SamplingOptions(max_tokens=max_tokens, **sampling)
    return Request([Message(role="user", content=text)], options, seed)


class Running:
    def __init__(self, model: Path, **options: Any) -> None:
        self.options = EngineOptions(model=str(model), **options)
        self.loop = asyncio.new_event_loop()
        engine = self.run(open_engine(self.options))
        assert isinstance(engine, VllmEngine)
        self.engine = engine

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, LIMIT_S))

    def all(self, *requests: Request) -> list[Completion | BaseException]:
        async def gather() -> list[Completion | BaseException]:
            return await asyncio.gather(*map(self.engine.complete, requests), return_exceptions=True)

        return self.run(gather())

    def one(self, request: Request) -> Completion:
        return self.run(self.engine.complete(request))

    def close(self) -> None:
        self.run(self.engine.close())

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self.loop.close()
