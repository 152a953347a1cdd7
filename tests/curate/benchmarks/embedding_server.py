"""A server of embeddings on this machine: a text's vector counts its letters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class EmbeddingServer(ThreadingHTTPServer):
    """fails: whether it refuses. wrong: what it does to its answers. requests: the texts of each."""

    fails = False
    wrong = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[list[str]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddingServer

    def do_POST(self) -> None:
        texts = json.loads(self.rfile.read(int(self.headers["content-length"])))["input"]
        self.server.requests.append(texts)
        vectors = [[float(text.lower().count(chr(letter))) for letter in range(97, 123)] for text in texts]
        if self.server.wrong == "few":
            vectors = vectors[:-1]
        if self.server.wrong == "zero":
            vectors = [[0.0] * 26 for _ in texts]
        data = [{"object": "embedding", "index": n, "embedding": one} for n, one in enumerate(vectors)]
        body = json.dumps(
            {
                "object": "list",
                "model": "e",
                "data": data[::-1],
                "usage": {"prompt_tokens": 1, "total_tokens": 1},
            }
        )
        self.send_response(503 if self.server.fails else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve_embeddings() -> Iterator[EmbeddingServer]:
    server = EmbeddingServer()
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
