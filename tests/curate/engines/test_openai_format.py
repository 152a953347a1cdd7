"""What servers answer: read as it is, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.engines.errors import RefusalError, TransientError
from curate.engines.openai_format import read_completion
from curate.engines.openai_stream import Draft
from filters.engine import Completion, EngineError, RequestRefused
from tests.curate.engines.test_server_stream import Recorder

USAGE = {"prompt_tokens": 3, "completion_tokens": 20}


def body(finish: Any = "stop", usage: Any = USAGE, **message: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage}


def read(reply: Any) -> Completion:
    return read_completion(json.dumps(reply).encode())


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": "4", "reasoning": "2", "reasoning_content": "2"}, "<think>2</think>4"),
        ({"content": "4", "reasoning_content": "\n<think>2</think>\n"}, "<think>2</think>4"),
        ({"content": "<think>2</think>4", "reasoning": "2"}, "<think>2</think>4"),
        ({"content": "<think>\n2\n</think>4", "reasoning": "2"}, "<think>\n2\n</think>4"),
        ({"content": "2</think>4", "reasoning": "2"}, "<think>2</think>4"),
        (
            {"content": "the tag </think> ends it", "reasoning": "2"},
            "<think>2</think>the tag </think> ends it",
        ),
        ({"content": "", "reasoning": "4"}, "<think>4"),
        ({"content": [{"type": "text", "text": "2"}, {"type": "output_text", "text": "4"}]}, "24"),
        (
            {"content": [{"type": "thinking", "thinking": "2"}, {"type": "text", "text": "4"}]},
            "<think>2</think>4",
        ),
        (
            {"content": "4", "reasoning_details": [{"type": "reasoning.text", "text": "2"}]},
            "<think>2</think>4",
        ),
        ({"content": "4", "reasoning_details": [{"type": "reasoning.summary", "summary": "2"}]}, "4"),
        ({"content": "a\ud83db"}, "a\ufffdb"),
        ({"content": "\ud83d\ude00"}, "😀"),
    ],
)
def test_the_text_is_chain_and_answer(message: dict[str, Any], text: str) -> None:
    assert read(body(**message)).text == text


@pytest.mark.parametrize(
    ("usage", "prompt", "tokens"),
    [
        (USAGE, 3, 20),
        ({"prompt_tokens": 3.0, "completion_tokens": "20"}, 3, 20),
        ({"prompt_tokens": 0, "completion_tokens": 0}, None, None),
        ({"prompt_tokens": -1, "completion_tokens": 1.5}, None, None),
        ({"prompt_tokens": True, "completion_tokens": 1e400}, None, None),
        ({"prompt_tokens": 2**40, "completion_tokens": "many"}, None, None),
        ({"total_tokens": 23}, None, None),
        ([3, 20], None, None),
        (None, None, None),
    ],
)
def test_a_count_is_kept_where_it_can_be_true(usage: Any, prompt: int | None, tokens: int | None) -> None:
    assert read(body(usage=usage, content="x")) == Completion("x", "stop", prompt, tokens)


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (body(None, content="x"), TransientError, "did not say how its answer ended"),
        (body("abort", content="x"), TransientError, "ended the request with 'abort'"),
        (body(7, content="x"), TransientError, "ended the request with '7'"),
        (body("content_filter", content="x"), RequestRefused, "refused to answer .content_filter."),
        (body("SAFETY", content="x"), RequestRefused, "refused to answer .safety."),
        (body(refusal="I cannot\nhelp"), RequestRefused, "refused to answer .stop.: I cannot help"),
        (body(content=None), EngineError, "gave no text, but counted 20 tokens"),
        (body(usage=None, content=""), EngineError, "gave no text, but counted no tokens"),
        (body(content=7), TransientError, "content is no text"),
        (body(content=[{"type": "image_url"}]), EngineError, "a part of type 'image_url'"),
        (body(content=["x"]), EngineError, "a part of type 'None'"),
        (body(content="4", reasoning="2", reasoning_content="3"), EngineError, "two chains that differ"),
        (body("tool_calls", content="", tool_calls=[{"id": "1"}]), EngineError, "takes tool calls out"),
        ({"choices": []}, TransientError, "no choices"),
        ({"choices": {"0": 1}}, TransientError, "no list of objects"),
        ({"choices": [{"finish_reason": "stop"}]}, TransientError, "without a message"),
        ({"choices": [{"index": 1}, {"index": 2}]}, TransientError, "no choices"),
        ([1], TransientError, "malformed response: .1."),
        ({"error": {"message": "no memory", "code": 507}}, RefusalError, "507: no memory"),
        ({"object": "error", "message": "busy", "code": 503}, RefusalError, "503: busy"),
        ({"error": "rate limit reached"}, RefusalError, "429: rate limit reached"),
        ({"error": "the context length is exceeded"}, RefusalError, "400: the context"),
        ({"error": "what"}, RefusalError, "500: what"),
    ],
)
def test_what_is_no_whole_answer_fails(reply: Any, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says) as caught:
        read(reply)
    assert caught.type is kind


@pytest.mark.parametrize("data", [b"", b"<html>", b'{"a": "\xff"}', b"[" * 20_000, b'{"a": ' + b"9" * 5000])
def test_what_is_no_json_is_quoted(data: bytes) -> None:
    with pytest.raises(TransientError, match=r"malformed response \(\w+Error\)") as caught:
        read_completion(data)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(("finish", "tokens"), [("length", 9000), ("stop", 8)])
def test_an_answer_may_have_no_text(finish: str, tokens: int) -> None:
    made = read(body(finish, {"prompt_tokens": 1, "completion_tokens": tokens}, content=None))
    assert (made.text, made.tokens) == ("", tokens)


def events(*pieces: str, sep: bytes = b"\n\n") -> bytes:
    deltas = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
    ends = [
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": USAGE},
    ]
    return b"".join(b"data: " + json.dumps(each).encode() + sep for each in [*deltas, *ends])


def draft(data: bytes, watch: Recorder | None = None) -> Completion:
    made = Draft(watch)
    any(made.take(line.rstrip(b"\r")) for line in data.split(b"\n"))
    return made.completion()


@given(st.lists(st.text(), max_size=80), st.booleans())
@settings(deadline=None, max_examples=50)
def test_a_stream_says_what_its_pieces_say(pieces: list[str], crlf: bool) -> None:
    watch = Recorder()
    made = draft(events("x", *pieces, sep=b"\r\n\r\n" if crlf else b"\n\n"), watch)
    assert made == Completion("x" + "".join(pieces), "stop", 3, 20)
    assert watch.text == made.text


def test_half_a_character_waits_for_its_other_half() -> None:
    watch = Recorder()
    pieces = ["x"] * 31 + ["\ud83d", "\ude00", "\ud83d"]
    assert draft(events(*pieces), watch).text == "x" * 31 + "😀\ufffd"
    assert watch.text == "x" * 31 + "😀\ufffd"


def test_an_event_may_be_an_error() -> None:
    with pytest.raises(RefusalError, match="500: out of memory"):
        draft(b'event: error\ndata: {"message": "out of memory"}\n\n')
    with pytest.raises(RefusalError, match="500: out of memory"):
        draft(events("x") + b'data: {"error": {"message": "out of memory"}}\n\n')


def test_a_refusal_may_stream() -> None:
    refused = {"choices": [{"delta": {"refusal": "I cannot"}, "finish_reason": "stop"}]}
    with pytest.raises(RequestRefused, match="I cannot"):
        draft(b"data: " + json.dumps(refused).encode() + b"\n\ndata: [DONE]\n\n")
