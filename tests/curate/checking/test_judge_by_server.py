"""The judge behind an OpenAI-compatible server, by the command's path: with its form held to, and refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from curate.options import fill
from curate.stages.verify import VerifyOptions, verify_samples
from filters.judges.answer_forms import ANSWER_FORMS

pytestmark = pytest.mark.usefixtures("trusted_judges")
ROWS = [
    {"prompt": "2+2?", "answer": "4", "response": "\\boxed{4}"},
    {"prompt": "Who?", "answer": "the wife of the mayor", "response": "\\boxed{the mayor's wife, I believe}"},
    {"prompt": "Who?", "answer": "the wife of the mayor", "response": "\\boxed{the mayor's dog, I believe}"},
]


@contextmanager
def serving(takes_form: bool) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A judge that knows of the dog; one that is not held to the form chats after its verdict on it."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            if "regex" in body and not takes_form:
                return self.answer(
                    400, {"error": {"message": "Unrecognized request arguments: structured_outputs, regex"}}
                )
            dog = "| the mayor's dog" in body["messages"][0]["content"]
            text = f"So.\nVERDICT: {'INCORRECT' if dog else 'CORRECT'}"
            chat = "" if "regex" in body or not dog else "\nHope this helps!"
            choice = {"message": {"role": "assistant", "content": text + chat}, "finish_reason": "stop"}
            return self.answer(
                200, {"choices": [choice], "usage": {"prompt_tokens": 300, "completion_tokens": 9}}
            )

        def answer(self, status: int, said: dict[str, Any]) -> None:
            data = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("takes_form", [True, False])
def test_the_form_is_told_where_it_is_taken_and_read_strictly_where_not(
    tmp_path: Path, takes_form: bool, caplog: pytest.LogCaptureFixture
) -> None:
    source, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    with serving(takes_form) as (url, asked):
        engine = {"kind": "server", "model": "m", "endpoints": [url], "concurrency": 1}
        check = ["math_answer", {"check": "judge", "options": {"engine": engine}}]
        values = {"source": str(source), "out": out, "check": check, "workers": 1}
        result = verify_samples(fill(VerifyOptions, values, "v"))
    rows = [json.loads(line)["verdicts"]["judge"] for line in out.read_text("utf-8").splitlines()]
    assert [(row["ok"], row["reason"].partition(":")[0]) for row in rows] == [
        (None, "not_asked"),
        (True, "correct"),
        (False, "incorrect") if takes_form else (None, "unparsable"),
    ]
    told = [request["structured_outputs"]["regex"] for request in asked if "regex" in request]
    assert set(told) == {ANSWER_FORMS["r1curate"].output}
    assert len(told) == (2 if takes_form else 1) and len(asked) == (2 if takes_form else 3)
    assert caplog.text.count("does not hold an answer to a form") == (not takes_form)
    (table,) = result.render()
    assert getattr(table, "caption", "") == "judge: 2 requests, 600 tokens read, 18 written"
