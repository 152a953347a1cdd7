"""A judge behind an OpenAI-compatible server on this machine: HTTP, chat completions, several requests at once."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from curate.engines.scripted import Response
from filters.engine import Request, SamplingOptions


@contextmanager
def serve_judge(judge: Callable[[Request], Response]) -> Iterator[str]:
    """The server's base URL for as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # one connection serves many requests
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.reply({"data": [{"id": "judge"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            text = judge(Request(body["messages"], SamplingOptions())).text
            message = {"role": "assistant", "content": text}
            usage = {"prompt_tokens": 100, "completion_tokens": 8, "total_tokens": 108}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self.reply({"id": "1", "object": "chat.completion", "created": 0, "model": "judge",
                        "choices": [choice], "usage": usage})  # fmt: skip

        def reply(self, said: object) -> None:
            data = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
