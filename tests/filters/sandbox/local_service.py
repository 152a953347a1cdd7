"""Services that run programs, as the two that are spoken to, on a port of this machine, with our own sandbox behind them."""

from __future__ import annotations

import base64
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from filters.sandbox.languages import CppRunner, NodeRunner
from filters.sandbox.lasting import LastingSandbox
from filters.sandbox.outcome import Outcome
from filters.sandbox.self_test import find_tier
from filters.sandbox.toolchains import find_tool
from filters.sandbox.walls import Limits

Answer = tuple[int, bytes, dict[str, str]]
RUNTIMES: Final = [
    {"language": "python2", "version": "2.7.18", "aliases": ["py2", "python2"]},
    {"language": "python", "version": "3.9.4", "aliases": ["py", "python3"]},
    {"language": "python", "version": "3.12.0", "aliases": ["py", "python3"]},
    {"language": "javascript", "version": "1.32.3", "aliases": ["deno-js"], "runtime": "deno"},
    {"language": "javascript", "version": "20.11.1", "aliases": ["node-javascript", "node-js", "js"], "runtime": "node"},
    {"language": "c++", "version": "10.2.0", "aliases": ["cpp", "g++"], "runtime": "gcc"},
]  # fmt: skip


class LocalService:
    """A service on this machine. faults: answers that are given first, one a request; most: Piston's own limits."""

    def __init__(self) -> None:
        self.faults: list[Callable[[], Answer]] = []
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.most: dict[str, int] = {}
        self.longest_output = 1 << 26
        self.change: Callable[[dict[str, Any]], dict[str, Any]] = lambda said: said
        self.url = ""
        tier = find_tier().tier
        tools = {language: find_tool(language) for language in ("cpp", "javascript")}
        self._lock = threading.Lock()
        self._runners: dict[str, Any] = {"python": LastingSandbox(tier)}
        if tools["cpp"]:
            self._runners["cpp"] = CppRunner(tier, tools["cpp"])
        if tools["javascript"]:
            self._runners["javascript"] = NodeRunner(tier, tools["javascript"])

    def answer(self, path: str, headers: dict[str, str], body: Any) -> Answer:
        self.requests.append((path, headers, body))
        if self.faults:
            return self.faults.pop(0)()
        if path == "/run_code":
            return give(self.change(self.run_code(body)))
        if path == "/api/v2/runtimes":
            return give(RUNTIMES)
        if path == "/api/v2/execute":
            wrong = next((key for key, value in self.most.items() if body.get(key, 0) > value), None)
            if wrong is not None:
                return give(
                    {"message": f"{wrong} cannot exceed the configured limit of {self.most[wrong]}"}, 400
                )
            return give(self.change(self.execute(body)))
        return give({"message": "Not Found"}, 404)

    def run_code(self, body: dict[str, Any]) -> dict[str, Any]:
        language = {"nodejs": "javascript"}.get(body["language"], body["language"])
        named = {name: base64.b64decode(content) for name, content in body["files"].items()}
        outcome = self.run(language, body["code"], body["stdin"], Limits(60, body["run_timeout"]), named)
        stage = {
            "status": "TimeLimitExceeded" if outcome.end == "timeout" and not outcome.signal else "Finished",
            "execution_time": outcome.wall_s, "return_code": -outcome.signal if outcome.signal else outcome.code,
            "stdout": outcome.stdout.decode(), "stderr": outcome.stderr.decode(),
        }  # fmt: skip
        compiled = language == "cpp" and outcome.end == "compile_error"
        return {
            "status": "Success" if outcome.end == "ended" else "Failed", "message": "",
            "compile_result": stage if compiled else None, "run_result": None if compiled else stage,
        }  # fmt: skip

    def execute(self, body: dict[str, Any]) -> dict[str, Any]:
        language = {"c++": "cpp", "node-javascript": "javascript"}.get(body["language"], body["language"])
        source, *more = body["files"]
        named = {one["name"]: base64.b64decode(one["content"]) for one in more}
        limits = Limits(body["run_cpu_time"] / 1000, body["run_timeout"] / 1000, body["run_memory_limit"])
        outcome = self.run(language, source["content"], body["stdin"], limits, named)
        long = len(outcome.stdout) > self.longest_output
        status = (
            "TO" if outcome.end == "timeout" and outcome.signal != signal.SIGXCPU else "OL" if long else None
        )
        died = signal.Signals(outcome.signal).name if outcome.signal else None
        stage = {
            "stdout": outcome.stdout.decode()[: self.longest_output], "stderr": outcome.stderr.decode(),
            "code": None if status or died else outcome.code, "signal": "SIGKILL" if status else died, "output": "", "message": None,
            "status": status or ("SG" if died else "RE" if outcome.code else None), "memory": outcome.memory,
            "cpu_time": outcome.cpu_s * 1000, "wall_time": outcome.wall_s * 1000,
        }  # fmt: skip
        said: dict[str, Any] = {"run": stage, "language": language, "version": body["version"]}
        return {**said, "compile": stage} if outcome.end == "compile_error" else said

    def run(self, language: str, code: str, stdin: str, limits: Limits, named: dict[str, bytes]) -> Outcome:
        with self._lock:
            outcome: Outcome = self._runners[language].run(code, stdin.encode(), limits, None, named or None)
            return outcome


def give(said: Any, status: int = 200, **headers: str) -> Answer:
    return (
        status,
        json.dumps(said).encode(),
        {name.replace("_", "-"): value for name, value in headers.items()},
    )


@contextmanager
def open_service() -> Iterator[LocalService]:
    """A service on a free port, until the block ends."""
    service = LocalService()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.speak(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            self.speak(None)

        def speak(self, body: Any) -> None:
            status, said, headers = service.answer(
                self.path, {key.lower(): value for key, value in self.headers.items()}, body
            )
            if not status:  # a connection that breaks
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(said))}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(said)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        for runner in service._runners.values():
            runner.close()
