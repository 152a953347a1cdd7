"""A vLLM server as a training sees it: its answers over HTTP, and what it was sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

LOGPROB = -5.58
"""Near that of any token of a tiny model with random weights, whose tokens are all about as likely."""
END = 2


def settings(model: str, **changes: Any) -> dict[str, Any]:
    """What `/server_info` says of a server started as the options' help has it."""
    served = {
        "model": model,
        "max_model_len": 512,
        "logprobs_mode": "processed_logprobs",
        "generation_config": "vllm",
        "override_generation_config": {},
    }
    transfer = changes.pop("weight_transfer_config", {"backend": "nccl"})
    return {"weight_transfer_config": transfer, "model_config": {**served, **changes}}


@dataclass
class FakeServer:
    """url: where it answers. info: its settings, None outside development mode. asked: paths and bodies, in order."""

    info: dict[str, Any] | None
    url: str = ""
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def answer(self, path: str, body: Any) -> Any:
        """The answer to one request, or None where there is no such path."""
        self.asked.append((path, body))
        if path == "/server_info":
            return None if self.info is None else {"vllm_config": self.info}
        if path == "/v1/models":
            return {"data": [{"id": "served"}]}
        if path == "/v1/completions":
            return {"choices": [choice(ids, n) for ids in body["prompt"] for n in range(body["n"])]}
        return {"success": True}

    def bodies(self, path: str) -> list[Any]:
        """What was sent to a path."""
        return [body for asked, body in self.asked if asked == path]


def choice(prompt: list[int], number: int) -> dict[str, Any]:
    """One of a prompt's samples: even ones end their turn, odd ones are long and cut off."""
    ids = [40, 41, END] if number % 2 == 0 else [40 + number] * 12
    names = [f"token_id:{token}" for token in ids]
    said = {
        "tokens": names,
        "token_logprobs": [LOGPROB] * len(ids),
        "top_logprobs": [{name: LOGPROB} for name in names],
    }
    return {"prompt_token_ids": prompt, "token_ids": ids, "logprobs": said}


@contextmanager
def serve(info: dict[str, Any] | None) -> Iterator[FakeServer]:
    """A server on this machine for as long as the block runs."""
    fake = FakeServer(info)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(None)

        def do_POST(self) -> None:
            self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or b"null"))

        def reply(self, body: Any) -> None:
            said = fake.answer(self.path.partition("?")[0], body)
            data = json.dumps(said).encode()
            self.send_response(404 if said is None else 200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
