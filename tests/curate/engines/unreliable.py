"""An OpenAI-compatible server that does as each test says, misbehaviour on the wire included."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


def chat(content: str | None = "fine", finish: str = "stop", **message: Any) -> Answer:
    body = {
        "choices": [
            {"message": {"role": "assistant", "content": content, **message}, "finish_reason": finish}
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
    }
    return 200, {}, json.dumps(body).encode()


def stream(*deltas: dict[str, Any] | str, finish: str | None = "stop", end: bytes = b"[DONE]") -> Answer:
    """The events of a streamed answer; a text is a piece of content. With no finish or end it is cut there."""
    events: list[dict[str, Any]] = [
        {"choices": [{"delta": {"content": d} if isinstance(d, str) else d, "finish_reason": None}]}
        for d in ({"role": "assistant", "content": ""}, *deltas)
    ]
    if finish is not None:
        events.append({"choices": [{"delta": {}, "finish_reason": finish}]})
        events.append({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": len(deltas)}})
    lines = [json.dumps(event, ensure_ascii=False).encode() for event in events] + [end] * bool(end)
    body = b": ping\n\n" + b"".join(b"data: " + line + b"\n\n" for line in lines)
    return 200, {"Content-Type": "text/event-stream"}, body


def refusal(status: int, message: str = "no", **headers: str) -> Answer:
    return status, headers, json.dumps({"error": {"message": message}}).encode()


class Unreliable:
    """`answer(request body)` gives status, headers and body; None hangs; a Content-Length of its own is kept."""

    def __init__(self, answer: Callable[[dict[str, Any]], Answer | None]) -> None:
        self.answer = answer
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.holding = 0
        self.most_held = 0

    async def __aenter__(self) -> Unreliable:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:])}
            request = json.loads(await reader.readexactly(int(headers["content-length"])))
            self.requests.append(request)
            self.keys.append(headers.get("authorization", ""))
            self.holding += 1
            self.most_held = max(self.most_held, self.holding)
            try:
                await self._respond(writer, self.answer(request))
            finally:
                self.holding -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _respond(self, writer: asyncio.StreamWriter, answer: Answer | None) -> None:
        if answer is None:
            await asyncio.sleep(30)
            return
        await asyncio.sleep(0.01)
        status, headers, body = answer
        headers = {
            "Content-Length": str(len(body)),
            "Content-Type": "application/json",
            "Connection": "close",
        } | headers
        lines = [f"HTTP/1.1 {status} Said", *(f"{k}: {v}" for k, v in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        await writer.drain()


def in_turn(*answers: Answer | None) -> Callable[[dict[str, Any]], Answer | None]:
    left = list(answers)
    return lambda request: left.pop(0)


def on_servers(
    work: Callable[..., Awaitable[Any]],
    *answers: Callable[[dict[str, Any]], Answer | None],
    limit_s: float = 60,
) -> Any:
    """Run `work(server, …)` with one server an answerer."""

    async def run() -> Any:
        servers = [Unreliable(answer) for answer in answers]
        for server in servers:
            await server.__aenter__()
        try:
            return await asyncio.wait_for(work(*servers), limit_s)
        finally:
            for server in servers:
                await server.__aexit__()

    return asyncio.run(run())
