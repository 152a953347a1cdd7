"""The server engine against a server of about ninety faults that real ones have had, each with its right outcome.

The server is none of the project's: its file is found in the folder that R1CURATE_TEST_CASES names.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from curate.engines import retries
from curate.engines.server import ServerEngine
from filters.engine import Completion, EngineError, EngineOptions, Request, RequestRefused, SamplingOptions
from filters.errors import UserError
from filters.types import Message
from tests.curate.engines.test_server_stream import Recorder

CASES = Path(os.environ.get("R1CURATE_TEST_CASES", "")) / "server" / "fake_server.py"
pytestmark = pytest.mark.skipif(
    not CASES.is_file(), reason="R1CURATE_TEST_CASES holds no server/fake_server.py"
)

CHAIN = "\nWe add 3 and 4. 3 + 4 = 7, and 4 + 3 = 7 as well.\n"
FINAL = "\nThe sum of the two numbers is \\boxed{7}."
WHOLE = f"<think>{CHAIN}</think>{FINAL}"
Outcome = Completion | tuple[type[Exception], str]


def sample(text: str = WHOLE, finish: Any = "stop", tokens: int | None = 40, **more: Any) -> Completion:
    return Completion(text, finish, more.pop("prompt_tokens", 9), tokens, **more)


UNCOUNTED = sample(prompt_tokens=None, tokens=None)
MALFORMED = (EngineError, "gave up after 7 tries; the last: malformed response")
BUSY = (EngineError, "gave up after 7 tries; the last: .* answered 5")

WHOLE_ANSWERS: dict[str, Outcome] = {
    # Tried again, and then the sample.
    "r429": sample(),
    "r429_date": sample(),
    "r429_ms": sample(),
    "r429_bad": sample(),
    "r429_nan": sample(),
    "r429_inf": sample(),
    "e500": sample(),
    "dropped": sample(),
    "short": sample(),
    "closed": sample(),
    "badjson": sample(),
    "html502": sample(),
    "empty_choices": sample(),
    "slow_once": sample(),
    # The sample, as it was.
    "ok": sample(),
    "reasoning_content": sample(),
    "reasoning": sample(),
    "reasoning_both": sample(),
    "reasoning_in_content": sample(),
    "reasoning_tags": sample(),
    "reasoning_empty": sample(),
    "reasoning_details": sample(),
    "parts": sample(),
    "close_only": sample(),
    "no_think": sample(FINAL),
    "reasoning_only_stop": sample(f"<think>{FINAL}"),
    "reasoning_only_length": sample(f"<think>{CHAIN}", "length"),
    "truncated_in_content": sample(
        f"{CHAIN}So the answer is \\boxed{{7}}. But wait, let me check", "length"
    ),
    "finish_length": sample(f"<think>{CHAIN}", "length"),
    "finish_odd": sample(),
    "content_empty": sample("", tokens=0),
    "no_usage": UNCOUNTED,
    "usage_part": UNCOUNTED,
    "usage_zero": UNCOUNTED,
    "usage_float": sample(),
    "usage_str": sample(),
    "usage_negative": sample(tokens=None),
    "e422_seed": sample(seeded=False),
    "e400_max_tokens": sample(),
    "ctx_vllm": sample(),
    "ctx_sglang": sample(),
    "ctx_odd": sample(),
    "pair": sample(f"{WHOLE} 😀 fine"),
    "cached": sample(),
    "unicode": sample(f"{WHOLE} 好😀\u2028\u0085\u0000 \u200b end"),
    "surrogate": sample(f"{WHOLE} \ufffd broken"),
    "huge": sample("<think>" + "we go on and on " * 400_000 + f"</think>{FINAL}"),
    "gzip": sample(),
    "redirect": sample(),
    "bom": sample(),
    "two_choices": sample(),
    "index1": sample(),
    "keepalive_close": sample(),
    "blank_first": sample(),
    "sse_unasked": UNCOUNTED,
    "credit9": sample(),
    "revoked9": sample(),
    # Failed for now, with what the server said.
    "e500_forever": BUSY,
    "html502_forever": BUSY,
    "ctx_500": (EngineError, "answered 500: Context size has been exceeded"),
    "html200": (EngineError, f"{MALFORMED[1]}.*Sign in to the wireless network"),
    "null_choices": MALFORMED,
    "error200": (EngineError, "answered 429: Provider returned error: rate limit exceeded upstream"),
    "finish_null": (EngineError, "did not say how its answer ended"),
    "finish_abort": (EngineError, "ended the request with 'abort'"),
    "finish_error": (EngineError, "ended the request with 'error'"),
    "content_null": (EngineError, "gave no text, but counted 40 tokens"),
    "content_missing": (EngineError, "gave no text, but counted 40 tokens"),
    "badutf8": (EngineError, f"{MALFORMED[1]} .UnicodeDecodeError"),
    "nested": (EngineError, f"{MALFORMED[1]} .RecursionError"),
    "usage_null": (EngineError, "disconnected without sending a response"),  # so it does, for this one
    "slow": (EngineError, r"no response from .* in 1 s"),
    "hang": (EngineError, r"no response from .* in 1 s"),
    "drip": (EngineError, r"no response from .* in 1 s"),
    # Refused for good.
    "finish_filter": (RequestRefused, "content_filter"),
    "refusal": (RequestRefused, "I cannot help"),
    "e413": (RequestRefused, "413.*Request too large"),
    "ctx_llamacpp": (RequestRefused, r"the prompt is too long: request .4390 tokens. exceeds"),
    # Any request would be refused.
    "r429_forever": (UserError, "no credit left.*quota exceeded for this month"),
    "model404": (UserError, "has no model 'm'"),
    "key401": (UserError, "refuses the key in the environment variable OPENAI_API_KEY .401.: Incorrect"),
    "pay402": (UserError, "no credit left.*Insufficient credits"),
    "e400_temperature": (UserError, r"does not take temperature 0\.6.*Only the default"),
    "credit0": (UserError, "no credit left"),
    "revoked0": (UserError, "The key has expired"),
}  # fmt: skip
STREAMS: dict[str, Outcome] = {
    "ok": sample(),
    "sse_ping": sample(),
    "sse_crlf": sample(),
    "sse_nospace": sample(),
    "sse_event": sample(),
    "sse_multidata": sample(),
    "sse_reasoning": sample(f"<think>{CHAIN}</think>{FINAL}"),
    "sse_reasoning_content": sample(),
    "sse_reasoning_both": sample(),
    "sse_usage_each": sample(),
    "sse_usage_null": sample(),
    "sse_usage_with_finish": sample(),
    "sse_empty_choices_first": sample(),
    "sse_no_delta": sample(),
    "sse_no_done": sample(),
    "sse_slow": sample(),
    "sse_cut": sample(),
    "sse_giant": sample("<think>" + "step " * 1_000_000 + f"</think>{FINAL}"),
    "sse_unicode": sample(re.sub(r"(\s*\S+)", "\\1 好😀\u2028", WHOLE)),
    "sse_bytewise": sample(re.sub(r"(\s*\S+)", "\\1 好😀\u2028", WHOLE)),
    "sse_no_usage": UNCOUNTED,
    "sse_empty": sample("", tokens=0),
    "sse_no_finish": (EngineError, "did not say how its answer ended"),
    "sse_error_data": (RequestRefused, r"request .4390 tokens. exceeds the available context size"),
    "sse_error_field": (RequestRefused, "exceeds the available context size"),
}
IMPATIENT: dict[str, dict[str, Any]] = {
    **{mode: {"timeout_s": 1, "retries": 0} for mode in ("slow", "hang", "drip")},
    "slow_once": {"timeout_s": 3, "retries": 3},
}
"""Those that are not waited for."""


@contextmanager
def misbehaving(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(CASES), str(port), str(folder / "log")])
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module", autouse=True)
def _short_pauses() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retries, "FIRST_PAUSE_S", 0.001)
        patch.setattr(retries, "LONGEST_RETRY_AFTER_S", 0.01)
        yield


def make_engine(url: str, mode: str, **options: Any) -> ServerEngine:
    given = {
        "timeout_s": 1 if mode in IMPATIENT else 30,
        "retries": 1 if mode in IMPATIENT else 6,
    } | options
    return ServerEngine(EngineOptions(kind="server", model="m", endpoints=(f"{url}/{mode}/v1",), **given))


async def ask(engine: ServerEngine, watch: Recorder | None = None) -> Completion | Exception:
    sampling = SamplingOptions(temperature=0.6)
    try:
        message = Message(role="user", content="What is 3 + 4?")
        return await engine.complete(Request([message], sampling, 1, watch))
    except (EngineError, UserError) as error:
        return error


Asked = tuple[str, bool]
"""A case, and whether it is watched."""


async def ask_each(url: str, *asked: Asked) -> dict[Asked, tuple[Completion | Exception, Any]]:
    """What came of each case, all at once, since each waits for its server; with what was seen, or was in force."""
    engines = [make_engine(url, mode) for mode, _ in asked]
    watches = [Recorder() if watched else None for _, watched in asked]
    made = await asyncio.gather(*map(ask, engines, watches))
    await asyncio.gather(*(engine.close() for engine in engines))
    also = [watch.text if watch else engine.in_force for engine, watch in zip(engines, watches, strict=True)]
    return dict(zip(asked, zip(made, also, strict=True), strict=True))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with misbehaving(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture(scope="module")
def came(url: str) -> dict[Asked, tuple[Completion | Exception, Any]]:
    watched = [(mode, True) for mode in STREAMS if mode != "sse_slow"]
    return asyncio.run(ask_each(url, *((mode, False) for mode in WHOLE_ANSWERS), *watched))


def check(found: Completion | Exception, expected: Outcome) -> None:
    if isinstance(expected, Completion):
        assert found == expected
        return
    kind, says = expected
    assert type(found) is kind
    assert re.search(says, str(found))
    assert "\n" not in str(found)


@pytest.mark.parametrize("mode", WHOLE_ANSWERS)
def test_whole_answers(came: dict[Asked, Any], mode: str) -> None:
    check(came[mode, False][0], WHOLE_ANSWERS[mode])


@pytest.mark.parametrize("mode", [mode for mode in STREAMS if mode != "sse_slow"])
def test_streams(came: dict[Asked, Any], mode: str) -> None:
    found, seen = came[mode, True]
    check(found, STREAMS[mode])
    assert isinstance(found, Exception) or found.text == seen


def test_every_case_of_the_server_is_listed() -> None:
    named = set(re.findall(r'mode (?:==|in) \(?"(\w+)"', CASES.read_text()))
    named |= set(re.findall(r'"(sse_\w+)"', CASES.read_text()))
    apart = {"e503_loading"}
    assert named <= {*WHOLE_ANSWERS, *STREAMS, *apart}


@pytest.mark.parametrize("mode", ["ctx_vllm", "ctx_sglang", "ctx_odd"])
def test_the_limit_becomes_what_is_left_of_the_context(came: dict[Asked, Any], url: str, mode: str) -> None:
    assert list(came[mode, False][1]["context_length"].values()) == [1000]


def test_every_request_has_a_limit(tmp_path: Path) -> None:
    with misbehaving(tmp_path) as own:
        for mode in ("ctx_vllm", "e400_max_tokens"):
            asyncio.run(ask_each(own, (mode, False)))
    log = (tmp_path / "log").read_text()
    assert re.findall(r'"mode": "ctx_vllm".*?"max_tokens": (\w+)', log) == ["32768", "1", "991"]
    assert "max_completion_tokens" in log.splitlines()[-1]


def test_a_server_with_a_rate_limit_answers_all_in_time(url: str) -> None:
    async def ask_many() -> list[Completion | Exception]:
        engine = make_engine(url, "rps30", retries=1)
        made = await asyncio.gather(*(ask(engine) for _ in range(40)))
        await engine.close()
        return made

    assert asyncio.run(ask_many()) == [sample()] * 40


def test_a_server_that_dies_is_soon_known_to_be_gone(tmp_path: Path) -> None:
    async def ask_many(own: str) -> list[Completion | Exception]:
        engine = make_engine(own, "dies5", retries=3)
        made = [await ask(engine) for _ in range(40)]
        await engine.close()
        return made

    with misbehaving(tmp_path) as own:
        made = asyncio.run(ask_many(own))
    assert made[:5] == [sample()] * 5
    assert [type(each) for each in made[5:]] == [EngineError] * 35
    assert str(made[5]).startswith("gave up after 4 tries")
    assert {str(each)[:19] for each in made[6:]} == {"gave up after 1 tri"}


@pytest.mark.parametrize(("mode", "says"), [("credit3", "no credit left"), ("revoked3", "refuses the key")])
def test_what_ends_midway_is_told_as_the_users(url: str, mode: str, says: str) -> None:
    async def ask_many() -> list[Completion | Exception]:
        engine = make_engine(url, mode)
        made = [await ask(engine) for _ in range(5)]
        await engine.close()
        return made

    *answered, fourth, fifth = asyncio.run(ask_many())
    assert answered == [sample()] * 3
    assert isinstance(fourth, UserError) and says in str(fourth)
    assert isinstance(fifth, UserError)


@pytest.mark.slow
def test_a_slow_stream_is_waited_for(url: str) -> None:
    found = asyncio.run(ask_each(url, ("sse_slow", True)))
    check(found["sse_slow", True][0], STREAMS["sse_slow"])


@pytest.mark.slow
def test_a_model_that_is_still_loading_is_waited_for(url: str) -> None:
    async def work() -> Completion | Exception:
        engine = make_engine(url, "e503_loading", retries=16)
        made = await ask(engine)
        await engine.close()
        return made

    assert asyncio.run(work()) == sample()
